//! What a span's attributes mean: one table of keys to fields, read for every span whoever made it.

mod attribute;
mod content;
mod first_token;
pub mod keys;
mod messages;
mod table;

use orcheo_store::{SpanCategory, UsageRecord};

pub(crate) use self::attribute::{Attribute, approximate, whole};
pub(crate) use self::content::holds_content;
pub(crate) use self::first_token::FirstToken;
pub use self::first_token::comes_with_first_token;
pub(crate) use self::messages::{Said, indexed};
use self::table::{Field, Fields};
use crate::Prices;

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
    /// The sum that Orcheo's nodes report, without which model. Our own engine's repeat what the calls below them report.
    pub(crate) node_usage: Option<UsageRecord>,
    pub(crate) first_token: Option<FirstToken>,
    /// The host of the server that it calls.
    pub(crate) server: Option<String>,
    /// The attributes that are the span's input and output, by their place among the attributes. The keys are ours to
    /// show under other names, so they are not shown as attributes as well.
    pub(crate) content: Content,
    pub(crate) run: RunMeaning,
}

/// What the attributes of one span say about the run that it belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct RunMeaning {
    pub(crate) external_id: Option<String>,
    /// With its rank on a span other than the root.
    pub(crate) workflow_id: Option<(String, i16)>,
    pub(crate) thread_id: Option<String>,
    /// Orcheo's word for how a node, or the run, went.
    pub(crate) status: Option<String>,
    pub(crate) error_code: Option<String>,
}

/// Ranks of what names a workflow: the lower, the better. In between are those of the same names on the root span, which
/// knows better than a span below it.
pub(crate) const RANK_ID: i16 = 1;
pub(crate) const RANK_NAME: i16 = 3;
pub(crate) const RANK_ENTITY: i16 = 5;
pub(crate) const RANK_SERVICE: i16 = 7;

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
    /// Reads attributes, and prices the usage that tells no cost itself.
    pub(crate) fn priced<A: Attribute>(attributes: &[A], prices: &Prices) -> Self {
        let mut meaning = Self::of(attributes);
        let usage = [&mut meaning.usage, &mut meaning.node_usage];
        for usage in usage.into_iter().flatten() {
            prices.apply(usage, meaning.server.as_deref());
        }
        meaning
    }

    /// Reads attributes; of a key that is set twice, the last counts.
    pub(crate) fn of<A: Attribute>(attributes: &[A]) -> Self {
        let fields = Fields::read(attributes);
        let text = |field| fields.text(field).map(|text| text.into_owned());
        let category = category(&fields);
        // Other spans may carry the name of their workflow, too.
        let workflow_title = || {
            let is_workflow = category == SpanCategory::Workflow;
            is_workflow.then(|| text(Field::WorkflowTitle)).flatten()
        };
        Self {
            category,
            node_id: text(Field::NodeId),
            node_type: text(Field::NodeType),
            display_name: text(Field::DisplayName).or_else(workflow_title),
            attempt: fields
                .integer(Field::Attempt)
                .and_then(|number| i32::try_from(number).ok()),
            iteration: fields
                .integer(Field::Iteration)
                .and_then(|number| i32::try_from(number).ok()),
            usage: usage(&fields, [Field::InputTokens, Field::OutputTokens]),
            node_usage: usage(&fields, [Field::NodeInputTokens, Field::NodeOutputTokens]),
            first_token: FirstToken::of(&fields),
            server: text(Field::Server),
            content: Content {
                system: fields.index(Field::System),
                input: fields.index(Field::Input),
                output: fields.index(Field::Output),
            },
            run: RunMeaning {
                external_id: text(Field::ExecutionId),
                workflow_id: workflow_id(&fields),
                thread_id: text(Field::Thread),
                status: text(Field::NodeStatus),
                error_code: text(Field::ErrorCode),
            },
        }
    }
}

fn workflow_id<A: Attribute>(fields: &Fields<'_, A>) -> Option<(String, i16)> {
    let named = [
        (Field::WorkflowId, RANK_ID),
        (Field::WorkflowName, RANK_NAME),
        (Field::EntityWorkflow, RANK_ENTITY),
    ];
    named.into_iter().find_map(|(field, rank)| {
        let id = fields.text(field)?.into_owned();
        Some((id, rank))
    })
}

fn category<A: Attribute>(fields: &Fields<'_, A>) -> SpanCategory {
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
    let kind = || {
        fields
            .text(Field::SpanKind)
            .and_then(|kind| category_of_kind(&kind))
    };
    // Of what a span is as well, the first says most: a node that calls over HTTP is a node.
    let implied = [
        (Field::NodeId, SpanCategory::Node),
        (Field::WorkflowId, SpanCategory::Workflow),
        (Field::ExecutionId, SpanCategory::Workflow),
        (Field::DatabaseSystem, SpanCategory::Database),
        (Field::HttpMethod, SpanCategory::Http),
    ];
    said.or_else(kind)
        .or_else(|| {
            implied
                .into_iter()
                .find_map(|(field, category)| fields.index(field).map(|_| category))
        })
        .unwrap_or(SpanCategory::Other)
}

/// What OpenInference, Traceloop and others call kinds. A CHAIN may be anything: what else the span says decides.
fn category_of_kind(kind: &str) -> Option<SpanCategory> {
    match kind.to_ascii_lowercase().as_str() {
        "workflow" => Some(SpanCategory::Workflow),
        "task" => Some(SpanCategory::Node),
        "agent" => Some(SpanCategory::Agent),
        "llm"
        | "chat"
        | "completion"
        | "generation"
        | "ai.generatetext.dogenerate"
        | "ai.streamtext.dostream"
        | "ai.generateobject.dogenerate"
        | "ai.streamobject.dostream" => Some(SpanCategory::Llm),
        "tool" | "ai.toolcall" => Some(SpanCategory::Tool),
        "retriever" => Some(SpanCategory::Retriever),
        "embedding" | "ai.embed.doembed" | "ai.embedmany.doembed" => Some(SpanCategory::Embedding),
        "reranker" | "rerank" => Some(SpanCategory::Reranker),
        "guardrail" => Some(SpanCategory::Guardrail),
        _ => None,
    }
}

/// Usage as a model call reports it. Elsewhere the same keys only repeat what the calls below say, so it is not counted.
fn usage<A: Attribute>(fields: &Fields<'_, A>, [input, output]: [Field; 2]) -> Option<UsageRecord> {
    let tokens = |field| fields.integer(field).filter(|tokens| *tokens >= 0);
    let details = |field, kind: &str| {
        let details: serde_json::Value = serde_json::from_str(&fields.text(field)?).ok()?;
        details.get(kind)?.as_f64()
    };
    #[expect(clippy::cast_possible_truncation, reason = "tokens are whole")]
    let detailed = |kind| {
        let tokens = details(Field::UsageDetails, kind).map(|tokens| tokens as i64);
        tokens.filter(|tokens| *tokens >= 0)
    };
    let input = tokens(input).or_else(|| detailed("input"));
    let output = tokens(output).or_else(|| detailed("output"));
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
            .or_else(|| details(Field::CostDetails, "total"))
            .filter(|cost| cost.is_finite() && *cost >= 0.0),
        counted: matches!(
            category(fields),
            SpanCategory::Llm | SpanCategory::Embedding
        ),
    })
}

#[cfg(test)]
mod tests;
