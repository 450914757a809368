//! The root of mutations.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};

use super::{
    scalars::{GlobalId, Json},
    types::{Execution, Workflow, WorkflowProblem},
};
use crate::{
    actions::{self, Definition, Start},
    error::ApiError,
    http::RequestTrace,
    state::ApiState,
};

/// What can be made to happen.
#[derive(Debug, Default)]
pub struct Mutation;

/// What can be made to happen.
#[Object]
impl Mutation {
    /// Saves a workflow: its definition becomes the current version. The same text as an earlier version is that version again.
    /// What is wrong with it comes back as `problems`, all at once; nothing is saved then.
    async fn save_workflow(
        &self,
        ctx: &Context<'_>,
        input: SaveWorkflowInput,
    ) -> Result<Option<SaveWorkflowPayload>, ApiError> {
        let definition = match (input.source, input.definition) {
            (Some(source), None) => Definition::Source(source),
            (None, Some(definition)) => Definition::Value(parse("definition", &definition)?),
            _ => return Err(ApiError::bad_input("give either source or definition")),
        };
        Ok(Some(
            match actions::save_workflow(state(ctx), definition).await? {
                Ok(workflow) => SaveWorkflowPayload {
                    workflow: Some(Workflow::new(workflow)),
                    problems: Vec::new(),
                },
                Err(problems) => SaveWorkflowPayload {
                    workflow: None,
                    problems: problems.0.into_iter().map(Into::into).collect(),
                },
            },
        ))
    }

    /// Puts a run into the queue. It continues the trace of the request (W3C `traceparent`) unless another execution has that
    /// trace id already, and hands its `tracestate` and `baggage` on to the services that it calls.
    async fn start_execution(
        &self,
        ctx: &Context<'_>,
        input: StartExecutionInput,
    ) -> Result<Option<StartExecutionPayload>, ApiError> {
        let value = |name, json: Option<Json>| json.map(|json| parse(name, &json)).transpose();
        let (parent, baggage) = RequestTrace::caller();
        let start = Start {
            workflow_id: input.workflow_id,
            version: input.version,
            inputs: value("inputs", input.inputs)?,
            config: value("config", input.config)?,
            thread_id: input.thread_id,
            external_id: input.external_id,
            parent,
            baggage,
        };
        let started = actions::start_execution(state(ctx), start).await?;
        let execution = Execution::fetch(ctx, started.execution_id).await?;
        Ok(execution.map(|execution| StartExecutionPayload { execution }))
    }

    /// Asks for the end of an execution. One that is queued is cancelled at once; a running one ends soon, when its worker has
    /// stopped its steps; a finished one stays as it is.
    async fn cancel_execution(
        &self,
        ctx: &Context<'_>,
        input: CancelExecutionInput,
    ) -> Result<Option<CancelExecutionPayload>, ApiError> {
        let asked = actions::cancel_execution(state(ctx), &input.execution_id).await?;
        let execution = Execution::fetch(ctx, asked.execution_id).await?;
        Ok(execution.map(|execution| CancelExecutionPayload { execution }))
    }

    /// Deletes an execution with its trace and its artifacts. While a worker runs it, it cannot be deleted: cancel it first.
    async fn delete_execution(
        &self,
        ctx: &Context<'_>,
        input: DeleteExecutionInput,
    ) -> Result<Option<DeleteExecutionPayload>, ApiError> {
        let deleted = actions::delete_execution(state(ctx), &input.execution_id).await?;
        Ok(Some(DeleteExecutionPayload {
            deleted_execution_id: GlobalId::Execution(deleted).into(),
        }))
    }
}

fn state<'c>(ctx: &Context<'c>) -> &'c ApiState {
    ctx.data_unchecked::<ApiState>()
}

fn parse(name: &str, json: &Json) -> Result<serde_json::Value, ApiError> {
    json.to_json()
        .map_err(|_| ApiError::bad_input(format!("{name} is nested too deeply")))
}

/// A workflow to save: exactly one of the two.
#[derive(Debug, InputObject)]
pub struct SaveWorkflowInput {
    /// The definition as text: YAML or JSON. Problems are told with its lines and columns.
    pub source: Option<String>,
    /// The definition as JSON. Problems are told with the lines and columns of its indented text.
    pub definition: Option<Json>,
}

/// What became of a workflow to save.
#[derive(Debug, SimpleObject)]
pub struct SaveWorkflowPayload {
    /// The workflow with its current version; null when there are problems.
    pub workflow: Option<Workflow>,
    /// What is wrong with the definition, in the order of its lines; empty when it was saved.
    pub problems: Vec<WorkflowProblem>,
}

/// A run to start.
#[derive(Debug, InputObject)]
pub struct StartExecutionInput {
    /// The workflow's own id.
    pub workflow_id: String,
    /// The version to run; the current one when null.
    pub version: Option<i32>,
    /// Inputs, laid over the definition's defaults: a JSON object.
    pub inputs: Option<Json>,
    /// Run configuration, which templates find as `config`: a JSON object.
    pub config: Option<Json>,
    /// The conversation or session that the run belongs to.
    pub thread_id: Option<String>,
    /// The caller's own id of the run, by which it can be asked for as well.
    pub external_id: Option<String>,
}

/// The run that was started.
#[derive(Debug, SimpleObject)]
pub struct StartExecutionPayload {
    /// The execution, which is queued.
    pub execution: Execution,
}

/// An execution to cancel.
#[derive(Debug, InputObject)]
pub struct CancelExecutionInput {
    /// The execution's own id, or the id another engine gave its run.
    pub execution_id: ID,
}

/// The execution that was asked to end.
#[derive(Debug, SimpleObject)]
pub struct CancelExecutionPayload {
    /// The execution as it is now; a running one ends soon.
    pub execution: Execution,
}

/// An execution to delete.
#[derive(Debug, InputObject)]
pub struct DeleteExecutionInput {
    /// The execution's own id, or the id another engine gave its run.
    pub execution_id: ID,
}

/// What was deleted.
#[derive(Debug, SimpleObject)]
pub struct DeleteExecutionPayload {
    /// The opaque `id` of the execution.
    pub deleted_execution_id: ID,
}
