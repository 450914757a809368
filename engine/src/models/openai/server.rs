//! The HTTP side of a model server: one request, one answer, and what its failures mean.

use std::{
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use async_openai::{error::OpenAIError, middleware::HttpRequestFactory};
use bytes::Bytes;
use futures::{FutureExt, StreamExt, future::BoxFuture};
use reqwest::{
    Response,
    header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, RETRY_AFTER},
};
use serde_json::Value;

use super::super::ModelError;
use super::endpoint::{Endpoint, error_text, innermost};

/// More than any model writes in one reply; a server that sends more is broken.
const MAX_ANSWER_BYTES: usize = 32 * 1024 * 1024;
/// An error page is read no further than this.
const MAX_ERROR_BYTES: usize = 64 * 1024;

/// Sends one request, once, and hands back an event stream or the reason why there is none.
#[derive(Clone)]
pub(super) struct ModelServer {
    client: reqwest::Client,
    endpoint: Arc<Endpoint>,
    headers: HeaderMap,
}

impl ModelServer {
    pub(super) fn new(
        client: reqwest::Client,
        endpoint: Arc<Endpoint>,
        headers: HeaderMap,
    ) -> Self {
        Self {
            client,
            endpoint,
            headers,
        }
    }

    async fn send(self, factory: HttpRequestFactory) -> Result<Response, tower::BoxError> {
        let endpoint = &self.endpoint;
        let mut request = factory.build().await?;
        request.headers_mut().remove(AUTHORIZATION);
        request.headers_mut().extend(self.headers);
        if let Some(authorization) = &endpoint.authorization {
            request
                .headers_mut()
                .insert(AUTHORIZATION, authorization.clone());
        }
        let answer = tokio::time::timeout(endpoint.patience(), self.client.execute(request)).await;
        let response = answer
            .map_err(|_| endpoint.timed_out())?
            .map_err(|error| endpoint.transport(error))?;
        if !response.status().is_success() {
            return Err(refusal(endpoint, response).await.into());
        }
        Ok(event_stream(endpoint, response).await?)
    }
}

impl tower::Service<HttpRequestFactory> for ModelServer {
    type Response = Response;
    type Error = tower::BoxError;
    type Future = BoxFuture<'static, Result<Response, tower::BoxError>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, factory: HttpRequestFactory) -> Self::Future {
        self.clone().send(factory).boxed()
    }
}

/// What the client library's error means; ours come through it unchanged.
pub(super) fn classify(endpoint: &Endpoint, error: OpenAIError) -> ModelError {
    match error {
        OpenAIError::Boxed(error) => match error.downcast::<ModelError>() {
            Ok(ours) => *ours,
            Err(other) => endpoint.garbled(&innermost(&*other)),
        },
        OpenAIError::Reqwest(error) => endpoint.transport(error),
        OpenAIError::StreamError(error) => endpoint.interrupted(&error.to_string()),
        OpenAIError::JSONDeserialize(error, _) => {
            endpoint.garbled(&format!("a piece is not what it should be: {error}"))
        }
        other => endpoint.garbled(&other.to_string()),
    }
}

async fn refusal(endpoint: &Endpoint, response: Response) -> ModelError {
    let status = response.status();
    let retry_after = response
        .headers()
        .get(RETRY_AFTER)
        .and_then(|value| value.to_str().ok()?.trim().parse().ok())
        .map(Duration::from_secs);
    // The status tells enough when its explanation cannot be read.
    let body = read_at_most(endpoint, response, MAX_ERROR_BYTES)
        .await
        .unwrap_or_default();
    let text = match serde_json::from_slice::<Value>(&body) {
        Ok(json) => error_text(&json).unwrap_or_else(|| json.to_string()),
        Err(_) => String::from_utf8_lossy(&body).into_owned(),
    };
    endpoint.refused(status, retry_after, endpoint.detail(&text))
}

/// A server that does not stream answers with the whole reply as JSON: it becomes a stream of one event.
async fn event_stream(
    endpoint: &Arc<Endpoint>,
    response: Response,
) -> Result<Response, ModelError> {
    let kind = response
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    match kind.split(';').next().unwrap_or_default().trim() {
        "application/json" => {
            let body = read_at_most(endpoint, response, MAX_ANSWER_BYTES).await?;
            let reply: Value = serde_json::from_slice(&body)
                .map_err(|error| endpoint.garbled(&format!("not JSON: {error}")))?;
            Ok(http::Response::new(reqwest::Body::from(format!("data: {reply}\n\n"))).into())
        }
        "text/event-stream" | "" => {
            let mut left = MAX_ANSWER_BYTES;
            let bytes = response.bytes_stream().map(move |piece| {
                let piece = piece
                    .map_err(|error| std::io::Error::other(innermost(&error.without_url())))?;
                left = left
                    .checked_sub(piece.len())
                    .ok_or_else(|| std::io::Error::other("it is larger than 32 MiB"))?;
                Ok::<_, std::io::Error>(piece)
            });
            Ok(http::Response::new(reqwest::Body::wrap_stream(bytes)).into())
        }
        other => Err(endpoint.garbled(&format!("its type is {other}, not an event stream"))),
    }
}

async fn read_at_most(
    endpoint: &Endpoint,
    response: Response,
    limit: usize,
) -> Result<Vec<u8>, ModelError> {
    let read = async {
        let mut body = Vec::new();
        let mut pieces = response.bytes_stream();
        while let Some(piece) = pieces.next().await {
            let piece: Bytes =
                piece.map_err(|error| endpoint.interrupted(&innermost(&error.without_url())))?;
            body.extend_from_slice(&piece[..piece.len().min(limit - body.len())]);
            if body.len() == limit {
                break;
            }
        }
        Ok(body)
    };
    tokio::time::timeout(endpoint.patience(), read)
        .await
        .unwrap_or_else(|_| Err(endpoint.timed_out()))
}
