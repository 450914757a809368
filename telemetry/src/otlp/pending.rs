//! Spans that are still running, in the dialects that have them: OTLP itself sends a span when it has ended.

use opentelemetry_proto::tonic::trace::v1::Span;

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
