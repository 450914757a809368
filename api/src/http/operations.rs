//! One operation as a stream of results: what the streaming transports, socket and SSE, have in common.

use async_graphql::parser::types::OperationType;
use axum::extract::ws::Utf8Bytes;
use bytes::Bytes;
use futures::{FutureExt, StreamExt, future, stream, stream::BoxStream};

use super::{Identity, request::GraphQlRequest, server::Server};
use crate::{
    error::{ApiError, ErrorCode},
    graphql::{Answer, Operation, Refusal, subscription},
};

/// The next thing to send; after an error nothing follows.
#[derive(Debug, Clone)]
pub(crate) enum Outcome {
    /// An execution result, shared by all who receive it.
    Next(Utf8Bytes),
    /// The JSON list of the errors that end the operation.
    Error(Utf8Bytes),
}

impl Outcome {
    pub(crate) fn refused(refusal: &Refusal) -> Self {
        Self::Error(text(refusal.errors_json()))
    }
}

impl From<ApiError> for Outcome {
    fn from(error: ApiError) -> Self {
        Self::refused(&Refusal::from(error))
    }
}

impl From<Answer> for Outcome {
    fn from(answer: Answer) -> Self {
        match answer {
            Answer::Executed { body, .. } => Self::Next(text(body)),
            Answer::Refused(refusal) => Self::refused(&refusal),
        }
    }
}

/// What the response writer wrote, as the text that it is.
pub(crate) fn text(body: Bytes) -> Utf8Bytes {
    Utf8Bytes::try_from(body).unwrap_or_else(|error| {
        let error = ApiError::internal(&error);
        String::from_utf8_lossy(&Refusal::from(error).body())
            .into_owned()
            .into()
    })
}

/// Reads a request.
///
/// # Errors
/// What the document is refused for.
pub(crate) fn parse(server: &Server, request: GraphQlRequest) -> Result<Operation, Refusal> {
    let limits = &server.state.settings.limits;
    let variables = request.variables.unwrap_or_default();
    let operation = Operation::parse(request.query, request.operation_name, variables, limits);
    if operation.is_err() {
        count("unknown", "refused");
    }
    operation
}

/// Runs an operation. The stream ends by itself; dropping it cancels the operation.
pub(crate) fn run(
    server: &Server,
    identity: Identity,
    operation: Operation,
) -> BoxStream<'static, Outcome> {
    if operation.kind() == OperationType::Subscription {
        return subscription::subscribe(server.feeds.clone(), identity, operation);
    }
    let server = server.clone();
    async move { Outcome::from(execute(&server, operation).await) }
        .into_stream()
        .boxed()
}

/// Executes a query or a mutation.
pub(crate) async fn execute(server: &Server, operation: Operation) -> Answer {
    let kind = match operation.kind() {
        OperationType::Query => "query",
        OperationType::Mutation => "mutation",
        OperationType::Subscription => "subscription",
    };
    let answer = server.executor.execute(operation).await;
    let outcome = match &answer {
        Answer::Executed { failed: false, .. } => "ok",
        Answer::Executed { failed: true, .. } => "failed",
        Answer::Refused(_) => "refused",
    };
    count(kind, outcome);
    answer
}

fn count(kind: &'static str, outcome: &'static str) {
    metrics::counter!("graphql_operations_total", "kind" => kind, "outcome" => outcome)
        .increment(1);
}

/// A stream that only reports why there is nothing else.
pub(crate) fn refused(refusal: &Refusal) -> BoxStream<'static, Outcome> {
    stream::once(future::ready(Outcome::refused(refusal))).boxed()
}

/// The errors of an operation that panicked.
pub(crate) fn panicked() -> ApiError {
    ApiError::new(
        ErrorCode::Internal,
        "an internal error occurred; the server's log has the details",
    )
}
