//! Runs a whole workflow, on top or below a node: its span, its inputs and outputs, its outcome.

use std::borrow::Cow;
use std::sync::Arc;

use opentelemetry::KeyValue;
use serde_json::{Map, Value};

use crate::attributes as key;
use crate::capture;
use crate::context::NodeContext;
use crate::engine::{EngineCore, Run, RunError, RunOutcome, RunScope, RunStatus};
use crate::error::{NodeError, codes};
use crate::executor::{Failure, GraphRun};
use crate::lane::Lane;
use crate::schema::name_of;
use crate::secrets::Secrets;
use crate::spans::{End, OpenSpan, SpanSpec, Subject};
use crate::state::State;
use crate::step::{self, Place};
use crate::tokens::Tokens;
use crate::workflow::Workflow;

/// Runs a workflow as a trace of its own.
pub(crate) async fn run(engine: Arc<EngineCore>, mut run: Run) -> RunOutcome {
    let given = std::mem::take(&mut run.inputs);
    let (inputs, refused) = match given {
        Value::Object(given) => (run.workflow.inputs_with(given), None),
        Value::Null => (run.workflow.inputs_with(Map::new()), None),
        other => {
            let message = format!("inputs must be an object, not {}", name_of(&other));
            (other, Some(NodeError::new(codes::INVALID_INPUTS, message)))
        }
    };
    let workflow = Arc::clone(&run.workflow);
    let spec = workflow_span(key::WORKFLOW_SPAN, &workflow, run.workflow_version, &inputs)
        .attribute(KeyValue::new(
            key::EXECUTION_ID,
            run.execution_id.to_string(),
        ))
        .attributes(run.thread_id.take().into_iter().flat_map(|thread_id| {
            [
                KeyValue::new(key::EXECUTION_THREAD_ID, thread_id.clone()),
                KeyValue::new(key::GEN_AI_CONVERSATION_ID, thread_id),
            ]
        }))
        .links(std::mem::take(&mut run.links));
    let root = {
        // Identifiers of a new trace are chosen by what is current.
        let _current = run.parent.clone().attach();
        let captured = engine.capture_content && workflow.capture_content;
        let parent = capture::context(&run.parent, captured);
        OpenSpan::start(&engine.tracer, spec, Subject::Workflow, &parent)
    };
    let root_span_id = root.span_id();
    let tokens = Arc::new(Tokens::default());
    let place = match refused {
        Some(error) => Err(error),
        None => begin(engine, run, inputs, &root, &tokens).await,
    };
    let (outcome, scope) = match place {
        Err(error) => (Err(Failure::from(error)), None),
        Ok(place) => {
            let scope = Arc::clone(&place.run);
            (GraphRun::new(&workflow, place).run().await, Some(scope))
        }
    };
    let secrets = scope.as_ref().map(|scope| &scope.secrets);
    end_workflow(
        root,
        &tokens,
        &outcome,
        secrets.unwrap_or(&Secrets::default()),
    );
    // Only now, so that the end of the root and the last steps may be committed together.
    let drained = match scope {
        Some(scope) => scope.journal.drain().await.map_err(Failure::from),
        None => Ok(()),
    };
    let (status, outputs, error) = match drained.and(outcome) {
        Ok(outputs) => (RunStatus::Succeeded, outputs, None),
        Err(Failure { error, .. }) if error.is_cancelled() => {
            (RunStatus::Cancelled, Value::Null, None)
        }
        Err(Failure {
            error: NodeError { code, message, .. },
            node,
        }) => {
            let error = RunError {
                code: code.into_owned(),
                message,
                node_id: node,
            };
            (RunStatus::Failed, Value::Null, Some(error))
        }
    };
    RunOutcome {
        status,
        outputs,
        error,
        root_span_id,
    }
}

/// The place of a run's first step.
async fn begin(
    engine: Arc<EngineCore>,
    run: Run,
    inputs: Value,
    root: &OpenSpan,
    tokens: &Arc<Tokens>,
) -> Result<Place, NodeError> {
    let journal = Lane::open(run.journal, engine.limits.max_unacknowledged).await?;
    let max_concurrency = run
        .max_concurrency
        .unwrap_or(engine.limits.max_concurrency)
        .max(1);
    let scope = Arc::new(RunScope {
        engine,
        journal,
        artifacts: run.artifacts,
        workflows: run.workflows,
        credentials: run.credentials,
        max_concurrency,
        secrets: Secrets::default(),
        config: Arc::new(run.config),
    });
    Ok(Place {
        state: Arc::new(first_state(inputs, &scope)),
        run: scope,
        locals: Arc::default(),
        path: String::new(),
        otel: root.context().clone(),
        tokens: Arc::clone(tokens),
        depth: 0,
        cancel: run.cancel,
        durable: true,
    })
}

fn first_state(inputs: Value, scope: &RunScope) -> State {
    State {
        inputs: Arc::new(inputs),
        config: Arc::clone(&scope.config),
        ..State::default()
    }
}

/// Runs a workflow below a node.
pub(crate) async fn run_nested(
    cx: &NodeContext,
    workflow: Arc<Workflow>,
    inputs: Map<String, Value>,
    durable: bool,
) -> Result<Value, NodeError> {
    let mut place = step::place_below(cx, durable, Map::new())?;
    let inputs = workflow.inputs_with(inputs);
    let name = format!("invoke_workflow {}", workflow.name);
    let spec = workflow_span(name, &workflow, None, &cx.run.secrets.conceal_json(&inputs));
    let parent = capture::context(&place.otel, workflow.capture_content);
    let span = OpenSpan::start(&cx.run.engine.tracer, spec, Subject::Workflow, &parent);
    let tokens = Tokens::below(&place.tokens);
    place.state = Arc::new(first_state(inputs, &cx.run));
    place.otel = span.context().clone();
    place.tokens = Arc::clone(&tokens);
    // Boxed: a workflow may run itself.
    let outcome = Box::pin(GraphRun::new(&workflow, place).run()).await;
    end_workflow(span, &tokens, &outcome, &cx.run.secrets);
    outcome.map_err(|Failure { mut error, node }| {
        if let (Some(node), false) = (node, error.is_cancelled()) {
            error.message = format!(
                "node `{node}` of workflow `{}`: {}",
                workflow.id, error.message
            );
        }
        error
    })
}

fn workflow_span(
    name: impl Into<Cow<'static, str>>,
    workflow: &Workflow,
    version: Option<i32>,
    inputs: &Value,
) -> SpanSpec {
    SpanSpec::new(name)
        .attributes([
            KeyValue::new(key::WORKFLOW_ID, workflow.id.clone()),
            KeyValue::new(key::WORKFLOW_NAME, workflow.name.clone()),
            KeyValue::new(key::EXECUTION_INPUTS, inputs.to_string()),
        ])
        .attributes(version.map(|version| KeyValue::new(key::WORKFLOW_VERSION, i64::from(version))))
}

fn end_workflow(
    span: OpenSpan,
    tokens: &Tokens,
    outcome: &Result<Value, Failure>,
    secrets: &Secrets,
) {
    tokens
        .attributes()
        .into_iter()
        .for_each(|attribute| span.set(attribute));
    match outcome {
        Ok(outputs) => {
            span.set(KeyValue::new(
                key::EXECUTION_OUTPUTS,
                secrets.conceal_json(outputs).to_string(),
            ));
            span.end(End::Succeeded);
        }
        Err(Failure { error, .. }) if error.is_cancelled() => span.end(End::Cancelled),
        Err(Failure { error, node: None }) => span.end(End::Failed(error)),
        Err(Failure {
            error,
            node: Some(node),
        }) => {
            let message = format!("node `{node}` failed: {}", error.message);
            span.end(End::FailedBelow(&NodeError {
                message,
                ..error.clone()
            }));
        }
    }
}
