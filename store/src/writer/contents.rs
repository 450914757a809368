//! What of a span is too large for its row: such values are stored once per execution, under the hash of their text.
//!
//! A list of messages is stored by element: a conversation grows by its last message then, not by all of them.

use std::{
    borrow::Cow,
    collections::{BTreeMap, HashSet},
};

use serde::Serialize;
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use crate::{ExecutionId, SpanRecord};

/// The first half of a SHA-256.
pub(super) type Hash = [u8; 16];

/// Contents of executions.
pub(super) type Contents = HashSet<(ExecutionId, Hash), foldhash::fast::RandomState>;

/// Values up to this size stay in the row: PostgreSQL would keep them there, too.
const INLINE_BYTES: usize = 1024;

/// Lists are split when their elements are worth a row of their own: so many at most, of this size on average.
const MAX_ELEMENTS: usize = 512;
const MIN_ELEMENT_BYTES: usize = 64;

/// The values of a record, divided.
#[derive(Debug)]
pub(super) struct Divided<'a> {
    pub(super) attributes: Cow<'a, str>,
    pub(super) input: Option<&'a str>,
    pub(super) output: Option<&'a str>,
    /// Text of the column `contents`, that tells where each large value belongs.
    pub(super) places: Option<String>,
    /// The large values.
    pub(super) contents: Vec<(Hash, &'a str)>,
}

#[derive(Debug, Default, Serialize)]
struct Places<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    input: Option<Place>,
    #[serde(skip_serializing_if = "Option::is_none")]
    output: Option<Place>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    attributes: BTreeMap<&'a str, Place>,
}

/// Hashes in hex: of the value, or of the elements of an array.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Place {
    Whole(String),
    Elements(Vec<String>),
}

pub(super) fn hash(text: &str) -> Hash {
    let digest = Sha256::digest(text);
    let mut hash = Hash::default();
    hash.copy_from_slice(&digest[..size_of::<Hash>()]);
    hash
}

/// Divides a record into what its row holds and what is stored by hash.
pub(super) fn divide(span: &SpanRecord) -> Divided<'_> {
    let mut divided = Divided {
        attributes: Cow::Borrowed(&span.attributes),
        input: span.input.as_deref(),
        output: span.output.as_deref(),
        places: None,
        contents: Vec::new(),
    };
    let mut places = Places::default();
    if let Some(input) = divided.input.take_if(|input| input.len() > INLINE_BYTES) {
        places.input = Some(place(input, &mut divided.contents));
    }
    if let Some(output) = divided.output.take_if(|output| output.len() > INLINE_BYTES) {
        places.output = Some(place(output, &mut divided.contents));
    }
    if span.attributes.len() > INLINE_BYTES {
        divide_attributes(&span.attributes, &mut places, &mut divided);
    }
    if !divided.contents.is_empty() {
        // Only strings and lists of them: this cannot fail.
        divided.places = serde_json::to_string(&places).ok();
    }
    divided
}

/// Takes the large ones out of an object of attributes. What is no such object is left to PostgreSQL to refuse.
fn divide_attributes<'a>(text: &'a str, places: &mut Places<'a>, divided: &mut Divided<'a>) {
    let Ok(attributes) = serde_json::from_str::<indexmap::IndexMap<&str, &RawValue>>(text) else {
        return;
    };
    if attributes
        .values()
        .all(|value| value.get().len() <= INLINE_BYTES)
    {
        return;
    }
    let (large, small): (Vec<_>, Vec<_>) = attributes
        .into_iter()
        .partition(|(_, value)| value.get().len() > INLINE_BYTES);
    for (key, value) in large {
        places
            .attributes
            .insert(key, place(value.get(), &mut divided.contents));
    }
    let small: indexmap::IndexMap<&str, &RawValue> = small.into_iter().collect();
    if let Ok(small) = serde_json::to_string(&small) {
        divided.attributes = Cow::Owned(small);
    }
}

fn place<'a>(value: &'a str, contents: &mut Vec<(Hash, &'a str)>) -> Place {
    let mut keep = |text: &'a str| {
        let hash = hash(text);
        contents.push((hash, text));
        hex::encode(hash)
    };
    match elements(value) {
        Some(elements) => Place::Elements(
            elements
                .into_iter()
                .map(|element| keep(element.get()))
                .collect(),
        ),
        None => Place::Whole(keep(value)),
    }
}

/// The elements of an array that is worth splitting.
fn elements(value: &str) -> Option<Vec<&RawValue>> {
    if !value.starts_with('[') {
        return None;
    }
    let elements: Vec<&RawValue> = serde_json::from_str(value).ok()?;
    let worth = (2..=MAX_ELEMENTS).contains(&elements.len())
        && value.len() / elements.len() >= MIN_ELEMENT_BYTES
        && elements
            .iter()
            .all(|element| element.get().starts_with('{'));
    worth.then_some(elements)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::span;

    fn long(letter: &str) -> String {
        letter.repeat(INLINE_BYTES)
    }

    #[test]
    fn small_values_stay_in_the_row() {
        let mut record = span(1);
        record.attributes = r#"{"a":1}"#.to_owned();
        record.input = Some("[1,2]".to_owned());
        let divided = divide(&record);
        assert_eq!(
            (&*divided.attributes, divided.input),
            (r#"{"a":1}"#, Some("[1,2]"))
        );
        assert!(divided.contents.is_empty() && divided.places.is_none());
    }

    #[test]
    fn a_large_attribute_leaves_the_others_behind() {
        let mut record = span(1);
        record.attributes = format!(r#"{{"a":1,"large":"{}","z":[2]}}"#, long("x"));
        let divided = divide(&record);
        assert_eq!(divided.attributes, r#"{"a":1,"z":[2]}"#);
        assert_eq!(divided.contents.len(), 1);
        let hash = hex::encode(divided.contents[0].0);
        assert_eq!(
            divided.places,
            Some(format!(r#"{{"attributes":{{"large":"{hash}"}}}}"#))
        );
    }

    #[test]
    fn a_conversation_that_grows_shares_its_messages() {
        let message = |letter: &str| format!(r#"{{"role":"user","content":"{}"}}"#, long(letter));
        let mut first = span(1);
        first.input = Some(format!("[{},{}]", message("a"), message("b")));
        let mut second = span(2);
        second.input = Some(format!(
            "[{},{},{}]",
            message("a"),
            message("b"),
            message("c")
        ));
        let (first, second) = (divide(&first), divide(&second));
        assert_eq!(first.contents.len(), 2);
        assert_eq!(second.contents.len(), 3);
        assert_eq!(first.contents[..], second.contents[..2]);
        assert_eq!(first.input, None);
    }

    #[test]
    fn an_array_of_numbers_is_one_value() {
        let mut record = span(1);
        record.output = Some(format!("[{}1]", "1,".repeat(INLINE_BYTES)));
        assert_eq!(divide(&record).contents.len(), 1);
    }
}
