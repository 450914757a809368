//! Chat models behind one trait: any OpenAI-compatible server, and the built-in models that need no network.

mod error;
#[cfg(test)]
pub(crate) mod fake_server;
mod message;
mod offline;
mod openai;
mod reply;
mod select;
mod tokens;

use async_trait::async_trait;
use futures::stream::BoxStream;

pub use error::ModelError;
pub(crate) use message::text_part;
pub use message::{ChatRequest, Message, ToolCall, ToolDefinition};
pub use reply::{Chunk, Reply, ReplyBuilder, ToolCallDelta, Usage};
pub use select::{ModelSettings, Models};
pub(crate) use tokens::{
    count as count_tokens, prepare as prepare_tokenizer, ready as tokenizer_ready,
};

/// The pieces of one reply, in the order in which the model produced them.
pub type ChunkStream = BoxStream<'static, Result<Chunk, ModelError>>;

/// A model that answers a conversation.
#[async_trait]
pub trait ChatModel: std::fmt::Debug + Send + Sync {
    /// The provider's name in the words of the GenAI conventions (`gen_ai.provider.name`).
    fn provider(&self) -> &str;

    /// The name the model is asked by (`gen_ai.request.model`).
    fn name(&self) -> &str;

    /// Host and port of the model server, if one is spoken to.
    fn server(&self) -> Option<(&str, u16)>;

    /// Sends the conversation and returns the reply as it is produced.
    ///
    /// Dropping the stream ends the request. A stream that ends without an error is a whole reply: a model server that
    /// stops in the middle is [`ModelError::Interrupted`].
    async fn chat(&self, request: &ChatRequest) -> Result<ChunkStream, ModelError>;
}
