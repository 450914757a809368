//! The store on a real PostgreSQL.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod schema;
mod writer;

use diesel::{QueryableByName, sql_types::Jsonb};
use diesel_async::RunQueryDsl;
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
