//! Serves a subscription: opens its feed, and makes a message of each event.

use std::sync::{Arc, OnceLock};

use futures::{FutureExt, Stream, StreamExt, future, stream, stream::BoxStream};

use super::{
    executions::Executions,
    live::{Live, replay_then_follow},
    position::Position,
    results::{Encoded, ResultKey, Results},
    selection,
    span_completed::SpanCompletion,
    stage::{Event, Feed, Stage, TraceArguments},
    tail::{LiveSettings, Tails},
    trace::TraceSegment,
};
use crate::{
    error::ApiError,
    graphql::{
        Answer, Executor, Operation, Refusal, scalars::RevisionCursor, types::find_execution_id,
    },
    http::{Identity, Outcome, text},
    state::ApiState,
};

/// The feeds of this process. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Feeds {
    state: ApiState,
    executor: Executor,
    tails: Tails,
    executions: Executions,
}

impl Feeds {
    /// Starts to listen for changes; must be called within a runtime.
    pub(crate) fn new(state: ApiState, executor: Executor, settings: LiveSettings) -> Self {
        let tails = Tails::new(state.store.clone(), settings);
        let executions = Executions::new(state.store.clone());
        Self {
            state,
            executor,
            tails,
            executions,
        }
    }

    /// The segments of a trace after `after`; the stream ends after the last one or after an error.
    pub(crate) async fn trace(
        &self,
        arguments: TraceArguments,
    ) -> Result<impl Stream<Item = Live<TraceSegment>> + Send + use<>, ApiError> {
        let TraceArguments {
            execution_id,
            after,
            parts,
        } = arguments;
        let id = find_execution_id(&self.state.store, &execution_id)
            .await?
            .ok_or_else(|| ApiError::not_found(format!("execution {execution_id:?}")))?;
        let position = match after {
            Some(cursor) => RevisionCursor::decode(&cursor, id)?.into(),
            None => Position::START,
        };
        Ok(replay_then_follow(self.tails.trace(id, parts), position))
    }
}

/// Runs a subscription. The stream ends after the last message, or after the first one that reports an error.
pub(crate) fn subscribe(
    feeds: Feeds,
    identity: Identity,
    operation: Operation,
) -> BoxStream<'static, Outcome> {
    let messages = async move {
        let feed = open(&feeds, &operation).await?;
        Ok(follow(feeds, identity, operation, feed).await?)
    };
    let messages = messages.map(|messages| {
        messages.unwrap_or_else(|outcome: Outcome| stream::once(future::ready(outcome)).boxed())
    });
    messages.flatten_stream().boxed()
}

/// Validates the subscription and learns which feed it asks for.
async fn open(feeds: &Feeds, operation: &Operation) -> Result<Feed, Outcome> {
    let slot = Arc::new(OnceLock::new());
    match feeds
        .executor
        .evaluate(operation, Stage::Open(slot.clone()))
        .await
    {
        None => {}
        Some(Answer::Refused(refusal)) => return Err(Outcome::refused(&refusal)),
        // An argument was refused: nothing was executed, so the errors are all there is to tell.
        Some(Answer::Executed { body, .. }) => {
            let body: serde_json::Value = serde_json::from_slice(&body).unwrap_or_default();
            return Err(Outcome::Error(body["errors"].to_string().into()));
        }
    }
    Arc::into_inner(slot)
        .and_then(OnceLock::into_inner)
        .ok_or_else(|| nothing().into())
}

/// The root selection has a field, but not one that is executed.
fn nothing() -> ApiError {
    ApiError::bad_input("the subscription selects nothing")
}

/// The messages of a feed.
async fn follow(
    feeds: Feeds,
    identity: Identity,
    operation: Operation,
    feed: Feed,
) -> Result<BoxStream<'static, Outcome>, ApiError> {
    let key = selection::key(&operation, identity).ok_or_else(nothing)?;
    let evaluation = Evaluation::new(feeds.executor.clone(), operation, key, feed.name());
    Ok(match feed {
        Feed::TraceUpdates(arguments) => {
            let events = feeds.trace(arguments).await?;
            messages(events, evaluation, |segment| {
                (&segment.results, 0, Event::Trace(segment.clone()))
            })
        }
        Feed::SpanCompleted(arguments) => {
            let events = feeds.trace(arguments).await?.flat_map(|segment| {
                stream::iter(match segment {
                    Ok(segment) => SpanCompletion::within(segment).map(Ok).collect(),
                    Err(error) => vec![Err(error)],
                })
            });
            messages(events, evaluation, |(segment, index)| {
                (
                    &segment.results,
                    *index,
                    Event::Span(segment.clone(), *index),
                )
            })
        }
        Feed::ExecutionUpdates { workflow_id } => {
            let events = feeds.executions.events().filter(move |event| {
                let workflow_id = workflow_id.as_deref();
                future::ready(
                    event
                        .as_ref()
                        .map_or(true, |event| event.concerns(workflow_id)),
                )
            });
            messages(events, evaluation, |event| {
                (&event.results, 0, Event::Execution(event.clone()))
            })
        }
    })
}

/// Makes a message of each event, up to the first that reports an error.
fn messages<E: Send + Sync + 'static>(
    events: impl Stream<Item = Result<E, ApiError>> + Send + 'static,
    evaluation: Evaluation,
    parts: fn(&E) -> (&Results, usize, Event),
) -> BoxStream<'static, Outcome> {
    let state = Some((Box::pin(events), evaluation));
    stream::unfold(state, move |state| async move {
        let (mut events, evaluation) = state?;
        match events.next().await? {
            Ok(event) => {
                let (results, message, stage) = parts(&event);
                let Encoded { payload, failed } = evaluation.result(results, message, stage).await;
                Some((
                    Outcome::Next(payload),
                    (!failed).then_some((events, evaluation)),
                ))
            }
            Err(error) => Some((error.into(), None)),
        }
    })
    .boxed()
}

/// What one subscription makes of events.
struct Evaluation {
    executor: Executor,
    operation: Operation,
    key: ResultKey,
    feed: &'static str,
}

impl Evaluation {
    fn new(executor: Executor, operation: Operation, key: ResultKey, feed: &'static str) -> Self {
        metrics::gauge!("graphql_subscriptions", "feed" => feed).increment(1);
        Self {
            executor,
            operation,
            key,
            feed,
        }
    }

    /// The result for one message of an event, shared with all who ask for the same.
    async fn result(&self, results: &Results, message: usize, event: Event) -> Encoded {
        let evaluate = async {
            metrics::counter!("graphql_evaluations_total", "feed" => self.feed).increment(1);
            match self
                .executor
                .evaluate(&self.operation, Stage::Event(event))
                .await
            {
                Some(Answer::Executed { body, failed }) => Encoded {
                    payload: text(body),
                    failed,
                },
                Some(Answer::Refused(refusal)) => Encoded {
                    payload: text(refusal.body()),
                    failed: true,
                },
                None => Encoded {
                    payload: text(Refusal::from(nothing()).body()),
                    failed: true,
                },
            }
        };
        results.get_or_evaluate(self.key, message, evaluate).await
    }
}

impl Drop for Evaluation {
    fn drop(&mut self) {
        metrics::gauge!("graphql_subscriptions", "feed" => self.feed).decrement(1);
    }
}
