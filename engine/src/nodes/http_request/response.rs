//! What comes back: the response as the node's output, and why there may be none.

use std::time::Instant;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures::StreamExt;
use reqwest::{Response, StatusCode, Url};
use serde_json::{Map, Value, json};

use crate::error::NodeError;

/// What a node's output may hold at all.
const MAX_RESPONSE_BYTES: usize = 8 << 20;

/// The node's output, in Orcheo's shape; a body that is no text is base64 in `content_base64`.
pub(super) async fn describe(response: Response, begin: Instant) -> Result<Value, NodeError> {
    let (status, url) = (response.status(), response.url().clone());
    let mut headers: Map<String, Value> = Map::new();
    for (name, value) in response.headers() {
        let value = String::from_utf8_lossy(value.as_bytes());
        match headers.get_mut(name.as_str()) {
            Some(Value::String(existing)) => *existing = format!("{existing}, {value}"),
            _ => _ = headers.insert(name.to_string(), value.into_owned().into()),
        }
    }
    let body = read(response, &url).await?;
    let json: Option<Value> = serde_json::from_slice(&body).ok();
    let mut output = json!({
        "status_code": status.as_u16(), "reason": status.canonical_reason(), "url": url.to_string(),
        "headers": headers, "json": json, "elapsed": begin.elapsed().as_secs_f64(),
    });
    match String::from_utf8(body) {
        Ok(text) => output["content"] = text.into(),
        Err(bytes) => {
            output["content"] = Value::Null;
            output["content_base64"] = STANDARD.encode(bytes.as_bytes()).into();
        }
    }
    Ok(output)
}

async fn read(response: Response, url: &Url) -> Result<Vec<u8>, NodeError> {
    let mut body = Vec::new();
    let mut pieces = response.bytes_stream();
    while let Some(piece) = pieces.next().await {
        let piece = piece.map_err(|error| transport(url, error))?;
        if body.len() + piece.len() > MAX_RESPONSE_BYTES {
            let problem = format!(
                "{} sent more than the limit of {MAX_RESPONSE_BYTES} bytes",
                server(url)
            );
            return Err(NodeError::new("HTTP_RESPONSE_TOO_LARGE", problem));
        }
        body.extend_from_slice(&piece);
    }
    Ok(body)
}

pub(super) fn is_failure(status: StatusCode) -> bool {
    status.is_client_error() || status.is_server_error()
}

pub(super) fn refused(url: &Url, status: StatusCode) -> NodeError {
    let error = NodeError::new("HTTP_STATUS", format!("{} answered {status}", server(url)));
    let passing = [StatusCode::REQUEST_TIMEOUT, StatusCode::TOO_MANY_REQUESTS].contains(&status);
    if passing || status.is_server_error() {
        error.retryable()
    } else {
        error
    }
}

/// Names the server only: paths and queries carry secrets.
pub(super) fn transport(url: &Url, error: reqwest::Error) -> NodeError {
    let error = error.without_url();
    let mut causes = std::iter::successors(Some(&error as &dyn std::error::Error), |error| {
        error.source()
    });
    let reason = causes
        .by_ref()
        .last()
        .map(ToString::to_string)
        .unwrap_or_default();
    let failure = NodeError::new(
        "HTTP_FAILED",
        format!("request to {} failed: {reason}", server(url)),
    );
    if error.is_builder() || error.is_redirect() {
        failure
    } else {
        failure.retryable()
    }
}

pub(super) fn server(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port_or_known_default()
        .map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}
