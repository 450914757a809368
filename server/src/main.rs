//! `orcheo-trace`: runs workflows and shows their traces while they run.

mod backend;
mod cli;
mod commands;
mod config;
mod data_dir;
mod instance;
mod listen;
mod logs;
mod maintenance;
mod observability;
mod postgres;
mod signals;
mod start;
mod terminal;
mod worker;
mod workflow_files;

use std::io::{self, IsTerminal as _, Write as _};
use std::process::ExitCode;

use crate::cli::{Cli, Commands};
use crate::config::{ConfigError, Settings};
use crate::logs::{HeldMessages, Target};
use crate::observability::Observability;
use crate::workflow_files::FileError;

/// Traces are many small strings, made on one thread and dropped on another.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// As shells and clap have it: the command line, a setting or a file given by it is wrong.
const USAGE: u8 = 2;

fn main() -> ExitCode {
    begin().unwrap_or_else(|error| {
        let broken_pipe = |cause: &(dyn std::error::Error + 'static)| {
            cause
                .downcast_ref::<io::Error>()
                .is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
        };
        // A reader that has gone, such as `head`, wants no more.
        if error.chain().any(broken_pipe) {
            return ExitCode::SUCCESS;
        }
        // Nothing is left to tell it to when that fails.
        let _ = writeln!(io::stderr(), "error: {error:#}");
        if error.is::<ConfigError>() || error.is::<FileError>() {
            return ExitCode::from(USAGE);
        }
        ExitCode::FAILURE
    })
}

#[tokio::main]
async fn begin() -> anyhow::Result<ExitCode> {
    let cli = Cli::read();
    let settings = Settings::load(&cli)?;
    let messages = HeldMessages::default();
    let (log, target) = match &cli.command {
        // Its picture and its messages would write over each other.
        Commands::Run(run)
            if !run.json && terminal::is_interactive() && io::stderr().is_terminal() =>
        {
            ("warn", Target::Held(messages.clone()))
        }
        Commands::Run(_)
        | Commands::Export(_)
        | Commands::Import(_)
        | Commands::Redact(_)
        | Commands::Doctor(_)
        | Commands::Migrate
        | Commands::Schema => ("warn", Target::Stderr),
        Commands::Serve(_) | Commands::Worker(_) => ("info", Target::Stderr),
    };
    let observability = Observability::init(&settings, log, target)?;
    let outcome = match cli.command {
        Commands::Migrate => commands::migrate::run(&settings).await,
        Commands::Export(options) => {
            commands::export::run(&settings, options, &observability).await
        }
        Commands::Import(options) => {
            commands::import::run(&settings, options, &observability).await
        }
        Commands::Redact(options) => {
            commands::redact::run(&settings, options, &observability).await
        }
        Commands::Doctor(_) => commands::doctor::run(&settings).await,
        Commands::Run(options) => {
            commands::run::run(&settings, options, &observability, messages).await
        }
        Commands::Schema => commands::schema::run(),
        Commands::Serve(options) => commands::serve::run(&settings, options, &observability).await,
        Commands::Worker(_) => commands::worker::run(&settings, &observability).await,
    };
    observability.shutdown().await;
    outcome
}
