//! Records with everything filled in that a test does not care about.

use crate::{
    ExecutionId, JsonText, SpanCategory, SpanId, SpanKind, SpanRecord, StatusCode, Store, TraceId,
    UsageRecord,
    models::executions::{Claim, Claimable, Execution, NewExecution},
};

/// A run that a worker has claimed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewRun {
    pub execution_id: ExecutionId,
    pub trace_id: TraceId,
    pub lease_epoch: i64,
}

/// An execution of the workflow `flow`, with nothing but what is needed.
#[must_use]
pub fn new_execution() -> NewExecution {
    NewExecution {
        workflow_id: "flow".to_owned(),
        workflow_version: 1,
        trace_id: None,
        thread_id: None,
        external_id: None,
        inputs: JsonText("{}".to_owned()),
        private_inputs: JsonText("{}".to_owned()),
        config: None,
        traceparent: None,
        tracestate: None,
        baggage: None,
    }
}

impl NewRun {
    /// Enqueues an execution and claims it as the worker `test`, for an hour.
    ///
    /// # Panics
    /// When the store fails.
    pub async fn claimed(store: &Store) -> Self {
        let claim = async {
            let mut connection = store.write().await?;
            let queued =
                Execution::enqueue(&mut connection, store.workspace(), new_execution()).await?;
            let hour = std::time::Duration::from_secs(3600);
            let claims = Execution::claim(
                &mut connection,
                store.workspace(),
                "test",
                hour,
                Claimable::Queued,
                i64::MAX,
            )
            .await?;
            let mine = claims
                .into_iter()
                .find(|claim| claim.execution.execution_id == queued.execution_id);
            anyhow::Context::context(mine, "another test claimed the execution")
        };
        let Claim {
            execution,
            lease_epoch,
            ..
        } = claim
            .await
            .unwrap_or_else(|error| panic!("no run: {error:#}"));
        Self {
            execution_id: execution.execution_id,
            trace_id: execution.trace_id,
            lease_epoch,
        }
    }

    /// Something to write about it.
    #[must_use]
    pub fn write(&self, op: crate::Op) -> crate::Write {
        crate::Write {
            execution_id: self.execution_id,
            lease_epoch: Some(self.lease_epoch),
            op,
        }
    }
}

/// A running span whose id, name and start (in microseconds) are the number.
#[must_use]
pub fn span(number: u32) -> SpanRecord {
    let mut span_id = [0; 8];
    span_id[4..].copy_from_slice(&number.to_be_bytes());
    SpanRecord {
        trace_id: TraceId([1; 16]),
        span_id: SpanId(span_id),
        parent_span_id: None,
        name: format!("span {number}"),
        kind: SpanKind::Internal,
        category: SpanCategory::Node,
        status_code: StatusCode::Unset,
        status_message: None,
        node_id: None,
        node_type: None,
        display_name: None,
        attempt: None,
        iteration: None,
        start_ns: i64::from(number) * 1_000,
        end_ns: None,
        first_token_ns: None,
        trace_state: None,
        flags: 1,
        dropped_attributes: 0,
        dropped_events: 0,
        dropped_links: 0,
        attributes: "{}".to_owned(),
        events: None,
        links: None,
        input: None,
        output: None,
        resource: None,
        scope: None,
        usage: None,
    }
}

/// The same span at its end, a millisecond after its start.
#[must_use]
pub fn ended(number: u32) -> SpanRecord {
    let running = span(number);
    SpanRecord {
        end_ns: Some(running.start_ns + 1_000_000),
        status_code: StatusCode::Ok,
        ..running
    }
}

/// Usage of a model call that counts.
#[must_use]
pub fn usage(input: i64, output: i64) -> UsageRecord {
    UsageRecord {
        provider: Some("offline".to_owned()),
        model: Some("offline:echo".to_owned()),
        input,
        output,
        cache_read: 0,
        cache_write: 0,
        reasoning: 0,
        cost_usd: None,
        counted: true,
    }
}
