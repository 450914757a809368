//! One execution from its claim to its end: where the engine meets telemetry and the store.

use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures::FutureExt as _;
use opentelemetry::Context;
use opentelemetry::propagation::TextMapPropagator as _;
use opentelemetry::trace::TraceContextExt as _;
use opentelemetry_sdk::propagation::{BaggagePropagator, TraceContextPropagator};
use orcheo_engine::{Credentials, Engine, Run, RunError, RunOutcome, RunStatus, WorkflowSource};
use orcheo_store::models::executions::{Claim, ExecutionPayload};
use orcheo_store::{
    ExecutionChange, ExecutionFailure, ExecutionId, ExecutionStatus, Op, Store, Write, WriteError,
};
use orcheo_telemetry::{Redactor, RunHandle, RunRegistration, RunTelemetry};
use serde_json::Value;

use super::journal::RunJournal;
use super::leases::Hold;

/// How an execution left this process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Left {
    /// Its final status is committed.
    Finished(ExecutionStatus),
    /// Another worker goes on with it.
    HandedBack,
    /// It is not ours any more.
    Released,
}

/// Which execution this process may write about, and by which claim.
struct Claimed {
    execution_id: ExecutionId,
    lease_epoch: i64,
}

/// Runs claimed executions.
pub(crate) struct Runner {
    pub(super) store: Store,
    pub(super) engine: Engine,
    pub(super) telemetry: Arc<RunTelemetry>,
    pub(super) redactor: Redactor,
    pub(super) workflows: Arc<dyn WorkflowSource>,
    pub(super) credentials: Arc<dyn Credentials>,
    pub(super) capture_content: bool,
}

impl Runner {
    /// Runs an execution to its end, unless its signals say otherwise.
    pub(crate) async fn run(&self, claim: Claim, hold: Hold) -> Left {
        let claimed = Claimed {
            execution_id: claim.execution.execution_id,
            lease_epoch: claim.lease_epoch,
        };
        let signals = hold.signals.clone();
        if claim.execution.cancel_requested_ns.is_some() {
            signals.cancel.cancel();
        }
        let handle = Arc::new(self.telemetry.register(RunRegistration {
            execution_id: claimed.execution_id,
            trace_id: claim.execution.trace_id,
            lease_epoch: Some(claimed.lease_epoch),
        }));
        let outcome = {
            let run = self.begin(claim, &handle, &hold);
            let run = AssertUnwindSafe(run).catch_unwind();
            // Outlives the choice: what is not chosen would be dropped before the branch runs.
            tokio::pin!(run);
            tokio::select! {
                biased;
                outcome = &mut run => Some(outcome),
                // Before the run is dropped, which is at the end of this block: the ends of its spans are no part of what
                // it did.
                () = signals.release.cancelled() => {
                    drop(handle);
                    return Left::Released;
                }
                () = signals.hand_back.cancelled() => {
                    drop(handle);
                    None
                }
            }
        };
        let Some(outcome) = outcome else {
            return match self.write(&claimed, ExecutionChange::HandedBack).await {
                true => Left::HandedBack,
                false => Left::Released,
            };
        };
        let outcome =
            outcome.unwrap_or_else(|_| failed("INTERNAL", "the engine failed; its log says why"));
        let status = match outcome.status {
            RunStatus::Succeeded => ExecutionStatus::Succeeded,
            RunStatus::Failed => ExecutionStatus::Failed,
            RunStatus::Cancelled => ExecutionStatus::Cancelled,
        };
        let finished = self.finished(status, outcome);
        match self.write(&claimed, finished).await {
            true => Left::Finished(status),
            false => Left::Released,
        }
    }

    /// Commits a change of a claimed execution; false when it is not ours any more.
    async fn write(&self, claimed: &Claimed, change: ExecutionChange) -> bool {
        let written = self.store.writer().submit_acked(Write {
            execution_id: claimed.execution_id,
            lease_epoch: Some(claimed.lease_epoch),
            op: Op::Execution(change),
        });
        match written.await {
            Ok(_) => true,
            Err(WriteError::LeaseLost { .. } | WriteError::UnknownExecution { .. }) => false,
            Err(error) => {
                tracing::error!(%error, "an execution's end was not stored");
                false
            }
        }
    }

    /// The run itself; keeps no hold of `handle`.
    fn begin(
        &self,
        claim: Claim,
        handle: &Arc<RunHandle>,
        hold: &Hold,
    ) -> impl Future<Output = RunOutcome> + use<'_> {
        let Claim {
            execution, payload, ..
        } = claim;
        let caller = caller(&payload);
        let caller_span = caller.span().span_context().clone();
        let joined = caller_span.trace_id().to_bytes() == execution.trace_id.0;
        let links = if caller_span.is_valid() && !joined {
            vec![caller_span]
        } else {
            Vec::new()
        };
        let parent = handle.context(&caller);
        let journal = Arc::new(RunJournal::new(
            handle,
            self.store.clone(),
            execution.execution_id,
        ));
        let cancel = hold.signals.cancel.clone();
        async move {
            let workflow_id = execution.workflow_id.as_deref().unwrap_or_default();
            let workflow = match self
                .workflows
                .load(workflow_id, execution.workflow_version)
                .await
            {
                Ok(workflow) => workflow,
                Err(error) => {
                    return failed(
                        "WORKFLOW_UNAVAILABLE",
                        &format!("workflow `{workflow_id}`: {error}"),
                    );
                }
            };
            let told = self.capture_content && workflow.capture_content;
            let outcome = self
                .engine
                .run(Run {
                    execution_id: execution.execution_id.0,
                    workflow,
                    workflow_version: execution.workflow_version,
                    inputs: json(&payload.inputs.0),
                    config: payload.config.map_or(Value::Null, |config| json(&config.0)),
                    thread_id: execution.thread_id,
                    parent,
                    links,
                    journal: Arc::clone(&journal) as _,
                    artifacts: journal,
                    workflows: Arc::clone(&self.workflows),
                    credentials: Arc::clone(&self.credentials),
                    cancel,
                    max_concurrency: None,
                })
                .await;
            match told {
                true => outcome,
                false => RunOutcome {
                    outputs: Value::Null,
                    ..outcome
                },
            }
        }
    }

    /// The end of a run as readers see it: redacted.
    fn finished(&self, status: ExecutionStatus, outcome: RunOutcome) -> ExecutionChange {
        let mut outputs = outcome.outputs;
        self.redactor.json(&mut outputs);
        ExecutionChange::Finished {
            status,
            finished_ns: chrono::Utc::now().timestamp_nanos_opt().unwrap_or(i64::MAX),
            outputs: (!outputs.is_null()).then(|| outputs.to_string()),
            error: outcome.error.map(|error| ExecutionFailure {
                code: error.code,
                message: self.redactor.text(&error.message).into_owned(),
                node_id: error.node_id,
            }),
        }
    }
}

/// The caller's span and baggage, from the headers that came with the start.
fn caller(payload: &ExecutionPayload) -> Context {
    let headers = [
        ("traceparent", &payload.traceparent),
        ("tracestate", &payload.tracestate),
        ("baggage", &payload.baggage),
    ];
    let headers: HashMap<String, String> = headers
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value.clone()?)))
        .collect();
    let caller = TraceContextPropagator::new().extract_with_context(&Context::new(), &headers);
    BaggagePropagator::new().extract_with_context(&caller, &headers)
}

/// Text that the database has checked to be JSON.
fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_default()
}

/// The end of a run that could not even begin.
fn failed(code: &str, message: &str) -> RunOutcome {
    RunOutcome {
        status: RunStatus::Failed,
        outputs: Value::Null,
        error: Some(RunError {
            code: code.to_owned(),
            message: message.to_owned(),
            node_id: None,
        }),
        root_span_id: opentelemetry::SpanId::INVALID,
    }
}
