//! What comes in by OTLP goes out equal.

use std::collections::BTreeMap;

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{
    AnyValue, ArrayValue, InstrumentationScope, KeyValue, KeyValueList,
};
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::span::{Event, Link};
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span, Status};
use orcheo_store::Store;
use orcheo_store::models::executions::Execution;
use orcheo_store::models::spans::whole;
use orcheo_store::page::Page;
use orcheo_store::testing::TestDatabase;
use orcheo_telemetry::otlp::{
    Accepted, Encoding, OTLP_JSON, OtlpLimits, OtlpReceiver, encode_json,
};
use orcheo_telemetry::{Prices, Redactor};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use prost::Message as _;

/// Text in which no rule of redaction finds anything, but quoting does.
fn text() -> impl Strategy<Value = String> {
    r#"[a-d é"\\\n$.]{0,12}"#
}

fn value() -> impl Strategy<Value = AnyValue> {
    let leaf = prop_oneof![
        Just(None),
        text().prop_map(|text| Some(Value::StringValue(text))),
        "[a-c]{1100,1200}".prop_map(|text| Some(Value::StringValue(text))),
        any::<bool>().prop_map(|boolean| Some(Value::BoolValue(boolean))),
        prop_oneof![-9_999_i64..9_999, Just(i64::MAX), Just(i64::MIN)]
            .prop_map(|integer| Some(Value::IntValue(integer))),
        prop_oneof![-9.0..9.0, Just(-0.0), Just(1e300), Just(5e-324), Just(3.0)]
            .prop_map(|double| Some(Value::DoubleValue(double))),
        vec(any::<u8>(), 0..6).prop_map(|bytes| Some(Value::BytesValue(bytes))),
    ];
    let leaf = leaf.prop_map(|value| AnyValue { value });
    leaf.prop_recursive(3, 12, 4, |inner| {
        let list = vec(inner.clone(), 0..4)
            .prop_map(|values| Value::ArrayValue(ArrayValue { values }));
        let members = prop_oneof![4 => text(), 1 => Just("$bytes".to_owned()), 1 => Just("$$double".to_owned())];
        let map = btree_map(members, inner, 0..4)
            .prop_map(|members| Value::KvlistValue(KeyValueList { values: key_values(members) }));
        prop_oneof![list, map].prop_map(|value| AnyValue { value: Some(value) })
    })
}

fn key_values(members: BTreeMap<String, AnyValue>) -> Vec<KeyValue> {
    let attribute = |(key, value)| KeyValue {
        key,
        value: Some(value),
        key_strindex: 0,
    };
    members.into_iter().map(attribute).collect()
}

fn attributes() -> impl Strategy<Value = Vec<KeyValue>> {
    let keys = prop_oneof![
        3 => text(),
        1 => Just("input.value".to_owned()),
        1 => Just("gen_ai.output.messages".to_owned()),
        1 => Just("llm.input_messages.0.message.role".to_owned()),
    ];
    btree_map(keys, value(), 0..5).prop_map(key_values)
}

fn time() -> impl Strategy<Value = u64> {
    prop_oneof![1..2_u64.pow(62), Just(i64::MAX as u64)]
}

const DROPPED: std::ops::Range<u32> = 0..3;

fn events() -> impl Strategy<Value = Vec<Event>> {
    let event =
        (time(), text(), attributes(), DROPPED).prop_map(|(time, name, attributes, dropped)| {
            Event {
                time_unix_nano: time,
                name,
                attributes,
                dropped_attributes_count: dropped,
            }
        });
    vec(event, 0..3)
}

fn links() -> impl Strategy<Value = Vec<Link>> {
    let link = (
        any::<[u8; 16]>(),
        any::<[u8; 8]>(),
        trace_state(),
        attributes(),
        DROPPED,
        any::<u32>(),
    );
    let link = link.prop_map(
        |(trace_id, span_id, trace_state, attributes, dropped, flags)| Link {
            trace_id: trace_id.to_vec(),
            span_id: span_id.to_vec(),
            trace_state,
            attributes,
            dropped_attributes_count: dropped,
            flags,
        },
    );
    vec(link, 0..3)
}

fn trace_state() -> impl Strategy<Value = String> {
    prop_oneof![Just(String::new()), "[a-c]{1,4}=[a-d]{1,9}"]
}

fn span() -> impl Strategy<Value = Span> {
    let identity = (
        any::<Option<[u8; 7]>>(),
        trace_state(),
        any::<u32>(),
        text(),
        0..6,
        0..3,
    );
    let rest = (
        time(),
        prop_oneof![Just(0), time()],
        attributes(),
        events(),
        links(),
        text(),
    );
    (identity, rest, [DROPPED, DROPPED, DROPPED]).prop_map(|(identity, rest, dropped)| {
        let (parent, trace_state, flags, name, kind, code) = identity;
        let (start, end, attributes, events, links, message) = rest;
        Span {
            // No span is its own parent: ids are given below 256, and these have a first byte.
            parent_span_id: parent.map_or(Vec::new(), |parent| [&[7], &parent[..]].concat()),
            trace_state,
            flags,
            name,
            kind,
            start_time_unix_nano: start,
            end_time_unix_nano: end,
            attributes,
            dropped_attributes_count: dropped[0],
            events,
            dropped_events_count: dropped[1],
            links,
            dropped_links_count: dropped[2],
            status: Some(Status { message, code }),
            ..Span::default()
        }
    })
}

fn resource_spans() -> impl Strategy<Value = ResourceSpans> {
    let scope = (
        text(),
        text(),
        attributes(),
        DROPPED,
        text(),
        vec(span(), 1..4),
    );
    let scope =
        scope.prop_map(
            |(name, version, attributes, dropped, schema_url, spans)| ScopeSpans {
                scope: Some(InstrumentationScope {
                    name,
                    version,
                    attributes,
                    dropped_attributes_count: dropped,
                }),
                spans,
                schema_url,
            },
        );
    (attributes(), DROPPED, text(), vec(scope, 1..3)).prop_map(
        |(attributes, dropped, schema_url, scope_spans)| ResourceSpans {
            resource: Some(Resource {
                attributes,
                dropped_attributes_count: dropped,
                ..Resource::default()
            }),
            scope_spans,
            schema_url,
        },
    )
}

/// Every span of a request with where it comes from, by id; attributes in the order of their keys, since they have none.
fn flat(request: &ExportTraceServiceRequest) -> BTreeMap<Vec<u8>, (ResourceSpans, Span)> {
    let mut spans = BTreeMap::new();
    for resource in &request.resource_spans {
        for scope in &resource.scope_spans {
            for span in &scope.spans {
                let mut origin = ResourceSpans {
                    scope_spans: vec![ScopeSpans {
                        spans: Vec::new(),
                        ..scope.clone()
                    }],
                    ..resource.clone()
                };
                let mut span = span.clone();
                sort(&mut origin.resource.as_mut().unwrap().attributes);
                sort(&mut origin.scope_spans[0].scope.as_mut().unwrap().attributes);
                sort(&mut span.attributes);
                span.events
                    .iter_mut()
                    .for_each(|event| sort(&mut event.attributes));
                span.links
                    .iter_mut()
                    .for_each(|link| sort(&mut link.attributes));
                spans.insert(span.span_id.clone(), (origin, span));
            }
        }
    }
    spans
}

fn compare(
    out: &ExportTraceServiceRequest,
    sent: &ExportTraceServiceRequest,
) -> Result<(), TestCaseError> {
    let (out, sent) = (flat(out), flat(sent));
    prop_assert_eq!(out.len(), sent.len());
    for (out, sent) in out.values().zip(sent.values()) {
        prop_assert_eq!(out, sent);
    }
    Ok(())
}

fn sort(attributes: &mut [KeyValue]) {
    attributes.sort_by(|a, b| a.key.cmp(&b.key));
}

async fn export(store: &Store, trace: [u8; 16]) -> String {
    let mut connection = store.read().await.unwrap();
    let id = Execution::id_of_trace(&mut connection, "default", orcheo_store::TraceId(trace))
        .await
        .unwrap()
        .unwrap();
    let [head, tail] = OTLP_JSON;
    let mut parts = Vec::new();
    let mut after = None;
    loop {
        let slice = whole(&mut connection, id, &Page::first(2, after))
            .await
            .unwrap();
        parts.push(encode_json(&slice.rows));
        after = slice
            .rows
            .last()
            .map(|last| (last.span.start_ns, last.span.span_id));
        if !slice.has_next {
            return format!("{head}{}{tail}", parts.join(","));
        }
    }
}

#[test]
fn what_comes_in_goes_out_equal() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (database, other) =
        runtime.block_on(async { (TestDatabase::new().await, TestDatabase::new().await) });
    let stores = runtime.block_on(async { [database.store().await, other.store().await] });
    let receive = |store: &Store, encoding, body: Vec<u8>| {
        let receiver = OtlpReceiver::new(
            store.clone(),
            Redactor::new(),
            Prices::builtin(),
            OtlpLimits::default(),
        );
        runtime.block_on(async { receiver.traces(encoding, body.into()).await.unwrap() })
    };
    let config = ProptestConfig {
        cases: 48,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    proptest!(config, |(mut sent in vec(resource_spans(), 1..3))| {
        // Another one for each try, also of the same input: the database keeps what it has.
        let trace = orcheo_store::TraceId::random().0;
        let spans = sent.iter_mut().flat_map(|resource| &mut resource.scope_spans).flat_map(|scope| &mut scope.spans);
        for (number, span) in (1_u64..).zip(spans) {
            span.trace_id = trace.to_vec();
            span.span_id = number.to_be_bytes().to_vec();
        }
        let sent = ExportTraceServiceRequest { resource_spans: sent };
        let accepted = receive(&stores[0], Encoding::Protobuf, sent.encode_to_vec());
        prop_assert_eq!(accepted, Accepted::default());
        let json = runtime.block_on(export(&stores[0], trace));
        let out: ExportTraceServiceRequest = serde_json::from_str(&json).unwrap();
        compare(&out, &sent)?;
        // And once more, through a file.
        prop_assert_eq!(receive(&stores[1], Encoding::Json, json.into_bytes()), Accepted::default());
        let again = runtime.block_on(export(&stores[1], trace));
        let again: ExportTraceServiceRequest = serde_json::from_str(&again).unwrap();
        compare(&again, &sent)?;
    });
    drop(stores);
    runtime.block_on(async {
        drop(database);
        drop(other);
    });
}
