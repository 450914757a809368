//! One step of a run: a node's attempts, each with its span, until a result is journalled.

use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use backon::{BackoffBuilder, ExponentialBuilder};
use futures::FutureExt;
use opentelemetry::context::FutureExt as _;
use opentelemetry::{Context, KeyValue};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tokio_util::sync::CancellationToken;

use crate::attributes as key;
use crate::context::{NestedNode, NodeContext, NodeInfo, Produced, Tokens};
use crate::definition::{NodeDefinition, Retry};
use crate::engine::RunScope;
use crate::error::{NodeError, codes};
use crate::journal::StepRecord;
use crate::node::NodeType;
use crate::output;
use crate::spans::{self, End, OpenSpan, SpanSpec, Subject};
use crate::state::State;
use crate::template::{self, Resolved, Scope};

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
        let error = match attempt(place, node_type, definition, info).await {
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
    let spec = node_span(&info(definition, &id, 1));
    OpenSpan::start(&place.run.engine.tracer, spec, Subject::Node, &place.otel).end(End::Skipped);
}

fn info(definition: &NodeDefinition, id: &StepId, attempt: u32) -> NodeInfo {
    NodeInfo {
        name: definition.name.clone(),
        kind: definition.kind.clone(),
        display_name: definition.display_name().to_owned(),
        attempt,
        iteration: id.iteration,
        path: id.path.clone(),
        timeout: definition.timeout(),
    }
}

fn node_span(info: &NodeInfo) -> SpanSpec {
    SpanSpec::new(info.display_name.clone()).attributes([
        KeyValue::new(key::NODE_ID, info.name.clone()),
        KeyValue::new(key::NODE_KIND, info.kind.clone()),
        KeyValue::new(key::NODE_DISPLAY_NAME, info.display_name.clone()),
        KeyValue::new(key::NODE_ATTEMPT, i64::from(info.attempt)),
        KeyValue::new(key::NODE_ITERATION, i64::from(info.iteration)),
    ])
}

async fn attempt(
    place: &Place,
    node_type: &NodeType,
    definition: &NodeDefinition,
    info: NodeInfo,
) -> Result<StepResult, NodeError> {
    let run = &place.run;
    if node_type.effects {
        run.journal.barrier().await?;
    }
    let start = SystemTime::now();
    let resolved = resolve(place, node_type, definition);
    let input = match &resolved {
        Ok(resolved) => output::json(resolved.traced()),
        Err(_) => output::json(&definition.parameters),
    };
    let spec = node_span(&info)
        .started_at(start)
        .attribute(KeyValue::new(key::NODE_INPUT, input));
    let span = OpenSpan::start(&run.engine.tracer, spec, Subject::Node, &place.otel);
    let resolved = match resolved {
        Ok(resolved) => resolved,
        Err(error) => {
            span.end(End::Failed(&error));
            return Err(error);
        }
    };
    let cx = NodeContext {
        run: Arc::clone(run),
        node: Arc::new(info),
        state: Arc::clone(&place.state),
        locals: Arc::clone(&place.locals),
        produced: Arc::new(Produced::default()),
        tokens: Tokens::below(&place.tokens),
        otel: span.context().clone(),
        depth: place.depth,
        cancel: place.cancel.clone(),
        durable: place.durable,
    };
    let Resolved {
        value,
        traced,
        secrets,
    } = resolved;
    let result = execute(node_type, value, definition.timeout(), &cx)
        .with_context(span.context().clone())
        .await
        .map_err(|mut error| {
            if error.code == codes::INVALID_PARAMETERS
                && let Some(traced) = &traced
            {
                // The message may quote a value, and so a credential.
                error.message = node_type.mismatch(traced);
            }
            error.message = output::conceal(error.message, &secrets);
            error
        });
    let output = result.and_then(|output| {
        let text = output::bounded_json(&output, run.engine.limits.max_output_bytes)?;
        Ok((output, output::conceal(text, &secrets)))
    });
    finish(place, span, &cx, output).await
}

/// The parameters of a node; those that it resolves itself are as the document has them.
fn resolve(
    place: &Place,
    node_type: &NodeType,
    definition: &NodeDefinition,
) -> Result<Resolved, NodeError> {
    let scope = Scope {
        state: &place.state,
        locals: &place.locals,
    };
    template::resolve_entries(
        &definition.parameters,
        scope,
        &*place.run.credentials,
        |name| node_type.is_deferred(name),
    )
}

/// Runs the node's own code, whatever it does: return, fail, panic, or never come back.
async fn execute(
    node_type: &NodeType,
    parameters: Value,
    timeout: Option<Duration>,
    cx: &NodeContext,
) -> Result<Value, NodeError> {
    let work = AssertUnwindSafe(node_type.run(parameters, cx.clone())).catch_unwind();
    let expired = async {
        match timeout {
            Some(timeout) => tokio::time::sleep(timeout).await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        biased;
        () = cx.cancel.cancelled() => Err(NodeError::cancelled()),
        result = work => result.unwrap_or_else(|panic| Err(NodeError::new(codes::PANIC, describe(&*panic)))),
        () = expired => {
            let seconds = timeout.unwrap_or_default().as_secs_f64();
            Err(NodeError::new(codes::TIMEOUT, format!("took longer than its timeout of {seconds} s")).retryable())
        }
    }
}

fn describe(panic: &(dyn Any + Send)) -> String {
    let owned = || panic.downcast_ref::<String>().map(String::as_str);
    let message = panic.downcast_ref::<&str>().copied().or_else(owned);
    format!(
        "the node's code panicked: {}",
        message.unwrap_or("no message")
    )
}

/// Ends the span of an attempt; a success also goes to the journal.
async fn finish(
    place: &Place,
    span: OpenSpan,
    cx: &NodeContext,
    output: Result<(Value, String), NodeError>,
) -> Result<StepResult, NodeError> {
    cx.tokens
        .attributes()
        .into_iter()
        .for_each(|attribute| span.set(attribute));
    let artifacts = std::mem::take(&mut *cx.produced.artifacts.lock());
    if !artifacts.is_empty() {
        span.set(spans::string_array(key::ARTIFACT_IDS, artifacts));
    }
    let (output, text) = match output {
        Ok(output) => output,
        Err(error) => {
            span.end(if error.is_cancelled() {
                End::Cancelled
            } else {
                End::Failed(&error)
            });
            return Err(error);
        }
    };
    span.set(KeyValue::new(key::NODE_OUTPUT, text));
    let messages = std::mem::take(&mut *cx.produced.messages.lock());
    let result = StepResult {
        output: Arc::new(output),
        messages,
    };
    if !place.durable {
        span.end(End::Succeeded);
        return Ok(result);
    }
    let record = StepRecord {
        node_path: cx.node.path.clone(),
        iteration: cx.node.iteration,
        span_id: span.span_id(),
        result: output::json(&result),
    };
    place.run.journal.record(record);
    span.end(End::Succeeded);
    place.run.journal.keep_pace().await?;
    Ok(result)
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
