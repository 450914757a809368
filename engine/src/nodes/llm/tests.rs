//! A model call through the whole engine: what it returns, and what its trace tells.

use opentelemetry::trace::SpanKind;
use serde_json::{Value, json};

use crate::models::fake_server::{Answer, FakeModelServer, closed_port, delta};
use crate::nodes::testing::{Lab, Ran};

const KEY: &str = "sk-very-secret-0123456789";

fn node(base_url: &str, more: Value) -> Value {
    let kwargs = json!({"base_url": base_url, "api_key": "[[openai_api_key]]", "temperature": 0.2, "timeout": 0.2});
    let mut node =
        json!({"type": "LLMNode", "ai_model": "openai:test-model", "model_kwargs": kwargs});
    node.as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    node
}

async fn ask(server: &FakeModelServer, more: Value) -> Ran {
    Lab::default()
        .credential("openai_api_key", KEY)
        .run_node(node(&server.base_url(), more))
        .await
}

fn usage() -> Value {
    json!({"prompt_tokens": 1500, "completion_tokens": 20, "prompt_tokens_details": {"cached_tokens": 1024},
        "completion_tokens_details": {"reasoning_tokens": 8}})
}

#[tokio::test]
async fn the_answer_is_the_output_and_the_trace_follows_the_conventions() {
    let server = FakeModelServer::start([Answer::text(&["Paris", "."], usage())]).await;
    let ran = ask(
        &server,
        json!({"input_text": "Capital of France?", "system_prompt": "Be brief."}),
    )
    .await;
    let output = ran.output();
    assert_eq!(
        output,
        json!({"text": "Paris.", "finish_reason": "stop", "model": "test-model-2026"})
    );

    let span = ran.span("chat test-model");
    assert_eq!(span.0.span_kind, SpanKind::Client);
    assert_eq!(
        ran.path(span),
        ["workflow.execution", "node", "chat test-model"]
    );
    for (key, value) in [
        ("gen_ai.operation.name", json!("chat")),
        ("gen_ai.provider.name", json!("openai")),
        ("gen_ai.request.model", json!("test-model")),
        ("gen_ai.request.temperature", json!(0.2)),
        ("gen_ai.response.model", json!("test-model-2026")),
        ("gen_ai.response.id", json!("chatcmpl-1")),
        ("gen_ai.response.finish_reasons", json!(["stop"])),
        ("gen_ai.usage.input_tokens", json!(1500)),
        ("gen_ai.usage.output_tokens", json!(20)),
        ("gen_ai.usage.cache_read.input_tokens", json!(1024)),
        ("gen_ai.usage.reasoning.output_tokens", json!(8)),
        ("server.address", json!("127.0.0.1")),
    ] {
        assert_eq!(span.attribute(key), value, "{key}");
    }
    assert!(
        span.attribute("gen_ai.response.time_to_first_chunk")
            .as_f64()
            .is_some()
    );
    let text = |text: &str| json!([{"type": "text", "content": text}]);
    assert_eq!(span.json("gen_ai.system_instructions"), text("Be brief."));
    assert_eq!(
        span.json("gen_ai.input.messages"),
        json!([{"role": "user", "parts": text("Capital of France?")}])
    );
    assert_eq!(
        span.json("gen_ai.output.messages"),
        json!([{"role": "assistant", "parts": text("Paris."), "finish_reason": "stop"}])
    );
    for above in ["node", "workflow.execution"] {
        let above = ran.span(above);
        assert_eq!(above.attribute("orcheo.token.input"), 1500);
        assert_eq!(above.attribute("orcheo.token.output"), 20);
        assert_eq!(
            above.attribute("gen_ai.usage.input_tokens"),
            Value::Null,
            "counted once only"
        );
    }
}

#[tokio::test]
async fn the_key_and_the_trace_reach_the_server_and_the_key_no_span() {
    let server = FakeModelServer::start([Answer::text(&["ok"], Value::Null)]).await;
    let ran = ask(&server, json!({"input_text": "hi"})).await;
    ran.outputs();
    let context = &ran.span("chat test-model").0.span_context;
    let seen = server.seen().remove(0);
    assert_eq!(seen.headers["authorization"], format!("Bearer {KEY}"));
    assert_eq!(
        seen.headers["traceparent"],
        format!("00-{}-{}-01", context.trace_id(), context.span_id())
    );
    assert!(
        ran.spans
            .iter()
            .all(|span| !format!("{span:?}").contains(KEY))
    );
}

#[tokio::test]
async fn without_a_key_in_the_parameters_the_provider_s_credential_is_used() {
    let server = FakeModelServer::start([Answer::text(&["ok"], Value::Null)]).await;
    let kwargs = json!({"base_url": server.base_url()});
    ask(&server, json!({"input_text": "hi", "model_kwargs": kwargs}))
        .await
        .outputs();
    assert_eq!(
        server.seen()[0].headers["authorization"],
        format!("Bearer {KEY}")
    );
}

#[tokio::test]
async fn instruction_draft_and_user_message_are_put_together() {
    let server = FakeModelServer::start([Answer::text(&["ok"], Value::Null)]).await;
    let parts = json!({"draft_reply": "hallo", "input_text": "ignored", "instruction": "Polish.", "user_message": "Hi"});
    ask(&server, parts).await.outputs();
    let expected = "Instruction:\nPolish.\n\nText:\nUser message:\nHi\n\nDraft reply:\nhallo";
    assert_eq!(
        server.seen()[0].body["messages"],
        json!([{"role": "user", "content": expected}])
    );
}

#[tokio::test]
async fn a_structured_answer_is_parsed_and_one_that_is_not_json_is_an_error() {
    let format =
        json!({"type": "object", "properties": {"n": {"type": "integer"}}, "title": "count"});
    let question = json!({"input_text": "how many?", "response_format": format});
    let server = FakeModelServer::start([Answer::text(&["{\"n\":", " 3}"], Value::Null)]).await;
    assert_eq!(
        ask(&server, question.clone()).await.output()["structured_response"],
        json!({"n": 3})
    );
    let sent = &server.seen()[0].body["response_format"];
    assert_eq!(
        sent,
        &json!({"type": "json_schema", "json_schema": {"name": "count", "schema": format}})
    );

    let server = FakeModelServer::start([Answer::text(&["three"], Value::Null)]).await;
    assert_eq!(
        ask(&server, question).await.error().code,
        "MODEL_REPLY_INVALID"
    );
}

#[tokio::test]
async fn question_and_answer_join_the_conversation() {
    let server = FakeModelServer::start([Answer::text(&["Paris"], Value::Null)]).await;
    let mut ask = node(&server.base_url(), json!({"input_text": "Capital?"}));
    ask["name"] = "ask".into();
    let after =
        json!({"name": "node", "type": "SetVariableNode", "variables": {"said": "{{messages}}"}});
    let document = json!({"nodes": [ask, after], "edges": [["START", "ask"], ["ask", "node"]]});
    let ran = Lab::default()
        .credential("openai_api_key", KEY)
        .run(&document)
        .await;
    let said =
        json!([{"role": "user", "content": "Capital?"}, {"role": "assistant", "content": "Paris"}]);
    assert_eq!(ran.output()["said"], said);
}

#[tokio::test]
async fn a_model_that_fails_is_a_failed_span_with_what_had_come() {
    let server =
        FakeModelServer::start([Answer::Stalled(vec![delta(json!({"content": "It is"}))])]).await;
    let ran = ask(&server, json!({"input_text": "hi"})).await;
    assert_eq!(ran.error().code, "MODEL_TIMEOUT");
    let span = ran.span("chat test-model");
    assert_eq!(span.attribute("error.type"), "MODEL_TIMEOUT");
    assert_eq!(
        span.json("gen_ai.output.messages")[0]["parts"][0]["content"],
        "It is"
    );
}

#[tokio::test]
async fn passing_failures_are_tried_again_and_others_are_not() {
    let busy = || Answer::json(429, json!({"error": {"message": "slow down"}}));
    let retry = json!({"input_text": "hi", "retry": {"max_attempts": 3}});
    let server = FakeModelServer::start([busy(), busy(), Answer::text(&["ok"], Value::Null)]).await;
    let ran = ask(&server, retry.clone()).await;
    assert_eq!(ran.output()["text"], "ok");
    assert_eq!(ran.spans("chat test-model").len(), 3);

    let denied = Answer::json(401, json!({"error": {"message": format!("bad key {KEY}")}}));
    let server = FakeModelServer::start([denied]).await;
    let ran = ask(&server, retry).await;
    assert_eq!(ran.error().code, "MODEL_UNAUTHORIZED");
    assert!(
        ran.spans
            .iter()
            .all(|span| !format!("{span:?}").contains(KEY))
    );
}

#[tokio::test]
async fn a_server_that_is_down_is_told_by_its_name() {
    let port = closed_port().await;
    let node = node(
        &format!("http://127.0.0.1:{port}/v1"),
        json!({"input_text": "hi"}),
    );
    let error = Lab::default()
        .credential("openai_api_key", KEY)
        .run_node(node)
        .await
        .error();
    assert_eq!(error.code, "MODEL_UNREACHABLE");
    assert!(
        error.message.contains(&format!("127.0.0.1:{port}")),
        "{}",
        error.message
    );
}

#[tokio::test]
async fn a_missing_credential_is_told_by_name_before_anything_is_sent() {
    let server = FakeModelServer::start([]).await;
    let error = Lab::default()
        .run_node(node(&server.base_url(), json!({"input_text": "hi"})))
        .await
        .error();
    assert_eq!(error.code, "MISSING_CREDENTIAL");
    assert!(
        error.message.contains("openai_api_key"),
        "{}",
        error.message
    );
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn an_empty_question_and_an_unknown_model_are_refused() {
    let offline =
        |model: &str, text: &str| json!({"type": "LLMNode", "ai_model": model, "input_text": text});
    let error = Lab::default()
        .run_node(offline("offline:echo", "  "))
        .await
        .error();
    assert_eq!(
        error.message,
        "input_text: there is nothing to ask the model"
    );
    let error = Lab::default()
        .run_node(offline("offline:oracle", "hi"))
        .await
        .error();
    assert_eq!(error.code, "MODEL_MISCONFIGURED");
}

#[tokio::test]
async fn a_built_in_model_needs_no_network_and_is_no_client_call() {
    let kwargs = json!({"chunk_delay_ms": 0});
    let node = json!({"type": "LLMNode", "ai_model": "offline:echo", "model_kwargs": kwargs, "input_text": "hello there"});
    let ran = Lab::default().run_node(node).await;
    assert_eq!(ran.output()["text"], "hello there");
    let span = ran.span("chat offline:echo");
    assert_eq!(span.0.span_kind, SpanKind::Internal);
    assert_eq!(span.attribute("gen_ai.provider.name"), "offline");
    assert_eq!(span.attribute("gen_ai.usage.output_tokens"), 2);
}

#[tokio::test(start_paused = true)]
async fn while_a_reply_is_written_its_span_shows_how_far_it_is() {
    let text = "one two three four five six seven eight nine ten";
    let kwargs = json!({"chunk_delay_ms": 100, "chunk_words": 1});
    let node = json!({"type": "LLMNode", "ai_model": "offline:echo", "model_kwargs": kwargs, "input_text": text});
    let ran = Lab::default().run_node(node).await;
    let span = ran.span("chat offline:echo");
    let seen = |key: &str| -> Vec<String> {
        let shown = ran.progress.iter().flat_map(|(id, attributes)| {
            assert_eq!(*id, span.0.span_context.span_id());
            attributes
        });
        shown
            .filter(|shown| shown.key.as_str() == key)
            .map(|shown| shown.value.to_string())
            .collect()
    };
    // Every 200 ms, by the test's own clock: after every second word.
    assert_eq!(
        seen("gen_ai.usage.output_tokens"),
        ["2", "4", "6", "8", "10"]
    );
    // Each tells it: one before may have been lost.
    assert_eq!(seen("gen_ai.response.time_to_first_chunk"), ["0.1"; 5]);
    let texts: Vec<Value> = seen("gen_ai.output.messages")
        .iter()
        .map(|text| serde_json::from_str(text).unwrap())
        .collect();
    assert_eq!(texts[1][0]["parts"][0]["content"], "one two three four");
}

#[tokio::test]
async fn a_call_that_its_node_s_timeout_cuts_off_is_given_up() {
    let server = FakeModelServer::start([Answer::Silent]).await;
    let more = json!({"input_text": "hi", "timeout": 0.1, "model_kwargs": {"base_url": server.base_url()}});
    let ran = ask(&server, more).await;
    assert_eq!(ran.error().code, "TIMEOUT");
    let failure = ran.span("chat test-model").failure().map(ToOwned::to_owned);
    assert_eq!(
        failure.as_deref(),
        Some("given up: what it was part of has ended")
    );
}
