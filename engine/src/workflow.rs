//! A workflow as data.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A node as the document defines it. Templates are not resolved yet.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct NodeDefinition {
    /// Unique in its workflow.
    pub name: String,
    /// A type of the catalogue.
    #[serde(rename = "type")]
    pub kind: String,
    /// Shown instead of the name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Seconds one attempt may take.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.001, max = 604_800))]
    pub timeout: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry: Option<Retry>,
    /// Where an editor draws it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<Value>,
    /// Notes of other programs; the engine does not read them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Value>,
    /// The type's own parameters.
    #[serde(flatten)]
    pub parameters: Map<String, Value>,
}

/// How often and how soon a failed node is tried again.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Retry {
    /// The first one included.
    #[schemars(range(min = 1, max = 100))]
    pub max_attempts: u32,
    /// Seconds before the second attempt; doubles with each further one, up to a minute.
    #[serde(default)]
    #[schemars(range(min = 0, max = 3_600))]
    pub backoff: f64,
}

impl NodeDefinition {
    pub fn display_name(&self) -> &str {
        self.display_name.as_deref().unwrap_or(&self.name)
    }

    pub(crate) fn timeout(&self) -> Option<Duration> {
        self.timeout
            .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
    }
}

/// One thing wrong with a document, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// Within the document, for instance `nodes[2].retry.max_attempts`.
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

/// A valid workflow.
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
}
