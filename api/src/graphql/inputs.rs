//! The filters of lists.

use async_graphql::InputObject;
use orcheo_store::models::{executions, spans};

use super::{
    scalars::DateTime,
    types::{ExecutionStatus, SpanCategory, SpanState},
};
use crate::error::ApiError;

/// Which executions a list shows: those for which all of this holds. What is null does not restrict.
#[derive(Debug, Default, InputObject)]
pub struct ExecutionFilter {
    /// The workflow's own id.
    pub workflow_id: Option<String>,
    /// Any of these.
    pub status: Option<Vec<ExecutionStatus>>,
    /// The conversation or session.
    pub thread_id: Option<String>,
    /// Queued at this time or later.
    pub queued_since: Option<DateTime>,
    /// Queued before this time.
    pub queued_before: Option<DateTime>,
    /// Whether any of its spans failed.
    pub has_error: Option<bool>,
}

impl From<ExecutionFilter> for executions::ExecutionFilter {
    fn from(filter: ExecutionFilter) -> Self {
        Self {
            workflow_id: filter.workflow_id,
            statuses: filter
                .status
                .map(|statuses| statuses.into_iter().map(Into::into).collect()),
            thread_id: filter.thread_id,
            queued_from_ns: filter.queued_since.map(DateTime::unix_nanos),
            queued_before_ns: filter.queued_before.map(DateTime::unix_nanos),
            has_error: filter.has_error,
        }
    }
}

/// Which spans a list shows: those for which all of this holds. What is null does not restrict.
#[derive(Debug, Default, InputObject)]
pub struct SpanFilter {
    /// Part of the name, display name, node id or status message, or of attributes, input or output as far as these are
    /// small, in any case of letters.
    pub text: Option<String>,
    /// Where it stands.
    pub state: Option<SpanState>,
    /// Any of these.
    pub category: Option<Vec<SpanCategory>>,
    /// Whether it failed.
    pub has_error: Option<bool>,
    /// The workflow's node.
    pub node_id: Option<String>,
    /// Milliseconds that it took at least; of a running span, so far.
    pub min_duration_ms: Option<f64>,
    /// Input and output tokens together that it reported at its end, at least.
    pub min_tokens: Option<i32>,
}

impl TryFrom<SpanFilter> for spans::SpanFilter {
    type Error = ApiError;

    fn try_from(filter: SpanFilter) -> Result<Self, ApiError> {
        Ok(Self {
            text: filter.text.filter(|text| !text.is_empty()),
            state: filter.state.map(Into::into),
            categories: filter
                .category
                .map(|categories| categories.into_iter().map(Into::into).collect()),
            has_error: filter.has_error,
            node_id: filter.node_id,
            min_duration_ns: filter.min_duration_ms.map(nanos).transpose()?,
            min_tokens: filter.min_tokens.map(Into::into),
        })
    }
}

/// Nanoseconds of a span of time in milliseconds.
fn nanos(millis: f64) -> Result<i64, ApiError> {
    let nanos = (millis * 1_000_000.0).ceil();
    #[expect(
        clippy::cast_possible_truncation,
        reason = "checked to be within range"
    )]
    #[expect(clippy::cast_precision_loss, reason = "the bound need not be exact")]
    if nanos >= 0.0 && nanos < i64::MAX as f64 {
        return Ok(nanos as i64);
    }
    Err(ApiError::bad_input(
        "minDurationMs must be between 0 and 292 years",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_least_duration_that_makes_no_sense_is_refused() {
        assert_eq!(nanos(1.5), Ok(1_500_000));
        for millis in [-0.1, f64::NAN, f64::INFINITY, 1e300] {
            assert!(nanos(millis).is_err(), "{millis}");
        }
    }
}
