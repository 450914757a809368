//! Spans by their ids and by their parents, of any executions, one statement for all keys.

use std::collections::HashMap;

use diesel::{
    QueryResult,
    sql_types::{Array, BigInt, Bytea, Uuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use super::{
    list::{SpanPosition, bind_page_bounds, page_bounds},
    row::{Span, SpanColumns, SpanKey, SpanParts},
    select::{both, complete, load},
};
use crate::{
    ExecutionId, SpanId,
    page::{Page, Slice},
    statement::Statement,
};

/// The children of each parent: one page each.
pub type ChildPages = HashMap<SpanKey, Slice<Span>>;

/// The spans with these keys; a key without a span has none in the result.
pub async fn by_ids(
    conn: &mut AsyncPgConnection,
    keys: &[SpanKey],
    parts: SpanParts,
) -> QueryResult<Vec<Span>> {
    let rest = "WHERE execution_id = k.execution_id AND span_id = k.span_id";
    let rows = format!(
        "SELECT x.* FROM unnest($1::uuid[], $2::bytea[]) k (execution_id, span_id) \
         CROSS JOIN LATERAL (SELECT * FROM ({}) y LIMIT 1) x",
        both(parts, rest)
    );
    let statement = bind_keys(
        Statement::<SpanColumns>::new(complete(parts, &rows, "", "")),
        keys,
    );
    load(conn, statement, parts).await
}

/// A page of each parent's children in (start, span id) order. A span is no child of itself. No more than
/// `max_rows` are read, whatever the pages would hold: for callers that refuse so many.
pub async fn children(
    conn: &mut AsyncPgConnection,
    parents: &[SpanKey],
    page: &Page<SpanPosition>,
    parts: SpanParts,
    max_rows: i64,
) -> QueryResult<ChildPages> {
    let order = format!("ORDER BY start_ns {0}, span_id {0}", page.direction());
    let (bounds, last) = page_bounds(page, 2);
    let limit = format!("LIMIT ${}", last + 1);
    let rest = format!(
        "WHERE execution_id = k.execution_id AND parent_span_id = k.span_id AND span_id <> k.span_id{bounds} {order} {limit}"
    );
    let rows = format!(
        "SELECT x.* FROM unnest($1::uuid[], $2::bytea[]) k (execution_id, span_id) \
         CROSS JOIN LATERAL ({} {order} {limit}) x",
        both(parts, &rest)
    );
    let outer = format!(
        "ORDER BY s.start_ns {0}, s.span_id {0} LIMIT ${1}",
        page.direction(),
        last + 2
    );
    let statement = bind_keys(
        Statement::<SpanColumns>::new(complete(parts, &rows, "", &outer)),
        parents,
    );
    let statement = bind_page_bounds(statement, page);
    let statement = statement
        .bind::<BigInt, _>(page.fetch())
        .bind::<BigInt, _>(max_rows);
    let spans = load(conn, statement, parts).await?;

    let mut by_parent: HashMap<SpanKey, Vec<Span>> = HashMap::new();
    for span in spans {
        if let Some(parent) = span.parent_span_id {
            by_parent
                .entry((span.execution_id, parent))
                .or_default()
                .push(span);
        }
    }
    Ok(by_parent
        .into_iter()
        .map(|(parent, spans)| (parent, page.slice(spans)))
        .collect())
}

/// How many children each of these spans has; one without children is not in the result.
pub async fn child_counts(
    conn: &mut AsyncPgConnection,
    parents: &[SpanKey],
) -> QueryResult<HashMap<SpanKey, i64>> {
    const SQL: &str = "SELECT k.execution_id, k.span_id, c.count FROM unnest($1::uuid[], $2::bytea[]) k (execution_id, span_id) \
        CROSS JOIN LATERAL (SELECT sum(n)::bigint AS count FROM (\
        SELECT count(*) AS n FROM spans WHERE execution_id = k.execution_id AND parent_span_id = k.span_id \
        AND span_id <> k.span_id UNION ALL \
        SELECT count(*) FROM open_spans WHERE execution_id = k.execution_id AND parent_span_id = k.span_id \
        AND span_id <> k.span_id) x) c WHERE c.count > 0";
    let statement = bind_keys(Statement::<(Uuid, Bytea, BigInt)>::new(SQL), parents);
    let rows: Vec<(ExecutionId, SpanId, i64)> = statement.load(conn).await?;
    Ok(rows
        .into_iter()
        .map(|(execution, span, count)| ((execution, span), count))
        .collect())
}

/// Binds keys as the two arrays that `unnest` makes rows of.
pub(super) fn bind_keys<ST>(statement: Statement<ST>, keys: &[SpanKey]) -> Statement<ST> {
    let (executions, spans): (Vec<ExecutionId>, Vec<SpanId>) = keys.iter().copied().unzip();
    statement
        .bind::<Array<Uuid>, _>(executions)
        .bind::<Array<Bytea>, _>(spans)
}
