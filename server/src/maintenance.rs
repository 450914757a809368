//! What has to be done from time to time while the program runs.

use std::time::Duration;

use metrics_exporter_prometheus::PrometheusHandle;
use orcheo_store::{Store, StoreError, partitions};
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

/// Partitions are made four weeks ahead, so a day missed is no trouble.
const PARTITIONS: Duration = Duration::from_secs(24 * 60 * 60);

/// Samples wait in memory until they are summed up.
const METRICS: Duration = Duration::from_secs(5);

/// Works until told to stop. What fails is tried again the next time.
pub(crate) async fn maintain(store: Store, metrics: PrometheusHandle, stop: CancellationToken) {
    let ticks = |period| {
        let mut ticks = interval(period);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        ticks
    };
    let (mut partitions, mut samples) = (ticks(PARTITIONS), ticks(METRICS));
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = samples.tick() => metrics.run_upkeep(),
            _ = partitions.tick() => match create_partitions(&store).await {
                Ok(0) => {}
                Ok(created) => tracing::info!(created, "created partitions for the coming weeks"),
                Err(error) => tracing::warn!(%error, "could not create partitions ahead"),
            },
        }
    }
}

async fn create_partitions(store: &Store) -> Result<i64, StoreError> {
    let mut connection = store.write().await?;
    partitions::create_ahead(&mut connection).await
}
