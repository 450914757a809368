//! Sums over what lies below spans.

use std::collections::HashMap;

use async_graphql::dataloader::Loader;
use orcheo_store::models::spans::{self, SpanKey, Subtree};

use super::Reader;
use crate::error::ApiError;

/// The subtree of a span.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct SubtreeOf(pub(crate) SpanKey);

impl Loader<SubtreeOf> for Reader {
    type Value = Subtree;
    type Error = ApiError;

    async fn load(&self, keys: &[SubtreeOf]) -> Result<HashMap<SubtreeOf, Subtree>, ApiError> {
        let keys: Vec<SpanKey> = keys.iter().map(|key| key.0).collect();
        let subtrees = spans::subtrees(&mut *self.connection().await?, &keys).await?;
        Ok(subtrees
            .into_iter()
            .map(|(key, subtree)| (SubtreeOf(key), subtree))
            .collect())
    }
}
