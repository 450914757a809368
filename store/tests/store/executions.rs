//! Executions: the queue, leases, cancelling, deleting, and how they are found.

use std::time::Duration;

use futures::{StreamExt, future::join_all, stream};
use orcheo_store::{
    ArtifactRecord, ExecutionChange, ExecutionStatus, JsonText, Naming, Op, SpanId, SpanState,
    StepRecord, Store, TraceId, WriteError,
    models::{
        executions::{Claim, Claimable, Deleted, Execution, ForeignTrace, Held, NewExecution},
        node_results::NodeResult,
        spans::{self, SpanParts},
    },
    testing::{self, NewRun, TestDatabase, new_execution, span},
};
use serde_json::json;
use uuid::Uuid;

use crate::{row, rows, run_sql};

const LEASE: Duration = Duration::from_secs(60);

async fn enqueue(store: &Store, new: NewExecution) -> Execution {
    Execution::enqueue(&mut store.write().await.unwrap(), "default", new)
        .await
        .unwrap()
}

async fn claim(store: &Store, worker: &str, claimable: Claimable, limit: i64) -> Vec<Claim> {
    let mut connection = store.write().await.unwrap();
    Execution::claim(&mut connection, "default", worker, LEASE, claimable, limit)
        .await
        .unwrap()
}

#[tokio::test]
async fn a_queued_execution_is_claimed_with_what_it_needs() {
    let database = TestDatabase::new().await;
    let store = database.store().await;
    let new = NewExecution {
        inputs: JsonText(r#"{"key":"[REDACTED:key]"}"#.to_owned()),
        private_inputs: JsonText(r#"{"key":"raw"}"#.to_owned()),
        config: Some(JsonText("{}".to_owned())),
        thread_id: Some("thread".to_owned()),
        traceparent: Some("00-…".to_owned()),
        ..new_execution()
    };
    let queued = enqueue(&store, new).await;
    assert_eq!(queued.status, ExecutionStatus::Queued);
    assert_eq!(
        queued.inputs.as_ref().unwrap().as_str(),
        r#"{"key":"[REDACTED:key]"}"#
    );
    let claims = claim(&store, "worker", Claimable::Queued, 10).await;
    assert_eq!(claims.len(), 1);
    assert_eq!(claims[0].execution.execution_id, queued.execution_id);
    assert_eq!(claims[0].payload.inputs.as_str(), r#"{"key":"raw"}"#);
    assert_eq!(claims[0].payload.traceparent.as_deref(), Some("00-…"));
    assert_eq!(claims[0].lease_epoch, 1);
    assert!(
        claim(&store, "another", Claimable::Queued, 10)
            .await
            .is_empty(),
        "it is taken"
    );
    assert!(
        claim(&store, "another", Claimable::Expired, 10)
            .await
            .is_empty(),
        "and its lease runs"
    );
}

#[tokio::test]
async fn no_execution_is_claimed_twice() {
    let database = TestDatabase::new().await;
    let store = database.store().await;
    for _ in 0..30 {
        enqueue(&store, new_execution()).await;
    }
    let workers = (0..6).map(|worker| {
        let store = &store;
        async move {
            let worker = worker.to_string();
            let claims: Vec<Claim> = stream::iter(0..10)
                .then(|_| claim(store, &worker, Claimable::Queued, 2))
                .flat_map(stream::iter)
                .collect()
                .await;
            claims
                .into_iter()
                .map(|claim| claim.execution.execution_id)
                .collect::<Vec<_>>()
        }
    });
    let mut claimed = join_all(workers).await.concat();
    assert_eq!(claimed.len(), 30);
    claimed.sort();
    claimed.dedup();
    assert_eq!(claimed.len(), 30);
}

#[tokio::test]
async fn the_oldest_is_claimed_first() {
    let database = TestDatabase::new().await;
    let store = database.store().await;
    let mut queued = Vec::new();
    for _ in 0..3 {
        queued.push(enqueue(&store, new_execution()).await.execution_id);
    }
    for oldest in queued {
        let claims = claim(&store, "worker", Claimable::Queued, 1).await;
        assert_eq!(claims[0].execution.execution_id, oldest);
    }
}

#[tokio::test]
async fn a_heartbeat_renews_only_what_is_held() {
    let database = TestDatabase::new().await;
    let store = database.store().await;
    let (kept, lost, done) = (
        NewRun::claimed(&store).await,
        NewRun::claimed(&store).await,
        NewRun::claimed(&store).await,
    );
    run_sql(
        &database,
        &format!(
            "UPDATE executions SET worker_id = 'thief' WHERE execution_id = '{}'",
            lost.execution_id
        ),
    )
    .await;
    let end = super::writer::finished(ExecutionStatus::Succeeded);
    store.writer().submit_acked(done.write(end)).await.unwrap();
    run_sql(&database, "UPDATE executions SET lease_expires_at = now()").await;
    let ids = [kept, lost, done].map(|run| run.execution_id);
    let mut connection = store.write().await.unwrap();
    let held = Execution::heartbeat(&mut connection, "test", LEASE, &ids)
        .await
        .unwrap();
    assert_eq!(
        held,
        [Held {
            execution_id: kept.execution_id,
            cancel_requested: false
        }]
    );
    let renewed = rows(
        &database,
        "SELECT execution_id FROM executions WHERE lease_expires_at > now()",
    )
    .await;
    assert_eq!(
        renewed,
        [json!({"execution_id": kept.execution_id.to_string()})]
    );

    Execution::request_cancel(&mut connection, kept.execution_id)
        .await
        .unwrap()
        .unwrap();
    let held = Execution::heartbeat(&mut connection, "test", LEASE, &ids)
        .await
        .unwrap();
    assert_eq!(
        held,
        [Held {
            execution_id: kept.execution_id,
            cancel_requested: true
        }]
    );
}

fn started(span_id: SpanId) -> Op {
    Op::Execution(ExecutionChange::Started {
        started_ns: 1,
        root_span_id: span_id,
    })
}

/// A run with a root that is open and a step that is done.
async fn begin(store: &Store, run: &NewRun) {
    let (root, step) = (span(1), testing::ended(2));
    let record = StepRecord {
        node_path: "step".to_owned(),
        iteration: 1,
        span_id: step.span_id,
        result: "1".to_owned(),
    };
    for op in [
        started(root.span_id),
        Op::SpanStarted(Box::new(root)),
        Op::SpanEnded {
            span: Box::new(step),
            step: Some(record),
        },
    ] {
        store.writer().submit(run.write(op));
    }
    store.writer().barrier(run.execution_id).await.unwrap();
}

/// How the spans of a run stand: of [`begin`], the root and the step.
async fn states(store: &Store, run: &NewRun) -> Vec<(SpanId, SpanState)> {
    let mut connection = store.read().await.unwrap();
    let all = spans::changed_after(&mut connection, run.execution_id, 0, 10, SpanParts::ALL);
    let mut states: Vec<_> = all
        .await
        .unwrap()
        .iter()
        .map(|span| (span.span_id, span.state))
        .collect();
    states.sort();
    states
}

#[tokio::test]
async fn a_run_that_is_handed_back_waits_for_another_worker_with_its_journal() {
    let database = TestDatabase::new().await;
    let store = database.store().await;
    let (begun, idle) = (NewRun::claimed(&store).await, NewRun::claimed(&store).await);
    begin(&store, &begun).await;
    for run in [&begun, &idle] {
        let handed_back = run.write(Op::Execution(ExecutionChange::HandedBack));
        store.writer().submit_acked(handed_back).await.unwrap();
    }
    assert_eq!(
        states(&store, &begun).await,
        [
            (span(1).span_id, SpanState::Abandoned),
            (span(2).span_id, SpanState::Ended)
        ],
    );
    let claims = claim(&store, "another", Claimable::Queued, 10).await;
    assert_eq!(claims.len(), 2);
    for claim in &claims {
        assert_eq!(claim.execution.status, ExecutionStatus::Queued);
    }
    let journal = NodeResult::finished(&mut store.read().await.unwrap(), begun.execution_id)
        .await
        .unwrap();
    assert_eq!(journal.len(), 1);
    let late = begun.write(Op::SpanStarted(Box::new(span(3))));
    assert!(matches!(
        store.writer().submit_acked(late).await,
        Err(WriteError::LeaseLost { .. })
    ));
}

#[tokio::test]
async fn a_worker_that_takes_a_run_over_abandons_what_the_one_before_left_open() {
    let database = TestDatabase::new().await;
    let store = database.store().await;
    let run = NewRun::claimed(&store).await;
    begin(&store, &run).await;
    let new_root = span(3);
    store.writer().submit(run.write(started(new_root.span_id)));
    let opened = run.write(Op::SpanStarted(Box::new(new_root.clone())));
    store.writer().submit_acked(opened).await.unwrap();
    assert_eq!(
        states(&store, &run).await,
        [
            (span(1).span_id, SpanState::Abandoned),
            (span(2).span_id, SpanState::Ended),
            (new_root.span_id, SpanState::Running),
        ],
    );
    let mut connection = store.read().await.unwrap();
    let execution = Execution::get(&mut connection, run.execution_id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (execution.status, execution.root_span_id),
        (ExecutionStatus::Running, Some(new_root.span_id))
    );
}

#[tokio::test]
async fn a_queued_execution_is_cancelled_at_once_and_a_running_one_by_its_worker() {
    let database = TestDatabase::new().await;
    let store = database.store().await;
    let running = NewRun::claimed(&store).await;
    let queued = enqueue(&store, new_execution()).await;
    let mut connection = store.write().await.unwrap();
    let cancelled = Execution::request_cancel(&mut connection, queued.execution_id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(cancelled.status, ExecutionStatus::Cancelled);
    assert!(cancelled.finished_ns.is_some());
    assert!(
        claim(&store, "worker", Claimable::Queued, 10)
            .await
            .is_empty()
    );
    let again = Execution::request_cancel(&mut connection, queued.execution_id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(again, cancelled);

    let asked = Execution::request_cancel(&mut connection, running.execution_id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        asked.status,
        ExecutionStatus::Queued,
        "claimed, not begun: its worker's"
    );
    assert!(asked.cancel_requested_ns.is_some());
    let again = Execution::request_cancel(&mut connection, running.execution_id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        again.cancel_requested_ns, asked.cancel_requested_ns,
        "asked once"
    );
    let unknown = orcheo_store::ExecutionId::new();
    assert_eq!(
        Execution::request_cancel(&mut connection, unknown)
            .await
            .unwrap(),
        None
    );
}

#[tokio::test]
async fn deleting_leaves_nothing_of_the_execution_and_all_of_the_others() {
    let database = TestDatabase::new().await;
    let store = database.store().await;
    let tables = [
        "executions",
        "execution_keys",
        "execution_rollups",
        "execution_payloads",
        "spans",
        "open_spans",
        "span_logs",
        "span_contents",
        "token_usage",
        "artifacts",
        "node_results",
    ];
    let mut runs = Vec::new();
    for _ in 0..2 {
        let new = NewExecution {
            external_id: Some("same".to_owned()),
            ..new_execution()
        };
        let queued = enqueue(&store, new).await;
        let claim = claim(&store, "test", Claimable::Queued, 1).await.remove(0);
        let run = NewRun {
            execution_id: queued.execution_id,
            trace_id: queued.trace_id,
            lease_epoch: claim.lease_epoch,
        };
        let mut end = testing::ended(1);
        end.input = Some(format!("\"{}\"", "x".repeat(5_000)));
        end.usage = Some(testing::usage(1, 1));
        let log = orcheo_store::SpanLogRecord {
            span_id: end.span_id,
            time_ns: 1,
            severity: 0,
            name: None,
            body: None,
            attributes: "{}".to_owned(),
            input: None,
            output: None,
        };
        let artifact = ArtifactRecord {
            artifact_id: Uuid::now_v7(),
            span_id: end.span_id,
            name: "a".to_owned(),
            media_type: "text/plain".to_owned(),
            size_bytes: 1,
            sha256: [0; 32],
            location: format!("{}/artifact", queued.execution_id),
            created_ns: 1,
        };
        let step = orcheo_store::StepRecord {
            node_path: "a".to_owned(),
            iteration: 0,
            span_id: end.span_id,
            result: "1".to_owned(),
        };
        let ops = [
            Op::SpanStarted(Box::new(span(2))),
            Op::SpanEnded {
                span: Box::new(end),
                step: Some(step),
            },
            Op::SpanLog(log),
            Op::Artifact(artifact),
        ];
        for op in ops {
            store.writer().submit_acked(run.write(op)).await.unwrap();
        }
        runs.push(run);
    }
    let mut before = Vec::new();
    for table in tables {
        let count = rows(&database, &format!("SELECT 1 FROM {table}"))
            .await
            .len();
        assert!(count >= 2 && count % 2 == 0, "{table}: {count}");
        before.push(count);
    }
    let mut connection = store.write().await.unwrap();
    let newest = Execution::id_of_external(&mut connection, "default", "same")
        .await
        .unwrap();
    assert_eq!(newest, Some(runs[1].execution_id), "the newest wins");

    let deleted = Execution::delete(&mut connection, runs[1].execution_id)
        .await
        .unwrap();
    assert_eq!(
        deleted,
        Some(Deleted {
            blobs: vec![format!("{}/artifact", runs[1].execution_id)]
        })
    );
    for (table, before) in tables.into_iter().zip(before) {
        let left = rows(&database, &format!("SELECT execution_id FROM {table}")).await;
        assert_eq!(left.len(), before / 2, "{table}");
        for row in left {
            assert_eq!(
                row["execution_id"],
                runs[0].execution_id.to_string(),
                "{table}"
            );
        }
    }
    assert_eq!(
        Execution::delete(&mut connection, runs[1].execution_id)
            .await
            .unwrap(),
        None
    );
    let left = Execution::id_of_external(&mut connection, "default", "same")
        .await
        .unwrap();
    assert_eq!(left, Some(runs[0].execution_id));
}

#[tokio::test]
async fn a_callers_trace_id_is_adopted_once() {
    let database = TestDatabase::new().await;
    let store = database.store().await;
    let trace_id = TraceId::random();
    let new = || NewExecution {
        trace_id: Some(trace_id),
        ..new_execution()
    };
    let first = enqueue(&store, new()).await;
    let second = enqueue(&store, new()).await;
    assert_eq!(first.trace_id, trace_id);
    assert_ne!(second.trace_id, trace_id);
    let mut connection = store.write().await.unwrap();
    for execution in [first, second] {
        let found = Execution::id_of_trace(&mut connection, "default", execution.trace_id)
            .await
            .unwrap();
        assert_eq!(found, Some(execution.execution_id));
    }
}

#[tokio::test]
async fn processes_that_see_a_foreign_trace_at_once_agree_on_its_execution() {
    let database = TestDatabase::new().await;
    let store = database.store().await;
    let naming = |text: &str| Naming {
        rank: 0,
        since_ns: 1,
        text: text.to_owned(),
    };
    let trace = ForeignTrace {
        trace_id: TraceId::random(),
        workflow_id: Some(naming("theirs")),
        thread_id: None,
        external_id: Some(naming("run-1")),
        started_ns: 1,
    };
    let adopted = (0..8).map(|_| async {
        let mut connection = database.connection().await;
        let traces = [trace.clone()];
        Execution::adopt(&mut connection, "default", &traces)
            .await
            .unwrap()[&trace.trace_id]
    });
    let ids = join_all(adopted).await;
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    let execution = row(
        &database,
        "SELECT status, worker_id, external_id FROM executions",
    )
    .await;
    assert_eq!(
        execution,
        json!({"status": 1, "worker_id": null, "external_id": "run-1"})
    );
    assert!(
        claim(&store, "worker", Claimable::Expired, 10)
            .await
            .is_empty(),
        "no worker of ours runs it"
    );
}

#[tokio::test]
async fn finished_steps_are_read_in_the_order_in_which_they_finished() {
    let database = TestDatabase::new().await;
    let store = database.store().await;
    let run = NewRun::claimed(&store).await;
    for (number, path) in [(1, "z"), (2, "a"), (3, "m")] {
        let span = testing::ended(number);
        let step = super::writer::step(path, &span);
        store
            .writer()
            .submit_acked(run.write(Op::SpanEnded {
                span: Box::new(span),
                step: Some(step),
            }))
            .await
            .unwrap();
    }
    let steps = NodeResult::finished(&mut store.read().await.unwrap(), run.execution_id)
        .await
        .unwrap();
    let paths: Vec<_> = steps.iter().map(|step| step.node_path.as_str()).collect();
    assert_eq!(paths, ["z", "a", "m"]);
    assert_eq!(steps[0].result.as_str(), r#"{"secret":"raw"}"#);
}
