//! Order, company and back-pressure: what may be relied on however items arrive.

use std::collections::BTreeMap;

use orcheo_store::{
    ExecutionId, Op, Store, StoreSettings, Write, WriteError,
    models::executions::{Execution, ForeignTrace},
    testing::{self, NewRun, TestDatabase, span},
};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{ended, started};
use crate::{row, rows};

/// One thing that happens to one of a few spans, or the end of a batch.
#[derive(Debug, Clone, Copy)]
enum Event {
    Start(u32),
    End(u32),
    Progress(u32),
    Commit,
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let event = prop_oneof![
        (1..5_u32).prop_map(Event::Start),
        (1..5_u32).prop_map(Event::End),
        (1..5_u32).prop_map(Event::Progress),
        Just(Event::Commit),
    ];
    prop::collection::vec(event, 1..16)
}

/// A span ends once it has ended, and runs if it only started: whatever the order, repetition and batches.
fn expected(events: &[Event]) -> Value {
    let mut states = BTreeMap::new();
    for event in events {
        match event {
            Event::Start(number) => _ = states.entry(*number).or_insert(0),
            Event::End(number) => _ = states.insert(*number, 1),
            Event::Progress(_) | Event::Commit => {}
        }
    }
    let open = states.values().filter(|state| **state == 0).count();
    let spans: Vec<Value> = states
        .iter()
        .map(|(number, state)| json!({"name": format!("span {number}"), "state": state}))
        .collect();
    json!({"spans": spans, "count": states.len(), "open": open})
}

#[test]
fn the_final_rows_do_not_depend_on_order_repetition_or_batches() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (database, store) = runtime.block_on(async {
        let database = TestDatabase::new().await;
        let store = database.store().await;
        (database, store)
    });
    let config = ProptestConfig {
        cases: 64,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    proptest!(config, |(events in events())| {
        let found = runtime.block_on(async {
            let run = NewRun::claimed(&store).await;
            for event in &events {
                let op = match *event {
                    Event::Start(number) => started(span(number)),
                    Event::End(number) => ended(testing::ended(number)),
                    Event::Progress(number) => Op::Progress {
                        span_id: span(number).span_id,
                        attributes: r#"{"progress":1}"#.to_owned(),
                        usage: None,
                        first_token_ns: None,
                    },
                    Event::Commit => {
                        store.writer().barrier(run.execution_id).await.unwrap();
                        continue;
                    }
                };
                store.writer().submit(run.write(op));
            }
            store.writer().barrier(run.execution_id).await.unwrap();
            let id = run.execution_id;
            let query = format!(
                "SELECT coalesce((SELECT jsonb_agg(jsonb_build_object('name', name, 'state', state) ORDER BY name) FROM \
                 (SELECT name, state FROM spans WHERE execution_id = '{id}' UNION ALL \
                  SELECT name, state FROM open_spans WHERE execution_id = '{id}') s), '[]') AS spans, \
                 span_count AS count, open_count AS open FROM execution_rollups WHERE execution_id = '{id}'"
            );
            row(&database, &query).await
        });
        prop_assert_eq!(found, expected(&events));
    });
    drop(store);
    drop(database);
}

/// Executions of so many traces that another engine makes.
async fn adopted(store: &Store, count: usize) -> Vec<ExecutionId> {
    let trace = |_| ForeignTrace {
        trace_id: orcheo_store::TraceId::random(),
        workflow_id: None,
        thread_id: None,
        external_id: None,
        started_ns: 1,
    };
    let traces: Vec<_> = (0..count).map(trace).collect();
    let adopted = Execution::adopt(&mut store.write().await.unwrap(), "default", &traces)
        .await
        .unwrap();
    adopted.into_values().collect()
}

/// An item of an execution that no worker of ours runs.
fn foreign(execution_id: ExecutionId, op: Op) -> Write {
    Write {
        execution_id,
        lease_epoch: None,
        op,
    }
}

#[tokio::test]
async fn what_one_request_brings_is_one_commit_whatever_executions_it_is_of() {
    let database = TestDatabase::new().await;
    let store = database.store().await;
    let executions = adopted(&store, 16).await;
    let writes = |numbers: std::ops::Range<u32>| {
        let of_all = numbers.flat_map(|number| {
            let write = move |id: &ExecutionId| foreign(*id, ended(testing::ended(number)));
            executions.iter().map(write)
        });
        of_all.collect()
    };
    let commits = "SELECT count(DISTINCT xmin::text) AS commits, count(*) AS spans FROM spans";
    assert_eq!(store.writer().submit_all(writes(1..3)).await, []);
    assert_eq!(
        row(&database, commits).await,
        json!({"commits": 1, "spans": 32}),
        "by the statement"
    );
    assert_eq!(store.writer().submit_all(writes(3..10)).await, []);
    assert_eq!(
        row(&database, commits).await,
        json!({"commits": 2, "spans": 144}),
        "in bulk"
    );
    assert_eq!(store.writer().submit_all(Vec::new()).await, []);
}

#[tokio::test]
async fn each_item_that_is_refused_is_told_of_and_the_others_are_kept() {
    let database = TestDatabase::new().await;
    let store = database.store().await;
    let executions = adopted(&store, 2).await;
    let unknown = ExecutionId::new();
    let mut other = testing::ended(1);
    other.start_ns -= 1;
    let mut odd = testing::ended(3);
    odd.attributes = "no JSON".to_owned();
    let errors = store.writer().submit_all(vec![
        foreign(executions[0], ended(testing::ended(1))),
        foreign(executions[0], ended(other.clone())),
        foreign(unknown, ended(testing::ended(1))),
        foreign(executions[1], ended(odd)),
        foreign(executions[1], ended(testing::ended(2))),
    ]);
    let mut errors: Vec<_> = errors
        .await
        .iter()
        .map(|error| match error {
            WriteError::Refused { sqlstate, .. } => format!("refused with {sqlstate}"),
            error => error.to_string(),
        })
        .collect();
    errors.sort();
    let mut expected = [
        WriteError::Taken {
            span_id: other.span_id,
        }
        .to_string(),
        WriteError::UnknownExecution {
            execution_id: unknown,
        }
        .to_string(),
        "refused with 22P02".to_owned(),
    ];
    expected.sort();
    assert_eq!(errors, expected);
    let stored = row(&database, "SELECT count(*) FROM spans").await;
    assert_eq!(stored, json!({"count": 2}));
    store.shutdown().await;
    let late = vec![
        foreign(executions[0], ended(testing::ended(8))),
        foreign(executions[1], ended(testing::ended(9))),
    ];
    assert_eq!(
        store.writer().submit_all(late).await,
        [WriteError::ShutDown, WriteError::ShutDown]
    );
}

#[tokio::test]
async fn writers_of_several_processes_share_an_execution() {
    let database = TestDatabase::new().await;
    let stores = [
        database.store().await,
        database.store().await,
        database.store().await,
    ];
    let execution_id = adopted(&stores[0], 1).await[0];
    let mut acks = Vec::new();
    for round in 0..40_u32 {
        for number in round * 10..round * 10 + 10 {
            // Start and end race each other through different connections.
            for (store, op) in [
                (&stores[(number % 3) as usize], started(span(number))),
                (
                    &stores[(number % 2 + 1) as usize],
                    ended(testing::ended(number)),
                ),
            ] {
                acks.push(store.writer().submit_acked(foreign(execution_id, op)));
            }
        }
        tokio::task::yield_now().await;
    }
    for ack in acks {
        ack.await.unwrap();
    }
    let query = "SELECT span_count, open_count, (SELECT count(*) FROM open_spans) AS open, \
        (SELECT count(*) FROM spans WHERE state = 1) AS ended FROM execution_rollups";
    assert_eq!(
        row(&database, query).await,
        json!({"span_count": 400, "open_count": 0, "open": 0, "ended": 400})
    );
}

#[tokio::test]
async fn batches_that_name_the_same_executions_in_any_order_do_not_deadlock() {
    let database = TestDatabase::new().await;
    let stores = [database.store().await, database.store().await];
    let mut runs = Vec::new();
    for _ in 0..8 {
        runs.push(NewRun::claimed(&stores[0]).await);
    }
    let mut acks = Vec::new();
    for number in 0..30 {
        for (store, backwards) in stores.iter().zip([false, true]) {
            let mut order: Vec<_> = runs.iter().collect();
            if backwards {
                order.reverse();
            }
            for run in order {
                acks.push(
                    store
                        .writer()
                        .submit_acked(run.write(ended(testing::ended(number)))),
                );
            }
        }
    }
    for ack in acks {
        ack.await.unwrap();
    }
    let counts = rows(
        &database,
        "SELECT DISTINCT span_count FROM execution_rollups",
    )
    .await;
    assert_eq!(counts, [json!({"span_count": 30})]);
    let deadlocks = row(
        &database,
        "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()",
    )
    .await;
    assert_eq!(deadlocks, json!({"deadlocks": 0}));
}

#[tokio::test]
async fn items_that_wait_for_company_share_a_commit() {
    let database = TestDatabase::new().await;
    let store = database.store().await;
    let run = NewRun::claimed(&store).await;
    for number in 1..=10 {
        store.writer().submit(run.write(started(span(number))));
    }
    let end = store
        .writer()
        .submit_acked(run.write(ended(testing::ended(1))))
        .await
        .unwrap();
    let revisions = rows(
        &database,
        "SELECT DISTINCT revision FROM (SELECT revision FROM spans UNION ALL SELECT revision FROM open_spans) s",
    )
    .await;
    assert_eq!(revisions, [json!({"revision": end.revision})]);
}

#[tokio::test]
async fn shutdown_writes_all_that_was_submitted_and_refuses_the_rest() {
    let database = TestDatabase::new().await;
    let store = database.store().await;
    let run = NewRun::claimed(&store).await;
    for number in 0..5_000 {
        store
            .writer()
            .submit(run.write(ended(testing::ended(number))));
    }
    store.shutdown().await;
    assert_eq!(
        row(&database, "SELECT count(*) FROM spans").await,
        json!({"count": 5_000})
    );
    let late = store
        .writer()
        .submit_acked(run.write(started(span(1))))
        .await;
    assert_eq!(late, Err(WriteError::ShutDown));
    store.shutdown().await;
}

#[tokio::test]
async fn producers_wait_while_too_much_is_queued() {
    let database = TestDatabase::new().await;
    let mut settings: StoreSettings = database.settings();
    settings.writer.queue_items = 10;
    let store = orcheo_store::Store::connect(settings).await.unwrap();
    let run = NewRun::claimed(&store).await;
    store.writer().ready().await;
    database.go_away().await;
    // The writer takes the first ones with it into its attempts, and then no more.
    let taken = store.writer().submit_acked(run.write(started(span(0))));
    tokio::task::yield_now().await;
    for number in 1..=10 {
        store.writer().submit(run.write(started(span(number))));
    }
    {
        let mut ready = std::pin::pin!(store.writer().ready());
        assert!(futures::poll!(&mut ready).is_pending());
        database.come_back().await;
        ready.await;
    }
    taken.await.unwrap();
    store.shutdown().await;
    assert_eq!(rows(&database, "SELECT 1 FROM open_spans").await.len(), 11);
}
