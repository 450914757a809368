//! How many children spans have.

use std::collections::HashMap;

use async_graphql::dataloader::Loader;
use orcheo_store::models::spans::{self, SpanKey};

use super::Reader;
use crate::error::ApiError;

/// The number of children of a span.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct ChildCount(pub(crate) SpanKey);

impl Loader<ChildCount> for Reader {
    type Value = i64;
    type Error = ApiError;

    async fn load(&self, keys: &[ChildCount]) -> Result<HashMap<ChildCount, i64>, ApiError> {
        let keys: Vec<SpanKey> = keys.iter().map(|key| key.0).collect();
        let counts = spans::child_counts(&mut *self.connection().await?, &keys).await?;
        Ok(counts
            .into_iter()
            .map(|(key, count)| (ChildCount(key), count))
            .collect())
    }
}
