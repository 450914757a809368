//! The table: which attribute key says which field. Another convention is another few rows.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::LazyLock;

use opentelemetry::{KeyValue, Value};

use super::{integer, keys};

/// What an attribute can say about its span.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Field {
    Operation,
    WorkflowId,
    NodeId,
    NodeType,
    DisplayName,
    Attempt,
    Iteration,
    HttpMethod,
    DatabaseSystem,
    Provider,
    RequestModel,
    ResponseModel,
    InputTokens,
    OutputTokens,
    CacheReadTokens,
    CacheWriteTokens,
    ReasoningTokens,
    Cost,
    System,
    Input,
    Output,
}

/// Where a span has two keys of a field, the one further up says it.
const TABLE: &[(&str, Field)] = &[
    (keys::OPERATION_NAME, Field::Operation),
    (keys::WORKFLOW_ID, Field::WorkflowId),
    (keys::EXECUTION_ID, Field::WorkflowId),
    (keys::NODE_ID, Field::NodeId),
    (keys::NODE_KIND, Field::NodeType),
    (keys::NODE_DISPLAY_NAME, Field::DisplayName),
    (keys::NODE_ATTEMPT, Field::Attempt),
    (keys::NODE_ITERATION, Field::Iteration),
    (keys::HTTP_REQUEST_METHOD, Field::HttpMethod),
    (keys::DB_SYSTEM_NAME, Field::DatabaseSystem),
    (keys::PROVIDER_NAME, Field::Provider),
    (keys::REQUEST_MODEL, Field::RequestModel),
    (keys::RESPONSE_MODEL, Field::ResponseModel),
    (keys::USAGE_INPUT, Field::InputTokens),
    (keys::USAGE_OUTPUT, Field::OutputTokens),
    (keys::USAGE_CACHE_READ, Field::CacheReadTokens),
    (keys::USAGE_CACHE_WRITE, Field::CacheWriteTokens),
    (keys::USAGE_REASONING, Field::ReasoningTokens),
    (keys::COST_USD, Field::Cost),
    (keys::SYSTEM_INSTRUCTIONS, Field::System),
    (keys::INPUT_MESSAGES, Field::Input),
    (keys::TOOL_CALL_ARGUMENTS, Field::Input),
    (keys::NODE_INPUT, Field::Input),
    (keys::EXECUTION_INPUTS, Field::Input),
    (keys::OUTPUT_MESSAGES, Field::Output),
    (keys::TOOL_CALL_RESULT, Field::Output),
    (keys::NODE_OUTPUT, Field::Output),
    (keys::EXECUTION_OUTPUTS, Field::Output),
];

static ROWS: LazyLock<HashMap<&'static str, usize>> = LazyLock::new(|| {
    TABLE
        .iter()
        .enumerate()
        .map(|(row, (key, _))| (*key, row))
        .collect()
});

/// The fields that one span's attributes say.
pub(super) struct Fields<'a> {
    attributes: &'a [KeyValue],
    /// `(row of the table, place among the attributes)`, one for each field.
    found: Vec<(usize, usize)>,
}

impl<'a> Fields<'a> {
    pub(super) fn read(attributes: &'a [KeyValue]) -> Self {
        let mut found: Vec<(usize, usize)> = Vec::new();
        for (index, attribute) in attributes.iter().enumerate() {
            let Some(&row) = ROWS.get(attribute.key.as_str()) else {
                continue;
            };
            match found
                .iter_mut()
                .find(|(other, _)| TABLE[*other].1 == TABLE[row].1)
            {
                // The same key again replaces, a key of less weight does not.
                Some(held) if row <= held.0 => *held = (row, index),
                Some(_) => {}
                None => found.push((row, index)),
            }
        }
        Self { attributes, found }
    }

    pub(super) fn index(&self, field: Field) -> Option<usize> {
        self.found
            .iter()
            .find(|(row, _)| TABLE[*row].1 == field)
            .map(|(_, index)| *index)
    }

    pub(super) fn text(&self, field: Field) -> Option<Cow<'a, str>> {
        self.value(field)
            .map(Value::as_str)
            .filter(|text| !text.is_empty())
    }

    pub(super) fn integer(&self, field: Field) -> Option<i64> {
        self.value(field).and_then(integer)
    }

    pub(super) fn number(&self, field: Field) -> Option<f64> {
        match self.value(field)? {
            Value::F64(number) => Some(*number),
            Value::String(text) => text.as_str().trim().parse().ok(),
            #[expect(clippy::cast_precision_loss, reason = "amounts are far below 2^53")]
            other => integer(other).map(|number| number as f64),
        }
    }

    fn value(&self, field: Field) -> Option<&'a Value> {
        self.index(field).map(|index| &self.attributes[index].value)
    }
}
