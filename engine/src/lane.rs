//! A run's journal, and how far the run is ahead of it.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use futures::FutureExt;
use futures::future::BoxFuture;
use opentelemetry::KeyValue;
use opentelemetry::trace::SpanContext;
use parking_lot::Mutex;

use crate::error::{NodeError, codes};
use crate::journal::{Journal, JournalError, StepRecord};

type Ack = BoxFuture<'static, Result<(), JournalError>>;

/// A run's journal, and how far the run is ahead of it.
pub(crate) struct Lane {
    journal: Arc<dyn Journal>,
    /// Steps an earlier run of the same execution finished, by path and iteration.
    finished: HashMap<(String, u32), StepRecord>,
    unacknowledged: Mutex<VecDeque<Ack>>,
    limit: usize,
}

impl Lane {
    pub(crate) async fn open(journal: Arc<dyn Journal>, limit: usize) -> Result<Self, NodeError> {
        let finished = journal.finished().await.map_err(failure)?;
        let finished = finished
            .into_iter()
            .map(|step| ((step.node_path.clone(), step.iteration), step))
            .collect();
        Ok(Self {
            journal,
            finished,
            unacknowledged: Mutex::default(),
            limit: limit.max(1),
        })
    }

    pub(crate) fn finished(&self, path: &str, iteration: u32) -> Option<&StepRecord> {
        if self.finished.is_empty() {
            return None;
        }
        self.finished.get(&(path.to_owned(), iteration))
    }

    /// Hands a step to the journal; the caller ends its span next. Then [`Self::keep_pace`].
    pub(crate) fn record(&self, step: StepRecord) {
        let ack = self.journal.record(step);
        self.unacknowledged.lock().push_back(ack);
    }

    /// Waits while the run is too far ahead; tells of records that were refused.
    pub(crate) async fn keep_pace(&self) -> Result<(), NodeError> {
        loop {
            let oldest = {
                let mut pending = self.unacknowledged.lock();
                while let Some(ack) = pending.front_mut() {
                    match ack.now_or_never() {
                        Some(result) => {
                            pending.pop_front();
                            result.map_err(failure)?;
                        }
                        None => break,
                    }
                }
                if pending.len() < self.limit {
                    None
                } else {
                    pending.pop_front()
                }
            };
            match oldest {
                Some(ack) => ack.await.map_err(failure)?,
                None => return Ok(()),
            }
        }
    }

    /// Waits for every acknowledgement.
    pub(crate) async fn drain(&self) -> Result<(), NodeError> {
        loop {
            let Some(ack) = self.unacknowledged.lock().pop_front() else {
                return Ok(());
            };
            ack.await.map_err(failure)?;
        }
    }

    pub(crate) fn progress(&self, span: &SpanContext, attributes: Vec<KeyValue>) {
        self.journal.progress(span, attributes);
    }

    pub(crate) async fn barrier(&self) -> Result<(), NodeError> {
        self.journal.barrier().await.map_err(failure)
    }
}

fn failure(error: JournalError) -> NodeError {
    NodeError::new(codes::JOURNAL_FAILED, error.to_string())
}
