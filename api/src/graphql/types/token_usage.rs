//! `TokenUsage`, its sums by model and by node, and what no sum holds.

use async_graphql::{Enum, SimpleObject};
use orcheo_store::{SpanState, models::spans};

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
    /// Of `total`, the tokens of calls whose cost is not known: `costUsd` leaves them out. Prices of more models come from a file.
    pub unpriced: i32,
    /// Of what a span reports itself: whether the execution's sums hold it. Sums are made of nothing else.
    pub counted: bool,
    /// Why it is not counted; null where it is.
    pub uncounted_reason: Option<UncountedReason>,
}

/// Why what a span reports itself is in no sum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum UncountedReason {
    /// The span reports none.
    NotReported,
    /// It repeats what spans below it report, which are counted in its place.
    Repeated,
    /// The call still runs; it is counted when it ends.
    Running,
}

impl TokenUsage {
    /// What a span reports itself. Its row must have the part `usage`.
    pub(crate) fn of_span(span: &spans::Span) -> Self {
        let Some(usage) = &span.usage else {
            return Self {
                counted: false,
                uncounted_reason: Some(UncountedReason::NotReported),
                ..spans::TokenUsage::default().into()
            };
        };
        let uncounted_reason = if span.state == SpanState::Running {
            Some(UncountedReason::Running)
        } else {
            (!usage.counted).then_some(UncountedReason::Repeated)
        };
        Self {
            counted: uncounted_reason.is_none(),
            uncounted_reason,
            ..spans::TokenUsage::from(usage).into()
        }
    }
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
            unpriced: int(usage.unpriced),
            counted: true,
            uncounted_reason: None,
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

/// What spans report and `tokenUsage` of their execution leaves out.
#[derive(Debug, Clone, SimpleObject)]
pub struct UncountedTokenUsage {
    /// Why it is left out.
    pub reason: UncountedReason,
    /// How many spans report it.
    pub spans: i32,
    /// What they report together.
    pub token_usage: TokenUsage,
}

impl From<spans::UncountedUsage> for UncountedTokenUsage {
    fn from(uncounted: spans::UncountedUsage) -> Self {
        let reason = if uncounted.running {
            UncountedReason::Running
        } else {
            UncountedReason::Repeated
        };
        Self {
            reason,
            spans: int(uncounted.spans),
            token_usage: TokenUsage {
                counted: false,
                uncounted_reason: Some(reason),
                ..uncounted.usage.into()
            },
        }
    }
}
