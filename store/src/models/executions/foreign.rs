//! Executions that another engine runs: made on the first sign of their trace, told more by every request about it.

use std::collections::HashMap;

use diesel::{
    QueryResult,
    sql_types::{Array, BigInt, Bytea, Nullable, SmallInt, Text, Uuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use super::Execution;
use crate::{
    ExecutionId, ExecutionStatus, Naming, TraceId, changes::CHANNEL, models::now_ns,
    statement::Statement,
};

/// A trace that another program makes.
#[derive(Debug, Clone)]
pub struct ForeignTrace {
    pub trace_id: TraceId,
    pub workflow_id: Option<Naming>,
    pub thread_id: Option<Naming>,
    pub external_id: Option<Naming>,
    /// Nanoseconds since the Unix epoch.
    pub started_ns: i64,
}

/// The parameters are arrays with an element for each trace. Keys go first: whoever has taken a trace id makes the rest.
/// Its commit is not waited for: an execution that a crash takes away has no spans yet, since their commit would have made it
/// durable as well.
const ADOPT: &str = "WITH i AS MATERIALIZED (SELECT * FROM unnest($1::text[], $2::uuid[], $3::bytea[], $4::bigint[], \
      $5::smallint[], $6::bigint[], $7::text[], $8::smallint[], $9::bigint[], $10::text[], $11::smallint[], $12::bigint[], \
      $13::text[]) i (key, execution_id, trace_id, started_ns, workflow_rank, workflow_since_ns, workflow_id, thread_rank, \
      thread_since_ns, thread_id, external_rank, external_since_ns, external_id)), \
    taken AS (INSERT INTO execution_keys (workspace_id, kind, key, execution_id) \
      SELECT $14, 'trace', key, execution_id FROM i ORDER BY key ON CONFLICT DO NOTHING RETURNING execution_id), \
    fresh AS MATERIALIZED (SELECT i.* FROM i JOIN taken USING (execution_id)), \
    named AS (INSERT INTO workflows (workspace_id, workflow_id, name, external, current_version, created_ns, updated_ns) \
      SELECT DISTINCT $14, workflow_id, workflow_id, true, 0, $15::bigint, $15 FROM fresh WHERE workflow_id IS NOT NULL \
      ORDER BY 2 ON CONFLICT DO NOTHING), \
    begun AS (INSERT INTO executions (execution_id, workspace_id, status, trace_id, queued_ns, started_ns, workflow_rank, \
      workflow_since_ns, workflow_id, thread_rank, thread_since_ns, thread_id, external_rank, external_since_ns, external_id) \
      SELECT execution_id, $14, $16::smallint, trace_id, started_ns, started_ns, workflow_rank, workflow_since_ns, workflow_id, \
      thread_rank, thread_since_ns, thread_id, external_rank, external_since_ns, external_id FROM fresh), \
    called AS (INSERT INTO execution_keys (workspace_id, kind, key, execution_id) \
      SELECT $14, 'external', external_id, execution_id FROM fresh WHERE external_id IS NOT NULL), \
    counted AS (INSERT INTO execution_rollups (execution_id, workspace_id, revision) SELECT execution_id, $14, 1 FROM fresh), \
    numbered AS (SELECT execution_id, row_number() OVER (ORDER BY execution_id) AS number FROM fresh), \
    notified AS MATERIALIZED (SELECT pg_notify($17, string_agg('A' || execution_id || ':1', ',')) FROM numbered \
      GROUP BY (number - 1) / 100), \
    unhurried AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true)) \
    SELECT trace_id, execution_id FROM fresh \
    WHERE (SELECT count(*) FROM notified) + (SELECT count(*) FROM unhurried) > 0";

/// Probes by key, whatever the planner believes of the table's size: it may have been empty a moment ago.
const FIND: &str = "SELECT decode(i.key, 'hex'), k.execution_id FROM unnest($1::text[]) i (key) \
    CROSS JOIN LATERAL (SELECT execution_id FROM execution_keys \
      WHERE workspace_id = $2 AND kind = 'trace' AND key = i.key OFFSET 0) k";

/// Executions whose trace has been quiet, and what of it is still open: they run, or a span of theirs does.
const QUIET: &str = "SELECT e.execution_id, coalesce(r.end_ns, r.start_ns, e.queued_ns) \
    FROM (SELECT execution_id FROM executions WHERE status IN (0, 1) UNION SELECT execution_id FROM open_spans) o \
    JOIN executions e ON e.execution_id = o.execution_id JOIN execution_rollups r ON r.execution_id = o.execution_id \
    WHERE e.workspace_id = $1 AND e.workflow_rank IS NOT NULL \
    AND r.changed_at < now() - $2::bigint * interval '1 millisecond' ORDER BY e.execution_id LIMIT $3";

/// A trace of another engine in which nothing happens any more, although it has not ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QuietExecution {
    pub execution_id: ExecutionId,
    /// When the last thing known of it happened: nanoseconds since the Unix epoch.
    pub last_ns: i64,
}

impl Execution {
    /// The executions of traces that other programs make, each made when this is the trace's first sign. A trace of one of
    /// our own runs is that run's.
    ///
    /// # Errors
    /// When a statement fails: nothing is written then.
    pub async fn adopt(
        connection: &mut AsyncPgConnection,
        workspace: &str,
        traces: &[ForeignTrace],
    ) -> QueryResult<HashMap<TraceId, ExecutionId>> {
        if traces.is_empty() {
            return Ok(HashMap::new());
        }
        let mut found: HashMap<_, _> = make(connection, workspace, traces)
            .await?
            .into_iter()
            .collect();
        // Where a trace is known or another process was faster, its execution is committed: the insertion waited for it.
        let known: Vec<TraceId> = traces
            .iter()
            .map(|trace| trace.trace_id)
            .filter(|trace_id| !found.contains_key(trace_id))
            .collect();
        found.extend(Self::ids_of_traces(connection, workspace, &known).await?);
        Ok(found)
    }

    /// The executions of traces; a trace without one is not in the result.
    ///
    /// # Errors
    /// When the statement fails.
    pub async fn ids_of_traces(
        connection: &mut AsyncPgConnection,
        workspace: &str,
        traces: &[TraceId],
    ) -> QueryResult<HashMap<TraceId, ExecutionId>> {
        if traces.is_empty() {
            return Ok(HashMap::new());
        }
        let keys: Vec<String> = traces.iter().map(TraceId::to_string).collect();
        let rows: Vec<(TraceId, ExecutionId)> = Statement::<(Bytea, Uuid)>::new(FIND)
            .bind::<Array<Text>, _>(keys)
            .bind::<Text, _>(workspace.to_owned())
            .load(connection)
            .await?;
        Ok(rows.into_iter().collect())
    }

    /// Executions of other engines that are not over and of which nothing was heard for `quiet_ms`; at most `limit`.
    ///
    /// # Errors
    /// When the statement fails.
    pub async fn quiet(
        connection: &mut AsyncPgConnection,
        workspace: &str,
        quiet_ms: i64,
        limit: i64,
    ) -> QueryResult<Vec<QuietExecution>> {
        let rows: Vec<(ExecutionId, i64)> = Statement::<(Uuid, BigInt)>::new(QUIET)
            .bind::<Text, _>(workspace.to_owned())
            .bind::<BigInt, _>(quiet_ms)
            .bind::<BigInt, _>(limit)
            .load(connection)
            .await?;
        Ok(rows
            .into_iter()
            .map(|(execution_id, last_ns)| QuietExecution {
                execution_id,
                last_ns,
            })
            .collect())
    }
}

async fn make(
    connection: &mut AsyncPgConnection,
    workspace: &str,
    traces: &[ForeignTrace],
) -> QueryResult<Vec<(TraceId, ExecutionId)>> {
    fn column<T>(traces: &[ForeignTrace], of: impl Fn(&ForeignTrace) -> T) -> Vec<T> {
        traces.iter().map(of).collect()
    }
    let mut statement = Statement::<(Bytea, Uuid)>::new(ADOPT)
        .bind::<Array<Text>, _>(column(traces, |trace| trace.trace_id.to_string()))
        .bind::<Array<Uuid>, _>(column(traces, |_| ExecutionId::new()))
        .bind::<Array<Bytea>, _>(column(traces, |trace| trace.trace_id))
        .bind::<Array<BigInt>, _>(column(traces, |trace| trace.started_ns));
    let namings: [fn(&ForeignTrace) -> Option<&Naming>; 3] = [
        |trace| trace.workflow_id.as_ref(),
        |trace| trace.thread_id.as_ref(),
        |trace| trace.external_id.as_ref(),
    ];
    for of in namings {
        let rank = |naming: &Naming| naming.rank;
        let since = |naming: &Naming| naming.since_ns;
        let text = |naming: &Naming| naming.text.clone();
        statement = statement
            .bind::<Array<SmallInt>, _>(column(traces, |trace| {
                of(trace).map_or(Naming::NONE, rank)
            }))
            .bind::<Array<Nullable<BigInt>>, _>(column(traces, |trace| of(trace).map(since)))
            .bind::<Array<Nullable<Text>>, _>(column(traces, |trace| of(trace).map(text)));
    }
    statement
        .bind::<Text, _>(workspace.to_owned())
        .bind::<BigInt, _>(now_ns())
        .bind::<SmallInt, _>(ExecutionStatus::Running)
        .bind::<Text, _>(CHANNEL)
        .load(connection)
        .await
}
