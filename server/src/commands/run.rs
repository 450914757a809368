//! `run`: runs one workflow file in this process and shows its trace.

mod document;
mod follow;
mod show;

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use orcheo_engine::Workflow;
use orcheo_store::models::executions::{Claim, Execution};
use orcheo_store::{Change, ExecutionStatus};
use tokio::time::{MissedTickBehavior, interval, timeout};
use tokio_util::sync::CancellationToken;

use self::follow::Follower;
use self::show::Show;
use crate::backend::Backend;
use crate::cli::RunOptions;
use crate::config::Settings;
use crate::instance;
use crate::logs::HeldMessages;
use crate::observability::Observability;
use crate::signals::Signals;
use crate::start::new_execution;
use crate::terminal::{Line, Tone};
use crate::worker::{Leases, Left, Runner};
use crate::workflow_files;

/// Ten pictures a second: clocks tick, and nothing flickers.
const FRAME: Duration = Duration::from_millis(100);

/// A picture may wait so long for news from the database, then it shows what it knows.
const NEWS_WITHIN: Duration = Duration::from_secs(1);

const FAILED: u8 = 1;
/// 128 and the number of SIGINT, as shells have it.
const CANCELLED: u8 = 130;

pub(crate) async fn run(
    settings: &Settings,
    options: RunOptions,
    observability: &Observability,
    messages: HeldMessages,
) -> anyhow::Result<ExitCode> {
    let workflow = workflow_files::read(&options.file)?;
    let backend = Backend::open_for_runs(settings, observability).await?;
    let outcome = run_on(
        settings,
        options,
        observability,
        messages,
        &backend,
        workflow,
    )
    .await;
    backend.close().await;
    outcome
}

async fn run_on(
    settings: &Settings,
    options: RunOptions,
    observability: &Observability,
    messages: HeldMessages,
    backend: &Backend,
    workflow: Workflow,
) -> anyhow::Result<ExitCode> {
    backend.migrate(settings).await?;
    let store = &backend.store;
    let runner = backend.runner(settings, observability, Some(directory_of(&options.file)))?;
    let leases = runner.leases(settings);
    let version = workflow_files::save(store, &workflow).await?;
    let inputs = options.inputs.into_iter().collect();
    let new = new_execution(
        &workflow,
        version,
        inputs,
        &observability.redactor,
        settings.capture_content.0,
    );
    let claim = {
        let mut connection = store.write().await?;
        Execution::enqueue_claimed(
            &mut connection,
            store.workspace(),
            leases.worker_id(),
            leases.lease(),
            new,
        )
        .await?
    };
    let mut show = Show::new(options.json, messages);
    show.heading(&heading(&workflow, &claim, backend))?;
    let execution_id = claim.execution.execution_id;
    let mut follower = Follower::new(store.clone(), claim.execution.execution_id, workflow.name);
    let ended = watch(runner, leases, claim, &mut follower, &mut show).await?;
    show.finish(&follower)?;
    if options.json {
        let state = backend.api_state(settings, observability)?;
        let document = document::trace_document(state, execution_id).await?;
        writeln!(io::stdout(), "{document:#}")?;
    }
    Ok(ExitCode::from(match ended {
        Left::Finished(ExecutionStatus::Succeeded) => 0,
        Left::Finished(ExecutionStatus::Cancelled) => CANCELLED,
        Left::Finished(_) | Left::HandedBack | Left::Released => FAILED,
    }))
}

/// Where a file's sub-workflows are looked for.
fn directory_of(file: &Path) -> PathBuf {
    match file.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    }
}

fn heading(workflow: &Workflow, claim: &Claim, backend: &Backend) -> Vec<Line> {
    let mut title = Line::of(Tone::Strong, &workflow.name);
    title.push(
        Tone::Quiet,
        &format!("  execution {}", claim.execution.execution_id),
    );
    let mut lines = vec![title];
    if let Some(instance) = instance::running(&backend.data_dir) {
        let url = format!("{}/traces/{}", instance.url, claim.execution.trace_id);
        lines.push(Line::of(Tone::Quiet, &url));
    }
    lines.push(Line::default());
    lines
}

/// Runs the claimed execution and shows it until its end is committed.
async fn watch(
    runner: Runner,
    leases: Leases,
    claim: Claim,
    follower: &mut Follower,
    show: &mut Show,
) -> anyhow::Result<Left> {
    let execution_id = claim.execution.execution_id;
    let mut changes = runner.changes();
    let mut interrupts = Signals::listen()?;
    let hold = leases.hold(execution_id);
    let cancel = hold.signals.cancel.clone();
    let renewal = CancellationToken::new();
    let keeper = tokio::spawn(leases.keep(renewal.clone()));
    let mut running = tokio::spawn(async move { runner.run(claim, hold).await });
    let mut frames = interval(FRAME);
    frames.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut stale = true;
    let left = loop {
        tokio::select! {
            left = &mut running => break left?,
            () = interrupts.recv() => {
                if cancel.is_cancelled() {
                    // Asked twice: what is running is not waited for. Its lease runs out, and a worker ends it.
                    std::process::exit(CANCELLED.into());
                }
                cancel.cancel();
            }
            change = changes.recv() => match change {
                Some(Change::Execution { id, .. }) => stale |= id == execution_id,
                Some(Change::Resync) | None => stale = true,
            },
            _ = frames.tick() => {
                if std::mem::take(&mut stale) {
                    stale = !refresh(follower, show).await?;
                }
                if cancel.is_cancelled() {
                    follower.summary.word = "cancelling".to_owned();
                }
                show.draw(follower)?;
            }
        }
    };
    renewal.cancel();
    keeper.await?;
    refresh(follower, show).await?;
    Ok(left)
}

/// False when there was no answer.
async fn refresh(follower: &mut Follower, show: &mut Show) -> io::Result<bool> {
    match timeout(NEWS_WITHIN, follower.refresh()).await {
        Ok(Ok(spans)) => {
            show.changed(&spans)?;
            Ok(true)
        }
        _ => {
            follower.summary.word = "waiting for PostgreSQL".to_owned();
            Ok(false)
        }
    }
}
