//! An attribute as the conventions read it, whichever library holds it.

use std::borrow::Cow;

use opentelemetry::{KeyValue, Value};

/// A key with its value.
pub(crate) trait Attribute {
    fn key(&self) -> &str;

    /// The value as text: of anything that is no text, its JSON.
    fn text(&self) -> Cow<'_, str>;

    /// The number that it holds, also where an emitter wrote it as text.
    fn integer(&self) -> Option<i64>;

    /// The number that it holds, also where an emitter wrote it as text.
    fn number(&self) -> Option<f64>;

    /// The value as JSON; `None` when it is text.
    fn json(&self) -> Option<String>;
}

impl Attribute for KeyValue {
    fn key(&self) -> &str {
        self.key.as_str()
    }

    fn text(&self) -> Cow<'_, str> {
        self.value.as_str()
    }

    fn integer(&self) -> Option<i64> {
        match &self.value {
            Value::I64(number) => Some(*number),
            Value::F64(number) => whole(*number),
            Value::String(text) => text.as_str().trim().parse().ok(),
            _ => None,
        }
    }

    fn number(&self) -> Option<f64> {
        match &self.value {
            Value::F64(number) => Some(*number),
            Value::String(text) => text.as_str().trim().parse().ok(),
            _ => self.integer().map(approximate),
        }
    }

    fn json(&self) -> Option<String> {
        match &self.value {
            Value::String(_) => None,
            value => Some(crate::attributes::value_json(value)),
        }
    }
}

/// A number without a fraction that is small enough to be exact.
pub(crate) fn whole(number: f64) -> Option<i64> {
    #[expect(clippy::cast_possible_truncation, reason = "checked to be exact")]
    (number.fract() == 0.0 && number.abs() < 9e15).then_some(number as i64)
}

/// An amount, which is far below 2^53.
pub(crate) fn approximate(number: i64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "amounts are far below 2^53")]
    {
        number as f64
    }
}
