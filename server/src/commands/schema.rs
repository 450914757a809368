//! `schema`: prints the GraphQL schema, exactly as `schema.graphql` at the top of the repository holds it.

use std::io::{self, Write as _};
use std::process::ExitCode;

pub(crate) fn run() -> anyhow::Result<ExitCode> {
    io::stdout()
        .lock()
        .write_all(orcheo_api::schema_sdl().as_bytes())?;
    Ok(ExitCode::SUCCESS)
}
