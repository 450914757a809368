//! ForEachNode: one node, or a small graph, for every item of a list.

use futures::{StreamExt, stream};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::sub_workflow::SubWorkflow;
use crate::NodeDefinition;
use crate::context::{NestedNode, NodeContext};
use crate::error::{NodeError, codes};
use crate::node::{NodeCategory, NodeKind};

pub(super) struct ForEach;

/// Under which name the inputs of a graph reach the node that runs it: as data, never as text to resolve again.
const GRAPH_INPUTS: &str = "graph_inputs";

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Params {
    /// The list.
    items: Vec<Value>,
    /// What is run for each item: a node, or a graph with `nodes` and `edges`. Templates in a node see `{{item}}` and
    /// `{{index}}` (from 0); a graph has them as inputs, beside the workflow's own.
    body: Map<String, Value>,
    /// Further inputs of a body that is a graph.
    #[serde(default)]
    inputs: Map<String, Value>,
    /// How many items are worked on at the same time.
    #[serde(default = "four")]
    #[schemars(range(min = 1, max = 256))]
    max_concurrency: usize,
    /// What the failure of one item means for the node.
    #[serde(default)]
    on_error: OnError,
}

fn four() -> usize {
    4
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum OnError {
    /// The node fails at once; items that are being worked on are given up.
    #[default]
    Fail,
    /// The item's result is null and its error is listed under `errors`.
    Continue,
}

impl NodeKind for ForEach {
    type Params = Params;

    const NAME: &'static str = "ForEachNode";
    const DESCRIPTION: &'static str =
        "Runs a node or a graph for every item of a list, several at a time";
    const CATEGORY: NodeCategory = NodeCategory::Logic;
    const BODIES: &'static [&'static str] = &["body"];

    async fn run(params: Params, cx: &NodeContext) -> Result<Value, NodeError> {
        let body = &Body::parse(params.body, params.inputs)?;
        let total = params.items.len();
        let work = params
            .items
            .into_iter()
            .enumerate()
            .map(|(index, item)| async move { (index, body.run(index, item, cx).await) });
        let mut running = stream::iter(work).buffer_unordered(params.max_concurrency.max(1));
        let mut results = vec![Value::Null; total];
        let mut errors = Vec::new();
        while let Some((index, result)) = running.next().await {
            match result {
                Ok(result) => results[index] = result,
                Err(error) if params.on_error == OnError::Continue && !ends_the_run(&error) => {
                    errors.push(
                        json!({"index": index, "code": error.code, "message": error.message}),
                    );
                }
                Err(error) => return Err(error),
            }
        }
        errors.sort_by_key(|error| error["index"].as_u64());
        Ok(json!({"results": results, "total": total, "errors": errors}))
    }
}

/// What is done with each item.
struct Body {
    definition: NodeDefinition,
    graph: bool,
    inputs: Map<String, Value>,
}

impl Body {
    /// A graph becomes a node that runs it, so that each item has one span of its own either way.
    fn parse(mut body: Map<String, Value>, inputs: Map<String, Value>) -> Result<Self, NodeError> {
        let graph = body.contains_key("nodes");
        if graph {
            let name = body.get("name").cloned().unwrap_or_else(|| "body".into());
            body = Map::from_iter([
                ("name".to_owned(), name),
                ("type".to_owned(), SubWorkflow::NAME.into()),
                (
                    "inputs".to_owned(),
                    format!("{{{{{GRAPH_INPUTS}}}}}").into(),
                ),
                ("graph".to_owned(), Value::Object(body)),
            ]);
        } else if let Some(kind) = body.get("type").cloned() {
            body.entry("name").or_insert(kind);
        }
        let definition = NodeDefinition::deserialize(Value::Object(body))
            .map_err(|error| NodeError::invalid_parameters(format!("body: {error}")))?;
        Ok(Self {
            definition,
            graph,
            inputs,
        })
    }

    async fn run(&self, index: usize, item: Value, cx: &NodeContext) -> Result<Value, NodeError> {
        let place = [
            ("item".to_owned(), item),
            ("index".to_owned(), index.into()),
        ];
        let mut locals = Map::from_iter(place.clone());
        if self.graph {
            let inputs = self
                .inputs
                .clone()
                .into_iter()
                .chain(place)
                .collect::<Map<_, _>>();
            locals.insert(GRAPH_INPUTS.to_owned(), inputs.into());
        }
        let iteration = u32::try_from(index + 1).unwrap_or(u32::MAX);
        let nested = NestedNode {
            definition: &self.definition,
            locals,
            iteration,
            durable: true,
        };
        let mut result = cx.run_node(nested).await?;
        Ok(if self.graph {
            result["result"].take()
        } else {
            result
        })
    }
}

/// Failures that are not the item's own.
fn ends_the_run(error: &NodeError) -> bool {
    matches!(&*error.code, codes::CANCELLED | codes::JOURNAL_FAILED)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::nodes::testing::{Lab, node_error, run_node};

    fn doubling() -> Value {
        json!({"name": "double", "type": "JavaScriptSandboxNode", "context": {"x": "{{item}}", "i": "{{index}}"}, "script": "[i, x * 2]"})
    }

    #[tokio::test]
    async fn a_node_runs_for_each_item_and_results_keep_the_order() {
        let ran = Lab::default()
            .run_node(json!({"type": "ForEachNode", "items": [5, 6, 7], "body": doubling(), "max_concurrency": 2}))
            .await;
        let results: Vec<Value> = ran.output()["results"]
            .as_array()
            .unwrap()
            .iter()
            .map(|result| result["result"].clone())
            .collect();
        assert_eq!(results, [json!([0, 10]), json!([1, 12]), json!([2, 14])]);
        let spans = ran.spans("double");
        let mut iterations: Vec<Value> = spans
            .iter()
            .map(|span| span.attribute("orcheo.node.iteration"))
            .collect();
        iterations.sort_by_key(Value::as_i64);
        assert_eq!(iterations, [1, 2, 3]);
        assert!(
            spans
                .iter()
                .all(|span| ran.path(*span) == ["workflow.execution", "node", "double"])
        );
    }

    #[tokio::test]
    async fn a_graph_runs_for_each_item_with_the_item_as_input() {
        let body = json!({
            "nodes": [
                {"name": "first", "type": "SetVariableNode", "variables": {"text": "{{inputs.index}}:{{inputs.item.name}}"}},
                {"name": "second", "type": "SetVariableNode", "variables": {"text": "{{first.text}}{{inputs.mark}}"}},
            ],
            "edges": [["START", "first"], ["first", "second"]],
        });
        let items = json!([{"name": "{{not.a.template}}"}, {"name": "b"}]);
        let inputs = json!({"mark": "{{inputs.mark}}"});
        let node = json!({"type": "ForEachNode", "items": "{{inputs.items}}", "body": body, "inputs": inputs});
        let ran = Lab::default()
            .inputs(json!({"mark": "!", "items": items}))
            .run_node(node)
            .await;
        let results =
            json!([{"second": {"text": "0:{{not.a.template}}!"}}, {"second": {"text": "1:b!"}}]);
        assert_eq!(ran.output()["results"], results);
        let mut iterations: Vec<Value> = ran
            .spans("body")
            .iter()
            .map(|span| span.attribute("orcheo.node.iteration"))
            .collect();
        iterations.sort_by_key(Value::as_i64);
        assert_eq!(iterations, [1, 2]);
    }

    fn failing_at(item: &str) -> Value {
        let script = format!("if (x === '{item}') throw new Error('no ' + x); x");
        json!({"type": "JavaScriptSandboxNode", "context": {"x": "{{item}}"}, "script": script})
    }

    #[tokio::test]
    async fn the_failure_of_an_item_fails_the_node_or_is_listed() {
        let mut node =
            json!({"type": "ForEachNode", "items": ["a", "b", "c"], "body": failing_at("b")});
        let error = node_error(node.clone()).await;
        assert!(error.message.contains("no b"), "{}", error.message);

        node["on_error"] = "continue".into();
        let output = run_node(node).await;
        assert_eq!(output["results"][1], Value::Null);
        assert_eq!(output["results"][2]["result"], "c");
        assert_eq!(output["errors"][0]["index"], 1);
        assert_eq!(output["errors"][0]["code"], "SCRIPT_FAILED");
    }

    #[tokio::test(start_paused = true)]
    async fn no_more_items_are_worked_on_at_once_than_allowed() {
        let wait = json!({"type": "DelayNode", "duration_seconds": 1});
        let begin = tokio::time::Instant::now();
        let node = json!({"type": "ForEachNode", "items": [1, 2, 3, 4, 5], "body": wait, "max_concurrency": 2});
        run_node(node).await;
        // The clock is the test's own: two, two and one.
        assert_eq!(begin.elapsed().as_secs(), 3);
    }

    #[tokio::test]
    async fn no_items_give_no_results() {
        let output =
            run_node(json!({"type": "ForEachNode", "items": [], "body": doubling()})).await;
        assert_eq!(output, json!({"results": [], "total": 0, "errors": []}));
    }

    #[tokio::test]
    async fn a_body_is_retried_item_by_item() {
        let mut body = failing_at("never");
        body["script"] = "if (x === 'b' && run.attempt === 1) throw new Error('once'); x".into();
        body["retry"] = json!({"max_attempts": 2});
        body["name"] = "item".into();
        let ran = Lab::default()
            .run_node(json!({"type": "ForEachNode", "items": ["a", "b"], "body": body}))
            .await;
        ran.outputs();
        let spans = ran.spans("item");
        let mut seen: Vec<(i64, i64)> = spans
            .iter()
            .map(|span| {
                ["orcheo.node.iteration", "orcheo.node.attempt"]
                    .map(|key| span.attribute(key).as_i64().unwrap())
            })
            .map(|[iteration, attempt]| (iteration, attempt))
            .collect();
        seen.sort_unstable();
        assert_eq!(seen, [(1, 1), (2, 1), (2, 2)]);
    }
}
