//! The executions that this process holds: their leases are renewed, and what is asked of them reaches them.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use orcheo_store::models::executions::{Execution, Held};
use orcheo_store::{ExecutionId, Store, StoreError};
use parking_lot::Mutex;
use tokio::sync::Notify;
use tokio::time::{Instant, MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

/// What is asked of a run.
#[derive(Clone, Debug, Default)]
pub(crate) struct Signals {
    /// End as cancelled.
    pub(crate) cancel: CancellationToken,
    /// Stop without a word: another worker has the run, or it was deleted.
    pub(crate) release: CancellationToken,
    /// Stop, for another worker to go on.
    pub(crate) hand_back: CancellationToken,
}

/// Cheap to clone.
#[derive(Clone)]
pub(crate) struct Leases {
    store: Store,
    worker_id: Arc<str>,
    lease: Duration,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    held: Mutex<HashMap<ExecutionId, Signals>>,
    /// Since when every renewal has succeeded.
    unbroken_since: Mutex<Option<Instant>>,
    renew: Notify,
}

/// An execution in the hands of this process, until dropped.
pub(crate) struct Hold {
    execution_id: ExecutionId,
    shared: Arc<Shared>,
    pub(crate) signals: Signals,
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.shared.held.lock().remove(&self.execution_id);
    }
}

impl Leases {
    pub(crate) fn new(store: Store, worker_id: String, lease: Duration) -> Self {
        Self {
            store,
            worker_id: worker_id.into(),
            lease,
            shared: Arc::default(),
        }
    }

    pub(crate) fn worker_id(&self) -> &str {
        &self.worker_id
    }

    pub(crate) fn lease(&self) -> Duration {
        self.lease
    }

    /// Takes an execution that was just claimed.
    pub(crate) fn hold(&self, execution_id: ExecutionId) -> Hold {
        let signals = Signals::default();
        self.shared
            .held
            .lock()
            .insert(execution_id, signals.clone());
        Hold {
            execution_id,
            shared: Arc::clone(&self.shared),
            signals,
        }
    }

    pub(crate) fn cancel(&self, execution_id: ExecutionId) {
        if let Some(signals) = self.shared.held.lock().get(&execution_id) {
            signals.cancel.cancel();
        }
    }

    pub(crate) fn release(&self, execution_id: ExecutionId) {
        if let Some(signals) = self.shared.held.lock().get(&execution_id) {
            signals.release.cancel();
        }
    }

    pub(crate) fn hand_back_all(&self) {
        for signals in self.shared.held.lock().values() {
            signals.hand_back.cancel();
        }
    }

    /// Renews the leases now: something may have been missed.
    pub(crate) fn renew_soon(&self) {
        *self.shared.unbroken_since.lock() = None;
        self.shared.renew.notify_one();
    }

    /// Whether other workers' leases that have run out mean that they are gone. After an outage of the database every
    /// lease has run out, also those of workers that are well: they get one full period to renew.
    pub(crate) fn may_take_over(&self) -> bool {
        self.shared
            .unbroken_since
            .lock()
            .is_some_and(|since| since.elapsed() >= self.lease)
    }

    /// Renews the leases, three times within each period, until told to stop.
    pub(crate) async fn keep(self, stop: CancellationToken) {
        let mut ticks = interval(self.lease / 3);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut away = false;
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                _ = ticks.tick() => {}
                () = self.shared.renew.notified() => {}
            }
            match self.renew().await {
                Ok(()) => {
                    if std::mem::take(&mut away) {
                        tracing::info!("the database is back");
                    }
                    self.shared
                        .unbroken_since
                        .lock()
                        .get_or_insert_with(Instant::now);
                }
                Err(error) => {
                    if !std::mem::replace(&mut away, true) {
                        tracing::warn!(%error, "the database is away; running executions wait for it");
                    }
                    *self.shared.unbroken_since.lock() = None;
                }
            }
        }
    }

    async fn renew(&self) -> Result<(), StoreError> {
        let ids: Vec<ExecutionId> = self.shared.held.lock().keys().copied().collect();
        let mut connection = self.store.write().await?;
        let held = Execution::heartbeat(&mut connection, &self.worker_id, self.lease, &ids).await?;
        for id in &ids {
            match held.iter().find(|held| held.execution_id == *id) {
                Some(Held {
                    cancel_requested: true,
                    ..
                }) => self.cancel(*id),
                Some(_) => {}
                // Another worker has it, it was deleted, or it has just finished, and then nobody listens any more.
                None => self.release(*id),
            }
        }
        Ok(())
    }
}
