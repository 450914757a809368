//! Executions as they are read: the row together with its rollup, in one statement.

use std::collections::HashMap;

use diesel::{
    prelude::*,
    sql_types::{Array, BigInt, Double, Nullable, Text},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use super::Execution;
use crate::{
    ExecutionId, ExecutionStatus,
    models::{execution_rollups::ExecutionRollup, spans::TokenUsage},
    page::{End, Page, Slice},
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
        filter: &ExecutionFilter,
        page: &Page<ExecutionId>,
    ) -> QueryResult<Slice<Self>> {
        let mut query = executions::table
            .inner_join(
                execution_rollups::table
                    .on(execution_rollups::execution_id.eq(executions::execution_id)),
            )
            .filter(executions::workspace_id.eq(workspace))
            .select((Execution::as_select(), ExecutionRollup::as_select()))
            .limit(page.fetch())
            .into_boxed();
        if let Some(workflow) = &filter.workflow_id {
            query = query.filter(executions::workflow_id.eq(workflow));
        }
        if let Some(statuses) = &filter.statuses {
            query = query.filter(executions::status.eq_any(statuses));
        }
        if let Some(thread) = &filter.thread_id {
            query = query.filter(executions::thread_id.eq(thread));
        }
        if let Some(from) = filter.queued_from_ns {
            query = query.filter(executions::queued_ns.ge(from));
        }
        if let Some(before) = filter.queued_before_ns {
            query = query.filter(executions::queued_ns.lt(before));
        }
        match filter.has_error {
            Some(true) => query = query.filter(execution_rollups::error_count.gt(0)),
            Some(false) => query = query.filter(execution_rollups::error_count.eq(0)),
            None => {}
        }
        // The list descends: what comes after a key is less than it.
        if let Some(after) = page.after {
            query = query.filter(executions::execution_id.lt(after));
        }
        if let Some(before) = page.before {
            query = query.filter(executions::execution_id.gt(before));
        }
        query = match page.end {
            End::Front => query.order(executions::execution_id.desc()),
            End::Back => query.order(executions::execution_id.asc()),
        };
        let rows = query.load(connection).await?;
        Ok(page.slice(rows.into_iter().map(Self::of).collect()))
    }

    /// The newest `limit` executions of each workflow, newest first.
    ///
    /// # Errors
    /// When the statement fails.
    pub async fn newest_of_workflows(
        connection: &mut AsyncPgConnection,
        workspace: &str,
        workflows: &[String],
        limit: i64,
    ) -> QueryResult<HashMap<String, Vec<Self>>> {
        let newest = Statement::<diesel::sql_types::Uuid>::new(
            "SELECT e.execution_id FROM unnest($1::text[]) w (workflow_id) CROSS JOIN LATERAL (\
             SELECT execution_id FROM executions WHERE workspace_id = $2 AND workflow_id = w.workflow_id \
             ORDER BY execution_id DESC LIMIT $3) e",
        )
        .bind::<Array<Text>, _>(workflows.to_vec())
        .bind::<Text, _>(workspace.to_owned())
        .bind::<BigInt, _>(limit);
        let ids: Vec<ExecutionId> = newest.load(connection).await?;
        let mut states = Self::by_ids(connection, workspace, &ids).await?;
        states.sort_unstable_by_key(|state| std::cmp::Reverse(state.execution.execution_id));
        let mut result: HashMap<String, Vec<Self>> = HashMap::new();
        for state in states {
            if let Some(workflow) = &state.execution.workflow_id {
                result.entry(workflow.clone()).or_default().push(state);
            }
        }
        Ok(result)
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
        type Columns = (
            Text,
            (BigInt, BigInt, BigInt, BigInt, Nullable<Double>),
            SumColumns,
        );
        type SumColumns = (BigInt, BigInt, BigInt, BigInt, BigInt, Nullable<Double>);
        let statement = Statement::<Columns>::new(
            "SELECT w.workflow_id, count(*), count(*) FILTER (WHERE e.status = 2), count(*) FILTER (WHERE e.status = 3), \
             count(*) FILTER (WHERE e.status IN (0, 1)), avg(e.finished_ns - e.started_ns)::float8, \
             sum(r.input_tokens)::bigint, sum(r.output_tokens)::bigint, sum(r.cache_read_tokens)::bigint, \
             sum(r.cache_write_tokens)::bigint, sum(r.reasoning_tokens)::bigint, sum(r.cost_usd) \
             FROM unnest($1::text[]) w (workflow_id) CROSS JOIN LATERAL (\
             SELECT execution_id, status, started_ns, finished_ns FROM executions \
             WHERE workspace_id = $2 AND workflow_id = w.workflow_id ORDER BY execution_id DESC LIMIT $3) e \
             JOIN execution_rollups r ON r.execution_id = e.execution_id GROUP BY w.workflow_id",
        )
        .bind::<Array<Text>, _>(workflows.to_vec())
        .bind::<Text, _>(workspace.to_owned())
        .bind::<BigInt, _>(STATS_EXECUTIONS);
        type Counts = (i64, i64, i64, i64, Option<f64>);
        type Sums = (i64, i64, i64, i64, i64, Option<f64>);
        let rows: Vec<(String, Counts, Sums)> = statement.load(connection).await?;
        let stats = rows.into_iter().map(|(workflow, counts, sums)| {
            let (executions, succeeded, failed, unfinished, mean_duration_ns) = counts;
            let (input, output, cache_read, cache_write, reasoning, cost_usd) = sums;
            let usage = TokenUsage {
                input,
                output,
                cache_read,
                cache_write,
                reasoning,
                cost_usd,
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
        }
    }
}
