//! Pages of the descendants of spans.

use std::{collections::HashMap, sync::Arc};

use async_graphql::dataloader::Loader;
use orcheo_store::{
    models::spans::{self, Span, SpanKey, SpanParts, SpanPosition},
    page::{Page, Slice},
};

use super::{Reader, group_by};
use crate::error::ApiError;

/// A page of what is below `ancestor`, not deeper than `max_depth`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct DescendantPage {
    pub(crate) ancestor: SpanKey,
    pub(crate) max_depth: Option<i32>,
    pub(crate) page: Page<SpanPosition>,
    pub(crate) parts: SpanParts,
}

impl Loader<DescendantPage> for Reader {
    type Value = Slice<Arc<Span>>;
    type Error = ApiError;

    async fn load(
        &self,
        keys: &[DescendantPage],
    ) -> Result<HashMap<DescendantPage, Self::Value>, ApiError> {
        let mut connection = self.connection().await?;
        let mut found = HashMap::with_capacity(keys.len());
        let groups = group_by(keys, |key| {
            ((key.max_depth, key.page.clone(), key.parts), key.ancestor)
        });
        for ((max_depth, page, parts), ancestors) in groups {
            let slices = spans::descendants(
                &mut connection,
                &ancestors,
                max_depth,
                &page,
                parts,
                self.budget.row_cap(ancestors.len())?,
            )
            .await?;
            self.budget
                .spend(slices.values().map(|slice| slice.rows.len()).sum())?;
            for (ancestor, slice) in slices {
                self.pins.observe_spans(&slice.rows);
                let key = DescendantPage {
                    ancestor,
                    max_depth,
                    page: page.clone(),
                    parts,
                };
                found.insert(key, slice.map(Arc::new));
            }
        }
        Ok(found)
    }
}
