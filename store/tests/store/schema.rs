//! The schema: migrations, comments and partitions.

use diesel::{
    prelude::*,
    sql_types::{BigInt, Text},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use orcheo_store::testing::TestDatabase;

#[derive(QueryableByName, Debug, PartialEq)]
struct Name {
    #[diesel(sql_type = Text)]
    name: String,
}

async fn names(connection: &mut AsyncPgConnection, query: &str) -> Vec<String> {
    let rows: Vec<Name> = diesel::sql_query(query).load(connection).await.unwrap();
    rows.into_iter().map(|row| row.name).collect()
}

const TABLES: &str = "SELECT relname AS name FROM pg_class WHERE relkind IN ('r', 'p') \
    AND relnamespace = 'public'::regnamespace AND relname <> '__diesel_schema_migrations' ORDER BY 1";

#[tokio::test]
async fn migrations_go_up_down_and_up_again() {
    let database = TestDatabase::new().await;
    let before = names(&mut database.connection().await, TABLES).await;
    assert!(before.iter().any(|table| table == "spans"), "{before:?}");
    database.revert_migrations().await;
    assert_eq!(
        names(&mut database.connection().await, TABLES).await,
        Vec::<String>::new()
    );
    let store = database.store().await;
    let versions = store.migrate().await.unwrap();
    assert_eq!(store.pending_migrations().await.unwrap(), 0);
    assert!(!versions.is_empty());
    assert_eq!(
        names(&mut database.connection().await, TABLES).await,
        before
    );
    assert_eq!(
        store.migrate().await.unwrap(),
        Vec::<String>::new(),
        "nothing is left to run"
    );
}

#[tokio::test]
async fn every_table_and_column_has_a_comment() {
    let database = TestDatabase::new().await;
    let uncommented = names(
        &mut database.connection().await,
        "SELECT c.relname || '.' || coalesce(a.attname, '*') AS name FROM pg_class c \
         LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped \
         WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relnamespace = 'public'::regnamespace \
         AND c.relname <> '__diesel_schema_migrations' \
         AND (col_description(c.oid, a.attnum) IS NULL OR obj_description(c.oid) IS NULL)",
    )
    .await;
    assert_eq!(uncommented, Vec::<String>::new());
}

#[tokio::test]
async fn partitions_exist_for_four_weeks_and_none_is_the_default() {
    #[derive(QueryableByName)]
    struct Count {
        #[diesel(sql_type = BigInt)]
        weeks: i64,
        #[diesel(sql_type = BigInt)]
        defaults: i64,
    }
    let database = TestDatabase::new().await;
    let counts: Vec<Count> = diesel::sql_query(
        "SELECT count(*) FILTER (WHERE c.relname ~ '_w[0-9]{8}$') AS weeks, \
         count(*) FILTER (WHERE pg_get_expr(c.relpartbound, c.oid) = 'DEFAULT') AS defaults \
         FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE c.relkind = 'r' GROUP BY i.inhparent",
    )
    .load(&mut database.connection().await)
    .await
    .unwrap();
    assert_eq!(counts.len(), 5);
    for count in counts {
        assert!(
            count.weeks >= 5,
            "this week and four more, not {}",
            count.weeks
        );
        assert_eq!(count.defaults, 0);
    }
}
