//! What changed in one trace, read in segments that are small enough to be a message each.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use diesel::{IntoSql, sql_types::Timestamptz};
use diesel_async::RunQueryDsl;
use orcheo_store::{
    Connection, ExecutionId, ExecutionStatus, Revision, Store,
    models::{
        artifacts::Artifact,
        executions::ExecutionState,
        spans::{self, Span, SpanParts},
    },
};

use super::{live::Segment, position::Position, results::Results};
use crate::error::ApiError;

/// Spans of one message.
const SEGMENT_SPANS: usize = 500;

/// A piece of a trace's feed: what changed between two places, each in its latest state.
pub(crate) struct TraceSegment {
    begin: Position,
    end: Position,
    /// The execution as it was when the segment was read: never older than the spans.
    pub(crate) execution: Arc<ExecutionState>,
    /// In (revision, span id) order, at most 500.
    pub(crate) spans: Vec<Arc<Span>>,
    /// In order of revision.
    pub(crate) artifacts: Vec<Artifact>,
    caught_up: bool,
    last: bool,
    /// What subscribers made of it, for those who ask for the same.
    pub(crate) results: Results,
}

impl Segment for TraceSegment {
    fn begin(&self) -> Position {
        self.begin
    }

    fn end(&self) -> Position {
        self.end
    }

    fn is_caught_up(&self) -> bool {
        self.caught_up
    }

    fn is_last(&self) -> bool {
        self.last
    }
}

impl TraceSegment {
    pub(crate) fn execution_id(&self) -> ExecutionId {
        self.execution.execution.execution_id
    }

    /// What a client sends back to go on after this segment.
    pub(crate) fn cursor(&self) -> String {
        self.end.cursor(self.execution_id()).encode()
    }

    /// About the bytes that keeping it costs, encoded results included.
    pub(super) fn weight(&self) -> usize {
        let text = |text: &Option<orcheo_store::JsonText>| {
            text.as_ref().map_or(0, |text| text.as_str().len())
        };
        let bytes: usize = self
            .spans
            .iter()
            .map(|span| {
                let texts = [
                    &span.attributes,
                    &span.events,
                    &span.logs,
                    &span.links,
                    &span.input,
                    &span.output,
                ];
                texts.into_iter().map(text).sum::<usize>() + size_of::<Span>() + span.name.len()
            })
            .sum();
        2 * bytes + size_of::<Self>() + self.artifacts.len() * size_of::<Artifact>()
    }
}

impl std::fmt::Debug for TraceSegment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TraceSegment")
            .field("begin", &self.begin)
            .field("end", &self.end)
            .field("spans", &self.spans.len())
            .finish_non_exhaustive()
    }
}

/// A place of a trace's feed, read.
pub(super) struct Reading {
    /// At least one; only a single one may be empty.
    pub(super) segments: Vec<TraceSegment>,
    /// When the trace will be complete if nothing else is stored; `None` when it is, or more is missing than time.
    pub(super) complete_in: Option<Duration>,
}

/// Reads what is stored of a trace after `position`; `None` when there is no such execution. `quiet` is how long nothing
/// new must have been stored of a final execution before its trace counts as complete.
///
/// # Errors
/// `BAD_USER_INPUT` with reason `FUTURE_CURSOR` when `position` is ahead of the database; `UNAVAILABLE`, `TIMEOUT`.
pub(super) async fn read(
    store: &Store,
    id: ExecutionId,
    position: Position,
    parts: SpanParts,
    quiet: Duration,
) -> Result<Option<Reading>, ApiError> {
    let mut connection = store.read().await?;
    // First of all: what is read afterwards is then at least as new as the revision that the cursor will name.
    let Some(execution) = ExecutionState::by_ids(&mut connection, store.workspace(), &[id])
        .await?
        .pop()
    else {
        return Ok(None);
    };
    let newest = execution.rollup.revision;
    position.cursor(id).not_after(newest)?;

    let (mut spans, mut artifacts, mut through) = (Vec::new(), Vec::new(), newest);
    if position < Position::after(newest) {
        let limit = SEGMENT_SPANS as i64;
        spans = spans::changed_after(&mut connection, id, position.whole(), limit, parts).await?;
        if let Some(last) = spans.last().filter(|_| spans.len() >= SEGMENT_SPANS) {
            through = newest.min(last.revision);
        }
        if execution.rollup.artifact_count > 0 {
            artifacts = Artifact::changed_after(&mut connection, id, position.whole()).await?;
        }
    }
    spans
        .retain(|span| span.revision <= through && !position.has_span(span.revision, span.span_id));
    artifacts.retain(|artifact| {
        artifact.revision <= through && !position.has_artifact(artifact.revision)
    });

    let caught_up = through == newest;
    let complete_in = if caught_up {
        complete_in(&mut connection, &execution, quiet).await?
    } else {
        None
    };
    let last = complete_in == Some(Duration::ZERO);
    let mut segments = cut(execution, position, through, spans, artifacts);
    if let Some(segment) = segments.last_mut() {
        segment.caught_up = caught_up;
        segment.last = last;
    }
    Ok(Some(Reading {
        segments,
        complete_in: complete_in.filter(|rest| !rest.is_zero()),
    }))
}

/// The newest revision of an execution; `None` when there is no such execution.
pub(super) async fn newest(
    store: &Store,
    id: ExecutionId,
) -> Result<Option<Arc<ExecutionState>>, ApiError> {
    let mut connection = store.read().await?;
    let found = ExecutionState::by_ids(&mut connection, store.workspace(), &[id]).await?;
    Ok(found.into_iter().next().map(Arc::new))
}

/// An empty segment that tells where a feed stands.
pub(super) fn here(execution: Arc<ExecutionState>) -> TraceSegment {
    let position = Position::after(execution.rollup.revision);
    segment(&execution, position, position, Vec::new(), Vec::new())
}

/// Cuts what was read into segments, each of which ends at a place that can be resumed from.
fn cut(
    execution: ExecutionState,
    mut begin: Position,
    through: Revision,
    spans: Vec<Span>,
    artifacts: Vec<Artifact>,
) -> Vec<TraceSegment> {
    let execution = Arc::new(execution);
    let mut segments = Vec::with_capacity(spans.len() / SEGMENT_SPANS + 1);
    let mut spans = spans.into_iter().map(Arc::new).peekable();
    let mut artifacts = artifacts.into_iter().peekable();
    loop {
        let piece: Vec<Arc<Span>> = spans.by_ref().take(SEGMENT_SPANS).collect();
        let end = match (piece.last(), spans.peek()) {
            (Some(last), Some(next)) if last.revision == next.revision => {
                Position::through(last.revision, last.span_id)
            }
            (Some(last), Some(_)) => Position::after(last.revision),
            (_, None) | (None, _) => Position::after(through),
        };
        let with: Vec<Artifact> = std::iter::from_fn(|| {
            artifacts.next_if(|artifact| end.has_artifact(artifact.revision))
        })
        .collect();
        segments.push(segment(&execution, begin, end, piece, with));
        begin = end;
        if spans.peek().is_none() {
            return segments;
        }
    }
}

fn segment(
    execution: &Arc<ExecutionState>,
    begin: Position,
    end: Position,
    spans: Vec<Arc<Span>>,
    artifacts: Vec<Artifact>,
) -> TraceSegment {
    TraceSegment {
        begin,
        end,
        execution: execution.clone(),
        spans,
        artifacts,
        caught_up: false,
        last: false,
        results: Results::default(),
    }
}

/// How long it is until the trace is complete, zero if it is; `None` while the execution is not final or a span is open.
async fn complete_in(
    connection: &mut Connection,
    execution: &ExecutionState,
    quiet: Duration,
) -> Result<Option<Duration>, ApiError> {
    let unfinished = matches!(
        execution.execution.status,
        ExecutionStatus::Queued | ExecutionStatus::Running
    );
    if unfinished || execution.rollup.open_count > 0 {
        return Ok(None);
    }
    // Both times are by the database's clock.
    let now: DateTime<Utc> = diesel::select(diesel::dsl::now.into_sql::<Timestamptz>())
        .get_result(connection)
        .await?;
    let since = (now - execution.rollup.changed_at).max(TimeDelta::zero());
    Ok(Some(
        quiet.saturating_sub(since.to_std().unwrap_or_default()),
    ))
}
