//! Executions by id.

use std::{collections::HashMap, sync::Arc};

use async_graphql::dataloader::Loader;
use orcheo_store::{ExecutionId, models::executions::ExecutionState};

use super::Reader;
use crate::error::ApiError;

/// An execution.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct ExecutionById(pub(crate) ExecutionId);

impl Loader<ExecutionById> for Reader {
    type Value = Arc<ExecutionState>;
    type Error = ApiError;

    async fn load(
        &self,
        keys: &[ExecutionById],
    ) -> Result<HashMap<ExecutionById, Self::Value>, ApiError> {
        let ids: Vec<ExecutionId> = keys.iter().map(|key| key.0).collect();
        let mut connection = self.connection().await?;
        let found = ExecutionState::by_ids(&mut connection, self.store.workspace(), &ids).await?;
        self.pins.observe_executions(&found);
        Ok(found
            .into_iter()
            .map(|state| (ExecutionById(state.execution.execution_id), Arc::new(state)))
            .collect())
    }
}
