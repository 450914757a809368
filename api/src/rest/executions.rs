//! Executions: list, start, read, cancel, delete.

use axum::{
    Json,
    extract::{
        Path, Query, State,
        rejection::{JsonRejection, QueryRejection},
    },
    http::{StatusCode, header},
    response::IntoResponse,
};
use orcheo_store::{
    ExecutionId, ExecutionStatus,
    models::executions::{ExecutionFilter, ExecutionState},
    page::Page,
};
use serde::Deserialize;
use utoipa::IntoParams;

use super::bodies::{Execution, ExecutionList, PageInfo, Started};
use crate::{
    actions::{self, Start},
    error::{ApiError, Problem},
    graphql::{
        scalars::{KeyCursor, wrong_kind},
        types::find_execution_id,
    },
    http::{RequestTrace, Server},
    state::ApiState,
};

const DEFAULT_PAGE: usize = 50;
const MAX_PAGE: usize = 1_000;

/// Which executions to list.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListQuery {
    /// The definition's own id.
    workflow_id: Option<String>,
    /// QUEUED, RUNNING, SUCCEEDED, FAILED, CANCELLED or ABANDONED; several are separated by commas.
    status: Option<String>,
    /// At most 1,000; 50 by default.
    limit: Option<usize>,
    /// `page_info.cursor` of the page before.
    cursor: Option<String>,
}

/// Lists executions, newest first.
#[utoipa::path(get, path = "/api/executions", tag = "executions", params(ListQuery), responses(
    (status = 200, body = ExecutionList),
    (status = 400, body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn list(
    State(server): State<Server>,
    query: Result<Query<ListQuery>, QueryRejection>,
) -> Result<Json<ExecutionList>, ApiError> {
    let Query(query) = query.map_err(|error| ApiError::bad_input(error.body_text()))?;
    let filter = ExecutionFilter {
        workflow_id: query.workflow_id,
        statuses: query.status.as_deref().map(statuses).transpose()?,
        ..ExecutionFilter::default()
    };
    let after = match query.cursor.as_deref().map(KeyCursor::decode).transpose()? {
        None => None,
        Some(KeyCursor::Execution(id)) => Some(id),
        Some(_) => return Err(wrong_kind()),
    };
    let page = Page::first(limit(query.limit, DEFAULT_PAGE, MAX_PAGE)?, after);
    let store = &server.state.store;
    let mut connection = store.read().await?;
    let slice = ExecutionState::page(&mut connection, store.workspace(), filter, &page).await?;
    let last = slice
        .rows
        .last()
        .map(|state| KeyCursor::Execution(state.execution.execution_id).encode());
    Ok(Json(ExecutionList {
        executions: slice.rows.iter().map(Execution::from).collect(),
        page_info: PageInfo {
            has_next_page: slice.has_next,
            cursor: last.filter(|_| slice.has_next),
        },
    }))
}

fn statuses(text: &str) -> Result<Vec<ExecutionStatus>, ApiError> {
    let parse = |word: &str| {
        let word = word.trim().to_ascii_uppercase();
        serde_json::from_value(word.clone().into())
            .map_err(|_| ApiError::bad_input(format!("{word:?} is no status of an execution")))
    };
    text.split(',').map(parse).collect()
}

/// A page size within its bounds.
pub(super) fn limit(asked: Option<usize>, default: usize, max: usize) -> Result<usize, ApiError> {
    match asked {
        None => Ok(default),
        Some(limit) if (1..=max).contains(&limit) => Ok(limit),
        Some(_) => Err(ApiError::bad_input(format!(
            "limit must be between 1 and {max}"
        ))),
    }
}

/// Starts a workflow: the body is its inputs, an object or nothing. A W3C `traceparent` header makes the run continue that
/// trace; `tracestate` and `baggage` are handed on to the services that it calls.
#[utoipa::path(post, path = "/api/workflows/{workflow_id}/executions", tag = "executions",
    params(("workflow_id" = String, Path, description = "The definition's own id")),
    request_body(content = Option<serde_json::Value>, description = "The inputs"),
    responses(
        (status = 202, description = "Queued; `Location` is the execution", body = Started),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn start(
    State(server): State<Server>,
    Path(workflow_id): Path<String>,
    inputs: Result<Option<Json<serde_json::Value>>, JsonRejection>,
) -> Result<impl IntoResponse, ApiError> {
    let inputs = inputs.map_err(body_error)?;
    let (parent, baggage) = RequestTrace::caller();
    let start = Start {
        workflow_id,
        inputs: inputs.map(|Json(inputs)| inputs),
        parent,
        baggage,
        ..Start::default()
    };
    let queued = actions::start_execution(&server.state, start).await?;
    let state = state_of(&server.state, queued.execution_id).await?;
    let location = format!("/api/executions/{}", queued.execution_id);
    let body = Started {
        trace_id: queued.trace_id.to_string(),
        execution: Execution::from(&state),
    };
    Ok((
        StatusCode::ACCEPTED,
        [(header::LOCATION, location)],
        Json(body),
    ))
}

/// What is wrong with a JSON body.
fn body_error(error: JsonRejection) -> ApiError {
    match error.status() {
        StatusCode::PAYLOAD_TOO_LARGE => ApiError::limit("the body is too large"),
        _ => ApiError::bad_input(error.body_text()),
    }
}

/// Reads an execution, by its own id or by the id that another engine gave its run.
#[utoipa::path(get, path = "/api/executions/{execution_id}", tag = "executions",
    params(("execution_id" = String, Path)),
    responses(
        (status = 200, body = Execution),
        (status = 404, body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn get(
    State(server): State<Server>,
    Path(execution_id): Path<String>,
) -> Result<Json<Execution>, ApiError> {
    Ok(Json(Execution::from(
        &find(&server.state, &execution_id).await?,
    )))
}

/// Asks for the end of an execution. A queued one is cancelled at once, a running one by its worker; a finished one stays as
/// it is.
#[utoipa::path(post, path = "/api/executions/{execution_id}/cancel", tag = "executions",
    params(("execution_id" = String, Path)),
    responses(
        (status = 202, body = Execution),
        (status = 404, body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn cancel(
    State(server): State<Server>,
    Path(execution_id): Path<String>,
) -> Result<impl IntoResponse, ApiError> {
    let asked = actions::cancel_execution(&server.state, &execution_id).await?;
    let state = state_of(&server.state, asked.execution_id).await?;
    Ok((StatusCode::ACCEPTED, Json(Execution::from(&state))))
}

/// Deletes an execution with its trace and its artifacts.
#[utoipa::path(delete, path = "/api/executions/{execution_id}", tag = "executions",
    params(("execution_id" = String, Path)),
    responses(
        (status = 204, description = "Deleted"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "It is running", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn delete(
    State(server): State<Server>,
    Path(execution_id): Path<String>,
) -> Result<StatusCode, ApiError> {
    actions::delete_execution(&server.state, &execution_id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The execution that `text` names.
pub(super) async fn find(state: &ApiState, text: &str) -> Result<ExecutionState, ApiError> {
    let missing = || ApiError::not_found(format!("execution {text:?}"));
    let id = find_execution_id(&state.store, text)
        .await?
        .ok_or_else(missing)?;
    state_of(state, id).await
}

async fn state_of(state: &ApiState, id: ExecutionId) -> Result<ExecutionState, ApiError> {
    let mut connection = state.store.read().await?;
    let found = ExecutionState::by_ids(&mut connection, state.store.workspace(), &[id]).await?;
    found
        .into_iter()
        .next()
        .ok_or_else(|| ApiError::not_found(format!("execution {id}")))
}
