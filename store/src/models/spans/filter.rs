//! Which spans of an execution a list shows.

use diesel::sql_types::{Array, BigInt, Nullable, SmallInt, Text};

use crate::{
    SpanCategory, SpanState,
    models::now_ns,
    statement::{Statement, contains},
};

/// Conditions that all hold; `None` does not restrict.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct SpanFilter {
    /// Part of the name, display name, node id, status message, attributes, input or output, in any case of letters.
    pub text: Option<String>,
    pub state: Option<SpanState>,
    pub categories: Option<Vec<SpanCategory>>,
    /// Whether the status is ERROR.
    pub has_error: Option<bool>,
    pub node_id: Option<String>,
    /// Of a running span, the time since its start counts.
    pub min_duration_ns: Option<i64>,
    /// Input and output tokens together.
    pub min_tokens: Option<i64>,
}

impl SpanFilter {
    /// How many parameters [`condition`](Self::condition) has.
    pub(super) const PARAMETERS: usize = 8;

    /// True when it restricts nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The condition on a row of `spans` or `open_spans`, and its parameters, the first of which is `$first`.
    ///
    /// The text is always the same, so that a filter does not multiply prepared statements.
    pub(super) fn condition(first: usize) -> String {
        let [
            text,
            state,
            categories,
            has_error,
            node_id,
            duration,
            now,
            tokens,
        ]: [String; Self::PARAMETERS] = std::array::from_fn(|index| format!("${}", first + index));
        format!(
            "({text}::text IS NULL OR name ILIKE {text} OR display_name ILIKE {text} OR node_id ILIKE {text} \
             OR status_message ILIKE {text} OR attributes::text ILIKE {text} OR input::text ILIKE {text} \
             OR output::text ILIKE {text}) \
             AND ({state}::smallint IS NULL OR state = {state}) \
             AND ({categories}::smallint[] IS NULL OR category = ANY({categories})) \
             AND ({has_error}::bool IS NULL OR (status_code = 2) = {has_error}) \
             AND ({node_id}::text IS NULL OR node_id = {node_id}) \
             AND ({duration}::bigint IS NULL OR coalesce(end_ns, {now}::bigint) - start_ns >= {duration}) \
             AND ({tokens}::bigint IS NULL OR EXISTS (SELECT FROM token_usage t WHERE t.execution_id = i.execution_id \
             AND t.span_id = i.span_id AND t.input_tokens + t.output_tokens >= {tokens}))"
        )
    }

    pub(super) fn bind<ST>(self, statement: Statement<ST>) -> Statement<ST> {
        statement
            .bind::<Nullable<Text>, _>(self.text.as_deref().map(contains))
            .bind::<Nullable<SmallInt>, _>(self.state)
            .bind::<Nullable<Array<SmallInt>>, _>(self.categories)
            .bind::<Nullable<diesel::sql_types::Bool>, _>(self.has_error)
            .bind::<Nullable<Text>, _>(self.node_id)
            .bind::<Nullable<BigInt>, _>(self.min_duration_ns)
            .bind::<BigInt, _>(now_ns())
            .bind::<Nullable<BigInt>, _>(self.min_tokens)
    }
}
