//! Whether spans tell the values that a workflow works with. Where they must not, everything else about them stays.

use std::borrow::Cow;

use opentelemetry::{Context, KeyValue};

use crate::attributes as key;

/// Attributes that hold what nodes, models and tools were given and what they returned.
const CONTENT: [&str; 9] = [
    key::EXECUTION_INPUTS,
    key::EXECUTION_OUTPUTS,
    key::NODE_INPUT,
    key::NODE_OUTPUT,
    key::GEN_AI_INPUT_MESSAGES,
    key::GEN_AI_OUTPUT_MESSAGES,
    key::GEN_AI_SYSTEM_INSTRUCTIONS,
    key::GEN_AI_TOOL_CALL_ARGUMENTS,
    key::GEN_AI_TOOL_CALL_RESULT,
];

/// In the context of a span that must not tell values, and so of every span below it.
#[derive(Debug)]
struct Withheld;

/// The context for a workflow's spans: once withheld, content stays so further down.
pub(crate) fn context(parent: &Context, captured: bool) -> Cow<'_, Context> {
    match captured {
        true => Cow::Borrowed(parent),
        false => Cow::Owned(parent.with_value(Withheld)),
    }
}

/// Whether a span of this context may have the attribute.
pub(crate) fn allows(context: &Context, attribute: &KeyValue) -> bool {
    context.get::<Withheld>().is_none() || !CONTENT.contains(&attribute.key.as_str())
}
