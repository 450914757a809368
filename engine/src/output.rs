//! Values as JSON text for spans and journal: bounded, and without credentials.

use std::io;

use serde::Serialize;
use serde_json::Value;

use crate::error::{NodeError, codes};
use crate::secrets::Secrets;

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
    secrets: &Secrets,
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
    let written = serde_json::to_writer(&mut text, &*secrets.conceal_json(output));
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
