//! Models behind an OpenAI-compatible server: the request, and the reply as it streams in.

mod endpoint;
mod server;
#[cfg(test)]
mod tests;
mod wire;

use std::{sync::Arc, time::Duration};

use async_openai::{Client, config::OpenAIConfig, error::OpenAIError};
use async_trait::async_trait;
use futures::{Stream, StreamExt, stream};
use reqwest::Url;

use self::{
    endpoint::Endpoint,
    server::{ModelServer, classify},
    wire::WireChunk,
};
use super::{ChatModel, ChatRequest, Chunk, ChunkStream, ModelError};

/// One model of one OpenAI-compatible server.
#[derive(Debug)]
pub(super) struct OpenAiModel {
    provider: String,
    name: String,
    endpoint: Arc<Endpoint>,
    client: reqwest::Client,
}

/// Where a model is, and how it is spoken to.
#[derive(Debug)]
pub(super) struct OpenAiSettings<'a> {
    /// `gen_ai.provider.name`, also for a server that only speaks the protocol.
    pub(super) provider: &'a str,
    pub(super) model: &'a str,
    /// The address up to and without `/chat/completions`.
    pub(super) base_url: &'a str,
    pub(super) api_key: Option<String>,
    /// How long the server may take to send the next piece of its answer.
    pub(super) patience: Duration,
}

impl OpenAiModel {
    /// # Errors
    /// [`ModelError::Misconfigured`] for an address that is no HTTP URL and for a key that cannot be sent.
    pub(super) fn new(
        client: reqwest::Client,
        settings: OpenAiSettings<'_>,
    ) -> Result<Self, ModelError> {
        let url = Url::parse(settings.base_url.trim_end_matches('/')).map_err(|error| {
            ModelError::Misconfigured(format!("base_url is not a URL: {error}"))
        })?;
        let endpoint = Endpoint::new(url, settings.patience, settings.api_key)?;
        Ok(Self {
            provider: settings.provider.to_owned(),
            name: settings.model.to_owned(),
            endpoint: Arc::new(endpoint),
            client,
        })
    }
}

#[async_trait]
impl ChatModel for OpenAiModel {
    fn provider(&self) -> &str {
        &self.provider
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn server(&self) -> Option<(&str, u16)> {
        Some((self.endpoint.host(), self.endpoint.port()))
    }

    async fn chat(&self, request: &ChatRequest) -> Result<ChunkStream, ModelError> {
        // The library's own transport would retry by itself, so that the attempts are on no trace, and log what the
        // server says; `ModelServer` does neither.
        let config = OpenAIConfig::new()
            .with_api_base(self.endpoint.base())
            .with_org_id("")
            .with_project_id("");
        let server = ModelServer::new(
            self.client.clone(),
            Arc::clone(&self.endpoint),
            request.headers.clone(),
        );
        let chunks = Client::build(self.client.clone(), config.with_api_key(""))
            .with_http_service(server)
            .chat()
            .create_stream_byot::<_, WireChunk>(wire::request_body(&self.name, request))
            .await
            .map_err(|error| classify(&self.endpoint, error))?;
        let reply = PartialReply {
            endpoint: Arc::clone(&self.endpoint),
            chunks,
            begun: false,
            finished: false,
        };
        Ok(stream::try_unfold(reply, PartialReply::next).boxed())
    }
}

/// A reply that is being streamed: ends with an error where the server stalls, talks rubbish, or stops too early.
struct PartialReply<S> {
    endpoint: Arc<Endpoint>,
    chunks: S,
    begun: bool,
    finished: bool,
}

impl<S: Stream<Item = Result<WireChunk, OpenAIError>> + Unpin> PartialReply<S> {
    async fn next(mut self) -> Result<Option<(Chunk, Self)>, ModelError> {
        let Ok(next) = tokio::time::timeout(self.endpoint.patience(), self.chunks.next()).await
        else {
            return Err(self.endpoint.timed_out());
        };
        match next {
            Some(Ok(wire)) => {
                let chunk = wire.into_chunk(&self.endpoint)?;
                self.begun = true;
                self.finished |= chunk.finish_reason.is_some();
                Ok(Some((chunk, self)))
            }
            Some(Err(error)) => Err(classify(&self.endpoint, error)),
            None if self.finished => Ok(None),
            None if self.begun => Err(self.endpoint.interrupted("no finish_reason at the end")),
            None => Err(self.endpoint.garbled("it holds no reply")),
        }
    }
}
