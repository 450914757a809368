//! What spans say about the execution that they belong to.

use orcheo_store::{
    ExecutionFailure, ExecutionStatus, Naming, Observation, ObservedEnd, ObservedRoot,
    SpanCategory, StatusCode,
};

use super::limits::cut_text;
use super::logs::ReceivedLog;
use super::record::Received;
use crate::conventions::RANK_SERVICE;

/// The rank of a thread or an external id on a span that is neither the run's nor the root.
const RANK_ANY: i16 = 2;

/// What one span says. Redacted, since the record is.
pub(super) fn observation(span: &Received, service_name: Option<&str>) -> Observation {
    let record = &span.record;
    // The span of a run says so itself, also when it runs below a span of its caller.
    let is_run = span.run.external_id.is_some() && record.category == SpanCategory::Workflow;
    let is_root = is_run || record.parent_span_id.is_none();
    let run = &span.run;
    let named = run
        .workflow_id
        .as_ref()
        .map(|(id, rank)| (id.as_str(), *rank));
    let named = named.or_else(|| service_name.map(|service| (service, RANK_SERVICE)));
    let naming = |text: &str, rank: i16| Naming {
        rank: rank - i16::from(is_root),
        since_ns: record.start_ns,
        text: key(text),
    };
    let rank = RANK_ANY - i16::from(is_run);
    let of_any = |text: &Option<String>| text.as_deref().map(|text| naming(text, rank));
    Observation {
        workflow_id: named.map(|(id, rank)| naming(id, rank)),
        thread_id: of_any(&run.thread_id),
        external_id: of_any(&run.external_id),
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
        workflow_id: service_name.map(|service| Naming {
            rank: RANK_SERVICE,
            since_ns: log.record.time_ns,
            text: key(service),
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

/// How Python's libraries begin what they append to a message.
const TRACEBACK: &str = "Traceback (most recent call last)";

/// Why it failed: by its status, else by the exception that it recorded.
fn failure(span: &Received) -> ExecutionFailure {
    let exception = span.exception.as_ref();
    let status = span.record.status_message.as_deref();
    let thrown = exception.and_then(|exception| exception.message.as_deref());
    let message = match (status, thrown) {
        (Some(status), Some(thrown)) if status.contains(TRACEBACK) => thrown,
        (Some(status), _) => status,
        (None, thrown) => thrown.unwrap_or_default(),
    };
    let code = span.run.error_code.as_deref();
    let code = code.or_else(|| exception.and_then(|exception| exception.kind.as_deref()));
    ExecutionFailure {
        code: code.unwrap_or("ERROR").to_owned(),
        message: message.to_owned(),
        node_id: span.record.node_id.clone(),
    }
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
    let error = (status == ExecutionStatus::Failed).then(|| failure(span));
    ObservedEnd {
        status,
        finished_ns,
        outputs: record.output.clone(),
        error,
    }
}
