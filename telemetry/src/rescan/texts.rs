//! One stored row, redacted column by column: each the way it was redacted when it was first written.

use std::collections::HashSet;

use indexmap::IndexMap;
use orcheo_store::models::rewrite::{Row, Table};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::Redactor;

/// What a row's new texts mean for others.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Effects {
    /// It shows contents that have changed.
    pub(super) shows_changes: bool,
    /// Contents, by hash, that hold the value of a sensitive key, with the key.
    pub(super) concealed: Vec<(String, String)>,
}

/// Redacts all texts of a row. `changed` are the hashes of contents that have changed.
pub(super) fn redact(redactor: &Redactor, row: &mut Row, changed: &HashSet<String>) -> Effects {
    let mut effects = Effects::default();
    for column in row.columns() {
        let Some(text) = row.text(column) else {
            continue;
        };
        let redacted = match column {
            "location" => continue,
            "trace_state" => Some(text)
                .filter(|state| redactor.text(state) == **state)
                .map(str::to_owned),
            "events" | "links" => Some(items(redactor, text)),
            "contents" => Some(places(redactor, text, changed, &mut effects)),
            "attributes" | "input" | "output" | "inputs" | "outputs" | "body" | "content" => {
                Some(redactor.json_text(text).into_owned())
            }
            _ => Some(redactor.text(text).into_owned()),
        };
        row.set(column, redacted);
    }
    if matches!(row.table, Table::Spans | Table::OpenSpans) {
        let shared = ["resource_hash", "scope_hash"];
        let mut shared = shared.iter().filter_map(|column| row.text(column));
        effects.shows_changes |= shared.any(|hash| changed.contains(hash));
    }
    effects
}

/// Events or links: times and ids are no texts, and as digits look like numbers of cards now and then.
fn items(redactor: &Redactor, text: &str) -> String {
    type Item<'t> = IndexMap<&'t str, &'t RawValue>;
    let Ok(items) = serde_json::from_str::<Vec<Item<'_>>>(text) else {
        return redactor.json_text(text).into_owned();
    };
    let items: Vec<Option<String>> = items.iter().map(|item| item_json(redactor, item)).collect();
    match items.into_iter().collect::<Option<Vec<_>>>() {
        Some(items) => format!("[{}]", items.join(",")),
        None => redactor.json_text(text).into_owned(),
    }
}

/// One of them; `None` when it cannot be written.
fn item_json(redactor: &Redactor, item: &IndexMap<&str, &RawValue>) -> Option<String> {
    let mut members = Vec::with_capacity(item.len());
    for (name, value) in item {
        let value = match *name {
            "name" | "attributes" => redactor.json_text(value.get()).into_owned(),
            "trace_state" => {
                let state: String = serde_json::from_str(value.get()).ok()?;
                if redactor.text(&state) != state {
                    continue;
                }
                value.get().to_owned()
            }
            _ => value.get().to_owned(),
        };
        members.push(format!("{}:{value}", Value::from(*name)));
    }
    Some(format!("{{{}}}", members.join(",")))
}

/// Where a span's large values are kept: only keys are texts.
fn places(
    redactor: &Redactor,
    text: &str,
    changed: &HashSet<String>,
    effects: &mut Effects,
) -> String {
    let Ok(Value::Object(mut places)) = serde_json::from_str(text) else {
        return text.to_owned();
    };
    let mut all: Vec<String> = Vec::new();
    for place in places.values().filter(|place| !place.is_object()) {
        all.extend(hashes(place));
    }
    let mut renamed = false;
    if let Some(Value::Object(attributes)) = places.get_mut("attributes") {
        let mut kept = serde_json::Map::with_capacity(attributes.len());
        for (key, place) in std::mem::take(attributes) {
            let own = hashes(&place);
            if redactor.is_sensitive(&key) {
                effects
                    .concealed
                    .extend(own.iter().map(|hash| (hash.clone(), key.clone())));
            }
            all.extend(own);
            let mut shown = redactor.text(&key).into_owned();
            renamed |= shown != key;
            while kept.contains_key(&shown) {
                shown.push('#');
            }
            kept.insert(shown, place);
        }
        *attributes = kept;
    }
    effects.shows_changes |= all.iter().any(|hash| changed.contains(hash));
    match renamed {
        true => Value::Object(places).to_string(),
        false => text.to_owned(),
    }
}

/// A hash, or those of the elements of a list.
fn hashes(place: &Value) -> Vec<String> {
    let list = place
        .as_array()
        .map_or(std::slice::from_ref(place), Vec::as_slice);
    list.iter()
        .filter_map(|hash| hash.as_str().map(str::to_owned))
        .collect()
}

/// The value of the attribute `key`, as JSON.
pub(super) fn attribute_value(redactor: &Redactor, key: &str, value: &str) -> String {
    let object = format!("{{{}:{value}}}", Value::from(key));
    let redacted = redactor.json_text(&object);
    let members = serde_json::from_str::<IndexMap<String, Box<RawValue>>>(&redacted);
    let value = members
        .ok()
        .and_then(|members| members.into_values().next());
    value.map_or_else(
        || Value::from(crate::redaction::marker("unscannable")).to_string(),
        |value| value.get().to_owned(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_ids_of_events_and_links_stay() {
        let redactor = Redactor::new();
        let text = r#"[{"name":"ada@example.com","time_ns":4111111111111111,"attributes":{"password":"x","n":4111111111111111}}]"#;
        assert_eq!(
            items(&redactor, text),
            r#"[{"name":"[REDACTED:email]","time_ns":4111111111111111,"attributes":{"password":"[REDACTED:password]","n":"[REDACTED:card]"}}]"#
        );
        let text = r#"[{"trace_id":"00000000000000004111111111111111","trace_state":"v=ada@example.com","flags":1,"attributes":{}}]"#;
        assert_eq!(
            items(&redactor, text),
            r#"[{"trace_id":"00000000000000004111111111111111","flags":1,"attributes":{}}]"#
        );
    }

    #[test]
    fn places_tell_what_is_concealed_and_what_has_changed() {
        let redactor = Redactor::new();
        let mut effects = Effects::default();
        let text =
            r#"{"input":["aa","bb"],"attributes":{"db_password":"cc","ada@example.com":"dd"}}"#;
        let changed = HashSet::from(["bb".to_owned()]);
        let shown = places(&redactor, text, &changed, &mut effects);
        assert_eq!(
            shown,
            r#"{"input":["aa","bb"],"attributes":{"db_password":"cc","[REDACTED:email]":"dd"}}"#
        );
        assert_eq!(
            effects.concealed,
            [("cc".to_owned(), "db_password".to_owned())]
        );
        assert!(effects.shows_changes);
    }

    #[test]
    fn the_value_of_a_sensitive_key_is_hidden_whatever_it_is() {
        let redactor = Redactor::new();
        let value = |value| attribute_value(&redactor, "db_password", value);
        assert_eq!(value(r#""x""#), r#""[REDACTED:password]""#);
        assert_eq!(
            value(r#"{"a":["x",null]}"#),
            r#"{"a":["[REDACTED:password]",null]}"#
        );
        assert_eq!(value(r#""[REDACTED:cookie]""#), r#""[REDACTED:cookie]""#);
    }
}
