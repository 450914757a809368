//! The engine's journal and artifact sink over one run's way into the store.

use std::sync::{Arc, Weak};
use std::time::Duration;

use futures::FutureExt as _;
use futures::future::BoxFuture;
use opentelemetry::KeyValue;
use opentelemetry::trace::SpanContext;
use orcheo_engine::{
    ArtifactError, ArtifactRef, ArtifactSink, Journal, JournalError, NewArtifact, StepRecord,
};
use orcheo_store::models::node_results::NodeResult;
use orcheo_store::{ExecutionId, SpanId, Store, StoreError, WriteError};
use orcheo_telemetry::{RecordError, RunHandle};
use tokio::time::sleep;

/// How often a database that is away is asked again.
pub(super) const RETRY: Duration = Duration::from_millis(250);

/// What a run tells, on its way to the store. Holds the registration weakly: whoever ends the run early takes it away
/// first, so that spans which end because of that are not mistaken for what the nodes did.
pub(super) struct RunJournal {
    run: Weak<RunHandle>,
    store: Store,
    execution_id: ExecutionId,
}

impl RunJournal {
    pub(super) fn new(run: &Arc<RunHandle>, store: Store, execution_id: ExecutionId) -> Self {
        Self {
            run: Arc::downgrade(run),
            store,
            execution_id,
        }
    }

    fn handle(&self) -> Result<Arc<RunHandle>, JournalError> {
        self.run
            .upgrade()
            .ok_or_else(|| JournalError::Failed("the run was given up".to_owned()))
    }

    async fn load(&self) -> Result<Vec<NodeResult>, StoreError> {
        let mut connection = self.store.read().await?;
        Ok(NodeResult::finished(&mut connection, self.execution_id).await?)
    }
}

#[async_trait::async_trait]
impl Journal for RunJournal {
    fn record(&self, step: StepRecord) -> BoxFuture<'static, Result<(), JournalError>> {
        let run = match self.handle() {
            Ok(run) => run,
            Err(error) => return std::future::ready(Err(error)).boxed(),
        };
        let committed = run.record(orcheo_store::StepRecord {
            node_path: step.node_path,
            iteration: i32::try_from(step.iteration).unwrap_or(i32::MAX),
            span_id: span_id(step.span_id),
            result: step.result,
        });
        committed
            .map(|outcome| outcome.map(drop).map_err(refused))
            .boxed()
    }

    fn progress(&self, span: &SpanContext, attributes: Vec<KeyValue>) {
        if let Some(run) = self.run.upgrade() {
            run.progress(span_id(span.span_id()), attributes);
        }
    }

    fn barrier(&self) -> BoxFuture<'static, Result<(), JournalError>> {
        match self.handle() {
            Ok(run) => run
                .barrier()
                .map(|outcome| outcome.map(drop).map_err(|error| refused(error.into())))
                .boxed(),
            Err(error) => std::future::ready(Err(error)).boxed(),
        }
    }

    async fn finished(&self) -> Result<Vec<StepRecord>, JournalError> {
        let results = loop {
            match self.load().await {
                Ok(results) => break results,
                Err(error) if error.is_unavailable() => sleep(RETRY).await,
                Err(error) => return Err(JournalError::Failed(error.to_string())),
            }
        };
        let steps = results.into_iter().map(|result| StepRecord {
            node_path: result.node_path,
            iteration: result.iteration.unsigned_abs(),
            span_id: opentelemetry::SpanId::from_bytes(result.span_id.0),
            result: result.result.0,
        });
        Ok(steps.collect())
    }
}

#[async_trait::async_trait]
impl ArtifactSink for RunJournal {
    async fn put(&self, artifact: NewArtifact) -> Result<ArtifactRef, ArtifactError> {
        let failed = |message: String, retryable| ArtifactError { message, retryable };
        let run = self
            .handle()
            .map_err(|error| failed(error.to_string(), false))?;
        let stored = run
            .artifact(orcheo_telemetry::NewArtifact {
                name: artifact.name,
                media_type: artifact.media_type,
                bytes: artifact.bytes,
                span_id: span_id(artifact.span.span_id()),
            })
            .await
            .map_err(|error| match error {
                orcheo_telemetry::ArtifactError::Store(error) => failed(error.to_string(), true),
                error => failed(error.to_string(), false),
            })?;
        Ok(ArtifactRef {
            id: stored.artifact_id.to_string(),
            size_bytes: stored.size_bytes.unsigned_abs(),
            sha256: hex::encode(stored.sha256),
        })
    }
}

fn span_id(id: opentelemetry::SpanId) -> SpanId {
    SpanId(id.to_bytes())
}

fn refused(error: RecordError) -> JournalError {
    match error {
        RecordError::Write(WriteError::LeaseLost { .. } | WriteError::UnknownExecution { .. }) => {
            JournalError::LeaseLost
        }
        error => JournalError::Failed(error.to_string()),
    }
}
