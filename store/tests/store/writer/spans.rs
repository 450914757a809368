//! Spans: how they move, what is counted, and where their values go.

use orcheo_store::{
    ArtifactRecord, Op, SpanLogRecord, StatusCode,
    testing::{self, NewRun, TestDatabase, span, usage},
};
use serde_json::json;
use uuid::Uuid;

use super::{ended, started, step};
use crate::{row, rows};

const ROLLUP: &str = "SELECT span_count, open_count, error_count, artifact_count, start_ns, end_ns, input_tokens, \
    output_tokens, cost_usd FROM execution_rollups";

#[tokio::test]
async fn a_running_span_is_there_and_moves_when_it_ends() {
    let database = TestDatabase::new().await;
    let store = database.store().await;
    let run = NewRun::claimed(&store).await;
    let first = store
        .writer()
        .submit_acked(run.write(started(span(1))))
        .await
        .unwrap();
    let open = row(
        &database,
        "SELECT name, state, end_ns, revision FROM open_spans",
    )
    .await;
    assert_eq!(
        open,
        json!({"name": "span 1", "state": 0, "end_ns": null, "revision": first.revision})
    );
    assert_eq!(row(&database, ROLLUP).await["open_count"], 1);

    let second = store
        .writer()
        .submit_acked(run.write(ended(testing::ended(1))))
        .await
        .unwrap();
    assert!(second.revision > first.revision);
    assert_eq!(rows(&database, "SELECT 1 FROM open_spans").await.len(), 0);
    let over = row(
        &database,
        "SELECT state, end_ns, status_code, revision, late_end FROM spans",
    )
    .await;
    let expected = json!({
        "state": 1, "end_ns": 1_001_000, "status_code": 1, "revision": second.revision, "late_end": false
    });
    assert_eq!(over, expected);
    let rollup = row(&database, ROLLUP).await;
    assert_eq!(
        (&rollup["span_count"], &rollup["open_count"]),
        (&json!(1), &json!(0))
    );
    assert_eq!(
        (&rollup["start_ns"], &rollup["end_ns"]),
        (&json!(1_000), &json!(1_001_000))
    );
    store.shutdown().await;
}

#[tokio::test]
async fn what_is_submitted_twice_counts_once() {
    let database = TestDatabase::new().await;
    let store = database.store().await;
    let run = NewRun::claimed(&store).await;
    let mut failing = testing::ended(1);
    failing.status_code = StatusCode::Error;
    failing.usage = Some(usage(10, 5));
    let log = SpanLogRecord {
        span_id: failing.span_id,
        time_ns: 5,
        severity: 9,
        name: None,
        body: Some("\"hello\"".to_owned()),
        attributes: "{}".to_owned(),
        input: None,
        output: None,
    };
    let artifact = ArtifactRecord {
        artifact_id: Uuid::now_v7(),
        span_id: failing.span_id,
        name: "report.txt".to_owned(),
        media_type: "text/plain".to_owned(),
        size_bytes: 3,
        sha256: [7; 32],
        location: "a/b".to_owned(),
        created_ns: 1,
    };
    for _ in 0..2 {
        for op in [
            started(span(1)),
            ended(failing.clone()),
            Op::SpanLog(log.clone()),
            Op::Artifact(artifact.clone()),
        ] {
            store.writer().submit(run.write(op));
        }
        // Once within one batch, once in a batch of its own.
        store.writer().submit(run.write(ended(failing.clone())));
        store.writer().barrier(run.execution_id).await.unwrap();
    }
    let expected = json!({
        "span_count": 1, "open_count": 0, "error_count": 1, "artifact_count": 1, "start_ns": 1_000,
        "end_ns": 1_001_000, "input_tokens": 10, "output_tokens": 5, "cost_usd": null
    });
    assert_eq!(row(&database, ROLLUP).await, expected);
    for table in ["spans", "span_logs", "artifacts", "token_usage"] {
        assert_eq!(
            rows(&database, &format!("SELECT 1 FROM {table}"))
                .await
                .len(),
            1,
            "{table}"
        );
    }
}

#[tokio::test]
async fn usage_that_repeats_its_children_is_kept_and_not_counted() {
    let database = TestDatabase::new().await;
    let store = database.store().await;
    let run = NewRun::claimed(&store).await;
    let mut call = testing::ended(1);
    call.usage = Some(orcheo_store::UsageRecord {
        cost_usd: Some(0.25),
        ..usage(100, 20)
    });
    let mut agent = testing::ended(2);
    agent.usage = Some(orcheo_store::UsageRecord {
        counted: false,
        ..usage(100, 20)
    });
    let mut second = testing::ended(3);
    second.usage = Some(orcheo_store::UsageRecord {
        cost_usd: Some(0.5),
        ..usage(1, i64::MAX)
    });
    for span in [call, agent, second] {
        store
            .writer()
            .submit_acked(run.write(ended(span)))
            .await
            .unwrap();
    }
    let rollup = row(&database, ROLLUP).await;
    assert_eq!(rollup["input_tokens"], 101);
    assert_eq!(
        rollup["output_tokens"], 1_000_000_000_020_i64,
        "an absurd count is cut off"
    );
    assert_eq!(rollup["cost_usd"], 0.75);
    assert_eq!(rows(&database, "SELECT 1 FROM token_usage").await.len(), 3);
}

#[tokio::test]
async fn progress_is_laid_over_a_running_span_only() {
    let database = TestDatabase::new().await;
    let store = database.store().await;
    let run = NewRun::claimed(&store).await;
    let progress = |number: u32, attributes: &str| Op::Progress {
        span_id: span(number).span_id,
        attributes: attributes.to_owned(),
        usage: Some(usage(1, 2)),
        first_token_ns: attributes.contains("changed").then_some(1_500),
    };
    let mut running = span(1);
    running.attributes = r#"{"kept":1,"changed":1}"#.to_owned();
    store
        .writer()
        .submit_acked(run.write(started(running)))
        .await
        .unwrap();
    store
        .writer()
        .submit(run.write(progress(1, r#"{"changed":2}"#)));
    store
        .writer()
        .submit(run.write(progress(1, r#"{"changed":3,"added":4}"#)));
    store
        .writer()
        .submit(run.write(progress(9, r#"{"nobody":1}"#)));
    // In the batch of its start.
    store.writer().submit(run.write(started(span(2))));
    store
        .writer()
        .submit(run.write(progress(2, r#"{"at":"once"}"#)));
    store.writer().barrier(run.execution_id).await.unwrap();
    let open = rows(
        &database,
        "SELECT attributes, usage->>'output' AS output, first_token_ns FROM open_spans ORDER BY span_id",
    )
    .await;
    let expected = [
        json!({"attributes": {"kept": 1, "changed": 3, "added": 4}, "output": "2", "first_token_ns": 1_500}),
        json!({"attributes": {"at": "once"}, "output": "2", "first_token_ns": null}),
    ];
    assert_eq!(open, expected);

    store
        .writer()
        .submit_acked(run.write(ended(testing::ended(1))))
        .await
        .unwrap();
    store
        .writer()
        .submit(run.write(progress(1, r#"{"late":1}"#)));
    store.writer().barrier(run.execution_id).await.unwrap();
    assert_eq!(
        row(&database, "SELECT attributes FROM spans").await,
        json!({"attributes": {}})
    );
}

#[tokio::test]
async fn a_start_after_the_end_is_ignored() {
    let database = TestDatabase::new().await;
    let store = database.store().await;
    let run = NewRun::claimed(&store).await;
    store
        .writer()
        .submit_acked(run.write(ended(testing::ended(1))))
        .await
        .unwrap();
    store
        .writer()
        .submit_acked(run.write(started(span(1))))
        .await
        .unwrap();
    assert_eq!(rows(&database, "SELECT 1 FROM open_spans").await.len(), 0);
    assert_eq!(row(&database, ROLLUP).await["span_count"], 1);
}

#[tokio::test]
async fn large_values_are_stored_once_per_execution() {
    let database = TestDatabase::new().await;
    let store = database.store().await;
    let (one, other) = (NewRun::claimed(&store).await, NewRun::claimed(&store).await);
    let large = format!("\"{}\"", "x".repeat(10_000));
    let spans = (1..=4).map(|number| {
        let mut span = testing::ended(number);
        span.input = Some(large.clone());
        span.output = Some("\"small\"".to_owned());
        span.resource = Some(r#"{"service.name":"test"}"#.into());
        span
    });
    for span in spans {
        store
            .writer()
            .submit_acked(one.write(ended(span.clone())))
            .await
            .unwrap();
        store
            .writer()
            .submit_acked(other.write(ended(span)))
            .await
            .unwrap();
    }
    let contents = rows(
        &database,
        "SELECT execution_id, length(content) FROM span_contents",
    )
    .await;
    assert_eq!(
        contents.len(),
        4,
        "two executions, each with the input and the resource: {contents:?}"
    );
    let spans = rows(
        &database,
        "SELECT s.input, s.output, length(c.content) AS input_length, r.content AS resource FROM spans s \
         JOIN span_contents c ON c.execution_id = s.execution_id AND c.hash = decode(s.contents->>'input', 'hex') \
         JOIN span_contents r ON r.execution_id = s.execution_id AND r.hash = s.resource_hash",
    )
    .await;
    assert_eq!(spans.len(), 8);
    for span in spans {
        let expected = json!({
            "input": null, "output": "small", "input_length": 10_002, "resource": r#"{"service.name":"test"}"#
        });
        assert_eq!(span, expected);
    }
}

#[tokio::test]
async fn every_field_of_a_record_is_stored() {
    let database = TestDatabase::new().await;
    let store = database.store().await;
    let run = NewRun::claimed(&store).await;
    let mut span = testing::ended(7);
    span.parent_span_id = Some(testing::span(6).span_id);
    span.kind = orcheo_store::SpanKind::Client;
    span.category = orcheo_store::SpanCategory::Llm;
    span.status_message = Some("fine".to_owned());
    (span.node_id, span.node_type) = (Some("ask".to_owned()), Some("LLMNode".to_owned()));
    span.display_name = Some("Ask".to_owned());
    (span.attempt, span.iteration) = (Some(2), Some(3));
    span.first_token_ns = Some(8_000);
    span.trace_state = Some("a=b".to_owned());
    span.flags = 0x8000_0301;
    (
        span.dropped_attributes,
        span.dropped_events,
        span.dropped_links,
    ) = (1, 0, u32::MAX);
    span.attributes = r#"{"a":1,"a":2}"#.to_owned();
    span.events = Some(r#"[{"name":"e"}]"#.to_owned());
    span.links = Some("[]".to_owned());
    span.input = Some("null".to_owned());
    span.output = Some("[1]".to_owned());
    span.scope = Some(r#"{"name":"scope"}"#.into());
    store
        .writer()
        .submit_acked(run.write(ended(span)))
        .await
        .unwrap();
    let stored = row(
        &database,
        "SELECT span_id, trace_id, parent_span_id, workspace_id, start_ns, end_ns, first_token_ns, kind, category, status_code, \
         status_message, node_id, node_type, display_name, attempt, iteration, trace_state, flags, dropped_counts, \
         attributes::text, events::text, links::text, input::text, output::text, scope_hash IS NOT NULL AS scope FROM spans",
    )
    .await;
    let expected = json!({
        "span_id": r"\x0000000000000007", "trace_id": format!(r"\x{}", "01".repeat(16)),
        "parent_span_id": r"\x0000000000000006", "workspace_id": "default", "start_ns": 7_000, "end_ns": 1_007_000,
        "first_token_ns": 8_000,
        "kind": 3, "category": 4, "status_code": 1, "status_message": "fine", "node_id": "ask",
        "node_type": "LLMNode", "display_name": "Ask", "attempt": 2, "iteration": 3, "trace_state": "a=b",
        "flags": 0x8000_0301_u32.cast_signed(), "dropped_counts": [1, 0, i32::MAX], "attributes": r#"{"a":1,"a":2}"#,
        "events": r#"[{"name":"e"}]"#, "links": "[]", "input": "null", "output": "[1]", "scope": true
    });
    assert_eq!(stored, expected);
}

#[tokio::test]
async fn a_step_and_the_end_of_its_span_have_one_revision() {
    let database = TestDatabase::new().await;
    let store = database.store().await;
    let run = NewRun::claimed(&store).await;
    let acks: Vec<_> = (1..=50)
        .map(|number| {
            let span = testing::ended(number);
            let step = Some(step(&format!("node-{number}"), &span));
            store.writer().submit_acked(run.write(Op::SpanEnded {
                span: Box::new(span),
                step,
            }))
        })
        .collect();
    for ack in acks {
        ack.await.unwrap();
    }
    let together = row(
        &database,
        "SELECT count(*) FROM spans s JOIN node_results n USING (execution_id, span_id, revision)",
    )
    .await;
    assert_eq!(together, json!({"count": 50}));
}
