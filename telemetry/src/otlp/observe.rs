//! What spans say about the execution that they belong to.

use orcheo_store::{
    ExecutionFailure, ExecutionStatus, Observation, ObservedEnd, ObservedRoot, SpanCategory,
    StatusCode, WorkflowName,
};

use super::limits::cut_text;
use super::logs::ReceivedLog;
use super::record::Received;
use crate::conventions::RANK_SERVICE;

/// What one span says. Redacted, since the record is.
pub(super) fn observation(span: &Received, service_name: Option<&str>) -> Observation {
    let record = &span.record;
    // The span of a run says so itself, also when it runs below a span of its caller.
    let is_run = span.run.external_id.is_some() && record.category == SpanCategory::Workflow;
    let is_root = is_run || record.parent_span_id.is_none();
    let workflow = span.run.workflow.clone().or_else(|| {
        service_name.map(|service| WorkflowName {
            id: service.to_owned(),
            rank: RANK_SERVICE,
        })
    });
    let on_root = |named: WorkflowName| WorkflowName {
        id: key(&named.id),
        rank: named.rank - i16::from(is_root),
    };
    Observation {
        workflow: workflow.map(on_root),
        thread_id: span.run.thread_id.as_deref().map(key),
        external_id: span.run.external_id.as_deref().map(key),
        started_ns: record.start_ns,
        root: is_root.then(|| ObservedRoot {
            span_id: record.span_id,
            start_ns: record.start_ns,
            is_run,
            inputs: record.input.clone(),
            end: record.end_ns.map(|finished_ns| end(span, finished_ns)),
        }),
    }
}

/// What a log record says: only that its trace is there.
pub(super) fn observation_of_log(log: &ReceivedLog, service_name: Option<&str>) -> Observation {
    Observation {
        workflow: service_name.map(|service| WorkflowName {
            id: key(service),
            rank: RANK_SERVICE,
        }),
        started_ns: log.record.time_ns,
        ..Observation::default()
    }
}

/// A text by which rows are found: PostgreSQL indexes no long ones, and has no NUL.
fn key(text: &str) -> String {
    const MOST_BYTES: usize = 500;
    let mut text = text.replace('\0', "\u{fffd}");
    cut_text(&mut text, MOST_BYTES);
    text
}

fn end(span: &Received, finished_ns: i64) -> ObservedEnd {
    let record = &span.record;
    let said_cancelled = span
        .run
        .status
        .as_deref()
        .is_some_and(|status| status.eq_ignore_ascii_case("cancelled"));
    let status = match record.status_code {
        _ if span.cancelled || said_cancelled => ExecutionStatus::Cancelled,
        StatusCode::Error => ExecutionStatus::Failed,
        StatusCode::Unset | StatusCode::Ok => ExecutionStatus::Succeeded,
    };
    let error = (status == ExecutionStatus::Failed).then(|| ExecutionFailure {
        code: span
            .run
            .error_code
            .clone()
            .unwrap_or_else(|| "ERROR".to_owned()),
        message: record.status_message.clone().unwrap_or_default(),
        node_id: None,
    });
    ObservedEnd {
        status,
        finished_ns,
        outputs: record.output.clone(),
        error,
    }
}
