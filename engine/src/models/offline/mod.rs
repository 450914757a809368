//! Models that are built in: deterministic, without a network, streamed like any other.

mod agent;
mod script;
#[cfg(test)]
mod tests;
mod triage;

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    time::Duration,
};

use async_trait::async_trait;
use futures::{StreamExt, stream};
use serde::Deserialize;
use serde_json::{Map, Value};

use self::script::Step;
use super::{
    ChatModel, ChatRequest, Chunk, ChunkStream, Message, ModelError, ToolCallDelta, Usage, tokens,
};

/// A model that follows rules instead of weights.
#[derive(Debug)]
pub(super) struct OfflineModel {
    name: String,
    behaviour: Behaviour,
    pace: Pace,
    /// Overrides the behaviour: what to answer, turn by turn.
    script: Vec<Step>,
}

#[derive(Debug, Clone, Copy)]
enum Behaviour {
    /// Says what it was told.
    Echo,
    /// Sorts a customer's message by words it knows, and answers with JSON.
    Triage,
    /// Calls every tool it is offered, one a turn, and then sums up what they said.
    Agent,
}

/// How fast a reply is written.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(default)]
struct Pace {
    chunk_delay_ms: u64,
    chunk_words: usize,
}

impl Default for Pace {
    /// About the speed of a fast model.
    fn default() -> Self {
        Self {
            chunk_delay_ms: 10,
            chunk_words: 2,
        }
    }
}

/// What is answered, before it is cut into pieces.
#[derive(Debug, Default)]
struct Answer {
    text: String,
    calls: Vec<(String, Value)>,
}

impl OfflineModel {
    /// The model `offline:{name}`. Takes `script`, `chunk_delay_ms` and `chunk_words` out of `kwargs`.
    ///
    /// # Errors
    /// [`ModelError::Misconfigured`] for a model that does not exist and parameters of the wrong shape.
    pub(super) fn new(name: String, kwargs: &mut Map<String, Value>) -> Result<Self, ModelError> {
        let behaviour = match name.as_str() {
            "echo" => Behaviour::Echo,
            "triage" => Behaviour::Triage,
            "agent" => Behaviour::Agent,
            _ => {
                let problem = format!(
                    "there is no model offline:{name}; the built-in ones are echo, triage and agent"
                );
                return Err(ModelError::Misconfigured(problem));
            }
        };
        let pace: Map<String, Value> = ["chunk_delay_ms", "chunk_words"]
            .iter()
            .filter_map(|key| kwargs.remove_entry(*key))
            .collect();
        let wrong = |error: serde_json::Error| {
            ModelError::Misconfigured(format!("offline:{name}: {error}"))
        };
        let pace = serde_json::from_value(Value::Object(pace)).map_err(wrong)?;
        let script = kwargs
            .remove("script")
            .map(serde_json::from_value)
            .transpose()
            .map_err(wrong)?;
        Ok(Self {
            behaviour,
            pace,
            script: script.unwrap_or_default(),
            name: format!("offline:{name}"),
        })
    }

    fn answer(&self, request: &ChatRequest) -> Result<Answer, ModelError> {
        if let Some(step) = self
            .script
            .get(turn(request).min(self.script.len().saturating_sub(1)))
        {
            return step.answer(request);
        }
        Ok(match self.behaviour {
            Behaviour::Echo => Answer {
                text: prompt(request).to_owned(),
                ..Answer::default()
            },
            Behaviour::Triage => Answer {
                text: triage::reply(prompt(request)),
                ..Answer::default()
            },
            Behaviour::Agent => agent::answer(request),
        })
    }
}

#[async_trait]
impl ChatModel for OfflineModel {
    fn provider(&self) -> &str {
        "offline"
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn server(&self) -> Option<(&str, u16)> {
        None
    }

    async fn chat(&self, request: &ChatRequest) -> Result<ChunkStream, ModelError> {
        tokens::prepare().await;
        let answer = self.answer(request)?;
        let chunks = chunks(self, request, answer);
        let delay = Duration::from_millis(self.pace.chunk_delay_ms);
        let paced = stream::iter(chunks).then(move |chunk| async move {
            if !delay.is_zero() {
                tokio::time::sleep(delay).await;
            }
            Ok(chunk)
        });
        Ok(paced.boxed())
    }
}

/// The last thing the user said.
fn prompt(request: &ChatRequest) -> &str {
    let texts = request
        .messages
        .iter()
        .rev()
        .filter_map(|message| match message {
            Message::User(text) => Some(text.as_str()),
            _ => None,
        });
    texts.take(1).next().unwrap_or_default()
}

/// How often the model has answered since then.
fn turn(request: &ChatRequest) -> usize {
    since_prompt(request)
        .iter()
        .filter(|message| matches!(message, Message::Assistant { .. }))
        .count()
}

/// What came after the last thing the user said.
fn since_prompt(request: &ChatRequest) -> &[Message] {
    let user = request
        .messages
        .iter()
        .rposition(|message| matches!(message, Message::User(_)));
    &request.messages[user.map_or(0, |position| position + 1)..]
}

/// Cuts an answer into pieces as a provider would stream them; the last one carries the usage.
fn chunks(model: &OfflineModel, request: &ChatRequest, answer: Answer) -> Vec<Chunk> {
    let finish_reason = if answer.calls.is_empty() {
        "stop"
    } else {
        "tool_calls"
    };
    let words = words(&answer.text);
    let texts = words
        .chunks(model.pace.chunk_words.max(1))
        .map(|words| Chunk {
            text: words.concat(),
            ..Chunk::default()
        });
    let mut chunks: Vec<Chunk> = texts.collect();
    let mut output = tokens::count(&answer.text);
    for (index, (name, arguments)) in answer.calls.into_iter().enumerate() {
        let arguments = arguments.to_string();
        output += tokens::count(&name) + tokens::count(&arguments);
        let id = Some(format!("call_{}_{index}", turn(request)));
        let call = ToolCallDelta {
            index,
            id,
            name: Some(name),
            arguments,
        };
        chunks.push(Chunk {
            tool_calls: vec![call],
            ..Chunk::default()
        });
    }
    chunks.push(Chunk {
        finish_reason: Some(finish_reason.to_owned()),
        usage: Some(Usage {
            input: input_tokens(request),
            output,
            cache_read: None,
            reasoning: None,
        }),
        response_id: Some(response_id(model, request)),
        response_model: Some(model.name.clone()),
        ..Chunk::default()
    });
    chunks
}

/// Cut before the spaces, as tokenizers cut, so that the pieces have as many tokens as the whole.
fn words(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let (mut start, mut in_word) = (0, false);
    for (position, letter) in text.char_indices() {
        if letter.is_whitespace() && in_word {
            words.push(&text[start..position]);
            start = position;
        }
        in_word = !letter.is_whitespace();
    }
    if start < text.len() {
        words.push(&text[start..]);
    }
    words
}

/// Tokens of everything a model reads: the instructions, the tools and the conversation.
fn input_tokens(request: &ChatRequest) -> u64 {
    let system = request.system.iter().map(|text| tokens::count(text));
    let tools = request
        .tools
        .iter()
        .map(|tool| tokens::count(&tool.to_json().to_string()));
    let messages = request.messages.iter().map(|message| match message {
        Message::User(text) | Message::Tool { content: text, .. } => tokens::count(text),
        Message::Assistant { text, tool_calls } => {
            let calls = tool_calls
                .iter()
                .map(|call| tokens::count(&call.name) + tokens::count(&call.arguments));
            tokens::count(text) + calls.sum::<u64>()
        }
    });
    system.chain(tools).chain(messages).sum()
}

/// The same conversation with the same model has the same id.
fn response_id(model: &OfflineModel, request: &ChatRequest) -> String {
    let mut hasher = DefaultHasher::new();
    (&model.name, &request.system).hash(&mut hasher);
    for message in &request.messages {
        message.to_parts().to_string().hash(&mut hasher);
    }
    format!("offline-{:016x}", hasher.finish())
}
