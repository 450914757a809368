//! The text of every read of spans: `spans UNION ALL open_spans`, with the parts that are wanted.

use diesel::{QueryResult, sql_types::Bytea};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use super::{
    moments::moments,
    row::{Span, SpanColumns, SpanParts, SpanRow},
};
use crate::{SpanId, models::span_contents, statement::Statement};

const CORE: &str = "execution_id, span_id, trace_id, parent_span_id, revision, start_ns, end_ns, first_token_ns, state, kind, \
    category, status_code, status_message, name, node_id, node_type, display_name, attempt, iteration";

/// The log records of the span `s` as one JSON array in order of time.
const LOGS: &str = "(SELECT json_agg(json_build_object('name', l.name, 'time_ns', l.time_ns, 'severity', l.severity, \
    'body', l.body, 'attributes', l.attributes) ORDER BY l.time_ns, l.log_id) \
    FROM span_logs l WHERE l.execution_id = s.execution_id AND l.span_id = s.span_id)";

/// Rows of both tables. `rest` follows `FROM table` in each: a condition, and an order and limit if each side has its own.
pub(super) fn both(parts: SpanParts, rest: &str) -> String {
    let column = |wanted: bool, name: &str| {
        if wanted {
            name.to_owned()
        } else {
            format!("NULL::json AS {name}")
        }
    };
    let columns = [
        column(parts.attributes, "attributes"),
        column(parts.events || parts.moments, "events"),
        column(parts.events, "links"),
        column(parts.payload, "input"),
        column(parts.payload, "output"),
        column(parts.attributes || parts.payload, "contents"),
    ]
    .join(", ");
    let usage = column(parts.usage, "usage");
    format!(
        "(SELECT {CORE}, {columns}, NULL::json AS usage FROM spans {rest}) \
         UNION ALL (SELECT {CORE}, {columns}, {usage} FROM open_spans {rest})"
    )
}

/// Completes `rows` (a query with the columns of [`both`], of one execution `$1`) with what other tables know of each span.
pub(super) fn complete_one_execution(parts: SpanParts, rows: &str, order: &str) -> String {
    let usage = if parts.usage {
        "LEFT JOIN token_usage u ON u.execution_id = $1 AND u.span_id = s.span_id"
    } else {
        ""
    };
    format!(
        "SELECT {columns} FROM ({rows}) s {usage} LEFT JOIN execution_rollups r ON r.execution_id = $1 {order}",
        // Most executions have no log records, which is asked once here and not for each span.
        columns = completed_columns(
            parts,
            "EXISTS (SELECT FROM span_logs WHERE execution_id = $1)",
            TOLD_IN_EXECUTION,
        )
    )
}

/// The same for rows of any executions. The lateral joins keep the planner from scanning whole partitions. `extra` columns of
/// `s` follow those of the span.
pub(super) fn complete(parts: SpanParts, rows: &str, extra: &str, order: &str) -> String {
    let usage = if parts.usage { USAGE_OF_EACH } else { "" };
    format!(
        "SELECT {columns}{extra} FROM ({rows}) s {usage} \
         LEFT JOIN LATERAL (SELECT start_ns, revision FROM execution_rollups WHERE execution_id = s.execution_id \
         OFFSET 0) r ON true {order}",
        columns = completed_columns(parts, "true", "true")
    )
}

/// Joins the usage of each span of `s` as `u`.
pub(super) const USAGE_OF_EACH: &str = "LEFT JOIN LATERAL (SELECT * FROM token_usage \
    WHERE execution_id = s.execution_id AND span_id = s.span_id OFFSET 0) u ON true";

/// Whether any log record of the execution `$1` tells something of an input or output: asked once, not for each span.
const TOLD_IN_EXECUTION: &str = "EXISTS (SELECT FROM span_logs WHERE execution_id = $1 \
    AND (input IS NOT NULL OR output IS NOT NULL))";

/// The input or output of the span `s`: its own, else what its log records tell, if `told`.
fn payload(column: &str, told: &str) -> String {
    format!(
        "CASE WHEN s.{column} IS NOT NULL OR s.contents ->> '{column}' IS NOT NULL OR NOT {told} THEN s.{column} ELSE \
         (SELECT json_agg(m.message ORDER BY l.time_ns, l.log_id, m.number) FROM span_logs l \
         CROSS JOIN LATERAL json_array_elements(l.{column}) WITH ORDINALITY m (message, number) \
         WHERE l.execution_id = s.execution_id AND l.span_id = s.span_id AND l.{column} IS NOT NULL) END"
    )
}

/// `logged` and `told`: whether any log records are there at all, and any that tell something of an input or output.
fn completed_columns(parts: SpanParts, logged: &str, told: &str) -> String {
    let [input, output] = ["input", "output"].map(|column| {
        if parts.payload {
            payload(column, told)
        } else {
            format!("s.{column}")
        }
    });
    let core = CORE
        .split(", ")
        .map(|column| format!("s.{column}"))
        .collect::<Vec<_>>()
        .join(", ");
    let (events, logs) = if parts.events {
        ("s.events", format!("CASE WHEN {logged} THEN {LOGS} END"))
    } else {
        ("NULL::json", "NULL::json".to_owned())
    };
    let moments = if parts.moments {
        moments(logged)
    } else {
        "NULL::json".to_owned()
    };
    let usage = if parts.usage {
        "u.counted, u.provider, u.model, u.input_tokens, u.output_tokens, u.cache_read_tokens, u.cache_write_tokens, \
         u.reasoning_tokens, u.cost_usd"
    } else {
        "NULL::bool, NULL::text, NULL::text, NULL::bigint, NULL::bigint, NULL::bigint, NULL::bigint, NULL::bigint, \
         NULL::double precision"
    };
    format!(
        "{core}, s.attributes, {events}, {logs}, s.links, {input}, {output}, s.contents, {moments}, s.usage, {usage}, \
         r.start_ns, r.revision"
    )
}

/// Runs a completed statement and merges the values that are kept outside the rows.
pub(super) async fn load(
    conn: &mut AsyncPgConnection,
    statement: Statement<SpanColumns>,
    parts: SpanParts,
) -> QueryResult<Vec<Span>> {
    let rows: Vec<SpanRow> = statement.load(conn).await?;
    let mut spans: Vec<Span> = rows.into_iter().map(|row| row.into_span(parts)).collect();
    span_contents::merge(conn, &mut spans).await?;
    Ok(spans)
}

/// The same for a statement that selects the id of another span beside each, as `extra`.
pub(super) async fn load_with_span_id(
    conn: &mut AsyncPgConnection,
    statement: Statement<(SpanColumns, Bytea)>,
    parts: SpanParts,
) -> QueryResult<Vec<(SpanId, Span)>> {
    let rows: Vec<(SpanRow, SpanId)> = statement.load(conn).await?;
    let (others, mut spans): (Vec<SpanId>, Vec<Span>) = rows
        .into_iter()
        .map(|(row, other)| (other, row.into_span(parts)))
        .unzip();
    span_contents::merge(conn, &mut spans).await?;
    Ok(others.into_iter().zip(spans).collect())
}
