//! The change feed.

use orcheo_store::{
    Change, ChangeKind, TraceId,
    changes::Subscription,
    models::executions::{Execution, ForeignTrace},
    testing::{self, NewRun, TestDatabase, new_execution},
};

/// The next change of an execution: what the tests' own traffic says of others is passed over, a resync is not.
async fn next(changes: &mut Subscription) -> Change {
    let next = tokio::time::timeout(std::time::Duration::from_secs(30), changes.recv());
    next.await
        .expect("a change in time")
        .expect("the feed goes on")
}

/// Subscribes, and waits until the feed listens.
async fn listening(store: &orcheo_store::Store, database: &TestDatabase) -> Subscription {
    let mut changes = store.changes().subscribe();
    // Whether the resync of the first connection came before or comes after, one of these is seen.
    let execution =
        Execution::enqueue(&mut database.connection().await, "default", new_execution())
            .await
            .unwrap();
    loop {
        match next(&mut changes).await {
            Change::Execution { id, .. } if id == execution.execution_id => return changes,
            Change::Resync => {
                let mut connection = database.connection().await;
                Execution::request_cancel(&mut connection, execution.execution_id)
                    .await
                    .unwrap();
            }
            Change::Execution { .. } => {}
        }
    }
}

#[tokio::test]
async fn every_process_hears_of_what_happens_to_an_execution() {
    let database = TestDatabase::new().await;
    let (store, other) = (database.store().await, database.store().await);
    let mut changes = listening(&other, &database).await;
    let run = NewRun::claimed(&store).await;
    let commit = store
        .writer()
        .submit_acked(run.write(super::writer::ended(testing::ended(1))))
        .await
        .unwrap();
    let mut connection = store.write().await.unwrap();
    Execution::request_cancel(&mut connection, run.execution_id)
        .await
        .unwrap();
    Execution::delete(&mut connection, run.execution_id)
        .await
        .unwrap();
    let mut heard = Vec::new();
    while heard
        .last()
        .is_none_or(|(kind, _)| *kind != ChangeKind::Deleted)
    {
        if let Change::Execution { id, revision, kind } = next(&mut changes).await
            && id == run.execution_id
        {
            heard.push((kind, revision));
        }
    }
    let expected = [
        (ChangeKind::Created, 1),
        (ChangeKind::Changed, commit.revision),
        (ChangeKind::CancelRequested, commit.revision),
        (ChangeKind::Deleted, commit.revision),
    ];
    assert_eq!(heard, expected);
}

#[tokio::test]
async fn a_trace_of_another_engine_is_told_apart_from_a_run_that_waits_for_a_worker() {
    let database = TestDatabase::new().await;
    let store = database.store().await;
    let mut changes = listening(&store, &database).await;
    let trace = ForeignTrace {
        trace_id: TraceId::random(),
        workflow_id: None,
        thread_id: None,
        external_id: None,
        started_ns: 1,
    };
    let mut connection = store.write().await.unwrap();
    // What is known already is told by nothing.
    for expected in [
        &[ChangeKind::Adopted, ChangeKind::Created][..],
        &[ChangeKind::Created],
    ] {
        let ids = Execution::adopt(&mut connection, "default", std::slice::from_ref(&trace))
            .await
            .unwrap();
        let adopted = ids[&trace.trace_id];
        let queued = Execution::enqueue(&mut connection, "default", new_execution())
            .await
            .unwrap();
        let mut heard = Vec::new();
        while heard.last() != Some(&ChangeKind::Created) {
            if let Change::Execution { id, kind, .. } = next(&mut changes).await
                && [adopted, queued.execution_id].contains(&id)
            {
                heard.push(kind);
            }
        }
        assert_eq!(heard, expected);
    }
}

#[tokio::test]
async fn a_batch_of_many_executions_is_told_in_full() {
    let database = TestDatabase::new().await;
    let store = database.store().await;
    let mut changes = listening(&store, &database).await;
    let mut runs = Vec::new();
    for _ in 0..250 {
        runs.push(NewRun::claimed(&store).await);
    }
    for run in &runs {
        store
            .writer()
            .submit(run.write(super::writer::ended(testing::ended(1))));
    }
    let mut waiting: std::collections::HashSet<_> =
        runs.iter().map(|run| run.execution_id).collect();
    while !waiting.is_empty() {
        if let Change::Execution {
            id,
            kind: ChangeKind::Changed,
            ..
        } = next(&mut changes).await
        {
            waiting.remove(&id);
        }
    }
}

#[tokio::test]
async fn a_lost_connection_is_followed_by_a_resync_and_the_feed_goes_on() {
    let database = TestDatabase::new().await;
    let store = database.store().await;
    let mut changes = listening(&store, &database).await;
    for _ in 0..3 {
        database.terminate_connections().await;
        while next(&mut changes).await != Change::Resync {}
        let queued =
            Execution::enqueue(&mut database.connection().await, "default", new_execution())
                .await
                .unwrap();
        let created = Change::Execution {
            id: queued.execution_id,
            revision: 1,
            kind: ChangeKind::Created,
        };
        while next(&mut changes).await != created {}
    }
}

#[tokio::test]
async fn a_subscriber_that_falls_behind_is_told_to_resync() {
    let database = TestDatabase::new().await;
    let store = database.store().await;
    let mut changes = listening(&store, &database).await;
    let mut other = store.changes().subscribe();
    NewRun::claimed(&store).await;
    for first in [1_000, 2_000, 3_000, 4_000, 5_000] {
        crate::run_sql(
            &database,
            &format!(
                "SELECT pg_notify('orcheo_executions', 'U' || execution_id || ':' || n) \
                 FROM execution_rollups, generate_series({first}, {first} + 999) n"
            ),
        )
        .await;
        // The other subscriber keeps up: when it has seen the last, the feed has forwarded all.
        while !matches!(next(&mut other).await, Change::Execution { revision, .. } if revision == first + 999)
        {
        }
    }
    assert_eq!(next(&mut changes).await, Change::Resync);
}

#[tokio::test]
async fn the_feed_ends_with_the_store() {
    let database = TestDatabase::new().await;
    let store = database.store().await;
    let mut changes = store.changes().subscribe();
    store.shutdown().await;
    while changes.recv().await.is_some() {}
}
