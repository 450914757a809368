//! A YAML or JSON text as one JSON value, with the place of every part of it.

mod json;
mod path;
mod yaml;

use indexmap::IndexMap;
use serde_json::Value;

use crate::workflow::{Problem, Problems};

pub(crate) use path::{DocPath, Step};

/// Limits that keep a hostile document from costing more than its worth.
pub(crate) const MAX_BYTES: usize = 8 << 20;
/// Values inside of each other. Recursive code downstream, including the drop of a value, relies on it.
pub(crate) const MAX_DEPTH: usize = 100;
/// Values after the expansion of aliases.
pub(crate) const MAX_VALUES: usize = 500_000;

/// A parsed text.
#[derive(Debug)]
pub(crate) struct Document<'s> {
    pub(crate) value: Value,
    source: &'s str,
    places: Place,
}

/// A position in the text: line and column from 1, the column in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Position {
    pub(crate) line: u32,
    pub(crate) column: u32,
}

/// A place in the text as its parser tells it.
#[derive(Debug, Clone, Copy)]
enum At {
    Byte(usize),
    Position(Position),
}

/// Where a value begins, and its parts.
#[derive(Debug, Clone)]
struct Place {
    at: At,
    parts: Parts,
}

#[derive(Debug, Clone)]
enum Parts {
    None,
    Items(Vec<Place>),
    /// With the place of the key.
    Entries(IndexMap<String, (At, Place)>),
}

impl<'s> Document<'s> {
    /// Parses JSON where the text is JSON, else YAML.
    pub(crate) fn parse(source: &'s str) -> Result<Self, Problems> {
        let at_start =
            |message: String| Problems(vec![problem(&DocPath::root(), Position::START, message)]);
        if source.len() > MAX_BYTES {
            return Err(at_start(format!(
                "the document is longer than {} MiB",
                MAX_BYTES >> 20
            )));
        }
        let source = source.strip_prefix('\u{feff}').unwrap_or(source);
        if source.trim_start().is_empty() {
            return Err(at_start("the document is empty".into()));
        }
        if !source.trim_start().starts_with(['{', '[']) {
            return yaml::parse(source);
        }
        // What begins with a brace may also be YAML's flow style, but when it is neither, it was meant as JSON.
        json::parse(source).or_else(|problems| yaml::parse(source).map_err(|_| problems))
    }

    /// Where the deepest existing part of the path begins.
    pub(crate) fn locate(&self, path: &DocPath) -> Position {
        self.position(self.place(path).at)
    }

    /// Where a key of the object at the path begins.
    pub(crate) fn locate_key(&self, path: &DocPath, key: &str) -> Position {
        let object = self.place(path);
        self.position(match &object.parts {
            Parts::Entries(entries) => entries.get(key).map_or(object.at, |(at, _)| *at),
            _ => object.at,
        })
    }

    fn place(&self, path: &DocPath) -> &Place {
        let mut place = &self.places;
        for step in path.steps() {
            let part = match (&place.parts, step) {
                (Parts::Items(items), Step::Index(index)) => items.get(*index),
                (Parts::Entries(entries), Step::Key(key)) => {
                    entries.get(key).map(|(_, place)| place)
                }
                _ => None,
            };
            match part {
                Some(part) => place = part,
                None => break,
            }
        }
        place
    }

    fn position(&self, at: At) -> Position {
        match at {
            At::Byte(offset) => Position::of_byte(self.source, offset),
            At::Position(position) => position,
        }
    }
}

impl Position {
    const START: Self = Self { line: 1, column: 1 };

    fn new(line: usize, column: usize) -> Self {
        let number = |value: usize| u32::try_from(value).unwrap_or(u32::MAX);
        Self {
            line: number(line),
            column: number(column),
        }
    }

    fn of_byte(source: &str, offset: usize) -> Self {
        let before = &source.as_bytes()[..offset.min(source.len())];
        let lines = before.iter().filter(|byte| **byte == b'\n').count();
        let line_start = before
            .iter()
            .rposition(|byte| *byte == b'\n')
            .map_or(0, |newline| newline + 1);
        let characters = before[line_start..]
            .iter()
            .filter(|byte| (**byte & 0xC0) != 0x80)
            .count();
        Self::new(lines + 1, characters + 1)
    }
}

fn problem(path: &DocPath, at: Position, message: impl Into<String>) -> Problem {
    Problem {
        path: path.to_string(),
        line: at.line,
        column: at.column,
        message: message.into(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::testing::json_value;

    /// The text that begins where the part at the path does.
    fn text_at<'s>(document: &Document<'s>, path: &DocPath) -> &'s str {
        let at = document.locate(path);
        let line = document
            .source
            .split_inclusive('\n')
            .take(at.line as usize - 1)
            .map(str::len)
            .sum::<usize>();
        let rest = &document.source[line..];
        rest.char_indices()
            .nth(at.column as usize - 1)
            .map_or("", |(start, _)| &rest[start..])
    }

    fn check_places(
        document: &Document<'_>,
        path: &DocPath,
        value: &Value,
    ) -> Result<(), TestCaseError> {
        let text = text_at(document, path);
        let read = serde_json::Deserializer::from_str(text)
            .into_iter::<Value>()
            .next()
            .and_then(Result::ok);
        prop_assert_eq!(read.as_ref(), Some(value), "{} at {}", path, text);
        match value {
            Value::Array(items) => items
                .iter()
                .enumerate()
                .try_for_each(|(index, item)| check_places(document, &path.index(index), item)),
            Value::Object(entries) => entries
                .iter()
                .try_for_each(|(key, entry)| check_places(document, &path.key(key), entry)),
            _ => Ok(()),
        }
    }

    proptest! {
        #[test]
        fn json_is_read_as_it_is_with_every_place(value in json_value("\\PC{0,6}"), pretty: bool) {
            let value = json!({ "é": value });
            let source = if pretty { format!("{value:#}") } else { value.to_string() };
            let document = Document::parse(&source).unwrap();
            prop_assert_eq!(&document.value, &value);
            check_places(&document, &DocPath::root(), &value)?;
        }

        #[test]
        fn yaml_reads_json_the_same_with_the_same_places(value in json_value("[a-zé:,#]{0,6}")) {
            let value = json!({ "k": value });
            let source = format!("{value:#}");
            let (json, yaml) = (json::parse(&source).unwrap(), yaml::parse(&source).unwrap());
            prop_assert_eq!(&yaml.value, &json.value);
            check_places(&yaml, &DocPath::root(), &value)?;
        }

        #[test]
        fn no_text_makes_it_panic(source in "[\\[\\]{}:,\"'&*!|>\\-?#a1 \\n\\t]{0,60}") {
            let _ = Document::parse(&source);
        }
    }
}
