//! The tools of an agent: nodes and workflows that a model may call.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use jsonschema::Validator;
use opentelemetry::KeyValue;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::super::{inline, path::Path};
use crate::attributes as key;
use crate::context::{NestedNode, NodeContext};
use crate::error::{NodeError, codes};
use crate::models::{Message, ToolCall, ToolDefinition};
use crate::spans::SpanSpec;
use crate::{NodeDefinition, Workflow};

/// A tool: a `node`, a `workflow` by its id, or a workflow written in place (`graph`).
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ToolParams {
    /// What the model calls it by: letters, digits, `_` and `-`.
    #[schemars(regex(pattern = "^[A-Za-z0-9_-]{1,64}$"))]
    name: String,
    /// Tells the model what the tool is good for.
    description: Option<String>,
    /// A JSON Schema of the arguments. A workflow's default inputs stand in for a missing one.
    args_schema: Option<Value>,
    /// The node to run; the arguments are `{{args.…}}` in its templates.
    node: Option<Map<String, Value>>,
    /// The id of the workflow to run; the arguments are its inputs.
    workflow: Option<String>,
    /// The workflow's version; without it the newest.
    version: Option<i32>,
    /// The workflow to run; the arguments are its inputs.
    graph: Option<Value>,
    /// Dotted path of the part of the result that the model is given.
    output_path: Option<String>,
}

/// Tools, ready to be called.
pub(super) struct ToolBox {
    tools: Vec<Tool>,
}

struct Tool {
    definition: ToolDefinition,
    arguments: Validator,
    action: Action,
    output_path: Option<String>,
    calls: AtomicU32,
}

enum Action {
    Node(Box<NodeDefinition>),
    Workflow(Arc<Workflow>),
}

impl ToolBox {
    /// Loads the tools' workflows and compiles their schemas, so that a broken tool is found before a model is asked.
    pub(super) async fn open(tools: Vec<ToolParams>, cx: &NodeContext) -> Result<Self, NodeError> {
        let mut names = HashSet::new();
        let mut opened = Vec::with_capacity(tools.len());
        for tool in tools {
            if !names.insert(tool.name.clone()) {
                let problem = format!("tools: two are called `{}`", tool.name);
                return Err(NodeError::invalid_parameters(problem));
            }
            opened.push(tool.open(cx).await?);
        }
        Ok(Self { tools: opened })
    }

    pub(super) fn definitions(&self) -> Vec<ToolDefinition> {
        self.tools
            .iter()
            .map(|tool| tool.definition.clone())
            .collect()
    }

    /// Calls a tool on a span of its own. What goes wrong with it is told to the model, which may do better.
    ///
    /// # Errors
    /// Only what ends the run.
    pub(super) async fn call(
        &self,
        cx: &NodeContext,
        call: &ToolCall,
    ) -> Result<Message, NodeError> {
        let tool = self
            .tools
            .iter()
            .find(|tool| tool.definition.name == call.name);
        let span = cx.child(tool_span(call, tool));
        let result = match tool {
            Some(tool) => tool.run(span.context(), call).await,
            None => Err(NodeError::new(
                "UNKNOWN_TOOL",
                format!("there is no tool called `{}`", call.name),
            )),
        };
        if let Ok(result) = &result {
            span.set(KeyValue::new(
                key::GEN_AI_TOOL_CALL_RESULT,
                result.to_string(),
            ));
        }
        span.finish(&result);
        let content = match result {
            Ok(Value::String(text)) => text,
            Ok(result) => result.to_string(),
            Err(error) if matches!(&*error.code, codes::CANCELLED | codes::JOURNAL_FAILED) => {
                return Err(error);
            }
            Err(error) => format!("Error: {error}"),
        };
        Ok(Message::Tool {
            call_id: call.id.clone(),
            name: call.name.clone(),
            content,
        })
    }
}

fn tool_span(call: &ToolCall, tool: Option<&Tool>) -> SpanSpec {
    let description = tool.map(|tool| {
        KeyValue::new(
            key::GEN_AI_TOOL_DESCRIPTION,
            tool.definition.description.clone(),
        )
    });
    SpanSpec::new(format!("execute_tool {}", call.name))
        .attributes([
            KeyValue::new(key::GEN_AI_OPERATION_NAME, "execute_tool"),
            KeyValue::new(key::GEN_AI_TOOL_NAME, call.name.clone()),
            KeyValue::new(key::GEN_AI_TOOL_TYPE, "function"),
            KeyValue::new(key::GEN_AI_TOOL_CALL_ID, call.id.clone()),
            KeyValue::new(
                key::GEN_AI_TOOL_CALL_ARGUMENTS,
                call.arguments_json().to_string(),
            ),
        ])
        .attributes(description)
}

impl Tool {
    async fn run(&self, cx: &NodeContext, call: &ToolCall) -> Result<Value, NodeError> {
        let arguments = self.arguments(call)?;
        let result = match &self.action {
            Action::Node(definition) => {
                let locals = Map::from_iter([("args".to_owned(), Value::Object(arguments))]);
                let iteration = self.calls.fetch_add(1, Ordering::Relaxed) + 1;
                cx.run_node(NestedNode {
                    definition,
                    locals,
                    iteration,
                    durable: false,
                })
                .await?
            }
            Action::Workflow(workflow) => {
                cx.run_workflow(Arc::clone(workflow), arguments, false)
                    .await?
            }
        };
        let Some(path) = &self.output_path else {
            return Ok(result);
        };
        let found = Path::parse(path, "output_path")?.find(&result).cloned();
        found.ok_or_else(|| {
            NodeError::new(
                "NO_TOOL_OUTPUT",
                format!("the result has nothing at output_path `{path}`"),
            )
        })
    }

    /// The call's arguments with the schema's defaults, if they satisfy it.
    fn arguments(&self, call: &ToolCall) -> Result<Map<String, Value>, NodeError> {
        let wrong = |problem: String| NodeError::new("INVALID_TOOL_ARGUMENTS", problem);
        let Value::Object(mut arguments) = call.arguments_json() else {
            return Err(wrong("the arguments are not a JSON object".to_owned()));
        };
        let properties = self
            .definition
            .parameters
            .get("properties")
            .and_then(Value::as_object);
        for (name, property) in properties.into_iter().flatten() {
            if let Some(default) = property.get("default")
                && !arguments.contains_key(name)
            {
                arguments.insert(name.clone(), default.clone());
            }
        }
        let arguments = Value::Object(arguments);
        let problems: Vec<String> = self
            .arguments
            .iter_errors(&arguments)
            .map(|error| error.to_string())
            .collect();
        match arguments {
            Value::Object(arguments) if problems.is_empty() => Ok(arguments),
            _ => Err(wrong(problems.join("; "))),
        }
    }
}

impl ToolParams {
    async fn open(self, cx: &NodeContext) -> Result<Tool, NodeError> {
        let place = format!("tool `{}`", self.name);
        let wrong = |problem: String| NodeError::invalid_parameters(format!("{place}: {problem}"));
        let action = match (self.node, self.workflow, self.graph) {
            (Some(mut node), None, None) => {
                node.entry("name")
                    .or_insert_with(|| self.name.clone().into());
                let definition = NodeDefinition::deserialize(Value::Object(node));
                let definition = definition.map_err(|error| wrong(format!("node: {error}")))?;
                Action::Node(Box::new(definition))
            }
            (None, Some(id), None) => Action::Workflow(cx.load_workflow(&id, self.version).await?),
            (None, None, Some(graph)) => {
                let workflow = inline::workflow(&graph, &format!("{place}: graph"), cx)?;
                Action::Workflow(Arc::new(workflow))
            }
            _ => return Err(wrong("give one of node, workflow and graph".to_owned())),
        };
        let parameters = self.args_schema.unwrap_or_else(|| action.arguments());
        let arguments = jsonschema::validator_for(&parameters)
            .map_err(|error| wrong(format!("args_schema is not a JSON Schema: {error}")))?;
        let description = self
            .description
            .or_else(|| action.description())
            .unwrap_or_default();
        let definition = ToolDefinition {
            name: self.name,
            description,
            parameters,
        };
        Ok(Tool {
            definition,
            arguments,
            action,
            output_path: self.output_path,
            calls: AtomicU32::new(0),
        })
    }
}

impl Action {
    fn description(&self) -> Option<String> {
        match self {
            Self::Node(definition) => definition.description.clone(),
            Self::Workflow(workflow) => Some(
                workflow
                    .description
                    .clone()
                    .unwrap_or_else(|| workflow.name.clone()),
            ),
        }
    }

    /// The schema of a workflow's inputs, as its defaults tell it; none for a node.
    fn arguments(&self) -> Value {
        let properties: Map<String, Value> = match self {
            Self::Node(_) => Map::new(),
            Self::Workflow(workflow) => workflow
                .inputs
                .iter()
                .map(|(name, value)| (name.clone(), schema_of(value)))
                .collect(),
        };
        json!({"type": "object", "properties": properties})
    }
}

fn schema_of(value: &Value) -> Value {
    match value {
        Value::Null => json!({}),
        Value::Bool(_) => json!({"type": "boolean"}),
        Value::Number(_) => json!({"type": "number"}),
        Value::String(_) => json!({"type": "string"}),
        Value::Array(_) => json!({"type": "array"}),
        Value::Object(_) => json!({"type": "object"}),
    }
}
