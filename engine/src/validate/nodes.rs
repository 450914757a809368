//! Reads nodes and edge nodes.

use std::sync::LazyLock;

use indexmap::IndexMap;
use serde_json::{Map, Value};

use super::Reader;
use crate::deciders;
use crate::definition::NodeDefinition;
use crate::document::DocPath;
use crate::node::{NodeCatalog, NodeType};
use crate::schema::{Checker, Mismatch};
use crate::suggest::suggestion;

pub(super) const START: &str = "START";
pub(super) const END: &str = "END";

/// By name; without a definition where the node has problems, so that edges to it still find it.
pub(super) type Named = IndexMap<String, Option<NodeDefinition>>;

/// What all nodes share, checked apart from the type's parameters: templates are not resolved there.
static COMMON: LazyLock<Checker> =
    LazyLock::new(|| Checker::strict(schemars::schema_for!(NodeDefinition).to_value()));

impl Reader<'_> {
    pub(super) fn nodes(&mut self, top: &Map<String, Value>) -> Named {
        let mut found = Named::new();
        for (path, value) in self.list(top, "nodes") {
            let Some(node) = self.entry(&path, value) else {
                continue;
            };
            let (name, kind) = (text(node, "name"), text(node, "type"));
            if matches!(kind, Some(START | END)) {
                continue;
            }
            if let Some(name @ (START | END)) = name {
                self.problem(
                    &path.key("name"),
                    format!("`{name}` is the name of a marker"),
                );
                continue;
            }
            self.insert(&mut found, &path, node, self.catalog);
        }
        if found.is_empty() && self.problems.is_empty() {
            let path = self.base.key("nodes");
            self.problem(&path, "a workflow needs at least one node");
        }
        found
    }

    pub(super) fn edge_nodes(&mut self, top: &Map<String, Value>) -> Named {
        let mut found = Named::new();
        for (path, value) in self.list(top, "edge_nodes") {
            if let Some(node) = self.entry(&path, value) {
                self.insert(&mut found, &path, node, deciders::catalog());
            }
        }
        found
    }

    fn insert(
        &mut self,
        found: &mut Named,
        path: &DocPath,
        node: &Map<String, Value>,
        catalog: &NodeCatalog,
    ) {
        let definition = self.node(path, node, catalog);
        let Some(name) = text(node, "name") else {
            return;
        };
        if found.contains_key(name) {
            self.problem(&path.key("name"), format!("there is another node `{name}`"));
        } else {
            found.insert(name.to_owned(), definition);
        }
    }

    /// Reads one node and checks its parameters against its type.
    fn node(
        &mut self,
        path: &DocPath,
        node: &Map<String, Value>,
        catalog: &NodeCatalog,
    ) -> Option<NodeDefinition> {
        let before = self.problems.len();
        let value = Value::Object(node.clone());
        self.mismatches(path, COMMON.mismatches(&value));
        let node_type = text(node, "type").and_then(|kind| {
            let node_type = catalog.get(kind);
            if node_type.is_none() {
                let message = unknown_type(kind, catalog);
                self.problem(&path.key("type"), message);
            }
            node_type
        });
        // Checked even when the common keys have problems, so that all are reported at once.
        let parameters: Map<String, Value> = node
            .iter()
            .filter(|(key, _)| !is_common(key))
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        if let Some(node_type) = node_type {
            self.mismatches(
                path,
                node_type.checker().mismatches(&Value::Object(parameters)),
            );
            self.bodies(path, node, node_type);
        }
        if self.problems.len() > before {
            return None;
        }
        serde_json::from_value(value)
            .map_err(|error| self.problem(path, error.to_string()))
            .ok()
    }

    /// Checks the nodes and graphs inside of a node.
    fn bodies(&mut self, path: &DocPath, node: &Map<String, Value>, node_type: &NodeType) {
        for key in node_type.bodies {
            if let Some(body) = node.get(*key) {
                self.body(&path.key(*key), body);
            }
        }
    }

    /// A node, a graph, something that holds either (as an agent's tool does), or a list of these.
    fn body(&mut self, path: &DocPath, body: &Value) {
        match body {
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    self.body(&path.index(index), item);
                }
            }
            Value::Object(inner) if inner.contains_key("type") => {
                let mut inner = inner.clone();
                // Where there is only one node, it needs no name.
                inner.entry("name").or_insert_with(|| "body".into());
                self.node(path, &inner, self.catalog);
            }
            Value::Object(inner) if inner.contains_key("nodes") => self.inner_graph(path, inner),
            Value::Object(inner) => {
                for key in ["node", "graph"] {
                    if let Some(body) = inner.get(key) {
                        self.body(&path.key(key), body);
                    }
                }
            }
            _ => {}
        }
    }

    fn mismatches(&mut self, path: &DocPath, mismatches: Vec<Mismatch>) {
        for Mismatch {
            steps,
            key,
            message,
        } in mismatches
        {
            let path = steps
                .into_iter()
                .fold(path.clone(), |path, step| path.with(step));
            match key {
                Some(key) => self.key_problem(&path, &key, message),
                None => self.problem(&path, message),
            }
        }
    }
}

fn text<'v>(object: &'v Map<String, Value>, key: &str) -> Option<&'v str> {
    object.get(key)?.as_str()
}

fn is_common(key: &str) -> bool {
    matches!(
        key,
        "name"
            | "type"
            | "display_name"
            | "description"
            | "timeout"
            | "retry"
            | "position"
            | "metadata"
    )
}

fn unknown_type(kind: &str, catalog: &NodeCatalog) -> String {
    let names = catalog.iter().flat_map(|node_type| {
        [node_type.name]
            .into_iter()
            .chain(node_type.aliases.iter().copied())
    });
    let near = suggestion(kind, names);
    let elsewhere = deciders::catalog().get(kind).is_some();
    if elsewhere {
        format!("`{kind}` decides a conditional edge: it belongs into `edge_nodes`")
    } else if NodeCatalog::builtin().get(kind).is_some() {
        format!("`{kind}` does not decide an edge: it belongs into `nodes`")
    } else {
        format!("there is no node type `{kind}`{near}")
    }
}
