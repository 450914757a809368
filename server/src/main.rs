//! `orcheo-trace`: runs workflows and shows their traces while they run.

mod backend;
mod cli;
mod commands;
mod config;
mod data_dir;
mod instance;
mod listen;
mod logs;
mod postgres;
mod terminal;
mod worker;

use std::io::{self, Write as _};
use std::process::ExitCode;

use crate::cli::{Cli, Commands};
use crate::config::{ConfigError, Settings};

/// As shells and clap have it: the command line, a setting or a file given by it is wrong.
const USAGE: u8 = 2;

fn main() -> ExitCode {
    let outcome = begin();
    outcome.unwrap_or_else(|error| {
        // A reader that has gone, as `head`, wants no more.
        if error.chain().any(|cause| {
            cause
                .downcast_ref::<io::Error>()
                .is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
        }) {
            return ExitCode::SUCCESS;
        }
        let _ = writeln!(io::stderr(), "error: {error:#}");
        if error.is::<ConfigError>() {
            ExitCode::from(USAGE)
        } else {
            ExitCode::FAILURE
        }
    })
}

#[tokio::main]
async fn begin() -> anyhow::Result<ExitCode> {
    let cli = Cli::read();
    let settings = Settings::load(&cli)?;
    match cli.command {
        Commands::Migrate => commands::migrate::run(&settings).await,
        Commands::Doctor(_) => commands::doctor::run(&settings).await,
        _ => Ok(ExitCode::SUCCESS),
    }
}
