//! The feed of executions: one reader per process turns the change feed into events, however many subscribers there are.

use std::{sync::Arc, time::Duration};

use futures::{Stream, stream};
use indexmap::{IndexMap, map::Entry};
use orcheo_store::{Change, ChangeKind, ExecutionId, Store, models::executions::ExecutionState};
use tokio::time::{Instant, sleep_until};
use tokio_util::task::AbortOnDropHandle;

use super::{
    execution_updates::ExecutionUpdateKind,
    log::{Found, Log},
    results::Results,
};
use crate::error::{ApiError, ErrorCode, reason};

/// What is kept for subscribers that are a little slow, in events: small, because each holds one execution.
const KEPT_EVENTS: usize = 4_096;

/// How often executions are read that change all the time. A change after a pause is told at once.
const PACE: Duration = Duration::from_millis(100);

/// When to try again while the database is away.
const RETRY: Duration = Duration::from_secs(1);

/// Executions read in one statement.
const BATCH: usize = 500;

/// Something that happened to an execution.
pub(crate) struct ExecutionEvent {
    pub(super) kind: ExecutionUpdateKind,
    pub(super) id: ExecutionId,
    /// As it is now; `None` when it was deleted.
    pub(super) execution: Option<Arc<ExecutionState>>,
    pub(super) results: Results,
}

type Told = Result<Arc<ExecutionEvent>, ApiError>;

/// The feed of this process. Cheap to clone.
#[derive(Clone)]
pub(super) struct Executions {
    log: Arc<Log<Told>>,
    _task: Arc<AbortOnDropHandle<()>>,
}

impl Executions {
    /// Starts to listen; must be called within a runtime.
    pub(super) fn new(store: Store) -> Self {
        let log = Log::new(KEPT_EVENTS);
        let task = tokio::spawn(run(store, log.clone()));
        Self {
            log,
            _task: Arc::new(AbortOnDropHandle::new(task)),
        }
    }

    /// What happens from now on. After an error there is nothing more.
    pub(super) fn events(&self) -> impl Stream<Item = Told> + Send + use<> {
        stream::unfold(self.log.follow(), |mut follower| async move {
            match follower.next().await {
                Found::Item(event) => Some((event, follower)),
                Found::Lagged => Some((Err(interrupted()), follower)),
                Found::Closed => None,
            }
        })
    }
}

/// What a subscriber is told who may have missed something: the feed has no cursor, so it has to read the list again.
fn interrupted() -> ApiError {
    let message = "changes may have been missed; read the list again and subscribe anew";
    ApiError::new(ErrorCode::Unavailable, message).with_reason(reason::FEED_INTERRUPTED)
}

async fn run(store: Store, log: Arc<Log<Told>>) {
    let mut changes = store.changes().subscribe();
    let mut pending = Pending::default();
    let mut next_read = Instant::now();
    loop {
        tokio::select! {
            change = changes.recv() => match change {
                None => return,
                Some(_) if log.followers() == 0 => pending.clear(),
                Some(Change::Execution { id, kind, .. }) => pending.add(id, kind),
                Some(Change::Resync) => log.push(Err(interrupted()), 1),
            },
            () = sleep_until(next_read), if !pending.is_empty() => {
                next_read = Instant::now() + match flush(&store, &log, &mut pending).await {
                    Ok(()) => PACE,
                    Err(error) => {
                        tracing::warn!(%error, "cannot read changed executions; trying again");
                        RETRY
                    }
                };
            }
        }
    }
}

/// Reads a batch of what changed and tells it.
async fn flush(store: &Store, log: &Log<Told>, pending: &mut Pending) -> Result<(), ApiError> {
    let ids: Vec<ExecutionId> = pending.0.keys().copied().take(BATCH).collect();
    let mut connection = store.read().await?;
    let found = ExecutionState::by_ids(&mut connection, store.workspace(), &ids).await?;
    let mut found: IndexMap<ExecutionId, ExecutionState> = found
        .into_iter()
        .map(|state| (state.execution.execution_id, state))
        .collect();
    for (id, kind) in pending.0.drain(..ids.len()) {
        let execution = found.swap_remove(&id).map(Arc::new);
        // What cannot be found was deleted, in this workspace or meanwhile.
        let kind = if execution.is_some() {
            kind
        } else {
            ExecutionUpdateKind::Deleted
        };
        log.push(
            Ok(Arc::new(ExecutionEvent {
                kind,
                id,
                execution,
                results: Results::default(),
            })),
            1,
        );
    }
    Ok(())
}

/// What happened to each execution since it was last read, in the order in which they first changed.
#[derive(Default)]
struct Pending(IndexMap<ExecutionId, ExecutionUpdateKind>);

impl Pending {
    fn add(&mut self, id: ExecutionId, kind: ChangeKind) {
        use ExecutionUpdateKind::{Changed, Created, Deleted};
        let kind = match kind {
            ChangeKind::Created | ChangeKind::Adopted => Created,
            ChangeKind::Changed | ChangeKind::CancelRequested => Changed,
            ChangeKind::Deleted => Deleted,
        };
        match self.0.entry(id) {
            Entry::Vacant(place) => {
                place.insert(kind);
            }
            Entry::Occupied(mut place) if kind != Changed => {
                place.insert(kind);
            }
            // It is still new to the subscribers, or gone.
            Entry::Occupied(_) => {}
        }
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn clear(&mut self) {
        self.0.clear();
    }
}

#[cfg(test)]
mod tests {
    use orcheo_store::testing::TestDatabase;

    use super::*;

    #[tokio::test]
    async fn the_reader_ends_with_the_store_also_when_nobody_follows() {
        let database = TestDatabase::new().await;
        let store = database.store().await;
        store.shutdown().await;
        run(store, Log::new(1)).await;
    }

    #[test]
    fn changes_of_one_execution_are_told_as_one() {
        let (a, b) = (ExecutionId::new(), ExecutionId::new());
        let mut pending = Pending::default();
        pending.add(a, ChangeKind::Created);
        pending.add(b, ChangeKind::Changed);
        pending.add(a, ChangeKind::Changed);
        pending.add(b, ChangeKind::Deleted);
        let told: Vec<_> = pending.0.into_iter().collect();
        assert_eq!(
            told,
            [
                (a, ExecutionUpdateKind::Created),
                (b, ExecutionUpdateKind::Deleted)
            ]
        );
    }
}
