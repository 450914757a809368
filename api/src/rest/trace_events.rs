//! The trace of an execution as it grows, for `EventSource`.

use axum::{
    extract::{Path, Query, State, rejection::QueryRejection},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response, sse::Event},
};
use futures::{StreamExt, future, stream};
use orcheo_store::models::spans::SpanParts;
use serde::Deserialize;
use utoipa::IntoParams;

use super::bodies::{TraceArtifact, TraceExecution, TraceSpan, TraceUpdate};
use crate::{
    error::{ApiError, Problem},
    graphql::subscription::{Encoded, Live, ResultKey, Segment, TraceArguments, TraceSegment},
    http::{Server, sse},
};

/// Every reader asks for the same, so all share one encoding of a segment. No digest of a selection is all zeros.
const REST: ResultKey = [0; 32];

/// Where to go on.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct EventsQuery {
    /// `id` of the last event received, or `cursor` of an execution: a first connection has no `Last-Event-ID`.
    after: Option<String>,
}

/// Follows the trace of an execution as server-sent events.
///
/// The data of an event is Orcheo's `trace:update`; its id is a cursor, with which a client that lost the connection goes on.
/// After the last update comes an event `end`. A client that comes back with all of a complete trace gets 204, which tells
/// `EventSource` to stop.
#[utoipa::path(get, path = "/api/executions/{execution_id}/trace/events", tag = "traces",
    params(("execution_id" = String, Path), EventsQuery,
        ("last-event-id" = Option<String>, Header, description = "Beats `after`")),
    responses(
        (status = 200, content_type = "text/event-stream", body = TraceUpdate),
        (status = 204, description = "The trace is complete, and the client has all of it"),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn get(
    State(server): State<Server>,
    Path(execution_id): Path<String>,
    query: Result<Query<EventsQuery>, QueryRejection>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let Query(EventsQuery { after }) =
        query.map_err(|error| ApiError::bad_input(error.body_text()))?;
    let last_event = headers
        .get("last-event-id")
        .and_then(|id| id.to_str().ok())
        .map(str::to_owned);
    let after = last_event.or(after).filter(|cursor| !cursor.is_empty());
    let resumed = after.is_some();

    let arguments = TraceArguments {
        execution_id,
        after,
        parts: SpanParts::ALL,
    };
    let mut segments = Box::pin(server.feeds.trace(arguments).await?);
    // An error before anything was sent is an answer of its own.
    let first = match segments.next().await {
        Some(first) => first?,
        None => return Ok(StatusCode::NO_CONTENT.into_response()),
    };
    if resumed && first.is_last() && first.begin() == first.end() {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    let events = stream::once(future::ready(Ok(first)))
        .chain(segments)
        .flat_map(|segment| stream::once(events(segment)).flat_map(stream::iter));
    Ok(sse::events(events, server.settings.shutdown.clone()))
}

/// The events of one segment.
async fn events(segment: Live<TraceSegment>) -> Vec<Event> {
    let segment = match segment {
        Ok(segment) => segment,
        Err(error) => return vec![failure(error)],
    };
    let Encoded { payload, .. } = segment
        .results
        .get_or_evaluate(REST, 0, encode(&segment))
        .await;
    let update = Event::default().id(segment.cursor()).data(payload.as_str());
    let end = Event::default().event("end").data("{}");
    if segment.is_last() {
        vec![update, end]
    } else {
        vec![update]
    }
}

async fn encode(segment: &TraceSegment) -> Encoded {
    let spans: Result<Vec<TraceSpan>, _> = segment
        .spans
        .iter()
        .map(|span| TraceSpan::try_from(&**span))
        .collect();
    let update = spans.and_then(|spans| {
        serde_json::to_string(&TraceUpdate {
            kind: "trace:update",
            execution_id: segment.execution_id().0,
            trace_id: segment.execution.execution.trace_id.to_string(),
            execution: TraceExecution::from(&*segment.execution),
            spans,
            artifacts: segment.artifacts.iter().map(TraceArtifact::from).collect(),
            caught_up: segment.is_caught_up(),
            complete: segment.is_last(),
        })
    });
    match update {
        Ok(update) => Encoded {
            payload: update.into(),
            failed: false,
        },
        Err(error) => {
            let problem = Problem::from(ApiError::internal(&error));
            let problem = serde_json::to_string(&problem).unwrap_or_default();
            Encoded {
                payload: problem.into(),
                failed: true,
            }
        }
    }
}

/// Why there is nothing more: a problem, as the data of an event of that name (`error` is taken: it is `EventSource`'s own).
fn failure(error: ApiError) -> Event {
    let problem = serde_json::to_string(&Problem::from(error)).unwrap_or_default();
    Event::default().event("problem").data(problem)
}
