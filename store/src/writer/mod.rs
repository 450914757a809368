//! The group-commit writer: the only way spans get into the database.
//!
//! Everything of a run of ours goes through one queue to one task, so it is committed in the order it was submitted; there
//! are several such lanes, since PostgreSQL is idle while a batch is made for it. An item somebody waits for starts a
//! transaction at once; what arrives while one is in flight shares the next. PostgreSQL gone, the writer keeps what it has and
//! tries again until it is back.

mod ack;
mod batch;
mod bulk;
mod contents;
mod foreign;
mod merge;
mod observe;
mod queue;
mod rows;
mod sanitize;
mod session;
mod spans;
mod sql;
mod statement;
mod task;
mod transaction;

use std::{sync::Arc, time::Duration};

pub use self::ack::{Ack, AckAll, Committed, WriteError};
use self::{
    ack::AckSender,
    queue::{Item, Queue},
    task::Task,
};
use crate::{
    ArtifactRecord, ExecutionFailure, ExecutionId, ExecutionStatus, Observation, SpanId,
    SpanLogRecord, SpanRecord, StepRecord, UsageRecord, pool::Target,
};

/// Something to write about an execution.
#[derive(Debug, Clone)]
pub struct Write {
    pub execution_id: ExecutionId,
    /// The epoch of the worker's claim: compared under the lock of each commit. `None` for executions that no worker of
    /// ours runs.
    pub lease_epoch: Option<i64>,
    pub op: Op,
}

/// What to write.
#[derive(Debug, Clone)]
pub enum Op {
    /// A span began. Ignored when its end is known already.
    SpanStarted(Box<SpanRecord>),
    /// A span ended, and the journal record of the step that it was: one item, so never in two commits.
    SpanEnded {
        span: Box<SpanRecord>,
        step: Option<StepRecord>,
    },
    /// Attributes of a running span, laid over those it has. Ignored when the span is not running.
    Progress {
        span_id: SpanId,
        /// A JSON object.
        attributes: String,
        usage: Option<UsageRecord>,
        /// Nanoseconds since the Unix epoch.
        first_token_ns: Option<i64>,
    },
    /// A log record of a span, running or not.
    SpanLog(SpanLogRecord),
    /// An artifact whose bytes are stored.
    Artifact(ArtifactRecord),
    /// A change of the execution itself.
    Execution(ExecutionChange),
}

/// A change of the execution itself.
#[derive(Debug, Clone)]
pub enum ExecutionChange {
    /// The run began, or goes on after another worker had it: status RUNNING. What that one left open is abandoned.
    Started {
        /// Nanoseconds since the Unix epoch.
        started_ns: i64,
        root_span_id: SpanId,
    },
    /// Its worker gives the run up for another one to go on with: status QUEUED. Spans still open are abandoned; its private
    /// payload and its journal stay.
    HandedBack,
    /// The run is over. Spans still open are abandoned; its private payload and its journal are deleted.
    Finished {
        /// A final one.
        status: ExecutionStatus,
        /// Nanoseconds since the Unix epoch.
        finished_ns: i64,
        /// JSON text, redacted.
        outputs: Option<String>,
        error: Option<ExecutionFailure>,
    },
    /// Spans of another engine tell something about their execution. Ignored when the run is one of ours.
    Observed(Box<Observation>),
}

/// Bounds of the writer.
#[derive(Debug, Clone, Copy)]
pub struct WriterSettings {
    /// Transactions at once, each on a connection of its own. Executions are divided among them.
    pub lanes: usize,
    /// Items, and their bytes, of one transaction.
    pub batch_items: usize,
    pub batch_bytes: usize,
    /// Items, and their bytes, waiting in one lane, beyond which [`Writer::ready`] waits. They are still accepted.
    pub queue_items: usize,
    pub queue_bytes: usize,
    /// How long starts and progress wait for company.
    pub linger: Duration,
}

impl Default for WriterSettings {
    fn default() -> Self {
        Self {
            lanes: 3,
            batch_items: 2_000,
            batch_bytes: 8 << 20,
            queue_items: 10_000,
            queue_bytes: 32 << 20,
            linger: Duration::from_millis(10),
        }
    }
}

/// The group-commit writer. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Writer {
    lanes: Arc<[Arc<Queue>]>,
}

impl Writer {
    /// Starts the tasks that write; they end by [`Writer::shutdown`] alone, or with the runtime.
    pub(crate) fn start(target: &Target, workspace: &str, settings: WriterSettings) -> Self {
        let start = |_| {
            let queue = Arc::new(Queue::new(settings));
            let task = Task::new(Arc::clone(&queue), target.clone(), workspace.to_owned());
            tokio::spawn(task.run());
            queue
        };
        let lanes = (0..settings.lanes.max(1)).map(start).collect();
        Self { lanes }
    }

    fn lane(&self, execution_id: ExecutionId) -> &Queue {
        // The end of an id is random.
        let [.., last] = *execution_id.0.as_bytes();
        &self.lanes[usize::from(last) % self.lanes.len()]
    }

    /// Writes all that was submitted, then ends. Waits as long as PostgreSQL is away.
    pub async fn shutdown(&self) {
        self.lanes.iter().for_each(|lane| lane.drain());
        for lane in &*self.lanes {
            lane.wait_until_finished().await;
        }
    }

    /// Queues an item. Never blocks and never drops: after [`Writer::shutdown`] alone it is refused, with a warning in the
    /// log.
    pub fn submit(&self, write: Write) {
        self.lane(write.execution_id).push(write, None);
    }

    /// Queues an item, now, and tells by the future returned when it is committed. Dropping the future changes nothing.
    pub fn submit_acked(&self, write: Write) -> Ack {
        let (ack, sender) = Ack::pair();
        self.lane(write.execution_id).push(write, Some(sender));
        ack
    }

    /// Queues, now, what one request tells of executions that no worker of ours runs, and tells by the future returned when
    /// all is committed. It is one transaction, unless the bounds ask for more: of one lane, the least busy one where several
    /// executions are concerned. What else is submitted of these may so be committed before or after. Dropping the future
    /// changes nothing.
    pub fn submit_all(&self, writes: Vec<Write>) -> AckAll {
        let (acks, many) = AckAll::pair(writes.len());
        let Some(first) = writes.first().map(|write| write.execution_id) else {
            return acks;
        };
        let own = self.lane(first);
        let lane = match writes.iter().all(|write| write.execution_id == first) {
            true => own,
            false => {
                let lanes = self.lanes.iter().map(|lane| &**lane);
                lanes.min_by_key(|lane| lane.load()).unwrap_or(own)
            }
        };
        lane.push_items(
            writes
                .into_iter()
                .map(|write| Item::new(write, Some(AckSender::OfMany(Arc::clone(&many))))),
        );
        acks
    }

    /// Resolves when everything submitted before about the execution is committed, or refused: its own acknowledgement
    /// tells of that. The revision is 0 when nothing was waiting.
    pub fn barrier(&self, execution_id: ExecutionId) -> Ack {
        let (ack, sender) = Ack::pair();
        self.lane(execution_id)
            .push_items([Item::barrier(execution_id, sender)]);
        ack
    }

    /// Items that wait to be written, and about how many bytes they are.
    #[must_use]
    pub fn backlog(&self) -> (usize, usize) {
        self.lanes
            .iter()
            .map(|lane| lane.backlog())
            .fold((0, 0), |sum, lane| (sum.0 + lane.0, sum.1 + lane.1))
    }

    /// Waits while more is queued than the bounds allow. For producers that can wait, to be called before they submit.
    pub async fn ready(&self) {
        for lane in &*self.lanes {
            lane.ready().await;
        }
    }
}
