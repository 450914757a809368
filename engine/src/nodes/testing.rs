//! Runs single nodes and small workflows through the whole engine, for the tests of node types.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use futures::future::BoxFuture;
use opentelemetry::KeyValue;
use opentelemetry::trace::{SpanContext, SpanId, Status};
use opentelemetry_sdk::trace::SpanData;
use serde_json::{Value, json};

use crate::testing::{Case, Finished, attribute};
use crate::{
    ArtifactError, ArtifactRef, ArtifactSink, Credentials, Journal, JournalError, NewArtifact,
    NoJournal, RunError, RunOutcome, RunStatus, Secret, StepRecord, Workflow, WorkflowSource,
    WorkflowSourceError,
};

/// What a node named `node` of its own little workflow returns.
pub(super) async fn run_node(node: Value) -> Value {
    Lab::default().run_node(node).await.output()
}

/// How it fails.
pub(super) async fn node_error(node: Value) -> RunError {
    Lab::default().run_node(node).await.error()
}

/// The world around a run.
#[derive(Default)]
pub(super) struct Lab {
    inputs: Value,
    workflows: HashMap<String, Arc<Workflow>>,
    credentials: HashMap<String, String>,
}

impl Lab {
    pub(super) fn inputs(mut self, inputs: Value) -> Self {
        self.inputs = inputs;
        self
    }

    pub(super) fn workflow(mut self, id: &str, definition: &Value) -> Self {
        let workflow = Workflow::parse(&definition.to_string(), id).unwrap();
        self.workflows.insert(id.to_owned(), Arc::new(workflow));
        self
    }

    pub(super) fn credential(mut self, name: &str, value: &str) -> Self {
        self.credentials.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Runs a workflow of one node, which is called `node`.
    pub(super) async fn run_node(self, mut node: Value) -> Ran {
        node["name"] = "node".into();
        self.run(&json!({"nodes": [node], "edges": [["START", "node"], ["node", "END"]]}))
            .await
    }

    pub(super) async fn run(self, definition: &Value) -> Ran {
        let artifacts = Arc::new(Shelf::default());
        let mut case = Case::new(&definition.to_string());
        case.artifacts = Arc::clone(&artifacts) as Arc<dyn ArtifactSink>;
        case.workflows = Arc::new(Shelves(self.workflows));
        case.credentials = Arc::new(Keys(self.credentials));
        if !self.inputs.is_null() {
            case.inputs = self.inputs;
        }
        let watcher = Arc::new(Watcher::default());
        case.journal = Arc::clone(&watcher) as Arc<dyn Journal>;
        let Finished { outcome, trace } = case.run().await;
        let progress = std::mem::take(&mut *watcher.0.lock().unwrap());
        let artifacts = std::mem::take(&mut *artifacts.0.lock().unwrap());
        Ran {
            outcome,
            spans: trace.spans,
            artifacts,
            progress,
        }
    }
}

/// What came of a run.
pub(super) struct Ran {
    pub(super) outcome: RunOutcome,
    pub(super) spans: Vec<SpanData>,
    pub(super) artifacts: Vec<NewArtifact>,
    /// What spans showed while they were running.
    pub(super) progress: Vec<(SpanId, Vec<KeyValue>)>,
}

impl Ran {
    /// The outputs of a run that succeeded.
    pub(super) fn outputs(&self) -> &Value {
        assert_eq!(
            self.outcome.status,
            RunStatus::Succeeded,
            "{:?}",
            self.outcome.error
        );
        &self.outcome.outputs
    }

    /// The output of the node called `node`.
    pub(super) fn output(&self) -> Value {
        self.outputs()["node"].clone()
    }

    pub(super) fn error(&self) -> RunError {
        assert_eq!(
            self.outcome.status,
            RunStatus::Failed,
            "{:?}",
            self.outcome.outputs
        );
        self.outcome.error.clone().unwrap()
    }

    /// The one span of this name.
    pub(super) fn span(&self, name: &str) -> Seen<'_> {
        let found: Vec<&SpanData> = self.spans.iter().filter(|span| span.name == name).collect();
        let names: Vec<&str> = self.spans.iter().map(|span| &*span.name).collect();
        assert_eq!(found.len(), 1, "spans called {name} among {names:?}");
        Seen(found[0])
    }

    /// The spans of this name, as they began.
    pub(super) fn spans(&self, name: &str) -> Vec<Seen<'_>> {
        let mut found: Vec<Seen<'_>> = self
            .spans
            .iter()
            .filter(|span| span.name == name)
            .map(Seen)
            .collect();
        found.sort_by_key(|span| span.0.start_time);
        found
    }

    /// The names from the root's child down to this span.
    pub(super) fn path(&self, span: Seen<'_>) -> Vec<String> {
        let mut names = vec![span.0.name.to_string()];
        let mut parent = span.0.parent_span_id;
        while let Some(above) = self
            .spans
            .iter()
            .find(|span| span.span_context.span_id() == parent)
        {
            names.insert(0, above.name.to_string());
            parent = above.parent_span_id;
        }
        assert_eq!(parent, SpanId::INVALID, "a span whose parent is missing");
        names
    }
}

/// A finished span.
#[derive(Clone, Copy)]
pub(super) struct Seen<'a>(pub(super) &'a SpanData);

impl Seen<'_> {
    /// An attribute as JSON; null where there is none.
    pub(super) fn attribute(&self, key: &str) -> Value {
        attribute(self.0, key).map_or(Value::Null, |value| match value {
            opentelemetry::Value::Bool(value) => (*value).into(),
            opentelemetry::Value::I64(value) => (*value).into(),
            opentelemetry::Value::F64(value) => (*value).into(),
            opentelemetry::Value::Array(opentelemetry::Array::String(texts)) => texts
                .iter()
                .map(opentelemetry::StringValue::as_str)
                .collect(),
            other => other.as_str().into_owned().into(),
        })
    }

    /// An attribute that holds JSON text.
    pub(super) fn json(&self, key: &str) -> Value {
        let text = self.attribute(key);
        serde_json::from_str(text.as_str().unwrap_or_else(|| panic!("no text in {key}"))).unwrap()
    }

    pub(super) fn failure(&self) -> Option<&str> {
        match &self.0.status {
            Status::Error { description } => Some(description),
            _ => None,
        }
    }
}

#[derive(Default)]
struct Shelf(Mutex<Vec<NewArtifact>>);

#[async_trait]
impl ArtifactSink for Shelf {
    async fn put(&self, artifact: NewArtifact) -> Result<ArtifactRef, ArtifactError> {
        let mut shelf = self.0.lock().unwrap();
        let size_bytes = artifact.bytes.len() as u64;
        shelf.push(artifact);
        Ok(ArtifactRef {
            id: format!("artifact-{}", shelf.len()),
            size_bytes,
            sha256: "0".repeat(64),
        })
    }
}

/// Keeps nothing but what spans show of their progress.
#[derive(Default)]
struct Watcher(Mutex<Vec<(SpanId, Vec<KeyValue>)>>);

#[async_trait]
impl Journal for Watcher {
    fn record(&self, step: StepRecord) -> BoxFuture<'static, Result<(), JournalError>> {
        NoJournal.record(step)
    }

    fn progress(&self, span: &SpanContext, attributes: Vec<KeyValue>) {
        self.0.lock().unwrap().push((span.span_id(), attributes));
    }

    fn barrier(&self) -> BoxFuture<'static, Result<(), JournalError>> {
        NoJournal.barrier()
    }

    async fn finished(&self) -> Result<Vec<StepRecord>, JournalError> {
        Ok(Vec::new())
    }
}

struct Shelves(HashMap<String, Arc<Workflow>>);

#[async_trait]
impl WorkflowSource for Shelves {
    async fn load(
        &self,
        id: &str,
        _version: Option<i32>,
    ) -> Result<Arc<Workflow>, WorkflowSourceError> {
        self.0.get(id).cloned().ok_or(WorkflowSourceError::NotFound)
    }
}

struct Keys(HashMap<String, String>);

impl Credentials for Keys {
    fn get(&self, name: &str) -> Option<Secret> {
        self.0.get(name).map(Secret::new)
    }
}
