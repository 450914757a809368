//! What a node can fail with.

use std::borrow::Cow;

/// Stable codes of failures that the engine itself finds; node kinds add their own beside their code.
pub mod codes {
    /// The parameters do not fit the node type, found when they were resolved.
    pub const INVALID_PARAMETERS: &str = "INVALID_PARAMETERS";
    /// A `{{template}}` names nothing in the state.
    pub const UNRESOLVED_TEMPLATE: &str = "UNRESOLVED_TEMPLATE";
    /// A `[[credential]]` is not known.
    pub const MISSING_CREDENTIAL: &str = "MISSING_CREDENTIAL";
    /// The node or the workflow took longer than allowed.
    pub const TIMEOUT: &str = "TIMEOUT";
    /// The run was cancelled.
    pub const CANCELLED: &str = "CANCELLED";
    /// The node's code panicked.
    pub const PANIC: &str = "PANIC";
    /// The node returned more, or deeper, than the engine accepts.
    pub const OUTPUT_TOO_LARGE: &str = "OUTPUT_TOO_LARGE";
    /// The run's inputs are not an object.
    pub const INVALID_INPUTS: &str = "INVALID_INPUTS";
    /// More steps in sequence than the workflow's `recursion_limit`.
    pub const RECURSION_LIMIT: &str = "RECURSION_LIMIT";
    /// Nodes or sub-workflows nested deeper than the engine accepts.
    pub const NESTING_LIMIT: &str = "NESTING_LIMIT";
    /// A sub-workflow could not be loaded.
    pub const WORKFLOW_UNAVAILABLE: &str = "WORKFLOW_UNAVAILABLE";
    /// An artifact could not be stored.
    pub const ARTIFACT_FAILED: &str = "ARTIFACT_FAILED";
    /// The journal refused a step, for instance because another worker took the run over.
    pub const JOURNAL_FAILED: &str = "JOURNAL_FAILED";
    /// A condition compares values that cannot be compared.
    pub const INVALID_CONDITION: &str = "INVALID_CONDITION";
}

/// A node's failure: becomes the span's error status, its `exception` event and, unless retried, the run's error.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct NodeError {
    /// Stable, upper-case: one of [`codes`] or the node kind's own.
    pub code: Cow<'static, str>,
    /// For a person; names the place, never a credential's value.
    pub message: String,
    /// Whether another attempt may succeed; only then a node's `retry` applies.
    pub retryable: bool,
}

impl NodeError {
    /// A failure that another attempt would only repeat.
    pub fn new(code: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Self {
            code: code.into(),
            message: message.into(),
            retryable: false,
        }
    }

    /// The same failure, worth another attempt.
    #[must_use]
    pub fn retryable(mut self) -> Self {
        self.retryable = true;
        self
    }

    /// Parameters that do not fit the node type.
    pub fn invalid_parameters(message: impl Into<String>) -> Self {
        Self::new(codes::INVALID_PARAMETERS, message)
    }

    pub(crate) fn cancelled() -> Self {
        Self::new(codes::CANCELLED, "the run was cancelled")
    }

    pub(crate) fn is_cancelled(&self) -> bool {
        self.code == codes::CANCELLED
    }
}
