//! `NodeRun`.

use async_graphql::{Context, Object};
use orcheo_store::{ExecutionId, models::spans};

use super::{SpanState, SpanStatus, TokenUsage, int, millis};
use crate::{
    error::ApiError,
    graphql::scalars::DateTime,
    loaders::{Loaders, UsageByNode},
};

/// How one node of a workflow ran within an execution, all its visits together: what colours the graph.
#[derive(Debug)]
pub struct NodeRun {
    execution: ExecutionId,
    run: spans::NodeRun,
}

/// How one node of a workflow ran within an execution, all its visits together: what colours the graph.
#[Object]
impl NodeRun {
    /// The node, by its name in the workflow.
    async fn node_id(&self) -> &str {
        &self.run.node_id
    }

    /// RUNNING while any visit runs, else the state of the visit that started last.
    async fn state(&self) -> SpanState {
        self.run.state.into()
    }

    /// How the visit that started last went.
    async fn status(&self) -> SpanStatus {
        SpanStatus {
            code: self.run.status_code.into(),
            message: self.run.status_message.clone(),
        }
    }

    /// How often the node was entered. A retry is no visit of its own.
    async fn visits(&self) -> i32 {
        int(self.run.visits)
    }

    /// How often it was tried, retries included.
    async fn attempts(&self) -> i32 {
        int(self.run.attempts)
    }

    /// When its first visit started.
    async fn start_time(&self) -> DateTime {
        DateTime::from_unix_nanos(self.run.start_ns)
    }

    /// When its last visit ended; null while it runs.
    async fn end_time(&self) -> Option<DateTime> {
        self.run.end_ns.map(DateTime::from_unix_nanos)
    }

    /// Milliseconds spent in its ended visits together; null when none has ended.
    async fn duration_ms(&self) -> Option<f64> {
        self.run.duration_ns.map(millis)
    }

    /// The span of the visit that started last: 16 lower-case hex digits.
    async fn last_span_id(&self) -> String {
        self.run.last_span_id.to_string()
    }

    /// What the model calls below it used.
    async fn token_usage(&self, ctx: &Context<'_>) -> Result<TokenUsage, ApiError> {
        let usage = Loaders::of(ctx)
            .load(UsageByNode(self.execution))
            .await?
            .unwrap_or_default();
        let own = usage
            .into_iter()
            .find(|usage| usage.node_id.as_ref() == Some(&self.run.node_id));
        Ok(own.map(|usage| usage.usage).unwrap_or_default().into())
    }
}

impl NodeRun {
    pub(crate) fn new(execution: ExecutionId, run: spans::NodeRun) -> Self {
        Self { execution, run }
    }
}
