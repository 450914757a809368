//! Feeds: replay, live, resume, completion, deletion; several processes and slow readers.

use std::{collections::HashMap, time::Duration};

use orcheo_api::{LiveSettings, http::SocketSettings};
use orcheo_store::{
    ExecutionStatus, Op,
    models::executions::Execution,
    testing::{Trace, ended, span},
};
use serde_json::{Value, json};

use crate::support::{Options, PATIENCE, Server, Socket, UPDATES, spans};

#[tokio::test]
async fn a_trace_is_told_from_its_beginning_and_then_as_it_grows_until_it_completes() {
    let server = Server::start().await;
    let trace = Trace::begun(&server.store).await;
    trace.spans([span(1)]).await;
    let id = trace.run.execution_id.to_string();
    let mut socket = server.socket().await;
    socket.subscribe(UPDATES, json!({"id": id})).await;

    let replay = socket.update().await;
    assert_eq!(spans(&replay), ["span 1 RUNNING"]);
    assert_eq!(
        (&replay["caughtUp"], &replay["complete"]),
        (&json!(true), &json!(false))
    );
    assert_eq!(replay["execution"]["status"], "RUNNING");

    trace.spans([span(2)]).await;
    assert_eq!(spans(&socket.update().await), ["span 2 RUNNING"]);
    trace.spans([ended(2)]).await;
    assert_eq!(spans(&socket.update().await), ["span 2 ENDED"]);
    trace.spans([ended(1)]).await;
    assert_eq!(spans(&socket.update().await), ["span 1 ENDED"]);

    trace.finish(ExecutionStatus::Succeeded, None).await;
    let mut last = socket.update().await;
    while last["complete"] == false {
        assert_eq!(last["execution"]["status"], "SUCCEEDED");
        assert_eq!(spans(&last), [""; 0]);
        last = socket.update().await;
    }
    socket.completed().await;
}

#[tokio::test]
async fn the_first_update_of_nothing_comes_at_once() {
    let server = Server::start().await;
    let trace = Trace::claimed(&server.store).await;
    let mut socket = server.socket().await;
    socket
        .subscribe(UPDATES, json!({"id": trace.run.execution_id}))
        .await;
    let first = socket.update().await;
    assert_eq!(spans(&first), [""; 0]);
    assert_eq!(first["caughtUp"], true);
}

#[tokio::test]
async fn a_commit_of_many_spans_comes_in_updates_of_five_hundred_none_of_which_is_lost_or_repeated()
{
    let server = Server::start().await;
    let trace = Trace::begun(&server.store).await;
    trace.spans((1..=1_700).map(ended)).await;
    let id = trace.run.execution_id.to_string();

    // Every update is the end of a connection: each goes on from the last cursor.
    let (mut after, mut seen) = (Value::Null, HashMap::new());
    loop {
        let mut socket = server.socket().await;
        socket
            .subscribe(UPDATES, json!({"id": id, "after": after}))
            .await;
        let update = socket.update().await;
        let names = spans(&update);
        assert!(names.len() <= 500, "{} spans", names.len());
        for name in names {
            *seen.entry(name).or_insert(0) += 1;
        }
        after = update["cursor"].clone();
        if update["caughtUp"] == true {
            break;
        }
    }
    assert_eq!(seen.len(), 1_700);
    assert!(
        seen.values().all(|count| *count == 1),
        "a span was repeated"
    );
}

#[tokio::test]
async fn what_was_superseded_while_away_comes_in_its_latest_state_only() {
    let server = Server::start().await;
    let trace = Trace::begun(&server.store).await;
    trace.spans([span(1), span(2)]).await;
    let id = trace.run.execution_id.to_string();
    let mut socket = server.socket().await;
    socket.subscribe(UPDATES, json!({"id": id})).await;
    let cursor = socket.update().await["cursor"].clone();
    drop(socket);

    trace.spans([span(3)]).await;
    trace.spans([ended(3)]).await;
    trace.spans([ended(2)]).await;
    let mut socket = server.socket().await;
    socket
        .subscribe(UPDATES, json!({"id": id, "after": cursor}))
        .await;
    assert_eq!(
        spans(&socket.update().await),
        ["span 3 ENDED", "span 2 ENDED"]
    );
}

#[tokio::test]
async fn the_cursor_of_a_page_continues_as_a_feed() {
    let server = Server::start().await;
    let trace = Trace::begun(&server.store).await;
    trace.spans([span(1)]).await;
    let id = trace.run.execution_id.to_string();
    let page = server
        .query(
            "query ($id: ID!) { execution(executionId: $id) { cursor spans { nodes { name } } } }",
            json!({"id": id}),
        )
        .await;
    trace.spans([span(2)]).await;
    let mut socket = server.socket().await;
    socket
        .subscribe(
            UPDATES,
            json!({"id": id, "after": page["execution"]["cursor"]}),
        )
        .await;
    assert_eq!(spans(&socket.update().await), ["span 2 RUNNING"]);
}

#[tokio::test]
async fn a_trace_that_is_over_is_told_and_completed_at_once_and_a_resumed_one_only_completed() {
    let server = Server::start().await;
    let trace = Trace::begun(&server.store).await;
    trace.spans([ended(1)]).await;
    trace.finish(ExecutionStatus::Succeeded, None).await;
    let id = trace.run.execution_id.to_string();
    let mut socket = server.socket().await;
    let mut cursor = Value::Null;
    for expected in [vec!["span 1 ENDED"], vec![]] {
        socket
            .subscribe(UPDATES, json!({"id": id, "after": cursor}))
            .await;
        let mut update = socket.update().await;
        assert_eq!(spans(&update), expected);
        // The quiet time may not be over at the first look.
        while update["complete"] == false {
            update = socket.update().await;
        }
        cursor = update["cursor"].clone();
        socket.completed().await;
    }
}

#[tokio::test]
async fn a_deleted_execution_ends_its_feeds() {
    let server = Server::start().await;
    let trace = Trace::begun(&server.store).await;
    let mut socket = server.socket().await;
    socket
        .subscribe(UPDATES, json!({"id": trace.run.execution_id}))
        .await;
    socket.update().await;
    let mut connection = server.store.write().await.unwrap();
    Execution::delete(&mut connection, trace.run.execution_id)
        .await
        .unwrap();
    assert_eq!(
        socket.error().await,
        ("NOT_FOUND".into(), Some("DELETED".into()))
    );
}

#[tokio::test]
async fn spans_are_told_as_they_complete_and_resumed_between_two_of_one_commit() {
    let query = "subscription ($id: ID!, $after: String) { \
        spanCompleted(executionId: $id, after: $after) { cursor span { name state } } }";
    let server = Server::start().await;
    let trace = Trace::begun(&server.store).await;
    trace.spans([span(1)]).await;
    trace.spans([ended(2), ended(3), ended(4)]).await;
    let id = trace.run.execution_id.to_string();
    let mut socket = server.socket().await;
    socket.subscribe(query, json!({"id": id})).await;
    let mut completion = socket.next().await;
    assert_eq!(
        completion["spanCompleted"]["span"],
        json!({"name": "span 2", "state": "ENDED"})
    );

    let mut socket = server.socket().await;
    let after = completion["spanCompleted"]["cursor"].take();
    socket
        .subscribe(query, json!({"id": id, "after": after}))
        .await;
    for expected in ["span 3", "span 4"] {
        assert_eq!(
            socket.next().await["spanCompleted"]["span"]["name"],
            expected
        );
    }
    trace.spans([ended(1)]).await;
    assert_eq!(
        socket.next().await["spanCompleted"]["span"]["name"],
        "span 1"
    );
    trace.finish(ExecutionStatus::Succeeded, None).await;
    socket.completed().await;
}

#[tokio::test]
async fn wrong_places_are_refused_with_their_reason() {
    let server = Server::start().await;
    let trace = Trace::begun(&server.store).await;
    let other = Trace::begun(&server.store).await;
    trace.spans([span(1)]).await;
    let id = trace.run.execution_id.to_string();
    let query = "query ($id: ID!) { execution(executionId: $id) { cursor spans { pageInfo { endCursor } } } }";
    let ours = server.query(query, json!({"id": id})).await;
    let theirs = server
        .query(query, json!({"id": other.run.execution_id}))
        .await;
    let future = {
        use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
        let mut bytes = trace.run.execution_id.0.as_bytes().to_vec();
        bytes.extend_from_slice(&1_000_000_i64.to_be_bytes());
        format!("r{}", BASE64_URL_SAFE_NO_PAD.encode(bytes))
    };
    let mut socket = server.socket().await;
    for (cursor, reason) in [
        (json!("nonsense"), "MALFORMED_CURSOR"),
        (json!(""), "MALFORMED_CURSOR"),
        (
            ours["execution"]["spans"]["pageInfo"]["endCursor"].clone(),
            "WRONG_CURSOR_KIND",
        ),
        (theirs["execution"]["cursor"].clone(), "OTHER_EXECUTION"),
        (json!(future), "FUTURE_CURSOR"),
    ] {
        socket
            .subscribe(UPDATES, json!({"id": id, "after": cursor}))
            .await;
        assert_eq!(
            socket.error().await,
            ("BAD_USER_INPUT".into(), Some(reason.into())),
            "{cursor}"
        );
    }
    for missing in ["nobody's", "0190e2a4-0000-7000-8000-000000000000"] {
        socket.subscribe(UPDATES, json!({"id": missing})).await;
        assert_eq!(socket.error().await, ("NOT_FOUND".into(), None));
    }
}

const EXECUTIONS: &str = "subscription ($w: String) { \
    executionUpdates(workflowId: $w) { kind executionId execution { status } } }";

/// A subscription that is known to listen: it has told of an execution that came and went.
async fn executions(server: &Server, workflow: Option<&str>) -> Socket {
    let mut socket = server.socket().await;
    let mut id = socket.subscribe(EXECUTIONS, json!({"w": workflow})).await;
    loop {
        let passing = Trace::claimed(&server.store).await.run.execution_id;
        let mut connection = server.store.write().await.unwrap();
        Execution::delete(&mut connection, passing).await.unwrap();
        drop(connection);
        let Ok(message) = tokio::time::timeout(Duration::from_millis(300), socket.hear()).await
        else {
            continue;
        };
        if message["type"] == "next" {
            return socket;
        }
        // The process had not begun to listen to the database yet.
        assert_eq!(message["id"], json!(id));
        assert_eq!(
            message["payload"][0]["extensions"]["reason"],
            "FEED_INTERRUPTED"
        );
        id = socket.subscribe(EXECUTIONS, json!({"w": workflow})).await;
    }
}

/// What the feed tells next of one execution.
async fn told(socket: &mut Socket, id: &Value) -> (Value, Value) {
    loop {
        let mut update = socket.next().await["executionUpdates"].take();
        if update["executionId"] == *id {
            return (update["kind"].take(), update["execution"]["status"].take());
        }
    }
}

#[tokio::test]
async fn executions_are_told_as_they_start_change_and_go() {
    let server = Server::start().await;
    let mut all = executions(&server, None).await;
    let mut others = executions(&server, Some("another")).await;

    let trace = Trace::claimed(&server.store).await;
    let id = json!(trace.run.execution_id);
    assert_eq!(
        told(&mut all, &id).await,
        (json!("CREATED"), json!("QUEUED"))
    );
    trace.finish(ExecutionStatus::Cancelled, None).await;
    let mut change = told(&mut all, &id).await;
    // The claim is a change as well.
    while change == (json!("CHANGED"), json!("QUEUED")) {
        change = told(&mut all, &id).await;
    }
    assert_eq!(change, (json!("CHANGED"), json!("CANCELLED")));
    let mut connection = server.store.write().await.unwrap();
    Execution::delete(&mut connection, trace.run.execution_id)
        .await
        .unwrap();
    assert_eq!(told(&mut all, &id).await, (json!("DELETED"), Value::Null));
    // Deletions are told to the readers of all workflows; nothing else was told to this one.
    assert_eq!(
        told(&mut others, &id).await,
        (json!("DELETED"), Value::Null)
    );
}

#[tokio::test]
async fn two_processes_on_one_database_tell_the_same() {
    let first = Server::start().await;
    let second = Server::on(first.database.clone(), Options::default()).await;
    let trace = Trace::begun(&first.store).await;
    let id = trace.run.execution_id.to_string();
    let mut sockets = [first.socket().await, second.socket().await];
    for socket in &mut sockets {
        socket.subscribe(UPDATES, json!({"id": id})).await;
        socket.update().await;
    }
    // A third process writes.
    let writer = first.database.store().await;
    for number in 1..=20 {
        let op = Op::SpanEnded {
            span: Box::new(ended(number)),
            step: None,
        };
        writer
            .writer()
            .submit_acked(trace.run.write(op))
            .await
            .unwrap();
    }
    let [first, second] = &mut sockets;
    assert_eq!(collect(first, 20).await, collect(second, 20).await);
}

/// The spans of updates until there are `count`, in order.
async fn collect(socket: &mut Socket, count: usize) -> Vec<String> {
    let mut seen = Vec::new();
    while seen.len() < count {
        seen.extend(spans(&socket.update().await));
    }
    seen
}

#[tokio::test]
async fn a_reader_that_stops_reading_loses_nothing_but_time() {
    let socket = SocketSettings {
        send_timeout: PATIENCE,
        ..SocketSettings::default()
    };
    let server = Server::with(Options {
        socket,
        ..Options::default()
    })
    .await;
    let trace = Trace::begun(&server.store).await;
    let id = trace.run.execution_id.to_string();
    let mut slow = server.socket().await;
    slow.subscribe(UPDATES_WITH_ATTRIBUTES, json!({"id": id}))
        .await;
    slow.update().await;
    // Far more than the system's buffers and the log of the feed hold together, while nobody reads.
    let text = "x".repeat(100_000);
    for number in 1..=200 {
        let mut span = ended(number);
        span.attributes = json!({"text": text}).to_string();
        trace.spans([span]).await;
    }
    let all: Vec<String> = (1..=200)
        .map(|number| format!("span {number} ENDED"))
        .collect();
    assert_eq!(collect(&mut slow, 200).await, all);
}

const UPDATES_WITH_ATTRIBUTES: &str = "subscription ($id: ID!) { \
    traceUpdates(executionId: $id) { cursor spans { name state attributes } } }";

#[tokio::test]
async fn live_feeds_survive_an_outage_of_the_database() {
    let live = LiveSettings {
        poll: Duration::from_millis(50),
        ..LiveSettings::default()
    };
    let server = Server::with(Options {
        live: Some(live),
        ..Options::default()
    })
    .await;
    let trace = Trace::begun(&server.store).await;
    let id = trace.run.execution_id.to_string();
    let mut socket = server.socket().await;
    socket.subscribe(UPDATES, json!({"id": id})).await;
    socket.update().await;
    server.database.go_away().await;
    let writing = tokio::spawn({
        let trace = trace.clone();
        async move { trace.spans([ended(1)]).await }
    });
    server.database.come_back().await;
    assert_eq!(collect(&mut socket, 1).await, ["span 1 ENDED"]);
    writing.await.unwrap();
}
