//! What is left out of spans and log records where content is not wanted.

use opentelemetry_proto::tonic::common::v1::KeyValue;
use opentelemetry_proto::tonic::logs::v1::LogRecord;
use opentelemetry_proto::tonic::trace::v1::Span;

use super::limits::omission;
use crate::conventions::holds_content;

/// The attribute that tells how many others were left out.
const OMITTED_CONTENT: &str = "orcheo.omitted.content";

/// Leaves out what the span says that its work was given and returned.
pub(super) fn withhold(span: &mut Span) {
    withhold_attributes(&mut span.attributes);
    for event in &mut span.events {
        if is_message(&event.name) {
            event.attributes.clear();
        } else {
            withhold_attributes(&mut event.attributes);
        }
    }
}

/// The same for a log record, called `name`.
pub(super) fn withhold_log(record: &mut LogRecord, name: &str) {
    withhold_attributes(&mut record.attributes);
    if is_message(name) && record.body.take().is_some() {
        record.attributes.push(omission(OMITTED_CONTENT, 1));
    }
}

fn withhold_attributes(attributes: &mut Vec<KeyValue>) {
    let before = attributes.len();
    attributes.retain(|attribute| !holds_content(&attribute.key));
    let omitted = u32::try_from(before - attributes.len()).unwrap_or(u32::MAX);
    if omitted > 0 {
        attributes.push(omission(OMITTED_CONTENT, omitted));
    }
}

/// Events of the GenAI conventions that are one message, or all of them.
fn is_message(name: &str) -> bool {
    name.starts_with("gen_ai.")
}
