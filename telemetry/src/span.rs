//! The only way from a span of the SDK to what is stored or exported: through the redactor.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use opentelemetry::trace::{Event, Link, SpanContext, SpanKind, Status, TraceState};
use opentelemetry::{InstrumentationScope, KeyValue};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::SpanData;
use orcheo_store::{SpanId, SpanRecord, StatusCode, TraceId};
use serde::de::IgnoredAny;

use crate::conventions::Meaning;
use crate::{Prices, Redactor, attributes};

/// OTLP span flags beyond the trace flags: the parent is known to be, or not to be, in another process.
const FLAG_REMOTENESS_KNOWN: u32 = 0x100;
const FLAG_PARENT_IS_REMOTE: u32 = 0x200;

/// A span with nothing sensitive left in its name, status, attributes, events, links and trace state.
#[derive(Debug, Clone)]
pub(crate) struct RedactedSpan(SpanData);

impl RedactedSpan {
    pub(crate) fn new(redactor: &Redactor, mut span: SpanData) -> Self {
        redact_name(redactor, &mut span.name);
        span.span_context = redact_context(redactor, &span.span_context);
        if let Status::Error { description } = &mut span.status {
            redact_name(redactor, description);
        }
        attributes::redact(redactor, &mut span.attributes);
        for event in &mut span.events.events {
            redact_name(redactor, &mut event.name);
            attributes::redact(redactor, &mut event.attributes);
        }
        for link in &mut span.links.links {
            link.span_context = redact_context(redactor, &link.span_context);
            attributes::redact(redactor, &mut link.attributes);
        }
        Self(span)
    }

    pub(crate) fn attributes(&self) -> &[KeyValue] {
        &self.0.attributes
    }

    /// The record of the span as it is now. `running` says so: the SDK's data of a running span has an end, its start.
    pub(crate) fn record(&self, running: bool, origin: &Origin, prices: &Prices) -> SpanRecord {
        let span = &self.0;
        let meaning = Meaning::priced(&span.name, &span.attributes, prices);
        let content = meaning.content;
        let (input, system_shown) = self.input(&meaning);
        let shown_elsewhere =
            |index| content.holds(index) && (content.system != Some(index) || system_shown);
        let (status_code, status_message) = match &span.status {
            Status::Unset => (StatusCode::Unset, None),
            Status::Ok => (StatusCode::Ok, None),
            Status::Error { description } => (
                StatusCode::Error,
                Some(description.to_string()).filter(|text| !text.is_empty()),
            ),
        };
        let remoteness = if span.parent_span_is_remote {
            FLAG_PARENT_IS_REMOTE
        } else {
            0
        };
        let start_ns = nanoseconds(span.start_time);
        SpanRecord {
            trace_id: TraceId(span.span_context.trace_id().to_bytes()),
            span_id: SpanId(span.span_context.span_id().to_bytes()),
            parent_span_id: Some(SpanId(span.parent_span_id.to_bytes())).filter(|id| !id.is_zero()),
            name: span.name.to_string(),
            kind: kind(&span.span_kind),
            category: meaning.category,
            status_code,
            status_message,
            node_id: meaning.node_id,
            node_type: meaning.node_type,
            display_name: meaning.display_name,
            attempt: meaning.attempt,
            iteration: meaning.iteration,
            start_ns,
            end_ns: (!running).then(|| nanoseconds(span.end_time)),
            first_token_ns: meaning.first_token.map(|token| token.ns(start_ns)),
            trace_state: trace_state(&span.span_context),
            flags: u32::from(span.span_context.trace_flags().to_u8())
                | FLAG_REMOTENESS_KNOWN
                | remoteness,
            dropped_attributes: span.dropped_attributes_count,
            dropped_events: span.events.dropped_count,
            dropped_links: span.links.dropped_count,
            attributes: attributes::to_json(&span.attributes, shown_elsewhere),
            events: array(&span.events, event),
            links: array(&span.links, link),
            input,
            output: content.output.map(|index| self.content(index)),
            resource: Some(Arc::clone(&origin.resource)),
            scope: Some(Arc::clone(&origin.scope)),
            usage: meaning.usage,
        }
    }

    pub(crate) fn scope(&self) -> &InstrumentationScope {
        &self.0.instrumentation_scope
    }

    pub(crate) fn is_sampled(&self) -> bool {
        self.0.span_context.is_sampled()
    }

    pub(crate) fn data(&self) -> &SpanData {
        &self.0
    }

    pub(crate) fn into_data(self) -> SpanData {
        self.0
    }

    /// The span's input, and whether the system instructions are in it: as the first message, where both are lists.
    fn input(&self, meaning: &Meaning) -> (Option<String>, bool) {
        let input = meaning.content.input.map(|index| self.content(index));
        let Some(system) = meaning.content.system.map(|index| self.content(index)) else {
            return (input, false);
        };
        let inner = |list: &str| {
            list.trim()
                .strip_prefix('[')?
                .strip_suffix(']')
                .map(|items| items.trim().to_owned())
        };
        let messages = input.as_deref().map_or(Some(String::new()), inner);
        let (Some(_), Some(messages)) = (inner(&system), messages) else {
            return (input, false);
        };
        let separator = if messages.is_empty() { "" } else { "," };
        (
            Some(format!(
                r#"[{{"role":"system","parts":{system}}}{separator}{messages}]"#
            )),
            true,
        )
    }

    /// An attribute that holds JSON text, as JSON; anything else as a JSON string.
    fn content(&self, index: usize) -> String {
        let text = self.0.attributes[index].value.as_str();
        if serde_json::from_str::<IgnoredAny>(&text).is_ok() {
            return text.into_owned();
        }
        serde_json::Value::from(text).to_string()
    }
}

/// Where spans come from, as JSON that many of them share.
#[derive(Debug, Clone)]
pub(crate) struct Origin {
    pub(crate) resource: Arc<str>,
    pub(crate) scope: Arc<str>,
}

/// The resource as it is exported.
pub(crate) fn redacted_resource(redactor: &Redactor, resource: &Resource) -> Resource {
    let mut attributes = resource_attributes(resource);
    attributes::redact(redactor, &mut attributes);
    let builder = Resource::builder_empty();
    match resource.schema_url() {
        Some(url) => builder.with_schema_url(attributes, url.to_owned()),
        None => builder.with_attributes(attributes),
    }
    .build()
}

pub(crate) fn resource_json(redactor: &Redactor, resource: &Resource) -> Arc<str> {
    described(
        redactor,
        &[("schema_url", resource.schema_url())],
        resource_attributes(resource),
    )
}

fn resource_attributes(resource: &Resource) -> Vec<KeyValue> {
    resource
        .iter()
        .map(|(key, value)| KeyValue::new(key.clone(), value.clone()))
        .collect()
}

pub(crate) fn scope_json(redactor: &Redactor, scope: &InstrumentationScope) -> Arc<str> {
    let texts = [
        ("name", Some(scope.name())),
        ("version", scope.version()),
        ("schema_url", scope.schema_url()),
    ];
    described(redactor, &texts, scope.attributes().cloned().collect())
}

fn described(
    redactor: &Redactor,
    texts: &[(&str, Option<&str>)],
    mut attributes: Vec<KeyValue>,
) -> Arc<str> {
    attributes::redact(redactor, &mut attributes);
    let mut json = String::from("{");
    for (key, text) in texts {
        if let Some(text) = text {
            attributes::string(&mut json, key);
            json.push(':');
            attributes::string(&mut json, &redactor.text(text));
            json.push(',');
        }
    }
    json.push_str(r#""attributes":"#);
    json.push_str(&attributes::to_json(&attributes, |_| false));
    json.push('}');
    json.into()
}

fn redact_name(redactor: &Redactor, text: &mut Cow<'static, str>) {
    if let Cow::Owned(redacted) = redactor.text(text) {
        *text = Cow::Owned(redacted);
    }
}

/// A trace state is opaque to all but its vendors: with something sensitive in it, it is dropped as a whole.
fn redact_context(redactor: &Redactor, context: &SpanContext) -> SpanContext {
    let header = context.trace_state().header();
    if redactor.text(&header) == header {
        return context.clone();
    }
    let (trace_id, span_id, flags) = (context.trace_id(), context.span_id(), context.trace_flags());
    SpanContext::new(
        trace_id,
        span_id,
        flags,
        context.is_remote(),
        TraceState::default(),
    )
}

fn trace_state(context: &SpanContext) -> Option<String> {
    Some(context.trace_state().header()).filter(|header| !header.is_empty())
}

fn kind(kind: &SpanKind) -> orcheo_store::SpanKind {
    match kind {
        SpanKind::Client => orcheo_store::SpanKind::Client,
        SpanKind::Server => orcheo_store::SpanKind::Server,
        SpanKind::Producer => orcheo_store::SpanKind::Producer,
        SpanKind::Consumer => orcheo_store::SpanKind::Consumer,
        SpanKind::Internal => orcheo_store::SpanKind::Internal,
    }
}

fn nanoseconds(time: SystemTime) -> i64 {
    let since_epoch = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since_epoch.as_nanos()).unwrap_or(i64::MAX)
}

/// A JSON array, or `None` when empty.
fn array<T>(items: &[T], write: impl Fn(&mut String, &T)) -> Option<String> {
    let mut json = String::new();
    for item in items {
        json.push(if json.is_empty() { '[' } else { ',' });
        write(&mut json, item);
    }
    (!json.is_empty()).then(|| json + "]")
}

/// `{"name", "time_ns", "attributes", "dropped_attributes"}`: the last only when some were.
fn event(json: &mut String, event: &Event) {
    json.push_str(r#"{"name":"#);
    attributes::string(json, &event.name);
    json.push_str(&format!(r#","time_ns":{}"#, nanoseconds(event.timestamp)));
    annotations(json, &event.attributes, event.dropped_attributes_count);
}

/// `{"trace_id", "span_id", "trace_state", "flags", "attributes", "dropped_attributes"}`: `trace_state` only when there is one.
fn link(json: &mut String, link: &Link) {
    let context = &link.span_context;
    json.push_str(&format!(
        r#"{{"trace_id":"{}","span_id":"{}""#,
        context.trace_id(),
        context.span_id()
    ));
    if let Some(state) = trace_state(context) {
        json.push_str(r#","trace_state":"#);
        attributes::string(json, &state);
    }
    json.push_str(&format!(r#","flags":{}"#, context.trace_flags().to_u8()));
    annotations(json, &link.attributes, link.dropped_attributes_count);
}

fn annotations(json: &mut String, attributes: &[KeyValue], dropped: u32) {
    json.push_str(r#","attributes":"#);
    json.push_str(&attributes::to_json(attributes, |_| false));
    if dropped > 0 {
        json.push_str(&format!(r#","dropped_attributes":{dropped}"#));
    }
    json.push('}');
}
