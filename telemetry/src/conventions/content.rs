//! Which attributes hold what people and models said, and what tools were given and returned.

use super::messages::is_of_list;
use super::table::is_content;

/// Of libraries that say it in attributes which are nobody's input or output.
#[rustfmt::skip]
const KEYS: &[&str] = &[
    "gen_ai.event.content", "gen_ai.tool.call.arguments", "gen_ai.tool.call.result", "gen_ai.retrieval.query.text",
    "all_messages_events", "pydantic_ai.all_messages", "events", "final_result", "tool_arguments", "tool_response",
    "request_data", "response_data", "ai.response.object", "ai.response.toolCalls", "ai.response.reasoning",
    "ai.toolCall.args", "ai.toolCall.result", "ai.value", "ai.values", "ai.embedding", "ai.embeddings",
    "llm.function_call", "llm.invocation_parameters", "user_prompt", "prompt", "completion", "http.request.body",
    "http.response.body", "body", "message", "mlflow.chunk.value", "mastra.metadata.body", "crew_inputs", "crew_tasks", "crew_agents",
];

/// The same, by what their keys begin with.
const PREFIXES: &[&str] = &[
    "llm.prompt_template.",
    "embedding.embeddings.",
    "reranker.input_documents.",
    "reranker.query",
    "db.query.parameter.",
    "mlflow.spanInputs",
    "mlflow.spanOutputs",
    "crewai.crew.",
    "crewai.task.",
    "crewai.agent.",
    "gcp.vertex.agent.llm_",
    "gcp.vertex.agent.tool_",
    "gcp.vertex.agent.data",
    "gen_ai.tool.input",
    "gen_ai.tool.output",
    "genkit:input",
    "genkit:output",
    "genkit:state",
];

/// Keys with the name of a provider or a kind of span in between.
const BETWEEN: &[(&str, &[&str])] = &[
    ("llm.", &[".messages", ".choices", ".prompt", ".content"]),
    ("mastra.", &[".input", ".output"]),
];

/// Whether the attribute holds content.
pub(crate) fn holds_content(key: &str) -> bool {
    is_content(key)
        || is_of_list(key)
        || KEYS.contains(&key)
        || PREFIXES.iter().any(|prefix| key.starts_with(prefix))
        || BETWEEN.iter().any(|(prefix, suffixes)| {
            key.starts_with(prefix) && suffixes.iter().any(|suffix| key.ends_with(suffix))
        })
}
