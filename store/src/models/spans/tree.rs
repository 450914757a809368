//! What hangs below spans, at any depth, in one statement.
//!
//! Every span has one parent, so a walk downwards meets a span twice only where parents form a cycle through the span that
//! the walk began at. Not entering that one again ends every walk.

use std::collections::HashMap;

use diesel::{
    QueryResult,
    sql_types::{BigInt, Bytea, Integer, Nullable, Uuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use super::{
    list::{SpanPosition, bind_page_bounds, page_bounds},
    lookup::bind_keys,
    row::{Span, SpanColumns, SpanKey, SpanParts, UsageColumns, UsageRow},
    select::{USAGE_OF_EACH, both, complete, load_with_span_id},
    subtree::{Subtree, SubtreeSpan, aggregate},
};
use crate::{
    ExecutionId, SpanId,
    page::{Page, Slice},
    statement::Statement,
};

/// The descendants of each ancestor: one page each.
pub type DescendantPages = HashMap<SpanKey, Slice<Span>>;

/// The children of `t`, whose columns are those of both tables. The fence keeps the planner from hashing whole partitions.
const CHILDREN: &str = "(SELECT span_id, parent_span_id, start_ns FROM spans \
    WHERE execution_id = t.execution_id AND parent_span_id = t.span_id UNION ALL \
    SELECT span_id, parent_span_id, start_ns FROM open_spans \
    WHERE execution_id = t.execution_id AND parent_span_id = t.span_id OFFSET 0)";

/// A page of each ancestor's descendants in (start, span id) order, not deeper than `max_depth` (1 = children). No
/// more than `max_rows` are read, whatever the pages would hold: for callers that refuse so many.
pub async fn descendants(
    conn: &mut AsyncPgConnection,
    ancestors: &[SpanKey],
    max_depth: Option<i32>,
    page: &Page<SpanPosition>,
    parts: SpanParts,
    max_rows: i64,
) -> QueryResult<DescendantPages> {
    // The ancestor is a column of its own, because a span may hang below several of those asked for.
    let (bounds, last) = page_bounds(page, 3);
    let direction = page.direction();
    let limit = last + 1;
    let chosen = format!(
        "WITH RECURSIVE t (execution_id, ancestor, span_id, start_ns, depth) AS (\
           SELECT execution_id, span_id, span_id, NULL::bigint, 0 \
           FROM unnest($1::uuid[], $2::bytea[]) k (execution_id, span_id) \
           UNION ALL SELECT t.execution_id, t.ancestor, c.span_id, c.start_ns, t.depth + 1 \
           FROM t CROSS JOIN LATERAL {CHILDREN} c \
           WHERE c.span_id <> t.ancestor AND t.depth < coalesce($3::int, 2147483647)), \
         chosen AS MATERIALIZED (SELECT execution_id, ancestor, span_id FROM (\
           SELECT *, row_number() OVER (PARTITION BY execution_id, ancestor \
             ORDER BY start_ns {direction}, span_id {direction}) AS place \
           FROM t WHERE depth > 0{bounds}) n WHERE place <= ${limit})"
    );
    let rows = format!(
        "SELECT x.*, k.ancestor FROM chosen k CROSS JOIN LATERAL (SELECT * FROM ({}) y LIMIT 1) x",
        both(
            parts,
            "WHERE execution_id = k.execution_id AND span_id = k.span_id"
        )
    );
    let order = format!(
        "ORDER BY s.start_ns {direction}, s.span_id {direction} LIMIT ${}",
        last + 2
    );
    let sql = format!(
        "{chosen} {}",
        complete(parts, &rows, ", s.ancestor", &order)
    );
    let statement = bind_keys(Statement::<(SpanColumns, Bytea)>::new(sql), ancestors)
        .bind::<Nullable<Integer>, _>(max_depth);
    let statement = bind_page_bounds(statement, page);
    let statement = statement
        .bind::<BigInt, _>(page.fetch())
        .bind::<BigInt, _>(max_rows);
    let spans = load_with_span_id(conn, statement, parts).await?;

    let mut by_ancestor: HashMap<SpanKey, Vec<Span>> = HashMap::new();
    for (ancestor, span) in spans {
        by_ancestor
            .entry((span.execution_id, ancestor))
            .or_default()
            .push(span);
    }
    Ok(by_ancestor
        .into_iter()
        .map(|(ancestor, spans)| (ancestor, page.slice(spans)))
        .collect())
}

/// What lies below each of these spans, together. A key without a span has none in the result.
pub async fn subtrees(
    conn: &mut AsyncPgConnection,
    roots: &[SpanKey],
) -> QueryResult<HashMap<SpanKey, Subtree>> {
    // UNION reads each span once, however many of the roots it hangs below, and ends in cycles.
    let sql = format!(
        "WITH RECURSIVE t (execution_id, span_id, parent_span_id) AS (\
           SELECT execution_id, span_id, NULL::bytea FROM unnest($1::uuid[], $2::bytea[]) k (execution_id, span_id) \
           UNION SELECT t.execution_id, c.span_id, c.parent_span_id FROM t CROSS JOIN LATERAL {CHILDREN} c) \
         SELECT s.execution_id, s.span_id, s.parent_span_id, o.usage, u.counted, u.provider, u.model, u.input_tokens, \
         u.output_tokens, u.cache_read_tokens, u.cache_write_tokens, u.reasoning_tokens, u.cost_usd \
         FROM t s {USAGE_OF_EACH} LEFT JOIN open_spans o ON o.execution_id = s.execution_id AND o.span_id = s.span_id"
    );
    let statement = bind_keys(
        Statement::<(Uuid, Bytea, Nullable<Bytea>, UsageColumns)>::new(sql),
        roots,
    );
    let rows: Vec<(ExecutionId, SpanId, Option<SpanId>, UsageRow)> = statement.load(conn).await?;
    let spans = rows
        .into_iter()
        .map(|(execution, span, parent, usage)| SubtreeSpan {
            key: (execution, span),
            parent: parent.map(|parent| (execution, parent)),
            usage: usage
                .into_record()
                .filter(|usage| usage.counted)
                .map(|usage| (&usage).into()),
        });
    Ok(aggregate(spans, roots))
}
