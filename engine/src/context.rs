//! What a node sees of its run: values, its place in the trace, and the services of the program around it.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use indexmap::IndexMap;
use opentelemetry::trace::TraceContextExt;
use opentelemetry::{Context, KeyValue};
use parking_lot::Mutex;
use serde_json::{Map, Value};
use tokio_util::sync::CancellationToken;

use crate::capture;
use crate::child_span::ChildSpan;
use crate::definition::NodeDefinition;
use crate::engine::RunScope;
use crate::error::{NodeError, codes};
use crate::host::{ArtifactRef, NewArtifact, WorkflowSourceError};
use crate::models::Models;
use crate::node::NodeCatalog;
use crate::run;
use crate::spans::{self, SpanSpec};
use crate::state::State;
use crate::step;
use crate::template::{self, Resolved, Scope};
use crate::tokens::Tokens;
use crate::workflow::Workflow;

/// Which execution of which node this is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeInfo {
    pub name: String,
    pub kind: String,
    pub display_name: String,
    /// From 1.
    pub attempt: u32,
    /// The visit in a loop, or the number of the item, from 1.
    pub iteration: u32,
    /// The name behind the path of what the node is nested in.
    pub path: String,
    /// How long one attempt may take, if the definition says so.
    pub timeout: Option<Duration>,
}

/// A node to run inside of another one: a tool of an agent, the body of a loop.
#[derive(Debug)]
pub struct NestedNode<'a> {
    pub definition: &'a NodeDefinition,
    /// Names that the node's templates may use beside the state, such as `item`.
    pub locals: Map<String, Value>,
    /// Tells the runs of one definition apart, from 1.
    pub iteration: u32,
    /// Whether a resumed run may take the result from its journal. False where the order of runs is not
    /// reproducible, as with an agent's tool calls.
    pub durable: bool,
}

/// A node's view of its run. Cheap to clone; a clone may be moved to another task.
#[derive(Debug, Clone)]
pub struct NodeContext {
    pub(crate) run: Arc<RunScope>,
    pub(crate) node: Arc<NodeInfo>,
    pub(crate) state: Arc<State>,
    pub(crate) locals: Arc<Map<String, Value>>,
    pub(crate) produced: Arc<Produced>,
    pub(crate) tokens: Arc<Tokens>,
    /// In which the span of this context is the current one.
    pub(crate) otel: Context,
    /// How many nodes and sub-workflows this one is nested in.
    pub(crate) depth: usize,
    pub(crate) cancel: CancellationToken,
    /// Whether the journal knows this step.
    pub(crate) durable: bool,
}

impl NodeContext {
    pub fn node(&self) -> &NodeInfo {
        &self.node
    }

    /// The state as it was when this step began.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// What templates see beside the state, such as `item` in the body of a loop.
    pub fn locals(&self) -> &Map<String, Value> {
        &self.locals
    }

    /// Resolves templates and credentials of a deferred parameter, at any depth.
    pub fn resolve(&self, value: &Value) -> Result<Resolved, NodeError> {
        self.resolve_over(value, &self.locals)
    }

    /// The same with further names, which win over the state's.
    pub fn resolve_with(
        &self,
        value: &Value,
        locals: &Map<String, Value>,
    ) -> Result<Resolved, NodeError> {
        self.resolve_over(value, &self.locals_and(locals))
    }

    fn resolve_over(
        &self,
        value: &Value,
        locals: &Map<String, Value>,
    ) -> Result<Resolved, NodeError> {
        template::resolve(
            value,
            Scope {
                state: &self.state,
                locals,
            },
            self.run.vault(),
        )
    }

    pub(crate) fn locals_and(&self, more: &Map<String, Value>) -> Map<String, Value> {
        let mut locals = Map::clone(&self.locals);
        locals.extend(
            more.iter()
                .map(|(name, value)| (name.clone(), value.clone())),
        );
        locals
    }

    /// Whether this node is cancelled, with its run or because another node of its step failed: for loops that do not await.
    pub fn is_cancelled(&self) -> bool {
        self.cancel.is_cancelled()
    }

    /// Resolves when this node is cancelled: for work in other threads. A node's own future is simply dropped.
    pub async fn cancelled(&self) {
        self.cancel.cancelled().await;
    }

    /// The OpenTelemetry context of this node's span, for handing the trace on to other services.
    pub fn otel(&self) -> &Context {
        &self.otel
    }

    /// Opens a span below this one.
    pub fn child(&self, spec: SpanSpec) -> ChildSpan {
        ChildSpan::open(self, spec)
    }

    /// Sets an attribute of this context's span. Seen when the span ends: see [`Self::progress`].
    pub fn set_attribute(&self, attribute: KeyValue) {
        spans::set(&self.otel, attribute);
    }

    /// Adds an event to this context's span.
    pub fn event(&self, name: impl Into<Cow<'static, str>>, attributes: Vec<KeyValue>) {
        self.otel.span().add_event(name, attributes);
    }

    /// Shows attributes of this context's span while it is running. Lossy: they also have to be set before it ends.
    pub fn progress(&self, mut attributes: Vec<KeyValue>) {
        attributes.retain(|attribute| capture::allows(&self.otel, attribute));
        self.run
            .journal
            .progress(self.otel.span().span_context(), attributes);
    }

    /// Waits until everything before is committed. The engine does so before a node with effects; a node only needs it
    /// before further effects.
    pub async fn barrier(&self) -> Result<(), NodeError> {
        self.run.journal.barrier().await
    }

    /// Runs a node below this one, with its retries and timeout, as a node span of the same trace.
    pub async fn run_node(&self, nested: NestedNode<'_>) -> Result<Value, NodeError> {
        step::run_nested(self, nested).await
    }

    /// Runs a workflow below this node, in the same trace, and returns its outputs.
    ///
    /// `durable` as in [`NestedNode::durable`].
    pub async fn run_workflow(
        &self,
        workflow: Arc<Workflow>,
        inputs: Map<String, Value>,
        durable: bool,
    ) -> Result<Value, NodeError> {
        run::run_nested(self, workflow, inputs, durable).await
    }

    /// Finds a workflow by its id: the given version, else the newest.
    pub async fn load_workflow(
        &self,
        id: &str,
        version: Option<i32>,
    ) -> Result<Arc<Workflow>, NodeError> {
        self.run.workflows.load(id, version).await.map_err(|error| {
            let failure = NodeError::new(
                codes::WORKFLOW_UNAVAILABLE,
                format!("workflow `{id}`: {error}"),
            );
            match error {
                WorkflowSourceError::NotFound => failure,
                WorkflowSourceError::Unavailable(_) => failure.retryable(),
            }
        })
    }

    /// Stores a file as an artifact of this context's span.
    pub async fn put_artifact(
        &self,
        name: impl Into<String>,
        media_type: impl Into<String>,
        bytes: Bytes,
    ) -> Result<ArtifactRef, NodeError> {
        let span = self.otel.span().span_context().clone();
        let artifact = NewArtifact {
            name: name.into(),
            media_type: media_type.into(),
            bytes,
            span,
        };
        let stored = self.run.artifacts.put(artifact).await.map_err(|error| {
            let failure = NodeError::new(codes::ARTIFACT_FAILED, error.message);
            if error.retryable {
                failure.retryable()
            } else {
                failure
            }
        })?;
        self.produced.artifacts.lock().push(stored.id.clone());
        Ok(stored)
    }

    /// Appends to the conversation that nodes after this step see, if this attempt succeeds.
    pub fn append_messages(&self, messages: impl IntoIterator<Item = Value>) {
        self.produced
            .messages
            .lock()
            .extend(messages.into_iter().map(Arc::new));
    }

    /// Leaves a result under another name than the node's own, for the nodes after this step, if this attempt succeeds.
    pub fn put_result(&self, name: impl Into<String>, result: Value) {
        let mut results = self.produced.results.lock();
        results.insert(name.into(), Arc::new(result));
    }

    /// One connection pool for all runs.
    pub fn http(&self) -> &reqwest::Client {
        &self.run.engine.http
    }

    pub fn models(&self) -> &Models {
        &self.run.engine.models
    }

    pub fn catalog(&self) -> &NodeCatalog {
        &self.run.engine.catalog
    }
}

/// What one attempt of a node made beside its output.
#[derive(Debug, Default)]
pub(crate) struct Produced {
    pub(crate) artifacts: Mutex<Vec<String>>,
    pub(crate) messages: Mutex<Vec<Arc<Value>>>,
    pub(crate) results: Mutex<IndexMap<String, Arc<Value>>>,
}
