//! A model's reply, put together from the pieces it was streamed in.

use serde_json::{Value, json};

use super::message::{Message, ToolCall, assistant_parts};

/// One piece of a reply. Each field is what this piece adds.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Chunk {
    pub text: String,
    /// The model's thinking, where it is shown.
    pub reasoning: String,
    pub tool_calls: Vec<ToolCallDelta>,
    pub finish_reason: Option<String>,
    /// Sums over the whole reply as the provider reports them, usually on the last piece.
    pub usage: Option<Usage>,
    pub response_id: Option<String>,
    pub response_model: Option<String>,
}

/// A piece of one tool call; pieces with one index belong together.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ToolCallDelta {
    pub index: usize,
    pub id: Option<String>,
    pub name: Option<String>,
    pub arguments: String,
}

/// Tokens as the provider counted them. `input` includes `cache_read`, `output` includes `reasoning`: they are never
/// added again.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    pub input: u64,
    pub output: u64,
    pub cache_read: Option<u64>,
    pub reasoning: Option<u64>,
}

/// A whole reply.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Reply {
    pub text: String,
    pub reasoning: String,
    pub tool_calls: Vec<ToolCall>,
    pub finish_reason: Option<String>,
    /// `None` if the provider reported none.
    pub usage: Option<Usage>,
    pub response_id: Option<String>,
    pub response_model: Option<String>,
}

impl Reply {
    /// The reply as the next turn of the conversation.
    pub fn to_message(&self) -> Message {
        Message::Assistant {
            text: self.text.clone(),
            tool_calls: self.tool_calls.clone(),
        }
    }

    /// The reply as the one item of `gen_ai.output.messages`.
    pub fn to_parts(&self) -> Value {
        let mut parts = assistant_parts(&self.text, &self.tool_calls);
        if !self.reasoning.is_empty() {
            parts.insert(0, json!({"type": "reasoning", "content": self.reasoning}));
        }
        json!({"role": "assistant", "parts": parts, "finish_reason": self.finish_reason})
    }
}

/// Collects chunks into a [`Reply`].
#[derive(Debug, Default)]
pub struct ReplyBuilder {
    reply: Reply,
    calls: Vec<(usize, ToolCall)>,
}

impl ReplyBuilder {
    pub fn push(&mut self, chunk: Chunk) {
        let reply = &mut self.reply;
        reply.text.push_str(&chunk.text);
        reply.reasoning.push_str(&chunk.reasoning);
        replace(&mut reply.finish_reason, chunk.finish_reason);
        replace(&mut reply.usage, chunk.usage);
        replace(&mut reply.response_id, chunk.response_id);
        replace(&mut reply.response_model, chunk.response_model);
        for delta in chunk.tool_calls {
            self.push_call(delta);
        }
    }

    /// What has been written so far: the text and the arguments of tool calls.
    pub fn text(&self) -> &str {
        &self.reply.text
    }

    /// The usage reported so far; some servers report it with every piece.
    pub fn usage(&self) -> Option<Usage> {
        self.reply.usage
    }

    pub fn finish(self) -> Reply {
        let mut reply = self.reply;
        reply.tool_calls = self.calls.into_iter().map(|(_, call)| call).collect();
        for (position, call) in reply.tool_calls.iter_mut().enumerate() {
            // Some servers send no ids. The answers must name the calls, so each gets one that is unique in the reply.
            if call.id.is_empty() {
                call.id = format!("call_{position}");
            }
        }
        reply
    }

    fn push_call(&mut self, delta: ToolCallDelta) {
        // Servers that number every call 0 tell calls apart by their ids only.
        let same = |(index, call): &&mut (usize, ToolCall)| {
            *index == delta.index
                && delta
                    .id
                    .as_ref()
                    .is_none_or(|id| id.is_empty() || call.id.is_empty() || *id == call.id)
        };
        let call = match self.calls.iter_mut().rev().find(same) {
            Some((_, call)) => call,
            None => {
                let empty = ToolCall {
                    id: String::new(),
                    name: String::new(),
                    arguments: String::new(),
                };
                self.calls.push((delta.index, empty));
                let last = self.calls.len() - 1;
                &mut self.calls[last].1
            }
        };
        if let Some(id) = delta.id.filter(|id| !id.is_empty()) {
            call.id = id;
        }
        if let Some(name) = delta.name {
            call.name.push_str(&name);
        }
        call.arguments.push_str(&delta.arguments);
    }
}

fn replace<T>(slot: &mut Option<T>, value: Option<T>) {
    if value.is_some() {
        *slot = value;
    }
}
