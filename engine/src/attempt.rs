//! One attempt of a node: its span, its work within timeout and cancellation, its record in the journal.

use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use futures::FutureExt;
use opentelemetry::KeyValue;
use opentelemetry::context::FutureExt as _;
use serde_json::Value;

use crate::attributes as key;
use crate::context::{NodeContext, NodeInfo, Produced};
use crate::definition::NodeDefinition;
use crate::error::{NodeError, codes};
use crate::journal::StepRecord;
use crate::node::NodeType;
use crate::output;
use crate::spans::{self, End, OpenSpan, SpanSpec, Subject};
use crate::step::{Place, StepId, StepResult};
use crate::template::{self, Resolved, Scope};
use crate::tokens::Tokens;

pub(crate) fn info(definition: &NodeDefinition, id: &StepId, attempt: u32) -> NodeInfo {
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

pub(crate) fn node_span(info: &NodeInfo) -> SpanSpec {
    SpanSpec::new(info.display_name.clone()).attributes([
        KeyValue::new(key::NODE_ID, info.name.clone()),
        KeyValue::new(key::NODE_KIND, info.kind.clone()),
        KeyValue::new(key::NODE_DISPLAY_NAME, info.display_name.clone()),
        KeyValue::new(key::NODE_ATTEMPT, i64::from(info.attempt)),
        KeyValue::new(key::NODE_ITERATION, i64::from(info.iteration)),
    ])
}

/// Runs a node once, under one span.
pub(crate) async fn run(
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
        // Also what another node got from a credential and handed on.
        Ok(resolved) => output::json(&*run.secrets.conceal_json(resolved.traced())),
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
    let Resolved { value, traced, .. } = resolved;
    let work = Work {
        node_type,
        parameters: &value,
        traced: traced.as_ref(),
        timeout: definition.timeout(),
    };
    let output = work
        .run(&cx)
        .with_context(span.context().clone())
        .await
        .and_then(|output| {
            let text =
                output::bounded_json(&output, run.engine.limits.max_output_bytes, &run.secrets)?;
            Ok((output, text))
        })
        .map_err(|error| NodeError {
            message: run.secrets.conceal(error.message),
            ..error
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
    template::resolve_entries(&definition.parameters, scope, place.run.vault(), |name| {
        node_type.is_deferred(name)
    })
}

/// A node's own code, about to run.
struct Work<'w> {
    node_type: &'w NodeType,
    parameters: &'w Value,
    /// The parameters without credentials, where there are any.
    traced: Option<&'w Value>,
    timeout: Option<Duration>,
}

impl Work<'_> {
    /// Runs it, whatever it does: return, fail, panic, or never come back.
    async fn run(self, cx: &NodeContext) -> Result<Value, NodeError> {
        let expired = async {
            match self.timeout {
                Some(timeout) => tokio::time::sleep(timeout).await,
                None => std::future::pending().await,
            }
        };
        let work = async {
            let running = self.node_type.begin(self.parameters, cx.clone());
            running.map_err(|error| self.refused(&error))?.await
        };
        tokio::select! {
            biased;
            () = cx.cancel.cancelled() => Err(NodeError::cancelled()),
            result = AssertUnwindSafe(work).catch_unwind() => {
                result.unwrap_or_else(|panic| Err(NodeError::new(codes::PANIC, describe(&*panic))))
            }
            () = expired => {
                let seconds = self.timeout.unwrap_or_default().as_secs_f64();
                let message = format!("took longer than its timeout of {seconds} s");
                Err(NodeError::new(codes::TIMEOUT, message).retryable())
            }
        }
    }

    /// What is wrong with the parameters, found by their schema: serde's own words may quote a credential.
    fn refused(&self, error: &serde_json::Error) -> NodeError {
        let mismatches = self
            .node_type
            .checker()
            .mismatches(self.traced.unwrap_or(self.parameters));
        let told: Vec<String> = mismatches.iter().map(ToString::to_string).collect();
        NodeError::invalid_parameters(match (told.is_empty(), self.traced) {
            (false, _) => told.join("; "),
            (true, None) => error.to_string(),
            (true, Some(_)) => format!("the parameters do not fit {}", self.node_type.name),
        })
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
    let result = StepResult {
        output: Arc::new(output),
        messages: std::mem::take(&mut *cx.produced.messages.lock()),
        results: std::mem::take(&mut *cx.produced.results.lock()),
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
