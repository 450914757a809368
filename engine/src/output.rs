//! Values as JSON text for spans and journal: bounded, and without credentials.

use std::io;

use serde::Serialize;
use serde_json::Value;

use crate::error::{NodeError, codes};
use crate::host::Secret;

/// JSON text of what always has one.
pub(crate) fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value)
        .unwrap_or_else(|error| unreachable!("JSON values serialise: {error}"))
}

/// Values inside of each other that an output may have: JSON parsers downstream stop at 128.
const MAX_DEPTH: usize = 100;

/// The JSON text of an output without credentials, unless it is too long; never holds more than the limit.
pub(crate) fn bounded_json(
    output: &Value,
    limit: usize,
    secrets: &[(String, Secret)],
) -> Result<String, NodeError> {
    let too_large = |message| NodeError::new(codes::OUTPUT_TOO_LARGE, message);
    if is_deeper(output, MAX_DEPTH) {
        let message = format!("returned more than {MAX_DEPTH} values inside of each other");
        return Err(too_large(message));
    }
    let mut text = Bounded {
        bytes: Vec::new(),
        limit,
    };
    let written = if secrets.is_empty() {
        serde_json::to_writer(&mut text, output)
    } else {
        serde_json::to_writer(&mut text, &concealed(output, secrets))
    };
    let text = written
        .ok()
        .and_then(|()| String::from_utf8(text.bytes).ok());
    text.ok_or_else(|| {
        too_large(format!(
            "returned more than the limit of {limit} bytes of JSON"
        ))
    })
}

fn is_deeper(value: &Value, depth: usize) -> bool {
    match (value, depth.checked_sub(1)) {
        (Value::Array(items), Some(depth)) => items.iter().any(|item| is_deeper(item, depth)),
        (Value::Object(entries), Some(depth)) => {
            entries.values().any(|entry| is_deeper(entry, depth))
        }
        (Value::Array(_) | Value::Object(_), None) => true,
        _ => false,
    }
}

struct Bounded {
    bytes: Vec<u8>,
    limit: usize,
}

impl io::Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.bytes.len() + bytes.len() > self.limit {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Replaces the values of a node's own credentials by their placeholders, should the node repeat them.
pub(crate) fn conceal(text: String, secrets: &[(String, Secret)]) -> String {
    /// Shorter values would hit by chance.
    const MIN_SECRET_LEN: usize = 4;
    secrets.iter().fold(text, |text, (placeholder, secret)| {
        let secret = secret.expose();
        if secret.len() >= MIN_SECRET_LEN && text.contains(secret) {
            text.replace(secret, placeholder)
        } else {
            text
        }
    })
}

fn concealed(value: &Value, secrets: &[(String, Secret)]) -> Value {
    match value {
        Value::String(text) => Value::String(conceal(text.clone(), secrets)),
        Value::Array(items) => items.iter().map(|item| concealed(item, secrets)).collect(),
        Value::Object(entries) => {
            let entry = |(key, entry): (&String, &Value)| {
                (conceal(key.clone(), secrets), concealed(entry, secrets))
            };
            Value::Object(entries.iter().map(entry).collect())
        }
        Value::Number(number) => {
            let text = number.to_string();
            let hidden = conceal(text.clone(), secrets);
            if hidden == text {
                value.clone()
            } else {
                Value::String(hidden)
            }
        }
        Value::Null | Value::Bool(_) => value.clone(),
    }
}
