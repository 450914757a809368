//! Weekly partitions: created ahead of time, and on demand when a row finds none.

use diesel_async::{AsyncPgConnection, RunQueryDsl};

use crate::StoreError;

diesel::define_sql_function! {
    /// Creates the missing partitions of every partitioned table for the weeks from `first` to `last`; how many.
    fn ensure_week_partitions(first: diesel::sql_types::Timestamptz, last: diesel::sql_types::Timestamptz)
        -> diesel::sql_types::BigInt;
}

/// Partitions exist at least this long before their week begins, so that a week without a restart is no trouble.
const AHEAD: chrono::Days = chrono::Days::new(28);

/// Creates the partitions of this week and the next four, unless they exist; returns how many it made.
///
/// Does not hold up readers or writers. Call it at the start and then once a day.
///
/// # Errors
/// When a statement fails.
pub async fn create_ahead(connection: &mut AsyncPgConnection) -> Result<i64, StoreError> {
    let now = chrono::Utc::now();
    Ok(diesel::select(ensure_week_partitions(now, now + AHEAD))
        .get_result(connection)
        .await?)
}
