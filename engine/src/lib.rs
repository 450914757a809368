//! Runs workflows and reports every step as an OpenTelemetry span.
//!
//! The engine knows no database and no web server: what it tells about a run it tells in spans, and what must not be
//! forgotten it hands to the [`Journal`] it was given.

#[cfg(test)]
extern crate self as orcheo_engine;

mod attempt;
pub mod attributes;
mod capture;
mod child_span;
mod conditions;
mod context;
mod deciders;
mod definition;
mod document;
mod engine;
mod error;
mod executor;
mod graph;
mod host;
mod journal;
mod lane;
pub mod models;
mod node;
mod nodes;
mod output;
mod run;
mod schema;
mod secrets;
mod spans;
mod state;
mod step;
mod suggest;
mod template;
mod tokens;
mod validate;
mod workflow;

pub use child_span::ChildSpan;
pub use context::{NestedNode, NodeContext, NodeInfo};
pub use definition::{NodeDefinition, Retry};
pub use engine::{Engine, EngineSettings, Limits, Run, RunError, RunOutcome, RunStatus};
pub use error::{NodeError, codes};
pub use host::{
    ArtifactError, ArtifactRef, ArtifactSink, Credentials, NewArtifact, Nothing, Secret,
    WorkflowSource, WorkflowSourceError,
};
pub use journal::{Journal, JournalError, NoJournal, StepRecord};
pub use node::{NodeCatalog, NodeCategory, NodeKind, NodeType};
pub use spans::SpanSpec;
pub use state::State;
pub use template::Resolved;
pub use tokens::TokenUsage;
pub use workflow::{Problem, Problems, Workflow};

/// Shared with the integration tests, for tests beside a node kind.
#[cfg(test)]
#[path = "../tests/support/mod.rs"]
mod testing;
