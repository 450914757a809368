//! One tail per watched execution and process: reads each new commit once, however many subscribers wait for it.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU8, Ordering},
    },
    time::Duration,
};

use orcheo_store::{
    Change, ChangeKind, Changes, ExecutionId, Revision, Store, models::spans::SpanParts,
};
use parking_lot::Mutex;
use tokio::{
    sync::Notify,
    time::{Instant, sleep_until, timeout},
};
use tokio_util::task::AbortOnDropHandle;

use super::{
    live::{Live, Segment, Source, deleted},
    log::{Follower, Log},
    position::Position,
    trace::{self, TraceSegment},
};
use crate::error::ApiError;

/// What a tail keeps for subscribers that are a little slow, in bytes; who falls further behind reads from the database.
const KEPT_BYTES: usize = 4 << 20;

/// What delivering a message to one subscriber costs, roughly. A tail leaves that much time between messages, so that with
/// many subscribers it sends fewer and larger ones instead of more than they can take.
const DELIVERY: Duration = Duration::from_micros(20);

/// "Read, whatever revision you are at."
const ANY: Revision = Revision::MAX;

/// How live feeds behave.
#[derive(Debug, Clone)]
pub struct LiveSettings {
    /// How long nothing new must have been stored of a final execution before its trace counts as complete.
    pub quiet: Duration,
    /// How often a watched trace is read although no change was announced.
    pub poll: Duration,
}

impl Default for LiveSettings {
    fn default() -> Self {
        Self {
            quiet: Duration::from_secs(5),
            poll: Duration::from_secs(2),
        }
    }
}

/// The tails of this process. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Tails(Arc<Registry>);

struct Registry {
    store: Store,
    settings: LiveSettings,
    tails: Arc<Running>,
    _wake: AbortOnDropHandle<()>,
}

type Running = Mutex<HashMap<ExecutionId, Arc<Tail>>>;

struct Tail {
    log: Arc<Log<Live<TraceSegment>>>,
    wake: Notify,
    /// The newest revision announced since the last read.
    announced: AtomicI64,
    /// The parts of spans that any subscriber asked for so far.
    parts: AtomicParts,
}

impl Tails {
    /// Starts to listen for changes; must be called within a runtime.
    pub(crate) fn new(store: Store, settings: LiveSettings) -> Self {
        let tails = Arc::new(Running::default());
        let wake = tokio::spawn(wake(store.changes().clone(), tails.clone()));
        Self(Arc::new(Registry {
            store,
            settings,
            tails,
            _wake: AbortOnDropHandle::new(wake),
        }))
    }

    /// The trace of an execution as a source that can be replayed and followed. `parts` is what will be used of the spans.
    pub(crate) fn trace(&self, execution: ExecutionId, parts: SpanParts) -> TraceSource {
        TraceSource {
            tails: self.clone(),
            execution,
            parts,
        }
    }

    fn follow(&self, execution: ExecutionId, parts: SpanParts) -> Follower<Live<TraceSegment>> {
        let mut tails = self.0.tails.lock();
        let tail = tails.entry(execution).or_insert_with(|| {
            let tail = Arc::new(Tail {
                log: Log::new(KEPT_BYTES),
                wake: Notify::new(),
                announced: AtomicI64::new(ANY),
                parts: AtomicParts::default(),
            });
            tokio::spawn(self.clone().run(execution, tail.clone()));
            tail
        });
        tail.parts.add(parts);
        tail.log.follow()
    }

    /// Feeds one tail until nobody follows it, the trace is complete, or the execution is deleted.
    async fn run(self, execution: ExecutionId, tail: Arc<Tail>) {
        metrics::gauge!("trace_tails").increment(1);
        let mut place: Option<Position> = None;
        let mut poll = Duration::ZERO;
        loop {
            let woken = timeout(poll, tail.wake.notified()).await.is_ok();
            if self.retire(execution, &tail) {
                break;
            }
            let announced = tail.announced.swap(0, Ordering::AcqRel);
            if woken && place.is_some_and(|place| announced <= place.whole()) {
                continue;
            }
            let started = Instant::now();
            match self.advance(execution, &tail, &mut place).await {
                Ok(Progress::Over) => {
                    self.0.tails.lock().remove(&execution);
                    tail.log.close();
                    break;
                }
                Ok(Progress::Next(wait)) => poll = wait.min(self.0.settings.poll),
                Err(error) => {
                    tracing::warn!(%execution, %error, "cannot read a watched trace; trying again");
                    poll = self.0.settings.poll;
                }
            }
            sleep_until(started + DELIVERY * tail.log.followers() as u32).await;
        }
        metrics::gauge!("trace_tails").decrement(1);
    }

    /// Pushes what is new, and tells when to look again at the latest.
    async fn advance(
        &self,
        id: ExecutionId,
        tail: &Tail,
        place: &mut Option<Position>,
    ) -> Result<Progress, ApiError> {
        let Registry {
            store, settings, ..
        } = &*self.0;
        let Some(position) = *place else {
            let Some(execution) = trace::newest(store, id).await? else {
                return Ok(gone(id, tail));
            };
            // Tells subscribers that read before this where to go on from: not even one commit may fall between.
            let here = trace::here(execution);
            *place = Some(here.end());
            tail.push(here);
            return Ok(Progress::Next(Duration::ZERO));
        };
        let Some(reading) =
            trace::read(store, id, position, tail.parts.get(), settings.quiet).await?
        else {
            return Ok(gone(id, tail));
        };
        let mut over = false;
        for segment in reading.segments {
            let news = segment.begin() < segment.end();
            if news {
                lag(&segment);
            }
            over = segment.is_last();
            *place = Some(segment.end());
            if news || over {
                tail.push(segment);
            }
        }
        let behind =
            place.is_some_and(|place| place.whole() < tail.announced.load(Ordering::Acquire));
        Ok(match reading.complete_in {
            _ if over => Progress::Over,
            _ if behind => Progress::Next(Duration::ZERO),
            Some(rest) => Progress::Next(rest),
            None => Progress::Next(settings.poll),
        })
    }

    /// Takes an unfollowed tail out of the registry; nobody can join it meanwhile.
    fn retire(&self, execution: ExecutionId, tail: &Tail) -> bool {
        let mut tails = self.0.tails.lock();
        let unfollowed = tail.log.followers() == 0;
        if unfollowed {
            tails.remove(&execution);
        }
        unfollowed
    }
}

enum Progress {
    /// There may be more after this time at the latest.
    Next(Duration),
    Over,
}

fn gone(execution: ExecutionId, tail: &Tail) -> Progress {
    tail.log.push(Err(deleted(&name(execution))), 0);
    Progress::Over
}

/// The time from the commit to here: what the change feed and the read cost.
fn lag(segment: &TraceSegment) {
    let since = chrono::Utc::now() - segment.execution.rollup.changed_at;
    metrics::histogram!("trace_tail_lag_seconds").record(since.to_std().unwrap_or_default());
}

impl Tail {
    fn push(&self, segment: TraceSegment) {
        let weight = segment.weight();
        self.log.push(Ok(Arc::new(segment)), weight);
    }

    fn announce(&self, revision: Revision) {
        self.announced.fetch_max(revision, Ordering::AcqRel);
        self.wake.notify_one();
    }
}

/// Wakes the tails that a change is about.
async fn wake(changes: Changes, tails: Arc<Running>) {
    let mut changes = changes.subscribe();
    while let Some(change) = changes.recv().await {
        let tails = tails.lock();
        match change {
            Change::Execution { id, revision, kind } => {
                if let Some(tail) = tails.get(&id) {
                    let plain = kind == ChangeKind::Changed && revision > 0;
                    tail.announce(if plain { revision } else { ANY });
                }
            }
            Change::Resync => tails.values().for_each(|tail| tail.announce(ANY)),
        }
    }
}

/// See [`Tails::trace`].
pub(crate) struct TraceSource {
    tails: Tails,
    execution: ExecutionId,
    parts: SpanParts,
}

impl Source for TraceSource {
    type Segment = TraceSegment;

    fn follow(&self) -> Follower<Live<TraceSegment>> {
        self.tails.follow(self.execution, self.parts)
    }

    async fn read(&self, position: Position) -> Result<Option<Vec<Arc<TraceSegment>>>, ApiError> {
        let Registry {
            store, settings, ..
        } = &*self.tails.0;
        let reading =
            trace::read(store, self.execution, position, self.parts, settings.quiet).await?;
        Ok(reading.map(|reading| reading.segments.into_iter().map(Arc::new).collect()))
    }

    fn name(&self) -> String {
        name(self.execution)
    }
}

fn name(execution: ExecutionId) -> String {
    format!("execution {execution}")
}

/// [`SpanParts`] that only ever grow.
#[derive(Default)]
struct AtomicParts(AtomicU8);

impl AtomicParts {
    fn add(&self, parts: SpanParts) {
        let SpanParts {
            attributes,
            payload,
            events,
            usage,
            moments,
        } = parts;
        let bits = [attributes, payload, events, usage, moments];
        let bits = bits
            .iter()
            .enumerate()
            .fold(0, |bits, (index, bit)| bits | u8::from(*bit) << index);
        self.0.fetch_or(bits, Ordering::AcqRel);
    }

    fn get(&self) -> SpanParts {
        let bits = self.0.load(Ordering::Acquire);
        let has = |index: u8| bits & (1 << index) != 0;
        SpanParts {
            attributes: has(0),
            payload: has(1),
            events: has(2),
            usage: has(3),
            moments: has(4),
        }
    }
}
