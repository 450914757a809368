//! What becomes of spans: executions, workflows, states.

use diesel_async::RunQueryDsl as _;
use futures::future::join_all;
use orcheo_store::ExecutionId;
use serde_json::json;

use super::*;

const RUN: &str = "status startedAt finishedAt durationMs threadId externalId inputs outputs \
    error { code message } spanCount errorCount rootSpan { name } workflow { workflowId name external version }";

#[tokio::test]
async fn a_trace_becomes_an_execution_of_an_external_workflow() {
    let server = Server::start().await;
    let mut root = span(1, 1, None);
    root.attributes = vec![
        text("orcheo.workflow.id", "triage"),
        text("orcheo.execution.id", "run-17"),
        text("session.id", "talk-4"),
        text("input.value", r#"{"question":"why?"}"#),
        text("output.value", "because"),
    ];
    accept(&server, vec![root, span(1, 2, Some(1))]).await;
    let run = execution(&server, 1, RUN).await;
    assert_eq!(
        run,
        json!({
            "status": "SUCCEEDED", "startedAt": "2026-01-01T00:00:01Z", "finishedAt": "2026-01-01T00:00:01.500Z",
            "durationMs": 500.0, "threadId": "talk-4", "externalId": "run-17",
            "inputs": {"question": "why?"}, "outputs": "because", "error": null, "spanCount": 2, "errorCount": 0,
            "rootSpan": {"name": "span 1"},
            "workflow": {"workflowId": "triage", "name": "triage", "external": true, "version": 0},
        })
    );
    let found = server
        .query(
            r#"{ execution(executionId: "run-17") { traceId } }"#,
            json!({}),
        )
        .await;
    assert_eq!(found["execution"]["traceId"], trace_id(1));
    let query = r#"{ executions(filter: {threadId: "talk-4"}) { edges { node { externalId } } } }"#;
    let listed = server.query(query, json!({})).await;
    assert_eq!(
        listed["executions"]["edges"][0]["node"]["externalId"],
        "run-17"
    );
}

#[tokio::test]
async fn the_best_name_of_a_workflow_wins_in_any_order() {
    let server = Server::start().await;
    let named = |number, parent, key: &str, name: &str| Span {
        attributes: vec![text(key, name)],
        ..span(2, number, parent)
    };
    let workflow = async || {
        execution(&server, 2, "workflow { workflowId }").await["workflow"]["workflowId"].take()
    };
    for (spans, expected) in [
        (vec![span(2, 5, Some(1))], "shop"),
        (
            vec![named(4, Some(1), "traceloop.workflow.name", "loop")],
            "loop",
        ),
        (
            vec![named(3, Some(1), "gen_ai.workflow.name", "inner")],
            "inner",
        ),
        (
            vec![named(2, Some(1), "traceloop.workflow.name", "other")],
            "inner",
        ),
        (
            vec![named(1, None, "gen_ai.workflow.name", "outer")],
            "outer",
        ),
        (vec![named(6, Some(1), "orcheo.workflow.id", "id")], "id"),
        (vec![span(2, 7, Some(1))], "id"),
    ] {
        accept(&server, spans).await;
        assert_eq!(workflow().await, expected);
    }
}

#[tokio::test]
async fn the_root_decides_the_status_whenever_it_comes() {
    let server = Server::start().await;
    accept(&server, vec![failed(span(3, 2, Some(1)), "no answer")]).await;
    let state = "status finishedAt rootSpan { name } errorCount";
    assert_eq!(
        execution(&server, 3, state).await,
        json!({"status": "RUNNING", "finishedAt": null, "rootSpan": null, "errorCount": 1})
    );
    accept(&server, vec![failed(span(3, 1, None), "gave up")]).await;
    assert_eq!(
        execution(
            &server,
            3,
            "status error { code message } rootSpan { name }"
        )
        .await,
        json!({
            "status": "FAILED", "error": {"code": "ERROR", "message": "gave up"}, "rootSpan": {"name": "span 1"},
        })
    );
    accept(&server, vec![span(3, 3, Some(2))]).await;
    assert_eq!(
        execution(&server, 3, "status spanCount").await,
        json!({"status": "FAILED", "spanCount": 3})
    );
}

#[tokio::test]
async fn the_first_of_several_roots_is_the_runs_in_any_order() {
    let server = Server::start().await;
    for number in [2, 1, 3] {
        accept(&server, vec![span(4, number, None)]).await;
    }
    assert_eq!(
        execution(&server, 4, "startedAt rootSpan { name }").await,
        json!({"startedAt": "2026-01-01T00:00:01Z", "rootSpan": {"name": "span 1"}})
    );
}

#[tokio::test]
async fn a_running_span_is_replaced_by_its_end_and_never_back() {
    let server = Server::start().await;
    let running = || Span {
        end_time_unix_nano: 0,
        ..span(5, 1, None)
    };
    let state = async || {
        let state = spans(&server, 5, "state").await;
        let run = execution(&server, 5, "status").await;
        (state[0]["state"].clone(), run["status"].clone())
    };
    accept(&server, vec![running()]).await;
    assert_eq!(state().await, (json!("RUNNING"), json!("RUNNING")));
    accept(&server, vec![span(5, 1, None)]).await;
    assert_eq!(state().await, (json!("ENDED"), json!("SUCCEEDED")));
    accept(&server, vec![running()]).await;
    assert_eq!(state().await, (json!("ENDED"), json!("SUCCEEDED")));
}

#[tokio::test]
async fn a_batch_that_comes_again_and_at_once_is_stored_once() {
    let server = Server::start().await;
    let other = Server::on(server.database.clone(), Options::default()).await;
    let batch: Vec<Span> = (1..=50_u8)
        .map(|number| Span {
            attributes: vec![
                text("gen_ai.operation.name", "chat"),
                any("gen_ai.usage.input_tokens", Any::IntValue(3)),
            ],
            ..span(6, number, (number > 1).then_some(1))
        })
        .collect();
    let sent = (0..8).map(|index| {
        let to = if index % 2 == 0 { &server } else { &other };
        accept(to, batch.clone())
    });
    join_all(sent).await;
    accept(&server, batch).await;
    assert_eq!(
        execution(&server, 6, "spanCount tokenUsage { input }").await["spanCount"],
        50
    );
    assert_eq!(spans(&server, 6, "spanId").await.len(), 50);
}

#[tokio::test]
async fn whoever_watches_sees_spans_as_they_come() {
    let server = Server::start().await;
    accept(&server, vec![span(7, 2, Some(1))]).await;
    let id: ExecutionId = execution(&server, 7, "executionId").await["executionId"]
        .as_str()
        .unwrap()
        .parse()
        .unwrap();
    let mut socket = server.socket().await;
    let query = "subscription($id: ID!) { traceUpdates(executionId: $id) { execution { status } spans { name } } }";
    socket.subscribe(query, json!({"id": id})).await;
    let mut seen = Vec::new();
    let mut sent = false;
    while seen.len() < 2 {
        let update = socket.hear().await["payload"]["data"]["traceUpdates"].take();
        for span in update["spans"].as_array().unwrap() {
            seen.push((span["name"].clone(), update["execution"]["status"].clone()));
        }
        if !sent {
            accept(&server, vec![span(7, 1, None)]).await;
            sent = true;
        }
    }
    assert_eq!(
        seen,
        [
            (json!("span 2"), json!("RUNNING")),
            (json!("span 1"), json!("SUCCEEDED")),
        ]
    );
}

#[derive(diesel::QueryableByName)]
struct Dump {
    #[diesel(sql_type = diesel::sql_types::Nullable<diesel::sql_types::Text>)]
    rows: Option<String>,
}

/// Every row of every table as text.
async fn dump(server: &Server) -> String {
    let mut connection = server.database.connection().await;
    let mut all = String::new();
    for table in [
        "workflows",
        "executions",
        "execution_keys",
        "spans",
        "open_spans",
        "span_logs",
        "span_contents",
        "token_usage",
    ] {
        let query = format!("SELECT string_agg(t::text, ' ') AS rows FROM {table} t");
        let dump: Dump = diesel::sql_query(query)
            .get_result(&mut connection)
            .await
            .unwrap();
        all.extend(dump.rows);
    }
    all
}

#[tokio::test]
async fn nothing_sensitive_is_stored_wherever_it_stands() {
    let server = Server::start().await;
    let secret = "sk-proj-abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGH";
    let mut root = failed(span(8, 1, None), secret);
    root.name = format!("call {secret}");
    root.trace_state = format!("vendor={secret}");
    root.attributes = vec![
        text("input.value", secret),
        text("orcheo.workflow.id", secret),
        text("orcheo.execution.id", secret),
        text("session.id", secret),
        text("password", "hunter2 is my password"),
        any("raw", Any::BytesValue(secret.as_bytes().to_vec())),
        text(secret, "key"),
    ];
    root.events = vec![opentelemetry_proto::tonic::trace::v1::span::Event {
        name: secret.to_owned(),
        attributes: vec![text("gen_ai.prompt", secret)],
        ..Default::default()
    }];
    send(&server, &of_service(secret, vec![root])).await;
    let dump = dump(&server).await;
    assert!(!dump.contains(secret), "the secret is stored");
    let bytes = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, secret);
    assert!(!dump.contains(&bytes), "the secret is stored in base64");
    assert!(!dump.contains("hunter2"), "the password is stored");
    assert!(dump.contains("[REDACTED:"));
}
