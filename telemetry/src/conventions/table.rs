//! The table: which attribute key says which field. Another convention is another few rows.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::LazyLock;

use super::{Attribute, keys};

/// What an attribute can say about its span.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Field {
    Operation,
    SpanKind,
    /// A kind that goes before the operation, which its library gives more loosely.
    OwnKind,
    Stream,
    ExecutionId,
    WorkflowId,
    WorkflowName,
    EntityWorkflow,
    WorkflowTitle,
    /// The name of a workflow that only its own span has.
    OwnWorkflow,
    /// What only the span of a workflow has, and does not name it.
    WorkflowSign,
    Thread,
    NodeId,
    /// A node's id that spans below it have, too: it is that of the span of this name.
    GraphNode,
    /// Which library made the run, on each of its spans.
    GraphLibrary,
    /// A JSON object with such an id and such a library in it.
    GraphMetadata,
    ToolName,
    NodeType,
    NodeStatus,
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
    NodeInputTokens,
    NodeOutputTokens,
    Cost,
    /// A JSON object of tokens by kind, and one of costs.
    UsageDetails,
    CostDetails,
    FirstTokenSeconds,
    FirstTokenMillis,
    /// Seconds or milliseconds.
    FirstTokenEither,
    FirstTokenTime,
    ErrorCode,
    Server,
    System,
    Input,
    Output,
}

/// The definition of a tool's parameters, by OpenInference; some libraries have its arguments in it.
pub(super) const TOOL_PARAMETERS: &str = "tool.parameters";

/// What an action returned, with its usage when that is a model.
pub(super) const GENKIT_OUTPUT: &str = "genkit:output";

/// Where a span has two keys of a field, the one further up says it. The newest convention comes first, then its older
/// names, then OpenInference, Traceloop (OpenLLMetry), and what single libraries send.
const TABLE: &[(&str, Field)] = &[
    (keys::OPERATION_NAME, Field::Operation),
    ("gen_ai.request.stream", Field::Stream),
    ("langsmith.span.kind", Field::OwnKind),
    ("traceloop.span.kind", Field::OwnKind),
    ("openinference.span.kind", Field::SpanKind),
    ("orcheo.ai.kind", Field::SpanKind),
    ("llm.request.type", Field::SpanKind),
    ("langfuse.observation.type", Field::SpanKind),
    ("ai.operationId", Field::SpanKind),
    ("mastra.span.type", Field::SpanKind),
    ("mlflow.spanType", Field::SpanKind),
    ("genkit:metadata:subtype", Field::SpanKind),
    ("lmnr.span.type", Field::SpanKind),
    (keys::EXECUTION_ID, Field::ExecutionId),
    (keys::WORKFLOW_ID, Field::WorkflowId),
    (keys::WORKFLOW_NAME, Field::WorkflowName),
    (keys::TRACELOOP_WORKFLOW_NAME, Field::EntityWorkflow),
    (keys::WORKFLOW_TITLE, Field::WorkflowTitle),
    ("crewai.crew.name", Field::OwnWorkflow),
    ("workflow.name", Field::OwnWorkflow),
    ("crew_key", Field::WorkflowSign),
    (keys::EXECUTION_THREAD_ID, Field::Thread),
    (keys::SESSION_ID, Field::Thread),
    (keys::CONVERSATION_ID, Field::Thread),
    ("traceloop.association.properties.session_id", Field::Thread),
    ("langfuse.session.id", Field::Thread),
    ("langsmith.metadata.thread_id", Field::Thread),
    ("langsmith.metadata.session_id", Field::Thread),
    ("langsmith.metadata.conversation_id", Field::Thread),
    ("ai.telemetry.metadata.sessionId", Field::Thread),
    ("lmnr.association.properties.session_id", Field::Thread),
    ("gcp.vertex.agent.session_id", Field::Thread),
    (keys::NODE_ID, Field::NodeId),
    ("graph.node.name", Field::NodeId),
    ("graph.node.id", Field::NodeId),
    ("mastra.workflow_step.step_id", Field::NodeId),
    ("executor.id", Field::NodeId),
    ("langsmith.metadata.langgraph_node", Field::GraphNode),
    ("langsmith.metadata.ls_integration", Field::GraphLibrary),
    ("metadata", Field::GraphMetadata),
    ("gen_ai.tool.name", Field::ToolName),
    ("tool.name", Field::ToolName),
    (keys::NODE_KIND, Field::NodeType),
    (keys::NODE_STATUS, Field::NodeStatus),
    (keys::NODE_DISPLAY_NAME, Field::DisplayName),
    ("logfire.msg", Field::DisplayName),
    ("ai.toolCall.name", Field::DisplayName),
    (keys::NODE_ATTEMPT, Field::Attempt),
    (keys::NODE_ITERATION, Field::Iteration),
    (keys::HTTP_REQUEST_METHOD, Field::HttpMethod),
    ("http.method", Field::HttpMethod),
    (keys::DB_SYSTEM_NAME, Field::DatabaseSystem),
    ("db.system", Field::DatabaseSystem),
    (keys::PROVIDER_NAME, Field::Provider),
    ("gen_ai.system", Field::Provider),
    ("llm.provider", Field::Provider),
    ("llm.system", Field::Provider),
    ("llm.vendor", Field::Provider),
    ("orcheo.ai.provider", Field::Provider),
    ("ai.model.provider", Field::Provider),
    (keys::REQUEST_MODEL, Field::RequestModel),
    ("llm.request.model_name", Field::RequestModel),
    ("llm.request.model", Field::RequestModel),
    ("orcheo.ai.model.requested", Field::RequestModel),
    ("ai.model.id", Field::RequestModel),
    ("langfuse.observation.model.name", Field::RequestModel),
    ("mlflow.llm.model", Field::RequestModel),
    (keys::RESPONSE_MODEL, Field::ResponseModel),
    ("llm.response.model_name", Field::ResponseModel),
    ("llm.model_name", Field::ResponseModel),
    ("embedding.model_name", Field::ResponseModel),
    ("reranker.model_name", Field::ResponseModel),
    ("llm.response.model", Field::ResponseModel),
    ("orcheo.ai.model.actual", Field::ResponseModel),
    (keys::USAGE_INPUT, Field::InputTokens),
    ("gen_ai.usage.prompt_tokens", Field::InputTokens),
    ("llm.token_count.prompt", Field::InputTokens),
    ("llm.usage.prompt_tokens", Field::InputTokens),
    ("ai.usage.promptTokens", Field::InputTokens),
    (keys::USAGE_OUTPUT, Field::OutputTokens),
    ("gen_ai.usage.completion_tokens", Field::OutputTokens),
    ("llm.token_count.completion", Field::OutputTokens),
    ("llm.usage.completion_tokens", Field::OutputTokens),
    ("ai.usage.completionTokens", Field::OutputTokens),
    (keys::USAGE_CACHE_READ, Field::CacheReadTokens),
    (
        "gen_ai.usage.cache_read_input_tokens",
        Field::CacheReadTokens,
    ),
    (
        "llm.token_count.prompt_details.cache_read",
        Field::CacheReadTokens,
    ),
    ("gen_ai.usage.details.cached_tokens", Field::CacheReadTokens),
    ("gen_ai.usage.cached_input_tokens", Field::CacheReadTokens),
    ("ai.usage.cachedInputTokens", Field::CacheReadTokens),
    (keys::USAGE_CACHE_WRITE, Field::CacheWriteTokens),
    (
        "gen_ai.usage.cache_write.input_tokens",
        Field::CacheWriteTokens,
    ),
    (
        "gen_ai.usage.cache_creation_input_tokens",
        Field::CacheWriteTokens,
    ),
    (
        "llm.token_count.prompt_details.cache_write",
        Field::CacheWriteTokens,
    ),
    (keys::USAGE_REASONING, Field::ReasoningTokens),
    ("gen_ai.usage.reasoning_tokens", Field::ReasoningTokens),
    (
        "llm.token_count.completion_details.reasoning",
        Field::ReasoningTokens,
    ),
    (
        "gen_ai.usage.details.reasoning_tokens",
        Field::ReasoningTokens,
    ),
    ("ai.usage.reasoningTokens", Field::ReasoningTokens),
    (keys::TOKEN_INPUT, Field::NodeInputTokens),
    (keys::TOKEN_OUTPUT, Field::NodeOutputTokens),
    (keys::COST_USD, Field::Cost),
    ("llm.cost.total", Field::Cost),
    ("gen_ai.usage.cost", Field::Cost),
    ("operation.cost", Field::Cost),
    ("gen_ai.cost.total_cost", Field::Cost),
    ("langfuse.observation.usage_details", Field::UsageDetails),
    ("langsmith.metadata.usage_metadata", Field::UsageDetails),
    ("mlflow.chat.tokenUsage", Field::UsageDetails),
    ("langfuse.observation.cost_details", Field::CostDetails),
    (keys::TIME_TO_FIRST_CHUNK, Field::FirstTokenSeconds),
    (
        "gen_ai.latency.time_to_first_token",
        Field::FirstTokenSeconds,
    ),
    ("ai.response.msToFirstChunk", Field::FirstTokenMillis),
    ("gen_ai.server.time_to_first_token", Field::FirstTokenEither),
    (
        "langfuse.observation.completion_start_time",
        Field::FirstTokenTime,
    ),
    ("mastra.completion_start_time", Field::FirstTokenTime),
    (keys::ORCHEO_ERROR_CODE, Field::ErrorCode),
    (keys::ERROR_TYPE, Field::ErrorCode),
    (keys::SERVER_ADDRESS, Field::Server),
    (keys::SYSTEM_INSTRUCTIONS, Field::System),
    (keys::INPUT_MESSAGES, Field::Input),
    ("gen_ai.prompt", Field::Input),
    (keys::TOOL_CALL_ARGUMENTS, Field::Input),
    ("gen_ai.retrieval.query.text", Field::Input),
    ("input.value", Field::Input),
    ("traceloop.entity.input", Field::Input),
    (keys::NODE_INPUT, Field::Input),
    (keys::EXECUTION_INPUTS, Field::Input),
    (TOOL_PARAMETERS, Field::Input),
    ("ai.prompt.messages", Field::Input),
    ("ai.prompt", Field::Input),
    ("ai.toolCall.args", Field::Input),
    ("langfuse.observation.input", Field::Input),
    ("lmnr.span.input", Field::Input),
    ("mlflow.spanInputs", Field::Input),
    ("mastra.workflow_run.input", Field::Input),
    ("mastra.workflow_step.input", Field::Input),
    ("mastra.agent_run.input", Field::Input),
    ("mastra.model_generation.input", Field::Input),
    ("mastra.model_step.input", Field::Input),
    ("mastra.model_inference.input", Field::Input),
    ("mastra.tool_call.input", Field::Input),
    ("gen_ai.tool.input", Field::Input),
    ("gen_ai.tool.args", Field::Input),
    ("gcp.vertex.agent.tool_call_args", Field::Input),
    ("gcp.vertex.agent.llm_request", Field::Input),
    ("genkit:input", Field::Input),
    ("crewai.task.description", Field::Input),
    ("input", Field::Input),
    (keys::OUTPUT_MESSAGES, Field::Output),
    ("gen_ai.completion", Field::Output),
    (keys::TOOL_CALL_RESULT, Field::Output),
    ("gen_ai.retrieval.documents", Field::Output),
    ("output.value", Field::Output),
    ("traceloop.entity.output", Field::Output),
    (keys::NODE_OUTPUT, Field::Output),
    (keys::EXECUTION_OUTPUTS, Field::Output),
    ("ai.response.text", Field::Output),
    ("ai.response.object", Field::Output),
    ("ai.response.toolCalls", Field::Output),
    ("ai.toolCall.result", Field::Output),
    ("langfuse.observation.output", Field::Output),
    ("lmnr.span.output", Field::Output),
    ("mlflow.spanOutputs", Field::Output),
    ("mastra.workflow_run.output", Field::Output),
    ("mastra.workflow_step.output", Field::Output),
    ("mastra.agent_run.output", Field::Output),
    ("mastra.model_generation.output", Field::Output),
    ("mastra.model_step.output", Field::Output),
    ("mastra.model_inference.output", Field::Output),
    ("mastra.tool_call.output", Field::Output),
    ("gen_ai.tool.output", Field::Output),
    ("gcp.vertex.agent.tool_response", Field::Output),
    ("gcp.vertex.agent.llm_response", Field::Output),
    (GENKIT_OUTPUT, Field::Output),
    ("crewai.crew.result", Field::Output),
    ("output", Field::Output),
];

static ROWS: LazyLock<HashMap<&'static str, usize>> = LazyLock::new(|| {
    TABLE
        .iter()
        .enumerate()
        .map(|(row, (key, _))| (*key, row))
        .collect()
});

/// Whether the attribute says what a span's work was given or returned.
pub(super) fn is_content(key: &str) -> bool {
    let field = ROWS.get(key).map(|&row| TABLE[row].1);
    matches!(field, Some(Field::System | Field::Input | Field::Output))
}

/// The fields that one span's attributes say.
pub(super) struct Fields<'a, A> {
    attributes: &'a [A],
    /// `(row of the table, place among the attributes)`, one for each field.
    found: Vec<(usize, usize)>,
}

impl<'a, A: Attribute> Fields<'a, A> {
    pub(super) fn read(attributes: &'a [A]) -> Self {
        let mut found: Vec<(usize, usize)> = Vec::new();
        for (index, attribute) in attributes.iter().enumerate() {
            let Some(&row) = ROWS.get(attribute.key()) else {
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
        self.attribute(field)
            .map(Attribute::text)
            .filter(|text| !text.is_empty())
    }

    pub(super) fn integer(&self, field: Field) -> Option<i64> {
        self.attribute(field).and_then(Attribute::integer)
    }

    pub(super) fn number(&self, field: Field) -> Option<f64> {
        self.attribute(field).and_then(Attribute::number)
    }

    /// The text of the field, if the attribute `key` is the one that says it.
    pub(super) fn text_of(&self, field: Field, key: &str) -> Option<Cow<'a, str>> {
        self.attribute(field)
            .filter(|attribute| attribute.key() == key)
            .map(Attribute::text)
    }

    pub(super) fn attribute(&self, field: Field) -> Option<&'a A> {
        self.index(field).map(|index| &self.attributes[index])
    }
}
