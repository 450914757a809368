//! `spanCompleted`: each span of one trace as it ends.

use std::sync::Arc;

use async_graphql::SimpleObject;
use orcheo_store::SpanState;

use super::{position::Position, trace::TraceSegment};
use crate::graphql::types::Span;

/// A span that ended.
#[derive(Debug, SimpleObject)]
pub struct SpanCompletion {
    /// The place after this span: `after` of a new subscription that goes on from here.
    cursor: String,
    /// The span.
    span: Span,
}

impl SpanCompletion {
    /// The spans of a segment that ended, by index.
    pub(super) fn within(
        segment: Arc<TraceSegment>,
    ) -> impl Iterator<Item = (Arc<TraceSegment>, usize)> {
        (0..segment.spans.len())
            .filter(|index| segment.spans[*index].state == SpanState::Ended)
            .map(|index| (segment.clone(), index))
            .collect::<Vec<_>>()
            .into_iter()
    }

    pub(super) fn new(segment: &TraceSegment, index: usize) -> Option<Self> {
        let row = segment.spans.get(index)?;
        let cursor = Position::through(row.revision, row.span_id)
            .cursor(row.execution_id)
            .encode();
        Some(Self {
            cursor,
            span: Span::new(row.clone()),
        })
    }
}
