//! What must neither bring the server down nor keep it busy.

use reqwest::{StatusCode, header::CONTENT_TYPE};
use serde_json::{Value, json};

use crate::support::{Server, code_and_reason};

async fn code_of(server: &Server, query: String) -> String {
    let answer = server
        .post("/graphql")
        .json(&json!({"query": query}))
        .send()
        .await
        .unwrap();
    let body: Value = answer.json().await.unwrap();
    code_and_reason(&body["errors"][0]).0
}

#[tokio::test]
async fn documents_made_to_be_expensive_are_refused() {
    let server = Server::start().await;
    let deep = format!("{{ {}a{} }}", "a { ".repeat(20_000), " }".repeat(20_000));
    let lists = format!(
        "{{ node(id: {}1{}) {{ id }} }}",
        "[".repeat(30_000),
        "]".repeat(30_000)
    );
    let aliases: String = (0..1_000)
        .map(|n| format!("a{n}: nodeTypes {{ name }} "))
        .collect();
    let wide = format!("{{ {} }}", "nodeTypes { name } ".repeat(5_000));
    let mut doubling = "{ ...F0 }".to_owned();
    for level in 0..60 {
        doubling.push_str(&format!(
            " fragment F{level} on Query {{ ...F{0} ...F{0} }}",
            level + 1
        ));
    }
    doubling.push_str(" fragment F60 on Query { nodeTypes { name } }");
    let long = format!("{{ nodeTypes {{ name }} }} #{}", "x".repeat(500_000));
    for query in [
        deep,
        lists,
        format!("{{ {aliases} }}"),
        wide,
        doubling,
        long,
    ] {
        let start: String = query.chars().take(40).collect();
        assert_eq!(code_of(&server, query).await, "LIMIT_EXCEEDED", "{start}");
    }
    assert_eq!(
        server.get("/healthz").send().await.unwrap().status(),
        StatusCode::OK
    );
}

#[tokio::test]
async fn rubbish_is_refused_as_such() {
    let server = Server::start().await;
    for (query, code) in [
        ("", "GRAPHQL_PARSE_FAILED"),
        ("\u{0}", "GRAPHQL_PARSE_FAILED"),
        ("{ nodeTypes { name }", "GRAPHQL_PARSE_FAILED"),
        (
            "query Q { ...Q } fragment Q on Query { ...Q }",
            "GRAPHQL_VALIDATION_FAILED",
        ),
        ("{ node(id: \"\") { id } }", "BAD_USER_INPUT"),
        ("{ node(id: \"\\u0000\") { id } }", "BAD_USER_INPUT"),
        (
            "{ executions(first: -1) { nodes { status } } }",
            "BAD_USER_INPUT",
        ),
        (
            "{ executions(first: 1001) { nodes { status } } }",
            "BAD_USER_INPUT",
        ),
        (
            "{ executions(after: \"x\") { nodes { status } } }",
            "BAD_USER_INPUT",
        ),
        (
            "{ executionByTraceId(traceId: \"zz\") { status } }",
            "BAD_USER_INPUT",
        ),
    ] {
        assert_eq!(code_of(&server, query.to_owned()).await, code, "{query}");
    }
}

#[tokio::test]
async fn a_body_above_a_mebibyte_is_not_read() {
    let server = Server::start().await;
    let body = json!({"query": "{ nodeTypes { name } }", "variables": {"x": "y".repeat(1 << 20)}});
    let answer = server.post("/graphql").json(&body).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::PAYLOAD_TOO_LARGE);
    let answer: Value = answer.json().await.unwrap();
    assert_eq!(code_and_reason(&answer["errors"][0]).0, "LIMIT_EXCEEDED");
}

#[tokio::test]
async fn json_nested_beyond_reason_is_refused() {
    let server = Server::start().await;
    let body = format!("{}{}", "[".repeat(500_000), "]".repeat(500_000));
    for path in ["/graphql", "/api/session", "/api/workflows/x/executions"] {
        let request = server
            .post(path)
            .header(CONTENT_TYPE, "application/json")
            .body(body.clone());
        let status = request.send().await.unwrap().status();
        assert_eq!(status, StatusCode::BAD_REQUEST, "{path}");
    }
}

#[tokio::test]
async fn paths_made_to_escape_find_nothing() {
    let server = Server::start().await;
    for path in [
        "/graphiql/..%2f..%2fCargo.toml",
        "/assets/..%2f..%2f..%2fCargo.toml",
        "/api/artifacts/..%2f..%2fetc%2fpasswd/download",
        "/api/executions/%00",
        "/api/executions/%ff/trace",
    ] {
        let status = server.get(path).send().await.unwrap().status();
        assert!(
            status == StatusCode::NOT_FOUND || status == StatusCode::BAD_REQUEST,
            "{path}: {status}"
        );
    }
}
