//! Large values of spans, stored once per execution under the hash of their text, and merged back into the rows that they
//! were too large for. A row that has some tells where they belong. Contents never change and are committed with the row, so reading them afterwards is as good as at once.

use std::collections::{HashMap, HashSet};

use diesel::{
    QueryResult,
    sql_types::{Array, Bytea, Text, Uuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde::Deserialize;

use super::spans::Span;
use crate::{ExecutionId, JsonText, statement::Statement};

type Hash = [u8; 16];

/// The column `contents`: what replaces or completes `input`, `output` and `attributes`.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Places {
    input: Option<Place>,
    output: Option<Place>,
    attributes: indexmap::IndexMap<String, Place>,
}

/// One value, or the elements of an array.
#[derive(Deserialize)]
#[serde(untagged)]
enum Place {
    Whole(String),
    Elements(Vec<String>),
}

impl Place {
    fn hashes(&self) -> impl Iterator<Item = Hash> {
        let texts = match self {
            Self::Whole(hash) => std::slice::from_ref(hash),
            Self::Elements(hashes) => hashes,
        };
        texts.iter().filter_map(|text| hash(text))
    }

    /// The JSON text, or `None` when a content is missing.
    fn text(&self, execution: ExecutionId, contents: &Contents) -> Option<String> {
        let content = |text: &String| contents.get(&(execution, hash(text)?)).map(String::as_str);
        match self {
            Self::Whole(hash) => content(hash).map(str::to_owned),
            Self::Elements(hashes) => {
                let elements: Option<Vec<&str>> = hashes.iter().map(content).collect();
                Some(format!("[{}]", elements?.join(",")))
            }
        }
    }
}

type Contents = HashMap<(ExecutionId, Hash), String>;

fn hash(text: &str) -> Option<Hash> {
    let mut bytes = Hash::default();
    hex::decode_to_slice(text, &mut bytes).ok().map(|()| bytes)
}

/// Completes the parts that were read.
pub(super) async fn merge(conn: &mut AsyncPgConnection, spans: &mut [Span]) -> QueryResult<()> {
    let mut wanted = HashSet::new();
    let mut places = Vec::new();
    for (index, span) in spans.iter_mut().enumerate() {
        let Some(contents) = span.contents.take() else {
            continue;
        };
        let Ok(mut place) = serde_json::from_str::<Places>(contents.as_str()) else {
            continue;
        };
        if !span.parts.payload {
            (place.input, place.output) = (None, None);
        }
        if !span.parts.attributes {
            place.attributes.clear();
        }
        let all = place
            .input
            .iter()
            .chain(&place.output)
            .chain(place.attributes.values());
        wanted.extend(
            all.flat_map(Place::hashes)
                .map(|hash| (span.execution_id, hash)),
        );
        places.push((index, place));
    }
    if wanted.is_empty() {
        return Ok(());
    }
    let contents = load(conn, wanted).await?;
    for (index, place) in places {
        let span = &mut spans[index];
        let text = |place: &Place| place.text(span.execution_id, &contents).map(JsonText);
        if let Some(input) = &place.input {
            span.input = text(input);
        }
        if let Some(output) = &place.output {
            span.output = text(output);
        }
        let additions: Vec<(&str, JsonText)> = place
            .attributes
            .iter()
            .filter_map(|(key, place)| Some((key.as_str(), text(place)?)))
            .collect();
        if let Some(attributes) = &mut span.attributes {
            add_members(&mut attributes.0, &additions);
        }
    }
    Ok(())
}

async fn load(
    conn: &mut AsyncPgConnection,
    wanted: HashSet<(ExecutionId, Hash)>,
) -> QueryResult<Contents> {
    let (executions, hashes): (Vec<ExecutionId>, Vec<Vec<u8>>) = wanted
        .into_iter()
        .map(|(execution, hash)| (execution, hash.to_vec()))
        .unzip();
    let statement = Statement::<(Uuid, Bytea, Text)>::new(
        "SELECT k.execution_id, k.hash, c.content FROM unnest($1::uuid[], $2::bytea[]) k (execution_id, hash) \
         CROSS JOIN LATERAL (SELECT content FROM span_contents \
         WHERE execution_id = k.execution_id AND hash = k.hash OFFSET 0) c",
    )
    .bind::<Array<Uuid>, _>(executions)
    .bind::<Array<Bytea>, _>(hashes);
    let rows: Vec<(ExecutionId, Vec<u8>, String)> = statement.load(conn).await?;
    Ok(rows
        .into_iter()
        .filter_map(|(execution, hash, content)| {
            Some(((execution, hash.try_into().ok()?), content))
        })
        .collect())
}

/// Appends members to the text of a JSON object.
fn add_members(object: &mut String, members: &[(&str, JsonText)]) {
    let Some(end) = object.rfind('}') else { return };
    object.truncate(end);
    let mut separate = !object.trim_end().ends_with('{');
    for (key, value) in members {
        if separate {
            object.push(',');
        }
        separate = true;
        object.push_str(&serde_json::Value::from(*key).to_string());
        object.push(':');
        object.push_str(value.as_str());
    }
    object.push('}');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_added_to_objects_with_and_without_members() {
        let added = [
            ("a\"b", JsonText("[1]".into())),
            ("c", JsonText("null".into())),
        ];
        let merged = |object: &str| {
            let mut object = object.to_owned();
            add_members(&mut object, &added);
            object
        };
        assert_eq!(merged("{}"), r#"{"a\"b":[1],"c":null}"#);
        assert_eq!(
            merged(r#"{ "x": {} }"#),
            r#"{ "x": {} ,"a\"b":[1],"c":null}"#
        );
    }
}
