//! `ExecutionError`.

use async_graphql::SimpleObject;

/// Why an execution failed.
#[derive(Debug, Clone, SimpleObject)]
pub struct ExecutionError {
    /// A stable code, for example `template_unresolved`.
    pub code: String,
    /// What happened; redacted.
    pub message: String,
    /// The node that failed it; null when no node did.
    pub node_id: Option<String>,
}
