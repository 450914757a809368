//! SubWorkflowNode: a workflow inside of a workflow, by its id, written in place, or as a sequence of nodes.

use std::collections::HashMap;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::inline;
use crate::NodeDefinition;
use crate::context::{NestedNode, NodeContext};
use crate::error::NodeError;
use crate::node::{NodeCategory, NodeKind};

pub(super) struct SubWorkflow;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Params {
    /// The id of the workflow to run.
    workflow_id: Option<String>,
    /// The workflow's version; without it the newest.
    version: Option<i32>,
    /// The workflow to run, written in place.
    graph: Option<Value>,
    /// The inputs of the workflow.
    #[serde(default)]
    inputs: Map<String, Value>,
    /// Nodes to run one after the other in place of a workflow. Each sees the results of those before it.
    #[serde(default)]
    steps: Vec<Value>,
    /// The step whose result is the node's `result`; without it the last one.
    result_step: Option<String>,
    /// Whether the nodes after this one find the steps' results under the steps' own names too.
    #[serde(default)]
    propagate_to_parent: bool,
    /// Whether the output also holds what the steps saw at the end: inputs, results and messages.
    #[serde(default)]
    include_state: bool,
}

impl NodeKind for SubWorkflow {
    type Params = Params;

    const NAME: &'static str = "SubWorkflowNode";
    const DESCRIPTION: &'static str = "Runs another workflow, or a sequence of nodes, as one step";
    const CATEGORY: NodeCategory = NodeCategory::Logic;
    const BODIES: &'static [&'static str] = &["steps", "graph"];

    async fn run(params: Params, cx: &NodeContext) -> Result<Value, NodeError> {
        let workflow = match (&params.workflow_id, &params.graph) {
            (Some(id), None) => cx.load_workflow(id, params.version).await?,
            (None, Some(graph)) => Arc::new(inline::workflow(graph, "graph", cx)?),
            (None, None) => return params.run_steps(cx).await,
            (Some(_), Some(_)) => {
                let problem = "workflow_id and graph are two ways to name one workflow: use one";
                return Err(NodeError::invalid_parameters(problem));
            }
        };
        if !params.steps.is_empty() {
            let problem = "steps stand in place of a workflow: use them or a workflow";
            return Err(NodeError::invalid_parameters(problem));
        }
        let result = cx.run_workflow(workflow, params.inputs, true).await?;
        Ok(json!({"result": result}))
    }
}

impl Params {
    async fn run_steps(self, cx: &NodeContext) -> Result<Value, NodeError> {
        let mut results: Map<String, Value> = Map::new();
        let mut visits: HashMap<String, u32> = HashMap::new();
        let mut steps = Vec::with_capacity(self.steps.len());
        for step in self.steps {
            let definition = definition(step)?;
            let name = definition.name.clone();
            let locals = locals(cx, &results);
            // Steps may have one name, and the journal must tell them apart.
            let visit = visits.entry(name.clone()).or_default();
            *visit += 1;
            let nested = NestedNode {
                definition: &definition,
                locals,
                iteration: *visit,
                durable: true,
            };
            let result = cx.run_node(nested).await?;
            steps.push(json!({"name": name, "result": result}));
            results.insert(name, result);
        }
        let result = match &self.result_step {
            Some(name) => results.get(name).cloned().ok_or_else(|| {
                NodeError::invalid_parameters(format!(
                    "result_step: there is no step called `{name}`"
                ))
            })?,
            None => steps
                .last()
                .map_or(Value::Null, |step| step["result"].clone()),
        };
        let mut output = json!({"steps": steps, "result": result});
        if self.include_state {
            let state = cx.state();
            output["state"] = json!({
                "inputs": &*state.inputs,
                "results": all_results(cx, &results),
                "messages": state.messages.iter().map(|message| &**message).collect::<Vec<&Value>>(),
            });
        }
        if self.propagate_to_parent {
            for (name, result) in results {
                cx.put_result(name, result);
            }
        }
        Ok(output)
    }
}

/// A step need not have a name; its type stands in for it.
fn definition(step: Value) -> Result<NodeDefinition, NodeError> {
    let Value::Object(mut step) = step else {
        return Err(NodeError::invalid_parameters(
            "steps: each is an object with a type",
        ));
    };
    if let Some(kind) = step.get("type").cloned() {
        step.entry("name").or_insert(kind);
    }
    NodeDefinition::deserialize(Value::Object(step))
        .map_err(|error| NodeError::invalid_parameters(format!("steps: {error}")))
}

/// Steps see the results of those before them by name and under `results`, beside those of the workflow around.
fn locals(cx: &NodeContext, results: &Map<String, Value>) -> Map<String, Value> {
    let mut locals = results.clone();
    if !results.is_empty() {
        locals.insert("results".to_owned(), all_results(cx, results).into());
    }
    locals
}

fn all_results(cx: &NodeContext, results: &Map<String, Value>) -> Map<String, Value> {
    let around = cx
        .state()
        .results
        .iter()
        .map(|(name, result)| (name.clone(), Value::clone(result)));
    around.chain(results.clone()).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::nodes::testing::{Lab, node_error};

    fn greeting() -> Value {
        json!({
            "name": "Greeting", "inputs": {"greeting": "Hello"},
            "nodes": [{"name": "say", "type": "SetVariableNode", "variables": {"text": "{{inputs.greeting}} {{inputs.name}}"}}],
            "edges": [["START", "say"], ["say", "END"]],
        })
    }

    #[tokio::test]
    async fn a_workflow_runs_by_its_id_below_the_node() {
        let node = json!({"type": "SubWorkflowNode", "workflow_id": "greeting", "inputs": {"name": "{{inputs.who}}"}});
        let ran = Lab::default()
            .inputs(json!({"who": "Ada"}))
            .workflow("greeting", &greeting())
            .run_node(node)
            .await;
        assert_eq!(
            ran.output(),
            json!({"result": {"say": {"text": "Hello Ada"}}})
        );
        let path = ran.path(ran.span("say"));
        assert_eq!(
            (path[1].as_str(), path.last().map(String::as_str)),
            ("node", Some("say"))
        );
        assert_eq!(
            ran.spans
                .iter()
                .map(|span| span.span_context.trace_id())
                .collect::<std::collections::HashSet<_>>()
                .len(),
            1
        );
    }

    #[tokio::test]
    async fn a_workflow_may_be_written_in_place_and_its_templates_are_its_own() {
        let node = json!({"type": "SubWorkflowNode", "graph": greeting(), "inputs": {"name": "{{inputs.who}}"}});
        let ran = Lab::default()
            .inputs(json!({"who": "{{results.gone}}"}))
            .run_node(node)
            .await;
        assert_eq!(
            ran.output()["result"]["say"]["text"],
            "Hello {{results.gone}}"
        );
    }

    #[tokio::test]
    async fn steps_run_in_order_and_see_the_results_before_them() {
        let document = json!({
            "nodes": [
                {"name": "before", "type": "SetVariableNode", "variables": {"n": 1}},
                {"name": "node", "type": "SubWorkflowNode", "include_state": true, "steps": [
                    {"type": "SetVariableNode", "variables": {"n": "{{before.n}}"}},
                    {"name": "second", "type": "SetVariableNode",
                        "variables": {"sum": "{{results.SetVariableNode.n}}+{{results.before.n}}+{{SetVariableNode.n}}"}},
                ]},
            ],
            "edges": [["START", "before"], ["before", "node"]],
        });
        let output = Lab::default().run(&document).await.output();
        let steps = json!([{"name": "SetVariableNode", "result": {"n": 1}}, {"name": "second", "result": {"sum": "1+1+1"}}]);
        assert_eq!(output["steps"], steps);
        assert_eq!(output["result"], json!({"sum": "1+1+1"}));
        assert_eq!(output["state"]["results"]["before"], json!({"n": 1}));
        assert_eq!(
            output["state"]["results"]["second"],
            json!({"sum": "1+1+1"})
        );
    }

    #[tokio::test]
    async fn the_result_may_be_an_earlier_step_s() {
        let step = |name: &str| json!({"name": name, "type": "SetVariableNode", "variables": {"is": name}});
        let node =
            json!({"type": "SubWorkflowNode", "steps": [step("a"), step("b")], "result_step": "a"});
        assert_eq!(
            Lab::default().run_node(node).await.output()["result"],
            json!({"is": "a"})
        );
        let node = json!({"type": "SubWorkflowNode", "steps": [step("a")], "result_step": "z"});
        assert_eq!(
            node_error(node).await.message,
            "result_step: there is no step called `z`"
        );
    }

    #[tokio::test]
    async fn the_results_of_steps_may_be_left_for_the_nodes_after() {
        let step = json!({"name": "step", "type": "SetVariableNode", "variables": {"n": 7}});
        let sub = |propagate: bool| {
            let mut sub = json!({"name": "sub", "type": "SubWorkflowNode", "steps": [step]});
            sub["propagate_to_parent"] = propagate.into();
            let after = json!({"name": "node", "type": "SetVariableNode", "variables": {"n": "{{step.n}}"}});
            json!({"nodes": [sub, after], "edges": [["START", "sub"], ["sub", "node"]]})
        };
        assert_eq!(
            Lab::default().run(&sub(true)).await.output(),
            json!({"n": 7})
        );
        assert_eq!(
            Lab::default().run(&sub(false)).await.error().code,
            "UNRESOLVED_TEMPLATE"
        );
    }

    #[tokio::test]
    async fn steps_of_one_name_are_told_apart_by_their_iteration() {
        let step = json!({"type": "SetVariableNode", "variables": {"n": "{{inputs.n}}"}});
        let node = json!({"type": "SubWorkflowNode", "steps": [step, step]});
        let lab = Lab::default().inputs(json!({"n": 1}));
        let ran = lab.run_node(node).await;
        let iterations: Vec<Value> = ran
            .spans("SetVariableNode")
            .iter()
            .map(|span| span.attribute("orcheo.node.iteration"))
            .collect();
        assert_eq!(iterations, [1, 2]);
    }

    #[tokio::test]
    async fn no_steps_give_no_result() {
        let output = Lab::default()
            .run_node(json!({"type": "SubWorkflowNode"}))
            .await
            .output();
        assert_eq!(output, json!({"steps": [], "result": null}));
    }

    #[tokio::test]
    async fn a_workflow_that_is_not_there_or_not_valid_is_told() {
        let error = node_error(json!({"type": "SubWorkflowNode", "workflow_id": "gone"})).await;
        assert_eq!(error.code, "WORKFLOW_UNAVAILABLE");
        let graph =
            json!({"nodes": [{"name": "a", "type": "Nonsense"}], "edges": [["START", "a"]]});
        let document = json!({
            "nodes": [{"name": "node", "type": "SubWorkflowNode", "graph": "{{inputs.graph}}"}], "edges": [["START", "node"]],
        });
        let error = Lab::default()
            .inputs(json!({"graph": graph}))
            .run(&document)
            .await
            .error();
        assert_eq!(error.code, "INVALID_PARAMETERS");
    }

    #[tokio::test]
    async fn a_workflow_that_runs_itself_ends_at_the_nesting_limit() {
        let endless = json!({
            "nodes": [{"name": "again", "type": "SubWorkflowNode", "workflow_id": "endless"}], "edges": [["START", "again"]],
        });
        let error = Lab::default()
            .workflow("endless", &endless)
            .run(&endless)
            .await
            .error();
        assert_eq!(error.code, "NESTING_LIMIT");
    }
}
