//! Token counts: what one model call consumed, and the sums above it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use opentelemetry::KeyValue;

use crate::attributes as key;

/// Tokens of one model call. Input includes cached tokens, output includes reasoning.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct TokenUsage {
    pub input: u64,
    pub output: u64,
    pub cache_read: Option<u64>,
    pub cache_write: Option<u64>,
    pub reasoning: Option<u64>,
    pub cost_usd: Option<f64>,
}

impl TokenUsage {
    /// The attributes of a model call's span.
    pub fn attributes(&self) -> Vec<KeyValue> {
        let mut attributes = vec![
            count(key::GEN_AI_USAGE_INPUT, self.input),
            count(key::GEN_AI_USAGE_OUTPUT, self.output),
        ];
        let details = [
            (key::GEN_AI_USAGE_CACHE_READ, self.cache_read),
            (key::GEN_AI_USAGE_CACHE_WRITE, self.cache_write),
            (key::GEN_AI_USAGE_REASONING, self.reasoning),
        ];
        attributes.extend(
            details
                .into_iter()
                .filter_map(|(key, value)| value.map(|value| count(key, value))),
        );
        attributes.extend(self.cost_usd.map(|cost| KeyValue::new(key::COST_USD, cost)));
        attributes
    }
}

fn count(key: &'static str, value: u64) -> KeyValue {
    KeyValue::new(key, i64::try_from(value).unwrap_or(i64::MAX))
}

/// Token sums of a span, which flow up to the spans above it.
#[derive(Debug, Default)]
pub(crate) struct Tokens {
    input: AtomicU64,
    output: AtomicU64,
    above: Option<Arc<Tokens>>,
}

impl Tokens {
    pub(crate) fn below(above: &Arc<Self>) -> Arc<Self> {
        Arc::new(Self {
            above: Some(Arc::clone(above)),
            ..Self::default()
        })
    }

    pub(crate) fn add(&self, usage: &TokenUsage) {
        let mut level = Some(self);
        while let Some(tokens) = level {
            tokens.input.fetch_add(usage.input, Ordering::Relaxed);
            tokens.output.fetch_add(usage.output, Ordering::Relaxed);
            level = tokens.above.as_deref();
        }
    }

    /// The sums, or nothing where no model was called.
    pub(crate) fn attributes(&self) -> Vec<KeyValue> {
        let (input, output) = (
            self.input.load(Ordering::Relaxed),
            self.output.load(Ordering::Relaxed),
        );
        if input == 0 && output == 0 {
            return Vec::new();
        }
        vec![
            count(key::TOKEN_INPUT, input),
            count(key::TOKEN_OUTPUT, output),
        ]
    }
}
