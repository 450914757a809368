//! The store on a real PostgreSQL.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod blobs;
mod changes;
mod executions;
mod redaction;
mod schema;
mod workflows;
mod writer;

use diesel::{QueryableByName, sql_types::Jsonb};
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};
use orcheo_store::testing::TestDatabase;
use serde_json::Value;

/// The rows of a query, as JSON objects.
async fn rows(database: &TestDatabase, query: &str) -> Vec<Value> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Jsonb)]
        row: Value,
    }
    let query = format!("SELECT to_jsonb(q) AS row FROM ({query}) q");
    let rows: Vec<Row> = diesel::sql_query(&query)
        .load(&mut database.connection().await)
        .await
        .unwrap_or_else(|error| panic!("{query}: {error}"));
    rows.into_iter().map(|row| row.row).collect()
}

/// The only row of a query.
async fn row(database: &TestDatabase, query: &str) -> Value {
    let mut rows = rows(database, query).await;
    assert_eq!(rows.len(), 1, "{query}: {rows:?}");
    rows.remove(0)
}

/// Runs a statement behind the store's back.
async fn run_sql(database: &TestDatabase, statement: &str) {
    let done = database.connection().await.batch_execute(statement).await;
    done.unwrap_or_else(|error| panic!("{statement}: {error}"));
}
