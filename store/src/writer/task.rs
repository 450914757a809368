//! The task of one lane of the writer: takes batches from the queue and does not rest until each item is committed or refused.

use std::{collections::HashSet, sync::Arc, time::Duration};

use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};

use super::{
    Committed, Op, WriteError,
    batch::Batch,
    bulk,
    contents::Contents,
    merge::merge,
    queue::{Item, Queue},
    session::{Failure, Outcome, Session},
};
use crate::{ExecutionId, SpanId, pool::Target};

/// Hashes of contents known to be stored, so that what every span repeats is sent once. Forgotten all at once when full.
const MAX_STORED: usize = 100_000;

/// Far more than executions that one process can lose before their runs have noticed.
const MAX_LOST: usize = 10_000;

pub(super) struct Task {
    queue: Arc<Queue>,
    target: Target,
    workspace: String,
    session: Option<Session>,
    stored: Contents,
    /// Executions whose last write was refused as not ours: a barrier must not pass.
    lost: HashSet<ExecutionId>,
}

impl Task {
    pub(super) fn new(queue: Arc<Queue>, target: Target, workspace: String) -> Self {
        Self {
            queue,
            target,
            workspace,
            session: None,
            stored: Contents::default(),
            lost: HashSet::new(),
        }
    }

    /// Returns when the queue was drained.
    pub(super) async fn run(mut self) {
        while let Some(items) = self.queue.take().await {
            self.write(items).await;
        }
        self.queue.finish();
    }

    async fn write(&mut self, items: Vec<Item>) {
        // Parts of the batch, the first on top: they stay in order however it is divided.
        let mut parts = vec![items];
        while let Some(mut items) = parts.pop() {
            let (merged, count) = merge(&items);
            let mut batch = Batch::encode(&merged, &self.workspace, &self.stored, true);
            let written = if batch.is_empty() {
                None
            } else {
                let mut written = self.commit(&batch).await;
                let conflicts =
                    matches!(&written, Err((sqlstate, _)) if sqlstate == bulk::CONFLICT);
                if conflicts && !batch.bulk.is_empty() {
                    batch = Batch::encode(&merged, &self.workspace, &self.stored, false);
                    written = self.commit(&batch).await;
                }
                Some(written)
            };
            let clashing = merged.clashing;
            if count < items.len() {
                parts.push(items.split_off(count));
            }
            let Some(written) = written else {
                acknowledge(items, |barrier| self.pass(barrier));
                continue;
            };
            match written {
                Ok(Outcome::Committed { revisions, clashes }) => {
                    self.remember(batch.new_contents);
                    let revision = |id: ExecutionId| {
                        let place = batch.executions.binary_search(&id.0).ok()?;
                        revisions.get(place).copied()
                    };
                    self.lost.retain(|id| revision(*id).is_none());
                    // Items are acknowledged in their order.
                    let mut index = 0..;
                    acknowledge(items, |item| {
                        let clashes_within = index.next().is_some_and(|at| clashing.contains(&at));
                        match ended(item) {
                            Some(span_id)
                                if clashes_within
                                    || clashes.contains(&(item.execution_id, span_id)) =>
                            {
                                Err(WriteError::Taken { span_id })
                            }
                            _ => match revision(item.execution_id) {
                                Some(revision) => Ok(Committed { revision }),
                                None => self.pass(item),
                            },
                        }
                    });
                }
                Ok(Outcome::NotOurs { ours }) => {
                    let (kept, lost): (Vec<_>, Vec<_>) = items
                        .into_iter()
                        .partition(|item| item.op.is_none() || ours.contains(&item.execution_id));
                    self.lose(lost.iter().map(|item| item.execution_id));
                    acknowledge(lost, |item| Err(not_ours(item)));
                    parts.push(kept);
                }
                Err((sqlstate, message)) => {
                    if items.iter().filter(|item| item.op.is_some()).count() > 1 {
                        let second = items.split_off(items.len() / 2);
                        parts.extend([second, items]);
                    } else {
                        acknowledge(items, |item| match item.op {
                            Some(_) => Err(refused(item, &sqlstate, &message)),
                            None => self.pass(item),
                        });
                    }
                }
            }
        }
    }

    /// Tries for ever; fails only for data that PostgreSQL will never accept, with SQLSTATE and message.
    async fn commit(&mut self, batch: &Batch) -> Result<Outcome, (String, String)> {
        let mut delays = backoff();
        loop {
            match self.try_commit(batch).await {
                Ok(outcome) => return Ok(outcome),
                Err(Failure::Data { sqlstate, message }) => return Err((sqlstate, message)),
                Err(Failure::NoPartition(message)) => return Err(("23514".to_owned(), message)),
                Err(Failure::Later(reason)) => {
                    // A new one also forgets statements that a migration has made invalid.
                    self.session = None;
                    let delay = delays.next().unwrap_or_default();
                    tracing::warn!(
                        reason,
                        retry_ms = delay.as_millis(),
                        "cannot commit, will try again"
                    );
                    tokio::time::sleep(delay).await;
                }
            }
        }
    }

    async fn try_commit(&mut self, batch: &Batch) -> Result<Outcome, Failure> {
        let session = match &mut self.session {
            Some(session) => session,
            none => none.insert(Session::connect(&self.target).await?),
        };
        match session.commit(batch, &self.workspace).await {
            Err(Failure::NoPartition(message)) => {
                let created = session.create_partitions(batch).await?;
                tracing::info!(created, "created partitions that a batch needed");
                if created == 0 {
                    return Err(Failure::NoPartition(message));
                }
                session.commit(batch, &self.workspace).await
            }
            other => other,
        }
    }

    /// What a barrier is told that found nothing to wait for.
    fn pass(&self, barrier: &Item) -> Result<Committed, WriteError> {
        if self.lost.contains(&barrier.execution_id) {
            return Err(WriteError::LeaseLost {
                execution_id: barrier.execution_id,
            });
        }
        Ok(Committed { revision: 0 })
    }

    fn lose(&mut self, executions: impl Iterator<Item = ExecutionId>) {
        if self.lost.len() > MAX_LOST {
            self.lost.clear();
        }
        self.lost.extend(executions);
    }

    fn remember(&mut self, contents: Contents) {
        if self.stored.len() + contents.len() > MAX_STORED {
            self.stored.clear();
        }
        self.stored.extend(contents);
    }
}

/// From 20 ms to 2 s: a restarted server is noticed soon, and one that is away is not pestered.
fn backoff() -> ExponentialBackoff {
    ExponentialBuilder::default()
        .with_min_delay(Duration::from_millis(20))
        .with_max_delay(Duration::from_secs(2))
        .with_jitter()
        .without_max_times()
        .build()
}

/// The span that an item of another engine's execution ends.
fn ended(item: &Item) -> Option<SpanId> {
    match &item.op {
        Some(Op::SpanEnded { span, .. }) if item.lease_epoch.is_none() => Some(span.span_id),
        _ => None,
    }
}

fn acknowledge(items: Vec<Item>, mut outcome: impl FnMut(&Item) -> Result<Committed, WriteError>) {
    for mut item in items {
        let outcome = outcome(&item);
        match (item.ack.take(), outcome) {
            (Some(ack), outcome) => ack.send(outcome),
            (None, Ok(_)) => {}
            (None, Err(error)) => {
                tracing::warn!(execution_id = %item.execution_id, %error, "an item nobody waits for was not written");
            }
        }
    }
}

fn not_ours(item: &Item) -> WriteError {
    match item.lease_epoch {
        Some(_) => WriteError::LeaseLost {
            execution_id: item.execution_id,
        },
        None => WriteError::UnknownExecution {
            execution_id: item.execution_id,
        },
    }
}

fn refused(item: &Item, sqlstate: &str, message: &str) -> WriteError {
    tracing::warn!(execution_id = %item.execution_id, sqlstate, "PostgreSQL refused the data of an item");
    WriteError::Refused {
        sqlstate: sqlstate.to_owned(),
        message: message.to_owned(),
    }
}
