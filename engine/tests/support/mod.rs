//! Runs a workflow on the SDK's in-memory exporter and draws its trace as text.

#![allow(
    dead_code,
    unused_imports,
    unreachable_pub,
    clippy::unwrap_used,
    missing_debug_implementations,
    reason = "each test file uses its own part of this, and a test may panic"
)]

pub mod kinds;
mod trace;

use std::sync::Arc;

use opentelemetry::Context;
use opentelemetry::global::BoxedTracer;
use opentelemetry::trace::{SpanContext, TracerProvider};
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider};
use orcheo_engine::{
    ArtifactSink, Credentials, Engine, EngineSettings, Journal, Limits, NoJournal, NodeCatalog,
    Nothing, Run, RunOutcome, Workflow, WorkflowSource, models::ModelSettings,
};
use proptest::prelude::*;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

pub use trace::{Trace, attribute, ended_spans};

/// A run to be made, with everything a test may want to choose.
pub struct Case {
    pub workflow: Arc<Workflow>,
    pub inputs: Value,
    pub config: Value,
    pub catalog: NodeCatalog,
    pub limits: Limits,
    pub parent: Context,
    pub links: Vec<SpanContext>,
    pub journal: Arc<dyn Journal>,
    pub artifacts: Arc<dyn ArtifactSink>,
    pub workflows: Arc<dyn WorkflowSource>,
    pub credentials: Arc<dyn Credentials>,
    pub cancel: CancellationToken,
    pub max_concurrency: Option<usize>,
    pub capture_content: bool,
    pub exporter: InMemorySpanExporter,
}

/// What came of it.
#[derive(Debug)]
pub struct Finished {
    pub outcome: RunOutcome,
    pub trace: Trace,
}

impl Case {
    /// A workflow of the built-in and the test's node types.
    pub fn new(document: &str) -> Self {
        let catalog = kinds::catalog();
        let workflow = Workflow::parse_with(document, "test", &catalog)
            .unwrap_or_else(|problems| panic!("{problems}"));
        Self {
            workflow: Arc::new(workflow),
            inputs: json!({}),
            config: json!({}),
            catalog,
            limits: Limits::default(),
            parent: Context::new(),
            links: Vec::new(),
            journal: Arc::new(NoJournal),
            artifacts: Arc::new(Nothing),
            workflows: Arc::new(Nothing),
            credentials: Arc::new(Nothing),
            cancel: CancellationToken::new(),
            max_concurrency: None,
            capture_content: true,
            exporter: InMemorySpanExporter::default(),
        }
    }

    pub fn inputs(mut self, inputs: Value) -> Self {
        self.inputs = inputs;
        self
    }

    pub async fn run(self) -> Finished {
        let exporter = self.exporter.clone();
        let (provider, run) = self.start();
        let outcome = run.await;
        let trace = Trace::of(&exporter);
        // Its end empties the exporter.
        drop(provider);
        Finished { outcome, trace }
    }

    /// The run as a future, with the provider that must outlive it.
    pub fn start(self) -> (SdkTracerProvider, impl Future<Output = RunOutcome> + Send) {
        let provider = SdkTracerProvider::builder()
            .with_simple_exporter(self.exporter)
            .build();
        let engine = Engine::new(EngineSettings {
            capture_content: self.capture_content,
            tracer: BoxedTracer::new(Box::new(provider.tracer("orcheo-engine"))),
            catalog: self.catalog,
            http: reqwest::Client::new(),
            models: ModelSettings::default(),
            limits: self.limits,
        });
        let run = Run {
            execution_id: Uuid::nil(),
            workflow: self.workflow,
            workflow_version: Some(1),
            inputs: self.inputs,
            config: self.config,
            thread_id: None,
            parent: self.parent,
            links: self.links,
            journal: self.journal,
            artifacts: self.artifacts,
            workflows: self.workflows,
            credentials: self.credentials,
            cancel: self.cancel,
            max_concurrency: self.max_concurrency,
        };
        (provider, async move { engine.run(run).await })
    }
}

/// Runs a document and compares its trace, drawn as text, with the expected one.
pub async fn assert_trace(expected: &str, document: &str) {
    Case::new(document).run().await.trace.assert(expected);
}

/// Any JSON value, a few levels deep, whose texts and keys match the pattern.
pub fn json_value(text: &'static str) -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        text.prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 4, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::vec((text, inner), 0..4)
                .prop_map(|entries| Value::Object(entries.into_iter().collect())),
        ]
    })
}
