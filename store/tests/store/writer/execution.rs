//! Changes of the execution itself, and the end of a run.

use orcheo_store::{
    ExecutionChange, ExecutionFailure, ExecutionStatus, Op, SpanState,
    testing::{self, NewRun, TestDatabase, span},
};
use serde_json::json;

use super::{ended, finished, started, step};
use crate::{row, rows};

#[tokio::test]
async fn a_run_begins_and_ends() {
    let database = TestDatabase::new().await;
    let store = database.store().await;
    let run = NewRun::claimed(&store).await;
    let begin = ExecutionChange::Started {
        started_ns: 5,
        root_span_id: span(1).span_id,
    };
    store
        .writer()
        .submit_acked(run.write(Op::Execution(begin)))
        .await
        .unwrap();
    let query = "SELECT status, started_ns, finished_ns, root_span_id, outputs, error_code, error_message, error_node_id, \
        worker_id FROM executions";
    let running = json!({
        "status": 1, "started_ns": 5, "finished_ns": null, "root_span_id": r"\x0000000000000001", "outputs": null,
        "error_code": null, "error_message": null, "error_node_id": null, "worker_id": "test"
    });
    assert_eq!(row(&database, query).await, running);
    let end = ExecutionChange::Finished {
        status: ExecutionStatus::Failed,
        finished_ns: 9,
        outputs: Some(r#"{"a":1}"#.to_owned()),
        error: Some(ExecutionFailure {
            code: "TIMEOUT".to_owned(),
            message: "too slow".to_owned(),
            node_id: Some("ask".to_owned()),
        }),
    };
    store
        .writer()
        .submit_acked(run.write(Op::Execution(end)))
        .await
        .unwrap();
    let over = json!({
        "status": 3, "started_ns": 5, "finished_ns": 9, "root_span_id": r"\x0000000000000001", "outputs": {"a": 1},
        "error_code": "TIMEOUT", "error_message": "too slow", "error_node_id": "ask", "worker_id": null
    });
    assert_eq!(row(&database, query).await, over);
    // A final status is final.
    store
        .writer()
        .submit_acked(run.write(finished(ExecutionStatus::Succeeded)))
        .await
        .unwrap();
    assert_eq!(row(&database, query).await, over);
}

#[tokio::test]
async fn a_finished_run_abandons_its_spans_and_forgets_what_is_private() {
    let database = TestDatabase::new().await;
    let store = database.store().await;
    let (run, other) = (NewRun::claimed(&store).await, NewRun::claimed(&store).await);
    for number in 1..=3 {
        store.writer().submit(run.write(started(span(number))));
        store.writer().submit(other.write(started(span(number))));
    }
    let third = testing::ended(3);
    let op = Op::SpanEnded {
        step: Some(step("three", &third)),
        span: Box::new(third),
    };
    store.writer().submit_acked(run.write(op)).await.unwrap();
    assert_eq!(rows(&database, "SELECT 1 FROM node_results").await.len(), 1);

    // All of it in one batch: an end, a start that never ends, a step, and the end of the run.
    store.writer().submit(run.write(started(span(4))));
    let second = testing::ended(2);
    let op = Op::SpanEnded {
        step: Some(step("two", &second)),
        span: Box::new(second),
    };
    store.writer().submit(run.write(op));
    store
        .writer()
        .submit_acked(run.write(finished(ExecutionStatus::Cancelled)))
        .await
        .unwrap();

    let spans = format!(
        "SELECT name, state, end_ns IS NULL AS endless FROM spans WHERE execution_id = '{}' ORDER BY span_id",
        run.execution_id
    );
    let state = |number: u32, state: SpanState| {
        let endless = state == SpanState::Abandoned;
        json!({"name": format!("span {number}"), "state": state as i16, "endless": endless})
    };
    let expected = [
        state(1, SpanState::Abandoned),
        state(2, SpanState::Ended),
        state(3, SpanState::Ended),
        state(4, SpanState::Abandoned),
    ];
    assert_eq!(rows(&database, &spans).await, expected);
    let left = row(
        &database,
        "SELECT (SELECT count(*) FROM node_results) AS steps, (SELECT count(*) FROM open_spans) AS open, \
         (SELECT count(*) FROM execution_payloads) AS payloads",
    )
    .await;
    assert_eq!(
        left,
        json!({"steps": 0, "open": 3, "payloads": 1}),
        "the other run's stay"
    );
    let rollup = format!(
        "SELECT span_count, open_count FROM execution_rollups WHERE execution_id = '{}'",
        run.execution_id
    );
    assert_eq!(
        row(&database, &rollup).await,
        json!({"span_count": 4, "open_count": 0})
    );

    // The end of an abandoned span comes after all.
    let late = store
        .writer()
        .submit_acked(run.write(ended(testing::ended(1))))
        .await
        .unwrap();
    let first = row(
        &database,
        "SELECT state, late_end, revision, end_ns FROM spans WHERE name = 'span 1'",
    )
    .await;
    assert_eq!(
        first,
        json!({"state": 1, "late_end": true, "revision": late.revision, "end_ns": 1_001_000})
    );
    assert_eq!(
        row(&database, &rollup).await,
        json!({"span_count": 4, "open_count": 0})
    );
}
