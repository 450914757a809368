//! What a span's attributes mean: one table of keys to fields, read for every span whoever made it.

pub mod keys;
mod table;

use opentelemetry::{KeyValue, Value};
use orcheo_store::{SpanCategory, UsageRecord};

use self::table::{Field, Fields};

/// What the attributes of one span say about it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Meaning {
    pub(crate) category: SpanCategory,
    pub(crate) node_id: Option<String>,
    pub(crate) node_type: Option<String>,
    pub(crate) display_name: Option<String>,
    pub(crate) attempt: Option<i32>,
    pub(crate) iteration: Option<i32>,
    pub(crate) usage: Option<UsageRecord>,
    /// The attributes that are the span's input and output, by their place among the attributes. The keys are ours to
    /// show under other names, so they are not shown as attributes as well.
    pub(crate) content: Content,
}

/// Places of the attributes that carry content.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Content {
    pub(crate) system: Option<usize>,
    pub(crate) input: Option<usize>,
    pub(crate) output: Option<usize>,
}

impl Content {
    pub(crate) fn holds(&self, index: usize) -> bool {
        [self.system, self.input, self.output].contains(&Some(index))
    }
}

impl Meaning {
    /// Reads attributes; of a key that is set twice, the last counts.
    pub(crate) fn of(attributes: &[KeyValue]) -> Self {
        let fields = Fields::read(attributes);
        let text = |field| fields.text(field).map(|text| text.into_owned());
        Self {
            category: category(&fields),
            node_id: text(Field::NodeId),
            node_type: text(Field::NodeType),
            display_name: text(Field::DisplayName),
            attempt: fields
                .integer(Field::Attempt)
                .and_then(|number| i32::try_from(number).ok()),
            iteration: fields
                .integer(Field::Iteration)
                .and_then(|number| i32::try_from(number).ok()),
            usage: usage(&fields),
            content: Content {
                system: fields.index(Field::System),
                input: fields.index(Field::Input),
                output: fields.index(Field::Output),
            },
        }
    }
}

fn category(fields: &Fields<'_>) -> SpanCategory {
    let operation = fields.text(Field::Operation);
    let said = operation.as_deref().and_then(|operation| match operation {
        "chat" | "text_completion" | "generate_content" => Some(SpanCategory::Llm),
        "embeddings" => Some(SpanCategory::Embedding),
        "retrieval" => Some(SpanCategory::Retriever),
        "execute_tool" => Some(SpanCategory::Tool),
        "create_agent" | "invoke_agent" => Some(SpanCategory::Agent),
        "invoke_workflow" => Some(SpanCategory::Workflow),
        _ => None,
    });
    // Of what a span is as well, the first says most: a node that calls over HTTP is a node.
    let implied = [
        (Field::NodeId, SpanCategory::Node),
        (Field::WorkflowId, SpanCategory::Workflow),
        (Field::DatabaseSystem, SpanCategory::Database),
        (Field::HttpMethod, SpanCategory::Http),
    ];
    said.or_else(|| {
        implied
            .into_iter()
            .find_map(|(field, category)| fields.index(field).map(|_| category))
    })
    .unwrap_or(SpanCategory::Other)
}

/// Usage as a model call reports it. Elsewhere the same keys only repeat what the calls below say, so it is not counted.
fn usage(fields: &Fields<'_>) -> Option<UsageRecord> {
    let tokens = |field| fields.integer(field).filter(|tokens| *tokens >= 0);
    let (input, output) = (tokens(Field::InputTokens), tokens(Field::OutputTokens));
    if input.is_none() && output.is_none() {
        return None;
    }
    let text = |field| fields.text(field).map(|text| text.into_owned());
    Some(UsageRecord {
        provider: text(Field::Provider),
        // The model that answered was billed; the one asked for may be an alias.
        model: text(Field::ResponseModel).or_else(|| text(Field::RequestModel)),
        input: input.unwrap_or(0),
        output: output.unwrap_or(0),
        cache_read: tokens(Field::CacheReadTokens).unwrap_or(0),
        cache_write: tokens(Field::CacheWriteTokens).unwrap_or(0),
        reasoning: tokens(Field::ReasoningTokens).unwrap_or(0),
        cost_usd: fields
            .number(Field::Cost)
            .filter(|cost| cost.is_finite() && *cost >= 0.0),
        counted: matches!(
            category(fields),
            SpanCategory::Llm | SpanCategory::Embedding
        ),
    })
}

/// The number that an attribute holds, also where an emitter wrote it as text.
fn integer(value: &Value) -> Option<i64> {
    match value {
        Value::I64(number) => Some(*number),
        #[expect(
            clippy::cast_possible_truncation,
            reason = "checked to be whole and small enough to be exact"
        )]
        Value::F64(number) if number.fract() == 0.0 && number.abs() < 9e15 => Some(*number as i64),
        Value::String(text) => text.as_str().trim().parse().ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
