//! Hands the trace on to the services a node calls, as W3C Trace Context (level 1) and W3C Baggage say.

use opentelemetry::Context;
use opentelemetry::baggage::BaggageExt;
use opentelemetry::trace::TraceContextExt;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
const TRACESTATE: HeaderName = HeaderName::from_static("tracestate");
const BAGGAGE: HeaderName = HeaderName::from_static("baggage");

/// What is not sent as it is, though a value could hold some of it.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// The headers that name the current span of `context` as the caller, and its baggage; none where there is no trace.
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
        (BAGGAGE, baggage(context)),
    ] {
        if let Ok(value) = HeaderValue::try_from(value)
            && !value.is_empty()
        {
            headers.insert(name, value);
        }
    }
    headers
}

fn baggage(context: &Context) -> String {
    let members = context.baggage().iter().map(|(key, (value, properties))| {
        let [key, value] =
            [key.as_str(), value.as_str()].map(|text| utf8_percent_encode(text, ENCODED));
        let separator = if properties.as_str().is_empty() {
            ""
        } else {
            ";"
        };
        format!("{key}={value}{separator}{}", properties.as_str())
    });
    members.collect::<Vec<_>>().join(",")
}
