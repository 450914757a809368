//! The narrow row that every commit about an execution updates.

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use crate::{ExecutionId, Revision, schema::execution_rollups};

#[derive(Debug, Clone, PartialEq, Queryable, QueryableByName, Selectable)]
#[diesel(table_name = execution_rollups, check_for_backend(diesel::pg::Pg))]
pub struct ExecutionRollup {
    pub execution_id: ExecutionId,
    pub workspace_id: String,
    pub revision: Revision,
    pub lease_epoch: i64,
    /// When the last commit was made, by the database's clock.
    pub changed_at: DateTime<Utc>,
    /// Earliest start and latest end of its spans: nanoseconds since the Unix epoch.
    pub start_ns: Option<i64>,
    pub end_ns: Option<i64>,
    /// Running, ended and abandoned.
    pub span_count: i64,
    pub open_count: i64,
    /// Ended with status ERROR.
    pub error_count: i64,
    pub artifact_count: i64,
    /// Sums of the usage that counts.
    pub input_tokens: i64,
    pub output_tokens: i64,
    pub cache_read_tokens: i64,
    pub cache_write_tokens: i64,
    pub reasoning_tokens: i64,
    pub cost_usd: Option<f64>,
    /// Of input and output, the tokens of calls whose cost is not known.
    pub unpriced_tokens: i64,
}
