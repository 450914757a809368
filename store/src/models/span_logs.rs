//! Log records that belong to spans.

use diesel::prelude::*;

use crate::{ExecutionId, JsonText, Revision, SpanId, schema::span_logs};

#[derive(Debug, Clone, PartialEq, Eq, Queryable, QueryableByName, Selectable)]
#[diesel(table_name = span_logs, check_for_backend(diesel::pg::Pg))]
pub struct SpanLog {
    pub execution_id: ExecutionId,
    pub span_id: SpanId,
    /// Nanoseconds since the Unix epoch.
    pub time_ns: i64,
    pub log_id: i64,
    pub workspace_id: String,
    pub revision: Revision,
    /// OTLP severity number, 0 when unknown.
    pub severity: i16,
    pub name: Option<String>,
    pub body: Option<JsonText>,
    pub attributes: JsonText,
    pub input: Option<JsonText>,
    pub output: Option<JsonText>,
}
