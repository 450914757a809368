//! A worker's hold on executions: claim, heartbeat, hand back.
//!
//! Every claim raises the execution's lease epoch, and every commit of the writer compares it: a worker that lost its
//! lease cannot write. A worker claims expired leases only after it was connected for one full lease period without a
//! break: after an outage of PostgreSQL every lease has run out, also those of workers that are well.

use std::time::Duration;

use diesel::{
    dsl::sql,
    pg::data_types::PgInterval,
    prelude::*,
    sql_types::{BigInt, Interval, Nullable, Text, Timestamptz, Uuid},
};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};

use super::{Execution, ExecutionPayload, NewExecution};
use crate::{
    ExecutionId, ExecutionStatus,
    schema::{execution_payloads, execution_rollups, executions},
};

/// Which executions to claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claimable {
    /// Those that nobody has, oldest first.
    Queued,
    /// Those whose worker let its lease run out, whether it had begun them or not.
    Expired,
}

/// An execution that this worker may run, until its lease runs out.
#[derive(Debug, Clone)]
pub struct Claim {
    pub execution: Execution,
    /// To be given with everything that is written about the run.
    pub lease_epoch: i64,
    pub payload: ExecutionPayload,
}

/// A lease that was renewed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Held {
    pub execution_id: ExecutionId,
    pub cancel_requested: bool,
}

impl Execution {
    /// Claims up to `limit` executions of a workspace for a worker.
    ///
    /// # Errors
    /// When a statement fails: nothing is claimed then.
    pub async fn claim(
        connection: &mut AsyncPgConnection,
        workspace: &str,
        worker_id: &str,
        lease: Duration,
        claimable: Claimable,
        limit: i64,
    ) -> QueryResult<Vec<Claim>> {
        let statement = match claimable {
            Claimable::Queued => include_str!("claim_queued.sql"),
            Claimable::Expired => include_str!("claim_expired.sql"),
        };
        let claimed: Vec<ClaimedId> = diesel::sql_query(statement)
            .bind::<Text, _>(workspace)
            .bind::<Text, _>(worker_id)
            .bind::<Interval, _>(interval(lease))
            .bind::<BigInt, _>(limit)
            .load(connection)
            .await?;
        if claimed.is_empty() {
            return Ok(Vec::new());
        }
        let ids: Vec<ExecutionId> = claimed.iter().map(|claim| claim.execution_id).collect();
        let rows: Vec<(Execution, ExecutionPayload)> = executions::table
            .inner_join(
                execution_payloads::table
                    .on(execution_payloads::execution_id.eq(executions::execution_id)),
            )
            .filter(executions::execution_id.eq_any(ids))
            .order(executions::execution_id)
            .select((Execution::as_select(), ExecutionPayload::as_select()))
            .load(connection)
            .await?;
        let epoch = |id| {
            claimed
                .iter()
                .find(|claim| claim.execution_id == id)
                .map(|claim| claim.lease_epoch)
        };
        Ok(rows
            .into_iter()
            .filter_map(|(execution, payload)| {
                let lease_epoch = epoch(execution.execution_id)?;
                Some(Claim {
                    execution,
                    lease_epoch,
                    payload,
                })
            })
            .collect())
    }

    /// Puts a run into the queue and claims it in the same transaction, for a program that runs what it starts: no worker
    /// sees it waiting.
    ///
    /// # Errors
    /// When a statement fails: nothing is written then.
    pub async fn enqueue_claimed(
        connection: &mut AsyncPgConnection,
        workspace: &str,
        worker_id: &str,
        lease: Duration,
        new: NewExecution,
    ) -> QueryResult<Claim> {
        connection
            .transaction(async |connection| {
                let queued = Self::enqueue(connection, workspace, new).await?;
                let execution_id = queued.execution_id;
                let execution = diesel::update(executions::table.find(execution_id))
                    .set((
                        executions::worker_id.eq(worker_id),
                        executions::lease_expires_at.eq(sql::<Nullable<Timestamptz>>("now() + ")
                            .bind::<Interval, _>(interval(lease))),
                    ))
                    .returning(Self::as_select())
                    .get_result(connection)
                    .await?;
                let lease_epoch = diesel::update(execution_rollups::table.find(execution_id))
                    .set(execution_rollups::lease_epoch.eq(execution_rollups::lease_epoch + 1))
                    .returning(execution_rollups::lease_epoch)
                    .get_result(connection)
                    .await?;
                let payload = execution_payloads::table
                    .find(execution_id)
                    .select(ExecutionPayload::as_select())
                    .first(connection)
                    .await?;
                Ok(Claim {
                    execution,
                    lease_epoch,
                    payload,
                })
            })
            .await
    }

    /// Renews the leases of a worker on the executions named; those missing from the answer are lost or final.
    ///
    /// # Errors
    /// When the statement fails.
    pub async fn heartbeat(
        connection: &mut AsyncPgConnection,
        worker_id: &str,
        lease: Duration,
        execution_ids: &[ExecutionId],
    ) -> QueryResult<Vec<Held>> {
        let held: Vec<(ExecutionId, Option<i64>)> = diesel::update(executions::table)
            .filter(executions::execution_id.eq_any(execution_ids))
            .filter(executions::worker_id.eq(worker_id))
            .filter(executions::status.eq_any([ExecutionStatus::Queued, ExecutionStatus::Running]))
            .set(
                executions::lease_expires_at
                    .eq(sql::<Nullable<Timestamptz>>("now() + ")
                        .bind::<Interval, _>(interval(lease))),
            )
            .returning((executions::execution_id, executions::cancel_requested_ns))
            .get_results(connection)
            .await?;
        Ok(held
            .into_iter()
            .map(|(execution_id, asked)| Held {
                execution_id,
                cancel_requested: asked.is_some(),
            })
            .collect())
    }
}

#[derive(QueryableByName)]
struct ClaimedId {
    #[diesel(sql_type = Uuid)]
    execution_id: ExecutionId,
    #[diesel(sql_type = BigInt)]
    lease_epoch: i64,
}

fn interval(duration: Duration) -> PgInterval {
    PgInterval::from_microseconds(i64::try_from(duration.as_micros()).unwrap_or(i64::MAX))
}
