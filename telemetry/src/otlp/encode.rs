//! Stored spans as OTLP JSON: what came in goes out equal, except what redaction changed.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};
use orcheo_store::models::spans::WholeSpan;
use orcheo_store::{JsonText, SpanCategory, SpanState};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::told::tells;
use super::value::{Json, attribute, not_finite, read_attributes, read_value};
use crate::conventions::{Meaning, Said, indexed, keys};

/// What stands before the groups of a trace, and after them; between two groups is a comma.
pub const OTLP_JSON: [&str; 2] = [r#"{"resourceSpans":["#, "]}"];

/// Spans as elements of `resourceSpans`, with commas between them: those that follow each other and have the same origin are
/// one. Empty when there are none.
///
/// Log records of a span are events of it, which is what they are shown as.
#[must_use]
pub fn encode_json(spans: &[WholeSpan]) -> String {
    let mut json = Json::default();
    let groups = spans.chunk_by(|a, b| a.resource == b.resource && a.scope == b.scope);
    json.list(["", ""], groups, |json, group| {
        let Some(first) = group.first() else { return };
        let resource = Origin::read(first.resource.as_deref());
        let scope = Origin::read(first.scope.as_deref());
        json.raw(r#"{"resource":{"#);
        resource.write_attributes(json);
        if let Some(entities) = resource.entity_refs {
            json.raw(r#","entityRefs":"#);
            json.raw(entities.get());
        }
        json.raw(r#"},"scopeSpans":[{"scope":{"#);
        member(json, "name", scope.name.as_deref());
        member(json, "version", scope.version.as_deref());
        scope.write_attributes(json);
        json.raw(r#"},"spans":"#);
        json.list(["[", "]"], group, write_span);
        schema_url(json, scope.schema_url.as_deref());
        json.raw("}]");
        schema_url(json, resource.schema_url.as_deref());
        json.raw("}");
    });
    json.into_text()
}

/// A resource or a scope as it is stored.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Origin<'a> {
    name: Option<String>,
    version: Option<String>,
    schema_url: Option<String>,
    #[serde(borrow)]
    entity_refs: Option<&'a RawValue>,
    #[serde(borrow)]
    attributes: Option<&'a RawValue>,
    dropped_attributes: u32,
}

impl<'a> Origin<'a> {
    fn read(json: Option<&'a str>) -> Self {
        json.and_then(|json| serde_json::from_str(json).ok())
            .unwrap_or_default()
    }

    fn write_attributes(&self, json: &mut Json) {
        write_attributes(json, &attributes_of(self.attributes));
        dropped(json, "droppedAttributesCount", self.dropped_attributes);
    }
}

fn write_span(json: &mut Json, whole: &WholeSpan) {
    let span = &whole.span;
    json.raw(r#"{"traceId":""#);
    json.display(span.trace_id);
    json.raw(r#"","spanId":""#);
    json.display(span.span_id);
    json.raw(r#"","#);
    if let Some(parent) = span.parent_span_id {
        json.raw(r#""parentSpanId":""#);
        json.display(parent);
        json.raw(r#"","#);
    }
    member(json, "traceState", whole.trace_state.as_deref());
    if whole.flags != 0 {
        json.raw(r#""flags":"#);
        json.display(whole.flags);
        json.raw(",");
    }
    json.raw(r#""name":"#);
    json.string(&span.name);
    json.raw(r#","kind":"#);
    json.display(span.kind as i16);
    time(json, "startTimeUnixNano", span.start_ns);
    if let Some(end_ns) = span.end_ns.filter(|_| span.state == SpanState::Ended) {
        time(json, "endTimeUnixNano", end_ns);
    }
    json.raw(",");
    write_attributes(json, &attributes(whole));
    let [attributes, events, links] = whole.dropped;
    dropped(json, "droppedAttributesCount", attributes);
    let mut list: Vec<Event<'_>> = read(&span.events);
    list.extend(read::<Event<'_>>(&span.logs));
    if !list.is_empty() {
        json.raw(r#","events":"#);
        json.list(["[", "]"], &list, write_event);
    }
    dropped(json, "droppedEventsCount", events);
    let list: Vec<Link<'_>> = read(&span.links);
    if !list.is_empty() {
        json.raw(r#","links":"#);
        json.list(["[", "]"], &list, write_link);
    }
    dropped(json, "droppedLinksCount", links);
    json.raw(r#","status":{"#);
    member(json, "message", span.status_message.as_deref());
    json.raw(r#""code":"#);
    json.display(span.status_code as i16);
    json.raw("}}");
}

/// The attributes, and what our own engine's spans have as input and output instead of an attribute or an event.
fn attributes(whole: &WholeSpan) -> Vec<KeyValue> {
    let span = &whole.span;
    let mut attributes = span
        .attributes
        .as_ref()
        .map(|json| read_attributes(json.as_str()))
        .unwrap_or_default();
    let [input, output] = match span.category {
        SpanCategory::Llm | SpanCategory::Agent => [keys::INPUT_MESSAGES, keys::OUTPUT_MESSAGES],
        SpanCategory::Tool => [keys::TOOL_CALL_ARGUMENTS, keys::TOOL_CALL_RESULT],
        SpanCategory::Workflow => [keys::EXECUTION_INPUTS, keys::EXECUTION_OUTPUTS],
        _ => [keys::NODE_INPUT, keys::NODE_OUTPUT],
    };
    let told = Meaning::of(&span.name, &attributes).content;
    let events: Vec<Event<'_>> = read(&span.events);
    let names = events.iter().filter_map(|event| event.name.as_deref());
    let [by_events, output_by_events] = tells(names);
    let by_attribute = told.input.or(told.system).is_some();
    for (key, said, told, json) in [
        (input, Said::Input, by_attribute || by_events, &span.input),
        (
            output,
            Said::Output,
            told.output.is_some() || output_by_events,
            &span.output,
        ),
    ] {
        if let Some(json) = json
            && !told
            && indexed(&attributes, said).is_none()
        {
            let value = Some(Value::StringValue(json.as_str().to_owned()));
            attributes.push(attribute(key.to_owned(), value));
        }
    }
    attributes
}

#[derive(Deserialize)]
struct Event<'a> {
    /// A log record may have none.
    #[serde(default)]
    name: Option<String>,
    time_ns: i64,
    #[serde(borrow, default)]
    attributes: Option<&'a RawValue>,
    /// Of a log record, as its severity.
    #[serde(borrow, default)]
    body: Option<&'a RawValue>,
    #[serde(default)]
    severity: i64,
    #[serde(default)]
    dropped_attributes: u32,
}

fn write_event(json: &mut Json, event: &Event<'_>) {
    json.raw(r#"{"name":"#);
    json.string(event.name.as_deref().unwrap_or("log"));
    time(json, "timeUnixNano", event.time_ns);
    json.raw(",");
    let mut attributes = attributes_of(event.attributes);
    if let Some(body) = event.body.and_then(|body| read_value(body.get())) {
        attributes.push(attribute("body".to_owned(), Some(body)));
    }
    if event.severity != 0 {
        let severity = Some(Value::IntValue(event.severity));
        attributes.push(attribute("severity_number".to_owned(), severity));
    }
    write_attributes(json, &attributes);
    dropped(json, "droppedAttributesCount", event.dropped_attributes);
    json.raw("}");
}

#[derive(Deserialize)]
struct Link<'a> {
    trace_id: String,
    span_id: String,
    #[serde(default)]
    trace_state: Option<String>,
    #[serde(default)]
    flags: u32,
    #[serde(borrow, default)]
    attributes: Option<&'a RawValue>,
    #[serde(default)]
    dropped_attributes: u32,
}

fn write_link(json: &mut Json, link: &Link<'_>) {
    json.raw("{");
    member(json, "traceId", Some(&link.trace_id));
    member(json, "spanId", Some(&link.span_id));
    member(json, "traceState", link.trace_state.as_deref());
    if link.flags != 0 {
        json.raw(r#""flags":"#);
        json.display(link.flags);
        json.raw(",");
    }
    write_attributes(json, &attributes_of(link.attributes));
    dropped(json, "droppedAttributesCount", link.dropped_attributes);
    json.raw("}");
}

fn read<'a, T: Deserialize<'a>>(json: &'a Option<JsonText>) -> Vec<T> {
    json.as_ref()
        .and_then(|json| serde_json::from_str(json.as_str()).ok())
        .unwrap_or_default()
}

fn attributes_of(json: Option<&RawValue>) -> Vec<KeyValue> {
    json.map(|json| read_attributes(json.get()))
        .unwrap_or_default()
}

fn write_attributes(json: &mut Json, attributes: &[KeyValue]) {
    json.raw(r#""attributes":"#);
    json.list(["[", "]"], attributes, write_attribute);
}

fn write_attribute(json: &mut Json, attribute: &KeyValue) {
    json.raw(r#"{"key":"#);
    json.string(&attribute.key);
    json.raw(r#","value":"#);
    write_any(json, attribute.value.as_ref());
    json.raw("}");
}

fn write_any(json: &mut Json, value: Option<&AnyValue>) {
    json.raw("{");
    match value.and_then(|value| value.value.as_ref()) {
        None | Some(Value::StringValueStrindex(_)) => {}
        Some(Value::StringValue(text)) => {
            json.raw(r#""stringValue":"#);
            json.string(text);
        }
        Some(Value::BoolValue(boolean)) => {
            json.raw(r#""boolValue":"#);
            json.display(boolean);
        }
        Some(Value::IntValue(integer)) => {
            json.raw(r#""intValue":""#);
            json.display(integer);
            json.raw(r#"""#);
        }
        Some(Value::DoubleValue(double)) if double.is_finite() => {
            json.raw(r#""doubleValue":"#);
            json.double(*double);
        }
        Some(Value::DoubleValue(double)) => {
            json.raw(r#""doubleValue":"#);
            json.string(not_finite(*double));
        }
        Some(Value::BytesValue(bytes)) => {
            json.raw(r#""bytesValue":""#);
            json.raw(&BASE64.encode(bytes));
            json.raw(r#"""#);
        }
        Some(Value::ArrayValue(array)) => {
            json.raw(r#""arrayValue":{"values":"#);
            json.list(["[", "]"], &array.values, |json, value| {
                write_any(json, Some(value));
            });
            json.raw("}");
        }
        Some(Value::KvlistValue(list)) => {
            json.raw(r#""kvlistValue":{"values":"#);
            json.list(["[", "]"], &list.values, write_attribute);
            json.raw("}");
        }
    }
    json.raw("}");
}

/// A text with the comma after it; nothing when it is empty.
fn member(json: &mut Json, name: &str, text: Option<&str>) {
    if let Some(text) = text.filter(|text| !text.is_empty()) {
        json.string(name);
        json.raw(":");
        json.string(text);
        json.raw(",");
    }
}

/// 64-bit numbers are text in OTLP's JSON.
fn time(json: &mut Json, name: &str, nanoseconds: i64) {
    json.raw(",");
    json.string(name);
    json.raw(r#":""#);
    json.display(nanoseconds);
    json.raw(r#"""#);
}

fn dropped(json: &mut Json, name: &str, count: u32) {
    if count > 0 {
        json.raw(",");
        json.string(name);
        json.raw(":");
        json.display(count);
    }
}

fn schema_url(json: &mut Json, url: Option<&str>) {
    if let Some(url) = url.filter(|url| !url.is_empty()) {
        json.raw(r#","schemaUrl":"#);
        json.string(url);
    }
}
