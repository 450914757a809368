//! SetVariableNode: keeps values for the nodes after it.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::path::{Path, merge};
use crate::context::NodeContext;
use crate::error::NodeError;
use crate::node::{NodeCategory, NodeKind};

pub(super) struct SetVariable;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Params {
    /// Values by name. A dotted name (`customer.name`) sets a value inside an object.
    #[serde(default)]
    variables: Map<String, Value>,
}

impl NodeKind for SetVariable {
    type Params = Params;

    const NAME: &'static str = "SetVariableNode";
    const DESCRIPTION: &'static str = "Stores values for the nodes after it";
    const CATEGORY: NodeCategory = NodeCategory::Logic;

    async fn run(params: Params, _cx: &NodeContext) -> Result<Value, NodeError> {
        let mut variables = Map::new();
        for (name, value) in params.variables {
            let path = Path::parse(&name, "variables")?;
            let (object, last) = path.entry(&mut variables);
            merge(object, last, value);
        }
        Ok(Value::Object(variables))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::nodes::testing::{node_error, run_node};

    #[tokio::test]
    async fn dotted_names_and_objects_merge_in_any_order() {
        let variables = json!({
            "plain": 1, "customer.name": "Ada", "customer": {"id": 7, "address": {"city": "London"}},
            "customer.address.zip": "N1",
        });
        let result = run_node(json!({"type": "SetVariableNode", "variables": variables})).await;
        let address = json!({"city": "London", "zip": "N1"});
        let customer = json!({"name": "Ada", "id": 7, "address": address});
        assert_eq!(result, json!({"plain": 1, "customer": customer}));
    }

    #[tokio::test]
    async fn a_name_with_an_empty_segment_is_refused() {
        let error = node_error(json!({"type": "SetVariableNode", "variables": {"a..b": 1}})).await;
        assert_eq!(error.message, "variables: `a..b` is not a dotted path");
    }
}
