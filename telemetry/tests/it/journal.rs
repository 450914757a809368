//! Journal records: one commit with the end of their span, in order, and never lost silently.

use opentelemetry::Context;
use opentelemetry::trace::TraceContextExt;
use orcheo_store::models::node_results::NodeResult;
use orcheo_store::testing::NewRun;
use orcheo_store::{SpanState, StepRecord, WriteError};
use orcheo_telemetry::RecordError;

use crate::traced::{Traced, registration, span_id};

fn step(context: &Context, path: &str) -> StepRecord {
    StepRecord {
        node_path: path.to_owned(),
        iteration: 1,
        span_id: span_id(context),
        result: "{\"raw\":true}".to_owned(),
    }
}

async fn journal(traced: &Traced) -> Vec<NodeResult> {
    NodeResult::finished(
        &mut traced.store.read().await.unwrap(),
        traced.run.execution_id,
    )
    .await
    .unwrap()
}

#[tokio::test]
async fn a_record_is_in_the_commit_of_its_span_s_end() {
    let traced = Traced::new().await;
    let root = traced.root("root", Vec::new());
    let node = traced.open(&root, "fetch", Vec::new());

    let recorded = traced.handle.record(step(&node, "fetch"));
    traced.settled().await;
    assert!(journal(&traced).await.is_empty(), "it waits for the end");

    node.span().end();
    let committed = recorded.await.unwrap();
    let journal = journal(&traced).await;
    let span = traced.span(&node).await;
    assert_eq!(journal.len(), 1);
    assert_eq!(
        (journal[0].node_path.as_str(), journal[0].result.as_str()),
        ("fetch", "{\"raw\":true}")
    );
    assert_eq!(
        (journal[0].revision, span.revision, span.state),
        (committed.revision, committed.revision, SpanState::Ended)
    );
}

#[tokio::test]
async fn a_record_whose_future_is_dropped_is_kept() {
    let traced = Traced::new().await;
    let root = traced.root("root", Vec::new());
    drop(traced.handle.record(step(&root, "root")));
    root.span().end();
    traced.settled().await;
    assert_eq!(journal(&traced).await.len(), 1);
}

#[tokio::test]
async fn records_come_back_in_the_order_in_which_the_steps_finished() {
    let traced = Traced::new().await;
    let root = traced.root("root", Vec::new());
    let mut last = None;
    for number in (0..20).rev() {
        let node = traced.open(&root, "step", Vec::new());
        last = Some(
            traced
                .handle
                .record(step(&node, &format!("step{number:02}"))),
        );
        node.span().end();
    }
    last.unwrap().await.unwrap();
    let mut revisions: Vec<_> = journal(&traced)
        .await
        .into_iter()
        .map(|row| (row.node_path, row.revision))
        .collect();
    revisions.sort();
    // The later the name, the earlier it was recorded.
    assert!(
        revisions.windows(2).all(|pair| pair[0].1 >= pair[1].1),
        "{revisions:?}"
    );
    assert_eq!(revisions.len(), 20);
}

#[tokio::test]
async fn a_record_of_a_span_that_is_not_running_is_refused() {
    let traced = Traced::new().await;
    let root = traced.root("root", Vec::new());
    root.span().end();
    let refused = traced.handle.record(step(&root, "root")).await;
    assert_eq!(
        refused,
        Err(RecordError::NoSuchSpan {
            span_id: span_id(&root)
        })
    );
}

#[tokio::test]
async fn a_record_that_waits_when_the_run_is_left_is_told_so() {
    let traced = Traced::new().await;
    let root = traced.root("root", Vec::new());
    let recorded = traced.handle.record(step(&root, "root"));
    let id = span_id(&root);
    drop(traced.handle);
    assert_eq!(recorded.await, Err(RecordError::NoSuchSpan { span_id: id }));
}

#[tokio::test]
async fn a_worker_that_lost_its_lease_is_told_at_its_next_record() {
    let traced = Traced::new().await;
    let stale = NewRun {
        lease_epoch: traced.run.lease_epoch - 1,
        ..traced.run
    };
    let handle = traced.telemetry.register(registration(&stale));
    let root = traced.open(&handle.context(&Context::new()), "root", Vec::new());
    let recorded = handle.record(step(&root, "root"));
    root.span().end();
    let execution_id = traced.run.execution_id;
    assert_eq!(
        recorded.await,
        Err(RecordError::Write(WriteError::LeaseLost { execution_id }))
    );
    assert!(journal(&traced).await.is_empty());
}

#[tokio::test]
async fn a_barrier_comes_after_all_before_it() {
    let traced = Traced::new().await;
    let root = traced.root("root", Vec::new());
    let nodes: Vec<Context> = (0..50)
        .map(|_| traced.open(&root, "node", Vec::new()))
        .collect();
    nodes.iter().for_each(|node| node.span().end());
    traced.handle.barrier().await.unwrap();
    let mut connection = traced.store.read().await.unwrap();
    let parts = orcheo_store::models::spans::SpanParts::default();
    let spans = orcheo_store::models::spans::changed_after(
        &mut connection,
        traced.run.execution_id,
        0,
        1000,
        parts,
    )
    .await
    .unwrap();
    assert_eq!(
        spans
            .iter()
            .filter(|span| span.state == SpanState::Ended)
            .count(),
        50
    );
}
