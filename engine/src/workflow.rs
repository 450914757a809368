//! A workflow as data.

use std::fmt;
use std::sync::Arc;

use indexmap::IndexMap;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::definition::NodeDefinition;
use crate::graph::Graph;
use crate::node::NodeCatalog;
use crate::validate;

/// One thing wrong with a document, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// Within the document, for instance `nodes[2].retry.max_attempts`; empty for the document as a whole.
    pub path: String,
    /// From 1.
    pub line: u32,
    /// In characters, from 1.
    pub column: u32,
    pub message: String,
}

/// Everything wrong with a document, in the order of its lines. Never empty as an error.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problems(pub Vec<Problem>);

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, problem) in self.0.iter().enumerate() {
            if number > 0 {
                writeln!(f)?;
            }
            write!(f, "{}:{}: ", problem.line, problem.column)?;
            if !problem.path.is_empty() {
                write!(f, "{}: ", problem.path)?;
            }
            f.write_str(&problem.message)?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}

/// A valid workflow. Made by parsing only.
#[derive(Debug, Clone)]
pub struct Workflow {
    pub id: String,
    pub name: String,
    pub description: Option<String>,
    /// The document's text, as given.
    pub source: Arc<str>,
    /// The document as JSON.
    pub definition: Value,
    /// Defaults.
    pub inputs: Map<String, Value>,
    /// Steps in sequence.
    pub recursion_limit: u32,
    /// Whether its spans, and its runs as they are stored, tell what it works with.
    pub capture_content: bool,
    /// In the document's order; the graph's indices count them.
    pub(crate) nodes: Vec<NodeDefinition>,
    pub(crate) edge_nodes: IndexMap<String, NodeDefinition>,
    pub(crate) graph: Graph,
}

impl Workflow {
    /// Parses a YAML or JSON text with the built-in node types. `default_id` is for documents without an `id`, usually the
    /// file's stem; it may be empty where there is none.
    pub fn parse(source: &str, default_id: &str) -> Result<Self, Problems> {
        Self::parse_with(source, default_id, &NodeCatalog::builtin())
    }

    /// The same with these node types.
    pub fn parse_with(
        source: &str,
        default_id: &str,
        catalog: &NodeCatalog,
    ) -> Result<Self, Problems> {
        validate::parse(source, default_id, catalog)
    }

    /// Parses a document that is JSON already; places in problems are those of its indented text, which becomes the source.
    pub fn from_value(definition: &Value, default_id: &str) -> Result<Self, Problems> {
        Self::parse(&format!("{definition:#}"), default_id)
    }

    /// What a valid document, as JSON, says about [`Self::capture_content`].
    #[must_use]
    pub fn captures_content(definition: &Value) -> bool {
        definition["trace"]["capture_content"] != Value::Bool(false)
    }

    /// The defaults with the given inputs over them.
    pub(crate) fn inputs_with(&self, given: Map<String, Value>) -> Value {
        let mut inputs = self.inputs.clone();
        inputs.extend(given);
        Value::Object(inputs)
    }

    /// The nodes, in the document's order.
    pub fn nodes(&self) -> impl Iterator<Item = &NodeDefinition> {
        self.nodes.iter()
    }
}
