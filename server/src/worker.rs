//! The worker: claims queued executions, runs them, hands them back when it has to leave.

mod credentials;
mod journal;
mod leases;
mod run;
mod workflows;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use orcheo_engine::models::ModelSettings;
use orcheo_engine::{Engine, EngineSettings, Limits, NodeCatalog};
use orcheo_store::changes::Subscription;
use orcheo_store::models::executions::{Claim, Claimable, Execution};
use orcheo_store::{Change, ChangeKind, ExecutionId, Store, StoreError};
use orcheo_telemetry::{Redactor, RunTelemetry};
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval, timeout};
use tokio_util::sync::CancellationToken;
use tracing::Instrument as _;

pub(crate) use self::leases::Leases;
pub(crate) use self::run::{Left, Runner};
use self::workflows::StoredWorkflows;
use crate::config::{Secret, Settings};

/// The change feed tells of new executions; this is for what it may have missed.
const POLL: Duration = Duration::from_secs(2);

/// With the database away, runs cannot be handed back; their leases run out.
const HAND_BACK_WITHIN: Duration = Duration::from_secs(5);

/// Claims queued executions and runs them, as many at once as it may.
pub(crate) struct Worker {
    runner: Arc<Runner>,
    leases: Leases,
    concurrency: usize,
    shutdown_grace: Duration,
}

/// What a runner is built with.
pub(crate) struct RunnerParts {
    pub(crate) store: Store,
    pub(crate) telemetry: Arc<RunTelemetry>,
    pub(crate) redactor: Redactor,
    pub(crate) credentials: BTreeMap<String, Secret>,
    /// Whether anything tells what is given and returned.
    pub(crate) capture_content: bool,
    /// Where sub-workflows are looked for first.
    pub(crate) directory: Option<PathBuf>,
}

impl Runner {
    pub(crate) fn new(parts: RunnerParts) -> anyhow::Result<Self> {
        let engine = Engine::new(EngineSettings {
            tracer: parts.telemetry.tracer(),
            catalog: NodeCatalog::builtin(),
            http: reqwest::Client::builder().build()?,
            models: ModelSettings::default(),
            limits: Limits::default(),
            capture_content: parts.capture_content,
        });
        Ok(Self {
            capture_content: parts.capture_content,
            engine,
            workflows: Arc::new(StoredWorkflows::new(parts.store.clone(), parts.directory)),
            credentials: Arc::new(credentials::ConfiguredCredentials::new(
                parts.credentials,
                parts.redactor.clone(),
            )),
            store: parts.store,
            telemetry: parts.telemetry,
            redactor: parts.redactor,
        })
    }

    /// What happens to executions from now on.
    pub(crate) fn changes(&self) -> Subscription {
        self.store.changes().subscribe()
    }

    pub(crate) fn leases(&self, settings: &Settings) -> Leases {
        let worker_id = format!("{}-{}", std::process::id(), uuid::Uuid::new_v4().simple());
        Leases::new(self.store.clone(), worker_id, settings.lease())
    }
}

impl Worker {
    pub(crate) fn new(runner: Runner, settings: &Settings) -> Self {
        Self {
            leases: runner.leases(settings),
            runner: Arc::new(runner),
            concurrency: usize::try_from(settings.concurrency).unwrap_or(usize::MAX),
            shutdown_grace: settings.shutdown_grace(),
        }
    }

    /// Describes the metrics of workers to the recorder that is installed.
    fn describe() {
        metrics::describe_gauge!("executions_running", "Executions that run in this process.");
        metrics::describe_counter!(
            "executions_finished_total",
            "Executions that ended in this process, by status."
        );
    }

    /// Works until told to stop, and then until nothing runs here any more.
    pub(crate) async fn work(self, stop: CancellationToken) {
        Self::describe();
        let renewal = CancellationToken::new();
        let keeper = tokio::spawn(self.leases.clone().keep(renewal.clone()));
        let mut running = JoinSet::new();
        self.claim_until(stop, &mut running).await;
        self.leave(running).await;
        renewal.cancel();
        if keeper.await.is_err() {
            tracing::error!("the leases were not renewed any more");
        }
    }

    async fn claim_until(
        &self,
        stop: CancellationToken,
        running: &mut JoinSet<(ExecutionId, Left)>,
    ) {
        let mut changes = self.runner.changes();
        let mut poll = interval(POLL);
        poll.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut wanted = true;
        while !stop.is_cancelled() {
            let room = self.concurrency.saturating_sub(running.len());
            if std::mem::take(&mut wanted) && room > 0 {
                match self.claim(room).await {
                    Ok(claims) => claims
                        .into_iter()
                        .for_each(|claim| self.begin(claim, running)),
                    Err(error) => tracing::debug!(%error, "could not look for executions"),
                }
            }
            tokio::select! {
                () = stop.cancelled() => {}
                _ = poll.tick() => wanted = true,
                Some(left) = running.join_next() => {
                    note(left.ok());
                    wanted = true;
                }
                change = changes.recv() => match change {
                    Some(Change::Execution { id, kind, .. }) => match kind {
                        ChangeKind::Created => wanted = true,
                        ChangeKind::Adopted | ChangeKind::Changed => {}
                        ChangeKind::CancelRequested => self.leases.cancel(id),
                        ChangeKind::Deleted => self.leases.release(id),
                    },
                    Some(Change::Resync) => {
                        self.leases.renew_soon();
                        wanted = true;
                    }
                    None => return,
                },
            }
        }
    }

    async fn claim(&self, room: usize) -> Result<Vec<Claim>, StoreError> {
        let store = &self.runner.store;
        let mut connection = store.write().await?;
        let mut claims = Vec::new();
        for claimable in [Claimable::Queued, Claimable::Expired] {
            let room = room - claims.len();
            if room == 0 || (claimable == Claimable::Expired && !self.leases.may_take_over()) {
                continue;
            }
            let limit = i64::try_from(room).unwrap_or(i64::MAX);
            let (worker_id, lease) = (self.leases.worker_id(), self.leases.lease());
            claims.extend(
                Execution::claim(
                    &mut connection,
                    store.workspace(),
                    worker_id,
                    lease,
                    claimable,
                    limit,
                )
                .await?,
            );
        }
        Ok(claims)
    }

    fn begin(&self, claim: Claim, running: &mut JoinSet<(ExecutionId, Left)>) {
        let execution_id = claim.execution.execution_id;
        let span = tracing::info_span!(
            "execution",
            %execution_id,
            trace_id = %claim.execution.trace_id,
            workflow_id = claim.execution.workflow_id.as_deref(),
        );
        let hold = self.leases.hold(execution_id);
        metrics::gauge!("executions_running").increment(1.0);
        let runner = Arc::clone(&self.runner);
        running
            .spawn(async move { (execution_id, runner.run(claim, hold).await) }.instrument(span));
    }

    /// Gives what runs some time to finish, then gives the rest up for other workers to go on with.
    async fn leave(&self, mut running: JoinSet<(ExecutionId, Left)>) {
        if running.is_empty() {
            return;
        }
        tracing::info!(
            executions = running.len(),
            "waiting for running executions to finish"
        );
        let finish = async {
            while let Some(left) = running.join_next().await {
                note(left.ok());
            }
        };
        if timeout(self.shutdown_grace, finish).await.is_ok() {
            return;
        }
        self.leases.hand_back_all();
        let hand_back = async {
            while let Some(left) = running.join_next().await {
                note(left.ok());
            }
        };
        if timeout(HAND_BACK_WITHIN, hand_back).await.is_err() {
            tracing::warn!(
                executions = running.len(),
                "could not hand executions back; other workers take them over when their leases have run out",
            );
        }
    }
}

fn note(left: Option<(ExecutionId, Left)>) {
    metrics::gauge!("executions_running").decrement(1.0);
    let Some((execution_id, left)) = left else {
        tracing::error!("a run ended without a word");
        return;
    };
    match left {
        Left::Finished(status) => {
            let name = format!("{status:?}").to_uppercase();
            metrics::counter!("executions_finished_total", "status" => name).increment(1);
            tracing::info!(%execution_id, ?status, "execution finished");
        }
        Left::HandedBack => tracing::info!(%execution_id, "execution handed back"),
        Left::Released => {
            tracing::warn!(%execution_id, "execution given up: another worker has it, or it was deleted");
        }
    }
}
