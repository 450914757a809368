//! The group-commit writer.

mod bulk;
mod execution;
mod faults;
mod order;
mod spans;

use orcheo_store::{ExecutionChange, ExecutionStatus, Op, SpanRecord, StepRecord};

pub(crate) fn started(span: SpanRecord) -> Op {
    Op::SpanStarted(Box::new(span))
}

pub(crate) fn ended(span: SpanRecord) -> Op {
    Op::SpanEnded {
        span: Box::new(span),
        step: None,
    }
}

pub(crate) fn step(path: &str, span: &SpanRecord) -> StepRecord {
    StepRecord {
        node_path: path.to_owned(),
        iteration: 0,
        span_id: span.span_id,
        result: r#"{"secret":"raw"}"#.to_owned(),
    }
}

pub(crate) fn finished(status: ExecutionStatus) -> Op {
    Op::Execution(ExecutionChange::Finished {
        status,
        finished_ns: 99,
        outputs: None,
        error: None,
    })
}
