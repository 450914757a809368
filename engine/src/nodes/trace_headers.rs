//! Hands the trace on to the services a node calls, as W3C Trace Context (level 1) says.

use opentelemetry::Context;
use opentelemetry::trace::TraceContextExt;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
const TRACESTATE: HeaderName = HeaderName::from_static("tracestate");

/// The headers that name the current span of `context` as the caller; none where there is no trace.
pub(super) fn trace_headers(context: &Context) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let span = context.span();
    let span = span.span_context();
    if !span.is_valid() {
        return headers;
    }
    let flags = span.trace_flags() & opentelemetry::TraceFlags::SAMPLED;
    let parent = format!(
        "00-{}-{}-{:02x}",
        span.trace_id(),
        span.span_id(),
        flags.to_u8()
    );
    for (name, value) in [
        (TRACEPARENT, parent),
        (TRACESTATE, span.trace_state().header()),
    ] {
        if let Ok(value) = HeaderValue::try_from(value)
            && !value.is_empty()
        {
            headers.insert(name, value);
        }
    }
    headers
}
