//! JSON documents: redacted by key at any depth, and every string and key like text, while the rest stays as it is written.

mod walk;

use std::borrow::Cow;

use serde_json::Value;

use self::walk::edited;
use super::lexer::Invalid;
use super::marker;
use super::scanner::Scan;

/// serde_json and PostgreSQL's own limits are near: what is nested deeper could be written, but not read again.
const DEEPEST: usize = 120;
/// JSON text in a string of a JSON text, and so on: each level doubles the backslashes, so real ones have two or three.
const MOST_NESTED: usize = 6;

/// What became of a text that might be a JSON document.
pub(super) enum Nested {
    NotJson,
    Unchanged,
    Changed(String),
}

/// A JSON text, valid whatever comes in.
pub(super) fn redact_text<'t>(scan: &Scan<'_>, text: &'t str) -> Cow<'t, str> {
    match edited(scan, text, 0) {
        Ok(None) => Cow::Borrowed(text),
        Ok(Some(redacted)) => Cow::Owned(redacted),
        Err(Invalid) => Cow::Owned(quote(scan.text(text).as_deref().unwrap_or(text))),
    }
}

/// Redacts `text` if it is a JSON object or array. `level` counts the documents around it.
pub(super) fn redact_nested(scan: &Scan<'_>, text: &str, level: usize) -> Nested {
    let trimmed = text.trim_ascii();
    let container = matches!(
        (trimmed.as_bytes().first(), trimmed.as_bytes().last()),
        (Some(b'{'), Some(b'}')) | (Some(b'['), Some(b']'))
    );
    if !container || marker::is_marker(trimmed) {
        return Nested::NotJson;
    }
    if level > MOST_NESTED {
        return Nested::Changed(marker::marker(marker::UNSCANNABLE));
    }
    match edited(scan, text, level) {
        Err(Invalid) => Nested::NotJson,
        Ok(None) => Nested::Unchanged,
        Ok(Some(redacted)) => Nested::Changed(redacted),
    }
}

pub(super) fn redact_value(scan: &Scan<'_>, value: &mut Value) {
    prune(value);
    // One implementation for both forms: a value that holds a secret is rare, and only it is parsed again.
    let redacted = serde_json::to_string(value).map(|text| edited(scan, &text, 0));
    *value = match redacted {
        Ok(Ok(None)) => return,
        Ok(Ok(Some(text))) => serde_json::from_str(&text)
            .unwrap_or_else(|_| Value::String(marker::marker(marker::UNSCANNABLE))),
        Ok(Err(Invalid)) | Err(_) => Value::String(marker::marker(marker::UNSCANNABLE)),
    };
}

/// Cuts what is too deep, without recursion: neither writing nor dropping such a value would survive it.
fn prune(value: &mut Value) {
    let mut level: Vec<&mut Value> = vec![value];
    for _ in 0..=DEEPEST {
        level = level
            .into_iter()
            .flat_map(|value| -> Box<dyn Iterator<Item = &mut Value>> {
                match value {
                    Value::Array(items) => Box::new(items.iter_mut()),
                    Value::Object(members) => Box::new(members.values_mut()),
                    _ => Box::new(std::iter::empty()),
                }
            })
            .collect();
    }
    let containers = level
        .into_iter()
        .filter(|value| value.is_array() || value.is_object());
    let mut cut: Vec<Value> = containers
        .map(|value| std::mem::replace(value, Value::String(marker::marker(marker::UNSCANNABLE))))
        .collect();
    while let Some(value) = cut.pop() {
        match value {
            Value::Array(items) => cut.extend(items),
            Value::Object(members) => cut.extend(members.into_iter().map(|(_, value)| value)),
            _ => {}
        }
    }
}

fn quote(text: &str) -> String {
    Value::String(text.to_owned()).to_string()
}
