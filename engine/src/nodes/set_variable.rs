//! SetVariableNode: keeps values for the nodes after it.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};

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
            insert(&mut variables, &name, value)?;
        }
        Ok(Value::Object(variables))
    }
}

fn insert(root: &mut Map<String, Value>, name: &str, value: Value) -> Result<(), NodeError> {
    let segments: Vec<&str> = name.split('.').map(str::trim).collect();
    let Some((last, parents)) = segments
        .split_last()
        .filter(|_| segments.iter().all(|segment| !segment.is_empty()))
    else {
        return Err(NodeError::invalid_parameters(format!(
            "variables: `{name}` is not a name"
        )));
    };
    let mut object = root;
    for parent in parents {
        let slot = object.entry(*parent).or_insert(Value::Null);
        if !slot.is_object() {
            *slot = Value::Object(Map::new());
        }
        let Value::Object(inner) = slot else {
            unreachable!("made an object above")
        };
        object = inner;
    }
    merge(object, last, value);
    Ok(())
}

/// Objects merge, whatever the order of the names; everything else replaces.
fn merge(object: &mut Map<String, Value>, name: &str, value: Value) {
    match (object.get_mut(name), value) {
        (Some(Value::Object(existing)), Value::Object(incoming)) => {
            for (key, value) in incoming {
                merge(existing, &key, value);
            }
        }
        (_, value) => {
            object.insert(name.to_owned(), value);
        }
    }
}
