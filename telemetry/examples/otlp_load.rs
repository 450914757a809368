//! Traces of agent runs as the bodies of OTLP requests, and the same spans as rows for COPY: what ingest is measured with.
//!
//! `cargo run --release -p orcheo-telemetry --example otlp_load DIRECTORY SPANS` writes `0000.pb`, `0001.pb`, … of 500 spans each
//! and `rows.tsv`, with the columns trace_id, span_id, parent_span_id (bytea), name, start_time, end_time, status, attributes and
//! events (JSON). Spans come as an SDK sends them: children before their parents.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, InstrumentationScope, KeyValue};
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::span::Event;
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span, Status};
use prost::Message as _;
use serde_json::json;

const SPANS_OF_TRACE: usize = 100;
const SPANS_OF_REQUEST: usize = 500;
const CHILDREN: usize = 5;
const WORDS: &str = "the model should answer with a short summary of retrieved documents about invoice routing policy and \
    escalate when confidence is low otherwise continue to the next step of workflow using customer account history order \
    status refund limits shipping address and tone guide";

fn main() -> std::io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let (Some(directory), Some(spans)) = (arguments.next(), arguments.next()) else {
        return Err(std::io::Error::other("usage: otlp_load DIRECTORY SPANS"));
    };
    let count: usize = spans.parse().map_err(std::io::Error::other)?;
    let directory = Path::new(&directory);
    let mut load = Load {
        random: Random(7),
        words: WORDS.split_ascii_whitespace().collect(),
    };
    let mut rows = BufWriter::new(File::create(directory.join("rows.tsv"))?);
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let now = now.map_err(std::io::Error::other)?.as_nanos() as u64;
    let mut spans = Vec::new();
    let mut requests = 0..;
    for trace in 0..count.div_ceil(SPANS_OF_TRACE) as u64 {
        for span in load.trace(now + trace * 1_000_000_000) {
            rows.write_all(row(&span).as_bytes())?;
            spans.push(span);
            if spans.len() == SPANS_OF_REQUEST {
                let file = format!("{:04}.pb", requests.next().unwrap_or_default());
                std::fs::write(directory.join(file), body(std::mem::take(&mut spans)))?;
            }
        }
    }
    if !spans.is_empty() {
        let file = format!("{:04}.pb", requests.next().unwrap_or_default());
        std::fs::write(directory.join(file), body(spans))?;
    }
    rows.flush()
}

/// SplitMix64: the same load at every run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }
}

struct Load {
    random: Random,
    words: Vec<&'static str>,
}

impl Load {
    /// A tree whose children run within their parents, the leaves first.
    fn trace(&mut self, start: u64) -> Vec<Span> {
        let trace_id: Vec<u8> = [self.random.next(), self.random.next()]
            .into_iter()
            .flat_map(u64::to_be_bytes)
            .collect();
        let ids: Vec<Vec<u8>> = (0..SPANS_OF_TRACE)
            .map(|_| self.random.next().to_be_bytes().to_vec())
            .collect();
        let mut times = vec![(start, start + 100_000_000)];
        for index in 1..SPANS_OF_TRACE {
            let (from, to) = times[(index - 1) / CHILDREN];
            let slot = (to - from) / (CHILDREN as u64 + 1);
            let from = from + slot * ((index - 1) % CHILDREN) as u64 + slot / 4;
            times.push((from, from + slot.max(1_000)));
        }
        let spans = (0..SPANS_OF_TRACE).rev().map(|index| {
            let (start, end) = times[index];
            let (name, attributes) = self.work(index);
            Span {
                trace_id: trace_id.clone(),
                span_id: ids[index].clone(),
                parent_span_id: match index {
                    0 => Vec::new(),
                    _ => ids[(index - 1) / CHILDREN].clone(),
                },
                name,
                kind: 1,
                start_time_unix_nano: start,
                end_time_unix_nano: end,
                status: Some(Status {
                    code: if index % 97 == 96 { 2 } else { 1 },
                    message: String::new(),
                }),
                attributes,
                events: vec![
                    self.event("gen_ai.prompt", start + 10),
                    self.event("gen_ai.response", end - 10),
                ],
                ..Span::default()
            }
        });
        spans.collect()
    }

    /// Name and attributes of an agent, a model call, a tool or a retrieval.
    fn work(&mut self, index: usize) -> (String, Vec<KeyValue>) {
        let leaf = index * CHILDREN + 1 >= SPANS_OF_TRACE;
        let kind = match (leaf, self.random.below(20)) {
            (false, _) if index.is_multiple_of(3) => "AGENT",
            (false, _) => "CHAIN",
            (true, 0..12) => "LLM",
            (true, 12..17) => "TOOL",
            (true, _) => "RETRIEVER",
        };
        let mut attributes = vec![
            text("openinference.span.kind", kind),
            text("orcheo.node.id", format!("node-{index:05}")),
            text("orcheo.workflow.name", "support-triage"),
            int("orcheo.node.attempt", 1),
            text("input.value", self.prose(180)),
            text("output.value", self.prose(180)),
            text("code.function", "orcheo.nodes.run_node"),
            text("thread.name", format!("worker-{}", index % 8)),
        ];
        match kind {
            "LLM" => attributes.extend([
                text("gen_ai.provider.name", "openai"),
                text("gen_ai.operation.name", "chat"),
                text("gen_ai.request.model", "gpt-4o"),
                int("gen_ai.usage.input_tokens", 200 + self.random.below(3_800)),
                int("gen_ai.usage.output_tokens", 20 + self.random.below(880)),
                text("llm.model_name", "gpt-4o"),
                int("llm.token_count.total", 220),
            ]),
            "TOOL" => attributes.extend([
                text("tool.name", "lookup_order"),
                text(
                    "tool.parameters",
                    json!({ "order": self.random.below(1_000_000) }).to_string(),
                ),
            ]),
            "RETRIEVER" => attributes.extend([
                text("retrieval.documents.0.document.id", format!("doc-{index}")),
                text("retrieval.documents.0.document.content", self.prose(160)),
            ]),
            _ => {}
        }
        let name = format!("{}.node-{index:05}", kind.to_ascii_lowercase());
        (name, attributes)
    }

    fn event(&mut self, name: &str, time: u64) -> Event {
        Event {
            name: name.to_owned(),
            time_unix_nano: time,
            attributes: vec![text("content", self.prose(200))],
            dropped_attributes_count: 0,
        }
    }

    fn prose(&mut self, bytes: usize) -> String {
        let mut prose = String::with_capacity(bytes + 16);
        while prose.len() < bytes {
            let word = self.random.below(self.words.len() as u64) as usize;
            prose.push_str(self.words[word]);
            prose.push(' ');
        }
        prose
    }
}

fn text(key: &str, value: impl Into<String>) -> KeyValue {
    attribute(key, Value::StringValue(value.into()))
}

fn int(key: &str, value: u64) -> KeyValue {
    attribute(key, Value::IntValue(value.cast_signed()))
}

fn attribute(key: &str, value: Value) -> KeyValue {
    KeyValue {
        key: key.to_owned(),
        value: Some(AnyValue { value: Some(value) }),
        ..KeyValue::default()
    }
}

fn body(spans: Vec<Span>) -> Vec<u8> {
    let resource = Resource {
        attributes: vec![
            text("service.name", "bench"),
            text("telemetry.sdk.language", "rust"),
        ],
        ..Resource::default()
    };
    let scope = InstrumentationScope {
        name: "bench".to_owned(),
        ..InstrumentationScope::default()
    };
    let request = ExportTraceServiceRequest {
        resource_spans: vec![ResourceSpans {
            resource: Some(resource),
            scope_spans: vec![ScopeSpans {
                scope: Some(scope),
                spans,
                schema_url: String::new(),
            }],
            schema_url: String::new(),
        }],
    };
    request.encode_to_vec()
}

/// A line of COPY's text form.
fn row(span: &Span) -> String {
    let parent = match span.parent_span_id.as_slice() {
        [] => r"\N".to_owned(),
        id => bytea(id),
    };
    let events = span.events.iter().map(|event| {
        json!({ "name": event.name, "time_ns": event.time_unix_nano, "attributes": object(&event.attributes) })
    });
    let json = |value: serde_json::Value| value.to_string().replace('\\', r"\\");
    [
        bytea(&span.trace_id),
        bytea(&span.span_id),
        parent,
        span.name.clone(),
        time(span.start_time_unix_nano),
        time(span.end_time_unix_nano),
        span.status
            .as_ref()
            .map_or(0, |status| status.code)
            .to_string(),
        json(object(&span.attributes)),
        json(events.collect()),
    ]
    .join("\t")
        + "\n"
}

fn time(nanoseconds: u64) -> String {
    chrono::DateTime::from_timestamp_nanos(nanoseconds.cast_signed()).to_rfc3339()
}

fn bytea(bytes: &[u8]) -> String {
    let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    format!(r"\\x{digits}")
}

fn object(attributes: &[KeyValue]) -> serde_json::Value {
    let members = attributes.iter().map(|attribute| {
        let value = match attribute.value.as_ref().and_then(|any| any.value.as_ref()) {
            Some(Value::StringValue(text)) => json!(text),
            Some(Value::IntValue(number)) => json!(number),
            _ => json!(null),
        };
        (attribute.key.clone(), value)
    });
    members.collect::<serde_json::Map<_, _>>().into()
}
