//! `SpanStatus`.

use async_graphql::SimpleObject;

use super::SpanStatusCode;

/// How a span went, as its producer says.
#[derive(Debug, Clone, SimpleObject)]
pub struct SpanStatus {
    /// The outcome.
    pub code: SpanStatusCode,
    /// Why it failed; redacted.
    pub message: Option<String>,
}
