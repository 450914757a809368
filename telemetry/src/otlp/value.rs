//! OTLP values as JSON, and back without loss.
//!
//! JSON has no bytes, no infinities, and one kind of number. Integers are written without a fraction and doubles with one;
//! `{"$bytes": "<base64>"}` and `{"$double": "NaN"}` stand for the rest, and an object of one member that looks like these
//! gets one `$` more.

use std::borrow::Cow;
use std::collections::HashMap;
use std::io::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use foldhash::fast::RandomState;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, ArrayValue, KeyValue, KeyValueList};
use serde_json::value::RawValue;

use crate::Redactor;
use crate::conventions::{Attribute, approximate, whole};

const BYTES: &str = "$bytes";
const DOUBLE: &str = "$double";

/// JSON text that is being written.
#[derive(Debug, Default)]
pub(super) struct Json(Vec<u8>);

impl Json {
    /// With room for attributes as they are written, unless much of them has to be escaped.
    pub(super) fn with_room_for(attributes: &[KeyValue]) -> Self {
        /// Quotes, a colon and a comma.
        const SIGNS: usize = 6;
        /// What is no text is short, or rare.
        const OTHER: usize = 24;
        let bytes = |attribute: &KeyValue| {
            let value = match value(attribute) {
                Some(Value::StringValue(text)) => text.len(),
                _ => OTHER,
            };
            attribute.key.len() + value + SIGNS
        };
        Self(Vec::with_capacity(
            attributes.iter().map(bytes).sum::<usize>() + SIGNS,
        ))
    }

    pub(super) fn raw(&mut self, text: &str) {
        self.0.extend_from_slice(text.as_bytes());
    }

    pub(super) fn double(&mut self, number: f64) {
        // The shortest text that reads back as the same number, always with a fraction or an exponent.
        let _ = serde_json::to_writer(&mut self.0, &number);
    }

    pub(super) fn display(&mut self, item: impl std::fmt::Display) {
        // Writing to memory does not fail.
        let _ = write!(self.0, "{item}");
    }

    pub(super) fn string(&mut self, text: &str) {
        if is_plain(text) {
            self.raw("\"");
            self.raw(text);
            self.raw("\"");
            return;
        }
        // A string is always serialisable, and writing to memory does not fail.
        let _ = serde_json::to_writer(&mut self.0, text);
    }

    /// Items in brackets, with commas between them.
    pub(super) fn list<T>(
        &mut self,
        brackets: [&str; 2],
        items: impl IntoIterator<Item = T>,
        mut write: impl FnMut(&mut Self, T),
    ) {
        self.raw(brackets[0]);
        for (index, item) in items.into_iter().enumerate() {
            if index > 0 {
                self.raw(",");
            }
            write(self, item);
        }
        self.raw(brackets[1]);
    }

    pub(super) fn into_text(self) -> String {
        // Only texts were written.
        String::from_utf8(self.0).unwrap_or_default()
    }
}

/// Whether JSON has the text as it is. Without an early end within a block, many bytes are looked at at once.
fn is_plain(text: &str) -> bool {
    const BLOCK: usize = 64;
    let special = |byte: &u8| *byte < b' ' || *byte == b'"' || *byte == b'\\';
    let has_special = |block: &[u8]| {
        block
            .iter()
            .fold(false, |found, byte| found | special(byte))
    };
    !text.as_bytes().chunks(BLOCK).any(has_special)
}

/// An object of attributes. Of a key that comes twice, which the specification forbids, the last value counts.
pub(super) fn write_attributes(json: &mut Json, attributes: &[KeyValue]) {
    let mut last: HashMap<&str, usize, RandomState> =
        HashMap::with_capacity_and_hasher(attributes.len(), RandomState::default());
    for (index, attribute) in attributes.iter().enumerate() {
        last.insert(&attribute.key, index);
    }
    let counted = attributes
        .iter()
        .enumerate()
        .filter(|(index, attribute)| last.get(attribute.key.as_str()) == Some(index));
    json.list(["{", "}"], counted, |json, (_, attribute)| {
        json.string(&attribute.key);
        json.raw(":");
        write_optional(json, attribute.value.as_ref());
    });
}

fn write_optional(json: &mut Json, value: Option<&AnyValue>) {
    match value.and_then(|value| value.value.as_ref()) {
        None => json.raw("null"),
        Some(value) => write_value(json, value),
    }
}

fn write_value(json: &mut Json, value: &Value) {
    match value {
        Value::StringValue(text) => json.string(text),
        Value::BoolValue(boolean) => json.display(boolean),
        Value::IntValue(integer) => json.display(integer),
        Value::DoubleValue(double) => write_double(json, *double),
        Value::ArrayValue(array) => {
            json.list(["[", "]"], &array.values, |json, value| {
                write_optional(json, Some(value));
            });
        }
        Value::KvlistValue(list) => match &list.values[..] {
            [only] if only.key.starts_with('$') => {
                json.raw("{");
                json.string(&format!("${}", only.key));
                json.raw(":");
                write_optional(json, only.value.as_ref());
                json.raw("}");
            }
            members => write_attributes(json, members),
        },
        Value::BytesValue(bytes) => {
            json.raw(r#"{"$bytes":""#);
            json.raw(&BASE64.encode(bytes));
            json.raw(r#""}"#);
        }
        // An index into a table that only profiles have.
        Value::StringValueStrindex(_) => json.raw("null"),
    }
}

fn write_double(json: &mut Json, double: f64) {
    if double.is_finite() {
        json.double(double);
    } else {
        json.raw(r#"{"$double":""#);
        json.raw(not_finite(double));
        json.raw(r#""}"#);
    }
}

/// The names that the JSON mapping of Protocol Buffers gives them.
pub(super) fn not_finite(double: f64) -> &'static str {
    if double.is_nan() {
        "NaN"
    } else if double > 0.0 {
        "Infinity"
    } else {
        "-Infinity"
    }
}

/// The attributes of an object that [`write_attributes`] wrote; none when it is no object.
pub(super) fn read_attributes(object: &str) -> Vec<KeyValue> {
    type Members<'a> = indexmap::IndexMap<Cow<'a, str>, &'a RawValue>;
    let Ok(members) = serde_json::from_str::<Members<'_>>(object) else {
        return Vec::new();
    };
    members
        .into_iter()
        .map(|(key, value)| attribute(key.into_owned(), read_value(value.get())))
        .collect()
}

pub(super) fn attribute(key: String, value: Option<Value>) -> KeyValue {
    KeyValue {
        key,
        value: Some(AnyValue { value }),
        key_strindex: 0,
    }
}

/// The value of a JSON text; `None` for null, which is OTLP's empty value.
pub(super) fn read_value(json: &str) -> Option<Value> {
    match json.as_bytes().first()? {
        b'"' => serde_json::from_str(json).ok().map(Value::StringValue),
        b't' => Some(Value::BoolValue(true)),
        b'f' => Some(Value::BoolValue(false)),
        b'[' => {
            let items: Vec<&RawValue> = serde_json::from_str(json).ok()?;
            let values = items
                .into_iter()
                .map(|item| AnyValue {
                    value: read_value(item.get()),
                })
                .collect();
            Some(Value::ArrayValue(ArrayValue { values }))
        }
        b'{' => Some(read_object(json)),
        b'n' => None,
        _ if json.contains(['.', 'e', 'E']) => json.parse().ok().map(Value::DoubleValue),
        // An integer that does not fit was none when it came in.
        _ => json
            .parse()
            .map(Value::IntValue)
            .or_else(|_| json.parse().map(Value::DoubleValue))
            .ok(),
    }
}

fn read_object(json: &str) -> Value {
    let mut values = read_attributes(json);
    if let [only] = &mut values[..] {
        let text = match only.value.as_ref().and_then(|value| value.value.as_ref()) {
            Some(Value::StringValue(text)) => Some(text.as_str()),
            _ => None,
        };
        match (only.key.as_str(), text) {
            (BYTES, Some(text)) => {
                if let Ok(bytes) = BASE64.decode(text) {
                    return Value::BytesValue(bytes);
                }
            }
            (DOUBLE, Some("NaN")) => return Value::DoubleValue(f64::NAN),
            (DOUBLE, Some("Infinity")) => return Value::DoubleValue(f64::INFINITY),
            (DOUBLE, Some("-Infinity")) => return Value::DoubleValue(f64::NEG_INFINITY),
            (key, _) if key.starts_with("$$") => only.key.replace_range(..1, ""),
            _ => {}
        }
    }
    Value::KvlistValue(KeyValueList { values })
}

/// Bytes are stored in base64, behind which no pattern is found: those that are text with something to hide become that
/// text, redacted.
pub(super) fn reveal_bytes(redactor: &Redactor, attributes: &mut [KeyValue]) {
    let values = attributes
        .iter_mut()
        .filter_map(|attribute| attribute.value.as_mut());
    values.for_each(|value| reveal(redactor, value));
}

pub(super) fn reveal(redactor: &Redactor, value: &mut AnyValue) {
    match &mut value.value {
        Some(Value::BytesValue(bytes)) => {
            let text = String::from_utf8_lossy(bytes);
            if let Cow::Owned(redacted) = redactor.text(&text.replace('\0', " ")) {
                value.value = Some(Value::StringValue(redacted));
            }
        }
        Some(Value::ArrayValue(array)) => {
            array
                .values
                .iter_mut()
                .for_each(|value| reveal(redactor, value));
        }
        Some(Value::KvlistValue(list)) => reveal_bytes(redactor, &mut list.values),
        _ => {}
    }
}

impl Attribute for KeyValue {
    fn key(&self) -> &str {
        &self.key
    }

    fn text(&self) -> Cow<'_, str> {
        match value(self) {
            Some(Value::StringValue(text)) => Cow::Borrowed(text),
            Some(value) => Cow::Owned(value_json(value)),
            None => Cow::Borrowed(""),
        }
    }

    fn integer(&self) -> Option<i64> {
        match value(self)? {
            Value::IntValue(number) => Some(*number),
            Value::DoubleValue(number) => whole(*number),
            Value::StringValue(text) => text.trim().parse().ok(),
            _ => None,
        }
    }

    fn number(&self) -> Option<f64> {
        match value(self)? {
            Value::DoubleValue(number) => Some(*number),
            Value::StringValue(text) => text.trim().parse().ok(),
            _ => self.integer().map(approximate),
        }
    }

    fn json(&self) -> Option<String> {
        match value(self) {
            Some(Value::StringValue(_)) => None,
            Some(value) => Some(value_json(value)),
            None => Some("null".to_owned()),
        }
    }
}

fn value(attribute: &KeyValue) -> Option<&Value> {
    attribute.value.as_ref()?.value.as_ref()
}

pub(super) fn value_json(value: &Value) -> String {
    let mut json = Json::default();
    write_value(&mut json, value);
    json.into_text()
}
