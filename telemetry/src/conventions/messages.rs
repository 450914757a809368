//! Lists that conventions without structured attributes spread over numbered keys, such as
//! `llm.input_messages.0.message.role`: put together again.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::Attribute;

/// Numbers beyond this are no list any more; every place up to them would have to be filled.
const MOST_ELEMENTS: usize = 10_000;

/// Messages have parts and parts have images; what goes deeper is no list of messages.
const DEEPEST: usize = 24;

/// Which of a span's lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Said {
    Input,
    Output,
}

/// Prefixes of the keys of lists, and the member that each element is wrapped in, if it is.
const LISTS: &[(Said, &str, Option<&str>)] = &[
    (Said::Input, "llm.input_messages.", Some("message")),
    (Said::Input, "gen_ai.prompt.", None),
    (Said::Input, "llm.prompts.", None),
    (Said::Output, "llm.output_messages.", Some("message")),
    (Said::Output, "gen_ai.completion.", None),
    (Said::Output, "llm.completions.", None),
    (Said::Output, "retrieval.documents.", Some("document")),
    (Said::Output, "reranker.output_documents.", Some("document")),
];

/// Whether an attribute is part of such a list.
pub(super) fn is_of_list(key: &str) -> bool {
    LISTS.iter().any(|(_, prefix, _)| key.starts_with(prefix))
}

/// The list that the numbered attributes of a span make up, as JSON text.
pub(crate) fn indexed<A: Attribute>(attributes: &[A], said: Said) -> Option<String> {
    let (_, prefix, wrapper) = LISTS.iter().find(|(of, prefix, _)| {
        *of == said
            && attributes
                .iter()
                .any(|attribute| attribute.key().starts_with(prefix))
    })?;
    let mut root = Tree::default();
    for attribute in attributes {
        if let Some(path) = attribute.key().strip_prefix(prefix)
            && path.split('.').count() <= DEEPEST
        {
            root.insert(path, || scalar(attribute));
        }
    }
    let Value::Array(elements) = root.into_value() else {
        return None;
    };
    let unwrapped = elements
        .into_iter()
        .map(|element| match (wrapper, element) {
            (Some(wrapper), Value::Object(mut members)) if members.len() == 1 => {
                members.remove(*wrapper).unwrap_or(Value::Object(members))
            }
            (_, element) => element,
        });
    serde_json::to_string(&Value::Array(unwrapped.collect())).ok()
}

fn scalar<A: Attribute>(attribute: &A) -> Value {
    match attribute.json() {
        Some(json) => serde_json::from_str(&json).unwrap_or(Value::Null),
        None => Value::String(attribute.text().into_owned()),
    }
}

#[derive(Default)]
struct Tree {
    value: Option<Value>,
    children: BTreeMap<String, Tree>,
}

impl Tree {
    fn insert(&mut self, path: &str, value: impl FnOnce() -> Value) {
        let mut node = self;
        for segment in path.split('.') {
            node = node.children.entry(segment.to_owned()).or_default();
        }
        node.value = Some(value());
    }

    /// An array where all keys are numbers, in their order; gaps are left out.
    fn into_value(self) -> Value {
        if self.children.is_empty() {
            return self.value.unwrap_or(Value::Null);
        }
        let number = |key: &str| {
            key.parse::<usize>()
                .ok()
                .filter(|number| *number < MOST_ELEMENTS)
        };
        if self.children.keys().all(|key| number(key).is_some()) {
            let mut elements: Vec<_> = self.children.into_iter().collect();
            elements.sort_by_key(|(key, _)| number(key));
            return elements
                .into_iter()
                .map(|(_, tree)| tree.into_value())
                .collect();
        }
        let members: Map<String, Value> = self
            .children
            .into_iter()
            .map(|(key, tree)| (key, tree.into_value()))
            .collect();
        Value::Object(members)
    }
}
