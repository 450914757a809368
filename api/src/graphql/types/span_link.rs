//! `SpanLink`.

use async_graphql::SimpleObject;
use orcheo_store::JsonText;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::int;
use crate::graphql::scalars::Json;

/// A pointer from a span to another one, mostly of another trace.
#[derive(Debug, Clone, SimpleObject)]
pub struct SpanLink {
    /// The trace pointed to: 32 lower-case hex digits.
    pub trace_id: String,
    /// The span pointed to: 16 lower-case hex digits.
    pub span_id: String,
    /// The W3C tracestate of that span's context; null when it has none.
    pub trace_state: Option<String>,
    /// The link's attributes: a JSON object.
    pub attributes: Json,
    /// How many attributes its producer dropped.
    pub dropped_attributes_count: i32,
}

/// A link as it is stored.
#[derive(Deserialize)]
struct Stored<'a> {
    trace_id: String,
    span_id: String,
    #[serde(default)]
    trace_state: Option<String>,
    #[serde(borrow, default)]
    attributes: Option<&'a RawValue>,
    #[serde(default)]
    dropped_attributes: i64,
}

impl SpanLink {
    /// The links of a span, in the order of their producer.
    pub(crate) fn list(links: Option<&JsonText>) -> Result<Vec<Self>, serde_json::Error> {
        let Some(links) = links else {
            return Ok(Vec::new());
        };
        let stored: Vec<Stored<'_>> = serde_json::from_str(links.as_str())?;
        let link = |link: Stored<'_>| Self {
            trace_id: link.trace_id,
            span_id: link.span_id,
            trace_state: link.trace_state,
            attributes: Json::from_text(link.attributes.map_or("{}", RawValue::get).to_owned()),
            dropped_attributes_count: int(link.dropped_attributes),
        };
        Ok(stored.into_iter().map(link).collect())
    }
}
