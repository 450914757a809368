//! The object types of the schema, one file each: identity and row, resolvers in one impl, constructors in another.

mod artifact;
mod enums;
mod execution;
mod execution_error;
mod external_link;
mod node;
mod node_run;
mod node_type;
mod span;
mod span_event;
mod span_link;
mod span_mark;
mod span_status;
mod token_usage;
mod workflow;
mod workflow_problem;
mod workflow_stats;
mod workflow_version;

pub(crate) use self::execution::find_execution_id;
pub use self::{
    artifact::Artifact,
    enums::{
        ExecutionStatus, NodeCategory, SpanCategory, SpanKind, SpanMarkKind, SpanState,
        SpanStatusCode,
    },
    execution::Execution,
    execution_error::ExecutionError,
    external_link::ExternalLink,
    node::Node,
    node_run::NodeRun,
    node_type::NodeType,
    span::Span,
    span_event::SpanEvent,
    span_link::SpanLink,
    span_mark::SpanMark,
    span_status::SpanStatus,
    token_usage::{
        ModelTokenUsage, NodeTokenUsage, TokenUsage, UncountedReason, UncountedTokenUsage,
    },
    workflow::Workflow,
    workflow_problem::WorkflowProblem,
    workflow_stats::WorkflowStats,
    workflow_version::WorkflowVersion,
};

const NANOS_PER_MILLI: f64 = 1_000_000.0;

/// Milliseconds of a span of time in nanoseconds.
#[expect(
    clippy::cast_precision_loss,
    reason = "a double holds 104 days to the nanosecond"
)]
pub(crate) fn millis(nanos: i64) -> f64 {
    nanos as f64 / NANOS_PER_MILLI
}

/// A count as GraphQL's `Int`, which has 32 bits: what is larger becomes the largest.
pub(crate) fn int(count: i64) -> i32 {
    i32::try_from(count).unwrap_or(if count < 0 { i32::MIN } else { i32::MAX })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_beyond_32_bits_is_the_largest_int() {
        assert_eq!(int(7), 7);
        assert_eq!(int(5_000_000_000), i32::MAX);
        assert_eq!(int(i64::MIN), i32::MIN);
    }

    #[test]
    fn nanoseconds_become_fractions_of_milliseconds() {
        assert_eq!(millis(1_500_000), 1.5);
        assert_eq!(millis(1), 0.000_001);
    }
}
