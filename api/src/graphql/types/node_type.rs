//! `NodeType`.

use async_graphql::SimpleObject;

use super::NodeCategory;
use crate::graphql::scalars::Json;

/// A type of node that workflows may use.
#[derive(Debug, Clone, SimpleObject)]
pub struct NodeType {
    /// The name to write as a node's `type`.
    pub name: String,
    /// Other names that mean the same.
    pub aliases: Vec<String>,
    /// Whether it decides a conditional edge: it stands among a workflow's `edge_nodes`, not among its `nodes`.
    pub decides: bool,
    /// What kind of work it does.
    pub category: NodeCategory,
    /// What it does, in a sentence or two.
    pub description: String,
    /// Whether it acts on the world outside the run, so that doing it twice is not the same as once.
    pub effects: bool,
    /// JSON Schema (2020-12) of its own parameters, without those that all nodes share.
    pub schema: Json,
}

impl NodeType {
    pub(crate) fn new(kind: &orcheo_engine::NodeType, decides: bool) -> Self {
        Self {
            name: kind.name.to_owned(),
            aliases: kind.aliases.iter().map(ToString::to_string).collect(),
            decides,
            category: kind.category.into(),
            description: kind.description.to_owned(),
            effects: kind.effects,
            schema: Json::from_value(&kind.schema),
        }
    }
}
