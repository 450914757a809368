//! The change feed: one `LISTEN` connection per process, fanned out to its subscribers.
//!
//! Messages carry ids only and may be lost with the connection. After any gap a subscriber sees [`Change::Resync`] and
//! must read again what it watches.

use std::{sync::Arc, time::Duration};

use backon::{BackoffBuilder, ExponentialBuilder};
use diesel::sql_types::Text;
use diesel_async::{AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use futures::{FutureExt, StreamExt};
use tokio::sync::broadcast;
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};

use crate::{ExecutionId, Revision, StoreError, pool::Target};

/// Channel of `NOTIFY`.
pub(crate) const CHANNEL: &str = "orcheo_executions";

/// Changes a subscriber may fall behind before it gets a [`Change::Resync`] instead.
const CAPACITY: usize = 4096;

/// What happened to an execution.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeKind {
    /// It is queued: a worker may claim it.
    Created,
    /// It was first heard of: another engine runs it.
    Adopted,
    /// A commit about the execution or its spans.
    Changed,
    Deleted,
    /// Its worker is asked to stop it.
    CancelRequested,
}

impl ChangeKind {
    const fn letter(self) -> char {
        match self {
            Self::Created => 'C',
            Self::Adopted => 'A',
            Self::Changed => 'U',
            Self::Deleted => 'D',
            Self::CancelRequested => 'X',
        }
    }

    fn of_letter(letter: u8) -> Option<Self> {
        [
            Self::Created,
            Self::Adopted,
            Self::Changed,
            Self::Deleted,
            Self::CancelRequested,
        ]
        .into_iter()
        .find(|kind| kind.letter() == char::from(letter))
    }
}

/// What a subscriber receives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    Execution {
        id: ExecutionId,
        /// Of the commit, or 0 when nothing of the execution's trace changed. A message may repeat.
        revision: Revision,
        kind: ChangeKind,
    },
    /// Messages may be missing: read again what you watch.
    Resync,
}

/// The change feed of every process on this database. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Changes {
    sender: broadcast::Sender<Change>,
    stop: CancellationToken,
    _task: Arc<AbortOnDropHandle<()>>,
}

/// One subscriber's end of the feed.
#[derive(Debug)]
pub struct Subscription {
    receiver: broadcast::Receiver<Change>,
    stop: CancellationToken,
}

impl Changes {
    pub(crate) fn start(target: Target) -> Self {
        let (sender, _) = broadcast::channel(CAPACITY);
        let stop = CancellationToken::new();
        let listener = Listener {
            target,
            sender: sender.clone(),
        };
        let task = tokio::spawn(
            stop.clone()
                .run_until_cancelled_owned(listener.run())
                .map(drop),
        );
        Self {
            sender,
            stop,
            _task: Arc::new(AbortOnDropHandle::new(task)),
        }
    }

    /// What changes from now on. Subscribe first, then read: a change between the two is then seen twice, not never.
    #[must_use]
    pub fn subscribe(&self) -> Subscription {
        Subscription {
            receiver: self.sender.subscribe(),
            stop: self.stop.clone(),
        }
    }

    pub(crate) fn shutdown(&self) {
        self.stop.cancel();
    }
}

impl Subscription {
    /// The next change; `None` when the store was shut down. Cancel-safe.
    pub async fn recv(&mut self) -> Option<Change> {
        match self.stop.run_until_cancelled(self.receiver.recv()).await? {
            Ok(change) => Some(change),
            Err(broadcast::error::RecvError::Lagged(_)) => Some(Change::Resync),
            Err(broadcast::error::RecvError::Closed) => None,
        }
    }
}

/// The side that listens.
struct Listener {
    target: Target,
    sender: broadcast::Sender<Change>,
}

impl Listener {
    async fn run(self) {
        let backoff = ExponentialBuilder::default()
            .with_min_delay(Duration::from_millis(50))
            .with_max_delay(Duration::from_secs(2))
            .with_jitter()
            .without_max_times();
        let mut delays = backoff.build();
        loop {
            match self.connect().await {
                Ok(connection) => {
                    delays = backoff.build();
                    self.forward(connection).await;
                }
                Err(error) => tracing::warn!(%error, "cannot listen for changes"),
            }
            tokio::time::sleep(delays.next().unwrap_or_default()).await;
        }
    }

    /// A connection that listens already, so that what a subscriber reads after the resync is complete.
    async fn connect(&self) -> Result<AsyncPgConnection, StoreError> {
        let mut connection = self
            .target
            .connect()
            .await
            .map_err(|error| StoreError::Unavailable(error.to_string()))?;
        connection
            .batch_execute(&format!("LISTEN {CHANNEL}"))
            .await?;
        self.send(Change::Resync);
        Ok(connection)
    }

    /// Returns when the connection is lost. The stream yields one error and then ends; polling it again would panic.
    async fn forward(&self, mut connection: AsyncPgConnection) {
        let mut notifications = std::pin::pin!(connection.notifications_stream());
        while let Some(notification) = notifications.next().await {
            match notification {
                Ok(notification) => {
                    for message in notification.payload.split(',') {
                        match parse(message) {
                            Some(change) => self.send(change),
                            None => {
                                tracing::warn!(message, "ignored a notification that is not ours");
                            }
                        }
                    }
                }
                Err(error) => {
                    tracing::warn!(%error, "lost the connection that listens for changes");
                    return;
                }
            }
        }
    }

    fn send(&self, change: Change) {
        // Without subscribers there is nobody to tell.
        let _ = self.sender.send(change);
    }
}

/// One element of a payload: kind, execution id, revision, as in `U0192…:17`.
fn parse(message: &str) -> Option<Change> {
    let kind = ChangeKind::of_letter(*message.as_bytes().first()?)?;
    let (id, revision) = message.get(1..)?.split_once(':')?;
    Some(Change::Execution {
        id: id.parse().ok()?,
        revision: revision.parse().ok()?,
        kind,
    })
}

/// Tells every process, when the surrounding transaction commits.
pub(crate) async fn notify(
    connection: &mut AsyncPgConnection,
    kind: ChangeKind,
    execution_id: ExecutionId,
    revision: Revision,
) -> diesel::QueryResult<()> {
    diesel::sql_query("SELECT pg_notify($1, $2)")
        .bind::<Text, _>(CHANNEL)
        .bind::<Text, _>(format!("{}{execution_id}:{revision}", kind.letter()))
        .execute(connection)
        .await
        .map(drop)
}
