//! One step of a run: a node's attempts, each with its span, until a result is journalled.

use std::sync::Arc;
use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBuilder};
use indexmap::IndexMap;
use opentelemetry::Context;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tokio_util::sync::CancellationToken;

use crate::attempt::{self, info};
use crate::context::{NestedNode, NodeContext, NodeInfo};
use crate::definition::{NodeDefinition, Retry};
use crate::engine::RunScope;
use crate::error::{NodeError, codes};
use crate::node::NodeType;
use crate::spans::{End, OpenSpan, Subject};
use crate::state::State;
use crate::tokens::Tokens;

/// The longest pause between two attempts.
const MAX_BACKOFF: Duration = Duration::from_secs(60);

/// Where a step stands: what it is nested in, and what it sees.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    pub(crate) run: Arc<RunScope>,
    pub(crate) state: Arc<State>,
    pub(crate) locals: Arc<Map<String, Value>>,
    /// The path of the node around it, with a slash behind; empty on top.
    pub(crate) path: String,
    /// The span around it.
    pub(crate) otel: Context,
    pub(crate) tokens: Arc<Tokens>,
    pub(crate) depth: usize,
    pub(crate) cancel: CancellationToken,
    /// Whether the journal knows the step.
    pub(crate) durable: bool,
}

/// What tells a step from all others of its run.
#[derive(Debug, Clone)]
pub(crate) struct StepId {
    /// The name behind the path of what the node is nested in.
    pub(crate) path: String,
    /// From 1.
    pub(crate) iteration: u32,
}

/// What a step leaves behind. Its JSON is [`StepRecord::result`].
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct StepResult {
    pub(crate) output: Arc<Value>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) messages: Vec<Arc<Value>>,
    /// Under other names than the node's own.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub(crate) results: IndexMap<String, Arc<Value>>,
}

/// Runs a node to its result, or takes the result from the journal.
pub(crate) async fn run(
    place: &Place,
    node_type: &NodeType,
    definition: &NodeDefinition,
    id: StepId,
) -> Result<StepResult, NodeError> {
    if place.durable
        && let Some(step) = place.run.journal.finished(&id.path, id.iteration)
    {
        let StepId { path, .. } = &id;
        return serde_json::from_str(&step.result).map_err(|error| {
            NodeError::new(codes::JOURNAL_FAILED, format!("step `{path}`: {error}"))
        });
    }
    let mut pauses = pauses(definition.retry);
    let mut number = 1;
    loop {
        let info = info(definition, &id, number);
        let error = match attempt::run(place, node_type, definition, info).await {
            Err(error) if error.retryable => error,
            result => return result,
        };
        let Some(pause) = pauses.next() else {
            return Err(error);
        };
        tokio::select! {
            () = place.cancel.cancelled() => return Err(NodeError::cancelled()),
            () = tokio::time::sleep(pause) => number += 1,
        }
    }
}

/// The catalogue's type of a node. A nested definition may come from anywhere, so it may not exist.
pub(crate) fn node_type<'r>(
    run: &'r RunScope,
    definition: &NodeDefinition,
) -> Result<&'r NodeType, NodeError> {
    run.engine.catalog.get(&definition.kind).ok_or_else(|| {
        let NodeDefinition { name, kind, .. } = definition;
        NodeError::invalid_parameters(format!("node `{name}`: there is no type `{kind}`"))
    })
}

/// Runs a node inside of another node.
pub(crate) async fn run_nested(
    cx: &NodeContext,
    nested: NestedNode<'_>,
) -> Result<Value, NodeError> {
    let NestedNode {
        definition,
        locals,
        iteration,
        durable,
    } = nested;
    let place = place_below(cx, durable, cx.locals_and(&locals))?;
    let node_type = node_type(&place.run, definition)?;
    let id = StepId {
        path: format!("{}{}", place.path, definition.name),
        iteration,
    };
    // Boxed: a node may nest itself.
    let result = Box::pin(run(&place, node_type, definition, id)).await?;
    cx.produced.messages.lock().extend(result.messages);
    cx.produced.results.lock().extend(result.results);
    Ok(Arc::unwrap_or_clone(result.output))
}

/// The place of what runs inside of a node.
pub(crate) fn place_below(
    cx: &NodeContext,
    durable: bool,
    locals: Map<String, Value>,
) -> Result<Place, NodeError> {
    let limit = cx.run.engine.limits.max_nesting;
    if cx.depth >= limit {
        let message = format!("more than {limit} nodes inside of each other");
        return Err(NodeError::new(codes::NESTING_LIMIT, message));
    }
    let NodeInfo {
        path,
        iteration,
        attempt,
        ..
    } = &*cx.node;
    let retried = if *attempt > 1 {
        format!("@{attempt}")
    } else {
        String::new()
    };
    Ok(Place {
        run: Arc::clone(&cx.run),
        state: Arc::clone(&cx.state),
        locals: Arc::new(locals),
        path: format!("{path}[{iteration}]{retried}/"),
        otel: cx.otel.clone(),
        tokens: Arc::clone(&cx.tokens),
        depth: cx.depth + 1,
        cancel: cx.cancel.clone(),
        durable: durable && cx.durable,
    })
}

/// Shows a node that was due when its run was cancelled.
pub(crate) fn skip(place: &Place, definition: &NodeDefinition, iteration: u32) {
    let id = StepId {
        path: String::new(),
        iteration,
    };
    let spec = attempt::node_span(&info(definition, &id, 1));
    OpenSpan::start(&place.run.engine.tracer, spec, Subject::Node, &place.otel).end(End::Skipped);
}

/// The pauses between attempts.
fn pauses(retry: Option<Retry>) -> impl Iterator<Item = Duration> {
    let Retry {
        max_attempts,
        backoff,
    } = retry.unwrap_or(Retry {
        max_attempts: 1,
        backoff: 0.0,
    });
    let first = Duration::try_from_secs_f64(backoff)
        .unwrap_or_default()
        .min(MAX_BACKOFF);
    ExponentialBuilder::new()
        .with_min_delay(first)
        .with_max_delay(MAX_BACKOFF)
        .with_max_times(max_attempts.saturating_sub(1) as usize)
        .build()
}
