//! Pages of the children of spans.

use std::{collections::HashMap, sync::Arc};

use async_graphql::dataloader::Loader;
use orcheo_store::{
    models::spans::{self, Span, SpanKey, SpanParts, SpanPosition},
    page::{Page, Slice},
};

use super::{Reader, group_by};
use crate::error::ApiError;

/// A page of the children of `parent`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct ChildPage {
    pub(crate) parent: SpanKey,
    pub(crate) page: Page<SpanPosition>,
    pub(crate) parts: SpanParts,
}

impl Loader<ChildPage> for Reader {
    type Value = Slice<Arc<Span>>;
    type Error = ApiError;

    async fn load(&self, keys: &[ChildPage]) -> Result<HashMap<ChildPage, Self::Value>, ApiError> {
        let mut connection = self.connection().await?;
        let mut found = HashMap::with_capacity(keys.len());
        for ((page, parts), parents) in
            group_by(keys, |key| ((key.page.clone(), key.parts), key.parent))
        {
            let slices = spans::children(
                &mut connection,
                &parents,
                &page,
                parts,
                self.budget.row_cap(parents.len())?,
            )
            .await?;
            self.budget
                .spend(slices.values().map(|slice| slice.rows.len()).sum())?;
            for (parent, slice) in slices {
                self.pins.observe_spans(&slice.rows);
                found.insert(
                    ChildPage {
                        parent,
                        page: page.clone(),
                        parts,
                    },
                    slice.map(Arc::new),
                );
            }
        }
        Ok(found)
    }
}
