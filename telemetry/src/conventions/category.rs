//! What kind of thing a span is.

use orcheo_store::SpanCategory;

use super::graph::Graph;
use super::table::{Field, Fields};
use super::{Attribute, unquoted};

pub(super) fn category<A: Attribute>(fields: &Fields<'_, A>, graph: &Graph) -> SpanCategory {
    let text = |field| fields.text(field);
    let own = text(Field::OwnKind);
    let operation = || text(Field::Operation).and_then(|operation| of_operation(&operation));
    let kind = || text(Field::SpanKind).and_then(|kind| of_kind(unquoted(&kind)));
    // Of what a span is as well, the first says most: a node that calls over HTTP is a node.
    let implied = [
        (Field::NodeId, SpanCategory::Node),
        (Field::WorkflowId, SpanCategory::Workflow),
        (Field::ExecutionId, SpanCategory::Workflow),
        (Field::WorkflowSign, SpanCategory::Workflow),
        (Field::DatabaseSystem, SpanCategory::Database),
        (Field::HttpMethod, SpanCategory::Http),
    ];
    let implied = || {
        let mut implied = implied.into_iter();
        implied.find_map(|(field, category)| fields.index(field).map(|_| category))
    };
    let in_graph = || match graph {
        Graph::Whole(_) => Some(SpanCategory::Workflow),
        Graph::Node(_) => Some(SpanCategory::Node),
        Graph::Neither => None,
    };
    let said = match own.as_deref().map(of_kind) {
        Some(Some(category)) => Some(category),
        // Its library maps what it has no operation for to one that it is not.
        Some(None) => kind(),
        None if fields.index(Field::OwnWorkflow).is_some() => Some(SpanCategory::Workflow),
        None => operation().or_else(kind),
    };
    said.or_else(implied)
        .or_else(in_graph)
        .unwrap_or(SpanCategory::Other)
}

fn of_operation(operation: &str) -> Option<SpanCategory> {
    match operation {
        "chat" | "text_completion" | "generate_content" => Some(SpanCategory::Llm),
        "embeddings" => Some(SpanCategory::Embedding),
        "retrieval" => Some(SpanCategory::Retriever),
        "execute_tool" | "tool.execute" => Some(SpanCategory::Tool),
        "create_agent" | "invoke_agent" | "agent.run" => Some(SpanCategory::Agent),
        "invoke_workflow" | "workflow.run" => Some(SpanCategory::Workflow),
        "workflow.step" => Some(SpanCategory::Node),
        _ => None,
    }
}

/// What OpenInference, Traceloop and others call kinds. A CHAIN may be anything: what else the span says decides.
fn of_kind(kind: &str) -> Option<SpanCategory> {
    match kind.to_ascii_lowercase().as_str() {
        "workflow" | "workflow_run" | "flow" => Some(SpanCategory::Workflow),
        "task" | "workflow_step" => Some(SpanCategory::Node),
        "agent" | "agent_run" => Some(SpanCategory::Agent),
        "llm"
        | "chat"
        | "chat_model"
        | "completion"
        | "generation"
        | "model"
        | "model_generation"
        | "ai.generatetext.dogenerate"
        | "ai.streamtext.dostream"
        | "ai.generateobject.dogenerate"
        | "ai.streamobject.dostream" => Some(SpanCategory::Llm),
        "tool" | "tool_call" | "mcp_tool_call" | "ai.toolcall" => Some(SpanCategory::Tool),
        "retriever" => Some(SpanCategory::Retriever),
        "embedding" | "embedder" | "ai.embed.doembed" | "ai.embedmany.doembed" => {
            Some(SpanCategory::Embedding)
        }
        "reranker" | "rerank" => Some(SpanCategory::Reranker),
        "guardrail" => Some(SpanCategory::Guardrail),
        _ => None,
    }
}
