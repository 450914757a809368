//! What a run needs from the program around it: a place for artifacts, other workflows, credentials.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use opentelemetry::trace::SpanContext;

use crate::workflow::Workflow;

/// A file that a node made.
#[derive(Debug, Clone)]
pub struct NewArtifact {
    pub name: String,
    pub media_type: String,
    pub bytes: Bytes,
    /// The span of the node that made it.
    pub span: SpanContext,
}

/// A stored artifact.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct ArtifactRef {
    pub id: String,
    pub size_bytes: u64,
    /// Lower-case hex digits.
    pub sha256: String,
}

/// An artifact could not be stored.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{message}")]
pub struct ArtifactError {
    pub message: String,
    /// Whether another attempt may succeed.
    pub retryable: bool,
}

/// Stores artifacts.
#[async_trait::async_trait]
pub trait ArtifactSink: Send + Sync + 'static {
    /// Returns when the bytes are stored.
    async fn put(&self, artifact: NewArtifact) -> Result<ArtifactRef, ArtifactError>;
}

/// A sub-workflow could not be loaded.
#[derive(Debug, Clone, thiserror::Error)]
pub enum WorkflowSourceError {
    #[error("there is no such workflow")]
    NotFound,
    #[error("{0}")]
    Unavailable(String),
}

/// Finds workflows by id, for sub-workflows and agents' tools.
#[async_trait::async_trait]
pub trait WorkflowSource: Send + Sync + 'static {
    /// The given version, else the newest.
    async fn load(
        &self,
        id: &str,
        version: Option<i32>,
    ) -> Result<Arc<Workflow>, WorkflowSourceError>;
}

/// A credential's value. `Debug` hides it; it has no `Display` and cannot be serialised.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    pub fn new(value: impl Into<String>) -> Self {
        Self(value.into())
    }

    /// The value itself: for the call that needs it, never for a span, a log or an error.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Values of the `[[name]]` placeholders.
pub trait Credentials: Send + Sync + 'static {
    /// Text, or a JSON object's text, out of which `[[name#path]]` picks.
    fn get(&self, name: &str) -> Option<Secret>;
}

/// No artifacts, no other workflows, no credentials.
#[derive(Debug, Clone, Copy, Default)]
pub struct Nothing;

#[async_trait::async_trait]
impl ArtifactSink for Nothing {
    async fn put(&self, _artifact: NewArtifact) -> Result<ArtifactRef, ArtifactError> {
        Err(ArtifactError {
            message: "this run has no place for artifacts".into(),
            retryable: false,
        })
    }
}

#[async_trait::async_trait]
impl WorkflowSource for Nothing {
    async fn load(
        &self,
        _id: &str,
        _version: Option<i32>,
    ) -> Result<Arc<Workflow>, WorkflowSourceError> {
        Err(WorkflowSourceError::NotFound)
    }
}

impl Credentials for Nothing {
    fn get(&self, _name: &str) -> Option<Secret> {
        None
    }
}
