//! When the first token of a model's answer came.

use chrono::DateTime;
use orcheo_store::SpanCategory;

use super::{
    Attribute,
    table::{Field, Fields},
    unquoted,
};

/// MLflow numbers its events of chunks.
const NUMBERED: &str = "mlflow.chunk.item.";

/// Nobody waits so long for a first token: what is more is in milliseconds.
const MOST_SECONDS: f64 = 60.0;

/// OpenInference's event, and the one that Traceloop's instrumentations send for each chunk.
const EVENTS: [&str; 3] = [
    "First Token Stream Event",
    "gen_ai.content.completion.chunk",
    "llm.content.completion.chunk",
];

/// Whether the first event of this name came with the first token.
#[must_use]
pub fn comes_with_first_token(event: &str) -> bool {
    EVENTS.contains(&event) || event.starts_with(NUMBERED)
}

/// What attributes tell of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum FirstToken {
    /// Nanoseconds after the start of the span.
    After(f64),
    /// Nanoseconds since the Unix epoch.
    At(i64),
}

impl FirstToken {
    pub(super) fn of<A: Attribute>(fields: &Fields<'_, A>, category: SpanCategory) -> Option<Self> {
        let whole = fields
            .text(Field::Stream)
            .is_some_and(|stream| stream == "false");
        // Some libraries give the time of the whole answer where there is no first token.
        if whole || category == SpanCategory::Embedding {
            return None;
        }
        let after = |field, unit_ns: f64| {
            let amount = fields.number(field)?;
            (amount.is_finite() && amount >= 0.0).then_some(Self::After(amount * unit_ns))
        };
        // The convention of metrics has seconds under this name; some SDKs of agents, whole milliseconds.
        let either = |amount: f64| match amount.fract() == 0.0 || amount > MOST_SECONDS {
            true => 1e6,
            false => 1e9,
        };
        let unit = fields.number(Field::FirstTokenEither).map(either);
        let at = || {
            let text = fields.text(Field::FirstTokenTime)?;
            let time = DateTime::parse_from_rfc3339(unquoted(&text)).ok()?;
            time.timestamp_nanos_opt().map(Self::At)
        };
        after(Field::FirstTokenSeconds, 1e9)
            .or_else(|| after(Field::FirstTokenMillis, 1e6))
            .or_else(|| after(Field::FirstTokenEither, unit?))
            .or_else(at)
    }

    /// Nanoseconds since the Unix epoch, for a span that started at `start_ns`.
    pub(crate) fn ns(self, start_ns: i64) -> i64 {
        match self {
            #[expect(
                clippy::cast_possible_truncation,
                reason = "a fraction of a nanosecond"
            )]
            Self::After(ns) => start_ns.saturating_add(ns as i64),
            Self::At(ns) => ns,
        }
    }
}
