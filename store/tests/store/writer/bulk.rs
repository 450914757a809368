//! Many spans that end at once, which PostgreSQL is given in another way than few.

use orcheo_store::{
    ExecutionChange, ExecutionId, Op, SpanRecord, StatusCode, Store, UsageRecord, Write,
    WriteError,
    models::executions::Execution,
    testing::{self, NewRun, TestDatabase, span, usage},
};
use serde_json::{Value, json};
use uuid::{ContextV7, Timestamp, Uuid};

use super::{ended, started};
use crate::{row, rows, run_sql};

const MANY: u32 = 200;

/// An ended span with something in every field, or in few, by its number.
fn varied(number: u32) -> SpanRecord {
    let mut span = testing::ended(number);
    if number.is_multiple_of(2) {
        span.attributes = format!(r#"{{"number":{number},"nul":"\u0000","text":"ü"}}"#);
        span.events = Some(r#"[{"name":"e","time_ns":1,"attributes":{}}]"#.to_owned());
        span.links = Some("[]".to_owned());
        span.input = Some(format!(r#"["{}"]"#, "long ".repeat(300)));
        span.output = Some("null".to_owned());
        span.status_message = Some("a\0b".to_owned());
        span.node_id = Some("node".to_owned());
        span.node_type = Some("LLMNode".to_owned());
        span.display_name = Some("shown".to_owned());
        span.trace_state = Some("a=b".to_owned());
        span.attempt = Some(2);
        span.iteration = Some(0);
        span.dropped_events = 3;
        span.parent_span_id = Some(testing::ended(1).span_id);
        span.resource = Some(r#"{"attributes":{}}"#.into());
        span.scope = Some(r#"{"name":"scope"}"#.into());
    }
    if number.is_multiple_of(3) {
        span.status_code = StatusCode::Error;
        span.usage = Some(UsageRecord {
            counted: !number.is_multiple_of(4),
            cost_usd: number.is_multiple_of(5).then_some(0.25),
            cache_read: -1,
            reasoning: 2,
            ..usage(10, if number == 33 { i64::MAX } else { 5 })
        });
    }
    span
}

/// What is stored of a run, without what tells runs and commits apart.
async fn stored(database: &TestDatabase, run: NewRun) -> Vec<Value> {
    let mut stored = Vec::new();
    for (table, order) in [
        ("spans", "span_id"),
        ("token_usage", "span_id"),
        ("span_contents", "hash"),
        ("execution_rollups", "execution_id"),
    ] {
        let query = format!(
            "SELECT to_jsonb(t) - '{{execution_id,revision,changed_at}}'::text[] AS row FROM {table} t \
             WHERE execution_id = '{}' ORDER BY {order}",
            run.execution_id
        );
        stored.extend(rows(database, &query).await);
    }
    stored
}

/// Submits all before the writer can take any; returns the outcomes in their order.
async fn at_once(
    store: &Store,
    writes: impl Iterator<Item = Write>,
) -> Vec<Result<i64, WriteError>> {
    let acks: Vec<_> = writes
        .map(|write| store.writer().submit_acked(write))
        .collect();
    let mut outcomes = Vec::new();
    for ack in acks {
        outcomes.push(ack.await.map(|committed| committed.revision));
    }
    outcomes
}

#[tokio::test]
async fn they_are_stored_as_they_are_one_by_one() {
    let database = TestDatabase::new().await;
    let store = database.store().await;
    let (together, single) = (NewRun::claimed(&store).await, NewRun::claimed(&store).await);
    let outcomes = at_once(
        &store,
        (1..=MANY).map(|number| together.write(ended(varied(number)))),
    )
    .await;
    for number in 1..=MANY {
        let write = single.write(ended(varied(number)));
        store.writer().submit_acked(write).await.unwrap();
    }
    assert_eq!(
        stored(&database, together).await,
        stored(&database, single).await
    );
    assert_eq!(
        outcomes,
        vec![outcomes[0].clone(); MANY as usize],
        "one commit"
    );
    let revisions = format!(
        "SELECT DISTINCT s.revision FROM spans s JOIN token_usage u USING (execution_id, revision) \
         WHERE execution_id = '{}'",
        together.execution_id
    );
    let revision = row(&database, &revisions).await["revision"].as_i64();
    assert_eq!(Ok(revision), outcomes[0].clone().map(Some));
}

#[tokio::test]
async fn those_of_several_runs_are_told_apart() {
    let database = TestDatabase::new().await;
    let store = database.store().await;
    let mut runs = Vec::new();
    for _ in 0..5 {
        runs.push(NewRun::claimed(&store).await);
    }
    // So that their revisions differ.
    for (run, commits) in runs.iter().zip(0..) {
        for number in 0..commits {
            let write = run.write(started(span(MANY + 1 + number)));
            store.writer().submit_acked(write).await.unwrap();
        }
    }
    let write = |number: u32| runs[number as usize % 5].write(ended(varied(number)));
    at_once(&store, (1..=MANY).map(write)).await;
    for (run, commits) in runs.iter().zip(0_i64..) {
        let query = format!(
            "SELECT count(*), min(s.revision), max(s.revision), r.revision AS revision, r.span_count FROM spans s \
             JOIN execution_rollups r USING (execution_id) WHERE execution_id = '{}' GROUP BY r.execution_id",
            run.execution_id
        );
        let found = row(&database, &query).await;
        let revision = &found["revision"];
        let expected = json!({
            "count": 40, "min": revision, "max": revision, "revision": revision, "span_count": 40 + commits
        });
        assert_eq!(found, expected);
    }
}

#[tokio::test]
async fn one_that_is_stored_already_is_kept_and_the_others_come() {
    let database = TestDatabase::new().await;
    let store = database.store().await;
    let run = NewRun::claimed(&store).await;
    let writer = store.writer();
    let mut first = varied(6);
    first.name = "the first".to_owned();
    writer.submit(run.write(ended(first)));
    writer.submit(run.write(started(span(7))));
    writer.submit(run.write(started(span(8))));
    // The run goes on elsewhere: what is open is abandoned, and ends late.
    writer.submit(run.write(Op::Execution(ExecutionChange::HandedBack)));
    writer.submit(run.write(started(span(9))));
    writer.barrier(run.execution_id).await.unwrap();
    for _ in 0..2 {
        let outcomes = at_once(
            &store,
            (1..=MANY).map(|number| run.write(ended(varied(number)))),
        )
        .await;
        assert_eq!(
            outcomes,
            vec![outcomes[0].clone(); MANY as usize],
            "one commit"
        );
        let found = row(
            &database,
            "SELECT (SELECT count(*) FROM spans) AS spans, (SELECT count(*) FROM open_spans) AS open, \
             (SELECT string_agg(name, ',' ORDER BY name) FROM spans WHERE late_end) AS late, \
             (SELECT name FROM spans WHERE span_id = '\\x0000000000000006') AS sixth, \
             span_count, open_count, error_count FROM execution_rollups",
        )
        .await;
        let expected = json!({
            "spans": MANY, "open": 0, "late": "span 7,span 8", "sixth": "the first",
            "span_count": MANY, "open_count": 0, "error_count": MANY / 3
        });
        assert_eq!(found, expected);
    }
}

#[tokio::test]
async fn those_that_are_running_end() {
    let database = TestDatabase::new().await;
    let store = database.store().await;
    let run = NewRun::claimed(&store).await;
    let starts = (1..=MANY + 1).map(|number| run.write(started(span(number))));
    at_once(&store, starts).await;
    at_once(
        &store,
        (1..=MANY).map(|number| run.write(ended(varied(number)))),
    )
    .await;
    let found = row(
        &database,
        "SELECT span_count, open_count, (SELECT count(*) FROM open_spans) AS open FROM execution_rollups",
    )
    .await;
    let expected = json!({"span_count": MANY + 1, "open_count": 1, "open": 1});
    assert_eq!(found, expected);
}

#[tokio::test]
async fn only_the_one_whose_data_is_refused_is_rejected() {
    let database = TestDatabase::new().await;
    let store = database.store().await;
    let run = NewRun::claimed(&store).await;
    let write = |number| {
        let mut span = varied(number);
        if number == 150 {
            span.attributes = "{not json".to_owned();
        }
        run.write(ended(span))
    };
    let outcomes = at_once(&store, (1..=MANY).map(write)).await;
    let refused: Vec<usize> = (1..)
        .zip(&outcomes)
        .filter_map(|(number, outcome)| outcome.is_err().then_some(number))
        .collect();
    assert_eq!(refused, [150]);
    let counted = row(&database, "SELECT span_count FROM execution_rollups").await;
    assert_eq!(counted, json!({"span_count": MANY - 1}));
    assert_eq!(
        rows(&database, "SELECT 1 FROM spans").await.len(),
        MANY as usize - 1
    );
}

#[tokio::test]
async fn those_of_a_run_that_is_gone_are_refused_and_the_others_come() {
    let database = TestDatabase::new().await;
    let store = database.store().await;
    let (gone, run) = (NewRun::claimed(&store).await, NewRun::claimed(&store).await);
    Execution::delete(&mut store.write().await.unwrap(), gone.execution_id)
        .await
        .unwrap()
        .unwrap();
    let write = |number: u32| {
        let run = if number.is_multiple_of(2) { gone } else { run };
        run.write(ended(varied(number)))
    };
    let outcomes = at_once(&store, (1..=MANY).map(write)).await;
    for (number, outcome) in (1_u32..).zip(outcomes) {
        let expected = number.is_multiple_of(2).then_some(WriteError::LeaseLost {
            execution_id: gone.execution_id,
        });
        assert_eq!(outcome.err(), expected);
    }
    let kept = rows(&database, "SELECT DISTINCT execution_id FROM spans").await;
    assert_eq!(
        kept,
        [json!({"execution_id": run.execution_id.to_string()})]
    );
}

#[tokio::test]
async fn a_partition_that_they_miss_is_created() {
    let database = TestDatabase::new().await;
    let store = database.store().await;
    let past = Timestamp::from_unix(ContextV7::new(), 1_000_000_000, 0);
    let id = ExecutionId(Uuid::new_v7(past));
    run_sql(
        &database,
        &format!("INSERT INTO execution_rollups (execution_id) VALUES ('{id}')"),
    )
    .await;
    let write = |number| Write {
        execution_id: id,
        lease_epoch: None,
        op: ended(varied(number)),
    };
    let outcomes = at_once(&store, (1..=MANY).map(write)).await;
    assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
    assert_eq!(
        rows(&database, "SELECT 1 FROM spans").await.len(),
        MANY as usize
    );
}

#[tokio::test]
async fn connections_that_break_while_they_are_sent_lose_and_double_nothing() {
    let database = TestDatabase::new().await;
    let store = database.store().await;
    let run = NewRun::claimed(&store).await;
    for round in 0..20 {
        let numbers = round * MANY + 1..=(round + 1) * MANY;
        let acks: Vec<_> = numbers
            .map(|number| {
                store
                    .writer()
                    .submit_acked(run.write(ended(varied(number))))
            })
            .collect();
        database.terminate_connections().await;
        for ack in acks {
            ack.await.unwrap();
        }
    }
    let found = row(
        &database,
        "SELECT span_count, (SELECT count(*) FROM spans) AS spans, \
         (SELECT count(*) FROM token_usage) AS used FROM execution_rollups",
    )
    .await;
    let expected = json!({"span_count": 20 * MANY, "spans": 20 * MANY, "used": 20 * MANY / 3});
    assert_eq!(found, expected);
}

#[tokio::test]
async fn usage_of_other_engines_counts_on_the_deepest_of_them() {
    let database = TestDatabase::new().await;
    let store = database.store().await;
    let [nested, flat, late] = [(); 3].map(|()| ExecutionId::new());
    for id in [nested, flat, late] {
        let begin = format!("INSERT INTO execution_rollups (execution_id) VALUES ('{id}')");
        run_sql(&database, &begin).await;
    }
    let write = |execution_id, number, parent| {
        let mut span = testing::ended(number);
        span.parent_span_id = Some(testing::ended(parent).span_id);
        span.usage = (number > 1).then(|| usage(1, 0));
        Write {
            execution_id,
            lease_epoch: None,
            op: ended(span),
        }
    };
    // A chain that grows below what is known of it; children of one span that reports nothing, then a child of each; and what
    // begins only then.
    for (numbers, leaves) in [(1..=MANY, MANY - 1), (MANY + 1..=2 * MANY, MANY)] {
        let writes = numbers.flat_map(|number| {
            let above = match number {
                1 => 0,
                2..=MANY => 1,
                _ => number - MANY,
            };
            let begins = (number > MANY).then(|| write(late, number, 0));
            let grow = [
                write(nested, number, number - 1),
                write(flat, number, above),
            ];
            grow.into_iter().chain(begins)
        });
        at_once(&store, writes).await;
        for (id, counted) in [(nested, 1), (flat, leaves)] {
            let query = format!(
                "SELECT input_tokens, unpriced_tokens, (SELECT count(*) FROM token_usage \
                 WHERE execution_id = '{id}' AND counted) AS counted FROM execution_rollups WHERE execution_id = '{id}'"
            );
            let expected =
                json!({"input_tokens": counted, "unpriced_tokens": counted, "counted": counted});
            assert_eq!(row(&database, &query).await, expected);
        }
    }
}
