//! The REST resources.

use bytes::Bytes;
use futures::StreamExt;
use orcheo_store::{
    ArtifactRecord, ExecutionStatus, Op,
    testing::{Trace, below, ended, span, usage},
};
use reqwest::{
    Method, StatusCode,
    header::{
        ACCEPT_RANGES, CONTENT_DISPOSITION, CONTENT_RANGE, CONTENT_SECURITY_POLICY, CONTENT_TYPE,
        ETAG, IF_NONE_MATCH, LOCATION, RANGE,
    },
};
use serde_json::{Value, json};

use crate::support::Server;

const HELLO: &str = "id: hello\ninputs: {name: Ada}\nnodes: [{name: greet, type: SetVariableNode, variables: {text: hi}}]\n\
    edges: [[START, greet], [greet, END]]";

async fn json_of(request: reqwest::RequestBuilder) -> (StatusCode, Value) {
    let answer = request.send().await.unwrap();
    (answer.status(), answer.json().await.unwrap())
}

/// Checks a problem and gives its code.
async fn problem(request: reqwest::RequestBuilder, expected: StatusCode) -> String {
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status(), expected);
    assert_eq!(answer.headers()[CONTENT_TYPE], "application/problem+json");
    let problem: Value = answer.json().await.unwrap();
    assert_eq!(problem["status"], expected.as_u16());
    assert!(
        problem["detail"]
            .as_str()
            .is_some_and(|detail| !detail.is_empty())
    );
    problem["code"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn an_execution_is_started_read_cancelled_and_deleted() {
    let server = Server::start().await;
    let save = "mutation ($source: String!) { saveWorkflow(input: {source: $source}) { workflow { version } problems { message } } }";
    let saved = server.query(save, json!({"source": HELLO})).await;
    assert_eq!(saved["saveWorkflow"]["workflow"]["version"], 1, "{saved}");

    let start = server
        .post("/api/workflows/hello/executions")
        .header(
            "traceparent",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        )
        .json(&json!({"name": "Grace"}));
    let answer = start.send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::ACCEPTED);
    let location = answer.headers()[LOCATION].to_str().unwrap().to_owned();
    let started: Value = answer.json().await.unwrap();
    assert_eq!(
        started["trace_id"], "0af7651916cd43dd8448eb211c80319c",
        "the caller's trace is continued"
    );
    assert_eq!(started["execution"]["inputs"], json!({"name": "Grace"}));
    assert_eq!(
        location,
        format!(
            "/api/executions/{}",
            started["execution"]["id"].as_str().unwrap()
        )
    );

    let (status, read) = json_of(server.get(&location)).await;
    assert_eq!(
        (status, &read["status"]),
        (StatusCode::OK, &json!("QUEUED"))
    );
    let (status, cancelled) = json_of(server.post(&format!("{location}/cancel"))).await;
    assert_eq!(
        (status, &cancelled["status"]),
        (StatusCode::ACCEPTED, &json!("CANCELLED"))
    );
    let deleted = server
        .request(Method::DELETE, &location)
        .send()
        .await
        .unwrap();
    assert_eq!(deleted.status(), StatusCode::NO_CONTENT);
    assert_eq!(
        problem(server.get(&location), StatusCode::NOT_FOUND).await,
        "NOT_FOUND"
    );
}

#[tokio::test]
async fn a_start_without_a_body_uses_the_defaults_and_a_wrong_body_is_a_problem() {
    let server = Server::start().await;
    let save = "mutation ($source: String!) { saveWorkflow(input: {source: $source}) { problems { message } } }";
    server.query(save, json!({"source": HELLO})).await;
    let path = "/api/workflows/hello/executions";
    let (status, started) = json_of(server.post(path)).await;
    assert_eq!(
        (status, &started["execution"]["inputs"]),
        (StatusCode::ACCEPTED, &json!({"name": "Ada"}))
    );
    for body in ["[1]", "\"text\"", "{"] {
        let request = server
            .post(path)
            .header(CONTENT_TYPE, "application/json")
            .body(body);
        assert_eq!(
            problem(request, StatusCode::BAD_REQUEST).await,
            "BAD_USER_INPUT",
            "{body}"
        );
    }
    let nobody = server
        .post("/api/workflows/nobody/executions")
        .json(&json!({}));
    assert_eq!(problem(nobody, StatusCode::NOT_FOUND).await, "NOT_FOUND");
}

#[tokio::test]
async fn executions_are_listed_in_pages() {
    let server = Server::start().await;
    let mut ids = Vec::new();
    for _ in 0..5 {
        ids.push(json!(Trace::claimed(&server.store).await.run.execution_id));
    }
    ids.reverse();
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let (_, page) =
            json_of(server.get(&format!("/api/executions?limit=2&workflow_id=flow{cursor}"))).await;
        seen.extend(
            page["executions"]
                .as_array()
                .unwrap()
                .iter()
                .map(|execution| execution["id"].clone()),
        );
        if page["page_info"]["has_next_page"] == false {
            assert_eq!(page["page_info"]["cursor"], Value::Null);
            break;
        }
        cursor = format!("&cursor={}", page["page_info"]["cursor"].as_str().unwrap());
    }
    assert_eq!(seen, ids);
    let (_, none) = json_of(server.get("/api/executions?status=FAILED,succeeded")).await;
    assert_eq!(none["executions"], json!([]));
    for query in [
        "limit=0",
        "limit=1001",
        "limit=x",
        "status=GREEN",
        "cursor=nonsense",
        "cursor=rAAAA",
    ] {
        let request = server.get(&format!("/api/executions?{query}"));
        assert_eq!(
            problem(request, StatusCode::BAD_REQUEST).await,
            "BAD_USER_INPUT",
            "{query}"
        );
    }
}

/// A run with a tree three levels deep, one span of which failed.
async fn sample(server: &Server) -> (Trace, String) {
    let trace = Trace::begun(&server.store).await;
    let mut call = below(2, 3);
    call.usage = Some(usage(10, 5));
    call.attributes = json!({"gen_ai.request.model": "offline:echo"}).to_string();
    call.events =
        Some(r#"[{"name":"exception","time_ns":4000,"attributes":{"exception.type":"E"}}]"#.into());
    trace.spans([span(1)]).await;
    trace.spans([below(1, 2), call]).await;
    let path = format!("/api/executions/{}/trace", trace.run.execution_id);
    (trace, path)
}

#[tokio::test]
async fn a_trace_has_orcheos_shape() {
    let server = Server::start().await;
    let (trace, path) = sample(&server).await;
    let (status, document) = json_of(server.get(&path)).await;
    assert_eq!(status, StatusCode::OK);
    insta::assert_json_snapshot!(document, {
        ".execution.id" => insta::dynamic_redaction(move |value, _| {
            assert_eq!(value.as_str(), Some(trace.run.execution_id.to_string().as_str()));
            "[id]"
        }),
        ".execution.trace_id" => insta::dynamic_redaction(move |value, _| {
            assert_eq!(value.as_str(), Some(trace.run.trace_id.to_string().as_str()));
            "[trace id]"
        }),
        ".external_links[].url" => insta::dynamic_redaction(move |value, _| {
            let url = value.as_str().unwrap_or_default().to_owned();
            assert!(url.ends_with(&trace.run.trace_id.to_string()), "{url}");
            "[dashboard]/[trace id]"
        }),
        ".spans[].revision" => insta::dynamic_redaction(|value, _| {
            assert!(value.as_i64().is_some_and(|revision| revision > 0));
            "[revision]"
        }),
    });
}

#[tokio::test]
async fn a_trace_is_read_in_pages_and_levels() {
    let server = Server::start().await;
    let (_, path) = sample(&server).await;
    let names = |document: &Value| -> Vec<String> {
        document["spans"]
            .as_array()
            .unwrap()
            .iter()
            .map(|span| span["name"].as_str().unwrap().to_owned())
            .collect()
    };
    let (_, first) = json_of(server.get(&format!("{path}?limit=2"))).await;
    assert_eq!(names(&first), ["span 1", "span 2"]);
    let cursor = first["page_info"]["cursor"].as_str().unwrap();
    let (_, second) = json_of(server.get(&format!("{path}?limit=2&cursor={cursor}"))).await;
    assert_eq!(names(&second), ["span 3"]);
    assert_eq!(
        second["page_info"],
        json!({"has_next_page": false, "cursor": null})
    );

    for (depth, expected) in [(1, 1), (2, 2), (3, 3), (9, 3)] {
        let (_, document) = json_of(server.get(&format!("{path}?depth={depth}"))).await;
        assert_eq!(names(&document).len(), expected, "depth {depth}");
    }
    let (_, cut) = json_of(server.get(&format!("{path}?depth=3&limit=2"))).await;
    assert_eq!(
        (names(&cut).len(), &cut["page_info"]["has_next_page"]),
        (2, &json!(true))
    );
    let cursor = cut["page_info"]["cursor"].as_str().unwrap();
    let (_, rest) = json_of(server.get(&format!("{path}?depth=3&limit=2&cursor={cursor}"))).await;
    assert_eq!(names(&rest), ["span 3"]);

    let other = Trace::begun(&server.store).await;
    let elsewhere = format!(
        "/api/executions/{}/trace?cursor={cursor}",
        other.run.execution_id
    );
    assert_eq!(
        problem(server.get(&elsewhere), StatusCode::BAD_REQUEST).await,
        "BAD_USER_INPUT"
    );
    for query in ["depth=0", "depth=-1", "limit=10001"] {
        let request = server.get(&format!("{path}?{query}"));
        assert_eq!(
            problem(request, StatusCode::BAD_REQUEST).await,
            "BAD_USER_INPUT",
            "{query}"
        );
    }
}

/// One event of a stream: its id, its name, its data.
type Event = (Option<String>, Option<String>, Value);

/// Reads events until `enough` of them are there.
async fn read(answer: reqwest::Response, mut enough: impl FnMut(&[Event]) -> bool) -> Vec<Event> {
    let mut stream = answer.bytes_stream();
    let (mut text, mut events) = (String::new(), Vec::new());
    while !enough(&events) {
        let chunk = tokio::time::timeout(crate::support::PATIENCE, stream.next())
            .await
            .expect("events in time");
        let Some(chunk) = chunk else { break };
        text.push_str(std::str::from_utf8(&chunk.unwrap()).unwrap());
        while let Some((block, rest)) = text.split_once("\n\n") {
            let field = |name: &str| {
                let line = block
                    .lines()
                    .find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
                line.map(|text| text.trim().to_owned())
            };
            if let Some(data) = field("data") {
                events.push((
                    field("id"),
                    field("event"),
                    serde_json::from_str(&data).unwrap(),
                ));
            }
            text = rest.to_owned();
        }
    }
    events
}

#[tokio::test]
async fn a_trace_is_followed_by_event_source_across_a_lost_connection() {
    let server = Server::start().await;
    let (trace, path) = sample(&server).await;
    let path = format!("{path}/events");
    let first = server.get(&path).send().await.unwrap();
    assert!(
        first.headers()[CONTENT_TYPE]
            .to_str()
            .unwrap()
            .starts_with("text/event-stream")
    );
    let events = read(first, |events| !events.is_empty()).await;
    let (id, name, update) = &events[0];
    assert_eq!(name, &None, "`onmessage` sees it");
    assert_eq!(
        (&update["type"], &update["complete"]),
        (&json!("trace:update"), &json!(false))
    );
    assert_eq!(update["spans"].as_array().unwrap().len(), 3);

    trace.spans([ended(1)]).await;
    trace.finish(ExecutionStatus::Succeeded, None).await;
    let resumed = server
        .get(&path)
        .header("last-event-id", id.as_ref().unwrap())
        .send()
        .await
        .unwrap();
    let events = read(resumed, |_| false).await;
    let names: Vec<&str> = events
        .iter()
        .flat_map(|(_, _, update)| update["spans"].as_array().into_iter().flatten())
        .map(|span| span["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["span 1"], "only what is new");
    let (_, name, _) = events.last().unwrap();
    assert_eq!(name.as_deref(), Some("end"));
    let (last, _, update) = &events[events.len() - 2];
    assert_eq!(
        (&update["complete"], &update["execution"]["status"]),
        (&json!(true), &json!("completed"))
    );

    for again in [
        server
            .get(&path)
            .header("last-event-id", last.as_ref().unwrap()),
        server.get(&format!("{path}?after={}", last.as_ref().unwrap())),
    ] {
        assert_eq!(again.send().await.unwrap().status(), StatusCode::NO_CONTENT);
    }
    let wrong = server.get(&path).header("last-event-id", "nonsense");
    assert_eq!(
        problem(wrong, StatusCode::BAD_REQUEST).await,
        "BAD_USER_INPUT"
    );
    let missing = server.get("/api/executions/none/trace/events");
    assert_eq!(problem(missing, StatusCode::NOT_FOUND).await, "NOT_FOUND");
}

#[tokio::test]
async fn an_artifact_is_downloaded_byte_for_byte_and_in_parts() {
    let server = Server::start().await;
    let (trace, path) = sample(&server).await;
    let bytes: Vec<u8> = (0..100_000_u32).map(|n| (n * 7 % 251) as u8).collect();
    let artifact_id = uuid::Uuid::now_v7();
    let content = futures::stream::iter([Ok(Bytes::from(bytes.clone()))]);
    let stored = server
        .store
        .blobs()
        .put(trace.run.execution_id, artifact_id, content)
        .await
        .unwrap();
    let record = ArtifactRecord {
        artifact_id,
        span_id: ended(2).span_id,
        name: "Bericht \"für\" Zoë.html".into(),
        media_type: "text/html".into(),
        created_ns: 5_000,
        size_bytes: stored.size_bytes,
        sha256: stored.sha256,
        location: stored.location,
    };
    server
        .store
        .writer()
        .submit_acked(trace.run.write(Op::Artifact(record)))
        .await
        .unwrap();

    let (_, document) = json_of(server.get(&path)).await;
    let artifact = &document["artifacts"][0];
    assert_eq!(artifact["size_bytes"], 100_000);
    let url = artifact["download_url"].as_str().unwrap();
    let answer = server.get(url).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    let header = |name| answer.headers()[name].to_str().unwrap().to_owned();
    assert_eq!(header(CONTENT_TYPE), "text/html");
    assert_eq!(
        header(CONTENT_DISPOSITION),
        r#"attachment; filename="Bericht _f_r_ Zo_.html"; filename*=UTF-8''Bericht%20%22f%C3%BCr%22%20Zo%C3%AB.html"#
    );
    assert!(header(CONTENT_SECURITY_POLICY).starts_with("sandbox"));
    assert_eq!(answer.headers()["x-content-type-options"], "nosniff");
    assert_eq!(header(ACCEPT_RANGES), "bytes");
    let etag = header(ETAG);
    assert_eq!(etag.trim_matches('"'), artifact["sha256"]);
    assert_eq!(answer.bytes().await.unwrap(), bytes);

    let shown = server
        .get(&url.replace("/download", "/preview"))
        .send()
        .await
        .unwrap();
    assert!(
        shown.headers()[CONTENT_DISPOSITION]
            .to_str()
            .unwrap()
            .starts_with("inline;")
    );
    let policy = shown.headers()[CONTENT_SECURITY_POLICY].to_str().unwrap();
    assert!(policy.starts_with("sandbox; default-src 'none';"));
    assert!(policy.ends_with("frame-ancestors 'self'"));
    assert_eq!(shown.headers()["x-frame-options"], "SAMEORIGIN");
    assert_eq!(shown.bytes().await.unwrap(), bytes);

    let part = server
        .get(url)
        .header(RANGE, "bytes=1000-1999")
        .send()
        .await
        .unwrap();
    assert_eq!(part.status(), StatusCode::PARTIAL_CONTENT);
    assert_eq!(part.headers()[CONTENT_RANGE], "bytes 1000-1999/100000");
    assert_eq!(part.bytes().await.unwrap(), bytes[1000..2000]);
    let beyond = server
        .get(url)
        .header(RANGE, "bytes=100000-")
        .send()
        .await
        .unwrap();
    assert_eq!(beyond.status(), StatusCode::RANGE_NOT_SATISFIABLE);
    let known = server
        .get(url)
        .header(IF_NONE_MATCH, etag)
        .send()
        .await
        .unwrap();
    assert_eq!(known.status(), StatusCode::NOT_MODIFIED);
    for id in [
        "nonsense",
        "RQ",
        url.trim_start_matches("/api/artifacts/").split_at(20).0,
    ] {
        let request = server.get(&format!("/api/artifacts/{id}/download"));
        assert_eq!(
            problem(request, StatusCode::NOT_FOUND).await,
            "NOT_FOUND",
            "{id}"
        );
    }
}

#[tokio::test]
async fn what_is_not_there_is_a_problem() {
    let server = Server::start().await;
    for (method, path, status, code) in [
        (
            Method::GET,
            "/api/nothing",
            StatusCode::NOT_FOUND,
            "NOT_FOUND",
        ),
        (
            Method::GET,
            "/api/executions/none",
            StatusCode::NOT_FOUND,
            "NOT_FOUND",
        ),
        (
            Method::GET,
            "/api/executions/none/trace",
            StatusCode::NOT_FOUND,
            "NOT_FOUND",
        ),
        (
            Method::POST,
            "/api/executions/none/cancel",
            StatusCode::NOT_FOUND,
            "NOT_FOUND",
        ),
        (
            Method::DELETE,
            "/api/executions/none",
            StatusCode::NOT_FOUND,
            "NOT_FOUND",
        ),
        (
            Method::PUT,
            "/api/executions",
            StatusCode::METHOD_NOT_ALLOWED,
            "BAD_USER_INPUT",
        ),
    ] {
        let answer = server.request(method.clone(), path).send().await.unwrap();
        assert_eq!(answer.status(), status, "{method} {path}");
        let problem: Value = answer.json().await.unwrap();
        assert_eq!(problem["code"], code, "{method} {path}");
        assert_eq!(problem["status"], status.as_u16(), "{method} {path}");
    }
}

#[tokio::test]
async fn health_tells_whether_requests_can_be_served() {
    let server = Server::start().await;
    assert_eq!(
        server.get("/healthz").send().await.unwrap().status(),
        StatusCode::OK
    );
    assert_eq!(
        server.get("/readyz").send().await.unwrap().status(),
        StatusCode::OK
    );
    server.database.go_away().await;
    assert_eq!(
        server.get("/healthz").send().await.unwrap().status(),
        StatusCode::OK
    );
    assert_eq!(
        problem(server.get("/readyz"), StatusCode::SERVICE_UNAVAILABLE).await,
        "UNAVAILABLE"
    );
    server.database.come_back().await;
    assert_eq!(
        server.get("/readyz").send().await.unwrap().status(),
        StatusCode::OK
    );
}
