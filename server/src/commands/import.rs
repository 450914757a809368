//! `import`: traces from files of OTLP JSON, as `export` and collectors write them.

use std::io::{self, BufRead as _, Write as _};
use std::process::ExitCode;

use anyhow::Context as _;
use orcheo_telemetry::otlp::{Encoding, OtlpLimits, OtlpReceiver, Refused};

use crate::backend::Backend;
use crate::cli::ImportOptions;
use crate::config::Settings;
use crate::observability::Observability;

pub(crate) async fn run(
    settings: &Settings,
    options: ImportOptions,
    observability: &Observability,
) -> anyhow::Result<ExitCode> {
    let backend = Backend::open(settings).await?;
    let imported = import(settings, &options, observability, &backend).await;
    backend.close().await;
    match imported? {
        0 => Ok(ExitCode::SUCCESS),
        _ => Ok(ExitCode::FAILURE),
    }
}

/// How many spans could not be taken in.
async fn import(
    settings: &Settings,
    options: &ImportOptions,
    observability: &Observability,
    backend: &Backend,
) -> anyhow::Result<u64> {
    backend.migrate(settings).await?;
    let limits = OtlpLimits {
        items: usize::MAX,
        content: settings.capture_received_content,
        ..OtlpLimits::default()
    };
    let receiver = OtlpReceiver::new(
        backend.store.clone(),
        observability.redactor.clone(),
        observability.prices.clone(),
        limits,
    );
    let file = std::fs::File::open(&options.file)
        .with_context(|| format!("cannot read {}", options.file.display()))?;
    let mut lines = io::BufReader::new(file);
    let (mut rejected, mut line) = (0, String::new());
    // A collector writes a request a line; a document that was formatted is one request over many lines.
    while lines.read_line(&mut line)? > 0 {
        if line.trim().is_empty() {
            line.clear();
            continue;
        }
        if serde_json::from_str::<serde::de::IgnoredAny>(&line).is_err() {
            io::Read::read_to_string(&mut lines, &mut line)?;
        }
        let body = std::mem::take(&mut line);
        let accepted = loop {
            match receiver.traces(Encoding::Json, body.clone().into()).await {
                // The whole file is wanted, however slow the database is.
                Err(Refused::Behind) => {}
                outcome => break outcome?,
            }
        };
        if accepted.rejected > 0 {
            rejected += accepted.rejected;
            writeln!(
                io::stderr(),
                "{} rejected: {}",
                accepted.rejected,
                accepted.reasons
            )?;
        }
    }
    Ok(rejected)
}
