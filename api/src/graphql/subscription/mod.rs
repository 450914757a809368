//! Subscriptions: feeds that are replayed from a cursor and followed live, evaluated once for all who ask for the same.

mod execution_updates;
mod executions;
mod live;
mod log;
mod position;
mod results;
mod root;
mod selection;
mod serve;
mod span_completed;
mod stage;
mod tail;
mod trace;
mod trace_updates;

pub use self::{
    execution_updates::{ExecutionUpdate, ExecutionUpdateKind},
    root::Subscription,
    span_completed::SpanCompletion,
    tail::LiveSettings,
    trace_updates::TraceUpdate,
};
pub(crate) use self::{
    live::{Live, Segment},
    results::{Encoded, ResultKey},
    serve::{Feeds, subscribe},
    stage::{Stage, TraceArguments},
    trace::TraceSegment,
};
