//! What the root field of a subscription is evaluated for.
//!
//! The library's own event streams belong to one subscriber each. Here every event is an execution of its own, with fresh
//! loaders, so that its result can be shared; the library still reads the arguments and does the validation.

use std::sync::{Arc, OnceLock};

use async_graphql::Context;
use futures::stream;
use orcheo_store::models::spans::SpanParts;

use super::{executions::ExecutionEvent, trace::TraceSegment};
use crate::error::ApiError;

/// In the data of the request.
#[derive(Clone)]
pub(crate) enum Stage {
    /// To learn which feed the arguments name.
    Open(Arc<OnceLock<Feed>>),
    /// To make the message of one event.
    Event(Event),
}

/// The feed that a subscription asks for, its arguments still as the client wrote them.
#[derive(Debug)]
pub(crate) enum Feed {
    TraceUpdates(TraceArguments),
    SpanCompleted(TraceArguments),
    ExecutionUpdates { workflow_id: Option<String> },
}

impl Feed {
    /// The name of its root field.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::TraceUpdates(_) => "traceUpdates",
            Self::SpanCompleted(_) => "spanCompleted",
            Self::ExecutionUpdates { .. } => "executionUpdates",
        }
    }
}

#[derive(Debug)]
pub(crate) struct TraceArguments {
    pub(crate) execution_id: String,
    pub(crate) after: Option<String>,
    /// What the selection uses of each span.
    pub(crate) parts: SpanParts,
}

/// Something a feed tells.
#[derive(Clone)]
pub(crate) enum Event {
    Trace(Arc<TraceSegment>),
    /// A span of the segment, by index.
    Span(Arc<TraceSegment>, usize),
    Execution(Arc<ExecutionEvent>),
}

/// The body of every root field: tells its feed, or makes a message of the event.
pub(super) fn resolve<T>(
    ctx: &Context<'_>,
    feed: impl FnOnce() -> Feed,
    message: impl FnOnce(Event) -> Option<T>,
) -> Result<stream::Iter<std::option::IntoIter<T>>, ApiError> {
    let item = match ctx.data_opt::<Stage>() {
        Some(Stage::Open(slot)) => {
            // Exactly one root field is selected, so the slot is empty.
            let _ = slot.set(feed());
            None
        }
        Some(Stage::Event(event)) => message(event.clone()),
        None => {
            return Err(ApiError::bad_input(
                "subscriptions are served over WebSocket and server-sent events",
            ));
        }
    };
    Ok(stream::iter(item))
}
