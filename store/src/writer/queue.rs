//! The queue between submitters and the writer's task: first in, first out, bounded by back-pressure only.

use std::{collections::VecDeque, mem};

use parking_lot::Mutex;
use tokio::{
    sync::Notify,
    time::{Instant, sleep_until},
};

use super::{Op, Write, WriteError, WriterSettings, ack::AckSender};
use crate::ExecutionId;

/// What waits to be written.
#[derive(Debug)]
pub(super) struct Item {
    pub(super) execution_id: ExecutionId,
    pub(super) lease_epoch: Option<i64>,
    /// `None` for a barrier: it only has to wait its turn.
    pub(super) op: Option<Op>,
    pub(super) ack: Option<AckSender>,
    bytes: usize,
}

impl Item {
    pub(super) fn new(write: Write, ack: Option<AckSender>) -> Self {
        let Write {
            execution_id,
            lease_epoch,
            op,
        } = write;
        Self {
            execution_id,
            lease_epoch,
            bytes: op.size_bytes(),
            op: Some(op),
            ack,
        }
    }

    pub(super) fn barrier(execution_id: ExecutionId, ack: AckSender) -> Self {
        Self {
            execution_id,
            lease_epoch: None,
            op: None,
            ack: Some(ack),
            bytes: 0,
        }
    }

    /// It came after the shutdown.
    fn refuse(self) {
        match self.ack {
            Some(ack) => ack.send(Err(WriteError::ShutDown)),
            None => {
                tracing::warn!(execution_id = %self.execution_id, "submitted after the writer's shutdown: lost");
            }
        }
    }
}

#[derive(Debug)]
pub(super) struct Queue {
    settings: WriterSettings,
    waiting: Mutex<Waiting>,
    /// Wakes the task: there is something to do.
    work: Notify,
    /// Wakes those in [`Queue::ready`]: there is room.
    room: Notify,
    /// Wakes those who wait for the end.
    finished: Notify,
}

#[derive(Debug, Default)]
struct Waiting {
    items: VecDeque<Item>,
    bytes: usize,
    /// Items that somebody waits for: they start a transaction at once.
    urgent: usize,
    /// Items that are being written.
    taken: usize,
    /// When the first of the others came.
    since: Option<Instant>,
    state: State,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum State {
    #[default]
    Open,
    /// Nothing more is accepted; what is queued will be written.
    Draining,
    /// All is written.
    Finished,
}

impl Queue {
    pub(super) fn new(settings: WriterSettings) -> Self {
        Self {
            settings,
            waiting: Mutex::default(),
            work: Notify::new(),
            room: Notify::new(),
            finished: Notify::new(),
        }
    }

    pub(super) fn push(&self, write: Write, ack: Option<AckSender>) {
        self.push_items([Item::new(write, ack)]);
    }

    /// Queues items, of which there is at least one, at once: nothing comes between them, and the task finds all or none.
    pub(super) fn push_items(&self, items: impl IntoIterator<Item = Item>) {
        let mut waiting = self.waiting.lock();
        if waiting.state != State::Open {
            drop(waiting);
            items.into_iter().for_each(Item::refuse);
            return;
        }
        let was_urgent = waiting.is_urgent(&self.settings);
        let was_empty = waiting.items.is_empty();
        for item in items {
            waiting.urgent += usize::from(item.ack.is_some());
            waiting.bytes += item.bytes;
            waiting.items.push_back(item);
        }
        if was_empty {
            waiting.since = Some(Instant::now());
        }
        let wake = was_empty || (!was_urgent && waiting.is_urgent(&self.settings));
        drop(waiting);
        if wake {
            self.work.notify_one();
        }
    }

    /// Items and bytes that wait.
    pub(super) fn backlog(&self) -> (usize, usize) {
        let waiting = self.waiting.lock();
        (waiting.items.len(), waiting.bytes)
    }

    /// Items that wait or are being written.
    pub(super) fn load(&self) -> usize {
        let waiting = self.waiting.lock();
        waiting.items.len() + waiting.taken
    }

    /// Waits while more is queued than the bounds allow.
    pub(super) async fn ready(&self) {
        loop {
            let room = self.room.notified();
            {
                let waiting = self.waiting.lock();
                let full = waiting.items.len() >= self.settings.queue_items
                    || waiting.bytes >= self.settings.queue_bytes;
                if !full || waiting.state != State::Open {
                    return;
                }
            }
            room.await;
        }
    }

    /// Waits until there is something to write now, and takes as much of it as makes one batch. `None` when the queue is
    /// empty and nothing will come any more.
    pub(super) async fn take(&self) -> Option<Vec<Item>> {
        loop {
            let due = {
                let mut waiting = self.waiting.lock();
                waiting.taken = 0;
                match waiting.since {
                    None if waiting.state != State::Open => return None,
                    None => None,
                    Some(since) => {
                        let due = since + self.settings.linger;
                        if waiting.is_urgent(&self.settings) || due <= Instant::now() {
                            let batch = waiting.split(&self.settings);
                            waiting.taken = batch.len();
                            drop(waiting);
                            self.room.notify_waiters();
                            return Some(batch);
                        }
                        Some(due)
                    }
                }
            };
            match due {
                None => self.work.notified().await,
                Some(due) => {
                    tokio::select! {
                        () = self.work.notified() => {}
                        () = sleep_until(due) => {}
                    }
                }
            }
        }
    }

    /// Accepts nothing more.
    pub(super) fn drain(&self) {
        let mut waiting = self.waiting.lock();
        if waiting.state == State::Open {
            waiting.state = State::Draining;
        }
        drop(waiting);
        self.work.notify_one();
        self.room.notify_waiters();
    }

    /// Tells those who wait for it that all is written.
    pub(super) fn finish(&self) {
        self.waiting.lock().state = State::Finished;
        self.finished.notify_waiters();
    }

    pub(super) async fn wait_until_finished(&self) {
        loop {
            let finished = self.finished.notified();
            if self.waiting.lock().state == State::Finished {
                return;
            }
            finished.await;
        }
    }
}

impl Waiting {
    /// Whether a transaction should start without waiting for company.
    fn is_urgent(&self, settings: &WriterSettings) -> bool {
        self.urgent > 0
            || self.state != State::Open
            || self.items.len() >= settings.batch_items
            || self.bytes >= settings.batch_bytes
    }

    /// Takes one batch from the front: at least one item, at most what the bounds allow.
    fn split(&mut self, settings: &WriterSettings) -> Vec<Item> {
        let mut bytes = 0;
        let fits = |item: &&Item| {
            bytes += item.bytes;
            bytes <= settings.batch_bytes
        };
        let count = self
            .items
            .iter()
            .take(settings.batch_items)
            .take_while(fits)
            .count()
            .max(1);
        let batch = if count >= self.items.len() {
            Vec::from(mem::take(&mut self.items))
        } else {
            self.items.drain(..count).collect()
        };
        self.bytes -= batch.iter().map(|item| item.bytes).sum::<usize>();
        self.urgent -= batch.iter().filter(|item| item.ack.is_some()).count();
        self.since = (!self.items.is_empty()).then(Instant::now);
        batch
    }
}

impl Op {
    /// About the memory it takes and the bytes it sends.
    fn size_bytes(&self) -> usize {
        const FIXED: usize = 256;
        fn of(text: &Option<String>) -> usize {
            text.as_ref().map_or(0, String::len)
        }
        FIXED
            + match self {
                Self::SpanStarted(span) => span.size_bytes(),
                Self::SpanEnded { span, step } => {
                    span.size_bytes()
                        + step
                            .as_ref()
                            .map_or(0, |step| step.result.len() + step.node_path.len())
                }
                Self::Progress { attributes, .. } => attributes.len(),
                Self::SpanLog(log) => {
                    log.attributes.len() + of(&log.body) + of(&log.input) + of(&log.output)
                }
                Self::Artifact(artifact) => artifact.name.len() + artifact.location.len(),
                Self::Execution(
                    super::ExecutionChange::Started { .. } | super::ExecutionChange::HandedBack,
                ) => 0,
                Self::Execution(super::ExecutionChange::Observed(observation)) => {
                    observation.size_bytes()
                }
                Self::Execution(super::ExecutionChange::Finished { outputs, error, .. }) => {
                    of(outputs) + error.as_ref().map_or(0, |error| error.message.len())
                }
            }
    }
}
