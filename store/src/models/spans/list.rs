//! Pages of an execution's spans in (start, span id) order.

use diesel::{
    QueryResult,
    sql_types::{BigInt, Bytea, Uuid},
};
use diesel_async::AsyncPgConnection;

use super::{
    filter::SpanFilter,
    row::{Span, SpanColumns, SpanParts},
    select::{both, complete_one_execution, load},
};
use crate::{
    ExecutionId, SpanId,
    page::{Page, Slice},
    statement::Statement,
};

/// Where a span stands in the order: start in nanoseconds since the Unix epoch, then id.
pub type SpanPosition = (i64, SpanId);

/// The spans that `filter` lets through.
pub async fn page(
    conn: &mut AsyncPgConnection,
    execution: ExecutionId,
    filter: SpanFilter,
    page: &Page<SpanPosition>,
    parts: SpanParts,
) -> QueryResult<Slice<Span>> {
    list(conn, execution, filter, "", page, parts).await
}

/// The spans without a parent in the execution: without any, with one that is not known here, or with themselves.
pub async fn roots(
    conn: &mut AsyncPgConnection,
    execution: ExecutionId,
    page: &Page<SpanPosition>,
    parts: SpanParts,
) -> QueryResult<Slice<Span>> {
    const ROOT: &str = "AND (parent_span_id IS NULL OR parent_span_id = span_id OR NOT EXISTS (\
        SELECT FROM spans p WHERE p.execution_id = $1 AND p.span_id = i.parent_span_id) AND NOT EXISTS (\
        SELECT FROM open_spans p WHERE p.execution_id = $1 AND p.span_id = i.parent_span_id))";
    list(conn, execution, SpanFilter::default(), ROOT, page, parts).await
}

async fn list(
    conn: &mut AsyncPgConnection,
    execution: ExecutionId,
    filter: SpanFilter,
    condition: &str,
    page: &Page<SpanPosition>,
    parts: SpanParts,
) -> QueryResult<Slice<Span>> {
    let mut rest = format!("i WHERE execution_id = $1 {condition}");
    let mut parameters = 1;
    let mut binds = Vec::new();
    for (operator, bound) in [(">", page.after), ("<", page.before)] {
        if let Some(bound) = bound {
            rest.push_str(&format!(
                " AND (start_ns, span_id) {operator} (${}, ${})",
                parameters + 1,
                parameters + 2
            ));
            parameters += 2;
            binds.push(bound);
        }
    }
    let filtered = !filter.is_empty();
    if filtered {
        rest.push_str(&format!(" AND {}", SpanFilter::condition(parameters + 1)));
        parameters += SpanFilter::PARAMETERS;
    }
    let order = format!("ORDER BY start_ns {0}, span_id {0}", page.direction());
    let limit = format!("LIMIT ${}", parameters + 1);
    rest.push_str(&format!(" {order} {limit}"));

    let rows = format!("{} {order} {limit}", both(parts, &rest));
    let outer = format!("ORDER BY s.start_ns {0}, s.span_id {0}", page.direction());
    let mut statement = Statement::<SpanColumns>::new(complete_one_execution(parts, &rows, &outer))
        .bind::<Uuid, _>(execution);
    for (start_ns, span_id) in binds {
        statement = statement
            .bind::<BigInt, _>(start_ns)
            .bind::<Bytea, _>(span_id);
    }
    if filtered {
        statement = filter.bind(statement);
    }
    let spans = load(conn, statement.bind::<BigInt, _>(page.fetch()), parts).await?;
    Ok(page.slice(spans))
}
