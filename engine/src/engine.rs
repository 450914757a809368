//! The engine's façade: what it is built with, what a run is given, what comes out of one.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::sync::Arc;

use futures::FutureExt;
use futures::future::BoxFuture;
use opentelemetry::global::BoxedTracer;
use opentelemetry::trace::{SpanContext, SpanId};
use opentelemetry::{Context, KeyValue};
use parking_lot::Mutex;
use serde_json::Value;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::error::{NodeError, codes};
use crate::executor;
use crate::host::{ArtifactSink, Credentials, WorkflowSource};
use crate::journal::{Journal, JournalError, StepRecord};
use crate::models::{ModelSettings, Models};
use crate::node::NodeCatalog;
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
        } = settings;
        let models = Models::new(models, http.clone());
        Self {
            core: Arc::new(EngineCore {
                tracer,
                catalog,
                http,
                models,
                limits,
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
        executor::run(Arc::clone(&self.core), run).await
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
    /// What templates see as `config`, in sub-workflows too.
    pub(crate) config: Arc<Value>,
}

impl fmt::Debug for RunScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RunScope").finish_non_exhaustive()
    }
}

type Ack = BoxFuture<'static, Result<(), JournalError>>;

/// A run's journal, and how far the run is ahead of it.
pub(crate) struct Lane {
    journal: Arc<dyn Journal>,
    /// Steps an earlier run of the same execution finished, by path and iteration.
    finished: HashMap<(String, u32), StepRecord>,
    unacknowledged: Mutex<VecDeque<Ack>>,
    limit: usize,
}

impl Lane {
    pub(crate) async fn open(journal: Arc<dyn Journal>, limit: usize) -> Result<Self, NodeError> {
        let finished = journal.finished().await.map_err(failure)?;
        let finished = finished
            .into_iter()
            .map(|step| ((step.node_path.clone(), step.iteration), step))
            .collect();
        Ok(Self {
            journal,
            finished,
            unacknowledged: Mutex::default(),
            limit: limit.max(1),
        })
    }

    pub(crate) fn finished(&self, path: &str, iteration: u32) -> Option<&StepRecord> {
        if self.finished.is_empty() {
            return None;
        }
        self.finished.get(&(path.to_owned(), iteration))
    }

    /// Hands a step to the journal; the caller ends its span next. Then [`Self::keep_pace`].
    pub(crate) fn record(&self, step: StepRecord) {
        let ack = self.journal.record(step);
        self.unacknowledged.lock().push_back(ack);
    }

    /// Waits while the run is too far ahead; tells of records that were refused.
    pub(crate) async fn keep_pace(&self) -> Result<(), NodeError> {
        loop {
            let oldest = {
                let mut pending = self.unacknowledged.lock();
                while let Some(ack) = pending.front_mut() {
                    match ack.now_or_never() {
                        Some(result) => {
                            pending.pop_front();
                            result.map_err(failure)?;
                        }
                        None => break,
                    }
                }
                if pending.len() < self.limit {
                    None
                } else {
                    pending.pop_front()
                }
            };
            match oldest {
                Some(ack) => ack.await.map_err(failure)?,
                None => return Ok(()),
            }
        }
    }

    /// Waits for every acknowledgement.
    pub(crate) async fn drain(&self) -> Result<(), NodeError> {
        loop {
            let Some(ack) = self.unacknowledged.lock().pop_front() else {
                return Ok(());
            };
            ack.await.map_err(failure)?;
        }
    }

    pub(crate) fn progress(&self, span: &SpanContext, attributes: Vec<KeyValue>) {
        self.journal.progress(span, attributes);
    }

    pub(crate) async fn barrier(&self) -> Result<(), NodeError> {
        self.journal.barrier().await.map_err(failure)
    }
}

fn failure(error: JournalError) -> NodeError {
    NodeError::new(codes::JOURNAL_FAILED, error.to_string())
}
