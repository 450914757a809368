//! What other tools ask of a span beside OpenTelemetry's conventions: its kind and content by OpenInference's names, which
//! Phoenix, Langfuse and others show. Our own names for the content of runs and nodes are known to none of them.

use opentelemetry::KeyValue;
use orcheo_store::SpanCategory;

use crate::conventions::{Meaning, keys};

const SPAN_KIND: &str = "openinference.span.kind";
const JSON: &str = "application/json";
/// Key of the content, and of its type.
const INPUT: [&str; 2] = ["input.value", "input.mime_type"];
const OUTPUT: [&str; 2] = ["output.value", "output.mime_type"];

/// Names of ours for content; that of model and tool calls has OpenTelemetry's, which are known.
const OURS: [&str; 4] = [
    keys::EXECUTION_INPUTS,
    keys::EXECUTION_OUTPUTS,
    keys::NODE_INPUT,
    keys::NODE_OUTPUT,
];

/// Attributes to add to those of a span.
pub(super) fn attributes(name: &str, of: &[KeyValue]) -> Vec<KeyValue> {
    let meaning = Meaning::of(name, of);
    let mut added = Vec::new();
    if let Some(kind) = kind(meaning.category) {
        added.push(KeyValue::new(SPAN_KIND, kind));
    }
    let contents = [
        (meaning.content.input, INPUT),
        (meaning.content.output, OUTPUT),
    ];
    for (index, [value, mime_type]) in contents {
        let content = index.map(|index| &of[index]);
        if let Some(content) = content.filter(|content| OURS.contains(&content.key.as_str())) {
            added.push(KeyValue::new(value, content.value.clone()));
            added.push(KeyValue::new(mime_type, JSON));
        }
    }
    // What a span says itself stands.
    added.retain(|added| of.iter().all(|attribute| attribute.key != added.key));
    added
}

fn kind(category: SpanCategory) -> Option<&'static str> {
    match category {
        SpanCategory::Workflow | SpanCategory::Node => Some("CHAIN"),
        SpanCategory::Agent => Some("AGENT"),
        SpanCategory::Llm => Some("LLM"),
        SpanCategory::Tool => Some("TOOL"),
        SpanCategory::Retriever => Some("RETRIEVER"),
        SpanCategory::Embedding => Some("EMBEDDING"),
        SpanCategory::Reranker => Some("RERANKER"),
        SpanCategory::Guardrail => Some("GUARDRAIL"),
        SpanCategory::Http | SpanCategory::Database | SpanCategory::Other => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn added(attributes: &[(&'static str, &'static str)]) -> Vec<String> {
        let attributes: Vec<_> = attributes
            .iter()
            .map(|(key, value)| KeyValue::new(*key, *value))
            .collect();
        super::attributes("span", &attributes)
            .iter()
            .map(|added| format!("{}={}", added.key, added.value))
            .collect()
    }

    #[test]
    fn a_node_has_a_kind_and_its_content() {
        let node = [
            (keys::NODE_ID, "ask"),
            (keys::NODE_INPUT, r#"{"q":1}"#),
            (keys::NODE_OUTPUT, "[]"),
        ];
        assert_eq!(
            added(&node),
            [
                "openinference.span.kind=CHAIN",
                r#"input.value={"q":1}"#,
                "input.mime_type=application/json",
                "output.value=[]",
                "output.mime_type=application/json",
            ]
        );
    }

    #[test]
    fn the_messages_of_a_model_call_are_not_repeated() {
        let call = [(keys::OPERATION_NAME, "chat"), (keys::INPUT_MESSAGES, "[]")];
        assert_eq!(added(&call), ["openinference.span.kind=LLM"]);
    }

    #[test]
    fn what_is_neither_is_left_as_it_is() {
        assert!(added(&[(keys::HTTP_REQUEST_METHOD, "GET")]).is_empty());
        assert!(added(&[(SPAN_KIND, "TOOL")]).is_empty());
    }
}
