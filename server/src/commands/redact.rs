//! `redact`: stored traces, passed through the rules of today.

use std::io::{self, Write as _};
use std::process::ExitCode;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use orcheo_telemetry::rescan::{Rescan, Rescanned};

use crate::backend::Backend;
use crate::cli::RedactOptions;
use crate::config::Settings;
use crate::observability::Observability;

/// How often a bar that stands still shows that something is going on.
const TICK: Duration = Duration::from_millis(200);

pub(crate) async fn run(
    settings: &Settings,
    options: RedactOptions,
    observability: &Observability,
) -> anyhow::Result<ExitCode> {
    let backend = Backend::open(settings).await?;
    let redacted = redact(settings, &options, observability, &backend).await;
    backend.close().await;
    let redacted = redacted?;
    tell(&options, &redacted)?;
    Ok(match redacted.written_meanwhile {
        0 => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    })
}

async fn redact(
    settings: &Settings,
    options: &RedactOptions,
    observability: &Observability,
    backend: &Backend,
) -> anyhow::Result<Rescanned> {
    backend.migrate(settings).await?;
    // Those that are asked for by runs from now on would be found, too.
    for credential in settings.credentials.values() {
        observability.redactor.learn(credential.expose());
    }
    let rescan = Rescan {
        store: backend.store.clone(),
        redactor: observability.redactor.clone(),
        dry_run: options.dry_run,
        all: options.all,
    };
    let bar = bar();
    let redacted = rescan
        .run(|done| {
            bar.set_length(done.total.max(done.executions));
            bar.set_position(done.executions);
            bar.set_message(format!("{} hidden", done.hidden.values().sum::<u64>()));
        })
        .await;
    bar.finish_and_clear();
    Ok(redacted?)
}

/// On a terminal only, and on standard error: standard output is for the result.
fn bar() -> ProgressBar {
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    let style = ProgressStyle::with_template(
        "{spinner} {wide_bar} {human_pos}/{human_len} executions, {msg}, {eta} left",
    );
    if let Ok(style) = style {
        bar.set_style(style);
    }
    bar.enable_steady_tick(TICK);
    bar
}

fn tell(options: &RedactOptions, redacted: &Rescanned) -> io::Result<()> {
    let mut out = io::stdout().lock();
    if options.json {
        let document = serde_json::to_string_pretty(redacted)?;
        return writeln!(out, "{document}");
    }
    for (rule, count) in &redacted.hidden {
        writeln!(out, "{count:>9}  {rule}")?;
    }
    let Rescanned {
        executions,
        changed,
        written_meanwhile,
        ..
    } = redacted;
    let verb = if options.dry_run {
        "would change"
    } else {
        "changed"
    };
    writeln!(out, "{executions} executions scanned, {changed} {verb}")?;
    if *written_meanwhile > 0 {
        writeln!(
            out,
            "{written_meanwhile} were written meanwhile: run it again when they are over"
        )?;
    }
    out.flush()
}
