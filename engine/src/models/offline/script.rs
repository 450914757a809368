//! Answers written down beforehand, turn by turn.

use serde::Deserialize;
use serde_json::Value;

use super::{
    super::{ChatRequest, Message, ModelError},
    Answer, prompt, since_prompt,
};

/// One turn. In its texts `${prompt}` is what the user said last, `${result}` what the last tool answered and
/// `${result.NAME}` what the tool NAME answered last.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Step {
    #[serde(default)]
    content: String,
    #[serde(default)]
    tool_calls: Vec<ScriptedCall>,
    /// The turn fails with this message instead, as a model server would.
    error: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct ScriptedCall {
    name: String,
    #[serde(default)]
    arguments: Value,
}

impl Step {
    pub(super) fn answer(&self, request: &ChatRequest) -> Result<Answer, ModelError> {
        if let Some(message) = &self.error {
            let server = "offline".to_owned();
            return Err(ModelError::ServerFailed {
                server,
                status: 500,
                message: fill(message, request),
            });
        }
        let calls = self
            .tool_calls
            .iter()
            .map(|call| (call.name.clone(), fill_json(&call.arguments, request)));
        Ok(Answer {
            text: fill(&self.content, request),
            calls: calls.collect(),
        })
    }
}

fn fill_json(value: &Value, request: &ChatRequest) -> Value {
    match value {
        Value::String(text) => fill(text, request).into(),
        Value::Array(items) => items.iter().map(|item| fill_json(item, request)).collect(),
        Value::Object(members) => members
            .iter()
            .map(|(key, member)| (key.clone(), fill_json(member, request)))
            .collect(),
        // A call without arguments is a call with none.
        Value::Null => Value::Object(serde_json::Map::new()),
        other => other.clone(),
    }
}

fn fill(text: &str, request: &ChatRequest) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        filled.push_str(before);
        let Some((name, after)) = after.split_once('}') else {
            filled.push_str("${");
            rest = after;
            continue;
        };
        match lookup(name, request) {
            Some(value) => filled.push_str(value),
            None => filled.extend(["${", name, "}"]),
        }
        rest = after;
    }
    filled.push_str(rest);
    filled
}

fn lookup<'a>(name: &str, request: &'a ChatRequest) -> Option<&'a str> {
    if name == "prompt" {
        return Some(prompt(request));
    }
    let wanted = match name.split_once('.') {
        None if name == "result" => None,
        Some(("result", tool)) => Some(tool),
        _ => return None,
    };
    let results = since_prompt(request)
        .iter()
        .rev()
        .filter_map(|message| match message {
            Message::Tool { name, content, .. } => Some((name.as_str(), content.as_str())),
            _ => None,
        });
    let mut matching = results.filter(|(name, _)| wanted.is_none_or(|wanted| wanted == *name));
    Some(matching.next().map_or("", |(_, content)| content))
}
