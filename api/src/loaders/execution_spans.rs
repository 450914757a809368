//! Pages of the spans of executions: all that a filter lets through, or the roots.

use std::{collections::HashMap, sync::Arc};

use async_graphql::dataloader::Loader;
use orcheo_store::{
    ExecutionId,
    models::spans::{self, ExecutionPages, Span, SpanFilter, SpanParts, SpanPosition},
    page::{Page, Slice},
};

use super::{Reader, group_by};
use crate::error::ApiError;

/// A page of an execution's spans.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct SpanPage {
    pub(crate) execution: ExecutionId,
    pub(crate) filter: SpanFilter,
    pub(crate) page: Page<SpanPosition>,
    pub(crate) parts: SpanParts,
}

/// A page of an execution's spans that have no parent in it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct RootPage {
    pub(crate) execution: ExecutionId,
    pub(crate) page: Page<SpanPosition>,
    pub(crate) parts: SpanParts,
}

impl Loader<SpanPage> for Reader {
    type Value = Slice<Arc<Span>>;
    type Error = ApiError;

    async fn load(&self, keys: &[SpanPage]) -> Result<HashMap<SpanPage, Self::Value>, ApiError> {
        let mut connection = self.connection().await?;
        let mut found = HashMap::with_capacity(keys.len());
        let groups = group_by(keys, |key| {
            (
                (key.filter.clone(), key.page.clone(), key.parts),
                key.execution,
            )
        });
        for ((filter, page, parts), executions) in groups {
            let pages = spans::pages(
                &mut connection,
                &executions,
                filter.clone(),
                &page,
                parts,
                self.budget.row_cap(executions.len())?,
            )
            .await?;
            found.extend(self.account(pages)?.map(|(execution, slice)| {
                let key = SpanPage {
                    execution,
                    filter: filter.clone(),
                    page: page.clone(),
                    parts,
                };
                (key, slice)
            }));
        }
        Ok(found)
    }
}

impl Loader<RootPage> for Reader {
    type Value = Slice<Arc<Span>>;
    type Error = ApiError;

    async fn load(&self, keys: &[RootPage]) -> Result<HashMap<RootPage, Self::Value>, ApiError> {
        let mut connection = self.connection().await?;
        let mut found = HashMap::with_capacity(keys.len());
        for ((page, parts), executions) in
            group_by(keys, |key| ((key.page.clone(), key.parts), key.execution))
        {
            let pages = spans::roots(
                &mut connection,
                &executions,
                &page,
                parts,
                self.budget.row_cap(executions.len())?,
            )
            .await?;
            found.extend(self.account(pages)?.map(|(execution, slice)| {
                (
                    RootPage {
                        execution,
                        page: page.clone(),
                        parts,
                    },
                    slice,
                )
            }));
        }
        Ok(found)
    }
}

impl Reader {
    fn account(
        &self,
        pages: ExecutionPages,
    ) -> Result<impl Iterator<Item = (ExecutionId, Slice<Arc<Span>>)>, ApiError> {
        self.budget
            .spend(pages.values().map(|slice| slice.rows.len()).sum())?;
        for slice in pages.values() {
            self.pins.observe_spans(&slice.rows);
        }
        Ok(pages
            .into_iter()
            .map(|(execution, slice)| (execution, slice.map(Arc::new))))
    }
}
