//! Workflows by their own id.

use std::collections::HashMap;

use async_graphql::dataloader::Loader;
use orcheo_store::models::workflows::Workflow;

use super::Reader;
use crate::error::ApiError;

/// A workflow.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct WorkflowById(pub(crate) String);

impl Loader<WorkflowById> for Reader {
    type Value = Workflow;
    type Error = ApiError;

    async fn load(
        &self,
        keys: &[WorkflowById],
    ) -> Result<HashMap<WorkflowById, Workflow>, ApiError> {
        let ids: Vec<String> = keys.iter().map(|key| key.0.clone()).collect();
        let found =
            Workflow::by_ids(&mut *self.connection().await?, self.store.workspace(), &ids).await?;
        Ok(found
            .into_iter()
            .map(|workflow| (WorkflowById(workflow.workflow_id.clone()), workflow))
            .collect())
    }
}
