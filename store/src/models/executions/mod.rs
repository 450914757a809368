//! Executions: the row, and how one comes into being and goes. A worker's side is in [`lease`], that of traces of other
//! engines in [`foreign`].

mod foreign;
mod lease;
mod read;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};

pub use foreign::{ForeignTrace, QuietExecution};
pub use lease::{Claim, Claimable, Held};
pub use read::{ExecutionFilter, ExecutionState, ExecutionStats, STATS_EXECUTIONS};

use crate::{
    ChangeKind, ExecutionId, ExecutionStatus, JsonText, Revision, SpanId, TraceId, changes,
    models::now_ns,
    schema::{
        artifacts, execution_keys, execution_payloads, execution_rollups, executions, node_results,
        open_spans, span_contents, span_logs, spans, token_usage,
    },
};

/// One run of a workflow, which is one trace.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, QueryableByName, Selectable)]
#[diesel(table_name = executions, check_for_backend(diesel::pg::Pg))]
pub struct Execution {
    pub execution_id: ExecutionId,
    pub workspace_id: String,
    pub workflow_id: Option<String>,
    pub workflow_version: Option<i32>,
    pub status: ExecutionStatus,
    pub trace_id: TraceId,
    /// `None` until it started.
    pub root_span_id: Option<SpanId>,
    pub thread_id: Option<String>,
    /// Id another engine gave its run; not unique.
    pub external_id: Option<String>,
    /// Redacted.
    pub inputs: Option<JsonText>,
    /// Redacted.
    pub outputs: Option<JsonText>,
    pub error_code: Option<String>,
    /// Redacted.
    pub error_message: Option<String>,
    pub error_node_id: Option<String>,
    /// Nanoseconds since the Unix epoch.
    pub queued_ns: i64,
    pub started_ns: Option<i64>,
    pub finished_ns: Option<i64>,
    pub cancel_requested_ns: Option<i64>,
    pub worker_id: Option<String>,
    /// By the database's clock.
    pub lease_expires_at: Option<DateTime<Utc>>,
}

/// What a worker needs to run an execution and no reader may see; deleted when the run is final.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = execution_payloads, check_for_backend(diesel::pg::Pg))]
pub struct ExecutionPayload {
    pub execution_id: ExecutionId,
    pub workspace_id: String,
    pub inputs: JsonText,
    pub config: Option<JsonText>,
    pub traceparent: Option<String>,
    pub tracestate: Option<String>,
    pub baggage: Option<String>,
}

/// A run to put into the queue.
#[derive(Debug, Clone)]
pub struct NewExecution {
    pub workflow_id: String,
    pub workflow_version: i32,
    /// The caller's trace id, adopted unless an execution has it already.
    pub trace_id: Option<TraceId>,
    pub thread_id: Option<String>,
    pub external_id: Option<String>,
    /// Redacted: what readers see.
    pub inputs: JsonText,
    /// Not redacted: what the worker gets.
    pub private_inputs: JsonText,
    /// Not redacted: what the worker gets.
    pub config: Option<JsonText>,
    /// The caller's W3C headers.
    pub traceparent: Option<String>,
    pub tracestate: Option<String>,
    pub baggage: Option<String>,
}

/// What remains to be done after an execution was deleted: its blobs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deleted {
    /// Locations to delete from the blob store.
    pub blobs: Vec<String>,
}

impl Execution {
    /// Puts a run into the queue and tells the workers.
    ///
    /// # Errors
    /// When a statement fails: nothing is written then.
    pub async fn enqueue(
        connection: &mut AsyncPgConnection,
        workspace: &str,
        new: NewExecution,
    ) -> QueryResult<Self> {
        connection
            .transaction(async |connection| {
                let execution_id = ExecutionId::new();
                let trace_id =
                    claim_trace_id(connection, workspace, execution_id, new.trace_id).await?;
                let execution = diesel::insert_into(executions::table)
                    .values((
                        executions::execution_id.eq(execution_id),
                        executions::workspace_id.eq(workspace),
                        executions::workflow_id.eq(new.workflow_id),
                        executions::workflow_version.eq(new.workflow_version),
                        executions::status.eq(ExecutionStatus::Queued),
                        executions::trace_id.eq(trace_id),
                        executions::thread_id.eq(new.thread_id),
                        executions::external_id.eq(new.external_id),
                        executions::inputs.eq(new.inputs),
                        executions::queued_ns.eq(now_ns()),
                    ))
                    .returning(Self::as_select())
                    .get_result(connection)
                    .await?;
                diesel::insert_into(execution_payloads::table)
                    .values(ExecutionPayload {
                        execution_id,
                        workspace_id: workspace.to_owned(),
                        inputs: new.private_inputs,
                        config: new.config,
                        traceparent: new.traceparent,
                        tracestate: new.tracestate,
                        baggage: new.baggage,
                    })
                    .execute(connection)
                    .await?;
                begin_rollup(connection, &execution).await?;
                Ok(execution)
            })
            .await
    }

    /// The execution of an id, if there is one.
    ///
    /// # Errors
    /// When the statement fails.
    pub async fn get(
        connection: &mut AsyncPgConnection,
        execution_id: ExecutionId,
    ) -> QueryResult<Option<Self>> {
        executions::table
            .find(execution_id)
            .select(Self::as_select())
            .first(connection)
            .await
            .optional()
    }

    /// The execution of a trace, if there is one.
    ///
    /// # Errors
    /// When the statement fails.
    pub async fn id_of_trace(
        connection: &mut AsyncPgConnection,
        workspace: &str,
        trace_id: TraceId,
    ) -> QueryResult<Option<ExecutionId>> {
        execution_keys::table
            .filter(execution_keys::workspace_id.eq(workspace))
            .filter(execution_keys::kind.eq("trace"))
            .filter(execution_keys::key.eq(trace_id.to_string()))
            .select(execution_keys::execution_id)
            .first(connection)
            .await
            .optional()
    }

    /// The newest execution to which another engine gave this id, if there is one.
    ///
    /// # Errors
    /// When the statement fails.
    pub async fn id_of_external(
        connection: &mut AsyncPgConnection,
        workspace: &str,
        external_id: &str,
    ) -> QueryResult<Option<ExecutionId>> {
        execution_keys::table
            .filter(execution_keys::workspace_id.eq(workspace))
            .filter(execution_keys::kind.eq("external"))
            .filter(execution_keys::key.eq(external_id))
            .order(execution_keys::execution_id.desc())
            .select(execution_keys::execution_id)
            .first(connection)
            .await
            .optional()
    }

    /// Asks for the end of an execution: one that no worker has begun is CANCELLED at once, a running one is left to its
    /// worker, who is told; a finished one stays as it is. `None` when there is no such execution.
    ///
    /// # Errors
    /// When a statement fails: nothing is written then.
    pub async fn request_cancel(
        connection: &mut AsyncPgConnection,
        execution_id: ExecutionId,
    ) -> QueryResult<Option<Self>> {
        connection
            .transaction(async |connection| {
                // The rollup first, as the writer does: who locks in one order cannot deadlock.
                let Some(revision) = lock_rollup(connection, execution_id).await? else {
                    return Ok(None);
                };
                let execution: Self = executions::table
                    .find(execution_id)
                    .for_update()
                    .select(Self::as_select())
                    .first(connection)
                    .await?;
                let row = executions::table.find(execution_id);
                match execution.status {
                    ExecutionStatus::Queued if execution.worker_id.is_none() => {
                        let cancelled = diesel::update(row)
                            .set((
                                executions::status.eq(ExecutionStatus::Cancelled),
                                executions::cancel_requested_ns.eq(now_ns()),
                                executions::finished_ns.eq(now_ns()),
                            ))
                            .returning(Self::as_select())
                            .get_result(connection)
                            .await?;
                        diesel::delete(execution_payloads::table.find(execution_id))
                            .execute(connection)
                            .await?;
                        let revision = take_revision(connection, execution_id).await?;
                        changes::notify(connection, ChangeKind::Changed, execution_id, revision)
                            .await?;
                        Ok(Some(cancelled))
                    }
                    ExecutionStatus::Queued | ExecutionStatus::Running => {
                        let asked = diesel::update(row)
                            .set(
                                executions::cancel_requested_ns
                                    .eq(execution.cancel_requested_ns.unwrap_or_else(now_ns)),
                            )
                            .returning(Self::as_select())
                            .get_result(connection)
                            .await?;
                        changes::notify(
                            connection,
                            ChangeKind::CancelRequested,
                            execution_id,
                            revision,
                        )
                        .await?;
                        Ok(Some(asked))
                    }
                    _ => Ok(Some(execution)),
                }
            })
            .await
    }

    /// Deletes an execution with everything that belongs to it, and tells the subscribers. A worker that still runs it
    /// loses its lease. `None` when there is no such execution.
    ///
    /// The blobs are the caller's to delete, after this succeeded: a transaction cannot take them back.
    ///
    /// # Errors
    /// When a statement fails: nothing is deleted then.
    pub async fn delete(
        connection: &mut AsyncPgConnection,
        execution_id: ExecutionId,
    ) -> QueryResult<Option<Deleted>> {
        connection
            .transaction(async |connection| {
                let Some(revision) = lock_rollup(connection, execution_id).await? else {
                    return Ok(None);
                };
                macro_rules! delete_rows {
                    ($($table:ident),+) => {$(
                        diesel::delete($table::table.filter($table::execution_id.eq(execution_id)))
                            .execute(connection)
                            .await?;
                    )+};
                }
                let blobs = diesel::delete(
                    artifacts::table.filter(artifacts::execution_id.eq(execution_id)),
                )
                .returning(artifacts::location)
                .get_results(connection)
                .await?;
                let workspace: Option<String> =
                    diesel::delete(executions::table.find(execution_id))
                        .returning(executions::workspace_id)
                        .get_result(connection)
                        .await
                        .optional()?;
                // The keys' index leads with the workspace.
                diesel::delete(
                    execution_keys::table
                        .filter(execution_keys::workspace_id.eq(workspace.unwrap_or_default()))
                        .filter(execution_keys::execution_id.eq(execution_id)),
                )
                .execute(connection)
                .await?;
                delete_rows!(
                    spans,
                    open_spans,
                    span_logs,
                    span_contents,
                    token_usage,
                    node_results,
                    execution_payloads,
                    execution_rollups
                );
                changes::notify(connection, ChangeKind::Deleted, execution_id, revision).await?;
                Ok(Some(Deleted { blobs }))
            })
            .await
    }
}

/// The caller's trace id if no execution has it, else a new one.
async fn claim_trace_id(
    connection: &mut AsyncPgConnection,
    workspace: &str,
    execution_id: ExecutionId,
    wanted: Option<TraceId>,
) -> QueryResult<TraceId> {
    if let Some(wanted) = wanted
        && take_trace_id(connection, workspace, execution_id, wanted).await?
    {
        return Ok(wanted);
    }
    let own = TraceId::random();
    take_trace_id(connection, workspace, execution_id, own).await?;
    Ok(own)
}

/// False when another execution has the trace id.
async fn take_trace_id(
    connection: &mut AsyncPgConnection,
    workspace: &str,
    execution_id: ExecutionId,
    trace_id: TraceId,
) -> QueryResult<bool> {
    let inserted = diesel::insert_into(execution_keys::table)
        .values((
            execution_keys::workspace_id.eq(workspace),
            execution_keys::kind.eq("trace"),
            execution_keys::key.eq(trace_id.to_string()),
            execution_keys::execution_id.eq(execution_id),
        ))
        .on_conflict_do_nothing()
        .execute(connection)
        .await?;
    Ok(inserted == 1)
}

/// What every new execution gets besides its row: the key of its external id, its rollup, and the message.
async fn begin_rollup(
    connection: &mut AsyncPgConnection,
    execution: &Execution,
) -> QueryResult<()> {
    const FIRST_REVISION: Revision = 1;
    if let Some(external_id) = &execution.external_id {
        diesel::insert_into(execution_keys::table)
            .values((
                execution_keys::workspace_id.eq(&execution.workspace_id),
                execution_keys::kind.eq("external"),
                execution_keys::key.eq(external_id),
                execution_keys::execution_id.eq(execution.execution_id),
            ))
            .execute(connection)
            .await?;
    }
    diesel::insert_into(execution_rollups::table)
        .values((
            execution_rollups::execution_id.eq(execution.execution_id),
            execution_rollups::workspace_id.eq(&execution.workspace_id),
            execution_rollups::revision.eq(FIRST_REVISION),
        ))
        .execute(connection)
        .await?;
    changes::notify(
        connection,
        ChangeKind::Created,
        execution.execution_id,
        FIRST_REVISION,
    )
    .await
}

/// Locks the execution's rollup and tells its revision.
async fn lock_rollup(
    connection: &mut AsyncPgConnection,
    execution_id: ExecutionId,
) -> QueryResult<Option<Revision>> {
    execution_rollups::table
        .find(execution_id)
        .for_update()
        .select(execution_rollups::revision)
        .first(connection)
        .await
        .optional()
}

async fn take_revision(
    connection: &mut AsyncPgConnection,
    execution_id: ExecutionId,
) -> QueryResult<Revision> {
    diesel::update(execution_rollups::table.find(execution_id))
        .set((
            execution_rollups::revision.eq(execution_rollups::revision + 1),
            execution_rollups::changed_at.eq(diesel::dsl::now),
        ))
        .returning(execution_rollups::revision)
        .get_result(connection)
        .await
}
