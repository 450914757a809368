//! `TokenUsage` and its sums by model and by node.

use async_graphql::SimpleObject;
use orcheo_store::models::spans;

use super::int;

/// Tokens as OpenTelemetry's GenAI conventions count them: `input` includes cached tokens and `output` includes reasoning,
/// so neither is ever added to them again.
#[derive(Debug, Clone, Copy, PartialEq, SimpleObject)]
pub struct TokenUsage {
    /// Tokens given to models, cached ones included.
    pub input: i32,
    /// Tokens that models produced, reasoning included.
    pub output: i32,
    /// `input` and `output` together.
    pub total: i32,
    /// Of `input`, those read from a provider's cache.
    pub cache_read: i32,
    /// Of `input`, those written to a provider's cache.
    pub cache_write: i32,
    /// Of `output`, those spent on reasoning.
    pub reasoning: i32,
    /// Cost in US dollars; null where none is known.
    pub cost_usd: Option<f64>,
}

impl From<spans::TokenUsage> for TokenUsage {
    fn from(usage: spans::TokenUsage) -> Self {
        Self {
            input: int(usage.input),
            output: int(usage.output),
            total: int(usage.input.saturating_add(usage.output)),
            cache_read: int(usage.cache_read),
            cache_write: int(usage.cache_write),
            reasoning: int(usage.reasoning),
            cost_usd: usage.cost_usd,
        }
    }
}

/// What the calls of one model used.
#[derive(Debug, Clone, SimpleObject)]
pub struct ModelTokenUsage {
    /// The provider, as the spans name it; null where they do not.
    pub provider: Option<String>,
    /// The model that answered, as the spans name it; null where they do not.
    pub model: Option<String>,
    /// How many spans report usage of it.
    pub calls: i32,
    /// What they report together.
    pub token_usage: TokenUsage,
}

impl From<spans::ModelUsage> for ModelTokenUsage {
    fn from(usage: spans::ModelUsage) -> Self {
        Self {
            provider: usage.provider,
            model: usage.model,
            calls: int(usage.calls),
            token_usage: usage.usage.into(),
        }
    }
}

/// What the calls below one node used.
#[derive(Debug, Clone, SimpleObject)]
pub struct NodeTokenUsage {
    /// The node of the workflow; null for calls that belong to none.
    pub node_id: Option<String>,
    /// How many spans report usage below it.
    pub calls: i32,
    /// What they report together.
    pub token_usage: TokenUsage,
}

impl From<spans::NodeUsage> for NodeTokenUsage {
    fn from(usage: spans::NodeUsage) -> Self {
        Self {
            node_id: usage.node_id,
            calls: int(usage.calls),
            token_usage: usage.usage.into(),
        }
    }
}
