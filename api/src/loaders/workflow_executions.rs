//! The executions of workflows: pages, and sums over the newest.

use std::{collections::HashMap, sync::Arc};

use async_graphql::dataloader::Loader;
use orcheo_store::{
    ExecutionId,
    models::executions::{ExecutionFilter, ExecutionState, ExecutionStats},
    page::{Page, Slice},
};

use super::{Reader, group_by};
use crate::error::ApiError;

/// A page of a workflow's executions.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct WorkflowExecutionPage {
    pub(crate) workflow: String,
    pub(crate) filter: ExecutionFilter,
    pub(crate) page: Page<ExecutionId>,
}

/// Sums over the newest executions of a workflow.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct StatsOfWorkflow(pub(crate) String);

impl Loader<WorkflowExecutionPage> for Reader {
    type Value = Slice<Arc<ExecutionState>>;
    type Error = ApiError;

    async fn load(
        &self,
        keys: &[WorkflowExecutionPage],
    ) -> Result<HashMap<WorkflowExecutionPage, Self::Value>, ApiError> {
        let mut connection = self.connection().await?;
        let workspace = self.store.workspace();
        let mut found = HashMap::with_capacity(keys.len());
        let groups = group_by(keys, |key| {
            ((key.filter.clone(), key.page.clone()), key.workflow.clone())
        });
        for ((filter, page), workflows) in groups {
            let slices = ExecutionState::pages_of_workflows(
                &mut connection,
                workspace,
                &workflows,
                filter.clone(),
                &page,
                self.budget.row_cap(workflows.len())?,
            )
            .await?;
            self.budget
                .spend(slices.values().map(|slice| slice.rows.len()).sum())?;
            self.pins
                .observe_executions(slices.values().flat_map(|slice| &slice.rows));
            found.extend(slices.into_iter().map(|(workflow, slice)| {
                let key = WorkflowExecutionPage {
                    workflow,
                    filter: filter.clone(),
                    page: page.clone(),
                };
                (key, slice.map(Arc::new))
            }));
        }
        Ok(found)
    }
}

impl Loader<StatsOfWorkflow> for Reader {
    type Value = ExecutionStats;
    type Error = ApiError;

    async fn load(
        &self,
        keys: &[StatsOfWorkflow],
    ) -> Result<HashMap<StatsOfWorkflow, ExecutionStats>, ApiError> {
        let workflows: Vec<String> = keys.iter().map(|key| key.0.clone()).collect();
        let mut connection = self.connection().await?;
        let stats =
            ExecutionState::stats(&mut connection, self.store.workspace(), &workflows).await?;
        Ok(stats
            .into_iter()
            .map(|(workflow, stats)| (StatsOfWorkflow(workflow), stats))
            .collect())
    }
}
