//! MergeNode: one object or one list out of several.

use std::collections::HashSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::path;
use crate::context::NodeContext;
use crate::error::NodeError;
use crate::node::{NodeCategory, NodeKind};

pub(super) struct Merge;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Params {
    /// What is merged, in order: all objects, or all lists.
    #[serde(default)]
    items: Vec<Value>,
    /// What the items are.
    #[serde(default)]
    mode: Mode,
    /// Whether objects within objects are merged too, instead of replaced by the later one.
    #[serde(default = "yes")]
    deep: bool,
    /// Whether a merged list keeps only the first of equal values.
    #[serde(default)]
    deduplicate: bool,
}

fn yes() -> bool {
    true
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Mode {
    /// What the first item is.
    #[default]
    Auto,
    Dict,
    List,
}

impl NodeKind for Merge {
    type Params = Params;

    const NAME: &'static str = "MergeNode";
    const DESCRIPTION: &'static str = "Merges several objects, or several lists, into one";
    const CATEGORY: NodeCategory = NodeCategory::Data;

    async fn run(params: Params, _cx: &NodeContext) -> Result<Value, NodeError> {
        let lists = match (params.mode, params.items.first()) {
            (Mode::List, _) | (Mode::Auto, Some(Value::Array(_))) => true,
            (Mode::Dict, _) | (Mode::Auto, Some(Value::Object(_)) | None) => false,
            (Mode::Auto, Some(_)) => {
                return Err(NodeError::invalid_parameters(
                    "items[0] is neither an object nor a list",
                ));
            }
        };
        if lists {
            Ok(json!({"result": merge_lists(params.items, params.deduplicate)?}))
        } else {
            Ok(json!({"result": merge_objects(params.items, params.deep)?}))
        }
    }
}

fn merge_objects(items: Vec<Value>, deep: bool) -> Result<Map<String, Value>, NodeError> {
    let mut merged = Map::new();
    for (position, item) in items.into_iter().enumerate() {
        let Value::Object(entries) = item else {
            return Err(not_a(position, "an object"));
        };
        for (key, value) in entries {
            if deep {
                path::merge(&mut merged, &key, value);
            } else {
                merged.insert(key, value);
            }
        }
    }
    Ok(merged)
}

fn merge_lists(items: Vec<Value>, deduplicate: bool) -> Result<Vec<Value>, NodeError> {
    let mut merged = Vec::new();
    let mut seen = HashSet::new();
    for (position, item) in items.into_iter().enumerate() {
        let Value::Array(values) = item else {
            return Err(not_a(position, "a list"));
        };
        merged.extend(
            values
                .into_iter()
                .filter(|value| !deduplicate || seen.insert(value.clone())),
        );
    }
    Ok(merged)
}

fn not_a(position: usize, kind: &str) -> NodeError {
    NodeError::invalid_parameters(format!("items[{position}] is not {kind}"))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::nodes::testing::{node_error, run_node};

    async fn merge(items: Value, more: Value) -> Value {
        let mut node = json!({"type": "MergeNode", "items": items});
        node.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        run_node(node).await["result"].clone()
    }

    #[tokio::test]
    async fn objects_merge_deeply_or_only_on_top() {
        let items = json!([{"a": {"x": 1, "y": 1}, "b": 1}, {"a": {"y": 2}, "c": 3}]);
        let deep = json!({"a": {"x": 1, "y": 2}, "b": 1, "c": 3});
        assert_eq!(merge(items.clone(), json!({})).await, deep);
        let flat = json!({"a": {"y": 2}, "b": 1, "c": 3});
        assert_eq!(merge(items, json!({"deep": false})).await, flat);
    }

    #[tokio::test]
    async fn lists_are_joined_and_equal_values_may_be_dropped() {
        let items = json!([[1, {"a": 1, "b": 2}], [{"b": 2, "a": 1}, 1, "1"]]);
        assert_eq!(
            merge(items.clone(), json!({}))
                .await
                .as_array()
                .unwrap()
                .len(),
            5
        );
        let unique = json!([1, {"a": 1, "b": 2}, "1"]);
        assert_eq!(merge(items, json!({"deduplicate": true})).await, unique);
    }

    #[tokio::test]
    async fn nothing_merges_into_an_empty_object_or_list() {
        assert_eq!(merge(json!([]), json!({})).await, json!({}));
        assert_eq!(merge(json!([]), json!({"mode": "list"})).await, json!([]));
    }

    #[tokio::test]
    async fn an_item_of_another_kind_is_named() {
        let error = node_error(json!({"type": "MergeNode", "items": [{"a": 1}, [2]]})).await;
        assert_eq!(error.message, "items[1] is not an object");
        let error = node_error(json!({"type": "MergeNode", "items": ["text"]})).await;
        assert_eq!(error.message, "items[0] is neither an object nor a list");
    }
}
