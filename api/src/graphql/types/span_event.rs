//! `SpanEvent`.

use async_graphql::SimpleObject;
use orcheo_store::JsonText;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{int, millis};
use crate::graphql::scalars::{DateTime, Json};

/// Something that happened during a span: an event of the span itself, or a log record that belongs to it.
#[derive(Debug, Clone, SimpleObject)]
pub struct SpanEvent {
    /// Its name, for example `exception`; a log record without one is called `log`.
    pub name: String,
    /// When it happened.
    pub time: DateTime,
    /// Milliseconds from the start of the span.
    pub offset_ms: f64,
    /// Its attributes: a JSON object. A log record's text is its `body`.
    pub attributes: Json,
    /// How many attributes its producer dropped.
    pub dropped_attributes_count: i32,
}

/// An event as it is stored.
#[derive(Deserialize)]
struct Stored<'a> {
    #[serde(default)]
    name: Option<String>,
    time_ns: i64,
    #[serde(borrow, default)]
    attributes: Option<&'a RawValue>,
    #[serde(borrow, default)]
    body: Option<&'a RawValue>,
    #[serde(default)]
    dropped_attributes: i64,
}

impl SpanEvent {
    /// The events of a span and its log records, in order of time.
    pub(crate) fn list(
        span_start_ns: i64,
        events: Option<&JsonText>,
        logs: Option<&JsonText>,
    ) -> Result<Vec<Self>, serde_json::Error> {
        let mut all = Vec::new();
        for text in [events, logs].into_iter().flatten() {
            let stored: Vec<Stored<'_>> = serde_json::from_str(text.as_str())?;
            all.extend(
                stored
                    .into_iter()
                    .map(|event| Self::of(span_start_ns, event)),
            );
        }
        all.sort_by_key(|event| event.time);
        Ok(all)
    }

    fn of(span_start_ns: i64, event: Stored<'_>) -> Self {
        let attributes = event.attributes.map_or("{}", RawValue::get);
        let attributes = match event.body.map(RawValue::get).filter(|body| *body != "null") {
            None => attributes.to_owned(),
            Some(body) if attributes.trim_end_matches('}').trim() == "{" => {
                format!(r#"{{"body":{body}}}"#)
            }
            Some(body) => format!(
                r#"{{"body":{body},{}"#,
                attributes.trim_start().trim_start_matches('{')
            ),
        };
        Self {
            name: event.name.unwrap_or_else(|| "log".to_owned()),
            time: DateTime::from_unix_nanos(event.time_ns),
            offset_ms: millis(event.time_ns.saturating_sub(span_start_ns)),
            attributes: Json::from_text(attributes),
            dropped_attributes_count: int(event.dropped_attributes),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_and_log_records_are_one_list_in_order_of_time() {
        let events = JsonText(
            r#"[{"name":"exception","time_ns":30,"attributes":{"exception.type":"E"},"dropped_attributes":2}]"#.into(),
        );
        let logs = JsonText(
            r#"[{"name":null,"time_ns":20,"severity":9,"body":"hi","attributes":{"a":{}}},
                {"name":"retry","time_ns":40,"severity":9,"body":"again","attributes":{}}]"#
                .into(),
        );
        let list = SpanEvent::list(10, Some(&events), Some(&logs)).expect("valid events");
        let shown: Vec<_> = list
            .iter()
            .map(|event| {
                let attributes = String::from_utf8_lossy(event.attributes.as_bytes()).into_owned();
                (
                    event.name.as_str(),
                    event.offset_ms,
                    attributes,
                    event.dropped_attributes_count,
                )
            })
            .collect();
        assert_eq!(
            shown,
            [
                ("log", 0.000_01, r#"{"body":"hi","a":{}}"#.to_owned(), 0),
                (
                    "exception",
                    0.000_02,
                    r#"{"exception.type":"E"}"#.to_owned(),
                    2
                ),
                ("retry", 0.000_03, r#"{"body":"again"}"#.to_owned(), 0),
            ]
        );
    }
}
