//! One module per table: its row, what is inserted, and every query on it.

pub mod artifacts;
pub mod execution_rollups;
pub mod executions;
pub mod node_results;
pub mod rewrite;
pub mod span_contents;
pub mod span_logs;
pub mod spans;
pub mod token_usage;
pub mod workflows;

/// The time now, in nanoseconds since the Unix epoch.
pub(crate) fn now_ns() -> i64 {
    chrono::Utc::now().timestamp_nanos_opt().unwrap_or(i64::MAX)
}
