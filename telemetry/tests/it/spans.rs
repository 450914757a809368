//! Spans become rows: at their start, at their end, whatever the sampler and the standard's limits say.

use std::time::{Duration, UNIX_EPOCH};

use opentelemetry::trace::{
    Link, SpanBuilder, SpanContext, SpanId, SpanKind, Status, TraceContextExt, TraceFlags, TraceId,
    TraceState,
};
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::trace::Sampler;
use orcheo_store::{SpanCategory, SpanState, StatusCode};
use serde_json::json;

use crate::traced::{Options, Traced, json, registration, span_id};

#[tokio::test]
async fn a_span_is_running_until_it_ends() {
    let traced = Traced::new().await;
    let root = traced.root(
        "workflow.execution",
        vec![KeyValue::new("orcheo.workflow.id", "w")],
    );

    let running = traced.span(&root).await;
    assert_eq!((running.state, running.end_ns), (SpanState::Running, None));
    assert_eq!(running.trace_id, traced.run.trace_id);
    assert_eq!(
        (running.name.as_str(), running.category),
        ("workflow.execution", SpanCategory::Workflow)
    );

    root.span().set_status(Status::Ok);
    root.span().end();
    let ended = traced.span(&root).await;
    assert_eq!(
        (ended.state, ended.status_code),
        (SpanState::Ended, StatusCode::Ok)
    );
    assert!(ended.end_ns.unwrap() >= ended.start_ns && ended.revision > running.revision);
    assert_eq!(ended.start_ns, running.start_ns);
}

#[tokio::test]
async fn times_are_the_ones_given() {
    let traced = Traced::new().await;
    let (start, end) = (
        UNIX_EPOCH + Duration::from_nanos(1_700_000_000_123_456_789),
        UNIX_EPOCH + Duration::from_nanos(1_700_000_001_000_000_001),
    );
    let root = traced.build(
        &traced.handle.context(&Context::new()),
        SpanBuilder::from_name("s").with_start_time(start),
    );
    root.span().end_with_timestamp(end);
    let span = traced.span(&root).await;
    assert_eq!(
        (span.start_ns, span.end_ns),
        (1_700_000_000_123_456_789, Some(1_700_000_001_000_000_001))
    );
}

#[tokio::test]
async fn a_child_names_its_parent_and_a_root_has_none() {
    let traced = Traced::new().await;
    let root = traced.root("root", Vec::new());
    let child = traced.open(
        &root,
        "child",
        vec![KeyValue::new("orcheo.node.id", "fetch")],
    );
    child.span().end();
    root.span().end();
    let spans = traced.spans().await;
    assert_eq!(spans.len(), 2);
    assert_eq!(traced.span(&root).await.parent_span_id, None);
    let child = traced.span(&child).await;
    assert_eq!(
        (child.parent_span_id, child.node_id.as_deref()),
        (Some(span_id(&root)), Some("fetch"))
    );
}

#[tokio::test]
async fn spans_are_stored_whatever_is_sampled() {
    let traced = Traced::with(Options {
        sampler: Box::new(Sampler::AlwaysOff),
        ..Options::default()
    })
    .await;
    let root = traced.root("root", Vec::new());
    assert!(!root.span().span_context().is_sampled());
    let child = traced.open(&root, "child", Vec::new());
    child.span().end();
    root.span().end();
    let states: Vec<_> = traced
        .spans()
        .await
        .into_iter()
        .map(|span| span.state)
        .collect();
    assert_eq!(states, [SpanState::Ended, SpanState::Ended]);
}

#[tokio::test]
async fn a_caller_that_does_not_sample_is_traced_all_the_same() {
    let options = Options {
        sampler: Box::new(Sampler::ParentBased(Box::new(Sampler::AlwaysOn))),
        ..Options::default()
    };
    let traced = Traced::with(options).await;
    let trace_id = TraceId::from_bytes(traced.run.trace_id.0);
    let caller = SpanContext::new(
        trace_id,
        SpanId::from(7),
        TraceFlags::default(),
        true,
        TraceState::default(),
    );
    let joined = traced
        .handle
        .context(&Context::new().with_remote_span_context(caller));
    let root = traced.open(&joined, "root", Vec::new());
    root.span().end();
    let span = traced.span(&root).await;
    assert_eq!(
        span.parent_span_id,
        Some(orcheo_store::SpanId([0, 0, 0, 0, 0, 0, 0, 7]))
    );
}

#[tokio::test]
async fn a_caller_of_another_trace_is_no_parent() {
    let traced = Traced::new().await;
    let caller = SpanContext::new(
        TraceId::from(1),
        SpanId::from(7),
        TraceFlags::SAMPLED,
        true,
        TraceState::default(),
    );
    let context = traced
        .handle
        .context(&Context::new().with_remote_span_context(caller.clone()));
    let root = traced.build(
        &context,
        SpanBuilder::from_name("root").with_links(vec![Link::with_context(caller)]),
    );
    root.span().end();
    let span = traced.span(&root).await;
    assert_eq!(
        (span.trace_id, span.parent_span_id),
        (traced.run.trace_id, None)
    );
    let link = json!([{"trace_id": "00000000000000000000000000000001", "span_id": "0000000000000007", "flags": 1, "attributes": {}}]);
    assert_eq!(json(&span.links), link);
}

#[tokio::test]
async fn three_hundred_attributes_events_and_links_are_kept() {
    let traced = Traced::new().await;
    let caller = SpanContext::new(
        TraceId::from(1),
        SpanId::from(7),
        TraceFlags::SAMPLED,
        true,
        TraceState::default(),
    );
    let builder = SpanBuilder::from_name("root").with_links(vec![Link::with_context(caller); 300]);
    let root = traced.build(&traced.handle.context(&Context::new()), builder);
    for number in 0..300 {
        root.span()
            .set_attribute(KeyValue::new(format!("key.{number}"), number));
        root.span().add_event(
            format!("event {number}"),
            vec![KeyValue::new("number", number)],
        );
    }
    root.span().end();
    let span = traced.span(&root).await;
    assert_eq!(json(&span.attributes).as_object().unwrap().len(), 300);
    assert_eq!(json(&span.links).as_array().unwrap().len(), 300);
    let events = json(&span.events);
    assert_eq!(events.as_array().unwrap().len(), 300);
    assert_eq!(events[299]["name"], "event 299");
    assert_eq!(events[299]["attributes"], json!({"number": 299}));
    assert!(events[299]["time_ns"].as_i64().unwrap() >= span.start_ns);
}

#[tokio::test]
async fn every_kind_of_value_is_written_and_the_last_of_a_key_wins() {
    let traced = Traced::new().await;
    let root = traced.root("root", vec![KeyValue::new("twice", 1)]);
    let floats = opentelemetry::Value::Array(vec![0.5, f64::NEG_INFINITY].into());
    let texts = opentelemetry::Value::Array(
        vec!["a\"b".into(), opentelemetry::StringValue::from("c\n")].into(),
    );
    root.span().set_attributes([
        KeyValue::new("bool", true),
        KeyValue::new("int", i64::MAX),
        KeyValue::new("float", 1.5),
        KeyValue::new("nan", f64::NAN),
        KeyValue::new("floats", floats),
        KeyValue::new("texts", texts),
        KeyValue::new("nul", "a\0b"),
        KeyValue::new("twice", 2),
    ]);
    root.span().end();
    let attributes = json(&traced.span(&root).await.attributes);
    assert_eq!(
        attributes,
        json!({
            "twice": 2, "bool": true, "int": i64::MAX, "float": 1.5, "nan": "NaN", "floats": [0.5, "-Infinity"],
            "texts": ["a\"b", "c\n"], "nul": "a\u{FFFD}b"
        })
    );
}

#[tokio::test]
async fn errors_keep_their_message_and_their_exception() {
    let traced = Traced::new().await;
    let builder = SpanBuilder::from_name("GET").with_kind(SpanKind::Client);
    let root = traced.build(&traced.handle.context(&Context::new()), builder);
    root.span().set_status(Status::error("the server is away"));
    root.span().add_event(
        "exception",
        vec![KeyValue::new("exception.message", "the server is away")],
    );
    root.span().end();
    let span = traced.span(&root).await;
    assert_eq!(
        (span.status_code, span.status_message.as_deref()),
        (StatusCode::Error, Some("the server is away"))
    );
    assert_eq!(span.kind, orcheo_store::SpanKind::Client);
    assert_eq!(
        json(&span.events)[0]["attributes"]["exception.message"],
        "the server is away"
    );
}

#[tokio::test]
async fn a_dropped_span_ends() {
    let traced = Traced::new().await;
    let root = traced.root("root", Vec::new());
    let id = span_id(&root);
    drop(root);
    let spans = traced.spans().await;
    assert_eq!((spans[0].span_id, spans[0].state), (id, SpanState::Ended));
}

#[tokio::test]
async fn spans_of_nobody_s_trace_are_not_stored() {
    let traced = Traced::new().await;
    let root = traced.root("root", Vec::new());
    let stranger = traced.open(&Context::new(), "stranger", Vec::new());
    assert_ne!(
        stranger.span().span_context().trace_id(),
        root.span().span_context().trace_id()
    );
    stranger.span().end();
    root.span().end();
    let names: Vec<_> = traced
        .spans()
        .await
        .into_iter()
        .map(|span| span.name)
        .collect();
    assert_eq!(names, ["root"]);
}

#[tokio::test]
async fn two_runs_at_once_keep_their_spans_apart() {
    let traced = Traced::new().await;
    let other = orcheo_store::testing::NewRun::claimed(&traced.store).await;
    let handle = traced.telemetry.register(registration(&other));
    let mine = traced.root("mine", Vec::new());
    let theirs = traced.open(&handle.context(&Context::new()), "theirs", Vec::new());
    // Ended in the other's context: the end knows nothing of it.
    let guard = mine.clone().attach();
    theirs.span().end();
    drop(guard);
    mine.span().end();
    handle.barrier().await.unwrap();
    let mine: Vec<_> = traced
        .spans()
        .await
        .into_iter()
        .map(|span| (span.name, span.state))
        .collect();
    assert_eq!(mine, [("mine".to_owned(), SpanState::Ended)]);
    let mut connection = traced.store.read().await.unwrap();
    let parts = orcheo_store::models::spans::SpanParts::default();
    let theirs = orcheo_store::models::spans::changed_after(
        &mut connection,
        other.execution_id,
        0,
        10,
        parts,
    )
    .await
    .unwrap();
    assert_eq!(
        (theirs.len(), theirs[0].name.as_str(), theirs[0].state),
        (1, "theirs", SpanState::Ended)
    );
}
