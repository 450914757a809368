//! `worker`: runs the executions that others start.

use std::io::{self, Write as _};
use std::process::ExitCode;

use orcheo_api::Health;
use tokio_util::sync::CancellationToken;

use crate::backend::Backend;
use crate::config::Settings;
use crate::listen::{self, answer, reachable};
use crate::maintenance::Maintenance;
use crate::observability::Observability;
use crate::signals::stop_on_signal;
use crate::worker::Worker;

pub(crate) async fn run(
    settings: &Settings,
    observability: &Observability,
) -> anyhow::Result<ExitCode> {
    let backend = Backend::open_for_runs(settings, observability).await?;
    let worked = work(settings, observability, &backend).await;
    backend.close().await;
    worked.map(|()| ExitCode::SUCCESS)
}

async fn work(
    settings: &Settings,
    observability: &Observability,
    backend: &Backend,
) -> anyhow::Result<()> {
    let health = settings
        .health_listen
        .map(|address| listen::bind(address, "--health-listen"))
        .transpose()?;
    backend.migrate(settings).await?;
    let worker = Worker::new(backend.runner(settings, observability, None)?, settings);
    let stop = CancellationToken::new();
    stop_on_signal(stop.clone())?;
    let maintenance = Maintenance {
        store: backend.store.clone(),
        metrics: observability.prometheus.clone(),
        quiet: None,
    };
    let upkeep = tokio::spawn(maintenance.run(stop.clone()));
    let mut out = io::stdout();
    if let Some(listener) = health {
        let address = reachable(listener.local_addr()?);
        writeln!(out, "Health and metrics: http://{address}/metrics")?;
        let health = Health {
            store: backend.store.clone(),
            metrics: Some(observability.prometheus.clone()),
            shutdown: stop.clone(),
        };
        tokio::spawn(answer(listener, health.router(), stop.clone()));
    }
    writeln!(
        out,
        "Waiting for executions, {} at once. Press Ctrl-C to stop.",
        settings.concurrency
    )?;
    worker.work(stop).await;
    upkeep.await?;
    Ok(())
}
