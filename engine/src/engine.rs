//! The engine's façade: what it is built with, what a run is given, what comes out of one.

use std::fmt;
use std::sync::Arc;

use opentelemetry::Context;
use opentelemetry::global::BoxedTracer;
use opentelemetry::trace::{SpanContext, SpanId};
use serde_json::Value;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::host::{ArtifactSink, Credentials, WorkflowSource};
use crate::journal::Journal;
use crate::lane::Lane;
use crate::models::{ModelSettings, Models};
use crate::node::NodeCatalog;
use crate::run;
use crate::secrets::{Secrets, Vault};
use crate::workflow::Workflow;

/// What keeps one run from eating the machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// A node's output, as JSON text.
    pub max_output_bytes: usize,
    /// Nodes and sub-workflows inside of each other.
    pub max_nesting: usize,
    /// Steps that run ahead of the journal's acknowledgements.
    pub max_unacknowledged: usize,
    /// Nodes of one step at a time, where the run does not say.
    pub max_concurrency: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_output_bytes: 8 << 20,
            max_nesting: 32,
            max_unacknowledged: 64,
            max_concurrency: 64,
        }
    }
}

/// What an engine is built with.
#[derive(Debug)]
pub struct EngineSettings {
    /// Every span of every run is opened on it.
    pub tracer: BoxedTracer,
    pub catalog: NodeCatalog,
    pub http: reqwest::Client,
    pub models: ModelSettings,
    pub limits: Limits,
    /// Whether spans tell what workflows, nodes, models and tools are given and return, unless a workflow says that its own
    /// do not.
    pub capture_content: bool,
}

/// Runs workflows. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Engine {
    core: Arc<EngineCore>,
}

#[derive(Debug)]
pub(crate) struct EngineCore {
    pub(crate) tracer: BoxedTracer,
    pub(crate) catalog: NodeCatalog,
    pub(crate) http: reqwest::Client,
    pub(crate) models: Models,
    pub(crate) limits: Limits,
    pub(crate) capture_content: bool,
}

/// One run of a workflow.
pub struct Run {
    pub execution_id: Uuid,
    pub workflow: Arc<Workflow>,
    pub workflow_version: Option<i32>,
    /// An object; laid over the workflow's own default inputs.
    pub inputs: Value,
    /// What templates see as `config`.
    pub config: Value,
    pub thread_id: Option<String>,
    /// The caller's context, or empty. The root span is opened with it as parent and as current context.
    pub parent: Context,
    /// Spans the root is linked to, for instance a caller whose trace could not be joined.
    pub links: Vec<SpanContext>,
    pub journal: Arc<dyn Journal>,
    pub artifacts: Arc<dyn ArtifactSink>,
    pub workflows: Arc<dyn WorkflowSource>,
    pub credentials: Arc<dyn Credentials>,
    pub cancel: CancellationToken,
    /// Nodes of one step at a time.
    pub max_concurrency: Option<usize>,
}

impl fmt::Debug for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Run")
            .field("execution_id", &self.execution_id)
            .field("workflow", &self.workflow.id)
            .finish_non_exhaustive()
    }
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunStatus {
    Succeeded,
    Failed,
    Cancelled,
}

/// Why a run failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunError {
    pub code: String,
    pub message: String,
    /// The node that failed, if it was one.
    pub node_id: Option<String>,
}

/// What came out of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct RunOutcome {
    pub status: RunStatus,
    /// By node name: what the nodes returned after which nothing followed.
    pub outputs: Value,
    pub error: Option<RunError>,
    pub root_span_id: SpanId,
}

impl Engine {
    pub fn new(settings: EngineSettings) -> Self {
        let EngineSettings {
            tracer,
            catalog,
            http,
            models,
            limits,
            capture_content,
        } = settings;
        let models = Models::new(models, http.clone());
        Self {
            core: Arc::new(EngineCore {
                tracer,
                catalog,
                http,
                models,
                limits,
                capture_content,
            }),
        }
    }

    pub fn catalog(&self) -> &NodeCatalog {
        &self.core.catalog
    }

    /// Runs a workflow to its end. A failure of the workflow is an outcome, not an error.
    ///
    /// Cancel with `run.cancel`; when the future is dropped instead, all open spans end as cancelled.
    pub async fn run(&self, run: Run) -> RunOutcome {
        run::run(Arc::clone(&self.core), run).await
    }
}

/// What all steps of a run share.
pub(crate) struct RunScope {
    pub(crate) engine: Arc<EngineCore>,
    pub(crate) journal: Lane,
    pub(crate) artifacts: Arc<dyn ArtifactSink>,
    pub(crate) workflows: Arc<dyn WorkflowSource>,
    pub(crate) credentials: Arc<dyn Credentials>,
    pub(crate) max_concurrency: usize,
    pub(crate) secrets: Secrets,
    /// What templates see as `config`, in sub-workflows too.
    pub(crate) config: Arc<Value>,
}

impl RunScope {
    pub(crate) fn vault(&self) -> Vault<'_> {
        Vault {
            credentials: &*self.credentials,
            used: &self.secrets,
        }
    }
}

impl fmt::Debug for RunScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RunScope").finish_non_exhaustive()
    }
}
