//! Spans with everything that is known of them, also what only their producer needs: for handing a trace on.

use std::collections::HashMap;

use diesel::{
    QueryResult, Queryable,
    sql_types::{Array, Bytea, Integer, Nullable, Text, Uuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};

use super::{
    filter::SpanFilter,
    list::{SpanPosition, pages},
    row::{Span, SpanParts},
};
use crate::{
    ExecutionId, SpanId,
    page::{Page, Slice},
    statement::Statement,
};

/// A span with everything that is known of it.
#[derive(Debug, Clone)]
pub struct WholeSpan {
    pub span: Span,
    pub trace_state: Option<String>,
    /// OTLP span flags.
    pub flags: u32,
    /// Attributes, events and links that the producer dropped.
    pub dropped: [u32; 3],
    /// The OpenTelemetry resource: a JSON object.
    pub resource: Option<String>,
    /// The instrumentation scope: a JSON object.
    pub scope: Option<String>,
}

#[derive(Queryable)]
struct Rest {
    span_id: SpanId,
    trace_state: Option<String>,
    flags: i32,
    dropped: Option<Vec<i32>>,
    resource: Option<String>,
    scope: Option<String>,
}

type RestColumns = (
    Bytea,
    Nullable<Text>,
    Integer,
    Nullable<Array<Integer>>,
    Nullable<Text>,
    Nullable<Text>,
);

/// A page of an execution's spans in (start, span id) order.
///
/// # Errors
/// When a statement fails.
pub async fn whole(
    connection: &mut AsyncPgConnection,
    execution: ExecutionId,
    page: &Page<SpanPosition>,
) -> QueryResult<Slice<WholeSpan>> {
    const CONTENT: &str =
        "(SELECT content FROM span_contents WHERE execution_id = $1 AND hash = s.";
    const COLUMNS: &str = "span_id, trace_state, flags, dropped_counts, resource_hash, scope_hash";
    let filter = SpanFilter::default();
    let mut found = pages(
        connection,
        &[execution],
        filter,
        page,
        SpanParts::ALL,
        page.fetch(),
    )
    .await?;
    let Some(slice) = found.remove(&execution) else {
        return Ok(page.slice(Vec::new()));
    };
    let sql = format!(
        "SELECT s.span_id, s.trace_state, s.flags, s.dropped_counts, {CONTENT}resource_hash), {CONTENT}scope_hash) \
         FROM (SELECT {COLUMNS} FROM spans WHERE execution_id = $1 AND span_id = ANY ($2) \
         UNION ALL SELECT {COLUMNS} FROM open_spans WHERE execution_id = $1 AND span_id = ANY ($2)) s"
    );
    let ids: Vec<SpanId> = slice.rows.iter().map(|span| span.span_id).collect();
    let rests: Vec<Rest> = Statement::<RestColumns>::new(sql)
        .bind::<Uuid, _>(execution)
        .bind::<Array<Bytea>, _>(ids)
        .load(connection)
        .await?;
    let mut rests: HashMap<SpanId, Rest> =
        rests.into_iter().map(|rest| (rest.span_id, rest)).collect();
    let rows = slice.rows.into_iter().map(|span| {
        let rest = rests.remove(&span.span_id);
        let dropped = rest.as_ref().and_then(|rest| rest.dropped.as_deref());
        let count = |index: usize| {
            let count = dropped.and_then(|dropped| dropped.get(index)).copied();
            u32::try_from(count.unwrap_or(0)).unwrap_or(0)
        };
        WholeSpan {
            dropped: [count(0), count(1), count(2)],
            flags: rest.as_ref().map_or(0, |rest| rest.flags.cast_unsigned()),
            trace_state: rest.as_ref().and_then(|rest| rest.trace_state.clone()),
            resource: rest.as_ref().and_then(|rest| rest.resource.clone()),
            scope: rest.and_then(|rest| rest.scope),
            span,
        }
    });
    Ok(Slice {
        rows: rows.collect(),
        has_previous: slice.has_previous,
        has_next: slice.has_next,
    })
}
