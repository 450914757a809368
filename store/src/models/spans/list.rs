//! Pages of an execution's spans in (start, span id) order.

use std::collections::HashMap;

use diesel::{
    QueryResult,
    sql_types::{Array, BigInt, Bytea, Uuid},
};
use diesel_async::AsyncPgConnection;

use super::{
    filter::SpanFilter,
    row::{Span, SpanColumns, SpanParts},
    select::{both, complete, complete_one_execution, load},
};
use crate::{
    ExecutionId, SpanId,
    page::{Page, Slice},
    statement::Statement,
};

/// Where a span stands in the order: start in nanoseconds since the Unix epoch, then id.
pub type SpanPosition = (i64, SpanId);

/// One page of spans for each execution.
pub type ExecutionPages = HashMap<ExecutionId, Slice<Span>>;

/// The spans of each execution that `filter` lets through; an execution without any is not in the result. No more than
/// `max_rows` are read, whatever the pages would hold: for callers that refuse so many.
///
/// # Errors
/// When the statement fails.
pub async fn pages(
    connection: &mut AsyncPgConnection,
    executions: &[ExecutionId],
    filter: SpanFilter,
    page: &Page<SpanPosition>,
    parts: SpanParts,
    max_rows: i64,
) -> QueryResult<ExecutionPages> {
    list(connection, executions, filter, "", page, parts, max_rows).await
}

/// The spans without a parent in their execution: without any, with one that is not known here, or with themselves.
///
/// # Errors
/// When the statement fails.
pub async fn roots(
    connection: &mut AsyncPgConnection,
    executions: &[ExecutionId],
    page: &Page<SpanPosition>,
    parts: SpanParts,
    max_rows: i64,
) -> QueryResult<ExecutionPages> {
    const ROOT: &str = " AND (parent_span_id IS NULL OR parent_span_id = span_id OR NOT EXISTS (\
        SELECT FROM spans p WHERE p.execution_id = i.execution_id AND p.span_id = i.parent_span_id) AND NOT EXISTS (\
        SELECT FROM open_spans p WHERE p.execution_id = i.execution_id AND p.span_id = i.parent_span_id))";
    list(
        connection,
        executions,
        SpanFilter::default(),
        ROOT,
        page,
        parts,
        max_rows,
    )
    .await
}

async fn list(
    connection: &mut AsyncPgConnection,
    executions: &[ExecutionId],
    filter: SpanFilter,
    condition: &str,
    page: &Page<SpanPosition>,
    parts: SpanParts,
    max_rows: i64,
) -> QueryResult<ExecutionPages> {
    // A parameter of its own lets the planner leave out partitions before it looks at them.
    let (single, execution) = match executions {
        [_] => (true, "$1"),
        _ => (false, "k.execution_id"),
    };
    let (bounds, mut last) = page_bounds(page, 1);
    let mut rest = format!("i WHERE execution_id = {execution}{condition}{bounds}");
    let filtered = !filter.is_empty();
    if filtered {
        rest.push_str(&format!(" AND {}", SpanFilter::condition(last + 1)));
        last += SpanFilter::PARAMETERS;
    }
    let direction = page.direction();
    let end = format!(
        "ORDER BY start_ns {direction}, span_id {direction} LIMIT ${}",
        last + 1
    );
    let rows = format!("{} {end}", both(parts, &format!("{rest} {end}")));
    let outer = format!(
        "ORDER BY s.start_ns {direction}, s.span_id {direction} LIMIT ${}",
        last + 2
    );
    let sql = if single {
        complete_one_execution(parts, &rows, &outer)
    } else {
        let rows = format!(
            "SELECT x.* FROM unnest($1::uuid[]) k (execution_id) CROSS JOIN LATERAL ({rows}) x"
        );
        complete(parts, &rows, "", &outer)
    };
    let statement = Statement::<SpanColumns>::new(sql);
    let statement = match executions {
        [execution] => statement.bind::<Uuid, _>(*execution),
        _ => statement.bind::<Array<Uuid>, _>(executions.to_vec()),
    };
    let mut statement = bind_page_bounds(statement, page);
    if filtered {
        statement = filter.bind(statement);
    }
    let statement = statement
        .bind::<BigInt, _>(page.fetch())
        .bind::<BigInt, _>(max_rows);
    let spans = load(connection, statement, parts).await?;
    let mut result: HashMap<ExecutionId, Vec<Span>> = HashMap::new();
    for span in spans {
        result.entry(span.execution_id).or_default().push(span);
    }
    Ok(result
        .into_iter()
        .map(|(execution, spans)| (execution, page.slice(spans)))
        .collect())
}

/// The condition that keeps rows within the page's bounds, with parameters after `$last`, and the last parameter then.
pub(super) fn page_bounds(page: &Page<SpanPosition>, last: usize) -> (String, usize) {
    let mut bounds = String::new();
    let mut last = last;
    for (operator, bound) in [(">", page.after), ("<", page.before)] {
        if bound.is_some() {
            bounds.push_str(&format!(
                " AND (start_ns, span_id) {operator} (${}, ${})",
                last + 1,
                last + 2
            ));
            last += 2;
        }
    }
    (bounds, last)
}

/// Binds the parameters of [`page_bounds`].
pub(super) fn bind_page_bounds<ST>(
    statement: Statement<ST>,
    page: &Page<SpanPosition>,
) -> Statement<ST> {
    [page.after, page.before].into_iter().flatten().fold(
        statement,
        |statement, (start_ns, span_id)| {
            statement
                .bind::<BigInt, _>(start_ns)
                .bind::<Bytea, _>(span_id)
        },
    )
}
