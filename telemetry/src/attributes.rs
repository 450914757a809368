//! Attributes: redacted as OpenTelemetry values, and written as JSON.

use std::collections::HashMap;
use std::fmt::Write as _;

use opentelemetry::{Array, Key, KeyValue, StringValue, Value};

use crate::Redactor;
use crate::redaction::marker;

/// Leaves each key once, with its last value, and everything in it redacted, in the order in which the keys first came.
pub(crate) fn redact(redactor: &Redactor, attributes: &mut Vec<KeyValue>) {
    keep_last(attributes);
    let mut renamed: HashMap<String, usize> = HashMap::new();
    for attribute in attributes {
        redact_value(redactor, attribute.key.as_str(), &mut attribute.value);
        let key = redactor.text(attribute.key.as_str());
        if key != attribute.key.as_str() {
            // Two different keys must not become one.
            let count = renamed.entry(key.clone().into_owned()).or_default();
            *count += 1;
            let key = if *count == 1 {
                key.into_owned()
            } else {
                format!("{key}#{count}")
            };
            attribute.key = Key::from(key);
        }
    }
}

/// The SDK keeps a key that is set twice, twice.
fn keep_last(attributes: &mut Vec<KeyValue>) {
    let mut places: HashMap<Key, usize> = HashMap::with_capacity(attributes.len());
    let mut kept: Vec<KeyValue> = Vec::with_capacity(attributes.len());
    for attribute in attributes.drain(..) {
        match places.get(&attribute.key) {
            Some(&place) => kept[place].value = attribute.value,
            None => {
                places.insert(attribute.key.clone(), kept.len());
                kept.push(attribute);
            }
        }
    }
    *attributes = kept;
}

fn redact_value(redactor: &Redactor, key: &str, value: &mut Value) {
    let text = |text: &StringValue| match redactor.attribute(key, text.as_str()) {
        std::borrow::Cow::Borrowed(_) => None,
        std::borrow::Cow::Owned(redacted) => Some(StringValue::from(redacted)),
    };
    let number = |written: String| redactor.number(key, &written);
    let redacted = match value {
        Value::String(string) => text(string).map(Value::String),
        Value::I64(integer) => {
            number(integer.to_string()).map(|marker| Value::String(marker.into()))
        }
        Value::F64(float) => number(float.to_string()).map(|marker| Value::String(marker.into())),
        Value::Bool(_) => None,
        Value::Array(Array::Bool(_)) => None,
        Value::Array(Array::String(strings)) => {
            for string in strings {
                if let Some(redacted) = text(string) {
                    *string = redacted;
                }
            }
            None
        }
        Value::Array(Array::I64(integers)) => numbers(integers, number),
        Value::Array(Array::F64(floats)) => numbers(floats, number),
        // A kind of value that did not exist when this was written cannot be scanned.
        _ => Some(Value::String(marker("unscannable").into())),
    };
    if let Some(redacted) = redacted {
        *value = redacted;
    }
}

/// An array with a number to hide becomes one of strings.
fn numbers<N: ToString>(numbers: &[N], redact: impl Fn(String) -> Option<String>) -> Option<Value> {
    let redacted: Vec<Option<String>> = numbers
        .iter()
        .map(|number| redact(number.to_string()))
        .collect();
    redacted.iter().any(Option::is_some).then(|| {
        let strings = redacted
            .into_iter()
            .zip(numbers)
            .map(|(marker, number)| marker.unwrap_or_else(|| number.to_string()));
        Value::Array(Array::String(strings.map(StringValue::from).collect()))
    })
}

/// A JSON object of redacted attributes, without those that `skip` names by their place.
pub(crate) fn to_json(attributes: &[KeyValue], skip: impl Fn(usize) -> bool) -> String {
    let mut json = String::with_capacity(2 + attributes.len() * 48);
    json.push('{');
    for (_, attribute) in attributes
        .iter()
        .enumerate()
        .filter(|(index, _)| !skip(*index))
    {
        if json.len() > 1 {
            json.push(',');
        }
        string(&mut json, attribute.key.as_str());
        json.push(':');
        value(&mut json, &attribute.value);
    }
    json.push('}');
    json
}

pub(crate) fn string(json: &mut String, text: &str) {
    // A string is always serialisable.
    json.push_str(&serde_json::Value::from(text).to_string());
}

pub(crate) fn value_json(of: &Value) -> String {
    let mut json = String::new();
    value(&mut json, of);
    json
}

fn value(json: &mut String, value: &Value) {
    match value {
        Value::Bool(boolean) => push(json, boolean),
        Value::I64(integer) => push(json, integer),
        Value::F64(float) => number(json, *float),
        Value::Array(Array::Bool(booleans)) => {
            list(json, booleans, |json, boolean| push(json, boolean));
        }
        Value::Array(Array::I64(integers)) => {
            list(json, integers, |json, integer| push(json, integer));
        }
        Value::Array(Array::F64(floats)) => list(json, floats, |json, float| number(json, *float)),
        Value::Array(Array::String(strings)) => {
            list(json, strings, |json, text| string(json, text.as_str()));
        }
        other => string(json, &other.as_str()),
    }
}

fn list<T>(json: &mut String, items: &[T], mut write: impl FnMut(&mut String, &T)) {
    json.push('[');
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            json.push(',');
        }
        write(json, item);
    }
    json.push(']');
}

/// JSON has no infinities; they are written as OTLP's JSON mapping does.
fn number(json: &mut String, float: f64) {
    match serde_json::Number::from_f64(float) {
        Some(number) => push(json, number),
        None if float.is_nan() => string(json, "NaN"),
        None => string(json, if float > 0.0 { "Infinity" } else { "-Infinity" }),
    }
}

fn push(json: &mut String, item: impl std::fmt::Display) {
    // Writing to a string does not fail.
    let _ = write!(json, "{item}");
}
