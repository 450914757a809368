//! The socket over the wire. What the protocol says is tested message by message beside its code.

use std::time::Duration;

use futures::StreamExt;
use orcheo_api::http::SocketSettings;
use orcheo_store::testing::{Trace, span};
use serde_json::json;
use tokio_tungstenite::tungstenite::{Error, Message, protocol::frame::coding::CloseCode};

use crate::support::{Options, Server, Socket, UPDATES, spans};

#[tokio::test]
async fn queries_and_mutations_run_over_the_socket_too() {
    let server = Server::start().await;
    let mut socket = server.socket().await;
    socket.subscribe("{ nodeTypes { name } }", json!({})).await;
    assert!(socket.next().await["nodeTypes"].is_array());
    socket.completed().await;
    let save = "mutation { saveWorkflow(input: {source: \"nodes: [\"}) { workflow { version } problems { message } } }";
    socket.subscribe(save, json!({})).await;
    let saved = socket.next().await;
    assert!(
        !saved["saveWorkflow"]["problems"]
            .as_array()
            .unwrap()
            .is_empty()
    );
    socket.completed().await;
}

#[tokio::test]
async fn a_refused_operation_is_an_error_message() {
    let server = Server::start().await;
    let mut socket = server.socket().await;
    for (query, code) in [
        ("subscription {", "GRAPHQL_PARSE_FAILED"),
        ("subscription { nothing }", "GRAPHQL_VALIDATION_FAILED"),
        (
            "subscription { executionUpdates { nothing } }",
            "GRAPHQL_VALIDATION_FAILED",
        ),
        (
            "subscription ($id: ID!) { traceUpdates(executionId: $id) { cursor } }",
            "BAD_USER_INPUT",
        ),
        (
            "subscription { a: executionUpdates { kind } b: executionUpdates { kind } }",
            "GRAPHQL_VALIDATION_FAILED",
        ),
        ("query { nothing }", "GRAPHQL_VALIDATION_FAILED"),
    ] {
        socket.subscribe(query, json!({})).await;
        assert_eq!(socket.error().await.0, code, "{query}");
    }
}

#[tokio::test]
async fn one_root_field_counts_wherever_it_is_written() {
    let server = Server::start().await;
    let trace = Trace::begun(&server.store).await;
    let id = json!({"id": trace.run.execution_id});
    let mut socket = server.socket().await;
    for query in [
        "subscription ($id: ID!) { ...F } fragment F on Subscription { traceUpdates(executionId: $id) { caughtUp } }",
        "subscription ($id: ID!) { ... on Subscription { traceUpdates(executionId: $id) { caughtUp } } }",
        "subscription ($id: ID!) { ... { ...F } } fragment F on Subscription { traceUpdates(executionId: $id) { caughtUp } }",
    ] {
        socket.subscribe(query, id.clone()).await;
        assert_eq!(socket.update().await, json!({"caughtUp": true}), "{query}");
    }
    for query in [
        "subscription ($id: ID!) { ...F } fragment F on Subscription { traceUpdates(executionId: $id) { caughtUp } executionUpdates { kind } }",
        "subscription ($id: ID!) { traceUpdates(executionId: $id) { caughtUp } ... { executionUpdates { kind } } }",
        "subscription { __typename }",
        "subscription ($id: ID!) { traceUpdates(executionId: $id) @skip(if: true) { caughtUp } }",
        "subscription { ...F } fragment F on Query { nodeTypes { name } }",
        "subscription { ...F } fragment F on Subscription { ...F }",
    ] {
        socket.subscribe(query, id.clone()).await;
        assert_eq!(
            socket.error().await.0,
            "GRAPHQL_VALIDATION_FAILED",
            "{query}"
        );
    }
}

#[tokio::test]
async fn only_the_new_protocol_is_spoken() {
    let server = Server::start().await;
    let both = server
        .upgrade()
        .with_sub_protocol("graphql-ws")
        .with_sub_protocol("graphql-transport-ws");
    let mut socket = Socket::connect(both).await.unwrap();
    socket.say(json!({"type": "connection_init"})).await;
    assert_eq!(socket.hear().await, json!({"type": "connection_ack"}));

    let none = Socket::connect(server.upgrade()).await.unwrap();
    assert_eq!(none.closed().await.code, CloseCode::from(4406));
}

#[tokio::test]
async fn the_pages_of_others_get_no_socket() {
    let server = Server::start().await;
    let request = server
        .upgrade()
        .with_sub_protocol("graphql-transport-ws")
        .with_header("origin", "https://evil.example");
    match Socket::connect(request).await {
        Err(Error::Http(answer)) => assert_eq!(answer.status().as_u16(), 403),
        _ => panic!("the upgrade was accepted"),
    }
}

#[tokio::test]
async fn close_codes_reach_the_client() {
    let server = Server::with(Options {
        token: Some("t"),
        socket: SocketSettings {
            init_timeout: Duration::from_millis(100),
            ..SocketSettings::default()
        },
        ..Options::default()
    })
    .await;
    let subscribe =
        json!({"type": "subscribe", "id": "1", "payload": {"query": "{ nodeTypes { name } }"}});
    let init = |token: &str| json!({"type": "connection_init", "payload": {"token": token}});
    for (said, code) in [
        (vec![], 4408),
        (vec![subscribe], 4401),
        (vec![json!({"type": "connection_init"})], 4403),
        (vec![init("wrong")], 4403),
        (vec![init("t"), init("t")], 4429),
        (vec![json!({"type": "nonsense"})], 4400),
    ] {
        let mut socket = server.raw_socket().await;
        for message in &said {
            socket.say(message.clone()).await;
        }
        assert_eq!(
            socket.closed().await.code,
            CloseCode::from(code),
            "{said:?}"
        );
    }
    let mut socket = server.raw_socket().await;
    socket.say(init("t")).await;
    for _ in 0..2 {
        let payload = json!({"query": "subscription { executionUpdates { kind } }"});
        socket
            .say(json!({"type": "subscribe", "id": "same", "payload": payload}))
            .await;
    }
    assert_eq!(socket.closed().await.code, CloseCode::from(4409));
}

#[tokio::test]
async fn a_message_that_is_too_large_closes_the_socket() {
    let server = Server::start().await;
    let mut socket = server.socket().await;
    socket
        .send(Message::Text("x".repeat((1 << 20) + 1).into()))
        .await;
    assert_eq!(socket.closed().await.code, CloseCode::Size);
}

#[tokio::test]
async fn many_subscriptions_on_one_socket_all_get_their_turn() {
    let server = Server::start().await;
    let trace = Trace::begun(&server.store).await;
    let mut socket = server.socket().await;
    let mut waiting = std::collections::HashSet::new();
    for _ in 0..50 {
        waiting.insert(
            socket
                .subscribe(UPDATES, json!({"id": trace.run.execution_id}))
                .await,
        );
    }
    let expected = waiting.clone();
    while !waiting.is_empty() {
        waiting.remove(socket.hear().await["id"].as_str().unwrap());
    }
    trace.spans([span(1)]).await;
    let mut told = std::collections::HashSet::new();
    while told != expected {
        let message = socket.hear().await;
        assert_eq!(
            spans(&message["payload"]["data"]["traceUpdates"]),
            ["span 1 RUNNING"]
        );
        assert!(
            told.insert(message["id"].as_str().unwrap().to_owned()),
            "told twice"
        );
    }
}

#[tokio::test]
async fn a_server_that_stops_closes_its_sockets() {
    let mut server = Server::start().await;
    let trace = Trace::begun(&server.store).await;
    let mut socket = server.socket().await;
    socket
        .subscribe(UPDATES, json!({"id": trace.run.execution_id}))
        .await;
    socket.update().await;
    let mut stream = server
        .get(&format!(
            "/api/executions/{}/trace/events",
            trace.run.execution_id
        ))
        .send()
        .await
        .unwrap()
        .bytes_stream();
    stream.next().await.unwrap().unwrap();
    server.stop().await;
    assert_eq!(socket.closed().await.code, CloseCode::Away);
}
