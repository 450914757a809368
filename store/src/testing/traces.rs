//! Traces told by their spans, and committed the way a worker commits them.

use super::{NewRun, ended};
use crate::{
    ArtifactRecord, ExecutionChange, ExecutionFailure, ExecutionStatus, Op, SpanId, SpanLogRecord,
    SpanRecord, Store,
};

/// A run of which spans are told.
#[derive(Debug, Clone)]
pub struct Trace {
    store: Store,
    /// The run.
    pub run: NewRun,
}

impl Trace {
    /// A run that a worker has claimed and not begun.
    ///
    /// # Panics
    /// When the store fails.
    pub async fn claimed(store: &Store) -> Self {
        Self {
            store: store.clone(),
            run: NewRun::claimed(store).await,
        }
    }

    /// A run whose root is the span `1`, which is yet to be told.
    ///
    /// # Panics
    /// When the store fails.
    pub async fn begun(store: &Store) -> Self {
        let trace = Self::claimed(store).await;
        let started = ExecutionChange::Started {
            started_ns: 1_000,
            root_span_id: ended(1).span_id,
        };
        trace.commit([Op::Execution(started)]).await;
        trace
    }

    /// Commits spans, running or ended as they are.
    ///
    /// # Panics
    /// When the store fails.
    pub async fn spans(&self, spans: impl IntoIterator<Item = SpanRecord>) {
        let ops = spans.into_iter().map(|span| {
            let span = Box::new(SpanRecord {
                trace_id: self.run.trace_id,
                ..span
            });
            if span.end_ns.is_some() {
                Op::SpanEnded { span, step: None }
            } else {
                Op::SpanStarted(span)
            }
        });
        self.commit(ops).await;
    }

    /// Commits a log record of a span.
    ///
    /// # Panics
    /// When the store fails.
    pub async fn log(&self, log: SpanLogRecord) {
        self.commit([Op::SpanLog(log)]).await;
    }

    /// Commits an artifact.
    ///
    /// # Panics
    /// When the store fails.
    pub async fn artifact(&self, artifact: ArtifactRecord) {
        self.commit([Op::Artifact(artifact)]).await;
    }

    /// Ends the run a second after its begin.
    ///
    /// # Panics
    /// When the store fails.
    pub async fn finish(&self, status: ExecutionStatus, error: Option<ExecutionFailure>) {
        let outputs = (status == ExecutionStatus::Succeeded).then(|| r#"{"answer":42}"#.to_owned());
        let finished = ExecutionChange::Finished {
            status,
            finished_ns: 1_000_001_000,
            outputs,
            error,
        };
        self.commit([Op::Execution(finished)]).await;
    }

    async fn commit(&self, ops: impl IntoIterator<Item = Op>) {
        let writer = self.store.writer();
        let acks: Vec<_> = ops
            .into_iter()
            .map(|op| writer.submit_acked(self.run.write(op)))
            .collect();
        for ack in acks {
            if let Err(error) = ack.await {
                panic!("a write was refused: {error}");
            }
        }
    }
}

/// The id of the span that [`super::span`] makes of a number.
#[must_use]
pub fn span_id(number: u32) -> SpanId {
    ended(number).span_id
}

/// An ended span below another.
#[must_use]
pub fn below(parent: u32, number: u32) -> SpanRecord {
    SpanRecord {
        parent_span_id: Some(span_id(parent)),
        ..ended(number)
    }
}

/// Ended spans `first..first + length`, each below the one before it, and the first below `parent`.
pub fn chain(parent: u32, first: u32, length: u32) -> impl Iterator<Item = SpanRecord> {
    (first..first + length)
        .map(move |number| below(if number == first { parent } else { number - 1 }, number))
}
