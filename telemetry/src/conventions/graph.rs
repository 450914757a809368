//! Which span of a LangGraph run is the graph, and which a node of it.
//!
//! Its tracers say in which node of the graph a span is, on every span below that node as well, and only in metadata.

use serde_json::Value;

use super::Attribute;
use super::table::{Field, Fields};

const LIBRARY: &str = "langgraph";
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
        let metadata = fields
            .text(Field::GraphMetadata)
            .and_then(|text| serde_json::from_str::<Value>(&text).ok());
        let told = |field, key: &str| {
            let in_metadata = || metadata.as_ref()?.get(key)?.as_str().map(str::to_owned);
            let own = fields.text(field).map(|text| text.into_owned());
            own.or_else(in_metadata)
        };
        let node = told(Field::GraphNode, "langgraph_node");
        let is_graph = || {
            told(Field::GraphLibrary, "ls_integration").is_some_and(|library| library == LIBRARY)
        };
        match node {
            Some(node) if node == name && !node.starts_with("__") => Self::Node(node),
            Some(_) => Self::Neither,
            None if is_graph() => Self::Whole((name != UNNAMED).then(|| name.to_owned())),
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
