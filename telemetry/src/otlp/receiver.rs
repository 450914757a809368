//! The receiver: from the body of a request to the commit.

use std::collections::HashMap;
use std::sync::Arc;

use bytes::Bytes;
use orcheo_store::models::executions::{Execution, ForeignTrace};
use orcheo_store::{
    ExecutionChange, ExecutionId, Observation, Op, Store, StoreError, TraceId, Write, WriteError,
};
use parking_lot::Mutex;
use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout, timeout_at};

use super::decode::{Decoder, Rejections, Trace};
use super::envelope::{Encoding, Malformed};
use super::limits::OtlpLimits;
use crate::{Prices, Redactor};

/// Executions whose ids are remembered. Forgotten all at once when full.
const MOST_REMEMBERED: usize = 100_000;

/// What became of a request that was taken in.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Accepted {
    /// Spans or log records that will never be stored.
    pub rejected: u64,
    /// Why, each reason with how often it was met; empty when none was rejected.
    pub reasons: String,
}

/// Why nothing of a request was taken in.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// Never to be sent again.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// More is sent than is written: to be sent again a little later.
    #[error("more is sent than the database takes")]
    Behind,
    /// The database is away, or the program is stopping: to be sent again. Some of it may be stored by then, which does no
    /// harm.
    #[error("the trace store is not available: {0}")]
    Unavailable(String),
}

/// Takes in what other programs send by OTLP. Cheap to clone.
#[derive(Debug, Clone)]
pub struct OtlpReceiver {
    parts: Arc<Parts>,
}

#[derive(Debug)]
struct Parts {
    store: Store,
    redactor: Redactor,
    prices: Prices,
    limits: OtlpLimits,
    permits: Semaphore,
    executions: Mutex<HashMap<TraceId, ExecutionId>>,
}

impl OtlpReceiver {
    pub fn new(store: Store, redactor: Redactor, prices: Prices, limits: OtlpLimits) -> Self {
        Self {
            parts: Arc::new(Parts {
                store,
                redactor,
                prices,
                limits,
                permits: Semaphore::new(limits.requests),
                executions: Mutex::default(),
            }),
        }
    }

    /// Limits of the bodies that whoever reads them has to keep.
    #[must_use]
    pub fn limits(&self) -> &OtlpLimits {
        &self.parts.limits
    }

    /// Takes in the body of an `ExportTraceServiceRequest`; returns after the commit.
    ///
    /// # Errors
    /// When nothing is taken in.
    pub async fn traces(&self, encoding: Encoding, body: Bytes) -> Result<Accepted, Refused> {
        self.take_in(body, move |decoder, body| decoder.traces(encoding, body))
            .await
    }

    /// Takes in the body of an `ExportLogsServiceRequest`; returns after the commit. What belongs to no span is not kept.
    ///
    /// # Errors
    /// When nothing is taken in.
    pub async fn logs(&self, encoding: Encoding, body: Bytes) -> Result<Accepted, Refused> {
        self.take_in(body, move |decoder, body| decoder.logs(encoding, body))
            .await
    }

    async fn take_in(
        &self,
        body: Bytes,
        decode: impl FnOnce(&mut Decoder<'_>, Bytes) -> Result<(), Malformed> + Send + 'static,
    ) -> Result<Accepted, Refused> {
        let deadline = Instant::now() + self.parts.limits.patience;
        // What is left of the time is for the commit.
        let waited = timeout(self.parts.limits.patience / 4, async {
            let permit = self.parts.permits.acquire().await;
            self.parts.store.writer().ready().await;
            permit
        });
        let _permit = waited.await.map_err(|_| Refused::Behind)?;
        let parts = Arc::clone(&self.parts);
        // Decoding and redacting a large request takes longer than a task may keep its thread.
        let decoded = tokio::task::spawn_blocking(move || {
            let mut decoder = Decoder::new(&parts.redactor, &parts.prices, &parts.limits);
            decode(&mut decoder, body)?;
            Ok::<_, Malformed>(decoder.finish())
        });
        let (traces, rejections) = decoded
            .await
            .map_err(|error| Refused::Unavailable(error.to_string()))??;
        let rejections = match timeout_at(deadline, self.parts.write(traces, rejections)).await {
            Ok(written) => written?,
            Err(_) => return Err(Refused::Unavailable("it takes too long".to_owned())),
        };
        Ok(rejections.into_accepted())
    }
}

impl Parts {
    async fn write(
        &self,
        traces: HashMap<TraceId, Trace>,
        mut rejections: Rejections,
    ) -> Result<Rejections, Refused> {
        let executions = self.executions(&traces).await?;
        let mut writes = Vec::new();
        for (trace_id, trace) in traces {
            if let Some(execution_id) = executions.get(&trace_id) {
                writes.extend(self::writes(*execution_id, trace));
            }
        }
        for error in self.store.writer().submit_all(writes).await {
            match error {
                WriteError::Refused { sqlstate, .. } => {
                    rejections.add(format!("PostgreSQL refuses its data ({sqlstate})"));
                }
                WriteError::Taken { .. } => {
                    rejections.add("another span of the trace has its span_id".to_owned());
                }
                WriteError::UnknownExecution { execution_id }
                | WriteError::LeaseLost { execution_id } => {
                    self.executions
                        .lock()
                        .retain(|_, known| *known != execution_id);
                    return Err(Refused::Unavailable(
                        "the execution was just deleted".to_owned(),
                    ));
                }
                error @ WriteError::ShutDown => {
                    return Err(Refused::Unavailable(error.to_string()));
                }
            }
        }
        Ok(rejections)
    }

    /// The executions of these traces; those that are new are made.
    async fn executions(
        &self,
        traces: &HashMap<TraceId, Trace>,
    ) -> Result<HashMap<TraceId, ExecutionId>, Refused> {
        let (mut known, unknown) = {
            let remembered = self.executions.lock();
            let mut known = HashMap::with_capacity(traces.len());
            let mut unknown = Vec::new();
            for (trace_id, trace) in traces {
                match remembered.get(trace_id) {
                    Some(execution_id) => {
                        known.insert(*trace_id, *execution_id);
                    }
                    None => unknown.push((trace.begins, foreign(*trace_id, &trace.observation))),
                }
            }
            (known, unknown)
        };
        if unknown.is_empty() {
            return Ok(known);
        }
        let (begun, mentioned): (Vec<_>, Vec<_>) =
            unknown.into_iter().partition(|(begins, _)| *begins);
        let begun: Vec<ForeignTrace> = begun.into_iter().map(|(_, trace)| trace).collect();
        let mentioned: Vec<TraceId> = mentioned
            .into_iter()
            .map(|(_, trace)| trace.trace_id)
            .collect();
        let adopted = async {
            let mut connection = self.store.write().await?;
            let workspace = self.store.workspace();
            let mut adopted = Execution::adopt(&mut connection, workspace, &begun).await?;
            adopted.extend(Execution::ids_of_traces(&mut connection, workspace, &mentioned).await?);
            Ok::<_, StoreError>(adopted)
        };
        let adopted = adopted.await.map_err(|error| {
            tracing::warn!(%error, "could not make executions for received traces");
            Refused::Unavailable("it does not answer".to_owned())
        })?;
        let mut remembered = self.executions.lock();
        if remembered.len() + adopted.len() > MOST_REMEMBERED {
            remembered.clear();
        }
        remembered.extend(
            adopted
                .iter()
                .map(|(trace, execution)| (*trace, *execution)),
        );
        known.extend(adopted);
        Ok(known)
    }
}

/// What a trace says of its execution first: whoever looks at a span then finds its run.
fn writes(execution_id: ExecutionId, trace: Trace) -> impl Iterator<Item = Write> {
    let observed = ExecutionChange::Observed(Box::new(trace.observation));
    let logs = trace.logs.into_iter().map(Op::SpanLog);
    let spans = trace.spans.into_iter().map(|received| {
        let span = Box::new(received.record);
        match span.end_ns {
            Some(_) => Op::SpanEnded { span, step: None },
            None => Op::SpanStarted(span),
        }
    });
    let ops = std::iter::once(Op::Execution(observed))
        .chain(logs)
        .chain(spans);
    ops.map(move |op| Write {
        execution_id,
        lease_epoch: None,
        op,
    })
}

fn foreign(trace_id: TraceId, observation: &Observation) -> ForeignTrace {
    ForeignTrace {
        trace_id,
        workflow_id: observation.workflow_id.clone(),
        thread_id: observation.thread_id.clone(),
        external_id: observation.external_id.clone(),
        started_ns: observation.started_ns,
    }
}
