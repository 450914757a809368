//! Which span of a LangGraph run is the graph, and which a node of it.
//!
//! Its tracers say in which node of the graph a span is, on every span below that node as well, and only in metadata.

use serde_json::Value;

use super::Attribute;
use super::table::{Field, Fields};

/// What LangGraph calls a graph that has no name.
const UNNAMED: &str = "LangGraph";

/// What a span is in a graph.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Graph {
    /// The graph itself, with its name if it has one.
    Whole(Option<String>),
    Node(String),
    Neither,
}

impl Graph {
    /// What the span called `name` is.
    pub(super) fn of<A: Attribute>(name: &str, fields: &Fields<'_, A>) -> Self {
        let metadata = || serde_json::from_str::<Value>(&fields.text(Field::GraphMetadata)?).ok();
        let (node, is_graph) = match fields.text(Field::GraphNode) {
            Some(node) => (Some(node.into_owned()), false),
            None => {
                let metadata = metadata().unwrap_or_default();
                let text = |key: &str| metadata.get(key).and_then(Value::as_str);
                (
                    text("langgraph_node").map(str::to_owned),
                    text("ls_integration") == Some("langgraph"),
                )
            }
        };
        match node {
            Some(node) if node == name && !node.starts_with("__") => Self::Node(node),
            Some(_) => Self::Neither,
            None if is_graph => Self::Whole((name != UNNAMED).then(|| name.to_owned())),
            None => Self::Neither,
        }
    }

    pub(super) fn node_id(&self) -> Option<String> {
        match self {
            Self::Node(node) => Some(node.clone()),
            Self::Whole(_) | Self::Neither => None,
        }
    }

    /// What it calls the workflow.
    pub(super) fn workflow(&self) -> Option<String> {
        match self {
            Self::Whole(name) => name.clone(),
            Self::Node(_) | Self::Neither => None,
        }
    }
}
