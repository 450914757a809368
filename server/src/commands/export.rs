//! `export`: one trace as OTLP JSON, for other tools and for `import`.

use std::io::{self, Write as _};
use std::process::ExitCode;

use anyhow::bail;
use axum::body::{Body, to_bytes};
use axum::http::{Request, header};
use futures::StreamExt as _;
use orcheo_api::HttpSettings;
use tower::ServiceExt as _;

use crate::backend::Backend;
use crate::cli::ExportOptions;
use crate::config::Settings;
use crate::observability::Observability;

pub(crate) async fn run(
    settings: &Settings,
    options: ExportOptions,
    observability: &Observability,
) -> anyhow::Result<ExitCode> {
    let backend = Backend::open(settings).await?;
    let exported = export(settings, &options, observability, &backend).await;
    backend.close().await;
    exported.map(|()| ExitCode::SUCCESS)
}

/// The document of the REST interface, from the interface itself: asked in this process, without a socket.
async fn export(
    settings: &Settings,
    options: &ExportOptions,
    observability: &Observability,
    backend: &Backend,
) -> anyhow::Result<()> {
    let http = HttpSettings::default();
    let _stop = http.shutdown.clone().drop_guard();
    let router = orcheo_api::router(backend.api_state(settings, observability)?, http);
    let execution = url_path(&options.execution);
    let request = Request::get(format!("/api/executions/{execution}/trace.otlp.json"))
        .header(header::HOST, "localhost")
        .body(Body::empty())?;
    let response = router.oneshot(request).await?;
    if !response.status().is_success() {
        let body = to_bytes(response.into_body(), usize::MAX).await?;
        let problem: serde_json::Value = serde_json::from_slice(&body).unwrap_or_default();
        bail!(
            "{}",
            problem["detail"]
                .as_str()
                .unwrap_or("the trace cannot be read")
        );
    }
    let mut out: Box<dyn io::Write> = match &options.output {
        Some(file) => Box::new(io::BufWriter::new(std::fs::File::create(file)?)),
        None => Box::new(io::stdout().lock()),
    };
    let mut chunks = response.into_body().into_data_stream();
    while let Some(chunk) = chunks.next().await {
        out.write_all(&chunk?)?;
    }
    out.write_all(b"\n")?;
    Ok(out.flush()?)
}

/// An id as a segment of a path, whatever another engine has put into it.
fn url_path(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => {
                char::from(byte).to_string()
            }
            byte => format!("%{byte:02X}"),
        })
        .collect()
}
