//! A span of OTLP as the store keeps it: checked, cut to the limits, and redacted.

use std::borrow::Cow;

use opentelemetry_proto::tonic::common::v1::KeyValue;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::trace::v1::span::{Event, Link};
use opentelemetry_proto::tonic::trace::v1::{Span, Status};
use orcheo_store::{SpanId, SpanKind, SpanRecord, StatusCode, TraceId, UsageRecord};
use serde::de::IgnoredAny;

use super::content;
use super::limits::{
    NAME_BYTES, OMITTED_EVENTS, OMITTED_LINKS, OtlpLimits, cut_list, cut_text, omission,
};
use super::origin::Origin;
use super::pending;
use super::told::Told;
use super::value::{Json, attribute, read_attributes, reveal_bytes, write_attributes};
use crate::conventions::{Attribute as _, Meaning, RunMeaning, Said, indexed, keys};
use crate::{Prices, Redactor};

/// The attribute that tells of a parent id that was left out.
const INVALID_PARENT: &str = "orcheo.invalid.parent_span_id";

/// A span that can be stored, and what it says about its run.
#[derive(Debug)]
pub(super) struct Received {
    pub(super) record: SpanRecord,
    pub(super) run: RunMeaning,
    /// One of its events says that the run was cancelled.
    pub(super) cancelled: bool,
    /// The last exception that it recorded.
    pub(super) exception: Option<Exception>,
}

/// What an event tells of an exception, by OpenTelemetry's conventions. Redacted.
#[derive(Debug, Default)]
pub(super) struct Exception {
    pub(super) kind: Option<String>,
    pub(super) message: Option<String>,
}

/// What spans are made into records with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Recorder<'a> {
    pub(super) redactor: &'a Redactor,
    pub(super) prices: &'a Prices,
    pub(super) limits: &'a OtlpLimits,
}

impl Recorder<'_> {
    /// # Errors
    /// Why the span cannot be stored.
    pub(super) fn record(&self, mut span: Span, origin: &Origin) -> Result<Received, String> {
        pending::unfold(&mut span);
        let trace_id = trace_id(&span.trace_id)?;
        let span_id = span_id(&span.span_id, "span_id")?;
        let start = match (span.start_time_unix_nano, span.end_time_unix_nano) {
            (0, 0) => return Err("neither start nor end is known".to_owned()),
            // Of a span that does not say when it began, only its end is known.
            (0, end) => end,
            (start, _) => start,
        };
        let start_ns = nanoseconds(start, "start_time_unix_nano")?;
        let end_ns = match span.end_time_unix_nano {
            0 => None,
            end => Some(nanoseconds(end, "end_time_unix_nano")?),
        };
        let parent_span_id = self.parent(&mut span, span_id)?;
        if !self.limits.content {
            content::withhold(&mut span);
        }
        self.cut(&mut span);
        let cancelled = span
            .events
            .iter()
            .any(|event| event.name == "workflow.cancelled");

        let (json, attributes) = self.attributes(&span.attributes);
        let name = self.redactor.text(&span.name).into_owned();
        let meaning = Meaning::priced(&name, &attributes, self.prices);
        let (status_code, status_message) = self.status(span.status.take());
        // Whether a span below reports it as well is known only where all spans are: the store then counts that one.
        let usage = meaning.usage.or(meaning.node_usage);
        let usage = usage.map(|usage| UsageRecord {
            counted: true,
            ..usage
        });
        let content = meaning.content;
        let text = |index: Option<usize>| index.map(|index| content_json(&attributes[index]));
        let input = indexed(&attributes, Said::Input).or_else(|| text(content.input));
        let input = with_system(input, text(content.system));
        let output = indexed(&attributes, Said::Output).or_else(|| text(content.output));
        let told = match (&input, &output) {
            (Some(_), Some(_)) => Told::default(),
            _ => self.told_by(&span.events),
        };
        let (input, output) = (input.or(told.input), output.or(told.output));
        let exception = self.exception(&span.events);
        let record = SpanRecord {
            trace_id,
            span_id,
            parent_span_id,
            name,
            kind: kind(span.kind),
            category: meaning.category,
            status_code,
            status_message,
            node_id: meaning.node_id,
            node_type: meaning.node_type,
            display_name: meaning.display_name.map(|mut name| {
                // Lists show it, and what some libraries tell as a name is a whole message.
                cut_text(&mut name, NAME_BYTES);
                name
            }),
            attempt: meaning.attempt,
            iteration: meaning.iteration,
            start_ns,
            end_ns,
            first_token_ns: meaning.first_token.map(|token| token.ns(start_ns)),
            trace_state: self.trace_state(&span.trace_state),
            flags: span.flags,
            dropped_attributes: span.dropped_attributes_count,
            dropped_events: span.dropped_events_count,
            dropped_links: span.dropped_links_count,
            attributes: json,
            events: self.events(&span.events)?,
            links: self.links(&span.links),
            input,
            output,
            resource: Some(origin.resource.clone()),
            scope: Some(origin.scope.clone()),
            usage,
        };
        Ok(Received {
            record,
            run: meaning.run,
            cancelled,
            exception,
        })
    }

    fn exception(&self, events: &[Event]) -> Option<Exception> {
        let mut events = events.iter().rev();
        let event = events.find(|event| event.name == "exception")?;
        let (_, attributes) = self.attributes(&event.attributes);
        let text = |key: &str| {
            let mut attributes = attributes.iter().rev();
            let found = attributes.find(|attribute| attribute.key == key)?;
            Some(found.text().into_owned()).filter(|text| !text.is_empty())
        };
        Some(Exception {
            kind: text(keys::EXCEPTION_TYPE),
            message: text("exception.message"),
        })
    }

    /// A span is not its own parent: no tree could show it. The attribute says that it claimed to be.
    fn parent(&self, span: &mut Span, own: SpanId) -> Result<Option<SpanId>, String> {
        if span.parent_span_id.iter().all(|byte| *byte == 0) {
            return Ok(None);
        }
        let parent = span_id(&span.parent_span_id, "parent_span_id")?;
        if parent == own {
            let claimed = Some(Value::StringValue(parent.to_string()));
            span.attributes
                .push(attribute(INVALID_PARENT.to_owned(), claimed));
            return Ok(None);
        }
        Ok(Some(parent))
    }

    fn cut(&self, span: &mut Span) {
        let limits = self.limits;
        let events = cut_list(&mut span.events, limits.events);
        let links = cut_list(&mut span.links, limits.events);
        span.dropped_events_count = span.dropped_events_count.saturating_add(events);
        span.dropped_links_count = span.dropped_links_count.saturating_add(links);
        let omitted = limits.cut_attributes(&mut span.attributes);
        span.dropped_attributes_count = span.dropped_attributes_count.saturating_add(omitted);
        for (key, count) in [(OMITTED_EVENTS, events), (OMITTED_LINKS, links)] {
            if count > 0 {
                span.attributes.push(omission(key, count));
            }
        }
        for event in &mut span.events {
            cut_text(&mut event.name, NAME_BYTES);
            let omitted = limits.cut_attributes(&mut event.attributes);
            event.dropped_attributes_count = event.dropped_attributes_count.saturating_add(omitted);
        }
        for link in &mut span.links {
            let omitted = limits.cut_attributes(&mut link.attributes);
            link.dropped_attributes_count = link.dropped_attributes_count.saturating_add(omitted);
        }
        let of_events = span.events.iter_mut().map(|event| &mut event.attributes);
        let of_links = span.links.iter_mut().map(|link| &mut link.attributes);
        for attributes in of_events.chain(of_links).chain([&mut span.attributes]) {
            reveal_bytes(self.redactor, attributes);
        }
        cut_text(&mut span.name, NAME_BYTES);
        if let Some(status) = &mut span.status {
            cut_text(&mut status.message, limits.text_bytes);
        }
    }

    /// Redacted attributes: as JSON, and as what the conventions read. They are read again only where something was hidden.
    pub(super) fn attributes<'a>(
        &self,
        attributes: &'a [KeyValue],
    ) -> (String, Cow<'a, [KeyValue]>) {
        let mut json = Json::with_room_for(attributes);
        write_attributes(&mut json, attributes);
        let json = json.into_text();
        if let Cow::Owned(redacted) = self.redactor.json_text(&json) {
            let kept = read_attributes(&redacted);
            return (redacted, Cow::Owned(kept));
        }
        (json, Cow::Borrowed(attributes))
    }

    fn status(&self, status: Option<Status>) -> (StatusCode, Option<String>) {
        let Status { message, code } = status.unwrap_or_default();
        let code = match code {
            1 => StatusCode::Ok,
            2 => StatusCode::Error,
            _ => StatusCode::Unset,
        };
        let message = (!message.is_empty()).then(|| self.redactor.text(&message).into_owned());
        (code, message)
    }

    /// A trace state is opaque to all but its vendors: with something sensitive in it, it is dropped as a whole.
    fn trace_state(&self, state: &str) -> Option<String> {
        let clean = !state.is_empty() && self.redactor.text(state) == state;
        clean.then(|| state.to_owned())
    }

    /// A JSON array of `{"name", "time_ns", "attributes", "dropped_attributes"}`: the last only when some were. `None` when
    /// empty. Times and ids are not scanned: as digits they look like numbers of cards now and then.
    fn events(&self, events: &[Event]) -> Result<Option<String>, String> {
        let mut times = Vec::with_capacity(events.len());
        for event in events {
            times.push(nanoseconds(
                event.time_unix_nano,
                "time_unix_nano of an event",
            )?);
        }
        let mut json = Json::default();
        json.list(
            ["[", "]"],
            events.iter().zip(times),
            |json, (event, time_ns)| {
                json.raw(r#"{"name":"#);
                json.string(&self.redactor.text(&event.name));
                json.raw(r#","time_ns":"#);
                json.display(time_ns);
                self.annotations(json, &event.attributes, event.dropped_attributes_count);
            },
        );
        Ok((!events.is_empty()).then(|| json.into_text()))
    }

    /// A JSON array of `{"trace_id", "span_id", "trace_state", "flags", "attributes", "dropped_attributes"}`: `trace_state`
    /// and the last only when there are some. `None` when empty.
    fn links(&self, links: &[Link]) -> Option<String> {
        let mut json = Json::default();
        json.list(["[", "]"], links, |json, link| {
            json.raw(r#"{"trace_id":""#);
            json.raw(&hex::encode(&link.trace_id));
            json.raw(r#"","span_id":""#);
            json.raw(&hex::encode(&link.span_id));
            json.raw(r#"""#);
            if let Some(state) = self.trace_state(&link.trace_state) {
                json.raw(r#","trace_state":"#);
                json.string(&state);
            }
            json.raw(r#","flags":"#);
            json.display(link.flags);
            self.annotations(json, &link.attributes, link.dropped_attributes_count);
        });
        (!links.is_empty()).then(|| json.into_text())
    }

    fn annotations(&self, json: &mut Json, attributes: &[KeyValue], dropped: u32) {
        json.raw(r#","attributes":"#);
        json.raw(&self.attributes(attributes).0);
        if dropped > 0 {
            json.raw(r#","dropped_attributes":"#);
            json.display(dropped);
        }
        json.raw("}");
    }
}

/// An attribute that holds JSON text, as JSON; any other text as a JSON string.
fn content_json(attribute: &KeyValue) -> String {
    if let Some(json) = attribute.json() {
        return json;
    }
    let text = attribute.text();
    if serde_json::from_str::<IgnoredAny>(&text).is_ok() {
        return text.into_owned();
    }
    let mut json = Json::default();
    json.string(&text);
    json.into_text()
}

/// The input with the system instructions as its first message, where it is a list.
fn with_system(input: Option<String>, system: Option<String>) -> Option<String> {
    let inner = |list: &str| {
        let items = list.trim().strip_prefix('[')?.strip_suffix(']')?;
        Some(items.trim().to_owned())
    };
    let Some(system) = system else {
        return input;
    };
    // Some libraries send them as one text.
    let system = match inner(&system) {
        Some(_) => system,
        None => format!(r#"[{{"type":"text","content":{system}}}]"#),
    };
    let messages = input.as_deref().map_or(Some(String::new()), inner);
    let Some(messages) = messages else {
        return input;
    };
    let separator = if messages.is_empty() { "" } else { "," };
    Some(format!(
        r#"[{{"role":"system","parts":{system}}}{separator}{messages}]"#
    ))
}

pub(super) fn trace_id(bytes: &[u8]) -> Result<TraceId, String> {
    let id = <[u8; 16]>::try_from(bytes)
        .map_err(|_| format!("trace_id has {} bytes, not 16", bytes.len()))?;
    Some(TraceId(id))
        .filter(|id| !id.is_zero())
        .ok_or_else(|| "trace_id is all zeros".to_owned())
}

pub(super) fn span_id(bytes: &[u8], what: &str) -> Result<SpanId, String> {
    let id = <[u8; 8]>::try_from(bytes)
        .map_err(|_| format!("{what} has {} bytes, not 8", bytes.len()))?;
    Some(SpanId(id))
        .filter(|id| !id.is_zero())
        .ok_or_else(|| format!("{what} is all zeros"))
}

pub(super) fn nanoseconds(time: u64, what: &str) -> Result<i64, String> {
    i64::try_from(time).map_err(|_| format!("{what} is beyond the year 2262"))
}

fn kind(kind: i32) -> SpanKind {
    let known = SpanKind::ALL.iter().copied();
    known
        .into_iter()
        .find(|known| i32::from(*known as i16) == kind)
        .unwrap_or(SpanKind::Unspecified)
}
