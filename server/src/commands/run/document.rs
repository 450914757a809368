//! The trace document of the REST interface, from the interface itself: asked in this process, without a socket.

use anyhow::{Context as _, ensure};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, header};
use orcheo_api::{ApiState, HttpSettings};
use orcheo_store::ExecutionId;
use serde_json::Value;
use tower::ServiceExt as _;

/// What the interface gives at most on one page.
const PAGE: usize = 10_000;

/// The whole trace of an execution: all pages as one.
pub(super) async fn trace_document(
    state: ApiState,
    execution_id: ExecutionId,
) -> anyhow::Result<Value> {
    let settings = HttpSettings::default();
    let stop = settings.shutdown.clone().drop_guard();
    let router = orcheo_api::router(state, settings);
    let path = format!("/api/executions/{execution_id}/trace?limit={PAGE}");
    let mut document = get(&router, &path).await?;
    while let Some(cursor) = document["page_info"]["cursor"].as_str() {
        let mut next = get(&router, &format!("{path}&cursor={cursor}")).await?;
        let spans = next["spans"].take();
        document["page_info"] = next["page_info"].take();
        if let (Some(all), Value::Array(spans)) = (document["spans"].as_array_mut(), spans) {
            all.extend(spans);
        }
    }
    drop(stop);
    Ok(document)
}

async fn get(router: &Router, path: &str) -> anyhow::Result<Value> {
    let request = Request::get(path)
        .header(header::HOST, "localhost")
        .body(Body::empty())?;
    let response = router.clone().oneshot(request).await?;
    let status = response.status();
    let body = to_bytes(response.into_body(), usize::MAX).await?;
    ensure!(
        status.is_success(),
        "the trace cannot be read: {}",
        String::from_utf8_lossy(&body)
    );
    serde_json::from_slice(&body).context("the trace cannot be read")
}
