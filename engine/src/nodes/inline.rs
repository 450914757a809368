//! Workflows that are written inside of a node's parameters.

use serde_json::Value;

use crate::Workflow;
use crate::context::NodeContext;
use crate::error::NodeError;

/// Parses the workflow in the parameter of this name. Without an `id` of its own it has the node's name.
pub(super) fn workflow(
    graph: &Value,
    parameter: &str,
    cx: &NodeContext,
) -> Result<Workflow, NodeError> {
    Workflow::parse_with(&format!("{graph:#}"), &cx.node().name, cx.catalog()).map_err(|problems| {
        let found: Vec<String> = problems
            .0
            .iter()
            .map(|problem| match problem.path.as_str() {
                "" => format!("{parameter}: {}", problem.message),
                path => format!("{parameter}: {path}: {}", problem.message),
            })
            .collect();
        NodeError::invalid_parameters(found.join("; "))
    })
}
