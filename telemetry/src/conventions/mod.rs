//! What a span's attributes mean: one table of keys to fields, read for every span whoever made it.

mod attribute;
mod category;
mod content;
mod details;
mod first_token;
mod graph;
pub mod keys;
mod messages;
mod table;

use orcheo_store::{SpanCategory, UsageRecord};

pub(crate) use self::attribute::{Attribute, approximate, whole};
pub(crate) use self::content::holds_content;
pub(crate) use self::first_token::FirstToken;
pub use self::first_token::comes_with_first_token;
pub(crate) use self::messages::{Said, indexed};
use self::{
    category::category,
    details::Details,
    graph::Graph,
    table::{Field, Fields, TOOL_PARAMETERS},
};
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
    /// Reads the attributes of the span called `name`, and prices the usage that tells no cost itself.
    pub(crate) fn priced<A: Attribute>(name: &str, attributes: &[A], prices: &Prices) -> Self {
        let mut meaning = Self::of(name, attributes);
        let usage = [&mut meaning.usage, &mut meaning.node_usage];
        for usage in usage.into_iter().flatten() {
            prices.apply(usage, meaning.server.as_deref());
        }
        meaning
    }

    /// Reads the attributes of the span called `name`; of a key that is set twice, the last counts.
    pub(crate) fn of<A: Attribute>(name: &str, attributes: &[A]) -> Self {
        let fields = Fields::read(attributes);
        let text = |field| fields.text(field).map(|text| text.into_owned());
        let graph = Graph::of(name, &fields);
        let category = category(&fields, &graph);
        let tool = || {
            let is_tool = category == SpanCategory::Tool;
            is_tool.then(|| text(Field::ToolName)).flatten()
        };
        // Other spans may carry the name of their workflow, too.
        let workflow_title = || {
            let is_workflow = category == SpanCategory::Workflow;
            is_workflow.then(|| text(Field::WorkflowTitle)).flatten()
        };
        Self {
            category,
            node_id: text(Field::NodeId).or_else(|| graph.node_id()),
            node_type: text(Field::NodeType),
            display_name: text(Field::DisplayName)
                .or_else(workflow_title)
                .or_else(tool),
            attempt: fields
                .integer(Field::Attempt)
                .and_then(|number| i32::try_from(number).ok()),
            iteration: fields
                .integer(Field::Iteration)
                .and_then(|number| i32::try_from(number).ok()),
            usage: usage(&fields, category, [Field::InputTokens, Field::OutputTokens]),
            node_usage: usage(
                &fields,
                category,
                [Field::NodeInputTokens, Field::NodeOutputTokens],
            ),
            first_token: FirstToken::of(&fields, category),
            server: text(Field::Server),
            content: Content {
                system: fields.index(Field::System),
                input: fields
                    .index(Field::Input)
                    .filter(|index| !is_definition(&attributes[*index])),
                output: fields.index(Field::Output),
            },
            run: RunMeaning {
                external_id: text(Field::ExecutionId),
                workflow_id: workflow_id(&fields, &graph),
                thread_id: text(Field::Thread),
                status: text(Field::NodeStatus),
                error_code: text(Field::ErrorCode),
            },
        }
    }
}

fn workflow_id<A: Attribute>(fields: &Fields<'_, A>, graph: &Graph) -> Option<(String, i16)> {
    let named = [
        (Field::WorkflowId, RANK_ID),
        (Field::WorkflowName, RANK_NAME),
        (Field::EntityWorkflow, RANK_ENTITY),
        (Field::OwnWorkflow, RANK_ENTITY),
    ];
    let named = named.into_iter().find_map(|(field, rank)| {
        let id = fields.text(field)?.into_owned();
        Some((id, rank))
    });
    named.or_else(|| Some((graph.workflow()?, RANK_ENTITY)))
}

/// Whether the attribute tells which parameters a tool has, and not what it was called with: a schema, or one for each.
fn is_definition<A: Attribute>(attribute: &A) -> bool {
    use serde_json::Value;
    if attribute.key() != TOOL_PARAMETERS {
        return false;
    }
    let is_typed = |of: &Value| of.get("type").is_some_and(Value::is_string);
    match serde_json::from_str(&attribute.text()) {
        Ok(Value::Object(members)) if !members.is_empty() => {
            let schema = members.contains_key("properties") && members.contains_key("type");
            schema || members.values().all(is_typed)
        }
        _ => false,
    }
}

/// Usage as a model call reports it. Elsewhere the same keys only repeat what the calls below say, so it is not counted.
fn usage<A: Attribute>(
    fields: &Fields<'_, A>,
    category: SpanCategory,
    [input, output]: [Field; 2],
) -> Option<UsageRecord> {
    let tokens = |field| fields.integer(field).filter(|tokens| *tokens >= 0);
    let details = Details::of(fields);
    let input = tokens(input).or_else(|| details.input());
    let output = tokens(output).or_else(|| details.output());
    if input.is_none() && output.is_none() {
        return None;
    }
    let part = |field, detail: Option<i64>| tokens(field).or(detail).unwrap_or(0);
    let text = |field| fields.text(field).map(|text| unquoted(&text).to_owned());
    Some(UsageRecord {
        provider: text(Field::Provider),
        // The model that answered was billed; the one asked for may be an alias.
        model: text(Field::ResponseModel).or_else(|| text(Field::RequestModel)),
        input: input.unwrap_or(0),
        output: output.unwrap_or(0),
        cache_read: part(Field::CacheReadTokens, details.cache_read()),
        cache_write: part(Field::CacheWriteTokens, details.cache_write()),
        reasoning: part(Field::ReasoningTokens, details.reasoning()),
        cost_usd: fields
            .number(Field::Cost)
            .or_else(|| Details::cost(fields))
            .filter(|cost| cost.is_finite() && *cost >= 0.0),
        counted: matches!(category, SpanCategory::Llm | SpanCategory::Embedding),
    })
}

/// Without the quotes of JSON, in which MLflow and Langfuse's SDK send texts.
fn unquoted(text: &str) -> &str {
    text.strip_prefix('"')
        .and_then(|text| text.strip_suffix('"'))
        .unwrap_or(text)
}

#[cfg(test)]
mod tests;
