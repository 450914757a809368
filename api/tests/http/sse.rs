//! Subscriptions over server-sent events: graphql-sse, distinct connections.

use orcheo_store::{
    ExecutionStatus,
    testing::{Trace, ended},
};
use reqwest::{
    StatusCode,
    header::{ACCEPT, CONTENT_TYPE},
};
use serde_json::{Value, json};

use crate::support::{Server, UPDATES, code_and_reason, spans};

/// The events of a stream that ends, as (event, data).
fn events(body: &str) -> Vec<(String, Value)> {
    let blocks = body
        .split("\n\n")
        .filter(|block| !block.trim().is_empty() && !block.starts_with(':'));
    let field = |block: &str, name: &str| {
        block.lines().find_map(|line| {
            line.strip_prefix(name)?
                .strip_prefix(':')
                .map(|text| text.trim().to_owned())
        })
    };
    blocks
        .map(|block| {
            let data = field(block, "data").unwrap_or_default();
            let data = serde_json::from_str(&data).unwrap_or(Value::Null);
            (
                field(block, "event").unwrap_or_else(|| "message".into()),
                data,
            )
        })
        .collect()
}

async fn ask(server: &Server, query: &str, variables: Value) -> reqwest::Response {
    let body = json!({"query": query, "variables": variables});
    server
        .post("/graphql")
        .header(ACCEPT, "text/event-stream")
        .json(&body)
        .send()
        .await
        .unwrap()
}

#[tokio::test]
async fn a_trace_is_streamed_until_it_completes() {
    let server = Server::start().await;
    let trace = Trace::begun(&server.store).await;
    trace.spans([ended(1)]).await;
    trace.finish(ExecutionStatus::Succeeded, None).await;
    let answer = ask(&server, UPDATES, json!({"id": trace.run.execution_id})).await;
    assert!(
        answer.headers()[CONTENT_TYPE]
            .to_str()
            .unwrap()
            .starts_with("text/event-stream")
    );
    let events = events(&answer.text().await.unwrap());
    let (last, updates) = events.split_last().unwrap();
    assert_eq!(last.0, "complete");
    assert!(updates.iter().all(|(event, _)| event == "next"));
    let first = &updates[0].1["data"]["traceUpdates"];
    assert_eq!(spans(first), ["span 1 ENDED"]);
    assert_eq!(
        updates.last().unwrap().1["data"]["traceUpdates"]["complete"],
        true
    );
}

#[tokio::test]
async fn a_query_is_one_event() {
    let server = Server::start().await;
    let answer = ask(&server, "{ nodeTypes { name } }", json!({})).await;
    let events = events(&answer.text().await.unwrap());
    assert_eq!(events.len(), 2);
    assert!(events[0].1["data"]["nodeTypes"].is_array());
    assert_eq!(events[1].0, "complete");
}

#[tokio::test]
async fn a_refused_subscription_is_told_in_the_stream_and_a_malformed_one_by_its_status() {
    let server = Server::start().await;
    for (query, code) in [
        ("subscription { nothing }", "GRAPHQL_VALIDATION_FAILED"),
        (
            "subscription { traceUpdates(executionId: \"none\") { cursor } }",
            "NOT_FOUND",
        ),
    ] {
        let events = events(&ask(&server, query, json!({})).await.text().await.unwrap());
        assert_eq!(events[0].0, "next");
        assert_eq!(code_and_reason(&events[0].1["errors"][0]).0, code);
        assert_eq!(events[1].0, "complete");
    }
    let answer = ask(&server, "subscription {", json!({})).await;
    assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
    let body: Value = answer.json().await.unwrap();
    assert_eq!(
        code_and_reason(&body["errors"][0]).0,
        "GRAPHQL_PARSE_FAILED"
    );
}
