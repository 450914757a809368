//! The root of subscriptions.

use async_graphql::{Context, ID, Subscription as Root};
use futures::Stream;

use super::{
    execution_updates::ExecutionUpdate,
    span_completed::SpanCompletion,
    stage::{Event, Feed, TraceArguments, resolve},
    trace_updates::TraceUpdate,
};
use crate::{error::ApiError, graphql::types::Span};

/// What can be followed.
#[derive(Debug, Default)]
pub struct Subscription;

#[Root]
impl Subscription {
    /// Spans and artifacts changed after the cursor, each in its latest state, in revision order; then live until the trace
    /// completes.
    ///
    /// The first update comes at once, even if it is empty. After an error, or when the connection is lost, subscribe again
    /// with the last cursor: nothing is missing then and nothing repeated. When the execution is deleted, the subscription
    /// ends with `NOT_FOUND`, `reason: "DELETED"`.
    async fn trace_updates(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The execution's own id, or the id another engine gave its run.")]
        execution_id: ID,
        #[graphql(
            desc = "`cursor` of an update or of an execution; without it, the trace is told from its beginning."
        )]
        after: Option<String>,
    ) -> Result<impl Stream<Item = TraceUpdate>, ApiError> {
        let parts = Span::selected_parts(&ctx.look_ahead().field("spans"));
        let feed = || {
            Feed::TraceUpdates(TraceArguments {
                execution_id: execution_id.0,
                after,
                parts,
            })
        };
        resolve(ctx, feed, |event| match event {
            Event::Trace(segment) => Some(TraceUpdate::new(segment)),
            _ => None,
        })
    }

    /// Each span as it completes, one a message; resumable the same way.
    async fn span_completed(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The execution's own id, or the id another engine gave its run.")]
        execution_id: ID,
        #[graphql(desc = "`cursor` of a completion, an update or an execution.")] after: Option<
            String,
        >,
    ) -> Result<impl Stream<Item = SpanCompletion>, ApiError> {
        let parts = Span::selected_parts(&ctx.look_ahead().field("span"));
        let feed = || {
            Feed::SpanCompleted(TraceArguments {
                execution_id: execution_id.0,
                after,
                parts,
            })
        };
        resolve(ctx, feed, |event| match event {
            Event::Span(segment, index) => SpanCompletion::new(&segment, index),
            _ => None,
        })
    }

    /// Executions that start, change or go. There is no cursor: after a reconnect, or after `UNAVAILABLE` with
    /// `reason: "FEED_INTERRUPTED"`, read the list again.
    async fn execution_updates(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "Only executions of this workflow, by the definition's own id; deletions are told of all."
        )]
        workflow_id: Option<String>,
    ) -> Result<impl Stream<Item = ExecutionUpdate>, ApiError> {
        resolve(
            ctx,
            || Feed::ExecutionUpdates { workflow_id },
            |event| match event {
                Event::Execution(event) => Some(ExecutionUpdate::new(&event)),
                _ => None,
            },
        )
    }
}
