//! Limits of what is taken in. What is over one is cut, with a mark that whoever looks at the span sees, or rejected with a
//! reason.

use std::time::Duration;

use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};

use super::value::attribute;

/// Limits of the receiver.
#[derive(Debug, Clone, Copy)]
pub struct OtlpLimits {
    /// Bytes of a request's body as it is sent, and after decompression.
    pub body_bytes: usize,
    pub decompressed_bytes: usize,
    /// Spans or log records of a request; those beyond are rejected.
    pub items: usize,
    /// Attributes of a span, of an event, of a link or of a log record; those beyond are left out and counted.
    pub attributes: usize,
    /// Events, and links, of a span; those beyond are left out and counted.
    pub events: usize,
    /// Bytes of a text, also within lists; the rest is cut off.
    pub text_bytes: usize,
    /// Requests that are worked on at once; the next ones wait.
    pub requests: usize,
    /// How long a request is kept waiting before it is refused for now. Clients give up after ten seconds by default.
    pub patience: Duration,
    /// Whether inputs, outputs, prompts and answers are kept.
    pub content: bool,
}

impl Default for OtlpLimits {
    fn default() -> Self {
        Self {
            body_bytes: 32 << 20,
            decompressed_bytes: 64 << 20,
            items: 100_000,
            attributes: 1_000,
            events: 2_000,
            text_bytes: 1 << 20,
            requests: 16,
            patience: Duration::from_secs(8),
            content: true,
        }
    }
}

/// The attribute that tells how many attributes, events or links were left out.
const OMITTED_ATTRIBUTES: &str = "orcheo.omitted.attributes";
pub(super) const OMITTED_EVENTS: &str = "orcheo.omitted.events";
pub(super) const OMITTED_LINKS: &str = "orcheo.omitted.links";

/// Names, messages and trace states are short; a span's name is shown in one line.
pub(super) const NAME_BYTES: usize = 4 << 10;

impl OtlpLimits {
    /// Cuts attributes to what is allowed; returns how many were left out.
    pub(super) fn cut_attributes(&self, attributes: &mut Vec<KeyValue>) -> u32 {
        let omitted = cut_list(attributes, self.attributes);
        for attribute in attributes.iter_mut() {
            cut_text(&mut attribute.key, NAME_BYTES);
            if let Some(value) = &mut attribute.value {
                self.cut_value(value);
            }
        }
        if omitted > 0 {
            attributes.push(omission(OMITTED_ATTRIBUTES, omitted));
        }
        omitted
    }

    pub(super) fn cut_value(&self, value: &mut AnyValue) {
        match &mut value.value {
            Some(Value::StringValue(text)) => cut_text(text, self.text_bytes),
            Some(Value::BytesValue(bytes)) if bytes.len() > self.text_bytes => {
                let mark = format!("[truncated: {} bytes]", bytes.len());
                value.value = Some(Value::StringValue(mark));
            }
            Some(Value::ArrayValue(array)) => {
                array
                    .values
                    .iter_mut()
                    .for_each(|value| self.cut_value(value));
            }
            Some(Value::KvlistValue(list)) => {
                let values = list
                    .values
                    .iter_mut()
                    .filter_map(|member| member.value.as_mut());
                values.for_each(|value| self.cut_value(value));
            }
            _ => {}
        }
    }
}

/// An attribute that tells of an omission.
pub(super) fn omission(key: &str, count: u32) -> KeyValue {
    attribute(key.to_owned(), Some(Value::IntValue(count.into())))
}

/// Cuts a list; returns how many items were left out.
pub(super) fn cut_list<T>(items: &mut Vec<T>, most: usize) -> u32 {
    let omitted = items.len().saturating_sub(most);
    items.truncate(most);
    u32::try_from(omitted).unwrap_or(u32::MAX)
}

/// Cuts a text, between two characters.
pub(super) fn cut_text(text: &mut String, most: usize) {
    if text.len() > most {
        let whole = text.len();
        text.truncate(text.floor_char_boundary(most));
        text.push_str(&format!("… [truncated: {whole} bytes]"));
    }
}
