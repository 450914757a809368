//! `WorkflowStats`.

use async_graphql::SimpleObject;
use orcheo_store::models::executions::ExecutionStats;

use super::{TokenUsage, int};

/// How a workflow has been doing: sums over its newest executions, at most 1,000 of them.
#[derive(Debug, Clone, SimpleObject)]
pub struct WorkflowStats {
    /// How many executions are summed.
    pub executions: i32,
    /// How many of them succeeded.
    pub succeeded: i32,
    /// How many of them failed.
    pub failed: i32,
    /// How many of them are queued or running.
    pub unfinished: i32,
    /// Mean milliseconds from start to end of those that are finished; null when none is.
    pub mean_duration_ms: Option<f64>,
    /// What they used together.
    pub token_usage: TokenUsage,
}

impl From<ExecutionStats> for WorkflowStats {
    fn from(stats: ExecutionStats) -> Self {
        Self {
            executions: int(stats.executions),
            succeeded: int(stats.succeeded),
            failed: int(stats.failed),
            unfinished: int(stats.unfinished),
            mean_duration_ms: stats
                .mean_duration_ns
                .map(|nanos| nanos / super::NANOS_PER_MILLI),
            token_usage: stats.usage.into(),
        }
    }
}
