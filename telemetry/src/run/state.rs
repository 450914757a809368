//! What is known of a run while it goes on, and how it is found by its trace id.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use opentelemetry::KeyValue;
use orcheo_store::{
    Ack, ExecutionChange, ExecutionId, Op, SpanId, SpanRecord, StepRecord, Store, TraceId, Write,
};
use parking_lot::{Mutex, RwLock};
use tokio::sync::oneshot;
use tokio::time::Instant;

use crate::progress::{Progress, Update};
use crate::{Redactor, attributes};

/// The runs that are going on in this process, by trace id: what ends a span says nothing else about whose it is.
#[derive(Debug, Default)]
pub(crate) struct Registry {
    runs: RwLock<HashMap<TraceId, Arc<RunState>>>,
}

impl Registry {
    pub(crate) fn find(&self, trace_id: opentelemetry::TraceId) -> Option<Arc<RunState>> {
        self.runs.read().get(&TraceId(trace_id.to_bytes())).cloned()
    }

    pub(super) fn insert(&self, trace_id: TraceId, run: Arc<RunState>) {
        self.runs.write().insert(trace_id, run);
    }

    /// Removes `run`, unless the same trace was registered anew: by a worker that took its own run back.
    pub(super) fn remove(&self, trace_id: TraceId, run: &Arc<RunState>) {
        let mut runs = self.runs.write();
        if runs
            .get(&trace_id)
            .is_some_and(|registered| Arc::ptr_eq(registered, run))
        {
            runs.remove(&trace_id);
        }
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
    pub(super) fn new(
        execution_id: ExecutionId,
        lease_epoch: Option<i64>,
        store: Store,
        redactor: Redactor,
    ) -> Self {
        Self {
            execution_id,
            lease_epoch,
            store,
            redactor,
            begun: AtomicBool::new(false),
            spans: Mutex::default(),
        }
    }

    pub(super) fn execution_id(&self) -> ExecutionId {
        self.execution_id
    }

    /// The first span of a run is its root: with it, the run has begun.
    pub(crate) fn started(&self, record: SpanRecord, start: &[KeyValue]) {
        let span = OpenSpan {
            step: None,
            progress: Progress::new(record.start_ns, start),
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

    /// Holds a step until its span ends; the receiver then gets the acknowledgement of both, or an error if that never comes.
    pub(super) fn hold(&self, step: StepRecord) -> oneshot::Receiver<Ack> {
        let (sender, receiver) = oneshot::channel();
        if let Some(span) = self.spans.lock().get_mut(&step.span_id) {
            span.step = Some((step, sender));
        }
        receiver
    }

    /// Ends the waiting of those whose spans will not end in this run any more.
    pub(super) fn forget(&self) {
        self.spans.lock().clear();
    }

    pub(super) fn progress(self: &Arc<Self>, span_id: SpanId, attributes: Vec<KeyValue>) {
        let mut spans = self.spans.lock();
        let Some(span) = spans.get_mut(&span_id) else {
            return;
        };
        match span.progress.offer(attributes, Instant::now()) {
            Update::Now => self.submit_progress(span_id, &mut span.progress),
            Update::Scheduled => {}
            Update::At(due) => {
                let state = Arc::downgrade(self);
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
        let (usage, first_token_ns) = progress.told(&latest);
        let attributes = attributes::to_json(&latest, |_| false);
        self.submit(Op::Progress {
            span_id,
            attributes,
            usage,
            first_token_ns,
        });
    }

    fn submit(&self, op: Op) {
        self.store.writer().submit(self.write(op));
    }

    pub(super) fn submit_acked(&self, op: Op) -> Ack {
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
