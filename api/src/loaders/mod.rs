//! Request-scoped batched reads: one file per key, each one call into the store.
//!
//! A loader keeps nothing: a subscription lives as long as its socket, and what it remembered would be served stale.

mod artifacts;
mod budget;
mod child_count;
mod children;
mod descendants;
mod execution;
mod execution_spans;
mod node_runs;
mod pins;
mod span;
mod subtree;
mod usage;
mod workflow;
mod workflow_executions;
mod workflow_version;

use std::{collections::HashMap, hash::Hash, time::Duration};

use async_graphql::{
    Context,
    dataloader::{DataLoader, Loader},
};
use orcheo_store::{Connection, Store};

pub(crate) use self::{
    artifacts::{ArtifactById, ArtifactPage, ArtifactsOfSpan},
    budget::Budget,
    child_count::ChildCount,
    children::ChildPage,
    descendants::DescendantPage,
    execution::ExecutionById,
    execution_spans::{RootPage, SpanPage},
    node_runs::NodeRunsOf,
    pins::Pins,
    span::SpanById,
    subtree::SubtreeOf,
    usage::{UncountedUsageOf, UsageByModel, UsageByNode},
    workflow::WorkflowById,
    workflow_executions::{StatsOfWorkflow, WorkflowExecutionPage},
    workflow_version::{VersionByKey, VersionPage},
};
use crate::{error::ApiError, graphql::dispatch::BatchQueue, state::ApiState};

/// Keys of one batch; more are split. The largest page has as many rows.
const MAX_BATCH: usize = 10_000;

/// What the loaders of one request read with.
pub(crate) struct Reader {
    store: Store,
    budget: Budget,
    pins: Pins,
}

impl Reader {
    async fn connection(&self) -> Result<Connection, ApiError> {
        Ok(self.store.read().await?)
    }
}

/// The loaders of one request.
pub(crate) struct Loaders {
    loader: DataLoader<Reader>,
}

impl Loaders {
    /// Fresh loaders, and the queue in which their batches wait for the dispatch.
    pub(crate) fn new(state: &ApiState) -> (Self, BatchQueue) {
        let queue = BatchQueue::default();
        let reader = Reader {
            store: state.store.clone(),
            budget: Budget::new(state.settings.limits.rows),
            pins: Pins::default(),
        };
        let loader = DataLoader::new(reader, queue.spawner())
            .delay(Duration::ZERO)
            .max_batch_size(MAX_BATCH);
        (Self { loader }, queue)
    }

    /// The loaders of the request that `ctx` belongs to.
    pub(crate) fn of<'c>(ctx: &Context<'c>) -> &'c Self {
        ctx.data_unchecked::<Self>()
    }

    /// The value of one key, read together with those of its siblings.
    pub(crate) async fn load<K>(
        &self,
        key: K,
    ) -> Result<Option<<Reader as Loader<K>>::Value>, ApiError>
    where
        K: Send + Sync + Hash + Eq + Clone + 'static,
        Reader: Loader<K, Error = ApiError>,
    {
        self.loader.load_one(key).await
    }

    /// The values of many keys, read together with those of siblings.
    pub(crate) async fn load_many<K>(
        &self,
        keys: impl IntoIterator<Item = K>,
    ) -> Result<HashMap<K, <Reader as Loader<K>>::Value>, ApiError>
    where
        K: Send + Sync + Hash + Eq + Clone + 'static,
        Reader: Loader<K, Error = ApiError>,
    {
        self.loader.load_many(keys).await
    }

    /// How many rows the request may still read.
    pub(crate) fn budget(&self) -> &Budget {
        &self.loader.loader().budget
    }

    /// What has been read of each execution so far.
    pub(crate) fn pins(&self) -> &Pins {
        &self.loader.loader().pins
    }
}

/// Puts keys that can share a statement together.
fn group_by<K, G, V>(keys: &[K], split: impl Fn(&K) -> (G, V)) -> HashMap<G, Vec<V>>
where
    G: Hash + Eq,
{
    let mut groups: HashMap<G, Vec<V>> = HashMap::new();
    for key in keys {
        let (group, value) = split(key);
        groups.entry(group).or_default().push(value);
    }
    groups
}
