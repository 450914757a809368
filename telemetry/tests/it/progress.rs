//! Progress of running spans: seen while they run, the last value last, and nothing of it after the end.

use opentelemetry::KeyValue;
use opentelemetry::trace::TraceContextExt;
use orcheo_store::SpanState;
use orcheo_store::models::spans::Span;
use serde_json::json;

use crate::traced::{Traced, json, span_id};

/// Reads the span until it is as wanted; the test runner ends a test that waits in vain.
async fn until(
    traced: &Traced,
    context: &opentelemetry::Context,
    wanted: impl Fn(&Span) -> bool,
) -> Span {
    loop {
        let span = traced.span(context).await;
        if wanted(&span) {
            return span;
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_running_model_call_shows_its_tokens_and_when_the_first_came() {
    let traced = Traced::new().await;
    let attributes = vec![
        KeyValue::new("gen_ai.operation.name", "chat"),
        KeyValue::new("gen_ai.request.model", "offline:echo"),
    ];
    let call = traced.root("chat offline:echo", attributes);
    traced.handle.progress(
        span_id(&call),
        vec![
            KeyValue::new("gen_ai.usage.output_tokens", 7),
            KeyValue::new("gen_ai.response.time_to_first_chunk", 0.5),
        ],
    );
    let span = traced.span(&call).await;
    assert_eq!(span.state, SpanState::Running);
    assert_eq!(span.first_token_ns, Some(span.start_ns + 500_000_000));
    assert_eq!(json(&span.attributes)["gen_ai.usage.output_tokens"], 7);
    assert_eq!(
        json(&span.attributes)["gen_ai.request.model"],
        "offline:echo",
        "laid over, not instead"
    );
    let usage = span.usage.unwrap();
    assert_eq!(
        (usage.model.as_deref(), usage.output, usage.counted),
        (Some("offline:echo"), 7, true)
    );
}

#[tokio::test]
async fn the_last_of_a_burst_is_seen_in_the_end() {
    let traced = Traced::new().await;
    let root = traced.root("root", Vec::new());
    for number in 0..=1000 {
        traced
            .handle
            .progress(span_id(&root), vec![KeyValue::new("n", number)]);
    }
    let span = until(&traced, &root, |span| json(&span.attributes)["n"] == 1000).await;
    // One for the start, one for the first update, one for all the others.
    assert!(span.revision <= 4, "{}", span.revision);
}

#[tokio::test]
async fn nothing_comes_after_the_end() {
    let traced = Traced::new().await;
    let root = traced.root("root", Vec::new());
    traced
        .handle
        .progress(span_id(&root), vec![KeyValue::new("n", 1)]);
    traced
        .handle
        .progress(span_id(&root), vec![KeyValue::new("n", 2)]);
    root.span().set_attribute(KeyValue::new("n", 3));
    root.span().end();
    traced
        .handle
        .progress(span_id(&root), vec![KeyValue::new("n", 4)]);
    let other = traced.root("other", Vec::new());
    traced
        .handle
        .progress(span_id(&other), vec![KeyValue::new("n", 1)]);
    traced
        .handle
        .progress(span_id(&other), vec![KeyValue::new("n", 2)]);
    // Due at the same time or later than what the ended span had left.
    until(&traced, &other, |span| json(&span.attributes)["n"] == 2).await;
    let span = traced.span(&root).await;
    assert_eq!(
        (span.state, json(&span.attributes)),
        (SpanState::Ended, json!({"n": 3}))
    );
}

#[tokio::test]
async fn progress_is_redacted() {
    let traced = Traced::new().await;
    let root = traced.root("root", Vec::new());
    traced.handle.progress(
        span_id(&root),
        vec![
            KeyValue::new("note", "mail ada@example.com"),
            KeyValue::new("password", "x"),
        ],
    );
    let attributes = json(&traced.span(&root).await.attributes);
    assert_eq!(
        attributes,
        json!({"note": "mail [REDACTED:email]", "password": "[REDACTED:password]"})
    );
}
