//! `SpanMark`.

use async_graphql::SimpleObject;
use orcheo_store::models::spans::{MOST_MOMENTS, Span};
use orcheo_telemetry::conventions::comes_with_first_token;
use serde::Deserialize;

use super::{SpanMarkKind, millis};

/// A moment of a span that its bar shows.
#[derive(Debug, Clone, PartialEq, SimpleObject)]
pub struct SpanMark {
    /// What happened then.
    pub kind: SpanMarkKind,
    /// Milliseconds from the start of the span, with decimals; negative where clocks differ.
    pub offset_ms: f64,
    /// The name of the event, or `first token`; a log record without a name is called `log`.
    pub name: String,
}

/// A moment as the store tells it.
#[derive(Deserialize)]
struct Moment {
    name: String,
    time_ns: i64,
    failed: bool,
}

impl SpanMark {
    /// The marks of a row that was read with its moments.
    pub(crate) fn list(row: &Span) -> Result<Vec<Self>, serde_json::Error> {
        let moments: Vec<Moment> = match &row.moments {
            Some(text) => serde_json::from_str(text.as_str())?,
            None => Vec::new(),
        };
        let mark = |kind, time_ns: i64, name| Self {
            kind,
            offset_ms: millis(time_ns.saturating_sub(row.start_ns)),
            name,
        };
        let mut began = row.first_token_ns.is_some();
        let mut marks: Vec<Self> = row
            .first_token_ns
            .map(|time| mark(SpanMarkKind::FirstToken, time, "first token".to_owned()))
            .into_iter()
            .collect();
        for Moment {
            name,
            time_ns,
            failed,
        } in moments
        {
            let kind = match (comes_with_first_token(&name), failed) {
                // The mark of the first token is there already, and later chunks say nothing more.
                (true, _) if began => continue,
                (true, _) => SpanMarkKind::FirstToken,
                (false, true) => SpanMarkKind::Exception,
                (false, false) => SpanMarkKind::Event,
            };
            began |= kind == SpanMarkKind::FirstToken;
            marks.push(mark(kind, time_ns, name));
        }
        if marks.len() > MOST_MOMENTS {
            // What is one too many is the last of those that matter least.
            marks.sort_by_key(|mark| mark.kind);
            marks.truncate(MOST_MOMENTS);
        }
        marks.sort_by(|a, b| a.offset_ms.total_cmp(&b.offset_ms));
        Ok(marks)
    }
}
