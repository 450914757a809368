//! Attribute keys that have a meaning for us: Orcheo's own, OpenTelemetry's GenAI, HTTP and database conventions
//! (semantic-conventions v1.41.1, where `gen_ai.*` is of stability *Development*), and, in the table, the names that other
//! conventions and older versions have for the same things.

pub const EXECUTION_ID: &str = "orcheo.execution.id";
pub const EXECUTION_INPUTS: &str = "orcheo.execution.inputs";
pub const EXECUTION_OUTPUTS: &str = "orcheo.execution.outputs";
pub const EXECUTION_THREAD_ID: &str = "orcheo.execution.thread_id";
pub const WORKFLOW_ID: &str = "orcheo.workflow.id";
pub const WORKFLOW_TITLE: &str = "orcheo.workflow.name";
pub const NODE_ID: &str = "orcheo.node.id";
pub const NODE_KIND: &str = "orcheo.node.kind";
pub const NODE_DISPLAY_NAME: &str = "orcheo.node.display_name";
pub const NODE_STATUS: &str = "orcheo.node.status";
pub const NODE_ATTEMPT: &str = "orcheo.node.attempt";
pub const NODE_ITERATION: &str = "orcheo.node.iteration";
pub const NODE_INPUT: &str = "orcheo.node.input";
pub const NODE_OUTPUT: &str = "orcheo.node.output";
pub const TOKEN_INPUT: &str = "orcheo.token.input";
pub const TOKEN_OUTPUT: &str = "orcheo.token.output";
pub const COST_USD: &str = "orcheo.cost.usd";

pub const OPERATION_NAME: &str = "gen_ai.operation.name";
pub const PROVIDER_NAME: &str = "gen_ai.provider.name";
pub const REQUEST_MODEL: &str = "gen_ai.request.model";
pub const RESPONSE_MODEL: &str = "gen_ai.response.model";
pub const INPUT_MESSAGES: &str = "gen_ai.input.messages";
pub const OUTPUT_MESSAGES: &str = "gen_ai.output.messages";
pub const SYSTEM_INSTRUCTIONS: &str = "gen_ai.system_instructions";
pub const TOOL_CALL_ARGUMENTS: &str = "gen_ai.tool.call.arguments";
pub const TOOL_CALL_RESULT: &str = "gen_ai.tool.call.result";
pub const WORKFLOW_NAME: &str = "gen_ai.workflow.name";
pub const CONVERSATION_ID: &str = "gen_ai.conversation.id";
pub const TIME_TO_FIRST_CHUNK: &str = "gen_ai.response.time_to_first_chunk";
pub const USAGE_INPUT: &str = "gen_ai.usage.input_tokens";
pub const USAGE_OUTPUT: &str = "gen_ai.usage.output_tokens";
pub const USAGE_CACHE_READ: &str = "gen_ai.usage.cache_read.input_tokens";
pub const USAGE_CACHE_WRITE: &str = "gen_ai.usage.cache_creation.input_tokens";
pub const USAGE_REASONING: &str = "gen_ai.usage.reasoning.output_tokens";

pub const HTTP_REQUEST_METHOD: &str = "http.request.method";
pub const DB_SYSTEM_NAME: &str = "db.system.name";

pub const SERVER_ADDRESS: &str = "server.address";
pub const SERVER_PORT: &str = "server.port";
pub const SERVICE_NAME: &str = "service.name";
pub const SESSION_ID: &str = "session.id";
pub const TRACELOOP_WORKFLOW_NAME: &str = "traceloop.workflow.name";
pub const EXCEPTION_TYPE: &str = "exception.type";
pub const ERROR_TYPE: &str = "error.type";
pub const ORCHEO_ERROR_CODE: &str = "orcheo.error.code";
