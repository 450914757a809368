//! Artifacts by id, by span, and as pages of executions.

use std::collections::HashMap;

use async_graphql::dataloader::Loader;
use orcheo_store::{
    ExecutionId,
    models::{
        artifacts::{Artifact, ArtifactKey},
        spans::SpanKey,
    },
    page::{Page, Slice},
};
use uuid::Uuid;

use super::{Reader, group_by};
use crate::error::ApiError;

/// An artifact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct ArtifactById(pub(crate) ArtifactKey);

/// The artifacts of a span.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct ArtifactsOfSpan(pub(crate) SpanKey);

/// A page of an execution's artifacts.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct ArtifactPage {
    pub(crate) execution: ExecutionId,
    pub(crate) page: Page<Uuid>,
}

impl Loader<ArtifactById> for Reader {
    type Value = Artifact;
    type Error = ApiError;

    async fn load(
        &self,
        keys: &[ArtifactById],
    ) -> Result<HashMap<ArtifactById, Artifact>, ApiError> {
        let keys: Vec<ArtifactKey> = keys.iter().map(|key| key.0).collect();
        let found = Artifact::by_ids(&mut *self.connection().await?, &keys).await?;
        Ok(found
            .into_iter()
            .map(|artifact| (ArtifactById(artifact.key()), artifact))
            .collect())
    }
}

impl Loader<ArtifactsOfSpan> for Reader {
    type Value = Vec<Artifact>;
    type Error = ApiError;

    async fn load(
        &self,
        keys: &[ArtifactsOfSpan],
    ) -> Result<HashMap<ArtifactsOfSpan, Self::Value>, ApiError> {
        let keys: Vec<SpanKey> = keys.iter().map(|key| key.0).collect();
        let found = Artifact::by_spans(&mut *self.connection().await?, &keys).await?;
        Ok(found
            .into_iter()
            .map(|(span, artifacts)| (ArtifactsOfSpan(span), artifacts))
            .collect())
    }
}

impl Loader<ArtifactPage> for Reader {
    type Value = Slice<Artifact>;
    type Error = ApiError;

    async fn load(
        &self,
        keys: &[ArtifactPage],
    ) -> Result<HashMap<ArtifactPage, Self::Value>, ApiError> {
        let mut connection = self.connection().await?;
        let mut found = HashMap::with_capacity(keys.len());
        for (page, executions) in group_by(keys, |key| (key.page.clone(), key.execution)) {
            let slices = Artifact::pages(
                &mut connection,
                &executions,
                &page,
                self.budget.row_cap(executions.len())?,
            )
            .await?;
            self.budget
                .spend(slices.values().map(|slice| slice.rows.len()).sum())?;
            found.extend(slices.into_iter().map(|(execution, slice)| {
                (
                    ArtifactPage {
                        execution,
                        page: page.clone(),
                    },
                    slice,
                )
            }));
        }
        Ok(found)
    }
}
