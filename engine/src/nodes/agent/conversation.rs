//! What an agent is asked, out of the many places where a workflow may keep it.

use serde_json::Value;

use super::Params;
use crate::context::NodeContext;
use crate::error::NodeError;
use crate::models::Message;

/// Messages for the model.
pub(super) struct Messages {
    pub(super) sent: Vec<Message>,
    /// Those of them that the workflow's conversation does not hold yet.
    pub(super) new: Vec<Message>,
}

impl Params {
    pub(super) fn messages(&self, cx: &NodeContext) -> Result<Messages, NodeError> {
        let state = cx.state();
        let mut sent: Vec<Message> = state
            .messages
            .iter()
            .filter_map(|message| Message::from_state(message))
            .collect();
        let mut new = Vec::new();
        match self.input_text.as_deref().map(str::trim) {
            Some(text) if !text.is_empty() => new.push(Message::User(text.to_owned())),
            Some(_) => {
                return Err(NodeError::invalid_parameters(
                    "input_text: there is nothing to ask the agent",
                ));
            }
            None if sent.is_empty() => new = from_inputs(&state.inputs),
            None => {}
        }
        sent.extend(new.iter().cloned());
        if !self.reset_command.is_empty() {
            let reset = |message: &Message| matches!(message, Message::User(text) if text.trim() == self.reset_command);
            let begin = sent.iter().rposition(reset).unwrap_or(0);
            sent.drain(..begin);
        }
        sent.drain(..sent.len().saturating_sub(self.max_messages));
        if sent.is_empty() {
            let problem = "there is nothing to ask the agent: set input_text, or give an input called message";
            return Err(NodeError::invalid_parameters(problem));
        }
        Ok(Messages { sent, new })
    }
}

/// The inputs of a chat: `history`, and the new message under one of its usual names.
fn from_inputs(inputs: &Value) -> Vec<Message> {
    let history = inputs.get("history").and_then(Value::as_array);
    let mut messages: Vec<Message> = history
        .into_iter()
        .flatten()
        .filter_map(Message::from_state)
        .collect();
    let names = ["message", "user_message", "query", "prompt"];
    let values = names.iter().filter_map(|name| inputs.get(name));
    let listener = inputs
        .get("listener")
        .and_then(|listener| listener.get("message"));
    if let Some(text) = values.chain(listener).find_map(text_of) {
        let latest = Message::User(text);
        if messages.last() != Some(&latest) {
            messages.push(latest);
        }
    }
    messages
}

fn text_of(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text,
        message => ["text", "content"]
            .iter()
            .find_map(|key| message.get(key)?.as_str())?,
    };
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}
