//! `traceUpdates`: what changes in one trace.

use std::sync::Arc;

use async_graphql::Object;

use super::{live::Segment, trace::TraceSegment};
use crate::graphql::{
    spans::SpanList,
    types::{Artifact, Execution},
};

/// What changed in a trace since the place before. Applying an update twice is harmless: per span and artifact the highest
/// revision wins.
#[derive(Debug)]
pub struct TraceUpdate {
    segment: Arc<TraceSegment>,
}

#[Object]
impl TraceUpdate {
    /// The place after this update: `after` of a new subscription that goes on from here.
    async fn cursor(&self) -> String {
        self.segment.cursor()
    }

    /// The execution, at least as new as the spans.
    async fn execution(&self) -> Execution {
        Execution::new(self.segment.execution.clone())
    }

    /// The spans that changed, each in its latest state, in order of revision. At most 500: a commit of more comes in
    /// several updates.
    async fn spans(&self) -> SpanList<'_> {
        SpanList::new(self.segment.spans.clone())
    }

    /// The files that were stored, in order of revision.
    async fn artifacts(&self) -> Vec<Artifact> {
        self.segment
            .artifacts
            .iter()
            .cloned()
            .map(Artifact::new)
            .collect()
    }

    /// Whether this was the newest when it was sent: the replay of what had been stored before is over.
    async fn caught_up(&self) -> bool {
        self.segment.is_caught_up()
    }

    /// Whether nothing is expected any more: the execution is final, no span runs, and nothing new came for five seconds.
    /// This is the last update; what should be stored later nevertheless, a new subscription with the cursor delivers.
    async fn complete(&self) -> bool {
        self.segment.is_last()
    }
}

impl TraceUpdate {
    pub(super) fn new(segment: Arc<TraceSegment>) -> Self {
        Self { segment }
    }
}
