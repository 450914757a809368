//! Usage and costs that libraries send as one JSON object.

use serde_json::Value;

use super::Attribute;
use super::table::{Field, Fields, GENKIT_OUTPUT};

/// Tokens by kind, whichever names a library gives to the kinds. Few spans have any.
#[derive(Debug)]
pub(super) struct Details(Option<Value>);

impl Details {
    pub(super) fn of<A: Attribute>(fields: &Fields<'_, A>) -> Self {
        let parsed = |text: &str| serde_json::from_str::<Value>(text).ok();
        let told = fields
            .text(Field::UsageDetails)
            .and_then(|text| parsed(&text));
        // What a model returned, by Genkit, has its usage in it.
        let within = || {
            let mut returned = parsed(&fields.text_of(Field::Output, GENKIT_OUTPUT)?)?;
            returned.get_mut("usage").map(Value::take)
        };
        Self(told.or_else(within))
    }

    pub(super) fn input(&self) -> Option<i64> {
        self.first(&["/input", "/input_tokens", "/inputTokens", "/prompt_tokens"])
    }

    pub(super) fn output(&self) -> Option<i64> {
        self.first(&[
            "/output",
            "/output_tokens",
            "/outputTokens",
            "/completion_tokens",
        ])
    }

    pub(super) fn cache_read(&self) -> Option<i64> {
        self.first(&[
            "/cache_read_input_tokens",
            "/input_token_details/cache_read",
            "/cachedContentTokens",
        ])
    }

    pub(super) fn cache_write(&self) -> Option<i64> {
        self.first(&[
            "/cache_creation_input_tokens",
            "/input_token_details/cache_creation",
        ])
    }

    pub(super) fn reasoning(&self) -> Option<i64> {
        self.first(&["/output_token_details/reasoning", "/thoughtsTokens"])
    }

    fn first(&self, pointers: &[&str]) -> Option<i64> {
        let details = self.0.as_ref()?;
        let mut pointers = pointers.iter();
        let tokens = pointers.find_map(|pointer| details.pointer(pointer)?.as_f64())?;
        #[expect(clippy::cast_possible_truncation, reason = "tokens are whole")]
        let tokens = tokens as i64;
        (tokens >= 0).then_some(tokens)
    }

    /// The sum of an object of costs, in US dollars.
    pub(super) fn cost<A: Attribute>(fields: &Fields<'_, A>) -> Option<f64> {
        let costs: Value = serde_json::from_str(&fields.text(Field::CostDetails)?).ok()?;
        costs.get("total")?.as_f64()
    }
}
