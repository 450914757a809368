//! The trace of each request: its span, its line in the log, its metrics, and its id for whoever reports an error.

use std::time::Instant;

use axum::{
    extract::{MatchedPath, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue},
    middleware::Next,
    response::Response,
};
use opentelemetry::{
    Context,
    propagation::{Extractor, TextMapPropagator},
    trace::{SpanContext, TraceContextExt},
};
use opentelemetry_sdk::propagation::TraceContextPropagator;
use orcheo_store::TraceId;
use orcheo_telemetry::Redactor;
use tracing::{Instrument, Span, field::Empty};
use tracing_opentelemetry::OpenTelemetrySpanExt;

/// Tells the client the trace id of its request (W3C Trace Context, level 2 draft).
pub(crate) const TRACERESPONSE: HeaderName = HeaderName::from_static("traceresponse");

/// Source: W3C Baggage.
pub(crate) const BAGGAGE: HeaderName = HeaderName::from_static("baggage");

tokio::task_local! {
    static CURRENT: RequestTrace;
}

/// What is known about the trace of the request that is being answered.
#[derive(Debug, Clone)]
pub struct RequestTrace {
    /// The caller's trace id, or one made for the request.
    pub trace_id: TraceId,
    /// What a run started by this request continues: the request's own span where it is exported, else the caller's.
    pub parent: Option<SpanContext>,
    /// The caller's baggage, as it was sent.
    pub baggage: Option<String>,
}

impl RequestTrace {
    /// The trace of the request that the current task answers; `None` outside of requests.
    pub fn current() -> Option<Self> {
        CURRENT.try_with(Clone::clone).ok()
    }

    /// What a run that the current request starts continues: a span, and baggage.
    pub(crate) fn caller() -> (Option<SpanContext>, Option<String>) {
        Self::current().map_or((None, None), |trace| (trace.parent, trace.baggage))
    }

    fn of(span: &Span, headers: &HeaderMap) -> Self {
        let caller =
            TraceContextPropagator::new().extract_with_context(&Context::new(), &Headers(headers));
        let caller_span = caller.span().span_context().clone();
        if caller_span.is_valid() {
            // Refused where no exporter listens to spans; then the caller's context is all there is.
            let _ = span.set_parent(caller);
        }
        let own = span.context().span().span_context().clone();
        let parent = [own, caller_span].into_iter().find(SpanContext::is_valid);
        let trace_id = parent.as_ref().map_or_else(TraceId::random, |parent| {
            TraceId(parent.trace_id().to_bytes())
        });
        Self {
            trace_id,
            parent,
            baggage: baggage(headers),
        }
    }
}

/// The baggage of all its headers. What is larger than a propagator has to take is left out.
fn baggage(headers: &HeaderMap) -> Option<String> {
    /// Source: W3C Baggage, "Limits".
    const MOST_BYTES: usize = 8_192;
    let values = headers.get_all(BAGGAGE).iter();
    let values: Vec<&str> = values.filter_map(|value| value.to_str().ok()).collect();
    let baggage = values.join(",");
    (!baggage.is_empty() && baggage.len() <= MOST_BYTES).then_some(baggage)
}

/// Lets a task that is spawned for the current request belong to its trace.
pub(crate) fn inherit<F: Future>(future: F) -> impl Future<Output = F::Output> {
    let trace = RequestTrace::current();
    let future = future.in_current_span();
    async move {
        match trace {
            Some(trace) => CURRENT.scope(trace, future).await,
            None => future.await,
        }
    }
}

/// Middleware around everything else.
pub(crate) async fn trace(
    State(redactor): State<Redactor>,
    request: Request,
    next: Next,
) -> Response {
    let started = Instant::now();
    let method = request.method().clone();
    // The path as routed keeps ids out of the metrics; what no route matches is one series.
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or_else(|| "unmatched".to_owned(), |path| path.as_str().to_owned());
    // A server that exports to itself must not make a span of receiving one; and nobody asks for the traces of pages, of probes
    // and of scrapes.
    let traced = ["/api/", "/graphql"]
        .iter()
        .any(|traced| route.starts_with(traced));
    let span = if !traced {
        Span::none()
    } else {
        tracing::info_span!(
            "request",
            otel.name = format!("{method} {route}"),
            otel.kind = "server",
            http.request.method = %method,
            http.route = route,
            url.path = %redactor.text(request.uri().path()),
            http.response.status_code = Empty,
            trace_id = Empty,
        )
    };
    let trace = RequestTrace::of(&span, request.headers());
    span.record("trace_id", tracing::field::display(trace.trace_id));
    let traceresponse = traceresponse(&trace);

    let answered = CURRENT
        .scope(trace, next.run(request))
        .instrument(span.clone());
    let mut response = answered.await;

    let status = response.status();
    let elapsed = started.elapsed();
    span.record("http.response.status_code", status.as_u16());
    span.in_scope(|| {
        let elapsed_ms = elapsed.as_secs_f64() * 1000.0;
        tracing::debug!(status = status.as_u16(), elapsed_ms, "answered");
    });
    let labels = [
        ("method", method.to_string()),
        ("route", route),
        ("status", status.as_str().to_owned()),
    ];
    metrics::counter!("http_requests_total", &labels).increment(1);
    metrics::histogram!("http_request_duration_seconds", &labels).record(elapsed);
    if let Some(value) = traceresponse {
        response.headers_mut().insert(TRACERESPONSE, value);
    }
    response
}

fn traceresponse(trace: &RequestTrace) -> Option<HeaderValue> {
    let (span_id, flags) = match &trace.parent {
        Some(parent) => (parent.span_id().to_string(), parent.trace_flags().to_u8()),
        // The draft lets a server without a span of its own leave the id out.
        None => (String::new(), 0),
    };
    HeaderValue::from_str(&format!("00-{}-{span_id}-{flags:02x}", trace.trace_id)).ok()
}

struct Headers<'a>(&'a HeaderMap);

impl Extractor for Headers<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).and_then(|value| value.to_str().ok())
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(HeaderName::as_str).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_callers_trace_is_continued_and_a_malformed_one_is_replaced() {
        let headers = |value| {
            HeaderMap::from_iter([(
                HeaderName::from_static("traceparent"),
                HeaderValue::from_static(value),
            )])
        };
        let known = RequestTrace::of(
            &Span::none(),
            &headers("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
        );
        assert_eq!(
            known.trace_id.to_string(),
            "0af7651916cd43dd8448eb211c80319c"
        );
        assert_eq!(
            known.parent.expect("a parent").span_id().to_string(),
            "b7ad6b7169203331"
        );
        for malformed in [
            "",
            "00-0-0-00",
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
        ] {
            let trace = RequestTrace::of(&Span::none(), &headers(malformed));
            assert!(trace.parent.is_none(), "{malformed}");
            assert!(!trace.trace_id.is_zero());
        }
    }

    #[test]
    fn baggage_is_of_all_headers_unless_it_is_too_large() {
        let mut headers = HeaderMap::new();
        assert_eq!(baggage(&headers), None);
        headers.append(BAGGAGE, HeaderValue::from_static("tenant=a%20b"));
        headers.append(BAGGAGE, HeaderValue::from_static("user=7;secret"));
        assert_eq!(
            baggage(&headers).as_deref(),
            Some("tenant=a%20b,user=7;secret")
        );
        let large = HeaderValue::from_str(&"x".repeat(8_192)).expect("a value");
        headers.append(BAGGAGE, large);
        assert_eq!(baggage(&headers), None);
    }

    #[tokio::test]
    async fn a_spawned_task_inherits_the_request() {
        let trace = RequestTrace {
            trace_id: TraceId::random(),
            parent: None,
            baggage: None,
        };
        let inner = CURRENT.scope(trace.clone(), async {
            let task = tokio::spawn(inherit(async { RequestTrace::current() }));
            task.await.expect("no panic")
        });
        assert_eq!(inner.await.expect("a trace").trace_id, trace.trace_id);
        assert!(RequestTrace::current().is_none());
    }
}
