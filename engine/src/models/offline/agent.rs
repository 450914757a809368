//! An agent by rule: every tool once, in the order they are offered, then a summary of what they said.

use serde_json::{Map, Value};

use super::{
    super::{ChatRequest, Message},
    Answer, prompt, since_prompt,
};

/// More of a tool's result than this makes a summary unreadable.
const QUOTED_CHARS: usize = 240;

pub(super) fn answer(request: &ChatRequest) -> Answer {
    let called = |name: &str| {
        since_prompt(request).iter().any(|message| match message {
            Message::Assistant { tool_calls, .. } => {
                tool_calls.iter().any(|call| call.name == name)
            }
            _ => false,
        })
    };
    match request.tools.iter().find(|tool| !called(&tool.name)) {
        Some(tool) => Answer {
            text: format!("I ask {} first.", tool.name),
            calls: vec![(
                tool.name.clone(),
                arguments(&tool.parameters, prompt(request)),
            )],
        },
        None => Answer {
            text: summary(request),
            calls: Vec::new(),
        },
    }
}

fn summary(request: &ChatRequest) -> String {
    let findings: Vec<String> = since_prompt(request)
        .iter()
        .filter_map(|message| match message {
            Message::Tool { name, content, .. } => Some(format!("- {name}: {}", quoted(content))),
            _ => None,
        })
        .collect();
    match findings.len() {
        0 => format!("You asked: {}", prompt(request)),
        1 => format!(
            "You asked: {}\nThis is what I found:\n{}",
            prompt(request),
            findings[0]
        ),
        several => {
            format!(
                "You asked: {}\nI found {several} things:\n{}",
                prompt(request),
                findings.join("\n")
            )
        }
    }
}

fn quoted(text: &str) -> String {
    let mut short: String = text.chars().take(QUOTED_CHARS).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

/// Arguments that satisfy a tool's schema, with the prompt wherever a text is wanted.
fn arguments(schema: &Value, prompt: &str) -> Value {
    let properties = schema.get("properties").and_then(Value::as_object);
    let values: Map<String, Value> = properties
        .into_iter()
        .flatten()
        .map(|(name, property)| (name.clone(), value_for(property, prompt)))
        .collect();
    Value::Object(values)
}

fn value_for(schema: &Value, prompt: &str) -> Value {
    let given = schema.get("const").or_else(|| schema.get("default"));
    let listed = ["examples", "enum"]
        .iter()
        .find_map(|key| schema.get(key)?.get(0));
    if let Some(value) = given.or(listed) {
        return value.clone();
    }
    match schema.get("type").and_then(Value::as_str) {
        Some("object") => arguments(schema, prompt),
        Some("array") => schema
            .get("items")
            .map(|items| value_for(items, prompt))
            .into_iter()
            .collect(),
        Some("integer" | "number") => schema.get("minimum").cloned().unwrap_or_else(|| 1.into()),
        Some("boolean") => true.into(),
        Some("null") => Value::Null,
        _ => prompt.into(),
    }
}
