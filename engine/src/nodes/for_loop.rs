//! ForLoopNode: hands out a list, one item per visit.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::context::NodeContext;
use crate::error::NodeError;
use crate::node::{NodeCategory, NodeKind};

/// Its memory is its own last result, so a resumed run goes on where it was. Visited again after the last item it
/// begins anew, which is what a loop inside of a loop needs.
pub(super) struct ForLoop;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Params {
    /// The list.
    items: Vec<Value>,
}

impl NodeKind for ForLoop {
    type Params = Params;

    const NAME: &'static str = "ForLoopNode";
    const DESCRIPTION: &'static str =
        "Hands out a list, one item per visit, and tells with `done` when it is at its end";
    const CATEGORY: NodeCategory = NodeCategory::Logic;

    async fn run(params: Params, cx: &NodeContext) -> Result<Value, NodeError> {
        let last = cx.state().result(&cx.node().name);
        let field = |name: &str| last.and_then(|last| last.get(name));
        let index = match field("done").and_then(Value::as_bool) {
            Some(false) => field("index").and_then(Value::as_u64).unwrap_or(0),
            _ => 0,
        };
        let total = params.items.len();
        let item = usize::try_from(index)
            .ok()
            .and_then(|index| params.items.into_iter().nth(index));
        let index = if item.is_some() { index + 1 } else { index };
        Ok(json!({
            "done": item.is_none(), "index": index, "iteration": index, "total": total, "current_item": item,
        }))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::nodes::testing::{Lab, run_node};

    /// A loop over `items` whose body notes each item, around which a second loop may go.
    fn document(items: &Value) -> Value {
        json!({
            "nodes": [
                {"name": "loop", "type": "ForLoopNode", "items": items},
                {"name": "body", "type": "SetVariableNode", "variables": {"item": "{{loop.current_item}}"}},
            ],
            "edges": [["START", "loop"], ["body", "loop"]],
            "conditional_edges": [{"source": "loop", "path": "results.loop.done", "mapping": {"false": "body", "true": "END"}}],
        })
    }

    #[tokio::test]
    async fn the_body_runs_once_for_each_item_in_order() {
        let ran = Lab::default().run(&document(&json!(["a", "b", "c"]))).await;
        assert_eq!(
            ran.outputs()["loop"],
            json!({"done": true, "index": 3, "iteration": 3, "total": 3, "current_item": null})
        );
        let items: Vec<Value> = ran
            .spans("body")
            .iter()
            .map(|span| span.json("orcheo.node.output")["item"].clone())
            .collect();
        assert_eq!(items, ["a", "b", "c"]);
    }

    #[tokio::test]
    async fn an_empty_list_is_done_at_once() {
        let result = run_node(json!({"type": "ForLoopNode", "items": []})).await;
        assert_eq!(
            result,
            json!({"done": true, "index": 0, "iteration": 0, "total": 0, "current_item": null})
        );
    }

    #[tokio::test]
    async fn a_loop_inside_of_a_loop_begins_anew_each_time() {
        let document = json!({
            "nodes": [
                {"name": "outer", "type": "ForLoopNode", "items": [1, 2]},
                {"name": "inner", "type": "ForLoopNode", "items": ["x", "y"]},
                {"name": "body", "type": "SetVariableNode",
                    "variables": {"pair": "{{outer.current_item}}{{inner.current_item}}"}},
            ],
            "edges": [["START", "outer"], ["body", "inner"]],
            "conditional_edges": [
                {"source": "outer", "path": "results.outer.done", "mapping": {"false": "inner", "true": "END"}},
                {"source": "inner", "path": "results.inner.done", "mapping": {"false": "body", "true": "outer"}},
            ],
        });
        let ran = Lab::default().run(&document).await;
        ran.outputs();
        let pairs: Vec<Value> = ran
            .spans("body")
            .iter()
            .map(|span| span.json("orcheo.node.output")["pair"].clone())
            .collect();
        assert_eq!(pairs, ["1x", "1y", "2x", "2y"]);
    }
}
