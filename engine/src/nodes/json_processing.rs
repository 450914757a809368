//! JsonProcessingNode: parses JSON text, writes it, or picks a value out of it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::ser::{PrettyFormatter, Serializer};
use serde_json::{Value, json};

use super::path::Path;
use crate::context::NodeContext;
use crate::error::NodeError;
use crate::node::{NodeCategory, NodeKind};

pub(super) struct JsonProcessing;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Params {
    /// What is done.
    #[serde(default)]
    operation: Operation,
    /// JSON text, or the value itself.
    input_data: Value,
    /// Dotted path of the value to extract.
    path: Option<String>,
    /// What extracting gives where the path leads nowhere.
    #[serde(default)]
    default: Value,
    /// Spaces of indentation when stringifying; null writes everything on one line.
    #[serde(default = "two")]
    #[schemars(range(max = 16))]
    indent: Option<usize>,
    /// Whether stringifying escapes everything that is not ASCII.
    #[serde(default)]
    ensure_ascii: bool,
}

fn two() -> Option<usize> {
    Some(2)
}

#[derive(Debug, Default, Clone, Copy, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Operation {
    /// Text to value; a value stays as it is.
    #[default]
    Parse,
    /// Value to text.
    Stringify,
    /// The value at `path`.
    Extract,
}

impl NodeKind for JsonProcessing {
    type Params = Params;

    const NAME: &'static str = "JsonProcessingNode";
    const DESCRIPTION: &'static str = "Parses JSON, writes it, or extracts a value from it";
    const CATEGORY: NodeCategory = NodeCategory::Data;

    async fn run(params: Params, _cx: &NodeContext) -> Result<Value, NodeError> {
        match params.operation {
            Operation::Parse => Ok(json!({"result": parse(params.input_data)?})),
            Operation::Stringify => {
                let text = stringify(&params.input_data, params.indent);
                Ok(json!({"result": if params.ensure_ascii { ascii(&text) } else { text }}))
            }
            Operation::Extract => {
                let path = params.path.as_deref().ok_or_else(|| {
                    NodeError::invalid_parameters("path: extracting needs a path")
                })?;
                let path = Path::parse(path, "path")?;
                let input = parse(params.input_data)?;
                let found = path.find(&input);
                Ok(json!({"result": found.unwrap_or(&params.default), "found": found.is_some()}))
            }
        }
    }
}

fn parse(input: Value) -> Result<Value, NodeError> {
    match input {
        Value::String(text) => serde_json::from_str(&text).map_err(|error| {
            NodeError::new("INVALID_JSON", format!("input_data is not JSON: {error}"))
        }),
        value => Ok(value),
    }
}

fn stringify(value: &Value, indent: Option<usize>) -> String {
    let Some(indent) = indent else {
        return value.to_string();
    };
    let indent = " ".repeat(indent);
    let mut text = Vec::new();
    let formatter = PrettyFormatter::with_indent(indent.as_bytes());
    match value.serialize(&mut Serializer::with_formatter(&mut text, formatter)) {
        Ok(()) => String::from_utf8_lossy(&text).into_owned(),
        Err(error) => unreachable!("JSON values serialise into memory: {error}"),
    }
}

/// Outside of its texts JSON is ASCII, so every other character is in one and can be escaped there.
fn ascii(json: &str) -> String {
    let mut escaped = String::with_capacity(json.len());
    for letter in json.chars() {
        if letter.is_ascii() {
            escaped.push(letter);
        } else {
            let mut units = [0; 2];
            for unit in letter.encode_utf16(&mut units) {
                escaped.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::nodes::testing::{node_error, run_node};

    #[tokio::test]
    async fn text_is_parsed_and_a_value_stays() {
        for input in [json!("{\"a\": [1]}"), json!({"a": [1]})] {
            let result = run_node(json!({"type": "JsonProcessingNode", "input_data": input})).await;
            assert_eq!(result, json!({"result": {"a": [1]}}));
        }
    }

    #[tokio::test]
    async fn values_are_written_with_indentation_or_on_one_line_or_as_ascii() {
        for (more, text) in [
            (json!({}), "{\n  \"city\": \"Zürich 🚀\"\n}"),
            (json!({"indent": 1}), "{\n \"city\": \"Zürich 🚀\"\n}"),
            (json!({"indent": null}), "{\"city\":\"Zürich 🚀\"}"),
            (
                json!({"indent": null, "ensure_ascii": true}),
                "{\"city\":\"Z\\u00fcrich \\ud83d\\ude80\"}",
            ),
        ] {
            let mut node = json!({"type": "JsonProcessingNode", "operation": "stringify"});
            node["input_data"] = json!({"city": "Zürich 🚀"});
            node.as_object_mut()
                .unwrap()
                .extend(more.as_object().unwrap().clone());
            assert_eq!(run_node(node).await, json!({"result": text}));
        }
    }

    #[tokio::test]
    async fn a_value_is_extracted_or_its_absence_is_told() {
        let node = |path: &str| {
            let input = "{\"a\": {\"b\": [null, 7]}}";
            json!({"type": "JsonProcessingNode", "operation": "extract", "input_data": input, "path": path, "default": 0})
        };
        assert_eq!(
            run_node(node("a.b.1")).await,
            json!({"result": 7, "found": true})
        );
        assert_eq!(
            run_node(node("a.b.0")).await,
            json!({"result": null, "found": true})
        );
        assert_eq!(
            run_node(node("a.b.2")).await,
            json!({"result": 0, "found": false})
        );
    }

    #[tokio::test]
    async fn text_that_is_no_json_is_an_error_with_the_place() {
        let error =
            node_error(json!({"type": "JsonProcessingNode", "input_data": "{\"a\": }"})).await;
        assert_eq!(error.code, "INVALID_JSON");
        assert_eq!(
            error.message,
            "input_data is not JSON: expected value at line 1 column 7"
        );
    }

    #[tokio::test]
    async fn extracting_without_a_path_is_an_error() {
        let node = json!({"type": "JsonProcessingNode", "operation": "extract", "input_data": {}});
        assert_eq!(
            node_error(node).await.message,
            "path: extracting needs a path"
        );
    }
}
