//! AgentNode: a model that calls tools until it has an answer.

mod conversation;
#[cfg(test)]
mod tests;
mod tools;

use futures::future::try_join_all;
use opentelemetry::KeyValue;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use self::tools::{ToolBox, ToolParams};
use super::chat;
use crate::attributes as key;
use crate::context::NodeContext;
use crate::error::NodeError;
use crate::models::{ChatModel, ChatRequest, Message, Reply};
use crate::node::{NodeCategory, NodeKind};
use crate::spans::SpanSpec;

pub(super) struct Agent;

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
    /// What the agent is told about its task.
    system_prompt: Option<String>,
    /// What the agent is asked. Without it the conversation so far is, or the input called `message`,
    /// `user_message`, `query` or `prompt`.
    input_text: Option<String>,
    /// What the agent may use.
    #[serde(default)]
    tools: Vec<ToolParams>,
    /// Workflows the agent may use; the same as `tools` that are workflows.
    #[serde(default)]
    workflow_tools: Vec<ToolParams>,
    /// A JSON Schema of the answer, or a response format as OpenAI writes it. The answer is then also parsed, into
    /// `structured_response`.
    response_format: Option<Value>,
    /// How much of the conversation the model is given: its last messages.
    #[serde(default = "thirty")]
    #[schemars(range(min = 1))]
    max_messages: usize,
    /// A message of the user that begins the conversation anew.
    #[serde(default)]
    reset_command: String,
    /// How often the model may be asked before the agent gives up.
    #[serde(default = "ten")]
    #[schemars(range(min = 1, max = 1000))]
    max_iterations: usize,
}

fn thirty() -> usize {
    30
}

fn ten() -> usize {
    10
}

impl NodeKind for Agent {
    type Params = Params;

    const NAME: &'static str = "AgentNode";
    const DESCRIPTION: &'static str = "Lets a language model use tools until it has an answer";
    const CATEGORY: NodeCategory = NodeCategory::Ai;
    const EFFECTS: bool = true;
    /// Templates in a tool wait for the arguments of its call.
    const BODIES: &'static [&'static str] = &["tools", "workflow_tools"];

    async fn run(params: Params, cx: &NodeContext) -> Result<Value, NodeError> {
        let messages = params.messages(cx)?;
        let tools: Vec<ToolParams> = params
            .tools
            .into_iter()
            .chain(params.workflow_tools)
            .collect();
        let tools = ToolBox::open(tools, cx).await?;
        let (model, mut request) = chat::select(cx, &params.ai_model, params.model_kwargs)?;
        let structured = params.response_format.is_some();
        request.system = params
            .system_prompt
            .filter(|prompt| !prompt.trim().is_empty());
        request.response_format = params.response_format.or(request.response_format);
        request.tools = tools.definitions();
        request.messages = messages.sent;

        let span = cx.child(agent_span(cx, &*model, &request));
        let asked = request.messages.len();
        let work = Work {
            cx: span.context(),
            model: &*model,
            tools: &tools,
            limit: params.max_iterations,
        };
        let result = work.until_answered(&mut request).await;
        if let Ok(reply) = &result {
            span.set(KeyValue::new(
                key::GEN_AI_OUTPUT_MESSAGES,
                json!([reply.to_parts()]).to_string(),
            ));
        }
        span.finish(&result);

        let reply = result?;
        let mut output = chat::output(&reply, structured)?;
        let turns = &request.messages[asked..];
        output.insert(
            "tool_calls".to_owned(),
            turns.iter().filter(|turn| turn.is_tool()).count().into(),
        );
        let said = turns
            .iter()
            .chain([&reply.to_message()])
            .map(Message::to_state)
            .collect::<Vec<_>>();
        cx.append_messages(messages.new.iter().map(Message::to_state).chain(said));
        Ok(output.into())
    }
}

fn agent_span(cx: &NodeContext, model: &dyn ChatModel, request: &ChatRequest) -> SpanSpec {
    let name = &cx.node().name;
    SpanSpec::new(format!("invoke_agent {name}"))
        .attributes([
            KeyValue::new(key::GEN_AI_OPERATION_NAME, "invoke_agent"),
            KeyValue::new(key::GEN_AI_AGENT_NAME, name.clone()),
            KeyValue::new(key::GEN_AI_PROVIDER_NAME, model.provider().to_owned()),
            KeyValue::new(key::GEN_AI_REQUEST_MODEL, model.name().to_owned()),
        ])
        .attributes(chat::conversation(request))
}

/// An agent at work.
struct Work<'a> {
    cx: &'a NodeContext,
    model: &'a dyn ChatModel,
    tools: &'a ToolBox,
    limit: usize,
}

impl Work<'_> {
    /// Asks the model, and the tools it asks for, until it asks for none. The turns are added to the request.
    async fn until_answered(&self, request: &mut ChatRequest) -> Result<Reply, NodeError> {
        for iteration in 0..self.limit {
            if iteration > 0 {
                self.cx.barrier().await?;
            }
            let reply = chat::complete(self.cx, self.model, request.clone()).await?;
            if reply.tool_calls.is_empty() {
                return Ok(reply);
            }
            request.messages.push(reply.to_message());
            let calls = reply
                .tool_calls
                .iter()
                .map(|call| self.tools.call(self.cx, call));
            request.messages.extend(try_join_all(calls).await?);
        }
        let problem = format!(
            "no answer after asking the model {} times (max_iterations)",
            self.limit
        );
        Err(NodeError::new("AGENT_ITERATION_LIMIT", problem))
    }
}
