//! Bad input: a clear answer, and the rest of the batch kept.

use opentelemetry_proto::tonic::{
    common::v1::{ArrayValue, KeyValueList},
    trace::v1::span::{Event, Link},
};

use super::*;

fn with(span: Span, change: impl FnOnce(&mut Span)) -> Span {
    let mut span = span;
    change(&mut span);
    span
}

#[tokio::test]
async fn what_cannot_be_stored_is_rejected_with_its_reason_and_the_rest_is_kept() {
    let server = Server::start().await;
    let good = || span(30, 1, None);
    let bad = |change: fn(&mut Span)| with(span(30, 2, Some(1)), change);
    for (bad, reason) in [
        (
            bad(|span| span.trace_id = vec![0; 16]),
            "trace_id is all zeros (1)",
        ),
        (
            bad(|span| span.trace_id = vec![]),
            "trace_id has 0 bytes, not 16 (1)",
        ),
        (
            bad(|span| span.trace_id = vec![1; 8]),
            "trace_id has 8 bytes, not 16 (1)",
        ),
        (
            bad(|span| span.span_id = vec![0; 8]),
            "span_id is all zeros (1)",
        ),
        (
            bad(|span| span.span_id = vec![2; 16]),
            "span_id has 16 bytes, not 8 (1)",
        ),
        (
            bad(|span| span.parent_span_id = vec![1; 3]),
            "parent_span_id has 3 bytes, not 8 (1)",
        ),
        (
            bad(|span| span.start_time_unix_nano = u64::MAX),
            "start_time_unix_nano is beyond the year 2262 (1)",
        ),
        (
            bad(|span| span.end_time_unix_nano = u64::MAX),
            "end_time_unix_nano is beyond the year 2262 (1)",
        ),
        (
            bad(|span| {
                span.start_time_unix_nano = 0;
                span.end_time_unix_nano = 0;
            }),
            "neither start nor end is known (1)",
        ),
        (
            bad(|span| {
                span.events = vec![Event {
                    time_unix_nano: u64::MAX,
                    ..Event::default()
                }];
            }),
            "time_unix_nano of an event is beyond the year 2262 (1)",
        ),
    ] {
        let answer = send(&server, &request(vec![bad, good()])).await;
        assert_eq!(
            (answer.rejected_spans, answer.error_message.as_str()),
            (1, reason)
        );
        assert_eq!(spans(&server, 30, "name").await.len(), 1, "{reason}");
    }
}

#[tokio::test]
async fn of_two_spans_with_one_id_the_first_is_kept_and_the_other_is_reported() {
    let server = Server::start().await;
    let first = span(35, 1, None);
    let other = with(first.clone(), |span| {
        span.name = "of another service".to_owned();
        span.start_time_unix_nano += 1;
    });
    let taken = |rejected_spans| ExportTracePartialSuccess {
        rejected_spans,
        error_message: match rejected_spans {
            0 => String::new(),
            count => format!("another span of the trace has its span_id ({count})"),
        },
    };
    let good = |number| span(35, number, Some(1));
    // In one request, in the next one, and at once: sent again, the first is no other.
    let together = vec![first.clone(), good(2), other.clone(), first.clone()];
    assert_eq!(send(&server, &request(together)).await, taken(1));
    let later = of_service("other", vec![other.clone(), good(3), good(2)]);
    assert_eq!(send(&server, &later).await, taken(1));
    let again = request(vec![first.clone(), good(3)]);
    assert_eq!(send(&server, &again).await, taken(0));
    let race = [of_service("a", vec![good(4)]), {
        let claims = with(good(4), |span| span.kind = 3);
        of_service("b", vec![claims])
    }];
    let [a, b] = &race;
    let (a, b) = tokio::join!(send(&server, a), send(&server, b));
    assert_eq!(a.rejected_spans + b.rejected_spans, 1);
    let names = spans(&server, 35, "name").await;
    let expected = [1, 2, 3, 4].map(|number| json!({"name": format!("span {number}")}));
    assert_eq!(names, expected);
}

#[tokio::test]
async fn what_is_odd_is_kept_and_shown() {
    let server = Server::start().await;
    let mut nested = Any::StringValue("bottom".to_owned());
    for _ in 0..15 {
        nested = Any::KvlistValue(KeyValueList {
            values: vec![any("in", nested)],
        });
    }
    let odd = [
        with(span(31, 1, None), |span| {
            span.end_time_unix_nano = span.start_time_unix_nano - 7;
        }),
        with(span(31, 2, Some(2)), |_| {}),
        with(span(31, 3, Some(1)), |span| {
            span.name = "a\0b".to_owned();
            span.attributes = vec![
                text("nul", "a\0b"),
                text("k\0y", "v"),
                any("max", Any::IntValue(i64::MAX)),
                any("min", Any::IntValue(i64::MIN)),
                any("nan", Any::DoubleValue(f64::NAN)),
                any("nested", nested),
                text("orcheo.workflow.id", "w\0x"),
                text("session.id", &"s".repeat(5_000)),
            ];
        }),
        with(span(31, 4, Some(1)), |span| {
            span.kind = 99;
            span.parent_span_id = vec![0; 8];
            span.start_time_unix_nano = 1;
            span.end_time_unix_nano = i64::MAX as u64;
            span.links = vec![Link::default()];
            span.status = Some(Status {
                code: 42,
                ..Status::default()
            });
        }),
    ];
    accept(&server, odd.to_vec()).await;
    let fields = "name spanId parentSpanId durationMs kind status { code } attributes links { traceId spanId }";
    let shown = spans(&server, 31, fields).await;
    assert_eq!(shown.len(), 4);
    let find = |number: u8| {
        shown
            .iter()
            .find(|span| span["spanId"] == hex(&[number; 8]))
            .unwrap()
    };
    assert_eq!(find(1)["durationMs"], 0.0);
    assert_eq!(find(2)["parentSpanId"], Value::Null);
    assert_eq!(
        find(2)["attributes"],
        json!({"orcheo.invalid.parent_span_id": hex(&[2; 8])})
    );
    let third = find(3);
    assert_eq!(third["name"], "a\u{fffd}b");
    let attributes = &third["attributes"];
    assert_eq!(attributes["nul"], "a\u{fffd}b");
    assert_eq!(attributes["max"], i64::MAX);
    assert_eq!(attributes["min"], i64::MIN);
    assert_eq!(attributes["nan"], json!({"$double": "NaN"}));
    assert!(attributes["nested"].to_string().contains("bottom"));
    assert_eq!(find(4)["kind"], "INTERNAL");
    assert_eq!(find(4)["status"]["code"], "UNSET");
    let run = execution(&server, 31, "threadId workflow { workflowId }").await;
    assert_eq!(run["workflow"]["workflowId"], "w\u{fffd}x");
    assert!(
        run["threadId"]
            .as_str()
            .unwrap()
            .ends_with("[truncated: 5000 bytes]")
    );
}

#[tokio::test]
async fn what_is_over_a_limit_is_cut_with_a_mark() {
    let server = Server::start().await;
    let many = |count: usize| {
        (0..count)
            .map(|number| text(&format!("key {number}"), "v"))
            .collect()
    };
    let wide = with(span(32, 1, None), |span| {
        span.attributes = many(10_000);
        span.events = vec![Event::default(); 2_001];
        span.events[0].attributes = many(1_001);
    });
    let long = with(span(32, 2, Some(1)), |span| {
        span.name = "é".repeat(5_000);
        span.attributes = vec![
            text("long", &"é".repeat(1 << 20)),
            any(
                "list",
                Any::ArrayValue(ArrayValue {
                    values: vec![AnyValue {
                        value: Some(Any::StringValue("x".repeat(2 << 20))),
                    }],
                }),
            ),
        ];
    });
    accept(&server, vec![wide, long]).await;
    let shown = spans(&server, 32, "name attributes events { attributes }").await;
    let attributes = shown[0]["attributes"].as_object().unwrap();
    assert_eq!(attributes.len(), 1_002);
    assert_eq!(attributes["orcheo.omitted.attributes"], 9_000);
    assert_eq!(attributes["orcheo.omitted.events"], 1);
    assert_eq!(shown[0]["events"].as_array().unwrap().len(), 2_000);
    assert_eq!(
        shown[0]["events"][0]["attributes"]["orcheo.omitted.attributes"],
        1
    );
    assert!(
        shown[1]["name"]
            .as_str()
            .unwrap()
            .ends_with("… [truncated: 10000 bytes]")
    );
    for (value, bytes) in [
        (&shown[1]["attributes"]["long"], "2097152"),
        (&shown[1]["attributes"]["list"][0], "2097152"),
    ] {
        let value = value.as_str().unwrap();
        assert!(value.len() < (1 << 20) + 100);
        assert!(value.ends_with(&format!("… [truncated: {bytes} bytes]")));
    }
}

/// A span whose attribute is nested so deep, as bytes: the library's own encoder recurses.
fn deep_span(depth: usize) -> Vec<u8> {
    fn field(tag: u8, content: &[u8]) -> Vec<u8> {
        let mut bytes = vec![tag << 3 | 2];
        prost::encoding::encode_varint(content.len() as u64, &mut bytes);
        bytes.extend_from_slice(content);
        bytes
    }
    let mut value = field(1, b"bottom");
    for _ in 0..depth {
        value = field(6, &field(1, &[field(1, b"k"), field(2, &value)].concat()));
    }
    let attribute = [field(1, b"deep"), field(2, &value)].concat();
    [span(33, 9, Some(1)).encode_to_vec(), field(9, &attribute)].concat()
}

#[tokio::test]
async fn a_span_that_cannot_be_read_takes_no_other_with_it() {
    let server = Server::start().await;
    let field = |content: &[u8]| {
        let mut bytes = vec![2 << 3 | 2];
        prost::encoding::encode_varint(content.len() as u64, &mut bytes);
        bytes.extend_from_slice(content);
        bytes
    };
    let good = field(&span(33, 1, None).encode_to_vec());
    for (bad, reason) in [
        (deep_span(1_000), "recursion limit"),
        (vec![0xff; 5], "invalid"),
    ] {
        let scope = [field(&bad), good.clone()].concat();
        let body = field(&scope);
        let mut request = vec![1 << 3 | 2];
        prost::encoding::encode_varint(body.len() as u64, &mut request);
        request.extend_from_slice(&body);
        let sent = server
            .post("/v1/traces")
            .header("content-type", PROTOBUF)
            .body(request);
        let answer = sent.send().await.unwrap().bytes().await.unwrap();
        let partial = ExportTraceServiceResponse::decode(answer)
            .unwrap()
            .partial_success
            .unwrap();
        assert_eq!(partial.rejected_spans, 1);
        assert!(
            partial.error_message.contains(reason),
            "{}",
            partial.error_message
        );
        assert_eq!(spans(&server, 33, "name").await.len(), 1);
    }
    // What a resource or a scope says that cannot be read takes its own spans with it, and no others.
    let resource = |attribute: &[u8], number: u8| {
        let scope = field(&span(36, number, None).encode_to_vec());
        let resource = [vec![1 << 3 | 2, attribute.len() as u8], attribute.to_vec()].concat();
        let group = [resource, field(&scope)].concat();
        let mut request = vec![1 << 3 | 2];
        prost::encoding::encode_varint(group.len() as u64, &mut request);
        [request, group].concat()
    };
    let attribute = KeyValue {
        key: "k".to_owned(),
        ..KeyValue::default()
    };
    let readable = Resource {
        attributes: vec![attribute],
        ..Resource::default()
    };
    let readable = readable.encode_to_vec();
    let unreadable: Vec<u8> = readable
        .iter()
        .map(|byte| if *byte == b'k' { 0xff } else { *byte })
        .collect();
    let sent = server
        .post("/v1/traces")
        .header("content-type", PROTOBUF)
        .body([resource(&unreadable, 1), resource(&readable, 2)].concat());
    let answer = sent.send().await.unwrap().bytes().await.unwrap();
    let partial = ExportTraceServiceResponse::decode(answer)
        .unwrap()
        .partial_success
        .unwrap();
    assert_eq!(partial.rejected_spans, 1);
    assert!(
        partial
            .error_message
            .starts_with("its resource cannot be read: "),
        "{}",
        partial.error_message
    );
    assert_eq!(
        spans(&server, 36, "name").await,
        [json!({"name": "span 2"})]
    );
    let deep = format!(
        "{}1{}",
        r#"{"arrayValue":{"values":["#.repeat(1_000),
        "]}}".repeat(1_000)
    );
    let span = |id: &str, attribute: &str| {
        format!(
            r#"{{"traceId":"{}","spanId":"{id}","name":"n","startTimeUnixNano":"1","attributes":[{{"key":"k","value":{attribute}}}]}}"#,
            trace_id(34)
        )
    };
    let spans_json = [
        span("0000000000000001", &deep),
        span("0000000000000002", r#"{"stringValue":"fine"}"#),
        span("0000000000000003", r#"{"intValue":"1e400"}"#),
    ];
    let body = format!(
        r#"{{"resourceSpans":[{{"scopeSpans":[{{"spans":[{}]}}]}}]}}"#,
        spans_json.join(",")
    );
    let sent = server
        .post("/v1/traces")
        .header("content-type", "application/json")
        .body(body);
    let answer: Value = sent.send().await.unwrap().json().await.unwrap();
    assert_eq!(answer["partialSuccess"]["rejectedSpans"], "2", "{answer}");
    assert_eq!(spans(&server, 34, "name").await.len(), 1);
}
