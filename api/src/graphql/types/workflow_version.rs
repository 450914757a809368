//! `WorkflowVersion`.

use std::sync::Arc;

use async_graphql::Object;
use orcheo_store::models::workflows;

use crate::graphql::scalars::{DateTime, Json};

/// One version of a workflow. It never changes; saving the same source again is the same version.
#[derive(Debug)]
pub struct WorkflowVersion {
    row: Arc<workflows::WorkflowVersion>,
}

/// One version of a workflow. It never changes; saving the same source again is the same version.
#[Object]
impl WorkflowVersion {
    /// The workflow's own id.
    async fn workflow_id(&self) -> &str {
        &self.row.workflow_id
    }

    /// The version's number, from 1.
    async fn version(&self) -> i32 {
        self.row.version
    }

    /// The name that this version gives the workflow.
    async fn name(&self) -> &str {
        &self.row.name
    }

    /// The parsed definition.
    async fn definition(&self) -> Json {
        Json::from_text(self.row.definition.as_str().to_owned())
    }

    /// The text as it was saved: YAML or JSON.
    async fn source(&self) -> &str {
        &self.row.source
    }

    /// When it was saved.
    async fn created_at(&self) -> DateTime {
        DateTime::from_unix_nanos(self.row.created_ns)
    }
}

impl WorkflowVersion {
    pub(crate) fn new(row: Arc<workflows::WorkflowVersion>) -> Self {
        Self { row }
    }
}
