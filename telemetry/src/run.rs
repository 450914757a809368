//! One run's way into the store: its registration by trace id, its journal records and its progress.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;
use futures::FutureExt;
use futures::future::BoxFuture;
use opentelemetry::trace::{SpanContext, TraceContextExt};
use opentelemetry::{Context, KeyValue};
use orcheo_store::{
    Ack, ArtifactRecord, Committed, ExecutionChange, ExecutionId, Op, SpanId, SpanRecord,
    StepRecord, Store, StoreError, TraceId, Write, WriteError,
};
use parking_lot::{Mutex, RwLock};
use tokio::sync::oneshot;
use tokio::time::Instant;
use uuid::Uuid;

use crate::progress::{Progress, Update};
use crate::{Redactor, attributes};

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
    /// Stored as they are.
    pub bytes: Bytes,
    pub span_id: SpanId,
}

/// An artifact that is stored and committed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredArtifact {
    pub artifact_id: Uuid,
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
}

/// The runs that are going on in this process, by trace id: what ends a span says nothing else about whose it is.
#[derive(Debug, Default)]
pub(crate) struct Registry {
    runs: RwLock<HashMap<TraceId, Arc<RunState>>>,
}

impl Registry {
    pub(crate) fn find(&self, trace_id: opentelemetry::TraceId) -> Option<Arc<RunState>> {
        self.runs.read().get(&TraceId(trace_id.to_bytes())).cloned()
    }
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
        let state = Arc::new(RunState {
            execution_id: run.execution_id,
            lease_epoch: run.lease_epoch,
            store: store.clone(),
            redactor: redactor.clone(),
            begun: AtomicBool::new(false),
            spans: Mutex::default(),
        });
        registry
            .runs
            .write()
            .insert(run.trace_id, Arc::clone(&state));
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
        let (sender, receiver) = oneshot::channel();
        if let Some(span) = self.state.spans.lock().get_mut(&span_id) {
            span.step = Some((step, sender));
        }
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
        self.store.writer().barrier(self.state.execution_id)
    }

    /// Lays attributes over those of a running span. Lossy: at most four updates a second and span reach the store, the
    /// last always does unless the span ends first, which says everything.
    ///
    /// Must be called within a Tokio runtime.
    pub fn progress(&self, span_id: SpanId, attributes: Vec<KeyValue>) {
        RunState::progress(&self.state, span_id, attributes);
    }

    /// Stores the bytes of an artifact, then commits its record.
    ///
    /// # Errors
    /// The blob store's, or why the record was refused. The bytes may be stored then, without a record.
    pub async fn artifact(&self, artifact: NewArtifact) -> Result<StoredArtifact, ArtifactError> {
        let artifact_id = Uuid::now_v7();
        let bytes = futures::stream::iter([Ok(artifact.bytes)]);
        let blob = self
            .store
            .blobs()
            .put(self.state.execution_id, artifact_id, bytes)
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
        let mut runs = self.registry.runs.write();
        // The same trace may have been registered anew: by a worker that took its own run back.
        if runs
            .get(&self.trace_id)
            .is_some_and(|state| Arc::ptr_eq(state, &self.state))
        {
            runs.remove(&self.trace_id);
        }
        drop(runs);
        self.state.spans.lock().clear();
    }
}

impl fmt::Debug for RunHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RunHandle")
            .field("execution_id", &self.state.execution_id)
            .finish_non_exhaustive()
    }
}

/// What is known of a run between the starts and ends of its spans. Bounded by the number of its running spans.
pub(crate) struct RunState {
    execution_id: ExecutionId,
    lease_epoch: Option<i64>,
    store: Store,
    redactor: Redactor,
    /// Whether the first span, the root, has been seen.
    begun: AtomicBool,
    spans: Mutex<HashMap<SpanId, OpenSpan>>,
}

/// A running span.
struct OpenSpan {
    step: Option<(StepRecord, oneshot::Sender<Ack>)>,
    progress: Progress,
}

impl RunState {
    /// The first span of a run is its root: with it, the run has begun.
    pub(crate) fn started(&self, record: SpanRecord, start: &[KeyValue]) {
        let span = OpenSpan {
            step: None,
            progress: Progress::new(start),
        };
        if !self.begun.swap(true, Ordering::Relaxed) {
            self.submit(Op::Execution(ExecutionChange::Started {
                started_ns: record.start_ns,
                root_span_id: record.span_id,
            }));
        }
        // Under the lock, so that no progress can come before the start.
        let mut spans = self.spans.lock();
        spans.insert(record.span_id, span);
        self.submit(Op::SpanStarted(Box::new(record)));
    }

    /// Called before the end's record is made: from here on the span takes no progress.
    pub(crate) fn ending(&self, span_id: SpanId) -> EndingSpan {
        EndingSpan {
            step: self
                .spans
                .lock()
                .remove(&span_id)
                .and_then(|span| span.step),
        }
    }

    pub(crate) fn ended(&self, record: SpanRecord, ending: EndingSpan) {
        let span = Box::new(record);
        match ending.step {
            None => self.submit(Op::SpanEnded { span, step: None }),
            Some((step, sender)) => {
                // Whoever asked for the record may not wait for it any more.
                let _ = sender.send(self.submit_acked(Op::SpanEnded {
                    span,
                    step: Some(step),
                }));
            }
        }
    }

    fn progress(this: &Arc<Self>, span_id: SpanId, attributes: Vec<KeyValue>) {
        let mut spans = this.spans.lock();
        let Some(span) = spans.get_mut(&span_id) else {
            return;
        };
        match span.progress.offer(attributes, Instant::now()) {
            Update::Now => this.submit_progress(span_id, &mut span.progress),
            Update::Scheduled => {}
            Update::At(due) => {
                let state = Arc::downgrade(this);
                tokio::spawn(async move {
                    tokio::time::sleep_until(due).await;
                    let Some(state) = state.upgrade() else { return };
                    // Under the lock, so that the end cannot come in between.
                    if let Some(span) = state.spans.lock().get_mut(&span_id) {
                        state.submit_progress(span_id, &mut span.progress);
                    }
                });
            }
        }
    }

    fn submit_progress(&self, span_id: SpanId, progress: &mut Progress) {
        let mut latest = progress.take(Instant::now());
        attributes::redact(&self.redactor, &mut latest);
        let usage = progress.usage(&latest);
        let attributes = attributes::to_json(&latest, |_| false);
        self.submit(Op::Progress {
            span_id,
            attributes,
            usage,
        });
    }

    fn submit(&self, op: Op) {
        self.store.writer().submit(self.write(op));
    }

    fn submit_acked(&self, op: Op) -> Ack {
        self.store.writer().submit_acked(self.write(op))
    }

    fn write(&self, op: Op) -> Write {
        Write {
            execution_id: self.execution_id,
            lease_epoch: self.lease_epoch,
            op,
        }
    }
}

impl fmt::Debug for RunState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RunState")
            .field("execution_id", &self.execution_id)
            .finish_non_exhaustive()
    }
}

/// A span whose end is being written.
#[must_use]
pub(crate) struct EndingSpan {
    step: Option<(StepRecord, oneshot::Sender<Ack>)>,
}
