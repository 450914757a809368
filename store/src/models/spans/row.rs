//! The row of a span, and which parts of it a read wants.

use diesel::{
    Queryable,
    sql_types::{BigInt, Bool, Bytea, Double, Integer, Json, Nullable, SmallInt, Text, Uuid},
};

use crate::{
    ExecutionId, JsonText, Revision, SpanCategory, SpanId, SpanKind, SpanState, StatusCode,
    TraceId, UsageRecord,
};

/// Identifies a span.
pub type SpanKey = (ExecutionId, SpanId);

/// The parts of a span that are worth leaving out of a read: they are most of its bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct SpanParts {
    /// `attributes`.
    pub attributes: bool,
    /// `input` and `output`.
    pub payload: bool,
    /// `events` (with the log records of the span) and `links`.
    pub events: bool,
    /// `usage`.
    pub usage: bool,
    /// `moments`.
    pub moments: bool,
}

impl SpanParts {
    /// Nothing but what every read has.
    pub const NONE: Self = Self {
        attributes: false,
        payload: false,
        events: false,
        usage: false,
        moments: false,
    };
    pub const ATTRIBUTES: Self = Self {
        attributes: true,
        ..Self::NONE
    };
    pub const PAYLOAD: Self = Self {
        payload: true,
        ..Self::NONE
    };
    pub const EVENTS: Self = Self {
        events: true,
        ..Self::NONE
    };
    pub const USAGE: Self = Self {
        usage: true,
        ..Self::NONE
    };
    pub const MOMENTS: Self = Self {
        moments: true,
        ..Self::NONE
    };
    /// Everything but `moments`, which `events` tell.
    pub const ALL: Self = Self {
        attributes: true,
        payload: true,
        events: true,
        usage: true,
        moments: false,
    };

    /// True when `self` has all that `other` asks for.
    #[must_use]
    pub fn covers(self, other: Self) -> bool {
        (self.attributes || !other.attributes)
            && (self.payload || !other.payload)
            && (self.events || !other.events)
            && (self.usage || !other.usage)
            && (self.moments || !other.moments)
    }

    /// What either asks for.
    #[must_use]
    pub fn union(self, other: Self) -> Self {
        Self {
            attributes: self.attributes || other.attributes,
            payload: self.payload || other.payload,
            events: self.events || other.events,
            usage: self.usage || other.usage,
            moments: self.moments || other.moments,
        }
    }
}

/// A span in its latest state.
#[derive(Debug, Clone)]
pub struct Span {
    pub execution_id: ExecutionId,
    pub span_id: SpanId,
    pub trace_id: TraceId,
    pub parent_span_id: Option<SpanId>,
    /// Revision of the commit that wrote this state.
    pub revision: Revision,
    /// Nanoseconds since the Unix epoch.
    pub start_ns: i64,
    /// Nanoseconds since the Unix epoch; `None` while the span runs, and when nobody saw its end.
    pub end_ns: Option<i64>,
    /// When the first token of a model's answer came: nanoseconds since the Unix epoch.
    pub first_token_ns: Option<i64>,
    pub state: SpanState,
    pub kind: SpanKind,
    pub category: SpanCategory,
    pub status_code: StatusCode,
    pub status_message: Option<String>,
    pub name: String,
    pub node_id: Option<String>,
    pub node_type: Option<String>,
    /// `None` when it is the name.
    pub display_name: Option<String>,
    /// Counts from 1.
    pub attempt: Option<i32>,
    /// Counts from 1.
    pub iteration: Option<i32>,
    /// The parts that were read; the others are `None` below, whatever the database holds.
    pub parts: SpanParts,
    /// A JSON object.
    pub attributes: Option<JsonText>,
    /// A JSON array, or `None` when there are none.
    pub events: Option<JsonText>,
    /// The span's log records: a JSON array, or `None` when there are none.
    pub logs: Option<JsonText>,
    /// A JSON array, or `None` when there are none.
    pub links: Option<JsonText>,
    /// A JSON value.
    pub input: Option<JsonText>,
    /// A JSON value.
    pub output: Option<JsonText>,
    pub usage: Option<UsageRecord>,
    /// What happened and when, of events and log records: a JSON array of at most [`super::MOST_MOMENTS`] objects with `name`, `time_ns` and
    /// `failed`, in order of time; or `None` when there are none. Where there are more, failures come before others, and
    /// earlier ones before later ones.
    pub moments: Option<JsonText>,
    /// Earliest start of the execution's spans, in nanoseconds since the Unix epoch.
    pub trace_start_ns: i64,
    /// Revision of the execution in the snapshot that this row was read from.
    pub execution_revision: Revision,
    /// Where values are that were too large for the row, until they are merged.
    pub(in crate::models) contents: Option<JsonText>,
}

impl Span {
    /// What identifies it.
    #[must_use]
    pub fn key(&self) -> SpanKey {
        (self.execution_id, self.span_id)
    }

    /// The name to show.
    #[must_use]
    pub fn shown_name(&self) -> &str {
        self.display_name.as_deref().unwrap_or(&self.name)
    }

    /// Nanoseconds from start to end, 0 when a clock was set back in between; `None` while there is no end.
    #[must_use]
    pub fn duration_ns(&self) -> Option<i64> {
        self.end_ns
            .map(|end| end.saturating_sub(self.start_ns).max(0))
    }
}

/// A sum of token usage: input includes cached tokens, output includes reasoning.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct TokenUsage {
    pub input: i64,
    pub output: i64,
    pub cache_read: i64,
    pub cache_write: i64,
    pub reasoning: i64,
    /// `None` when nothing of the sum tells a cost.
    pub cost_usd: Option<f64>,
    /// Of input and output, the tokens of calls whose cost is not known: `cost_usd` leaves them out.
    pub unpriced: i64,
}

impl From<&UsageRecord> for TokenUsage {
    fn from(usage: &UsageRecord) -> Self {
        Self {
            input: usage.input,
            output: usage.output,
            cache_read: usage.cache_read,
            cache_write: usage.cache_write,
            reasoning: usage.reasoning,
            cost_usd: usage.cost_usd,
            unpriced: match usage.cost_usd {
                Some(_) => 0,
                None => usage.input.saturating_add(usage.output),
            },
        }
    }
}

impl std::ops::AddAssign for TokenUsage {
    fn add_assign(&mut self, other: Self) {
        self.input = self.input.saturating_add(other.input);
        self.output = self.output.saturating_add(other.output);
        self.cache_read = self.cache_read.saturating_add(other.cache_read);
        self.cache_write = self.cache_write.saturating_add(other.cache_write);
        self.reasoning = self.reasoning.saturating_add(other.reasoning);
        self.cost_usd = match (self.cost_usd, other.cost_usd) {
            (Some(a), Some(b)) => Some(a + b),
            (a, b) => a.or(b),
        };
        self.unpriced = self.unpriced.saturating_add(other.unpriced);
    }
}

/// The columns of [`SpanRow`], in the order of [`super::select`].
pub(super) type SpanColumns = (CoreColumns, PartColumns, UsageColumns, TraceColumns);

type CoreColumns = (
    Uuid,
    Bytea,
    Bytea,
    Nullable<Bytea>,
    BigInt,
    BigInt,
    Nullable<BigInt>,
    Nullable<BigInt>,
    SmallInt,
    SmallInt,
    SmallInt,
    SmallInt,
    Nullable<Text>,
    Text,
    Nullable<Text>,
    Nullable<Text>,
    Nullable<Text>,
    Nullable<Integer>,
    Nullable<Integer>,
);
type PartColumns = (
    Nullable<Json>,
    Nullable<Json>,
    Nullable<Json>,
    Nullable<Json>,
    Nullable<Json>,
    Nullable<Json>,
    Nullable<Json>,
    Nullable<Json>,
);
pub(super) type UsageColumns = (
    Nullable<Json>,
    Nullable<Bool>,
    Nullable<Text>,
    Nullable<Text>,
    Nullable<BigInt>,
    Nullable<BigInt>,
    Nullable<BigInt>,
    Nullable<BigInt>,
    Nullable<BigInt>,
    Nullable<Double>,
);
type TraceColumns = (Nullable<BigInt>, Nullable<BigInt>);

#[derive(Queryable)]
pub(super) struct SpanRow {
    core: CoreRow,
    part: PartRow,
    usage: UsageRow,
    trace: (Option<i64>, Option<i64>),
}

#[derive(Queryable)]
pub(super) struct CoreRow {
    execution_id: ExecutionId,
    span_id: SpanId,
    trace_id: TraceId,
    parent_span_id: Option<SpanId>,
    revision: Revision,
    start_ns: i64,
    end_ns: Option<i64>,
    first_token_ns: Option<i64>,
    state: SpanState,
    kind: SpanKind,
    category: SpanCategory,
    status_code: StatusCode,
    status_message: Option<String>,
    name: String,
    node_id: Option<String>,
    node_type: Option<String>,
    display_name: Option<String>,
    attempt: Option<i32>,
    iteration: Option<i32>,
}

#[derive(Queryable)]
pub(super) struct PartRow {
    attributes: Option<JsonText>,
    events: Option<JsonText>,
    logs: Option<JsonText>,
    links: Option<JsonText>,
    input: Option<JsonText>,
    output: Option<JsonText>,
    contents: Option<JsonText>,
    moments: Option<JsonText>,
}

#[derive(Queryable)]
pub(super) struct UsageRow {
    running: Option<JsonText>,
    counted: Option<bool>,
    provider: Option<String>,
    model: Option<String>,
    input: Option<i64>,
    output: Option<i64>,
    cache_read: Option<i64>,
    cache_write: Option<i64>,
    reasoning: Option<i64>,
    cost_usd: Option<f64>,
}

impl UsageRow {
    /// What the ended span reported, else what the running call has reported so far.
    pub(super) fn into_record(self) -> Option<UsageRecord> {
        let Some(counted) = self.counted else {
            return self
                .running
                .and_then(|usage| serde_json::from_str(usage.as_str()).ok());
        };
        Some(UsageRecord {
            provider: self.provider,
            model: self.model,
            input: self.input.unwrap_or_default(),
            output: self.output.unwrap_or_default(),
            cache_read: self.cache_read.unwrap_or_default(),
            cache_write: self.cache_write.unwrap_or_default(),
            reasoning: self.reasoning.unwrap_or_default(),
            cost_usd: self.cost_usd,
            counted,
        })
    }
}

impl SpanRow {
    pub(super) fn into_span(self, parts: SpanParts) -> Span {
        let Self {
            core,
            part,
            usage,
            trace: (trace_start_ns, execution_revision),
        } = self;
        Span {
            execution_id: core.execution_id,
            span_id: core.span_id,
            trace_id: core.trace_id,
            parent_span_id: core.parent_span_id,
            revision: core.revision,
            start_ns: core.start_ns,
            end_ns: core.end_ns,
            first_token_ns: core.first_token_ns,
            state: core.state,
            kind: core.kind,
            category: core.category,
            status_code: core.status_code,
            status_message: core.status_message,
            name: core.name,
            node_id: core.node_id,
            node_type: core.node_type,
            display_name: core.display_name,
            attempt: core.attempt,
            iteration: core.iteration,
            parts,
            attributes: part.attributes,
            events: part.events,
            logs: part.logs,
            links: part.links,
            input: part.input,
            output: part.output,
            contents: part.contents,
            moments: part.moments,
            usage: usage.into_record(),
            trace_start_ns: trace_start_ns.map_or(core.start_ns, |start| start.min(core.start_ns)),
            execution_revision: execution_revision.unwrap_or(core.revision),
        }
    }
}
