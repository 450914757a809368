//! Executions as they are read: the row together with its rollup, in one statement.

use std::collections::HashMap;

use diesel::{
    dsl::{AsSelect, SqlTypeOf},
    pg::Pg,
    prelude::*,
    sql_types::{Array, BigInt, Bool, Double, Nullable, SmallInt, Text, Uuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use super::Execution;
use crate::{
    ExecutionId, ExecutionStatus,
    models::{execution_rollups::ExecutionRollup, spans::TokenUsage},
    page::{Page, Slice},
    schema::{execution_rollups, executions},
    statement::Statement,
};

/// An execution and what its spans add up to, both of one snapshot.
#[derive(Debug, Clone, PartialEq)]
pub struct ExecutionState {
    pub execution: Execution,
    pub rollup: ExecutionRollup,
}

/// Conditions that all hold; `None` does not restrict.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct ExecutionFilter {
    pub workflow_id: Option<String>,
    pub statuses: Option<Vec<ExecutionStatus>>,
    pub thread_id: Option<String>,
    /// Queued at this time or later, in nanoseconds since the Unix epoch.
    pub queued_from_ns: Option<i64>,
    /// Queued before this time.
    pub queued_before_ns: Option<i64>,
    /// Whether spans have failed.
    pub has_error: Option<bool>,
}

/// Sums over the newest executions of a workflow.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ExecutionStats {
    /// How many executions are summed.
    pub executions: i64,
    pub succeeded: i64,
    pub failed: i64,
    /// Queued or running.
    pub unfinished: i64,
    /// Mean time from start to end of the finished ones; `None` when there are none.
    pub mean_duration_ns: Option<f64>,
    pub usage: TokenUsage,
}

/// How many executions of a workflow [`ExecutionState::stats`] sums at most, so that its cost has a bound.
pub const STATS_EXECUTIONS: i64 = 1_000;

impl ExecutionState {
    /// The executions with these ids; an id without one has none in the result.
    ///
    /// # Errors
    /// When the statement fails.
    pub async fn by_ids(
        connection: &mut AsyncPgConnection,
        workspace: &str,
        ids: &[ExecutionId],
    ) -> QueryResult<Vec<Self>> {
        let rows = executions::table
            .inner_join(
                execution_rollups::table
                    .on(execution_rollups::execution_id.eq(executions::execution_id)),
            )
            .filter(executions::workspace_id.eq(workspace))
            .filter(executions::execution_id.eq_any(ids))
            .select((Execution::as_select(), ExecutionRollup::as_select()))
            .load(connection)
            .await?;
        Ok(rows.into_iter().map(Self::of).collect())
    }

    /// A page of executions, newest first.
    ///
    /// # Errors
    /// When the statement fails.
    pub async fn page(
        connection: &mut AsyncPgConnection,
        workspace: &str,
        filter: ExecutionFilter,
        page: &Page<ExecutionId>,
    ) -> QueryResult<Slice<Self>> {
        let sql = format!("{} WHERE {}", select(), conditions(1, page));
        let statement = bind_conditions(Statement::<Columns>::new(sql), workspace, filter, page);
        let rows: Vec<(Execution, ExecutionRollup)> = statement.load(connection).await?;
        Ok(page.slice(rows.into_iter().map(Self::of).collect()))
    }

    /// A page of each workflow's executions, newest first; a workflow without any is not in the result. The filter's own
    /// workflow has to agree. No more than `max_rows` are read, whatever the pages would hold: for callers that refuse so many.
    ///
    /// # Errors
    /// When the statement fails.
    pub async fn pages_of_workflows(
        connection: &mut AsyncPgConnection,
        workspace: &str,
        workflows: &[String],
        filter: ExecutionFilter,
        page: &Page<ExecutionId>,
        max_rows: i64,
    ) -> QueryResult<HashMap<String, Slice<Self>>> {
        let sql = format!(
            "SELECT x.* FROM unnest($1::text[]) w (workflow_id) CROSS JOIN LATERAL (\
             {} WHERE e.workflow_id = w.workflow_id AND {}) x LIMIT $12",
            select(),
            conditions(2, page)
        );
        let statement = Statement::<Columns>::new(sql).bind::<Array<Text>, _>(workflows.to_vec());
        let statement =
            bind_conditions(statement, workspace, filter, page).bind::<BigInt, _>(max_rows);
        let rows: Vec<(Execution, ExecutionRollup)> = statement.load(connection).await?;
        let mut result: HashMap<String, Vec<Self>> = HashMap::new();
        for state in rows.into_iter().map(Self::of) {
            if let Some(workflow) = &state.execution.workflow_id {
                result.entry(workflow.clone()).or_default().push(state);
            }
        }
        Ok(result
            .into_iter()
            .map(|(workflow, states)| (workflow, page.slice(states)))
            .collect())
    }

    /// Sums over the newest [`STATS_EXECUTIONS`] executions of each workflow; one without executions is not in the result.
    ///
    /// # Errors
    /// When the statement fails.
    pub async fn stats(
        connection: &mut AsyncPgConnection,
        workspace: &str,
        workflows: &[String],
    ) -> QueryResult<HashMap<String, ExecutionStats>> {
        type StatsColumns = (
            Text,
            (BigInt, BigInt, BigInt, BigInt, Nullable<Double>),
            SumColumns,
        );
        type SumColumns = (
            BigInt,
            BigInt,
            BigInt,
            BigInt,
            BigInt,
            Nullable<Double>,
            BigInt,
        );
        let statement = Statement::<StatsColumns>::new(
            "SELECT w.workflow_id, count(*), count(*) FILTER (WHERE e.status = 2), count(*) FILTER (WHERE e.status = 3), \
             count(*) FILTER (WHERE e.status IN (0, 1)), avg(e.finished_ns - e.started_ns)::float8, \
             sum(r.input_tokens)::bigint, sum(r.output_tokens)::bigint, sum(r.cache_read_tokens)::bigint, \
             sum(r.cache_write_tokens)::bigint, sum(r.reasoning_tokens)::bigint, sum(r.cost_usd), \
             sum(r.unpriced_tokens)::bigint \
             FROM unnest($1::text[]) w (workflow_id) CROSS JOIN LATERAL (\
             SELECT execution_id, status, started_ns, finished_ns FROM executions \
             WHERE workspace_id = $2 AND workflow_id = w.workflow_id ORDER BY execution_id DESC LIMIT $3) e \
             JOIN execution_rollups r ON r.execution_id = e.execution_id GROUP BY w.workflow_id",
        )
        .bind::<Array<Text>, _>(workflows.to_vec())
        .bind::<Text, _>(workspace.to_owned())
        .bind::<BigInt, _>(STATS_EXECUTIONS);
        type Counts = (i64, i64, i64, i64, Option<f64>);
        type Sums = (i64, i64, i64, i64, i64, Option<f64>, i64);
        let rows: Vec<(String, Counts, Sums)> = statement.load(connection).await?;
        let stats = rows.into_iter().map(|(workflow, counts, sums)| {
            let (executions, succeeded, failed, unfinished, mean_duration_ns) = counts;
            let (input, output, cache_read, cache_write, reasoning, cost_usd, unpriced) = sums;
            let usage = TokenUsage {
                input,
                output,
                cache_read,
                cache_write,
                reasoning,
                cost_usd,
                unpriced,
            };
            (
                workflow,
                ExecutionStats {
                    executions,
                    succeeded,
                    failed,
                    unfinished,
                    mean_duration_ns,
                    usage,
                },
            )
        });
        Ok(stats.collect())
    }

    fn of((execution, rollup): (Execution, ExecutionRollup)) -> Self {
        Self { execution, rollup }
    }

    /// What all its spans used.
    #[must_use]
    pub fn usage(&self) -> TokenUsage {
        TokenUsage {
            input: self.rollup.input_tokens,
            output: self.rollup.output_tokens,
            cache_read: self.rollup.cache_read_tokens,
            cache_write: self.rollup.cache_write_tokens,
            reasoning: self.rollup.reasoning_tokens,
            cost_usd: self.rollup.cost_usd,
            unpriced: self.rollup.unpriced_tokens,
        }
    }
}

type Columns = SqlTypeOf<(AsSelect<Execution, Pg>, AsSelect<ExecutionRollup, Pg>)>;

/// `SELECT … FROM executions e JOIN execution_rollups r`, with the columns of the two rows in their order.
fn select() -> String {
    const EXECUTION: &str = "execution_id, workspace_id, workflow_id, workflow_version, status, trace_id, root_span_id, \
        thread_id, external_id, inputs, outputs, error_code, error_message, error_node_id, queued_ns, started_ns, \
        finished_ns, cancel_requested_ns, worker_id, lease_expires_at";
    const ROLLUP: &str = "execution_id, workspace_id, revision, lease_epoch, changed_at, start_ns, end_ns, span_count, \
        open_count, error_count, artifact_count, input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, \
        reasoning_tokens, cost_usd, unpriced_tokens";
    let of = |table: &str, columns: &str| {
        columns
            .split(", ")
            .map(|column| format!("{table}.{column}"))
            .collect::<Vec<_>>()
            .join(", ")
    };
    format!(
        "SELECT {}, {} FROM executions e JOIN execution_rollups r ON r.execution_id = e.execution_id",
        of("e", EXECUTION),
        of("r", ROLLUP)
    )
}

/// What restricts, sorts and limits a page, as parameters from `$first`.
fn conditions(first: usize, page: &Page<ExecutionId>) -> String {
    let [
        workspace,
        workflow,
        statuses,
        thread,
        from,
        before,
        has_error,
        after_id,
        before_id,
        limit,
    ]: [String; 10] = std::array::from_fn(|index| format!("${}", first + index));
    // The list descends: what comes after a key is less than it.
    format!(
        "e.workspace_id = {workspace} AND ({workflow}::text IS NULL OR e.workflow_id = {workflow}) \
         AND ({statuses}::smallint[] IS NULL OR e.status = ANY({statuses})) \
         AND ({thread}::text IS NULL OR e.thread_id = {thread}) \
         AND ({from}::bigint IS NULL OR e.queued_ns >= {from}) \
         AND ({before}::bigint IS NULL OR e.queued_ns < {before}) \
         AND ({has_error}::bool IS NULL OR (r.error_count > 0) = {has_error}) \
         AND ({after_id}::uuid IS NULL OR e.execution_id < {after_id}) \
         AND ({before_id}::uuid IS NULL OR e.execution_id > {before_id}) \
         ORDER BY e.execution_id {direction} LIMIT {limit}",
        direction = page.direction_of_descending()
    )
}

fn bind_conditions<ST>(
    statement: Statement<ST>,
    workspace: &str,
    filter: ExecutionFilter,
    page: &Page<ExecutionId>,
) -> Statement<ST> {
    statement
        .bind::<Text, _>(workspace.to_owned())
        .bind::<Nullable<Text>, _>(filter.workflow_id)
        .bind::<Nullable<Array<SmallInt>>, _>(filter.statuses)
        .bind::<Nullable<Text>, _>(filter.thread_id)
        .bind::<Nullable<BigInt>, _>(filter.queued_from_ns)
        .bind::<Nullable<BigInt>, _>(filter.queued_before_ns)
        .bind::<Nullable<Bool>, _>(filter.has_error)
        .bind::<Nullable<Uuid>, _>(page.after)
        .bind::<Nullable<Uuid>, _>(page.before)
        .bind::<BigInt, _>(page.fetch())
}
