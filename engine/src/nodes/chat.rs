//! One call of a chat model, on a span of its own: what LLMNode and AgentNode have in common.

use std::sync::Arc;
use std::time::Duration;

use futures::TryStreamExt;
use opentelemetry::KeyValue;
use serde_json::{Map, Value, json};
use tokio::time::Instant;

use super::trace_headers::trace_headers;
use crate::attributes as key;
use crate::child_span::ChildSpan;
use crate::context::NodeContext;
use crate::error::NodeError;
use crate::models::{
    ChatModel, ChatRequest, Chunk, ModelError, Reply, ReplyBuilder, Usage, count_tokens,
    prepare_tokenizer, text_part, tokenizer_ready,
};
use crate::spans::{SpanSpec, string_array};
use crate::tokens::TokenUsage;

/// A person sees no more steps a second than this.
const PROGRESS_INTERVAL: Duration = Duration::from_millis(200);

/// Finds the model that a node's parameters name, and a request they shape.
pub(super) fn select(
    cx: &NodeContext,
    ai_model: &str,
    model_kwargs: Map<String, Value>,
) -> Result<(Arc<dyn ChatModel>, ChatRequest), NodeError> {
    let credential = |name: &str| {
        // A provider may need no key: its absence is the server's to complain about.
        let resolved = cx.resolve(&json!(format!("[[{name}]]"))).ok()?;
        resolved.value.as_str().map(ToOwned::to_owned)
    };
    Ok(cx.models().select(ai_model, model_kwargs, credential)?)
}

/// Sends the conversation and returns the whole reply. While it is being written, its span shows how far it is.
pub(super) async fn complete(
    cx: &NodeContext,
    model: &dyn ChatModel,
    mut request: ChatRequest,
) -> Result<Reply, NodeError> {
    let mut span = cx.child(chat_span(model, &request));
    request.headers = trace_headers(span.context().otel());
    let mut written = Progress::new();
    let result = stream(model, &request, &mut written, span.context()).await;
    let reply = written.reply.finish();
    record_reply(&mut span, &reply);
    let result = result.map(|()| reply).map_err(NodeError::from);
    span.finish(&result);
    result
}

async fn stream(
    model: &dyn ChatModel,
    request: &ChatRequest,
    written: &mut Progress,
    cx: &NodeContext,
) -> Result<(), ModelError> {
    let mut chunks = model.chat(request).await?;
    while let Some(chunk) = chunks.try_next().await? {
        written.push(chunk, cx);
    }
    Ok(())
}

/// What a reply has come to so far.
struct Progress {
    reply: ReplyBuilder,
    begin: Instant,
    shown: Instant,
    first_chunk: Option<KeyValue>,
    /// Our own count, for as long as the provider has not told.
    tokens: u64,
    uncounted: String,
}

impl Progress {
    fn new() -> Self {
        let now = Instant::now();
        Self {
            reply: ReplyBuilder::default(),
            begin: now,
            shown: now,
            first_chunk: None,
            tokens: 0,
            uncounted: String::new(),
        }
    }

    fn push(&mut self, chunk: Chunk, cx: &NodeContext) {
        if self.first_chunk.is_none() {
            let seconds = self.begin.elapsed().as_secs_f64();
            let time = KeyValue::new(key::GEN_AI_RESPONSE_TIME_TO_FIRST_CHUNK, seconds);
            cx.set_attribute(time.clone());
            self.first_chunk = Some(time);
        }
        self.uncounted.push_str(&chunk.reasoning);
        self.uncounted.push_str(&chunk.text);
        self.reply.push(chunk);
        if self.shown.elapsed() >= PROGRESS_INTERVAL {
            self.shown = Instant::now();
            cx.progress(self.attributes());
        }
    }

    fn attributes(&mut self) -> Vec<KeyValue> {
        if tokenizer_ready() {
            self.tokens += count_tokens(&self.uncounted);
            self.uncounted.clear();
        } else {
            // The next progress has the tokens; a reply too quick to show any never pays for the tables.
            tokio::spawn(prepare_tokenizer());
        }
        let output = self.reply.usage().map_or(self.tokens, |usage| usage.output);
        let parts = json!([{"role": "assistant", "parts": [text_part(self.reply.text())]}]);
        let mut attributes = vec![
            KeyValue::new(
                key::GEN_AI_USAGE_OUTPUT,
                i64::try_from(output).unwrap_or(i64::MAX),
            ),
            KeyValue::new(key::GEN_AI_OUTPUT_MESSAGES, parts.to_string()),
        ];
        // Progress may be lost, so each tells it.
        attributes.extend(self.first_chunk.clone());
        attributes
    }
}

fn chat_span(model: &dyn ChatModel, request: &ChatRequest) -> SpanSpec {
    let spec = SpanSpec::new(format!("chat {}", model.name()));
    // A built-in model is no call to anywhere.
    let spec = if model.server().is_some() {
        spec.client()
    } else {
        spec
    };
    let server = model.server().map(|(host, port)| {
        [
            KeyValue::new(key::SERVER_ADDRESS, host.to_owned()),
            KeyValue::new(key::SERVER_PORT, i64::from(port)),
        ]
    });
    let numbers = [
        request
            .temperature
            .map(|value| KeyValue::new(key::GEN_AI_REQUEST_TEMPERATURE, value)),
        request
            .top_p
            .map(|value| KeyValue::new(key::GEN_AI_REQUEST_TOP_P, value)),
        request.max_tokens.and_then(|value| {
            Some(KeyValue::new(
                key::GEN_AI_REQUEST_MAX_TOKENS,
                i64::try_from(value).ok()?,
            ))
        }),
        request
            .seed
            .map(|value| KeyValue::new(key::GEN_AI_REQUEST_SEED, value)),
    ];
    spec.attributes([
        KeyValue::new(key::GEN_AI_OPERATION_NAME, "chat"),
        KeyValue::new(key::GEN_AI_PROVIDER_NAME, model.provider().to_owned()),
        KeyValue::new(key::GEN_AI_REQUEST_MODEL, model.name().to_owned()),
        KeyValue::new(key::GEN_AI_REQUEST_STREAM, true),
    ])
    .attributes(server.into_iter().flatten())
    .attributes(numbers.into_iter().flatten())
    .attributes(conversation(request))
}

/// Instructions, tools and messages of a request, as the conventions write them on model and agent spans.
pub(super) fn conversation(request: &ChatRequest) -> Vec<KeyValue> {
    let messages: Vec<Value> = request
        .messages
        .iter()
        .map(|message| message.to_parts())
        .collect();
    let mut attributes = vec![KeyValue::new(
        key::GEN_AI_INPUT_MESSAGES,
        Value::from(messages).to_string(),
    )];
    if let Some(system) = &request.system {
        let parts = json!([text_part(system)]).to_string();
        attributes.push(KeyValue::new(key::GEN_AI_SYSTEM_INSTRUCTIONS, parts));
    }
    if !request.tools.is_empty() {
        let tools: Vec<Value> = request.tools.iter().map(|tool| tool.to_json()).collect();
        attributes.push(KeyValue::new(
            key::GEN_AI_TOOL_DEFINITIONS,
            Value::from(tools).to_string(),
        ));
    }
    attributes
}

/// Also for a reply that broke off: what had come is what one looks for in its trace.
fn record_reply(span: &mut ChildSpan, reply: &Reply) {
    if !reply.text.is_empty() || !reply.tool_calls.is_empty() {
        let messages = json!([reply.to_parts()]).to_string();
        span.set(KeyValue::new(key::GEN_AI_OUTPUT_MESSAGES, messages));
    }
    if let Some(reason) = &reply.finish_reason {
        span.set(string_array(
            key::GEN_AI_RESPONSE_FINISH_REASONS,
            vec![reason.clone()],
        ));
    }
    if let Some(id) = &reply.response_id {
        span.set(KeyValue::new(key::GEN_AI_RESPONSE_ID, id.clone()));
    }
    if let Some(model) = &reply.response_model {
        span.set(KeyValue::new(key::GEN_AI_RESPONSE_MODEL, model.clone()));
    }
    if let Some(usage) = reply.usage {
        span.record_usage(&usage.into());
    }
}

impl From<Usage> for TokenUsage {
    fn from(usage: Usage) -> Self {
        let Usage {
            input,
            output,
            cache_read,
            reasoning,
        } = usage;
        Self {
            input,
            output,
            cache_read,
            reasoning,
            ..Self::default()
        }
    }
}

impl From<ModelError> for NodeError {
    fn from(error: ModelError) -> Self {
        let failure = Self::new(error.code(), error.to_string());
        if error.retryable() {
            failure.retryable()
        } else {
            failure
        }
    }
}

/// What a node returns of a model's answer.
pub(super) fn output(reply: &Reply, structured: bool) -> Result<Map<String, Value>, NodeError> {
    let mut output = Map::new();
    if structured {
        let parsed: Value = serde_json::from_str(&reply.text).map_err(|error| {
            let problem = format!("the model's answer is not the JSON it was asked for: {error}");
            NodeError::new("MODEL_REPLY_INVALID", problem).retryable()
        })?;
        output.insert("structured_response".to_owned(), parsed);
    }
    output.insert("text".to_owned(), reply.text.clone().into());
    output.insert(
        "finish_reason".to_owned(),
        reply.finish_reason.clone().into(),
    );
    output.insert("model".to_owned(), reply.response_model.clone().into());
    Ok(output)
}
