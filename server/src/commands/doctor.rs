//! `doctor`: checks what the program needs, one line each, without changing anything.

use std::fmt::Display;
use std::io::{self, Write};
use std::process::ExitCode;
use std::time::Duration;

use axum::http::Uri;
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::backend::Backend;
use crate::config::Settings;
use crate::data_dir::DataDir;
use crate::instance;
use crate::listen;
use crate::postgres;

/// Below this the database stops before long.
const LEAST_FREE_BYTES: u64 = 1 << 30;

/// For the answer of another machine.
const PATIENCE: Duration = Duration::from_secs(3);

/// What a check found: a fact, or what to do.
type Finding = Result<String, String>;

pub(crate) async fn run(settings: &Settings) -> anyhow::Result<ExitCode> {
    let mut report = Report {
        out: io::stdout().lock(),
        healthy: true,
    };
    let data_dir = DataDir::open(&settings.data_dir);
    report.add("data directory", check_data_dir(&data_dir))?;
    report.add("PostgreSQL", check_postgres(settings))?;
    if let Ok(data_dir) = &data_dir {
        report.add("database", check_database(settings, data_dir).await)?;
        report.add("address", check_address(settings, data_dir))?;
    }
    report.add(
        "access",
        settings.check_exposure().map_err(text).map(|()| {
            let token = if settings.token.is_some() {
                "with a token"
            } else {
                "from this machine, without a token"
            };
            token.to_owned()
        }),
    )?;
    report.add("prices", check_prices(settings))?;
    report.add("exporter", check_exporter().await)?;
    Ok(if report.healthy {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

struct Report<W> {
    out: W,
    healthy: bool,
}

impl<W: Write> Report<W> {
    fn add(&mut self, what: &str, finding: Finding) -> io::Result<()> {
        self.healthy &= finding.is_ok();
        match finding {
            Ok(fact) => writeln!(self.out, "✓ {what:<15} {fact}"),
            Err(advice) => writeln!(self.out, "✗ {what:<15} {advice}"),
        }
    }
}

fn text(error: impl Display) -> String {
    error.to_string()
}

fn check_data_dir(data_dir: &Result<DataDir, crate::data_dir::PathError>) -> Finding {
    let data_dir = data_dir.as_ref().map_err(text)?;
    tempfile::tempfile_in(data_dir.path())
        .map_err(|error| format!("cannot write to {}: {error}", data_dir.path().display()))?;
    let free = data_dir.free_bytes().map_err(text)?;
    let fact = format!(
        "{}, {:.1} GB free",
        data_dir.path().display(),
        free as f64 / 1e9
    );
    if free < LEAST_FREE_BYTES {
        Err(format!(
            "{fact}: make room, or choose another with --data-dir"
        ))
    } else {
        Ok(fact)
    }
}

fn check_postgres(settings: &Settings) -> Finding {
    if settings.database_url.is_some() {
        return Ok("yours, by DATABASE_URL".to_owned());
    }
    let installed = postgres::installations(settings.postgres_bin.as_deref()).map_err(text)?;
    let names = installed
        .iter()
        .map(|one| format!("{} in {}", one.version, one.bin.display()));
    Ok(names.collect::<Vec<_>>().join(", "))
}

async fn check_database(settings: &Settings, data_dir: &DataDir) -> Finding {
    if settings.database_url.is_none() && !postgres::exists(data_dir) {
        return Ok("none yet; the first start creates it".to_owned());
    }
    let backend = Backend::open(settings).await.map_err(text)?;
    let pending = backend.store.pending_migrations().await;
    backend.close().await;
    match pending.map_err(text)? {
        0 => Ok("reachable, up to date".to_owned()),
        1 => {
            Ok("reachable; one migration is to be run, which `serve` or `migrate` does".to_owned())
        }
        pending => Ok(format!(
            "reachable; {pending} migrations are to be run, which `serve` or `migrate` does"
        )),
    }
}

fn check_address(settings: &Settings, data_dir: &DataDir) -> Finding {
    if let Some(instance) = instance::running(data_dir) {
        return Ok(format!("served already ({instance})"));
    }
    listen::bind(settings.listen, "--listen")
        .map_err(text)
        .map(|_| format!("{} is free", settings.listen))
}

fn check_prices(settings: &Settings) -> Finding {
    settings.prices().map_err(text)?;
    Ok(match &settings.prices {
        Some(file) => format!("of {}, and the built-in ones", file.display()),
        None => "the built-in ones; --prices names a file of more".to_owned(),
    })
}

async fn check_exporter() -> Finding {
    let names = [
        "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
        "OTEL_EXPORTER_OTLP_ENDPOINT",
    ];
    let Some(endpoint) = names
        .iter()
        .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()))
    else {
        return Ok("none; OTEL_EXPORTER_OTLP_ENDPOINT names one".to_owned());
    };
    let url: Uri = endpoint
        .parse()
        .map_err(|error| format!("{endpoint} is no URL: {error}"))?;
    let host = url
        .host()
        .ok_or_else(|| format!("{endpoint} names no host"))?;
    let https = url.scheme_str() == Some("https");
    let port = url.port_u16().unwrap_or(if https { 443 } else { 80 });
    match timeout(
        PATIENCE,
        TcpStream::connect((host.trim_matches(['[', ']']), port)),
    )
    .await
    {
        Ok(Ok(_)) => Ok(format!("{endpoint} answers")),
        Ok(Err(error)) => Err(format!(
            "{endpoint} does not answer: {error}; runs go on, their export is lost"
        )),
        Err(_) => Err(format!(
            "{endpoint} does not answer; runs go on, their export is lost"
        )),
    }
}
