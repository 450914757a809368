//! What has to be done from time to time while the program runs.

use std::time::Duration;

use metrics_exporter_prometheus::PrometheusHandle;
use orcheo_store::models::executions::Execution;
use orcheo_store::{
    ExecutionChange, ExecutionStatus, Op, Store, StoreError, Write, WriteError, partitions,
};
use tokio::time::{Interval, MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

/// Partitions are made four weeks ahead, so a day missed is no trouble.
const PARTITIONS: Duration = Duration::from_secs(24 * 60 * 60);

/// Samples wait in memory until they are summed up.
const METRICS: Duration = Duration::from_secs(5);

/// Traces given up at once; the others are at the next time.
const MOST_GIVEN_UP: i64 = 1_000;

/// What is worked with.
pub(crate) struct Maintenance {
    pub(crate) store: Store,
    pub(crate) metrics: PrometheusHandle,
    /// How long a trace of another engine may be quiet before it is given up; `None` leaves that to others.
    pub(crate) quiet: Option<Duration>,
}

#[derive(Debug, thiserror::Error)]
enum MaintenanceError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Write(#[from] WriteError),
}

impl Maintenance {
    /// Works until told to stop. What fails is tried again the next time.
    pub(crate) async fn run(self, stop: CancellationToken) {
        // Often enough that a quiet time of seconds means seconds, seldom enough to cost nothing.
        let quiet = self.quiet.unwrap_or(Duration::MAX) / 10;
        let quiet = quiet.clamp(Duration::from_millis(200), Duration::from_secs(30));
        let (mut partitions, mut samples, mut quiet) =
            (ticks(PARTITIONS), ticks(METRICS), ticks(quiet));
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                _ = samples.tick() => self.metrics.run_upkeep(),
                _ = partitions.tick() => match self.create_partitions().await {
                    Ok(0) => {}
                    Ok(created) => tracing::info!(created, "created partitions for the coming weeks"),
                    Err(error) => tracing::warn!(%error, "could not create partitions ahead"),
                },
                _ = quiet.tick(), if self.quiet.is_some() => tokio::select! {
                    // PostgreSQL may be away for long.
                    () = stop.cancelled() => return,
                    given_up = self.give_up(self.quiet.unwrap_or_default()) => match given_up {
                        Ok(0) => {}
                        Ok(count) => tracing::info!(count, "gave up traces of other engines that were quiet"),
                        Err(error) => tracing::warn!(%error, "could not give up quiet traces"),
                    },
                },
            }
        }
    }

    async fn create_partitions(&self) -> Result<i64, StoreError> {
        let mut connection = self.store.write().await?;
        partitions::create_ahead(&mut connection).await
    }

    /// Ends the traces of other engines in which nothing happens any more; how many. They go on when they are heard of again.
    async fn give_up(&self, quiet: Duration) -> Result<usize, MaintenanceError> {
        let quiet_ms = i64::try_from(quiet.as_millis()).unwrap_or(i64::MAX);
        let quiet = {
            let mut connection = self.store.read().await?;
            let workspace = self.store.workspace();
            Execution::quiet(&mut connection, workspace, quiet_ms, MOST_GIVEN_UP)
                .await
                .map_err(StoreError::from)?
        };
        let acks: Vec<_> = quiet
            .iter()
            .map(|execution| {
                let finished = ExecutionChange::Finished {
                    status: ExecutionStatus::Abandoned,
                    finished_ns: execution.last_ns,
                    outputs: None,
                    error: None,
                };
                self.store.writer().submit_acked(Write {
                    execution_id: execution.execution_id,
                    lease_epoch: None,
                    op: Op::Execution(finished),
                })
            })
            .collect();
        for ack in acks {
            match ack.await {
                // Deleted in the meantime.
                Ok(_) | Err(WriteError::UnknownExecution { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(quiet.len())
    }
}

fn ticks(period: Duration) -> Interval {
    let mut ticks = interval(period);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}
