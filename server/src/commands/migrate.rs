//! `migrate`: brings the database's tables up to date.

use std::io::{self, Write as _};
use std::process::ExitCode;

use crate::backend::Backend;
use crate::config::Settings;

pub(crate) async fn run(settings: &Settings) -> anyhow::Result<ExitCode> {
    let backend = Backend::open(settings).await?;
    let migrated = backend.migrate(settings).await;
    backend.close().await;
    let mut out = io::stdout().lock();
    match migrated?.as_slice() {
        [] => writeln!(out, "The database is up to date.")?,
        versions => {
            for version in versions {
                writeln!(out, "migrated {version}")?;
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}
