//! One execution of one node: attempts, span, timeout, cancellation, panic, output limit, journal.

use std::any::Any;
use std::io;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use backon::{BackoffBuilder, ExponentialBuilder};
use futures::FutureExt;
use opentelemetry::context::FutureExt as _;
use opentelemetry::{Context, KeyValue};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::attributes as key;
use crate::context::{NestedNode, NodeContext, NodeInfo, Produced, Tokens};
use crate::engine::RunScope;
use crate::error::{NodeError, codes};
use crate::journal::StepRecord;
use crate::node::NodeType;
use crate::spans::{self, End, OpenSpan, SpanSpec, Subject};
use crate::state::State;
use crate::template::{self, Resolved, Scope};
use crate::workflow::{NodeDefinition, Retry};

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
    /// Whether the journal knows the step.
    pub(crate) durable: bool,
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
    definition: &NodeDefinition,
    iteration: u32,
) -> Result<StepResult, NodeError> {
    let path = format!("{}{}", place.path, definition.name);
    if place.durable
        && let Some(step) = place.run.journal.finished(&path, iteration)
    {
        return serde_json::from_str(&step.result).map_err(|error| {
            NodeError::new(codes::JOURNAL_FAILED, format!("step `{path}`: {error}"))
        });
    }
    let node_type = place
        .run
        .engine
        .catalog
        .get(&definition.kind)
        .ok_or_else(|| {
            NodeError::invalid_parameters(format!(
                "node `{}`: there is no type `{}`",
                definition.name, definition.kind
            ))
        })?;
    let mut pauses = pauses(definition.retry);
    let mut attempt = 1;
    loop {
        let info = NodeInfo {
            name: definition.name.clone(),
            kind: definition.kind.clone(),
            display_name: definition.display_name().to_owned(),
            attempt,
            iteration,
            path: path.clone(),
        };
        let error = match self::attempt(place, definition, node_type, info).await {
            Err(error) if error.retryable => error,
            result => return result,
        };
        let Some(pause) = pauses.next() else {
            return Err(error);
        };
        tokio::select! {
            () = place.run.cancel.cancelled() => return Err(NodeError::cancelled()),
            () = tokio::time::sleep(pause) => attempt += 1,
        }
    }
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
    // Boxed: a node may nest itself.
    let result = Box::pin(run(&place, definition, iteration)).await?;
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
        return Err(NodeError::new(
            codes::NESTING_LIMIT,
            format!("more than {limit} nodes inside of each other"),
        ));
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
        durable,
    })
}

async fn attempt(
    place: &Place,
    definition: &NodeDefinition,
    node_type: &NodeType,
    info: NodeInfo,
) -> Result<StepResult, NodeError> {
    let run = &place.run;
    if node_type.effects {
        run.journal.barrier().await?;
    }
    let start = SystemTime::now();
    let resolved = resolve(place, definition, node_type);
    let traced = match &resolved {
        Ok((_, resolved)) => resolved.traced().to_string(),
        Err(_) => Value::Object(definition.parameters.clone()).to_string(),
    };
    let spec = node_span(&info)
        .started_at(start)
        .attribute(KeyValue::new(key::NODE_INPUT, traced));
    let span = OpenSpan::start(&run.engine.tracer, spec, Subject::Node, &place.otel);
    let (parameters, resolved) = match resolved {
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
    };
    let result = execute(node_type, parameters, definition.timeout(), &cx)
        .with_context(span.context().clone())
        .await
        .map_err(|error| conceal(error, &resolved));
    finish(place, span, &cx, &resolved, result).await
}

/// The traced input of a node, and its parameters: those the node resolves itself are as the document has them.
fn resolve(
    place: &Place,
    definition: &NodeDefinition,
    node_type: &NodeType,
) -> Result<(Value, Resolved), NodeError> {
    let (deferred, templated): (Map<_, _>, Map<_, _>) = definition
        .parameters
        .clone()
        .into_iter()
        .partition(|(name, _)| node_type.is_deferred(name));
    let scope = Scope {
        state: &place.state,
        locals: &place.locals,
    };
    let mut resolved =
        template::resolve(&Value::Object(templated), scope, &*place.run.credentials)?;
    resolved.extend(&deferred);
    let parameters = resolved.value.clone();
    Ok((parameters, resolved))
}

pub(crate) fn node_span(info: &NodeInfo) -> SpanSpec {
    SpanSpec::new(info.display_name.clone()).attributes([
        KeyValue::new(key::NODE_ID, info.name.clone()),
        KeyValue::new(key::NODE_KIND, info.kind.clone()),
        KeyValue::new(key::NODE_DISPLAY_NAME, info.display_name.clone()),
        KeyValue::new(key::NODE_ATTEMPT, i64::from(info.attempt)),
        KeyValue::new(key::NODE_ITERATION, i64::from(info.iteration)),
    ])
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
        () = cx.run.cancel.cancelled() => Err(NodeError::cancelled()),
        result = work => result.unwrap_or_else(|panic| Err(NodeError::new(codes::PANIC, describe(&*panic)))),
        () = expired => {
            let seconds = timeout.unwrap_or_default().as_secs_f64();
            Err(NodeError::new(codes::TIMEOUT, format!("took longer than its timeout of {seconds} s")).retryable())
        }
    }
}

fn describe(panic: &(dyn Any + Send)) -> String {
    let message = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str));
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
    resolved: &Resolved,
    result: Result<Value, NodeError>,
) -> Result<StepResult, NodeError> {
    let run = &place.run;
    cx.tokens
        .attributes()
        .into_iter()
        .for_each(|attribute| span.set(attribute));
    let artifacts = std::mem::take(&mut *cx.produced.artifacts.lock());
    if !artifacts.is_empty() {
        span.set(spans::string_array(key::ARTIFACT_IDS, artifacts));
    }
    let output = result.and_then(|output| {
        let text = bounded_json(&output, run.engine.limits.max_output_bytes)?;
        Ok((output, text))
    });
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
    span.set(KeyValue::new(
        key::NODE_OUTPUT,
        conceal_text(text, resolved),
    ));
    let messages = std::mem::take(&mut *cx.produced.messages.lock());
    let result = StepResult {
        output: Arc::new(output),
        messages,
    };
    if place.durable {
        let record = StepRecord {
            node_path: cx.node.path.clone(),
            iteration: cx.node.iteration,
            span_id: span.span_id(),
            result: to_json(&result),
        };
        run.journal.record(record);
        span.end(End::Succeeded);
        run.journal.keep_pace().await?;
    } else {
        span.end(End::Succeeded);
    }
    Ok(result)
}

fn to_json(result: &StepResult) -> String {
    serde_json::to_string(result)
        .unwrap_or_else(|error| unreachable!("JSON values serialise: {error}"))
}

/// Replaces the values of the node's own credentials by their placeholders.
fn conceal_text(text: String, resolved: &Resolved) -> String {
    /// Shorter values would hit by chance.
    const MIN_SECRET_LEN: usize = 4;
    resolved
        .secrets
        .iter()
        .filter(|(_, secret)| secret.expose().len() >= MIN_SECRET_LEN)
        .fold(text, |text, (placeholder, secret)| {
            if text.contains(secret.expose()) {
                text.replace(secret.expose(), placeholder)
            } else {
                text
            }
        })
}

fn conceal(mut error: NodeError, resolved: &Resolved) -> NodeError {
    error.message = conceal_text(error.message, resolved);
    error
}

/// The JSON text of an output, unless it is too long; never holds more than the limit.
fn bounded_json(output: &Value, limit: usize) -> Result<String, NodeError> {
    struct Bounded {
        bytes: Vec<u8>,
        limit: usize,
    }
    impl io::Write for Bounded {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            if self.bytes.len() + bytes.len() > self.limit {
                return Err(io::ErrorKind::FileTooLarge.into());
            }
            self.bytes.extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let mut text = Bounded {
        bytes: Vec::new(),
        limit,
    };
    let too_large = |_| {
        NodeError::new(
            codes::OUTPUT_TOO_LARGE,
            format!("returned more than the limit of {limit} bytes of JSON"),
        )
    };
    serde_json::to_writer(&mut text, output).map_err(too_large)?;
    Ok(String::from_utf8_lossy(&text.bytes).into_owned())
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
