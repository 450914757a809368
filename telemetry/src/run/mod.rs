//! One run's way into the store: its registration by trace id, its journal records and its progress.

mod state;

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use futures::FutureExt;
use futures::future::BoxFuture;
use opentelemetry::trace::{SpanContext, TraceContextExt};
use opentelemetry::{Context, KeyValue};
use orcheo_store::{
    Ack, ArtifactRecord, Committed, ExecutionId, Op, SpanId, StepRecord, Store, StoreError,
    TraceId, WriteError,
};
use uuid::Uuid;

pub(crate) use self::state::Registry;
use self::state::RunState;
use crate::{Redactor, artifact};

/// A run that is about to begin.
#[derive(Debug, Clone, Copy)]
pub struct RunRegistration {
    pub execution_id: ExecutionId,
    /// Every span of this trace belongs to the execution.
    pub trace_id: TraceId,
    /// The epoch of the worker's claim, compared in each commit; `None` when nobody else can claim the run.
    pub lease_epoch: Option<i64>,
}

/// The trace id that the root span of a run is to get, carried by the current context.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PlannedTraceId(pub(crate) opentelemetry::TraceId);

/// Why a step's record will never be committed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    /// The store will not take it; the run cannot go on.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// The span of the record is not running, or the run was deregistered before it ended.
    #[error("span {span_id} does not end in this run any more")]
    NoSuchSpan { span_id: SpanId },
}

/// An artifact to store.
#[derive(Debug, Clone)]
pub struct NewArtifact {
    /// Redacted before it is stored.
    pub name: String,
    pub media_type: String,
    /// Text is redacted before it is stored; anything else is stored as it is.
    pub bytes: Bytes,
    pub span_id: SpanId,
}

/// An artifact that is stored and committed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredArtifact {
    pub artifact_id: Uuid,
    /// Of the bytes that are stored.
    pub size_bytes: i64,
    pub sha256: [u8; 32],
}

/// Why an artifact could not be stored.
#[derive(Debug, thiserror::Error)]
pub enum ArtifactError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Write(#[from] WriteError),
    /// Nobody knows what is in it, so it is not stored.
    #[error("the artifact could not be scanned: {0}")]
    Unscanned(String),
}

/// A registered run. Dropping it deregisters the run: spans that end later are not stored.
pub struct RunHandle {
    state: Arc<RunState>,
    trace_id: TraceId,
    registry: Arc<Registry>,
    store: Store,
    redactor: Redactor,
}

impl RunHandle {
    pub(crate) fn register(
        registry: Arc<Registry>,
        store: Store,
        redactor: Redactor,
        run: RunRegistration,
    ) -> Self {
        let state = Arc::new(RunState::new(
            run.execution_id,
            run.lease_epoch,
            store.clone(),
            redactor.clone(),
        ));
        registry.insert(run.trace_id, Arc::clone(&state));
        Self {
            state,
            trace_id: run.trace_id,
            registry,
            store,
            redactor,
        }
    }

    /// The context to run in. A root span that is opened while it is current gets the registered trace id.
    ///
    /// A caller in `parent` stays the parent if the run has joined its trace. Otherwise it is left out: its trace id would
    /// become that of every span, and this run's is another.
    pub fn context(&self, parent: &Context) -> Context {
        let trace_id = opentelemetry::TraceId::from_bytes(self.trace_id.0);
        let joined = parent.span().span_context().trace_id() == trace_id;
        let context = if joined {
            parent.clone()
        } else {
            parent.with_remote_span_context(SpanContext::NONE)
        };
        context.with_value(PlannedTraceId(trace_id))
    }

    /// Holds a step's record until the span `step.span_id` ends, and makes the two one commit. Takes the record at once; the
    /// future resolves after the commit, and may be dropped without losing the record.
    pub fn record(&self, step: StepRecord) -> BoxFuture<'static, Result<Committed, RecordError>> {
        let span_id = step.span_id;
        let receiver = self.state.hold(step);
        async move {
            let ack: Ack = receiver
                .await
                .map_err(|_| RecordError::NoSuchSpan { span_id })?;
            Ok(ack.await?)
        }
        .boxed()
    }

    /// Resolves when everything emitted before about this run is committed.
    pub fn barrier(&self) -> Ack {
        self.store.writer().barrier(self.state.execution_id())
    }

    /// Lays attributes over those of a running span. Lossy: at most four updates a second and span reach the store, the
    /// last always does unless the span ends first, which says everything.
    ///
    /// Must be called within a Tokio runtime.
    pub fn progress(&self, span_id: SpanId, attributes: Vec<KeyValue>) {
        self.state.progress(span_id, attributes);
    }

    /// Stores the bytes of an artifact, then commits its record.
    ///
    /// # Errors
    /// The blob store's, or why the record was refused. The bytes may be stored then, without a record.
    pub async fn artifact(&self, artifact: NewArtifact) -> Result<StoredArtifact, ArtifactError> {
        let artifact_id = Uuid::now_v7();
        let (redactor, media_type) = (self.redactor.clone(), artifact.media_type.clone());
        // Megabytes take longer than a task may keep its thread.
        let scanned = tokio::task::spawn_blocking(move || {
            let redacted = artifact::redacted(&redactor, &media_type, &artifact.bytes);
            redacted.unwrap_or(artifact.bytes)
        });
        let bytes = scanned
            .await
            .map_err(|error| ArtifactError::Unscanned(error.to_string()))?;
        let bytes = futures::stream::iter([Ok(bytes)]);
        let blob = self
            .store
            .blobs()
            .put(self.state.execution_id(), artifact_id, bytes)
            .await?;
        let record = ArtifactRecord {
            artifact_id,
            span_id: artifact.span_id,
            name: self.redactor.text(&artifact.name).into_owned(),
            media_type: self.redactor.text(&artifact.media_type).into_owned(),
            size_bytes: blob.size_bytes,
            sha256: blob.sha256,
            location: blob.location,
            created_ns: chrono::Utc::now().timestamp_nanos_opt().unwrap_or(i64::MAX),
        };
        self.state.submit_acked(Op::Artifact(record)).await?;
        Ok(StoredArtifact {
            artifact_id,
            size_bytes: blob.size_bytes,
            sha256: blob.sha256,
        })
    }
}

impl Drop for RunHandle {
    fn drop(&mut self) {
        self.registry.remove(self.trace_id, &self.state);
        self.state.forget();
    }
}

impl fmt::Debug for RunHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RunHandle")
            .field("execution_id", &self.state.execution_id())
            .finish_non_exhaustive()
    }
}
