//! What is written: plain data, JSON already serialised, already redacted (but for [`StepRecord`]).

use std::sync::Arc;

use uuid::Uuid;

use crate::{
    ExecutionStatus, SpanCategory, SpanId, SpanKind, StatusCode, TraceId, models::spans::TokenUsage,
};

/// One state of a span: at its start (`end_ns` is `None`) or at its end.
///
/// A record is complete: the one of the end does not build on the one of the start.
#[derive(Debug, Clone, PartialEq)]
pub struct SpanRecord {
    pub trace_id: TraceId,
    pub span_id: SpanId,
    pub parent_span_id: Option<SpanId>,
    pub name: String,
    pub kind: SpanKind,
    pub category: SpanCategory,
    pub status_code: StatusCode,
    pub status_message: Option<String>,
    /// Workflow node that the span is about, its type, and the name to show.
    pub node_id: Option<String>,
    pub node_type: Option<String>,
    pub display_name: Option<String>,
    /// Counts from 1.
    pub attempt: Option<i32>,
    /// Counts from 0.
    pub iteration: Option<i32>,
    /// Nanoseconds since the Unix epoch.
    pub start_ns: i64,
    /// Nanoseconds since the Unix epoch; `None` while the span runs.
    pub end_ns: Option<i64>,
    /// When the first token of a model's answer came: nanoseconds since the Unix epoch.
    pub first_token_ns: Option<i64>,
    pub trace_state: Option<String>,
    /// OTLP span flags; the low byte holds the W3C trace flags.
    pub flags: u32,
    pub dropped_attributes: u32,
    pub dropped_events: u32,
    pub dropped_links: u32,
    /// A JSON object.
    pub attributes: String,
    /// A JSON array, or `None` when empty.
    pub events: Option<String>,
    /// A JSON array, or `None` when empty.
    pub links: Option<String>,
    /// A JSON value.
    pub input: Option<String>,
    /// A JSON value.
    pub output: Option<String>,
    /// The OpenTelemetry resource as a JSON object; shared by many spans.
    pub resource: Option<Arc<str>>,
    /// The instrumentation scope as a JSON object; shared by many spans.
    pub scope: Option<Arc<str>>,
    pub usage: Option<UsageRecord>,
}

impl SpanRecord {
    /// Whether both tell of the same span, which may be sent more than once: another with its id has other times or another
    /// kind.
    pub(crate) fn is_again(&self, other: &Self) -> bool {
        (self.start_ns, self.end_ns, self.kind) == (other.start_ns, other.end_ns, other.kind)
    }

    /// The bytes of its texts.
    pub(crate) fn size_bytes(&self) -> usize {
        let optional = [
            &self.events,
            &self.links,
            &self.input,
            &self.output,
            &self.status_message,
        ];
        let optional: usize = optional.into_iter().flatten().map(String::len).sum();
        self.name.len() + self.attributes.len() + optional
    }
}

/// Token usage as one span reports it: input includes cached tokens, output includes reasoning.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct UsageRecord {
    pub provider: Option<String>,
    pub model: Option<String>,
    pub input: i64,
    pub output: i64,
    pub cache_read: i64,
    pub cache_write: i64,
    pub reasoning: i64,
    pub cost_usd: Option<f64>,
    /// False when the span repeats what its children report.
    pub counted: bool,
}

impl UsageRecord {
    /// No call uses more tokens; what claims to would overflow the sums.
    pub(crate) const MAX_TOKENS: i64 = 1_000_000_000_000;

    /// What of it is stored: within bounds.
    pub(crate) fn bounded(&self) -> TokenUsage {
        let within = |count: i64| count.clamp(0, Self::MAX_TOKENS);
        let (input, output) = (within(self.input), within(self.output));
        let cost_usd = self.cost_usd.filter(|cost| cost.is_finite());
        TokenUsage {
            input,
            output,
            cache_read: within(self.cache_read),
            cache_write: within(self.cache_write),
            reasoning: within(self.reasoning),
            cost_usd,
            unpriced: cost_usd.map_or(input + output, |_| 0),
        }
    }
}

/// The journal record of a finished step: raw values, private, deleted when the run is final.
#[derive(Debug, Clone, PartialEq)]
pub struct StepRecord {
    /// The node, through the nodes that contain it.
    pub node_path: String,
    /// Visit of the node in a loop, from 0.
    pub iteration: i32,
    pub span_id: SpanId,
    /// What the node returned, as JSON text.
    pub result: String,
}

/// A log record that belongs to a span, also after its end.
#[derive(Debug, Clone, PartialEq)]
pub struct SpanLogRecord {
    pub span_id: SpanId,
    /// Nanoseconds since the Unix epoch.
    pub time_ns: i64,
    /// OTLP severity number, 0 when unknown.
    pub severity: i16,
    pub name: Option<String>,
    /// A JSON value.
    pub body: Option<String>,
    /// A JSON object.
    pub attributes: String,
    /// What it adds to the span's input, should the span have none itself: a JSON array.
    pub input: Option<String>,
    /// What it adds to the span's output, should the span have none itself: a JSON array.
    pub output: Option<String>,
}

/// An artifact whose bytes are in the blob store already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArtifactRecord {
    /// UUIDv7.
    pub artifact_id: Uuid,
    pub span_id: SpanId,
    pub name: String,
    pub media_type: String,
    pub size_bytes: i64,
    pub sha256: [u8; 32],
    /// Path within the blob store, as [`crate::blobs::StoredBlob`] tells it.
    pub location: String,
    /// Nanoseconds since the Unix epoch.
    pub created_ns: i64,
}

/// Why a run failed. The message is redacted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExecutionFailure {
    pub code: String,
    pub message: String,
    pub node_id: Option<String>,
}

/// What a span of another engine's trace calls its workflow, thread or run. Of several, the least in this order counts, so that
/// it does not matter which comes first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Naming {
    /// How well the span knows it: 0 is best.
    pub rank: i16,
    /// Start of the span, in nanoseconds since the Unix epoch.
    pub since_ns: i64,
    /// Redacted.
    pub text: String,
}

impl Naming {
    /// The rank where there is none.
    pub const NONE: i16 = i16::MAX;

    /// The one of two that counts.
    fn better(a: Option<Self>, b: Option<Self>) -> Option<Self> {
        match (a, b) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        }
    }
}

/// What some spans of another engine's trace say about their execution. What several of them say adds up, whatever their
/// order. Texts are redacted.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Observation {
    pub workflow_id: Option<Naming>,
    pub thread_id: Option<Naming>,
    pub external_id: Option<Naming>,
    /// Earliest start, in nanoseconds since the Unix epoch.
    pub started_ns: i64,
    pub root: Option<ObservedRoot>,
}

/// The root span of another engine's trace: it has no parent, or says that it is the run.
#[derive(Debug, Clone, PartialEq)]
pub struct ObservedRoot {
    pub span_id: SpanId,
    /// Nanoseconds since the Unix epoch.
    pub start_ns: i64,
    /// It says that it is the run: then it is, whatever spans of the run's caller are there as well.
    pub is_run: bool,
    /// JSON text.
    pub inputs: Option<String>,
    /// `None` while it runs.
    pub end: Option<ObservedEnd>,
}

/// How the root span ended, and so the execution.
#[derive(Debug, Clone, PartialEq)]
pub struct ObservedEnd {
    /// A final one.
    pub status: ExecutionStatus,
    /// Nanoseconds since the Unix epoch.
    pub finished_ns: i64,
    /// JSON text.
    pub outputs: Option<String>,
    pub error: Option<ExecutionFailure>,
}

impl Observation {
    /// Adds what other spans of the same trace say.
    pub fn add(&mut self, other: Self) {
        self.started_ns = self.started_ns.min(other.started_ns);
        self.workflow_id = Naming::better(self.workflow_id.take(), other.workflow_id);
        self.thread_id = Naming::better(self.thread_id.take(), other.thread_id);
        self.external_id = Naming::better(self.external_id.take(), other.external_id);
        // Of several roots the one that says so is the run's, else the first to start; of its two states the end says more.
        let order = |root: &ObservedRoot| {
            (
                !root.is_run,
                root.start_ns,
                root.span_id,
                root.end.is_none(),
            )
        };
        self.root = match (self.root.take(), other.root) {
            (Some(a), Some(b)) => Some(if order(&b) < order(&a) { b } else { a }),
            (a, b) => a.or(b),
        };
    }

    /// About the bytes of its texts.
    pub(crate) fn size_bytes(&self) -> usize {
        let namings = [&self.workflow_id, &self.thread_id, &self.external_id];
        let texts: usize = namings
            .into_iter()
            .flatten()
            .map(|naming| naming.text.len())
            .sum();
        let root = self.root.as_ref().map_or(0, |root| {
            let outputs = root.end.as_ref().and_then(|end| end.outputs.as_ref());
            [root.inputs.as_ref(), outputs]
                .into_iter()
                .flatten()
                .map(String::len)
                .sum()
        });
        texts + root
    }
}
