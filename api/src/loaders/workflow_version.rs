//! Versions of workflows, one by one and as pages.

use std::{collections::HashMap, sync::Arc};

use async_graphql::dataloader::Loader;
use orcheo_store::{
    models::workflows::WorkflowVersion,
    page::{Page, Slice},
};

use super::{Reader, group_by};
use crate::error::ApiError;

/// A version of a workflow, by the workflow's own id and the version's number.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct VersionByKey(pub(crate) String, pub(crate) i32);

/// A page of a workflow's versions.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct VersionPage {
    pub(crate) workflow: String,
    pub(crate) page: Page<i32>,
}

impl Loader<VersionByKey> for Reader {
    type Value = Arc<WorkflowVersion>;
    type Error = ApiError;

    async fn load(
        &self,
        keys: &[VersionByKey],
    ) -> Result<HashMap<VersionByKey, Self::Value>, ApiError> {
        let keys: Vec<(String, i32)> = keys.iter().map(|key| (key.0.clone(), key.1)).collect();
        let mut connection = self.connection().await?;
        let found =
            WorkflowVersion::by_keys(&mut connection, self.store.workspace(), &keys).await?;
        Ok(found
            .into_iter()
            .map(|version| {
                (
                    VersionByKey(version.workflow_id.clone(), version.version),
                    Arc::new(version),
                )
            })
            .collect())
    }
}

impl Loader<VersionPage> for Reader {
    type Value = Slice<Arc<WorkflowVersion>>;
    type Error = ApiError;

    async fn load(
        &self,
        keys: &[VersionPage],
    ) -> Result<HashMap<VersionPage, Self::Value>, ApiError> {
        let mut connection = self.connection().await?;
        let mut found = HashMap::with_capacity(keys.len());
        for (page, workflows) in group_by(keys, |key| (key.page.clone(), key.workflow.clone())) {
            let workspace = self.store.workspace();
            let slices = WorkflowVersion::pages(
                &mut connection,
                workspace,
                &workflows,
                &page,
                self.budget.row_cap(workflows.len())?,
            )
            .await?;
            self.budget
                .spend(slices.values().map(|slice| slice.rows.len()).sum())?;
            found.extend(slices.into_iter().map(|(workflow, slice)| {
                (
                    VersionPage {
                        workflow,
                        page: page.clone(),
                    },
                    slice.map(Arc::new),
                )
            }));
        }
        Ok(found)
    }
}
