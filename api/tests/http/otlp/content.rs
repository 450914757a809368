//! What a span was given and returned, and why it failed, where that does not stand in an attribute of its own or its status.

use opentelemetry_proto::tonic::trace::v1::span::Event;

use super::*;

fn event(name: &str, attributes: Vec<KeyValue>) -> Event {
    Event {
        time_unix_nano: START,
        name: name.to_owned(),
        attributes,
        dropped_attributes_count: 0,
    }
}

async fn content(server: &Server, trace: u8) -> Value {
    spans(server, trace, "input output").await[0].take()
}

#[tokio::test]
async fn messages_in_events_are_the_input_and_output() {
    let server = Server::start().await;
    let key = format!("{}{}", "gh", "p_16C7e42F292c6912E7710c838347Ae178B4a");
    let question = format!(r#"[{{"text":"where is it, {key}?"}}]"#);
    let sent = Span {
        events: vec![
            event("gen_ai.system.message", vec![text("content", "be kind")]),
            event("gen_ai.user.message", vec![text("content", &question)]),
            event("other", vec![text("content", "nothing")]),
            event(
                "gen_ai.choice",
                vec![text("message", "over there"), text("finish_reason", "stop")],
            ),
        ],
        ..span(160, 1, None)
    };
    accept(&server, vec![sent]).await;
    assert_eq!(
        content(&server, 160).await,
        json!({
            "input": [
                {"content": "be kind", "role": "system"},
                {"content": [{"text": "where is it, [REDACTED:github-token]?"}], "role": "user"},
            ],
            "output": [{"message": "over there", "finish_reason": "stop"}],
        })
    );
}

#[tokio::test]
async fn an_event_may_hold_one_prompt_or_one_completion() {
    let server = Server::start().await;
    let sent = Span {
        events: vec![
            event(
                "gen_ai.content.prompt",
                vec![text("gen_ai.prompt", r#"[{"role":"user"}]"#)],
            ),
            event(
                "gen_ai.content.completion",
                vec![text("gen_ai.completion", "yes")],
            ),
        ],
        ..span(161, 1, None)
    };
    accept(&server, vec![sent]).await;
    assert_eq!(
        content(&server, 161).await,
        json!({"input": [[{"role": "user"}]], "output": ["yes"]})
    );
}

#[tokio::test]
async fn what_attributes_say_goes_before_what_events_say() {
    let server = Server::start().await;
    let sent = Span {
        attributes: vec![text("input.value", "from an attribute")],
        events: vec![
            event(
                "gen_ai.user.message",
                vec![text("content", "from an event")],
            ),
            event("gen_ai.choice", vec![text("message", "from an event")]),
        ],
        ..span(162, 1, None)
    };
    accept(&server, vec![sent.clone()]).await;
    assert_eq!(
        content(&server, 162).await,
        json!({"input": "from an attribute", "output": [{"message": "from an event"}]})
    );
    // What went out of events is not told again by an attribute of its own.
    let id = execution(&server, 162, "executionId").await;
    let path = format!(
        "/api/executions/{}/trace.otlp.json",
        id["executionId"].as_str().unwrap()
    );
    let exported: Value = server
        .get(&path)
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    let attributes = &exported["resourceSpans"][0]["scopeSpans"][0]["spans"][0]["attributes"];
    assert_eq!(
        attributes,
        &json!([{"key": "input.value", "value": {"stringValue": "from an attribute"}}])
    );
}

#[tokio::test]
async fn instructions_in_one_text_are_a_message() {
    let server = Server::start().await;
    let sent = Span {
        attributes: vec![text("gen_ai.system_instructions", "be kind")],
        ..span(163, 1, None)
    };
    accept(&server, vec![sent]).await;
    let parts = json!([{"type": "text", "content": "be kind"}]);
    assert_eq!(
        content(&server, 163).await["input"],
        json!([{"role": "system", "parts": parts}])
    );
}

#[tokio::test]
async fn a_failure_is_told_by_the_exception_where_the_status_does_not() {
    let server = Server::start().await;
    let thrown = event(
        "exception",
        vec![
            text("exception.type", "ValueError"),
            text("exception.message", "node broke"),
        ],
    );
    let traceback = "ValueError('node broke')Traceback (most recent call last):\n  File";
    for (trace, status, events, expected) in [
        (164, "", vec![thrown.clone()], ("ValueError", "node broke")),
        (
            165,
            traceback,
            vec![thrown.clone()],
            ("ValueError", "node broke"),
        ),
        (166, "no answer", vec![thrown], ("ValueError", "no answer")),
        (167, traceback, Vec::new(), ("ERROR", traceback)),
        (168, "", Vec::new(), ("ERROR", "")),
    ] {
        let sent = Span {
            events,
            ..failed(span(trace, 1, None), status)
        };
        accept(&server, vec![sent]).await;
        let (code, message) = expected;
        assert_eq!(
            execution(&server, trace, "error { code message }").await,
            json!({"error": {"code": code, "message": message}})
        );
    }
}
