//! `POST /graphql`: what is a request, and in which form it is answered.

use reqwest::{
    Method, StatusCode,
    header::{ACCEPT, ALLOW, CONTENT_TYPE, HOST, LOCATION, ORIGIN},
};
use serde_json::{Value, json};

use crate::support::{Server, code_and_reason};

const GRAPHQL_RESPONSE: &str = "application/graphql-response+json";

/// Status, content type and body of an answer.
async fn ask(server: &Server, accept: &str, body: Value) -> (StatusCode, String, Value) {
    let answer = server
        .post("/graphql")
        .header(ACCEPT, accept)
        .json(&body)
        .send()
        .await
        .unwrap();
    let content_type = answer.headers()[CONTENT_TYPE].to_str().unwrap().to_owned();
    (answer.status(), content_type, answer.json().await.unwrap())
}

#[tokio::test]
async fn a_query_is_answered_in_the_form_asked_for() {
    let server = Server::start().await;
    let query = json!({"query": "{ nodeTypes { name } }"});
    for (accept, expected) in [
        ("*/*", "application/json; charset=utf-8"),
        ("application/json", "application/json; charset=utf-8"),
        (
            GRAPHQL_RESPONSE,
            "application/graphql-response+json; charset=utf-8",
        ),
    ] {
        let (status, content_type, body) = ask(&server, accept, query.clone()).await;
        assert_eq!(
            (status, content_type.as_str()),
            (StatusCode::OK, expected),
            "{accept}"
        );
        assert!(
            body["data"]["nodeTypes"]
                .as_array()
                .is_some_and(|types| !types.is_empty())
        );
    }
    let (status, ..) = ask(&server, "text/html", query).await;
    assert_eq!(status, StatusCode::NOT_ACCEPTABLE);
}

#[tokio::test]
async fn a_refused_document_has_no_data_and_a_status_that_depends_on_the_form() {
    let server = Server::start().await;
    for (document, variables, code) in [
        ("{", json!({}), "GRAPHQL_PARSE_FAILED"),
        ("{ nothing }", json!({}), "GRAPHQL_VALIDATION_FAILED"),
        (
            "query ($id: ID!) { execution(executionId: $id) { status } }",
            json!({}),
            "BAD_USER_INPUT",
        ),
        (
            "query A { nodeTypes { name } } query B { nodeTypes { name } }",
            json!({}),
            "GRAPHQL_VALIDATION_FAILED",
        ),
        (
            "subscription { executionUpdates { kind } }",
            json!({}),
            "BAD_USER_INPUT",
        ),
    ] {
        let request = json!({"query": document, "variables": variables});
        for (accept, expected) in [
            (GRAPHQL_RESPONSE, StatusCode::BAD_REQUEST),
            ("application/json", StatusCode::OK),
        ] {
            let (status, _, body) = ask(&server, accept, request.clone()).await;
            assert_eq!(status, expected, "{document} {accept}");
            assert_eq!(body.get("data"), None, "{document}");
            assert_eq!(code_and_reason(&body["errors"][0]).0, code, "{document}");
        }
    }
}

#[tokio::test]
async fn an_error_of_a_resolver_is_an_answer_with_data() {
    let server = Server::start().await;
    let request = json!({"query": "{ nodeTypes { name } execution(executionId: \"x\") { status } executionByTraceId(traceId: \"x\") { status } }"});
    let (status, _, body) = ask(&server, GRAPHQL_RESPONSE, request).await;
    assert_eq!(status, StatusCode::OK);
    assert!(body["data"]["nodeTypes"].is_array());
    assert_eq!(
        body["data"]["execution"],
        Value::Null,
        "a missing object is null, and no error"
    );
    assert_eq!(body["errors"].as_array().unwrap().len(), 1);
    assert_eq!(code_and_reason(&body["errors"][0]).0, "BAD_USER_INPUT");
}

#[tokio::test]
async fn what_is_no_request_is_refused_by_its_status() {
    let server = Server::start().await;
    let query = r#"{"query": "{ nodeTypes { name } }"}"#;
    for (content_type, body, expected) in [
        (
            Some("text/plain"),
            query,
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
        ),
        (
            Some("application/x-www-form-urlencoded"),
            "query={nodeTypes{name}}",
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
        ),
        (
            Some("multipart/form-data; boundary=x"),
            "--x--",
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
        ),
        (
            Some("application/json; charset=iso-8859-1"),
            query,
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
        ),
        (None, query, StatusCode::UNSUPPORTED_MEDIA_TYPE),
        (Some("application/json"), "{", StatusCode::BAD_REQUEST),
        (Some("application/json"), "", StatusCode::BAD_REQUEST),
        (Some("application/json"), "{}", StatusCode::BAD_REQUEST),
        (
            Some("application/json"),
            r#"[{"query": "{ nodeTypes { name } }"}]"#,
            StatusCode::BAD_REQUEST,
        ),
        (
            Some("application/json"),
            r#"{"query": 1}"#,
            StatusCode::BAD_REQUEST,
        ),
        (
            Some("application/json"),
            r#"{"query": "{a}", "variables": []}"#,
            StatusCode::BAD_REQUEST,
        ),
        (
            Some("application/json"),
            r#"{"query": "{a}", "operationName": {}}"#,
            StatusCode::BAD_REQUEST,
        ),
        (
            Some("application/json"),
            r#"{"query": "{a}", "extensions": 7}"#,
            StatusCode::BAD_REQUEST,
        ),
    ] {
        let mut request = server.post("/graphql").body(body);
        if let Some(content_type) = content_type {
            request = request.header(CONTENT_TYPE, content_type);
        }
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), expected, "{content_type:?} {body}");
        let answer: Value = answer.json().await.unwrap();
        assert_eq!(
            code_and_reason(&answer["errors"][0]).0,
            "BAD_USER_INPUT",
            "{body}"
        );
        assert_eq!(answer.get("data"), None);
    }
}

#[tokio::test]
async fn nothing_is_executed_by_get() {
    let server = Server::start().await;
    let mutation =
        "/graphql?query=mutation{startExecution(input:{workflowId:\"x\"}){execution{status}}}";
    let answer = server.get(mutation).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(answer.headers()[ALLOW], "POST");
    let browser = server
        .get("/graphql")
        .header(ACCEPT, "text/html,*/*;q=0.8")
        .send()
        .await
        .unwrap();
    assert!(browser.status().is_redirection());
    assert_eq!(browser.headers()[LOCATION], "/graphiql");
    for method in [Method::PUT, Method::DELETE, Method::PATCH] {
        let answer = server.request(method, "/graphql").send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::METHOD_NOT_ALLOWED);
    }
}

#[tokio::test]
async fn other_names_and_other_pages_are_refused_everywhere() {
    let server = Server::start().await;
    let query = json!({"query": "{ nodeTypes { name } }"});
    for (header, value) in [
        (HOST, "evil.example"),
        (ORIGIN, "https://evil.example"),
        (ORIGIN, "http://localhost:1"),
        (ORIGIN, "null"),
    ] {
        let requests = [
            server.post("/graphql").json(&query),
            server.get("/api/executions"),
            server.get("/"),
            server.post("/api/session").json(&json!({"token": "x"})),
        ];
        for request in requests {
            let answer = request.header(header.clone(), value).send().await.unwrap();
            assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{header}: {value}");
        }
    }
    let own = format!("http://{}", server.address);
    let answer = server
        .post("/graphql")
        .json(&query)
        .header(ORIGIN, own)
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
}

#[tokio::test]
async fn every_answer_tells_browsers_to_keep_it_to_itself() {
    let server = Server::start().await;
    for path in [
        "/",
        "/graphiql",
        "/graphql",
        "/api/executions",
        "/healthz",
        "/nothing",
    ] {
        let answer = server.get(path).send().await.unwrap();
        let header = |name: &str| answer.headers()[name].to_str().unwrap().to_owned();
        assert!(
            header("content-security-policy").contains("frame-ancestors 'none'"),
            "{path}"
        );
        assert!(
            header("content-security-policy").starts_with("default-src 'none'"),
            "{path}"
        );
        assert_eq!(header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(header("referrer-policy"), "no-referrer", "{path}");
        assert!(header("traceresponse").starts_with("00-"), "{path}");
    }
}

#[tokio::test]
async fn the_trace_of_the_caller_is_the_one_reported() {
    let server = Server::start().await;
    let trace_id = "0af7651916cd43dd8448eb211c80319c";
    let traceparent = format!("00-{trace_id}-b7ad6b7169203331-01");
    let answer = server
        .get("/api/executions/none")
        .header("traceparent", traceparent)
        .send()
        .await
        .unwrap();
    assert!(
        answer.headers()["traceresponse"]
            .to_str()
            .unwrap()
            .contains(trace_id)
    );
    let problem: Value = answer.json().await.unwrap();
    assert_eq!(problem["trace_id"], trace_id);
}
