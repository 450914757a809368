//! Conversations with a model, and their form on spans as the GenAI conventions define it.

use reqwest::header::HeaderMap;
use serde_json::{Map, Value, json};

/// One request to a model: the conversation and everything that shapes the reply.
#[derive(Debug, Clone, Default)]
pub struct ChatRequest {
    /// What the model is told about its task before the conversation.
    pub system: Option<String>,
    pub messages: Vec<Message>,
    /// The tools the model may call.
    pub tools: Vec<ToolDefinition>,
    pub temperature: Option<f64>,
    pub top_p: Option<f64>,
    pub max_tokens: Option<u64>,
    pub seed: Option<i64>,
    pub stop: Vec<String>,
    /// A JSON Schema the reply must satisfy, or a response format as OpenAI writes it.
    pub response_format: Option<Value>,
    /// Parameters passed on as they are.
    pub extra: Map<String, Value>,
    /// Headers of the request, for the trace context.
    pub headers: HeaderMap,
}

/// One turn of a conversation.
#[derive(Debug, Clone, PartialEq)]
pub enum Message {
    User(String),
    Assistant {
        text: String,
        tool_calls: Vec<ToolCall>,
    },
    /// What a tool answered to the call `call_id`.
    Tool {
        call_id: String,
        name: String,
        content: String,
    },
}

/// A model's wish to have a tool called.
#[derive(Debug, Clone, PartialEq)]
pub struct ToolCall {
    pub id: String,
    pub name: String,
    /// The arguments as the model wrote them: JSON text, if the model keeps to the protocol.
    pub arguments: String,
}

/// A tool as it is offered to a model.
#[derive(Debug, Clone, PartialEq)]
pub struct ToolDefinition {
    pub name: String,
    pub description: String,
    /// A JSON Schema of the arguments, an object.
    pub parameters: Value,
}

impl ToolCall {
    /// The arguments as JSON; text that is not JSON stays text.
    pub fn arguments_json(&self) -> Value {
        if self.arguments.trim().is_empty() {
            return Value::Object(Map::new());
        }
        serde_json::from_str(&self.arguments)
            .unwrap_or_else(|_| Value::String(self.arguments.clone()))
    }
}

impl Message {
    pub fn is_tool(&self) -> bool {
        matches!(self, Self::Tool { .. })
    }

    /// The message as `{role, parts}` of `gen_ai.input.messages`.
    pub fn to_parts(&self) -> Value {
        match self {
            Self::User(text) => json!({"role": "user", "parts": [text_part(text)]}),
            Self::Assistant { text, tool_calls } => {
                json!({"role": "assistant", "parts": assistant_parts(text, tool_calls)})
            }
            Self::Tool {
                call_id, content, ..
            } => {
                let response = serde_json::from_str(content)
                    .unwrap_or_else(|_| Value::String(content.clone()));
                json!({"role": "tool", "parts": [{"type": "tool_call_response", "id": call_id, "response": response}]})
            }
        }
    }

    /// The message as `{role, content}`, the form it has in a workflow's `messages`.
    pub fn to_state(&self) -> Value {
        match self {
            Self::User(text) => json!({"role": "user", "content": text}),
            Self::Assistant { text, tool_calls } if tool_calls.is_empty() => {
                json!({"role": "assistant", "content": text})
            }
            Self::Assistant { text, tool_calls } => {
                let calls: Vec<Value> = tool_calls
                    .iter()
                    .map(|call| json!({"id": call.id, "name": call.name, "arguments": call.arguments_json()}))
                    .collect();
                json!({"role": "assistant", "content": text, "tool_calls": calls})
            }
            Self::Tool {
                call_id,
                name,
                content,
            } => {
                json!({"role": "tool", "tool_call_id": call_id, "name": name, "content": content})
            }
        }
    }

    /// Reads a message of a workflow's `messages`; `None` for one without text, or of a role that is nobody's turn.
    pub fn from_state(value: &Value) -> Option<Self> {
        let text = value.get("content")?.as_str()?;
        if text.trim().is_empty() {
            return None;
        }
        match value.get("role").and_then(Value::as_str) {
            Some("assistant" | "ai") => Some(Self::Assistant {
                text: text.to_owned(),
                tool_calls: Vec::new(),
            }),
            Some("user" | "human") | None => Some(Self::User(text.to_owned())),
            Some(_) => None,
        }
    }
}

impl ToolDefinition {
    /// The tool as an item of `gen_ai.tool.definitions`.
    pub fn to_json(&self) -> Value {
        json!({"type": "function", "name": self.name, "description": self.description, "parameters": self.parameters})
    }
}

/// A text part of a message on a span.
pub(crate) fn text_part(text: &str) -> Value {
    json!({"type": "text", "content": text})
}

/// What an assistant said, as the parts of a message on a span.
pub(crate) fn assistant_parts(text: &str, tool_calls: &[ToolCall]) -> Vec<Value> {
    let mut parts = Vec::with_capacity(1 + tool_calls.len());
    if !text.is_empty() {
        parts.push(text_part(text));
    }
    parts.extend(tool_calls.iter().map(|call| {
        json!({"type": "tool_call", "id": call.id, "name": call.name, "arguments": call.arguments_json()})
    }));
    parts
}
