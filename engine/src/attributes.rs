//! Every attribute key and span name that the engine and its nodes write.
//!
//! `orcheo.*` is ours; `gen_ai.*`, `error.*`, `exception.*`, `http.*` and `db.*` are OpenTelemetry's semantic conventions.

/// Name of a run's root span.
pub const WORKFLOW_SPAN: &str = "workflow.execution";

pub const EXECUTION_ID: &str = "orcheo.execution.id";
/// JSON text of the run's inputs, on workflow spans.
pub const EXECUTION_INPUTS: &str = "orcheo.execution.inputs";
/// JSON text of the run's outputs, on workflow spans.
pub const EXECUTION_OUTPUTS: &str = "orcheo.execution.outputs";
pub const EXECUTION_STATUS: &str = "orcheo.execution.status";
pub const EXECUTION_THREAD_ID: &str = "orcheo.execution.thread_id";
pub const WORKFLOW_ID: &str = "orcheo.workflow.id";
pub const WORKFLOW_NAME: &str = "orcheo.workflow.name";
pub const WORKFLOW_VERSION: &str = "orcheo.workflow.version";

/// The node's name in the document.
pub const NODE_ID: &str = "orcheo.node.id";
/// The node's type, for instance `HttpRequestNode`.
pub const NODE_KIND: &str = "orcheo.node.kind";
pub const NODE_DISPLAY_NAME: &str = "orcheo.node.display_name";
/// `succeeded`, `failed`, `cancelled` or `skipped`; absent while the node runs.
pub const NODE_STATUS: &str = "orcheo.node.status";
/// Counts from 1.
pub const NODE_ATTEMPT: &str = "orcheo.node.attempt";
/// Which visit of the node this is, from 1; the item's number in a ForEachNode's body.
pub const NODE_ITERATION: &str = "orcheo.node.iteration";
/// JSON text of the resolved parameters; credentials stay the placeholders of the document.
pub const NODE_INPUT: &str = "orcheo.node.input";
/// JSON text of what the node returned.
pub const NODE_OUTPUT: &str = "orcheo.node.output";

/// Sum over the model calls below this span; never to be counted again.
pub const TOKEN_INPUT: &str = "orcheo.token.input";
/// Sum over the model calls below this span; never to be counted again.
pub const TOKEN_OUTPUT: &str = "orcheo.token.output";
pub const ARTIFACT_IDS: &str = "orcheo.artifact.ids";
pub const ERROR_CODE: &str = "orcheo.error.code";
/// Price of one model call in US dollars.
pub const COST_USD: &str = "orcheo.cost.usd";

pub const ERROR_TYPE: &str = "error.type";
pub const EXCEPTION_EVENT: &str = "exception";
pub const EXCEPTION_TYPE: &str = "exception.type";
pub const EXCEPTION_MESSAGE: &str = "exception.message";

pub const GEN_AI_OPERATION_NAME: &str = "gen_ai.operation.name";
pub const GEN_AI_PROVIDER_NAME: &str = "gen_ai.provider.name";
pub const GEN_AI_AGENT_NAME: &str = "gen_ai.agent.name";
pub const GEN_AI_CONVERSATION_ID: &str = "gen_ai.conversation.id";
pub const GEN_AI_REQUEST_MODEL: &str = "gen_ai.request.model";
pub const GEN_AI_REQUEST_TEMPERATURE: &str = "gen_ai.request.temperature";
pub const GEN_AI_REQUEST_TOP_P: &str = "gen_ai.request.top_p";
pub const GEN_AI_REQUEST_MAX_TOKENS: &str = "gen_ai.request.max_tokens";
pub const GEN_AI_REQUEST_SEED: &str = "gen_ai.request.seed";
pub const GEN_AI_REQUEST_STREAM: &str = "gen_ai.request.stream";
pub const GEN_AI_RESPONSE_ID: &str = "gen_ai.response.id";
pub const GEN_AI_RESPONSE_MODEL: &str = "gen_ai.response.model";
pub const GEN_AI_RESPONSE_FINISH_REASONS: &str = "gen_ai.response.finish_reasons";
/// Seconds from the request to the first chunk of the answer.
pub const GEN_AI_RESPONSE_TIME_TO_FIRST_CHUNK: &str = "gen_ai.response.time_to_first_chunk";
/// JSON text: messages of `{role, parts[]}`.
pub const GEN_AI_INPUT_MESSAGES: &str = "gen_ai.input.messages";
/// JSON text: messages of `{role, parts[], finish_reason}`.
pub const GEN_AI_OUTPUT_MESSAGES: &str = "gen_ai.output.messages";
/// JSON text: parts.
pub const GEN_AI_SYSTEM_INSTRUCTIONS: &str = "gen_ai.system_instructions";
/// JSON text: the tools offered.
pub const GEN_AI_TOOL_DEFINITIONS: &str = "gen_ai.tool.definitions";
pub const GEN_AI_TOOL_NAME: &str = "gen_ai.tool.name";
pub const GEN_AI_TOOL_TYPE: &str = "gen_ai.tool.type";
pub const GEN_AI_TOOL_DESCRIPTION: &str = "gen_ai.tool.description";
pub const GEN_AI_TOOL_CALL_ID: &str = "gen_ai.tool.call.id";
/// JSON text.
pub const GEN_AI_TOOL_CALL_ARGUMENTS: &str = "gen_ai.tool.call.arguments";
/// JSON text.
pub const GEN_AI_TOOL_CALL_RESULT: &str = "gen_ai.tool.call.result";
/// Cached tokens included.
pub const GEN_AI_USAGE_INPUT: &str = "gen_ai.usage.input_tokens";
/// Reasoning tokens included.
pub const GEN_AI_USAGE_OUTPUT: &str = "gen_ai.usage.output_tokens";
pub const GEN_AI_USAGE_CACHE_READ: &str = "gen_ai.usage.cache_read.input_tokens";
pub const GEN_AI_USAGE_CACHE_WRITE: &str = "gen_ai.usage.cache_creation.input_tokens";
pub const GEN_AI_USAGE_REASONING: &str = "gen_ai.usage.reasoning.output_tokens";

pub const HTTP_REQUEST_METHOD: &str = "http.request.method";
pub const HTTP_RESPONSE_STATUS_CODE: &str = "http.response.status_code";
pub const URL_FULL: &str = "url.full";
pub const SERVER_ADDRESS: &str = "server.address";
pub const SERVER_PORT: &str = "server.port";

pub const DB_SYSTEM_NAME: &str = "db.system.name";
pub const DB_NAMESPACE: &str = "db.namespace";
pub const DB_QUERY_TEXT: &str = "db.query.text";
pub const DB_OPERATION_NAME: &str = "db.operation.name";
pub const DB_RESPONSE_RETURNED_ROWS: &str = "db.response.returned_rows";
