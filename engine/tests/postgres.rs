//! PostgresNode against a real PostgreSQL.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[path = "support/mod.rs"]
mod support;

use std::sync::Arc;

use orcheo_engine::{Credentials, RunError, RunStatus, Secret};
use orcheo_store::testing::TestDatabase;
use serde_json::{Value, json};
use support::{Case, Finished};

struct Dsn(String);

impl Credentials for Dsn {
    fn get(&self, name: &str) -> Option<Secret> {
        (name == "postgres_dsn").then(|| Secret::new(&self.0))
    }
}

async fn run_at(dsn: &str, more: Value) -> Finished {
    let mut node = json!({"name": "node", "type": "PostgresNode"});
    node.as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    let document = json!({"nodes": [node], "edges": [["START", "node"]]});
    let mut case = Case::new(&document.to_string());
    case.credentials = Arc::new(Dsn(dsn.to_owned()));
    case.run().await
}

async fn query(database: &TestDatabase, more: Value) -> Value {
    let finished = run_at(database.url(), more).await;
    assert_eq!(
        finished.outcome.status,
        RunStatus::Succeeded,
        "{:?}",
        finished.outcome.error
    );
    finished.outcome.outputs["node"].clone()
}

async fn failure(database: &TestDatabase, more: Value) -> RunError {
    let finished = run_at(database.url(), more).await;
    assert_eq!(
        finished.outcome.status,
        RunStatus::Failed,
        "{:?}",
        finished.outcome.outputs
    );
    finished.outcome.error.unwrap()
}

#[tokio::test]
async fn every_usual_type_has_a_json_form() {
    let database = TestDatabase::new().await;
    let sql = "SELECT 1::int2 AS i2, -2::int4 AS i4, 9007199254740993::int8 AS i8, 1.5::float4 AS f4, 'NaN'::float8 AS f8, \
               12.34::numeric AS n, 12345678901234567890.12::numeric AS big, true AS b, 'täxt' AS t, 'c'::char AS c, \
               NULL::text AS nothing, '{\"a\": [1]}'::jsonb AS j, \
               '6ba7b810-9dad-11d1-80b4-00c04fd430c8'::uuid AS u, DATE '2026-02-03' AS d, TIME '04:05:06.5' AS tm, \
               TIMESTAMP '2026-02-03 04:05:06.789' AS ts, TIMESTAMPTZ '2026-02-03 04:05:06+02' AS tz, \
               '\\xdeadbeef'::bytea AS bytes, ARRAY[1, NULL, 3] AS list";
    let output = query(&database, json!({"query": sql})).await;
    assert_eq!(
        output["rows"],
        json!([{
            "i2": 1, "i4": -2, "i8": 9_007_199_254_740_993_i64, "f4": 1.5, "f8": "NaN",
            "n": 12.34, "big": "12345678901234567890.12", "b": true, "t": "täxt", "c": "c",
            "nothing": null, "j": {"a": [1]},
            "u": "6ba7b810-9dad-11d1-80b4-00c04fd430c8", "d": "2026-02-03", "tm": "04:05:06.500",
            "ts": "2026-02-03T04:05:06.789", "tz": "2026-02-03T02:05:06Z",
            "bytes": "\\xdeadbeef", "list": [1, null, 3],
        }])
    );
}

#[tokio::test]
async fn parameters_of_any_style_are_values_never_sql() {
    let database = TestDatabase::new().await;
    let evil = "x'; DROP TABLE executions; --";
    for (sql, parameters) in [
        ("SELECT %s::text AS t, %s::int AS n", json!([evil, 5])),
        ("SELECT $1::text AS t, $2::int AS n", json!([evil, 5])),
        (
            "SELECT %(t)s::text AS t, %(n)s::int AS n",
            json!({"t": evil, "n": 5}),
        ),
    ] {
        let output = query(&database, json!({"query": sql, "parameters": parameters})).await;
        assert_eq!(output["rows"], json!([{"t": evil, "n": 5}]));
    }
    let sql = "SELECT $1::jsonb AS j, $2::text[] AS l, $3::bool AS b, $4::text IS NULL AS e, $5::numeric AS n";
    let parameters = json!([{"a": 1}, ["a,b", "c\"d"], false, null, 0.25]);
    let output = query(&database, json!({"query": sql, "parameters": parameters})).await;
    assert_eq!(
        output["rows"],
        json!([{"j": {"a": 1}, "l": ["a,b", "c\"d"], "b": false, "e": true, "n": 0.25}])
    );
}

#[tokio::test]
async fn changes_are_committed_and_counted() {
    let database = TestDatabase::new().await;
    query(
        &database,
        json!({"query": "CREATE TABLE items (id int, name text)", "fetch": "none"}),
    )
    .await;
    for autocommit in [true, false] {
        let insert = json!({
            "query": "INSERT INTO items SELECT n, 'item ' || n FROM generate_series(1, 3) n", "autocommit": autocommit,
        });
        let output = query(&database, insert).await;
        assert_eq!(
            output,
            json!({"rows": [], "rowcount": 3, "truncated": false})
        );
    }
    let output = query(
        &database,
        json!({"query": "SELECT count(*) AS n FROM items", "fetch": "one"}),
    )
    .await;
    assert_eq!(output["rows"], json!([{"n": 6}]));
    let returning = json!({"query": "DELETE FROM items WHERE id = 1 RETURNING name"});
    assert_eq!(query(&database, returning).await["rowcount"], 2);
}

#[tokio::test]
async fn more_rows_than_wanted_are_cut_off_and_said_to_be() {
    let database = TestDatabase::new().await;
    let many = "SELECT n FROM generate_series(1, 2000000) n";
    let output = query(&database, json!({"query": many, "max_rows": 2})).await;
    assert_eq!(
        output,
        json!({"rows": [{"n": 1}, {"n": 2}], "rowcount": null, "truncated": true})
    );
    let output = query(
        &database,
        json!({"query": "SELECT n FROM generate_series(1, 2) n", "max_rows": 2}),
    )
    .await;
    assert_eq!(
        output,
        json!({"rows": [{"n": 1}, {"n": 2}], "rowcount": 2, "truncated": false})
    );
}

#[tokio::test]
async fn the_span_follows_the_database_conventions_and_hides_the_address() {
    let database = TestDatabase::new().await;
    let sql = "select %s::text as t";
    let finished = run_at(database.url(), json!({"query": sql, "parameters": ["v"]})).await;
    let name = finished
        .trace
        .spans
        .iter()
        .map(|span| span.name.to_string())
        .find(|name| name.starts_with("SELECT "));
    let span = finished.trace.one(&name.unwrap());
    let attribute = |key: &str| {
        support::attribute(span, key)
            .map(|value| value.as_str().into_owned())
            .unwrap()
    };
    assert_eq!(attribute("db.system.name"), "postgresql");
    assert_eq!(attribute("db.operation.name"), "SELECT");
    assert_eq!(attribute("db.query.text"), "select $1::text as t");
    assert_eq!(attribute("db.response.returned_rows"), "1");
    assert!(!finished.trace.text().contains(database.url()));
}

#[tokio::test]
async fn what_postgresql_refuses_is_told_in_its_words() {
    let database = TestDatabase::new().await;
    for (more, code, message) in [
        (
            json!({"query": "SELECT * FROM nowhere"}),
            "DATABASE_ERROR",
            "relation \"nowhere\" does not exist (SQLSTATE 42P01)",
        ),
        (
            json!({"query": "SELECT 1; SELECT 2"}),
            "DATABASE_ERROR",
            "cannot insert multiple commands into a prepared statement (SQLSTATE 42601)",
        ),
        (
            json!({"query": "SELECT $1::int", "parameters": ["x"]}),
            "DATABASE_ERROR",
            "invalid input syntax for type integer: \"x\" (SQLSTATE 22P02)",
        ),
        (
            json!({"query": "SELECT $1::int"}),
            "INVALID_PARAMETERS",
            "parameters: the query has 1 parameters, not 0",
        ),
        (
            json!({"query": "SELECT '1 day'::interval AS i"}),
            "UNREADABLE_COLUMN",
            "column `i`: type interval has no JSON form: cast it to text",
        ),
    ] {
        let error = failure(&database, more).await;
        assert_eq!(
            (error.code.as_str(), error.message.as_str()),
            (code, message)
        );
    }
}

#[tokio::test]
async fn a_statement_that_takes_too_long_is_stopped_in_the_database() {
    let database = TestDatabase::new().await;
    let error = failure(
        &database,
        json!({"query": "SELECT pg_sleep(3600)", "timeout": 0.2}),
    )
    .await;
    assert_eq!(error.code, "TIMEOUT");
    let running = "SELECT count(*) AS n FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%' AND state = 'active' \
                   AND datname = current_database()";
    while query(&database, json!({"query": running})).await["rows"][0]["n"] != 0 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_database_that_cannot_be_reached_is_told_without_its_password() {
    let port = {
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0))
            .await
            .unwrap();
        listener.local_addr().unwrap().port()
    };
    for (dsn, code) in [
        (
            format!("postgresql://ada:hunter2@127.0.0.1:{port}/db"),
            "DATABASE_UNREACHABLE",
        ),
        (
            "postgresql://ada:hunter2@host:notaport/db".to_owned(),
            "INVALID_PARAMETERS",
        ),
    ] {
        let finished = run_at(&dsn, json!({"query": "SELECT 1"})).await;
        assert_eq!(finished.outcome.error.clone().unwrap().code, code);
        assert!(!finished.trace.text().contains("hunter2"));
    }
}
