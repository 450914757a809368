//! Spans by id.

use std::{collections::HashMap, sync::Arc};

use async_graphql::dataloader::Loader;
use orcheo_store::models::spans::{self, Span, SpanKey, SpanParts};

use super::{Reader, group_by};
use crate::error::ApiError;

/// A span with some of its parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct SpanById {
    pub(crate) key: SpanKey,
    pub(crate) parts: SpanParts,
}

impl Loader<SpanById> for Reader {
    type Value = Arc<Span>;
    type Error = ApiError;

    async fn load(&self, keys: &[SpanById]) -> Result<HashMap<SpanById, Self::Value>, ApiError> {
        let mut connection = self.connection().await?;
        let mut found = HashMap::with_capacity(keys.len());
        for (parts, keys) in group_by(keys, |key| (key.parts, key.key)) {
            let spans = spans::by_ids(&mut connection, &keys, parts).await?;
            self.pins.observe_spans(&spans);
            found.extend(spans.into_iter().map(|span| {
                (
                    SpanById {
                        key: span.key(),
                        parts,
                    },
                    Arc::new(span),
                )
            }));
        }
        Ok(found)
    }
}
