//! What goes wrong: PostgreSQL away, data it refuses, leases lost, partitions missing.

use orcheo_store::{
    ExecutionId, Op, Store, Write, WriteError,
    models::executions::{Claimable, Execution},
    testing::{self, NewRun, TestDatabase, span},
};
use serde_json::json;
use uuid::{ContextV7, Timestamp, Uuid};

use super::{ended, started, step};
use crate::{row, rows, run_sql};

#[tokio::test]
async fn what_is_submitted_while_postgresql_is_away_is_committed_when_it_is_back() {
    let database = TestDatabase::new().await;
    let store = database.store().await;
    let run = NewRun::claimed(&store).await;
    store
        .writer()
        .submit_acked(run.write(started(span(1))))
        .await
        .unwrap();
    database.go_away().await;
    let mut acks: Vec<_> = (1..=100)
        .map(|number| {
            store
                .writer()
                .submit_acked(run.write(ended(testing::ended(number))))
        })
        .collect();
    assert!(futures::poll!(&mut acks[0]).is_pending());
    database.come_back().await;
    let mut revision = 0;
    for ack in acks {
        let committed = ack.await.unwrap();
        assert!(committed.revision >= revision, "in the order of submission");
        revision = committed.revision;
    }
    let counts = row(
        &database,
        "SELECT span_count, open_count FROM execution_rollups",
    )
    .await;
    assert_eq!(counts, json!({"span_count": 100, "open_count": 0}));
}

#[tokio::test]
async fn connections_that_break_in_the_middle_lose_and_double_nothing() {
    let database = TestDatabase::new().await;
    let store = database.store().await;
    let run = NewRun::claimed(&store).await;
    let mut numbers = 1..;
    for _ in 0..20 {
        let acks: Vec<_> = numbers
            .by_ref()
            .take(20)
            .flat_map(|number| {
                let mut end = testing::ended(number);
                end.usage = Some(testing::usage(1, 1));
                let step = Some(step(&format!("node-{number}"), &end));
                let end = Op::SpanEnded {
                    span: Box::new(end),
                    step,
                };
                [started(span(number)), end].map(|op| store.writer().submit_acked(run.write(op)))
            })
            .collect();
        // At any moment: before the statement, in it, or between its commit and its answer.
        database.terminate_connections().await;
        for ack in acks {
            ack.await.unwrap();
        }
    }
    let counts = row(
        &database,
        "SELECT span_count, open_count, input_tokens, (SELECT count(*) FROM spans) AS spans, \
         (SELECT count(*) FROM node_results) AS steps, (SELECT count(*) FROM open_spans) AS open FROM execution_rollups",
    )
    .await;
    let expected = json!({
        "span_count": 400, "open_count": 0, "input_tokens": 400, "spans": 400, "steps": 400, "open": 0
    });
    assert_eq!(counts, expected);
}

#[tokio::test]
async fn only_the_span_whose_data_is_refused_is_rejected() {
    let database = TestDatabase::new().await;
    let store = database.store().await;
    let (run, other) = (NewRun::claimed(&store).await, NewRun::claimed(&store).await);
    let acks: Vec<_> = (1..=40)
        .map(|number| {
            let mut span = testing::ended(number);
            match number {
                13 => span.attributes = "{not json".to_owned(),
                29 => span.attributes = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000)),
                _ => {}
            }
            let run = if number % 2 == 0 { run } else { other };
            (number, store.writer().submit_acked(run.write(ended(span))))
        })
        .collect();
    for (number, ack) in acks {
        let sqlstate = match ack.await {
            Ok(_) => None,
            Err(WriteError::Refused { sqlstate, .. }) => Some(sqlstate),
            Err(error) => panic!("{error}"),
        };
        let expected = match number {
            13 => Some("22P02"),
            29 => Some("54001"),
            _ => None,
        };
        assert_eq!(sqlstate.as_deref(), expected, "span {number}");
    }
    assert_eq!(rows(&database, "SELECT 1 FROM spans").await.len(), 38);
    let counted = row(
        &database,
        "SELECT sum(span_count) AS sum FROM execution_rollups",
    )
    .await;
    assert_eq!(counted, json!({"sum": 38}));
}

#[tokio::test]
async fn characters_that_postgresql_cannot_hold_are_replaced() {
    let database = TestDatabase::new().await;
    let store = database.store().await;
    let run = NewRun::claimed(&store).await;
    let mut odd = testing::ended(1);
    odd.name = "a\0b".to_owned();
    odd.attributes = r#"{"nul":"\u0000","lone":"\ud800","pair":"\ud83d\ude00"}"#.to_owned();
    store
        .writer()
        .submit_acked(run.write(ended(odd)))
        .await
        .unwrap();
    let stored = row(
        &database,
        "SELECT name, attributes->>'nul' AS nul, attributes->>'lone' AS lone, attributes->>'pair' AS pair FROM spans",
    )
    .await;
    let expected =
        json!({"name": "a\u{fffd}b", "nul": "\u{fffd}", "lone": "\u{fffd}", "pair": "😀"});
    assert_eq!(stored, expected);
}

async fn steal(database: &TestDatabase, store: &Store, run: NewRun) -> NewRun {
    let expire = format!(
        "lease_expires_at = now() - interval '1 second' WHERE execution_id = '{}'",
        run.execution_id
    );
    run_sql(database, &format!("UPDATE executions SET {expire}")).await;
    let mut connection = store.write().await.unwrap();
    let lease = std::time::Duration::from_secs(60);
    let claims = Execution::claim(
        &mut connection,
        "default",
        "thief",
        lease,
        Claimable::Expired,
        10,
    )
    .await
    .unwrap();
    assert_eq!(claims.len(), 1);
    NewRun {
        lease_epoch: claims[0].lease_epoch,
        ..run
    }
}

#[tokio::test]
async fn a_worker_that_lost_its_lease_writes_nothing_more() {
    let database = TestDatabase::new().await;
    let store = database.store().await;
    let (run, other) = (NewRun::claimed(&store).await, NewRun::claimed(&store).await);
    let thief = steal(&database, &store, run).await;
    let writer = store.writer();
    // One batch: the stale worker's, another run's, and the new worker's.
    let stale = writer.submit_acked(run.write(ended(testing::ended(1))));
    let well = writer.submit_acked(other.write(ended(testing::ended(2))));
    let new = writer.submit_acked(thief.write(ended(testing::ended(3))));
    let barrier = writer.barrier(run.execution_id);
    assert_eq!(
        stale.await,
        Err(WriteError::LeaseLost {
            execution_id: run.execution_id
        })
    );
    well.await.unwrap();
    new.await.unwrap();
    barrier.await.unwrap();
    let names = rows(&database, "SELECT name FROM spans ORDER BY name").await;
    assert_eq!(
        names,
        [json!({"name": "span 2"}), json!({"name": "span 3"})]
    );
}

#[tokio::test]
async fn a_barrier_does_not_pass_when_the_lease_is_lost() {
    let database = TestDatabase::new().await;
    let store = database.store().await;
    let run = NewRun::claimed(&store).await;
    steal(&database, &store, run).await;
    store.writer().submit(run.write(started(span(1))));
    for _ in 0..2 {
        let lost = WriteError::LeaseLost {
            execution_id: run.execution_id,
        };
        assert_eq!(store.writer().barrier(run.execution_id).await, Err(lost));
    }
}

#[tokio::test]
async fn a_deleted_execution_does_not_come_back() {
    let database = TestDatabase::new().await;
    let store = database.store().await;
    let run = NewRun::claimed(&store).await;
    Execution::delete(&mut store.write().await.unwrap(), run.execution_id)
        .await
        .unwrap()
        .unwrap();
    let lost = store
        .writer()
        .submit_acked(run.write(ended(testing::ended(1))))
        .await;
    assert_eq!(
        lost,
        Err(WriteError::LeaseLost {
            execution_id: run.execution_id
        })
    );
    let foreign = Write {
        lease_epoch: None,
        ..run.write(ended(testing::ended(1)))
    };
    let unknown = store.writer().submit_acked(foreign).await;
    assert_eq!(
        unknown,
        Err(WriteError::UnknownExecution {
            execution_id: run.execution_id
        })
    );
    for table in ["spans", "execution_rollups", "executions"] {
        assert_eq!(
            rows(&database, &format!("SELECT 1 FROM {table}"))
                .await
                .len(),
            0,
            "{table}"
        );
    }
}

#[tokio::test]
async fn a_missing_partition_is_created() {
    let database = TestDatabase::new().await;
    let store = database.store().await;
    // Weeks after those created ahead, and long before this installation.
    let now = u64::try_from(chrono::Utc::now().timestamp()).unwrap();
    for (seconds, partition) in [
        (now + 100 * 86_400, "spans_w"),
        (1_000_000_000, "spans_past"),
    ] {
        let id = ExecutionId(Uuid::new_v7(Timestamp::from_unix(
            ContextV7::new(),
            seconds,
            0,
        )));
        run_sql(
            &database,
            &format!("INSERT INTO execution_rollups (execution_id) VALUES ('{id}')"),
        )
        .await;
        for number in 1..=2 {
            let write = Write {
                execution_id: id,
                lease_epoch: None,
                op: ended(testing::ended(number)),
            };
            store.writer().submit_acked(write).await.unwrap();
        }
        let query = format!(
            "SELECT tableoid::regclass::text AS name, count(*) FROM spans WHERE execution_id = '{id}' GROUP BY 1"
        );
        let stored = row(&database, &query).await;
        assert_eq!(stored["count"], 2);
        assert!(
            stored["name"].as_str().unwrap().starts_with(partition),
            "{stored}"
        );
    }
}
