//! GraphQL over server-sent events: graphql-sse, distinct connections mode.
//!
//! Source: <https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md>.

use std::{convert::Infallible, time::Duration};

use axum::response::{
    IntoResponse, Response,
    sse::{Event, KeepAlive, Sse},
};
use futures::{Stream, StreamExt, future, stream, stream::BoxStream};
use tokio_util::sync::CancellationToken;

use super::operations::Outcome;

/// How often a silent stream shows that it is alive: a comment, which clients ignore and proxies take for traffic.
const KEEP_ALIVE: Duration = Duration::from_secs(12);

/// Streams the results of an operation: an event `next` each, then `complete`.
pub(crate) fn respond(
    outcomes: BoxStream<'static, Outcome>,
    shutdown: CancellationToken,
) -> Response {
    let next = outcomes.map(|outcome| {
        let event = Event::default().event("next");
        match outcome {
            Outcome::Next(payload) => event.data(payload.as_str()),
            Outcome::Error(errors) => event.data(format!(r#"{{"errors":{errors}}}"#)),
        }
    });
    let complete = stream::once(future::ready(Event::default().event("complete").data("")));
    events(next.chain(complete), shutdown)
}

/// A response that streams `events` until they end or the server stops; clients connect again then.
pub(crate) fn events(
    events: impl Stream<Item = Event> + Send + 'static,
    shutdown: CancellationToken,
) -> Response {
    let events = events
        .map(Ok::<_, Infallible>)
        .take_until(shutdown.cancelled_owned());
    // Buffering proxies would keep back what has to be seen at once.
    let unbuffered = [("x-accel-buffering", "no")];
    (
        unbuffered,
        Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)),
    )
        .into_response()
}
