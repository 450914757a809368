//! What makes a run resumable, told to whoever keeps it.

use std::fmt;

use futures::future::BoxFuture;
use opentelemetry::KeyValue;
use opentelemetry::trace::{SpanContext, SpanId};

/// One finished step, as the engine hands it out and wants it back from [`Journal::finished`].
/// `Debug` leaves the result out.
#[derive(Clone, PartialEq, Eq)]
pub struct StepRecord {
    /// The node's name, behind the path of the nodes and sub-workflows it is nested in: `fan_out[1]/fetch`.
    pub node_path: String,
    /// The visit of the node, or the number of the item, from 1. With the path it identifies the step.
    pub iteration: u32,
    /// The span of the step.
    pub span_id: SpanId,
    /// JSON text, for the engine alone: raw values, as private as the run's inputs.
    pub result: String,
}

impl fmt::Debug for StepRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StepRecord")
            .field("node_path", &self.node_path)
            .field("iteration", &self.iteration)
            .field("span_id", &self.span_id)
            .finish_non_exhaustive()
    }
}

/// Why a step could not be journalled. The run cannot go on.
#[derive(Debug, Clone, thiserror::Error)]
pub enum JournalError {
    /// Another worker owns the run by now.
    #[error("another worker has taken this run over")]
    LeaseLost,
    /// The journal is gone for good.
    #[error("the journal failed: {0}")]
    Failed(String),
}

/// Keeps the steps of one run. Everything the run emits (spans, steps, progress) must reach it in order.
#[async_trait::async_trait]
pub trait Journal: Send + Sync + 'static {
    /// Takes a step at once, without blocking; the future resolves when it is committed.
    ///
    /// The engine calls this immediately before it ends the span `step.span_id`. The journal holds the record until that
    /// end arrives and makes the two one commit. The engine runs at most a bounded number of records ahead of the
    /// acknowledgements, and may drop the future without losing the record.
    fn record(&self, step: StepRecord) -> BoxFuture<'static, Result<(), JournalError>>;

    /// Shows attributes of a span that is still running. Lossy: the last one wins, intermediate ones may never be seen.
    fn progress(&self, span: &SpanContext, attributes: Vec<KeyValue>);

    /// Resolves when everything this run emitted before the call is committed. Awaited before a node with effects starts.
    fn barrier(&self) -> BoxFuture<'static, Result<(), JournalError>>;

    /// The steps an earlier, interrupted run of the same execution finished; asked once, before the first step.
    async fn finished(&self) -> Result<Vec<StepRecord>, JournalError>;
}

/// A journal that keeps nothing: for runs that need not survive their process.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoJournal;

#[async_trait::async_trait]
impl Journal for NoJournal {
    fn record(&self, _step: StepRecord) -> BoxFuture<'static, Result<(), JournalError>> {
        Box::pin(std::future::ready(Ok(())))
    }

    fn progress(&self, _span: &SpanContext, _attributes: Vec<KeyValue>) {}

    fn barrier(&self) -> BoxFuture<'static, Result<(), JournalError>> {
        Box::pin(std::future::ready(Ok(())))
    }

    async fn finished(&self) -> Result<Vec<StepRecord>, JournalError> {
        Ok(Vec::new())
    }
}
