//! Spans as they are read: `spans` (over) and `open_spans` (running) have the same columns, so both yield [`Span`].

use diesel::prelude::*;

use crate::{
    ExecutionId, JsonText, Revision, SpanCategory, SpanId, SpanKind, SpanState, StatusCode,
    TraceId, schema::spans,
};

/// One span in its latest state.
///
/// `input`, `output` and large attributes may still be in `span_contents`: [`super::span_contents::merge`] puts them in
/// place.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, QueryableByName, Selectable)]
#[diesel(table_name = spans, check_for_backend(diesel::pg::Pg))]
pub struct Span {
    pub execution_id: ExecutionId,
    pub span_id: SpanId,
    pub workspace_id: String,
    pub trace_id: TraceId,
    /// The parent may be unknown: it need not have come yet, or belong to the caller.
    pub parent_span_id: Option<SpanId>,
    pub revision: Revision,
    /// Nanoseconds since the Unix epoch.
    pub start_ns: i64,
    /// `None` while the span runs, and for an abandoned one.
    pub end_ns: Option<i64>,
    pub state: SpanState,
    pub kind: SpanKind,
    pub category: SpanCategory,
    pub status_code: StatusCode,
    pub attempt: Option<i32>,
    pub iteration: Option<i32>,
    /// OTLP span flags, bit for bit.
    pub flags: i32,
    pub name: String,
    pub status_message: Option<String>,
    pub node_id: Option<String>,
    pub node_type: Option<String>,
    /// `None` when it is the name.
    pub display_name: Option<String>,
    pub trace_state: Option<String>,
    /// Attributes, events and links that the producer dropped; `None` when none.
    pub dropped_counts: Option<Vec<Option<i32>>>,
    pub resource_hash: Option<Vec<u8>>,
    pub scope_hash: Option<Vec<u8>>,
    /// A JSON object.
    pub attributes: JsonText,
    /// JSON arrays, `None` when empty.
    pub events: Option<JsonText>,
    pub links: Option<JsonText>,
    pub input: Option<JsonText>,
    pub output: Option<JsonText>,
    /// What is kept in `span_contents`.
    pub contents: Option<JsonText>,
}

/// The columns of [`Span`] in both tables, for statements that are written as text.
///
/// Read `spans UNION ALL open_spans` in one statement, which is one snapshot: a span that moves between them would be seen
/// twice or not at all by two.
pub const COLUMNS: &str = "execution_id, span_id, workspace_id, trace_id, parent_span_id, revision, start_ns, end_ns, \
    state, kind, category, status_code, attempt, iteration, flags, name, status_message, node_id, node_type, \
    display_name, trace_state, dropped_counts, resource_hash, scope_hash, attributes, events, links, input, output, \
    contents";
