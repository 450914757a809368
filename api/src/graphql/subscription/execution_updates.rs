//! `executionUpdates`: executions that start, change or go.

use async_graphql::{Enum, SimpleObject};
use uuid::Uuid;

use super::executions::ExecutionEvent;
use crate::graphql::types::Execution;

/// What happened to an execution.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum ExecutionUpdateKind {
    /// It was asked for, or seen for the first time.
    Created,
    /// Its status, its spans or its sums changed.
    Changed,
    /// It was deleted.
    Deleted,
}

/// An execution that started, changed or went. Changes in quick succession are told as one.
#[derive(Debug, SimpleObject)]
pub struct ExecutionUpdate {
    /// What happened.
    kind: ExecutionUpdateKind,
    /// The execution's own id.
    execution_id: Uuid,
    /// The execution as it is now; null when it was deleted.
    execution: Option<Execution>,
}

impl ExecutionUpdate {
    pub(super) fn new(event: &ExecutionEvent) -> Self {
        Self {
            kind: event.kind,
            execution_id: event.id.0,
            execution: event.execution.clone().map(Execution::new),
        }
    }
}

impl ExecutionEvent {
    /// Whether a subscriber to one workflow wants it. Which workflow a deleted execution belonged to nobody knows any more,
    /// so that is told to all.
    pub(super) fn concerns(&self, workflow_id: Option<&str>) -> bool {
        match (workflow_id, &self.execution) {
            (Some(wanted), Some(state)) => state.execution.workflow_id.as_deref() == Some(wanted),
            _ => true,
        }
    }
}
