//! The client against a real server on loopback, in good and in bad days.

use std::time::Duration;

use futures::TryStreamExt;
use serde_json::{Map, Value, json};

use super::super::{
    ChatRequest, Message, ModelError, ModelSettings, Models, Reply, ReplyBuilder, ToolCall,
    ToolDefinition, Usage,
    fake_server::{Answer, FakeModelServer, chunk, closed_port, delta, finish, start_breaking},
};

const KEY: &str = "sk-very-secret-0123456789";

fn kwargs(base_url: &str, more: Value) -> Map<String, Value> {
    let mut kwargs = json!({"base_url": base_url, "api_key": KEY});
    kwargs
        .as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    kwargs.as_object().unwrap().clone()
}

async fn ask(
    base_url: &str,
    more: Value,
    with: impl FnOnce(&mut ChatRequest),
) -> Result<Reply, ModelError> {
    let models = Models::new(ModelSettings::default(), reqwest::Client::new());
    let (model, mut request) =
        models.select("openai:test-model", kwargs(base_url, more), |_| None)?;
    request
        .messages
        .push(Message::User("What is the weather?".to_owned()));
    with(&mut request);
    let mut reply = ReplyBuilder::default();
    let mut chunks = model.chat(&request).await?;
    while let Some(chunk) = chunks.try_next().await? {
        reply.push(chunk);
    }
    Ok(reply.finish())
}

async fn ask_simply(server: &FakeModelServer) -> Result<Reply, ModelError> {
    ask(&server.base_url(), json!({}), |_| ()).await
}

async fn error_of(answer: Answer) -> ModelError {
    let server = FakeModelServer::start([answer]).await;
    let error = ask(&server.base_url(), json!({"timeout": 0.2}), |_| ())
        .await
        .unwrap_err();
    assert!(!error.to_string().contains(KEY), "the key is in: {error}");
    let address = server.base_url();
    let address = address
        .trim_start_matches("http://")
        .trim_end_matches("/v1");
    assert!(
        error.to_string().contains(address),
        "the server is not named in: {error}"
    );
    assert_eq!(
        server.seen().len(),
        1,
        "a request was repeated behind the caller's back"
    );
    error
}

#[tokio::test]
async fn a_streamed_reply_is_put_together_with_the_usage_the_provider_reports() {
    let usage = json!({
        "prompt_tokens": 1500, "completion_tokens": 20, "total_tokens": 1520,
        "prompt_tokens_details": {"cached_tokens": 1024}, "completion_tokens_details": {"reasoning_tokens": 8},
    });
    let server = FakeModelServer::start([Answer::text(&["It is ", "sunny", "."], usage)]).await;

    let reply = ask_simply(&server).await.unwrap();

    assert_eq!(reply.text, "It is sunny.");
    assert_eq!(
        reply.usage,
        Some(Usage {
            input: 1500,
            output: 20,
            cache_read: Some(1024),
            reasoning: Some(8)
        })
    );
    assert_eq!(reply.finish_reason.as_deref(), Some("stop"));
    assert_eq!(reply.response_id.as_deref(), Some("chatcmpl-1"));
    assert_eq!(reply.response_model.as_deref(), Some("test-model-2026"));
}

#[tokio::test]
async fn the_request_carries_the_key_the_conversation_and_the_parameters() {
    let server = FakeModelServer::start([Answer::text(&["ok"], Value::Null)]).await;
    let parameters = json!({"temperature": 0.5, "max_tokens": 99, "top_k": 3, "max_retries": 6});

    ask(&server.base_url(), parameters, |request| {
        request.system = Some("Be brief.".to_owned());
        let call = ToolCall {
            id: "call_9".to_owned(),
            name: "weather".to_owned(),
            arguments: "{}".to_owned(),
        };
        request.messages.push(Message::Assistant {
            text: String::new(),
            tool_calls: vec![call],
        });
        let (call_id, name) = ("call_9".to_owned(), "weather".to_owned());
        request.messages.push(Message::Tool {
            call_id,
            name,
            content: "sunny".to_owned(),
        });
        request.tools.push(ToolDefinition {
            name: "weather".to_owned(),
            description: "Tells the weather".to_owned(),
            parameters: json!({"type": "object"}),
        });
        request.headers.insert(
            "traceparent",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
                .parse()
                .unwrap(),
        );
    })
    .await
    .unwrap();

    let seen = server.seen().remove(0);
    assert_eq!(seen.headers["authorization"], format!("Bearer {KEY}"));
    assert_eq!(
        seen.headers["traceparent"],
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    );
    let function = json!({"name": "weather", "arguments": "{}"});
    assert_eq!(
        seen.body,
        json!({
            "model": "test-model", "stream": true, "stream_options": {"include_usage": true},
            "temperature": 0.5, "max_tokens": 99, "top_k": 3,
            "messages": [
                {"role": "system", "content": "Be brief."},
                {"role": "user", "content": "What is the weather?"},
                {"role": "assistant", "content": null, "tool_calls": [{"id": "call_9", "type": "function", "function": function}]},
                {"role": "tool", "tool_call_id": "call_9", "content": "sunny"},
            ],
            "tools": [{"type": "function", "function":
                {"name": "weather", "description": "Tells the weather", "parameters": {"type": "object"}}}],
        })
    );
}

#[tokio::test]
async fn tool_calls_are_assembled_from_interleaved_pieces() {
    let piece = |index: usize, id: Option<&str>, name: Option<&str>, arguments: &str| {
        delta(
            json!({"tool_calls": [{"index": index, "id": id, "function": {"name": name, "arguments": arguments}}]}),
        )
    };
    let server = FakeModelServer::start([Answer::Stream(vec![
        piece(0, Some("call_a"), Some("weather"), ""),
        piece(1, Some("call_b"), Some("clock"), "{\"zone\""),
        piece(0, None, None, "{\"city\": \"Ber"),
        piece(1, None, None, ": \"CET\"}"),
        piece(0, None, None, "lin\"}"),
        finish("tool_calls"),
    ])])
    .await;

    let reply = ask_simply(&server).await.unwrap();

    let call = |id: &str, name: &str, arguments: &str| ToolCall {
        id: id.to_owned(),
        name: name.to_owned(),
        arguments: arguments.to_owned(),
    };
    assert_eq!(
        reply.tool_calls,
        [
            call("call_a", "weather", r#"{"city": "Berlin"}"#),
            call("call_b", "clock", r#"{"zone": "CET"}"#)
        ]
    );
}

#[tokio::test]
async fn tool_calls_that_a_server_all_numbers_zero_are_told_apart_by_their_ids() {
    let piece = |id: &str, name: &str| {
        delta(
            json!({"tool_calls": [{"index": 0, "id": id, "function": {"name": name, "arguments": "{}"}}]}),
        )
    };
    let events = vec![
        piece("a", "first"),
        piece("b", "second"),
        finish("tool_calls"),
    ];
    let server = FakeModelServer::start([Answer::Stream(events)]).await;

    let names: Vec<String> = ask_simply(&server)
        .await
        .unwrap()
        .tool_calls
        .into_iter()
        .map(|call| call.name)
        .collect();

    assert_eq!(names, ["first", "second"]);
}

#[tokio::test]
async fn a_server_that_does_not_stream_is_understood_too() {
    let message = json!({"role": "assistant", "content": "All at once.\nYes."});
    let body = json!({
        "id": "x", "model": "m", "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 3, "completion_tokens": 4},
    });
    let server = FakeModelServer::start([Answer::json(200, body)]).await;

    let reply = ask_simply(&server).await.unwrap();

    assert_eq!(reply.text, "All at once.\nYes.");
    assert_eq!(
        reply.usage.map(|usage| (usage.input, usage.output)),
        Some((3, 4))
    );
}

#[tokio::test]
async fn a_server_that_is_down_is_unreachable() {
    let base_url = format!("http://user:hunter2@127.0.0.1:{}/v1", closed_port().await);
    let error = ask(&base_url, json!({}), |_| ()).await.unwrap_err();
    assert!(matches!(error, ModelError::Unreachable { .. }), "{error:?}");
    assert!(error.retryable());
    let text = error.to_string();
    assert!(!text.contains("hunter2") && !text.contains(KEY), "{text}");
}

#[tokio::test]
async fn a_silent_server_times_out() {
    let error = error_of(Answer::Silent).await;
    assert!(
        matches!(error, ModelError::TimedOut { waited, .. } if waited == Duration::from_millis(200)),
        "{error:?}"
    );
    assert!(error.retryable());
}

#[tokio::test]
async fn a_server_that_falls_silent_in_the_middle_times_out() {
    let error = error_of(Answer::Stalled(vec![delta(json!({"content": "It is"}))])).await;
    assert!(matches!(error, ModelError::TimedOut { .. }), "{error:?}");
}

#[tokio::test]
async fn a_wrong_key_is_told_without_the_key() {
    let body = json!({"error": {"message": format!("Incorrect API key provided: {KEY}"), "code": "invalid_api_key"}});
    let error = error_of(Answer::json(401, body)).await;
    assert!(
        matches!(error, ModelError::Unauthorized { status: 401, .. }),
        "{error:?}"
    );
    assert!(!error.retryable());
    assert!(
        error
            .to_string()
            .contains("Incorrect API key provided: [REDACTED]"),
        "{error}"
    );
}

#[tokio::test]
async fn a_rate_limit_is_retryable_and_says_when() {
    let error = error_of(Answer::Plain {
        status: 429,
        media_type: "application/json",
        headers: vec![("retry-after", "7")],
        body: json!({"error": {"message": "Slow down"}}).to_string(),
    })
    .await;
    assert!(error.retryable());
    assert_eq!(error.retry_after(), Some(Duration::from_secs(7)));
    assert!(error.to_string().contains("Slow down"), "{error}");
}

#[tokio::test]
async fn a_request_the_server_cannot_use_is_not_retried() {
    let error = error_of(Answer::json(404, json!({"error": "model not found"}))).await;
    assert!(
        matches!(error, ModelError::Rejected { status: 404, .. }),
        "{error:?}"
    );
    assert!(!error.retryable());
    assert!(error.to_string().contains("model not found"), "{error}");
}

#[tokio::test]
async fn a_failing_server_is_retryable_and_its_error_page_is_cut_short() {
    let body = "x".repeat(200_000);
    let error = error_of(Answer::Plain {
        status: 502,
        media_type: "text/html",
        headers: Vec::new(),
        body,
    })
    .await;
    assert!(
        matches!(error, ModelError::ServerFailed { status: 502, .. }),
        "{error:?}"
    );
    assert!(error.retryable());
    assert!(error.to_string().len() < 1000);
}

#[tokio::test]
async fn a_web_page_in_place_of_an_answer_is_garbled() {
    let body = "<html>welcome to the hotel's network</html>".to_owned();
    let error = error_of(Answer::Plain {
        status: 200,
        media_type: "text/html",
        headers: Vec::new(),
        body,
    })
    .await;
    assert!(matches!(error, ModelError::Garbled { .. }), "{error:?}");
    assert!(error.to_string().contains("text/html"), "{error}");
}

#[tokio::test]
async fn rubbish_in_the_stream_is_garbled() {
    for event in [
        "not json at all".to_owned(),
        json!({"hello": "world"}).to_string(),
        "[1, 2]".to_owned(),
    ] {
        let error = error_of(Answer::Stream(vec![
            delta(json!({"content": "It is"})),
            event,
        ]))
        .await;
        assert!(matches!(error, ModelError::Garbled { .. }), "{error:?}");
    }
}

#[tokio::test]
async fn an_empty_stream_is_garbled() {
    let error = error_of(Answer::Stream(Vec::new())).await;
    assert!(matches!(error, ModelError::Garbled { .. }), "{error:?}");
}

#[tokio::test]
async fn a_connection_that_breaks_in_the_middle_is_an_interruption() {
    let base_url = start_breaking(vec![delta(json!({"content": "It is"}))]).await;
    let error = ask(&base_url, json!({}), |_| ()).await.unwrap_err();
    assert!(matches!(error, ModelError::Interrupted { .. }), "{error:?}");
    assert!(error.retryable());
}

#[tokio::test]
async fn a_stream_that_ends_without_a_finish_reason_is_an_interruption() {
    let error = error_of(Answer::Stream(vec![delta(json!({"content": "It is"}))])).await;
    assert!(matches!(error, ModelError::Interrupted { .. }), "{error:?}");
}

#[tokio::test]
async fn an_error_told_inside_the_stream_is_classified_by_its_code() {
    let overloaded = json!({"error": {"message": "overloaded", "code": 503}}).to_string();
    let error = error_of(Answer::Stream(vec![
        delta(json!({"content": "It"})),
        overloaded,
    ]))
    .await;
    assert!(
        matches!(error, ModelError::ServerFailed { status: 503, .. }),
        "{error:?}"
    );
}

#[tokio::test]
async fn usage_sent_with_every_piece_counts_once() {
    let usage = |output: u64| json!({"prompt_tokens": 10, "completion_tokens": output});
    let choice =
        |text: &str| json!([{"index": 0, "delta": {"content": text}, "finish_reason": null}]);
    let server = FakeModelServer::start([Answer::Stream(vec![
        chunk(choice("a"), usage(1)),
        chunk(choice("b"), usage(2)),
        finish("stop"),
        chunk(json!([]), usage(3)),
    ])])
    .await;
    let reply = ask_simply(&server).await.unwrap();
    assert_eq!(
        reply.usage.map(|usage| (usage.input, usage.output)),
        Some((10, 3))
    );
}
