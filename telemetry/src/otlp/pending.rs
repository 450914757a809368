//! Spans that are still running, in the dialects that have them: OTLP itself sends a span when it has ended.

use opentelemetry_proto::tonic::common::v1::AnyValue;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::logs::v1::LogRecord;
use opentelemetry_proto::tonic::trace::v1::Span;

use super::logs::event_name;
use crate::conventions::Attribute as _;

const SPAN_TYPE: &str = "logfire.span_type";
const REAL_PARENT: &str = "logfire.pending_parent_id";

/// Logfire tells of a span's start by a child of no duration, which names the real parent in an attribute. It becomes the
/// running span that it stands for.
pub(super) fn unfold(span: &mut Span) {
    let pending = span
        .attributes
        .iter()
        .any(|attribute| attribute.key == SPAN_TYPE && attribute.text() == "pending_span");
    if !pending {
        return;
    }
    let parent = span
        .attributes
        .iter()
        .find(|attribute| attribute.key == REAL_PARENT)
        .and_then(|attribute| hex::decode(attribute.text().as_bytes()).ok());
    span.attributes
        .retain(|attribute| attribute.key != SPAN_TYPE && attribute.key != REAL_PARENT);
    span.span_id = std::mem::replace(&mut span.parent_span_id, parent.unwrap_or_default());
    span.end_time_unix_nano = 0;
}

/// The names of the event that a span has begun. No convention is agreed on (semantic-conventions, issue 2133).
const STARTED: [&str; 3] = ["span.start", "span.started", "otel.span.start"];

/// The span that a record says to have begun: that of the record's ids. Its name and its parent are attributes; without a name
/// it is called what the record says.
pub(super) fn started(record: &LogRecord) -> Option<Span> {
    if !STARTED.contains(&event_name(record).as_str()) {
        return None;
    }
    let mut attributes = record.attributes.clone();
    let mut take = |keys: &[&str]| {
        let at = attributes
            .iter()
            .position(|attribute| keys.contains(&attribute.key.as_str()))?;
        Some(attributes.remove(at).text().into_owned())
    };
    take(&["event.name"]);
    let name = take(&["span.name", "name"]);
    let parent = take(&["span.parent_id", "parent_span_id", "span.parent.id"]);
    let said = match record.body.as_ref().and_then(|body| body.value.as_ref()) {
        Some(Value::StringValue(body)) => Some(body.clone()),
        _ => None,
    };
    Some(Span {
        trace_id: record.trace_id.clone(),
        span_id: record.span_id.clone(),
        parent_span_id: parent
            .and_then(|parent| hex::decode(parent).ok())
            .unwrap_or_default(),
        name: name.or(said).unwrap_or_default(),
        start_time_unix_nano: match record.time_unix_nano {
            0 => record.observed_time_unix_nano,
            time => time,
        },
        flags: record.flags,
        attributes,
        ..Span::default()
    })
}

/// The body of a record that holds spans which are still running, as partial span processors send them every few seconds:
/// an OTLP request, in JSON or in base64 of Protocol Buffers.
pub(super) fn heartbeat(record: &LogRecord) -> Option<&str> {
    const EVENT: &str = "partial.event";
    let beats = record
        .attributes
        .iter()
        .any(|attribute| attribute.key == EVENT && attribute.text() == "heartbeat");
    match record.body.as_ref()? {
        AnyValue {
            value: Some(Value::StringValue(body)),
        } if beats => Some(body),
        _ => None,
    }
}

/// Whether the record only says that a span which sent heartbeats has ended: the span itself comes as usual.
pub(super) fn is_stop(record: &LogRecord) -> bool {
    let event = record
        .attributes
        .iter()
        .find(|attribute| attribute.key == "partial.event");
    event.is_some_and(|event| event.text() == "stop")
}
