//! How the nodes of executions ran.

use std::collections::HashMap;

use async_graphql::dataloader::Loader;
use orcheo_store::{
    ExecutionId,
    models::spans::{self, NodeRun},
};

use super::Reader;
use crate::error::ApiError;

/// The node runs of an execution.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct NodeRunsOf(pub(crate) ExecutionId);

impl Loader<NodeRunsOf> for Reader {
    type Value = Vec<NodeRun>;
    type Error = ApiError;

    async fn load(
        &self,
        keys: &[NodeRunsOf],
    ) -> Result<HashMap<NodeRunsOf, Self::Value>, ApiError> {
        let ids: Vec<ExecutionId> = keys.iter().map(|key| key.0).collect();
        let runs = spans::node_runs(&mut *self.connection().await?, &ids).await?;
        Ok(runs
            .into_iter()
            .map(|(id, runs)| (NodeRunsOf(id), runs))
            .collect())
    }
}
