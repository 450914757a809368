//! The built-in models answer the same to the same, and count what they say.

use futures::TryStreamExt;
use serde_json::{Value, json};

use super::super::{
    ChatRequest, Chunk, Message, ModelError, ModelSettings, Models, Reply, ReplyBuilder,
    ToolDefinition, count_tokens,
};

async fn chunks(
    model: &str,
    kwargs: Value,
    messages: &[Message],
    tools: &[ToolDefinition],
) -> Vec<Chunk> {
    let models = Models::new(ModelSettings::default(), reqwest::Client::new());
    let mut kwargs = kwargs.as_object().unwrap().clone();
    kwargs.entry("chunk_delay_ms").or_insert(0.into());
    let (model, request) = models.select(model, kwargs, |_| None).unwrap();
    let request = ChatRequest {
        messages: messages.to_vec(),
        tools: tools.to_vec(),
        ..request
    };
    model
        .chat(&request)
        .await
        .unwrap()
        .try_collect()
        .await
        .unwrap()
}

async fn ask(model: &str, kwargs: Value, messages: &[Message], tools: &[ToolDefinition]) -> Reply {
    let mut reply = ReplyBuilder::default();
    chunks(model, kwargs, messages, tools)
        .await
        .into_iter()
        .for_each(|chunk| reply.push(chunk));
    reply.finish()
}

fn user(text: &str) -> Message {
    Message::User(text.to_owned())
}

fn tool(name: &str, parameters: Value) -> ToolDefinition {
    ToolDefinition {
        name: name.to_owned(),
        description: String::new(),
        parameters,
    }
}

#[tokio::test]
async fn echo_repeats_the_last_user_message_and_counts_its_tokens() {
    let text = "Tracing shows what a workflow did, and when.";
    let reply = ask("offline:echo", json!({}), &[user("first"), user(text)], &[]).await;
    assert_eq!(reply.text, text);
    let usage = reply.usage.unwrap();
    assert_eq!(usage.output, count_tokens(text));
    assert_eq!(usage.input, count_tokens("first") + count_tokens(text));
}

#[tokio::test]
async fn replies_are_streamed_in_pieces_of_the_wanted_size() {
    let chunks = chunks(
        "offline:echo",
        json!({"chunk_words": 3}),
        &[user("one two three four five")],
        &[],
    )
    .await;
    let texts: Vec<&str> = chunks.iter().map(|chunk| chunk.text.as_str()).collect();
    assert_eq!(texts, ["one two three", " four five", ""]);
}

#[tokio::test]
async fn the_same_conversation_is_answered_the_same() {
    let first = ask(
        "offline:triage",
        json!({}),
        &[user("I was charged twice!")],
        &[],
    )
    .await;
    let second = ask(
        "offline:triage",
        json!({}),
        &[user("I was charged twice!")],
        &[],
    )
    .await;
    assert_eq!(first, second);
    let other = ask(
        "offline:triage",
        json!({}),
        &[user("Where is my parcel?")],
        &[],
    )
    .await;
    assert_ne!(first.response_id, other.response_id);
}

#[tokio::test]
async fn triage_sorts_messages_into_categories() {
    for (message, category, urgency) in [
        (
            "I was charged twice for my subscription, refund me immediately!",
            "billing",
            "high",
        ),
        (
            "I cannot log in, my password is not accepted",
            "account",
            "normal",
        ),
        (
            "The API answers 503, production is down",
            "technical",
            "high",
        ),
        (
            "Where is my parcel? The tracking says nothing.",
            "shipping",
            "normal",
        ),
        ("Do you have a newsletter?", "general", "normal"),
    ] {
        let reply = ask("offline:triage", json!({}), &[user(message)], &[]).await;
        let verdict: Value = serde_json::from_str(&reply.text).unwrap();
        assert_eq!(verdict["category"], category, "{message}");
        assert_eq!(verdict["urgency"], urgency, "{message}");
    }
}

#[tokio::test]
async fn the_agent_calls_each_tool_once_with_fitting_arguments_and_then_sums_up() {
    let schema = json!({"type": "object", "properties": {
        "query": {"type": "string"}, "limit": {"type": "integer", "minimum": 3}, "order": {"enum": ["newest", "oldest"]},
    }});
    let tools = [
        tool("search", schema),
        tool("clock", json!({"type": "object"})),
    ];
    let mut conversation = vec![user("What is OTLP?")];

    let first = ask("offline:agent", json!({}), &conversation, &tools).await;
    assert_eq!(first.finish_reason.as_deref(), Some("tool_calls"));
    assert_eq!(first.tool_calls[0].name, "search");
    assert_eq!(
        first.tool_calls[0].arguments_json(),
        json!({"query": "What is OTLP?", "limit": 3, "order": "newest"})
    );

    answer_call(&mut conversation, &first, "a protocol");
    let second = ask("offline:agent", json!({}), &conversation, &tools).await;
    assert_eq!(second.tool_calls[0].name, "clock");

    answer_call(&mut conversation, &second, "noon");
    let last = ask("offline:agent", json!({}), &conversation, &tools).await;
    assert_eq!(last.finish_reason.as_deref(), Some("stop"));
    assert!(
        last.text.contains("a protocol") && last.text.contains("noon"),
        "{}",
        last.text
    );
}

fn answer_call(conversation: &mut Vec<Message>, reply: &Reply, result: &str) {
    let call = &reply.tool_calls[0];
    let (call_id, name) = (call.id.clone(), call.name.clone());
    conversation.push(reply.to_message());
    conversation.push(Message::Tool {
        call_id,
        name,
        content: result.to_owned(),
    });
}

#[tokio::test]
async fn a_script_is_followed_turn_by_turn_and_its_last_turn_repeats() {
    let script = json!({"script": [
        {"content": "Looking.", "tool_calls": [{"name": "search", "arguments": {"query": "about ${prompt}"}}]},
        {"content": "For ${prompt} I found ${result.search} and ${unknown}."},
    ]});
    let mut conversation = vec![user("traces")];
    let first = ask("offline:agent", script.clone(), &conversation, &[]).await;
    assert_eq!(
        first.tool_calls[0].arguments_json(),
        json!({"query": "about traces"})
    );

    answer_call(&mut conversation, &first, "spans");
    let second = ask("offline:agent", script.clone(), &conversation, &[]).await;
    assert_eq!(second.text, "For traces I found spans and ${unknown}.");

    conversation.push(second.to_message());
    assert_eq!(
        ask("offline:agent", script, &conversation, &[]).await.text,
        second.text
    );
}

#[tokio::test]
async fn a_scripted_failure_is_a_model_failure() {
    let models = Models::new(ModelSettings::default(), reqwest::Client::new());
    let kwargs = json!({"script": [{"error": "overloaded"}]})
        .as_object()
        .unwrap()
        .clone();
    let (model, request) = models.select("offline:echo", kwargs, |_| None).unwrap();
    let error = model.chat(&request).await.err().unwrap();
    assert!(
        matches!(&error, ModelError::ServerFailed { message, .. } if message == "overloaded"),
        "{error:?}"
    );
}

#[tokio::test]
async fn an_unknown_offline_model_is_refused_with_the_ones_there_are() {
    let models = Models::new(ModelSettings::default(), reqwest::Client::new());
    let error = models
        .select("offline:oracle", serde_json::Map::new(), |_| None)
        .err()
        .unwrap();
    assert_eq!(
        error.to_string(),
        "there is no model offline:oracle; the built-in ones are echo, triage and agent"
    );
}
