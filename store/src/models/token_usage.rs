//! Token usage of ended spans; that of running ones is `open_spans.usage`, a JSON object of the same names.

use diesel::prelude::*;

use crate::{ExecutionId, Revision, SpanId, schema::token_usage};

/// What one span reports: input includes cached tokens, output includes reasoning.
#[derive(Debug, Clone, PartialEq, Queryable, QueryableByName, Selectable)]
#[diesel(table_name = token_usage, check_for_backend(diesel::pg::Pg))]
pub struct TokenUsage {
    pub execution_id: ExecutionId,
    pub span_id: SpanId,
    pub workspace_id: String,
    pub revision: Revision,
    /// False when the span repeats what its children report: left out of every sum.
    pub counted: bool,
    pub provider: Option<String>,
    pub model: Option<String>,
    pub input_tokens: i64,
    pub output_tokens: i64,
    pub cache_read_tokens: i64,
    pub cache_write_tokens: i64,
    pub reasoning_tokens: i64,
    pub cost_usd: Option<f64>,
}
