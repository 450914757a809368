//! Token usage of executions by model and by node, and what is not counted.

use std::collections::HashMap;

use async_graphql::dataloader::Loader;
use orcheo_store::{
    ExecutionId,
    models::spans::{self, ModelUsage, NodeUsage, UncountedUsage},
};

use super::Reader;
use crate::error::ApiError;

/// What each model used in an execution.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct UsageByModel(pub(crate) ExecutionId);

/// What each node used in an execution.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct UsageByNode(pub(crate) ExecutionId);

/// What the sums of an execution leave out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct UncountedUsageOf(pub(crate) ExecutionId);

impl Loader<UsageByModel> for Reader {
    type Value = Vec<ModelUsage>;
    type Error = ApiError;

    async fn load(
        &self,
        keys: &[UsageByModel],
    ) -> Result<HashMap<UsageByModel, Self::Value>, ApiError> {
        let ids: Vec<ExecutionId> = keys.iter().map(|key| key.0).collect();
        let usage = spans::usage_by_model(&mut *self.connection().await?, &ids).await?;
        Ok(usage
            .into_iter()
            .map(|(id, usage)| (UsageByModel(id), usage))
            .collect())
    }
}

impl Loader<UsageByNode> for Reader {
    type Value = Vec<NodeUsage>;
    type Error = ApiError;

    async fn load(
        &self,
        keys: &[UsageByNode],
    ) -> Result<HashMap<UsageByNode, Self::Value>, ApiError> {
        let ids: Vec<ExecutionId> = keys.iter().map(|key| key.0).collect();
        let usage = spans::usage_by_node(&mut *self.connection().await?, &ids).await?;
        Ok(usage
            .into_iter()
            .map(|(id, usage)| (UsageByNode(id), usage))
            .collect())
    }
}

impl Loader<UncountedUsageOf> for Reader {
    type Value = Vec<UncountedUsage>;
    type Error = ApiError;

    async fn load(
        &self,
        keys: &[UncountedUsageOf],
    ) -> Result<HashMap<UncountedUsageOf, Self::Value>, ApiError> {
        let ids: Vec<ExecutionId> = keys.iter().map(|key| key.0).collect();
        let usage = spans::uncounted_usage(&mut *self.connection().await?, &ids).await?;
        Ok(usage
            .into_iter()
            .map(|(id, usage)| (UncountedUsageOf(id), usage))
            .collect())
    }
}
