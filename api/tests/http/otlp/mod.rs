//! OTLP in: what other programs send, and what the API then shows.

mod content;
mod grpc;
mod hostile;
mod http;
mod logs;
mod runs;
mod spans;
mod usage;

use std::io::Write as _;

use flate2::{Compression, write::GzEncoder};
use opentelemetry_proto::tonic::{
    collector::trace::v1::{
        ExportTracePartialSuccess, ExportTraceServiceRequest, ExportTraceServiceResponse,
    },
    common::v1::{AnyValue, InstrumentationScope, KeyValue, any_value::Value as Any},
    resource::v1::Resource,
    trace::v1::{ResourceSpans, ScopeSpans, Span, Status},
};
use prost::Message as _;
use serde_json::{Value, json};

use crate::support::{Options, Server};

pub(crate) const PROTOBUF: &str = "application/x-protobuf";

/// 2026-01-01, in nanoseconds.
pub(crate) const START: u64 = 1_767_225_600_000_000_000;
const SECOND: u64 = 1_000_000_000;

pub(crate) fn text(key: &str, value: &str) -> KeyValue {
    any(key, Any::StringValue(value.to_owned()))
}

pub(crate) fn any(key: &str, value: Any) -> KeyValue {
    KeyValue {
        key: key.to_owned(),
        value: Some(AnyValue { value: Some(value) }),
        key_strindex: 0,
    }
}

/// An ended span of the trace, which began as many seconds after the trace as its number.
pub(crate) fn span(trace: u8, number: u8, parent: Option<u8>) -> Span {
    let start = START + u64::from(number) * SECOND;
    Span {
        trace_id: vec![trace; 16],
        span_id: vec![number; 8],
        parent_span_id: parent.map(|parent| vec![parent; 8]).unwrap_or_default(),
        name: format!("span {number}"),
        kind: 1,
        start_time_unix_nano: start,
        end_time_unix_nano: start + SECOND / 2,
        ..Span::default()
    }
}

pub(crate) fn failed(span: Span, message: &str) -> Span {
    Span {
        status: Some(Status {
            message: message.to_owned(),
            code: 2,
        }),
        ..span
    }
}

pub(crate) fn request(spans: Vec<Span>) -> ExportTraceServiceRequest {
    of_service("shop", spans)
}

pub(crate) fn of_service(service: &str, spans: Vec<Span>) -> ExportTraceServiceRequest {
    ExportTraceServiceRequest {
        resource_spans: vec![ResourceSpans {
            resource: Some(Resource {
                attributes: vec![text("service.name", service)],
                ..Resource::default()
            }),
            scope_spans: vec![ScopeSpans {
                scope: Some(InstrumentationScope {
                    name: "lib".to_owned(),
                    version: "1.2".to_owned(),
                    ..InstrumentationScope::default()
                }),
                spans,
                schema_url: String::new(),
            }],
            schema_url: String::new(),
        }],
    }
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// Sends spans as Protocol Buffers; what was rejected of them.
pub(crate) async fn send(
    server: &Server,
    request: &ExportTraceServiceRequest,
) -> ExportTracePartialSuccess {
    let response = server
        .post("/v1/traces")
        .header("content-type", PROTOBUF)
        .body(request.encode_to_vec())
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], PROTOBUF);
    let body = response.bytes().await.unwrap();
    ExportTraceServiceResponse::decode(body)
        .unwrap()
        .partial_success
        .unwrap_or_default()
}

/// Sends spans of which none is rejected.
pub(crate) async fn accept(server: &Server, spans: Vec<Span>) {
    assert_eq!(
        send(server, &request(spans)).await,
        ExportTracePartialSuccess::default()
    );
}

pub(crate) fn trace_id(trace: u8) -> String {
    hex(&[trace; 16])
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Fields of the execution of a trace.
pub(crate) async fn execution(server: &Server, trace: u8, fields: &str) -> Value {
    let query =
        format!("query($trace: String!) {{ executionByTraceId(traceId: $trace) {{ {fields} }} }}");
    let mut data = server
        .query(&query, json!({"trace": trace_id(trace)}))
        .await;
    data["executionByTraceId"].take()
}

/// Fields of the spans of a trace, by start.
pub(crate) async fn spans(server: &Server, trace: u8, fields: &str) -> Vec<Value> {
    let fields = format!("spans {{ edges {{ node {{ {fields} }} }} }}");
    let mut execution = execution(server, trace, &fields).await;
    let edges = execution["spans"]["edges"].take();
    let Value::Array(edges) = edges else {
        panic!("no spans: {edges}");
    };
    edges
        .into_iter()
        .map(|mut edge| edge["node"].take())
        .collect()
}
