//! Sums over the spans of executions: tokens by model and by node, and how each node ran.

use std::collections::HashMap;

use diesel::{
    QueryResult, Queryable,
    sql_types::{Array, BigInt, Bool, Bytea, Double, Nullable, SmallInt, Text, Uuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use super::row::TokenUsage;
use crate::{ExecutionId, SpanId, SpanState, StatusCode, UsageRecord, statement::Statement};

/// What the calls of one model used.
#[derive(Debug, Clone, PartialEq)]
pub struct ModelUsage {
    pub provider: Option<String>,
    pub model: Option<String>,
    /// How many spans report it.
    pub calls: i64,
    pub usage: TokenUsage,
}

/// What the calls below one node used.
#[derive(Debug, Clone, PartialEq)]
pub struct NodeUsage {
    /// `None` for calls that belong to no node.
    pub node_id: Option<String>,
    /// How many spans report it.
    pub calls: i64,
    pub usage: TokenUsage,
}

/// How one node of a workflow ran within an execution: its visits together.
#[derive(Debug, Clone, PartialEq)]
pub struct NodeRun {
    pub node_id: String,
    /// RUNNING when any visit runs, else that of the last one.
    pub state: SpanState,
    /// Status of the visit that started last.
    pub status_code: StatusCode,
    pub status_message: Option<String>,
    /// The span of that visit.
    pub last_span_id: SpanId,
    /// How often the node was entered; a retry is no visit of its own.
    pub visits: i64,
    /// How often it was tried, retries included.
    pub attempts: i64,
    /// First start, in nanoseconds since the Unix epoch.
    pub start_ns: i64,
    /// Last end; `None` while it runs.
    pub end_ns: Option<i64>,
    /// Sum over the visits that have an end; `None` when none has.
    pub duration_ns: Option<i64>,
}

/// What an execution's spans report and its sums leave out, for one reason.
#[derive(Debug, Clone, PartialEq)]
pub struct UncountedUsage {
    /// True for calls that still run, whose usage is counted at their end; false for spans that repeat what those below them
    /// report.
    pub running: bool,
    /// How many spans report it.
    pub spans: i64,
    pub usage: TokenUsage,
}

type SumColumns = (
    BigInt,
    BigInt,
    BigInt,
    BigInt,
    BigInt,
    BigInt,
    Nullable<Double>,
    BigInt,
);

#[derive(Queryable)]
struct SumRow {
    calls: i64,
    input: i64,
    output: i64,
    cache_read: i64,
    cache_write: i64,
    reasoning: i64,
    cost_usd: Option<f64>,
    unpriced: i64,
}

impl SumRow {
    fn usage(&self) -> TokenUsage {
        TokenUsage {
            input: self.input,
            output: self.output,
            cache_read: self.cache_read,
            cache_write: self.cache_write,
            reasoning: self.reasoning,
            cost_usd: self.cost_usd,
            unpriced: self.unpriced,
        }
    }
}

const SUMS: &str = "count(*), sum(input_tokens)::bigint, sum(output_tokens)::bigint, sum(cache_read_tokens)::bigint, \
    sum(cache_write_tokens)::bigint, sum(reasoning_tokens)::bigint, sum(cost_usd), \
    coalesce(sum(input_tokens + output_tokens) FILTER (WHERE cost_usd IS NULL), 0)::bigint";

/// The counted usage of each execution by provider and model, the largest first.
pub async fn usage_by_model(
    conn: &mut AsyncPgConnection,
    executions: &[ExecutionId],
) -> QueryResult<HashMap<ExecutionId, Vec<ModelUsage>>> {
    let sql = format!(
        "SELECT k.execution_id, u.* FROM unnest($1::uuid[]) k (execution_id) CROSS JOIN LATERAL (\
         SELECT provider, model, {SUMS} FROM token_usage WHERE execution_id = k.execution_id AND counted \
         GROUP BY provider, model ORDER BY sum(input_tokens + output_tokens) DESC, provider, model) u"
    );
    let statement = Statement::<(Uuid, Nullable<Text>, Nullable<Text>, SumColumns)>::new(sql)
        .bind::<Array<Uuid>, _>(executions.to_vec());
    let rows: Vec<(ExecutionId, Option<String>, Option<String>, SumRow)> =
        statement.load(conn).await?;
    let mut result: HashMap<ExecutionId, Vec<ModelUsage>> = HashMap::new();
    for (execution, provider, model, sum) in rows {
        let usage = ModelUsage {
            provider,
            model,
            calls: sum.calls,
            usage: sum.usage(),
        };
        result.entry(execution).or_default().push(usage);
    }
    Ok(result)
}

/// The counted usage of each execution by node: that of the reporting span, else of the nearest span above it that has one.
/// The largest first.
pub async fn usage_by_node(
    conn: &mut AsyncPgConnection,
    executions: &[ExecutionId],
) -> QueryResult<HashMap<ExecutionId, Vec<NodeUsage>>> {
    // The walk upwards ends at a span with a node, at one without a parent, and where parents form a cycle.
    let sql = format!(
        "WITH RECURSIVE climb (execution_id, call, span_id, node_id, depth) AS (\
           SELECT u.execution_id, u.span_id, u.span_id, NULL::text, 0 FROM unnest($1::uuid[]) k (execution_id) \
           CROSS JOIN LATERAL (SELECT execution_id, span_id FROM token_usage \
             WHERE execution_id = k.execution_id AND counted OFFSET 0) u \
           UNION ALL SELECT c.execution_id, c.call, p.parent_span_id, p.node_id, c.depth + 1 FROM climb c \
           CROSS JOIN LATERAL (SELECT parent_span_id, node_id FROM spans \
             WHERE execution_id = c.execution_id AND span_id = c.span_id \
             UNION ALL SELECT parent_span_id, node_id FROM open_spans \
             WHERE execution_id = c.execution_id AND span_id = c.span_id OFFSET 0) p \
           WHERE c.node_id IS NULL AND c.span_id IS NOT NULL AND c.depth < 10000 \
             AND (c.depth = 0 OR c.span_id <> c.call)), \
         node (execution_id, span_id, node_id) AS (\
           SELECT execution_id, call, max(node_id) FROM climb GROUP BY execution_id, call) \
         SELECT n.execution_id, n.node_id, {SUMS} FROM node n CROSS JOIN LATERAL (SELECT * FROM token_usage \
           WHERE execution_id = n.execution_id AND span_id = n.span_id OFFSET 0) u \
         GROUP BY n.execution_id, n.node_id ORDER BY sum(input_tokens + output_tokens) DESC, n.node_id"
    );
    let statement = Statement::<(Uuid, Nullable<Text>, SumColumns)>::new(sql)
        .bind::<Array<Uuid>, _>(executions.to_vec());
    let rows: Vec<(ExecutionId, Option<String>, SumRow)> = statement.load(conn).await?;
    let mut result: HashMap<ExecutionId, Vec<NodeUsage>> = HashMap::new();
    for (execution, node_id, sum) in rows {
        let usage = NodeUsage {
            node_id,
            calls: sum.calls,
            usage: sum.usage(),
        };
        result.entry(execution).or_default().push(usage);
    }
    Ok(result)
}

/// The usage of each execution that its sums leave out, by reason.
pub async fn uncounted_usage(
    conn: &mut AsyncPgConnection,
    executions: &[ExecutionId],
) -> QueryResult<HashMap<ExecutionId, Vec<UncountedUsage>>> {
    const COLUMNS: &str = "input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, reasoning_tokens, cost_usd";
    let running = ["input", "output", "cache_read", "cache_write", "reasoning"]
        .map(|count| {
            format!(
                "least((usage ->> '{count}')::bigint, {})",
                UsageRecord::MAX_TOKENS
            )
        })
        .join(", ");
    let sql = format!(
        "SELECT k.execution_id, u.* FROM unnest($1::uuid[]) k (execution_id) CROSS JOIN LATERAL (\
         SELECT running, {SUMS} FROM (\
           SELECT false, {COLUMNS} FROM token_usage WHERE execution_id = k.execution_id AND NOT counted UNION ALL \
           SELECT true, {running}, (usage ->> 'cost_usd')::double precision FROM open_spans \
             WHERE execution_id = k.execution_id AND usage IS NOT NULL) u (running, {COLUMNS}) \
         GROUP BY running ORDER BY running) u"
    );
    let statement =
        Statement::<(Uuid, Bool, SumColumns)>::new(sql).bind::<Array<Uuid>, _>(executions.to_vec());
    let rows: Vec<(ExecutionId, bool, SumRow)> = statement.load(conn).await?;
    let mut result: HashMap<ExecutionId, Vec<UncountedUsage>> = HashMap::new();
    for (execution, running, sum) in rows {
        let usage = UncountedUsage {
            running,
            spans: sum.calls,
            usage: sum.usage(),
        };
        result.entry(execution).or_default().push(usage);
    }
    Ok(result)
}

type NodeRunColumns = (
    Text,
    SmallInt,
    SmallInt,
    Nullable<Text>,
    Bytea,
    BigInt,
    BigInt,
    BigInt,
    Nullable<BigInt>,
    Nullable<BigInt>,
);

#[derive(Queryable)]
struct NodeRunRow {
    node_id: String,
    state: SpanState,
    status_code: StatusCode,
    status_message: Option<String>,
    last_span_id: SpanId,
    visits: i64,
    attempts: i64,
    start_ns: i64,
    end_ns: Option<i64>,
    duration_ns: Option<i64>,
}

/// How the nodes of each execution ran, in order of their first start.
///
/// A span within a node may carry the node's id as well; only the outermost one is a visit.
pub async fn node_runs(
    conn: &mut AsyncPgConnection,
    executions: &[ExecutionId],
) -> QueryResult<HashMap<ExecutionId, Vec<NodeRun>>> {
    const COLUMNS: &str = "execution_id, span_id, parent_span_id, node_id, state, status_code, status_message, attempt, start_ns, end_ns";
    let sql = format!(
        "WITH n AS MATERIALIZED (SELECT s.* FROM unnest($1::uuid[]) k (execution_id) CROSS JOIN LATERAL (\
           SELECT {COLUMNS} FROM spans WHERE execution_id = k.execution_id AND node_id IS NOT NULL UNION ALL \
           SELECT {COLUMNS} FROM open_spans WHERE execution_id = k.execution_id AND node_id IS NOT NULL OFFSET 0) s), \
         visit AS (SELECT n.* FROM n LEFT JOIN n p ON p.execution_id = n.execution_id AND p.span_id = n.parent_span_id \
           AND p.node_id = n.node_id WHERE p.span_id IS NULL) \
         SELECT execution_id, node_id, \
           CASE WHEN bool_or(state = 0) THEN 0::smallint ELSE (array_agg(state ORDER BY start_ns DESC, span_id DESC))[1] END, \
           (array_agg(status_code ORDER BY start_ns DESC, span_id DESC))[1], \
           (array_agg(status_message ORDER BY start_ns DESC, span_id DESC))[1], \
           (array_agg(span_id ORDER BY start_ns DESC, span_id DESC))[1], \
           count(*) FILTER (WHERE coalesce(attempt, 1) = 1), count(*), min(start_ns), \
           CASE WHEN bool_or(state = 0) THEN NULL ELSE max(end_ns) END, sum(end_ns - start_ns)::bigint \
         FROM visit GROUP BY execution_id, node_id ORDER BY min(start_ns), node_id"
    );
    let statement =
        Statement::<(Uuid, NodeRunColumns)>::new(sql).bind::<Array<Uuid>, _>(executions.to_vec());
    let rows: Vec<(ExecutionId, NodeRunRow)> = statement.load(conn).await?;
    let mut result: HashMap<ExecutionId, Vec<NodeRun>> = HashMap::new();
    for (execution, row) in rows {
        result.entry(execution).or_default().push(NodeRun {
            node_id: row.node_id,
            state: row.state,
            status_code: row.status_code,
            status_message: row.status_message,
            last_span_id: row.last_span_id,
            visits: row.visits,
            attempts: row.attempts,
            start_ns: row.start_ns,
            end_ns: row.end_ns,
            duration_ns: row.duration_ns,
        });
    }
    Ok(result)
}
