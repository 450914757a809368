//! The chat completion protocol as JSON: strict in what is sent, lenient in what is read, since every server that
//! speaks it leaves out something else.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{
    super::{ChatRequest, Chunk, Message, ModelError, ToolCallDelta, Usage},
    endpoint::Endpoint,
};

/// The body of a streamed chat completion request. The caller's extra parameters win over nothing we set.
pub(super) fn request_body(model: &str, request: &ChatRequest) -> Value {
    let mut body = request.extra.clone();
    let system = request
        .system
        .iter()
        .map(|text| json!({"role": "system", "content": text}));
    let messages: Vec<Value> = system.chain(request.messages.iter().map(message)).collect();
    body.insert("model".to_owned(), model.into());
    body.insert("messages".to_owned(), messages.into());
    body.insert("stream".to_owned(), true.into());
    body.insert("stream_options".to_owned(), json!({"include_usage": true}));
    if !request.tools.is_empty() {
        let tools = request.tools.iter().map(|tool| {
            let function = json!({"name": tool.name, "description": tool.description, "parameters": tool.parameters});
            json!({"type": "function", "function": function})
        });
        body.insert("tools".to_owned(), tools.collect());
    }
    if !request.stop.is_empty() {
        body.insert("stop".to_owned(), request.stop.clone().into());
    }
    set(&mut body, "temperature", request.temperature);
    set(&mut body, "top_p", request.top_p);
    set(&mut body, "max_tokens", request.max_tokens);
    set(&mut body, "seed", request.seed);
    set(
        &mut body,
        "response_format",
        request.response_format.as_ref().map(response_format),
    );
    Value::Object(body)
}

fn set(body: &mut Map<String, Value>, key: &str, value: Option<impl Into<Value>>) {
    if let Some(value) = value {
        body.insert(key.to_owned(), value.into());
    }
}

fn message(message: &Message) -> Value {
    match message {
        Message::User(text) => json!({"role": "user", "content": text}),
        Message::Assistant { text, tool_calls } if tool_calls.is_empty() => {
            json!({"role": "assistant", "content": text})
        }
        Message::Assistant { text, tool_calls } => {
            let calls: Vec<Value> = tool_calls
                .iter()
                .map(|call| {
                    let function = json!({"name": call.name, "arguments": call.arguments});
                    json!({"id": call.id, "type": "function", "function": function})
                })
                .collect();
            let content = Some(text).filter(|text| !text.is_empty());
            json!({"role": "assistant", "content": content, "tool_calls": calls})
        }
        Message::Tool {
            call_id, content, ..
        } => {
            json!({"role": "tool", "tool_call_id": call_id, "content": content})
        }
    }
}

/// A bare JSON Schema is wrapped as the protocol wants it; what has a response format's own `type` is passed on.
fn response_format(format: &Value) -> Value {
    match format.get("type").and_then(Value::as_str) {
        Some("json_schema" | "json_object" | "text") => format.clone(),
        _ => {
            let name = format
                .get("title")
                .and_then(Value::as_str)
                .unwrap_or("reply");
            json!({"type": "json_schema", "json_schema": {"name": name, "schema": format}})
        }
    }
}

/// One event of the stream, or a whole reply from a server that does not stream.
#[derive(Debug, Deserialize)]
pub(super) struct WireChunk {
    id: Option<String>,
    model: Option<String>,
    choices: Option<Vec<WireChoice>>,
    usage: Option<WireUsage>,
    error: Option<Value>,
}

#[derive(Debug, Deserialize)]
struct WireChoice {
    #[serde(alias = "message")]
    delta: Option<WireDelta>,
    finish_reason: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
struct WireDelta {
    content: Option<String>,
    refusal: Option<String>,
    #[serde(alias = "reasoning")]
    reasoning_content: Option<String>,
    tool_calls: Option<Vec<WireToolCall>>,
}

#[derive(Debug, Deserialize)]
struct WireToolCall {
    index: Option<usize>,
    id: Option<String>,
    function: Option<WireFunction>,
}

#[derive(Debug, Deserialize)]
struct WireFunction {
    name: Option<String>,
    arguments: Option<Value>,
}

#[derive(Debug, Deserialize)]
struct WireUsage {
    prompt_tokens: Option<u64>,
    completion_tokens: Option<u64>,
    prompt_tokens_details: Option<WirePromptDetails>,
    completion_tokens_details: Option<WireCompletionDetails>,
}

#[derive(Debug, Deserialize)]
struct WirePromptDetails {
    cached_tokens: Option<u64>,
}

#[derive(Debug, Deserialize)]
struct WireCompletionDetails {
    reasoning_tokens: Option<u64>,
}

impl WireChunk {
    /// # Errors
    /// The server may tell of its failure inside the stream; and a JSON object that is no chunk at all is garbled.
    pub(super) fn into_chunk(self, endpoint: &Endpoint) -> Result<Chunk, ModelError> {
        if let Some(error) = &self.error {
            let status = error
                .get("code")
                .and_then(Value::as_u64)
                .and_then(|code| u16::try_from(code).ok());
            return Err(endpoint.failed(
                status
                    .filter(|code| (400..600).contains(code))
                    .unwrap_or(500),
                error,
            ));
        }
        if self.choices.is_none() && self.usage.is_none() {
            return Err(endpoint.garbled("a piece has neither choices nor usage"));
        }
        let choice = self.choices.into_iter().flatten().next();
        let finish_reason = choice
            .as_ref()
            .and_then(|choice| choice.finish_reason.clone());
        let delta = choice.and_then(|choice| choice.delta).unwrap_or_default();
        Ok(Chunk {
            text: delta.content.or(delta.refusal).unwrap_or_default(),
            reasoning: delta.reasoning_content.unwrap_or_default(),
            tool_calls: delta
                .tool_calls
                .into_iter()
                .flatten()
                .enumerate()
                .map(into_delta)
                .collect(),
            finish_reason: finish_reason.filter(|reason| !reason.is_empty()),
            usage: self.usage.and_then(into_usage),
            response_id: self.id.filter(|id| !id.is_empty()),
            response_model: self.model.filter(|model| !model.is_empty()),
        })
    }
}

fn into_delta((position, call): (usize, WireToolCall)) -> ToolCallDelta {
    let function = call.function.unwrap_or(WireFunction {
        name: None,
        arguments: None,
    });
    ToolCallDelta {
        index: call.index.unwrap_or(position),
        id: call.id,
        name: function.name,
        arguments: match function.arguments {
            None | Some(Value::Null) => String::new(),
            Some(Value::String(text)) => text,
            Some(json) => json.to_string(),
        },
    }
}

fn into_usage(usage: WireUsage) -> Option<Usage> {
    Some(Usage {
        input: usage.prompt_tokens?,
        output: usage.completion_tokens.unwrap_or(0),
        cache_read: usage
            .prompt_tokens_details
            .and_then(|details| details.cached_tokens),
        reasoning: usage
            .completion_tokens_details
            .and_then(|details| details.reasoning_tokens),
    })
}
