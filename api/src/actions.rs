//! What clients can make happen, the same for GraphQL and REST. All of it only writes to the store: workers follow its change
//! feed.

use opentelemetry::trace::SpanContext;
use orcheo_engine::{Problems, Workflow};
use orcheo_store::{
    ExecutionId, JsonText, TraceId,
    models::{
        executions::{Execution, NewExecution},
        workflows::{self, NewVersion, WorkflowVersion},
    },
};
use serde_json::{Map, Value};

use crate::{
    error::{ApiError, reason},
    graphql::types::find_execution_id,
    state::ApiState,
};

/// The longest id that a client may give, in bytes. It becomes part of an index.
const MAX_ID_BYTES: usize = 256;

/// A definition to save.
#[derive(Debug, Clone)]
pub enum Definition {
    /// YAML or JSON text.
    Source(String),
    /// JSON.
    Value(Value),
}

/// Saves a definition as the current version of its workflow; the same text as an earlier version is that version again.
///
/// The outer error is the request's, the inner one lists what is wrong with the definition: nothing is saved then.
///
/// # Errors
/// Those of the store.
pub async fn save_workflow(
    state: &ApiState,
    definition: Definition,
) -> Result<Result<workflows::Workflow, Problems>, ApiError> {
    let source = match definition {
        Definition::Source(source) => source,
        Definition::Value(value) => format!("{value:#}"),
    };
    let workflow = match Workflow::parse_with(&source, "", &state.catalog) {
        Ok(workflow) => workflow,
        Err(problems) => return Ok(Err(problems)),
    };
    let definition = workflow.definition.to_string();
    let new = NewVersion {
        workflow_id: &workflow.id,
        name: &workflow.name,
        definition: &definition,
        source: &workflow.source,
    };
    let mut connection = state.store.write().await?;
    let (saved, _) =
        workflows::Workflow::save(&mut connection, state.store.workspace(), new).await?;
    Ok(Ok(saved))
}

/// A run to start.
#[derive(Debug, Clone, Default)]
pub struct Start {
    /// The workflow's own id.
    pub workflow_id: String,
    /// The current version when `None`.
    pub version: Option<i32>,
    /// Over the definition's defaults; an object, or nothing.
    pub inputs: Option<Value>,
    /// Run configuration: an object, or nothing.
    pub config: Option<Value>,
    /// The conversation or session that it belongs to.
    pub thread_id: Option<String>,
    /// The caller's own id of the run.
    pub external_id: Option<String>,
    /// The caller's span: the run continues its trace.
    pub parent: Option<SpanContext>,
    /// The caller's W3C baggage header, which the run hands on.
    pub baggage: Option<String>,
}

/// Puts a run into the queue.
///
/// # Errors
/// `NOT_FOUND` for a workflow or version that does not exist, `CONFLICT` for one that another engine runs, `BAD_USER_INPUT`.
pub async fn start_execution(state: &ApiState, start: Start) -> Result<Execution, ApiError> {
    let given = object("inputs", start.inputs)?;
    let config = start
        .config
        .map(|config| object("config", Some(config)))
        .transpose()?;
    for (name, id) in [
        ("threadId", &start.thread_id),
        ("externalId", &start.external_id),
    ] {
        if id
            .as_ref()
            .is_some_and(|id| id.len() > MAX_ID_BYTES || id.contains('\0'))
        {
            return Err(ApiError::bad_input(format!(
                "{name} must have at most {MAX_ID_BYTES} bytes and no NUL"
            )));
        }
    }
    let mut connection = state.store.write().await?;
    let workspace = state.store.workspace();
    let version = find_version(
        &mut connection,
        workspace,
        &start.workflow_id,
        start.version,
    )
    .await?;

    let mut shown = shown_inputs(state, &version, &given);
    state.redactor.json(&mut shown);
    let parent = start.parent.filter(SpanContext::is_valid);
    let new = NewExecution {
        workflow_id: version.workflow_id,
        workflow_version: version.version,
        trace_id: parent
            .as_ref()
            .map(|parent| TraceId(parent.trace_id().to_bytes())),
        thread_id: start.thread_id,
        external_id: start.external_id,
        inputs: JsonText::from(&shown),
        private_inputs: JsonText::from(&Value::Object(given)),
        config: config.map(|config| JsonText::from(&Value::Object(config))),
        traceparent: parent.as_ref().map(traceparent),
        tracestate: parent
            .map(|parent| parent.trace_state().header())
            .filter(|trace_state| !trace_state.is_empty()),
        baggage: start.baggage,
    };
    Ok(Execution::enqueue(&mut connection, workspace, new).await?)
}

async fn find_version(
    connection: &mut orcheo_store::Connection,
    workspace: &str,
    workflow_id: &str,
    version: Option<i32>,
) -> Result<WorkflowVersion, ApiError> {
    if let Some(found) = WorkflowVersion::get(connection, workspace, workflow_id, version).await? {
        return Ok(found);
    }
    match (
        workflows::Workflow::get(connection, workspace, workflow_id).await?,
        version,
    ) {
        (None, _) => Err(ApiError::not_found(format!("workflow {workflow_id:?}"))),
        (Some(_), Some(version)) => Err(ApiError::not_found(format!(
            "version {version} of workflow {workflow_id:?}"
        ))),
        (Some(_), None) => Err(ApiError::conflict(format!(
            "another engine runs workflow {workflow_id:?}; only its traces are known here"
        ))),
    }
}

/// The inputs that the run will see, for those who read about it: null where content is not captured.
fn shown_inputs(state: &ApiState, version: &WorkflowVersion, given: &Map<String, Value>) -> Value {
    let definition = version.definition.parse().unwrap_or_default();
    if !state.settings.capture_content || !Workflow::captures_content(&definition) {
        return Value::Null;
    }
    let mut inputs = match definition.get("inputs") {
        Some(Value::Object(defaults)) => defaults.clone(),
        _ => Map::new(),
    };
    inputs.extend(
        given
            .iter()
            .map(|(name, value)| (name.clone(), value.clone())),
    );
    Value::Object(inputs)
}

fn object(name: &str, value: Option<Value>) -> Result<Map<String, Value>, ApiError> {
    match value {
        None | Some(Value::Null) => Ok(Map::new()),
        Some(Value::Object(object)) => Ok(object),
        Some(_) => Err(ApiError::bad_input(format!("{name} must be a JSON object"))),
    }
}

/// Source: W3C Trace Context, "traceparent Header Field Values", version 00.
fn traceparent(span: &SpanContext) -> String {
    format!(
        "00-{}-{}-{:02x}",
        span.trace_id(),
        span.span_id(),
        span.trace_flags().to_u8()
    )
}

/// Asks for the end of an execution. One that is queued is cancelled at once, a running one is left to its worker, a finished
/// one stays as it is: asking twice is no error.
///
/// # Errors
/// `NOT_FOUND`.
pub async fn cancel_execution(state: &ApiState, id: &str) -> Result<Execution, ApiError> {
    let execution_id = find(state, id).await?;
    let mut connection = state.store.write().await?;
    Execution::request_cancel(&mut connection, execution_id)
        .await?
        .ok_or_else(|| missing(id))
}

/// Deletes an execution with its trace and its artifacts.
///
/// # Errors
/// `NOT_FOUND`, and `CONFLICT` with reason `STILL_RUNNING` while a worker runs it.
pub async fn delete_execution(state: &ApiState, id: &str) -> Result<ExecutionId, ApiError> {
    let execution_id = find(state, id).await?;
    let mut connection = state.store.write().await?;
    let execution = Execution::get(&mut connection, execution_id)
        .await?
        .ok_or_else(|| missing(id))?;
    if is_being_run(&execution) {
        return Err(
            ApiError::conflict("the execution is running; cancel it first")
                .with_reason(reason::STILL_RUNNING),
        );
    }
    let deleted = Execution::delete(&mut connection, execution_id)
        .await?
        .ok_or_else(|| missing(id))?;
    drop(connection);
    for location in deleted.blobs {
        // The execution is gone whatever happens here: what stays behind is only unused space.
        if let Err(error) = state.store.blobs().delete(&location).await {
            tracing::warn!(%error, location, "the bytes of a deleted artifact stay behind");
        }
    }
    Ok(execution_id)
}

/// A worker holds it. An execution of another engine, or of a worker that is gone, may never end by itself.
fn is_being_run(execution: &Execution) -> bool {
    !execution.status.is_final()
        && execution.worker_id.is_some()
        && execution
            .lease_expires_at
            .is_some_and(|lease| lease > chrono::Utc::now())
}

async fn find(state: &ApiState, id: &str) -> Result<ExecutionId, ApiError> {
    find_execution_id(&state.store, id)
        .await?
        .ok_or_else(|| missing(id))
}

fn missing(id: &str) -> ApiError {
    ApiError::not_found(format!("execution {id:?}"))
}

#[cfg(test)]
mod tests {
    use opentelemetry::trace::{SpanId, TraceFlags, TraceState};

    use super::*;

    #[test]
    fn the_callers_span_is_written_as_a_traceparent() {
        let span = SpanContext::new(
            opentelemetry::trace::TraceId::from_hex("0af7651916cd43dd8448eb211c80319c")
                .expect("hex"),
            SpanId::from_hex("b7ad6b7169203331").expect("hex"),
            TraceFlags::SAMPLED,
            true,
            TraceState::default(),
        );
        assert_eq!(
            traceparent(&span),
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
        );
    }

    #[test]
    fn only_objects_are_objects() {
        assert_eq!(object("inputs", None), Ok(Map::new()));
        assert_eq!(object("inputs", Some(Value::Null)), Ok(Map::new()));
        assert!(object("inputs", Some(Value::Array(vec![]))).is_err());
    }
}
