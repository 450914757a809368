//! What events tell of their span's input and output, whether they came in the span or as log records.
//!
//! Instrumentations of models send prompts and answers as events, because attributes of spans used to be flat: one event with
//! all of it, or one for each message.

use opentelemetry_proto::tonic::common::v1::KeyValue;
use opentelemetry_proto::tonic::trace::v1::span::Event;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::record::Recorder;
use crate::conventions::{Attribute as _, keys};

/// The event with all messages, by attributes of the names that a span has them by.
const ALL_MESSAGES: &str = "gen_ai.client.inference.operation.details";

/// Events of one message.
const INPUT: [&str; 5] = [
    "gen_ai.system.message",
    "gen_ai.user.message",
    "gen_ai.assistant.message",
    "gen_ai.tool.message",
    "gen_ai.content.prompt",
];
const OUTPUT: [&str; 2] = ["gen_ai.choice", "gen_ai.content.completion"];

/// What events tell: JSON arrays.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Told {
    pub(super) input: Option<String>,
    pub(super) output: Option<String>,
}

/// What the event called `name` tells.
pub(super) fn told(name: &str, body: Option<&str>, attributes: &[KeyValue]) -> Told {
    let message = || body.map(|body| message(name, body));
    match name {
        ALL_MESSAGES => {
            let list = |key: &str| {
                let found = attributes
                    .iter()
                    .rev()
                    .find(|attribute| attribute.key == key)?;
                let json = found.json().unwrap_or_else(|| found.text().into_owned());
                serde_json::from_str::<Vec<&RawValue>>(&json)
                    .is_ok()
                    .then_some(json)
            };
            let system = list(keys::SYSTEM_INSTRUCTIONS)
                .map(|parts| format!(r#"[{{"role":"system","parts":{parts}}}]"#));
            Told {
                input: joined([system, list(keys::INPUT_MESSAGES)]),
                output: list(keys::OUTPUT_MESSAGES),
            }
        }
        name if INPUT.contains(&name) => Told {
            input: message(),
            output: None,
        },
        name if OUTPUT.contains(&name) => Told {
            input: None,
            output: message(),
        },
        _ => Told::default(),
    }
}

/// The body as a message in a list. Where it does not say the role, the name of the event does.
fn message(name: &str, body: &str) -> String {
    let role = name
        .strip_prefix("gen_ai.")
        .and_then(|name| name.strip_suffix(".message"));
    let says_role = serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(body);
    match (role, says_role) {
        (Some(role), Ok(mut members)) if !members.contains_key("role") => {
            members.insert("role".to_owned(), role.into());
            format!("[{}]", serde_json::Value::Object(members))
        }
        _ => format!("[{body}]"),
    }
}

/// JSON arrays as one; `None` of none.
fn joined(lists: impl IntoIterator<Item = Option<String>>) -> Option<String> {
    let lists: Vec<String> = lists.into_iter().flatten().collect();
    let items = lists
        .iter()
        .filter_map(|list| list.trim().strip_prefix('[')?.strip_suffix(']'))
        .map(str::trim)
        .filter(|items| !items.is_empty());
    (!lists.is_empty()).then(|| format!("[{}]", items.collect::<Vec<_>>().join(",")))
}

/// Whether events of these names tell their span's input, and its output.
pub(super) fn tells<'n>(names: impl Iterator<Item = &'n str> + Clone) -> [bool; 2] {
    let any = |of: &[&str]| {
        names
            .clone()
            .any(|name| name == ALL_MESSAGES || of.contains(&name))
    };
    [any(&INPUT), any(&OUTPUT)]
}

impl Recorder<'_> {
    /// What the events of a span tell together.
    pub(super) fn told_by(&self, events: &[Event]) -> Told {
        let telling = events
            .iter()
            .filter(|event| tells([event.name.as_str()].into_iter()) != [false, false]);
        let told = telling.map(|event| {
            let (_, attributes) = self.attributes(&event.attributes);
            let Told { input, output } = told(&event.name, Some(&body(&attributes)), &attributes);
            (input, output)
        });
        let (inputs, outputs): (Vec<_>, Vec<_>) = told.unzip();
        Told {
            input: joined(inputs),
            output: joined(outputs),
        }
    }
}

/// The attributes of an event as a body that says the same: `{"content": …}`, or the one text that they are about.
fn body(attributes: &[KeyValue]) -> String {
    let value = |attribute: &KeyValue| {
        let text = attribute.text();
        let json = attribute
            .json()
            .unwrap_or_else(|| text.clone().into_owned());
        serde_json::from_str(&json).unwrap_or_else(|_| Value::from(text))
    };
    let whole = ["gen_ai.prompt", "gen_ai.completion"];
    if let Some(found) = attributes
        .iter()
        .find(|attribute| whole.contains(&attribute.key.as_str()))
    {
        return value(found).to_string();
    }
    let members: Map<String, Value> = attributes
        .iter()
        .filter(|attribute| !attribute.key.starts_with("gen_ai."))
        .map(|attribute| (attribute.key.clone(), value(attribute)))
        .collect();
    Value::Object(members).to_string()
}
