//! LLMNode: one question to a model, one answer.

#[cfg(test)]
mod tests;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::chat;
use crate::context::NodeContext;
use crate::error::NodeError;
use crate::models::Message;
use crate::node::{NodeCategory, NodeKind};

pub(super) struct Llm;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Params {
    /// `provider:model`, for instance `openai:gpt-4o-mini`, or one of the built-in `offline:echo`, `offline:triage`
    /// and `offline:agent`.
    ai_model: String,
    /// How the model is reached and what it is asked with: `base_url`, `api_key`, `timeout`, `temperature`,
    /// `max_tokens` and whatever else the model server knows.
    #[serde(default)]
    model_kwargs: Map<String, Value>,
    /// What the model is told about its task.
    system_prompt: Option<String>,
    /// The text the model is given.
    input_text: Option<String>,
    /// What to do with the text.
    instruction: Option<String>,
    /// The user's own message, where the text answers it: for the language and the tone.
    user_message: Option<String>,
    /// A reply to improve, in place of `input_text`.
    draft_reply: Option<String>,
    /// A JSON Schema of the answer, or a response format as OpenAI writes it. The answer is then also parsed, into
    /// `structured_response`.
    response_format: Option<Value>,
}

impl NodeKind for Llm {
    type Params = Params;

    const NAME: &'static str = "LLMNode";
    const DESCRIPTION: &'static str = "Asks a language model once";
    const CATEGORY: NodeCategory = NodeCategory::Ai;
    const EFFECTS: bool = true;

    async fn run(params: Params, cx: &NodeContext) -> Result<Value, NodeError> {
        let message = Message::User(params.prompt()?);
        let (model, mut request) = chat::select(cx, &params.ai_model, params.model_kwargs)?;
        let structured = params.response_format.is_some();
        request.system = params
            .system_prompt
            .filter(|prompt| !prompt.trim().is_empty());
        request.response_format = params.response_format.or(request.response_format);
        request.messages.push(message.clone());
        let reply = chat::complete(cx, &*model, request).await?;
        let output = chat::output(&reply, structured)?;
        cx.append_messages([message.to_state(), reply.to_message().to_state()]);
        Ok(output.into())
    }
}

impl Params {
    fn prompt(&self) -> Result<String, NodeError> {
        let given = |text: &Option<String>| {
            text.as_deref()
                .map(str::trim)
                .filter(|text| !text.is_empty())
                .map(ToOwned::to_owned)
        };
        let Some(text) = given(&self.draft_reply).or_else(|| given(&self.input_text)) else {
            return Err(NodeError::invalid_parameters(
                "input_text: there is nothing to ask the model",
            ));
        };
        let text = match given(&self.user_message) {
            Some(message) => format!("User message:\n{message}\n\nDraft reply:\n{text}"),
            None => text,
        };
        Ok(match given(&self.instruction) {
            Some(instruction) => format!("Instruction:\n{instruction}\n\nText:\n{text}"),
            None => text,
        })
    }
}
