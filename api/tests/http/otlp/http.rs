//! OTLP/HTTP: content types, codings, status codes, partial success.

use std::time::Duration;

use diesel_async::RunQueryDsl as _;
use futures::future::Either;
use orcheo_telemetry::otlp::OtlpLimits;
use serde_json::json;

use super::*;

async fn post(server: &Server, headers: &[(&str, &str)], body: Vec<u8>) -> (u16, String, Vec<u8>) {
    let mut request = server.post("/v1/traces").body(body);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = request.send().await.unwrap();
    let kind = response.headers().get("content-type");
    let kind = kind.map_or("", |kind| kind.to_str().unwrap()).to_owned();
    (
        response.status().as_u16(),
        kind,
        response.bytes().await.unwrap().to_vec(),
    )
}

fn json_request() -> Value {
    json!({"resourceSpans": [{
        "resource": {"attributes": [{"key": "service.name", "value": {"stringValue": "web"}}]},
        "futureField": {"deep": [1]},
        "scopeSpans": [{"scope": {"name": "lib"}, "spans": [{
            "traceId": "0A0A0A0A0A0A0A0A0A0A0A0A0A0A0A0A", "spanId": "0101010101010101", "name": "from JSON", "kind": 3,
            "startTimeUnixNano": "1767225600000000000", "endTimeUnixNano": 1767225601000000000_u64,
            "unknown": null,
            "attributes": [
                {"key": "big", "value": {"intValue": "9223372036854775807"}},
                {"key": "small", "value": {"intValue": -5}},
                {"key": "half", "value": {"doubleValue": 0.5}},
                {"key": "list", "value": {"arrayValue": {"values": [{"stringValue": "a"}, {"boolValue": true}]}}},
                {"key": "map", "value": {"kvlistValue": {"values": [{"key": "k", "value": {"intValue": "1"}}]}}},
                {"key": "bytes", "value": {"bytesValue": "AAEC"}},
                {"key": "empty", "value": {}},
            ],
        }]}],
    }]})
}

#[tokio::test]
async fn json_is_taken_in_and_answered_in_json() {
    let server = Server::start().await;
    let headers = [("content-type", "application/json; charset=utf-8")];
    let (status, kind, body) = post(&server, &headers, json_request().to_string().into()).await;
    assert_eq!(
        (status, kind.as_str(), &body[..]),
        (200, "application/json", &b"{}"[..])
    );
    let spans = spans(&server, 10, "name kind durationMs attributes").await;
    assert_eq!(
        spans,
        [
            json!({"name": "from JSON", "kind": "CLIENT", "durationMs": 1000.0, "attributes": {
                "big": 9_223_372_036_854_775_807_i64, "small": -5, "half": 0.5, "list": ["a", true], "map": {"k": 1},
                "bytes": {"$bytes": "AAEC"}, "empty": null,
            }})
        ]
    );
}

#[tokio::test]
async fn doubles_of_json_may_be_text_and_no_numbers_and_go_out_so() {
    let server = Server::start().await;
    let mut sent = json_request();
    let attributes = json!([
        {"key": "nan", "value": {"doubleValue": "NaN"}},
        {"key": "list", "value": {"arrayValue": {"values": [{"doubleValue": "Infinity"}, {"doubleValue": "-Infinity"}]}}},
        {"key": "text", "value": {"doubleValue": "0.25"}},
        {"key": "int", "value": {"intValue": "7"}},
    ]);
    sent["resourceSpans"][0]["scopeSpans"][0]["spans"][0]["attributes"] = attributes.clone();
    let headers = [("content-type", "application/json")];
    let (status, _, body) = post(&server, &headers, sent.to_string().into()).await;
    assert_eq!((status, &body[..]), (200, &b"{}"[..]));
    let shown = spans(&server, 10, "attributes").await;
    assert_eq!(
        shown[0]["attributes"],
        json!({
            "nan": {"$double": "NaN"}, "list": [{"$double": "Infinity"}, {"$double": "-Infinity"}], "text": 0.25, "int": 7,
        })
    );
    let execution_id = execution(&server, 10, "executionId").await["executionId"].take();
    let path = format!(
        "/api/executions/{}/trace.otlp.json",
        execution_id.as_str().unwrap()
    );
    let out: Value = server
        .get(&path)
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    let out = &out["resourceSpans"][0]["scopeSpans"][0]["spans"][0]["attributes"];
    let mut expected = attributes;
    expected[2]["value"]["doubleValue"] = json!(0.25);
    assert_eq!(*out, expected);
}

#[tokio::test]
async fn whoever_sends_more_than_is_written_is_told_to_come_again() {
    let otlp = OtlpLimits {
        requests: 1,
        patience: Duration::from_secs(4),
        ..OtlpLimits::default()
    };
    let server = Server::with(Options {
        otlp,
        ..Options::default()
    })
    .await;
    accept(&server, vec![span(13, 1, None)]).await;
    let mut held = server.store.write().await.unwrap();
    let mut held_back = async |statement: &str| {
        let statement = diesel::sql_query(statement);
        statement.execute(&mut held).await.unwrap();
    };
    held_back("BEGIN").await;
    held_back("LOCK TABLE execution_rollups IN EXCLUSIVE MODE").await;
    let export = async |number| {
        let body = request(vec![span(13, number, Some(1))]).encode_to_vec();
        let request = server.post("/v1/traces").header("content-type", PROTOBUF);
        (number, request.body(body).send().await.unwrap())
    };
    // One of the two waits for the database, the other for its turn: that one is refused first.
    let (waiting, refused) = {
        let (a, b) = (std::pin::pin!(export(2)), std::pin::pin!(export(3)));
        match futures::future::select(a, b).await {
            Either::Left((refused, waiting)) | Either::Right((refused, waiting)) => {
                held_back("ROLLBACK").await;
                (waiting.await, refused)
            }
        }
    };
    assert_eq!(waiting.1.status(), 200);
    let (number, refused) = refused;
    assert_eq!(refused.status(), 429);
    assert_eq!(refused.headers()["retry-after"], "1");
    let status = tonic_types::pb::Status::decode(refused.bytes().await.unwrap()).unwrap();
    assert_eq!(
        (status.code, status.message.as_str()),
        (8, "more is sent than the database takes")
    );
    assert_eq!(export(number).await.1.status(), 200);
    assert_eq!(spans(&server, 13, "name").await.len(), 3);
}

#[tokio::test]
async fn gzip_is_unpacked() {
    let server = Server::start().await;
    let body = gzip(&request(vec![span(11, 1, None)]).encode_to_vec());
    let headers = [("content-type", PROTOBUF), ("content-encoding", "gzip")];
    let (status, kind, body) = post(&server, &headers, body).await;
    assert_eq!((status, kind.as_str(), body.len()), (200, PROTOBUF, 0));
    assert_eq!(spans(&server, 11, "name").await.len(), 1);
}

#[tokio::test]
async fn what_is_no_request_is_refused_with_a_status_in_its_own_encoding() {
    let server = Server::start().await;
    let json = |text: &str| text.as_bytes().to_vec();
    let bomb = gzip(&vec![0; 65 << 20]);
    for (headers, body, expected, says) in [
        (
            vec![("content-type", PROTOBUF)],
            vec![0xff; 9],
            400,
            "no OTLP request",
        ),
        (
            vec![("content-type", "application/json")],
            json("{"),
            400,
            "no OTLP request",
        ),
        (
            vec![("content-type", "application/json")],
            json("[]"),
            400,
            "no OTLP request",
        ),
        (
            vec![("content-type", "text/plain")],
            json("{}"),
            415,
            "Content-Type",
        ),
        (vec![], json("{}"), 415, "Content-Type"),
        (
            vec![("content-type", PROTOBUF), ("content-encoding", "br")],
            vec![],
            415,
            "not br",
        ),
        (
            vec![("content-type", PROTOBUF), ("content-encoding", "gzip")],
            vec![1; 9],
            400,
            "not gzip",
        ),
        (
            vec![("content-type", PROTOBUF), ("content-encoding", "gzip")],
            bomb,
            413,
            "when decompressed",
        ),
    ] {
        let (status, kind, body) = post(&server, &headers, body).await;
        let message = if kind == PROTOBUF {
            tonic_types::pb::Status::decode(&body[..]).unwrap().message
        } else {
            assert_eq!(kind, "application/json");
            serde_json::from_slice::<Value>(&body).unwrap()["message"].to_string()
        };
        assert_eq!(status, expected, "{headers:?}: {message}");
        assert!(message.contains(says), "{headers:?}: {message}");
    }
    let got = server.get("/v1/traces").send().await.unwrap();
    assert_eq!(got.status(), 405);
}

#[tokio::test]
async fn an_empty_request_is_a_success() {
    let server = Server::start().await;
    let (status, _, body) = post(&server, &[("content-type", PROTOBUF)], vec![]).await;
    assert_eq!((status, body.len()), (200, 0));
    let headers = [("content-type", "application/json")];
    let (status, _, body) = post(&server, &headers, b"{\"resourceSpans\":null}".to_vec()).await;
    assert_eq!((status, &body[..]), (200, &b"{}"[..]));
}

#[tokio::test]
async fn the_token_is_asked_for() {
    let options = Options {
        token: Some("open sesame"),
        ..Options::default()
    };
    let server = Server::with(options).await;
    let body = request(vec![span(12, 1, None)]).encode_to_vec();
    let headers = [("content-type", PROTOBUF)];
    assert_eq!(post(&server, &headers, body.clone()).await.0, 401);
    for (authorization, status) in [
        ("Bearer open sesame", 200),
        // As Logfire sends it.
        ("open sesame", 200),
        ("Bearer close sesame", 401),
        ("close sesame", 401),
        ("", 401),
    ] {
        let headers = [("content-type", PROTOBUF), ("authorization", authorization)];
        let answered = post(&server, &headers, body.clone()).await.0;
        assert_eq!(answered, status, "{authorization}");
    }
}

#[tokio::test]
async fn json_tells_what_was_rejected() {
    let server = Server::start().await;
    let mut sent = json_request();
    let spans = sent["resourceSpans"][0]["scopeSpans"][0]["spans"]
        .as_array_mut()
        .unwrap();
    let mut bad = spans[0].clone();
    bad["spanId"] = json!("0000000000000000");
    spans.push(bad);
    let headers = [("content-type", "application/json")];
    let (status, _, body) = post(&server, &headers, sent.to_string().into()).await;
    assert_eq!(status, 200);
    assert_eq!(
        serde_json::from_slice::<Value>(&body).unwrap(),
        json!({"partialSuccess": {"rejectedSpans": "1", "errorMessage": "span_id is all zeros (1)"}})
    );
}
