//! The enumerations of the schema, which mirror those of the store and the engine.

use async_graphql::Enum;

/// Where an execution stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "orcheo_store::ExecutionStatus")]
pub enum ExecutionStatus {
    /// It waits for a worker.
    Queued,
    /// A worker runs it, or another engine does.
    Running,
    /// It reached its end.
    Succeeded,
    /// A node failed and nothing handled it; `error` says which.
    Failed,
    /// It was stopped on request.
    Cancelled,
    /// Whoever ran it is gone.
    Abandoned,
}

/// Where a span stands. It only moves forward: ENDED replaces ABANDONED replaces RUNNING.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "orcheo_store::SpanState")]
pub enum SpanState {
    /// It has begun, and its end has not been seen.
    Running,
    /// It is over.
    Ended,
    /// Its execution is over, and nobody saw its own end.
    Abandoned,
}

/// OpenTelemetry's span kind: how the span relates to those of other services.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum SpanKind {
    /// Work within one service; also what states no kind.
    Internal,
    /// The handling of a remote request.
    Server,
    /// A request to a remote service.
    Client,
    /// The sending of a message.
    Producer,
    /// The handling of a message.
    Consumer,
}

impl From<orcheo_store::SpanKind> for SpanKind {
    fn from(kind: orcheo_store::SpanKind) -> Self {
        use orcheo_store::SpanKind as Stored;
        match kind {
            // OTLP: "implementations may assume INTERNAL when unspecified".
            Stored::Unspecified | Stored::Internal => Self::Internal,
            Stored::Server => Self::Server,
            Stored::Client => Self::Client,
            Stored::Producer => Self::Producer,
            Stored::Consumer => Self::Consumer,
        }
    }
}

/// What a span is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "orcheo_store::SpanCategory")]
pub enum SpanCategory {
    /// A run of a whole workflow, sub-workflows included.
    Workflow,
    /// One execution of a node.
    Node,
    /// An agent at work: model calls and tools in turn.
    Agent,
    /// A call of a language model.
    Llm,
    /// A tool that an agent uses.
    Tool,
    /// A search for documents.
    Retriever,
    /// The embedding of text.
    Embedding,
    /// The sorting of documents by relevance.
    Reranker,
    /// A check of what goes into or comes out of a model.
    Guardrail,
    /// An HTTP request.
    Http,
    /// A database statement.
    Database,
    /// Anything else.
    Other,
}

/// What a mark on a span's bar stands for, what matters most first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Enum)]
pub enum SpanMarkKind {
    /// The first token of a model's answer came.
    FirstToken,
    /// Something failed: an event named after an exception or error, or a log record of severity ERROR or above.
    Exception,
    /// Any other event or log record.
    Event,
}

/// OpenTelemetry's status code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "orcheo_store::StatusCode")]
pub enum SpanStatusCode {
    /// Nothing was said about the outcome, which usually means that it went well.
    Unset,
    /// It is said to have gone well.
    Ok,
    /// It failed.
    Error,
}

/// What kind of work a node type does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "orcheo_engine::NodeCategory")]
pub enum NodeCategory {
    /// Models and agents.
    Ai,
    /// Values in, values out.
    Data,
    /// HTTP requests.
    Http,
    /// Database statements.
    Database,
    /// Flow of control.
    Logic,
    /// Code of the workflow's author.
    Code,
    /// Files.
    Artifact,
}
