//! JSON through serde_json, watching how far it has read.

use std::cell::Cell;
use std::fmt;
use std::io::{self, Read};

use indexmap::IndexMap;
use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use super::{At, DocPath, Document, MAX_DEPTH, MAX_VALUES, Parts, Place, Position, problem};
use crate::workflow::Problems;

pub(super) fn parse(source: &str) -> Result<Document<'_>, Problems> {
    let text = Text {
        source: source.as_bytes(),
        read: Cell::new(0),
        values: Cell::new(0),
    };
    let mut reader = serde_json::Deserializer::from_reader(Watched { text: &text });
    let parsed = Part {
        text: &text,
        depth: 0,
    }
    .deserialize(&mut reader);
    let parsed = parsed.and_then(|parsed| reader.end().map(|()| parsed));
    let error = match parsed {
        Ok((value, places)) => {
            return Ok(Document {
                value,
                source,
                places,
            });
        }
        Err(error) => error,
    };
    let shown = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    let reason = shown.strip_suffix(&place).unwrap_or(&shown);
    let message = if error.is_data() {
        reason.to_owned()
    } else {
        format!("this is not JSON: {reason}")
    };
    let at = Position::of_byte(source, text.read.get().saturating_sub(1));
    Err(Problems(vec![problem(&DocPath::root(), at, message)]))
}

/// The text, and how far the parser has come.
struct Text<'s> {
    source: &'s [u8],
    read: Cell<usize>,
    values: Cell<usize>,
}

/// Gives serde_json one byte at a time, as it asks for them.
struct Watched<'t, 's> {
    text: &'t Text<'s>,
}

impl Read for Watched<'_, '_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let rest = &self.text.source[self.text.read.get()..];
        let count = rest.len().min(buffer.len()).min(1);
        buffer[..count].copy_from_slice(&rest[..count]);
        self.text.read.set(self.text.read.get() + count);
        Ok(count)
    }
}

impl Text<'_> {
    /// Where the value begins that the parser is about to read: it may have looked at its first byte already.
    fn value_start(&self) -> usize {
        let read = self.read.get();
        match read.checked_sub(1).map(|last| self.source[last]) {
            None | Some(b':') => {
                let blank = self.source[read..]
                    .iter()
                    .take_while(|byte| byte.is_ascii_whitespace())
                    .count();
                read + blank
            }
            Some(_) => read - 1,
        }
    }
}

/// Reads one value and its places.
#[derive(Clone, Copy)]
struct Part<'t, 's> {
    text: &'t Text<'s>,
    depth: usize,
}

impl<'de> DeserializeSeed<'de> for Part<'_, '_> {
    type Value = (Value, Place);

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        let at = At::Byte(self.text.value_start());
        self.text.values.set(self.text.values.get() + 1);
        if self.depth > MAX_DEPTH {
            return Err(D::Error::custom(format!(
                "more than {MAX_DEPTH} values inside of each other"
            )));
        }
        if self.text.values.get() > MAX_VALUES {
            return Err(D::Error::custom(format!(
                "the document has more than {MAX_VALUES} values"
            )));
        }
        let (value, parts) = deserializer.deserialize_any(self)?;
        Ok((value, Place { at, parts }))
    }
}

impl<'de> Visitor<'de> for Part<'_, '_> {
    type Value = (Value, Parts);

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok((Value::Null, Parts::None))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
        Ok((Value::Bool(value), Parts::None))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Self::Value, E> {
        Ok((Value::from(value), Parts::None))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Self::Value, E> {
        Ok((Value::from(value), Parts::None))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Self::Value, E> {
        Ok((Value::from(value), Parts::None))
    }

    fn visit_str<E>(self, value: &str) -> Result<Self::Value, E> {
        Ok((Value::from(value), Parts::None))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Self::Value, A::Error> {
        let (mut items, mut places) = (Vec::new(), Vec::new());
        let inner = Self {
            depth: self.depth + 1,
            ..self
        };
        while let Some((item, place)) = elements.next_element_seed(inner)? {
            items.push(item);
            places.push(place);
        }
        Ok((Value::Array(items), Parts::Items(places)))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let (mut entries, mut places) = (Map::new(), IndexMap::new());
        let inner = Self {
            depth: self.depth + 1,
            ..self
        };
        while let Some((key, key_at)) = members.next_key_seed(Key(self))? {
            let (value, place) = members.next_value_seed(inner)?;
            if entries.contains_key(&key) {
                return Err(A::Error::custom(format!("`{key}` is given twice")));
            }
            places.insert(key.clone(), (key_at, place));
            entries.insert(key, value);
        }
        Ok((Value::Object(entries), Parts::Entries(places)))
    }
}

struct Key<'t, 's>(Part<'t, 's>);

impl<'de> DeserializeSeed<'de> for Key<'_, '_> {
    type Value = (String, At);

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        let at = At::Byte(self.0.text.value_start());
        let key = serde::Deserialize::deserialize(deserializer)?;
        Ok((key, at))
    }
}
