//! Executes operations: from the request's text to the bytes of the answer, the same for every transport.

use std::sync::Arc;

use async_graphql::{
    Positioned, Request, ServerError, Variables,
    parser::{
        parse_query,
        types::{DocumentOperations, ExecutableDocument, OperationDefinition, OperationType},
    },
};
use futures::StreamExt;
use serde_json::{Map, Value};

use super::{
    Schema,
    dispatch::BatchQueue,
    limits::Limits,
    response::{Answer, Refusal},
    root_field, schema, schema_sdl,
    shape::{FieldTypes, MergedFields, Shape},
    subscription::Stage,
};
use crate::{
    error::{ApiError, ErrorCode},
    loaders::Loaders,
    state::ApiState,
};

/// One operation of a document that was read and found within the limits; whether it fits the schema, executing it will tell.
#[derive(Debug, Clone)]
pub struct Operation {
    query: String,
    name: Option<String>,
    variables: Variables,
    document: Arc<ExecutableDocument>,
    kind: OperationType,
}

impl Operation {
    /// Reads a request and selects the operation that `operation_name` asks for.
    ///
    /// # Errors
    /// A refusal with `GRAPHQL_PARSE_FAILED`, `GRAPHQL_VALIDATION_FAILED` or `LIMIT_EXCEEDED`.
    pub fn parse(
        query: String,
        operation_name: Option<String>,
        variables: Map<String, Value>,
        limits: &Limits,
    ) -> Result<Self, Refusal> {
        limits.check_text(&query)?;
        let mut document = parse_query(&query).map_err(|error| {
            Refusal::from_errors(
                vec![ServerError::from(error)],
                ErrorCode::GraphqlParseFailed,
            )
        })?;
        limits.check_document(&document)?;
        let operation = select(&document.operations, operation_name.as_deref())?;
        let kind = operation.node.ty;
        check_variables(&operation.node, &variables)?;
        if kind == OperationType::Subscription {
            root_field::unfold(&mut document, operation_name.as_deref()).map_err(invalid)?;
        }
        Ok(Self {
            query,
            name: operation_name,
            variables: Variables::from_json(Value::Object(variables)),
            document: Arc::new(document),
            kind,
        })
    }

    /// Query, mutation or subscription.
    pub fn kind(&self) -> OperationType {
        self.kind
    }

    /// The whole document as read.
    pub fn document(&self) -> &ExecutableDocument {
        &self.document
    }

    /// The selected operation.
    pub fn definition(&self) -> Option<&OperationDefinition> {
        select(&self.document.operations, self.name.as_deref())
            .ok()
            .map(|operation| &operation.node)
    }

    /// The variables of the request.
    pub fn variables(&self) -> &Variables {
        &self.variables
    }

    fn into_request(self) -> Request {
        let mut request = Request::new(self.query).variables(self.variables);
        // An anonymous operation that is alone in its document has no name to ask for.
        if let (Some(name), DocumentOperations::Multiple(_)) =
            (self.name, &self.document.operations)
        {
            request = request.operation_name(name);
        }
        request.set_parsed_query(Arc::unwrap_or_clone(self.document));
        request
    }
}

/// Refuses an operation whose required variables are missing. The library would find that out field by field.
fn check_variables(
    operation: &OperationDefinition,
    variables: &Map<String, Value>,
) -> Result<(), Refusal> {
    for definition in &operation.variable_definitions {
        let variable = &definition.node;
        let required = !variable.var_type.node.nullable && variable.default_value.is_none();
        let name = variable.name.node.as_str();
        if required && variables.get(name).is_none_or(Value::is_null) {
            let message = format!(
                "the variable ${name} of type {} is required",
                variable.var_type.node
            );
            let error = ServerError::new(message, Some(definition.pos));
            return Err(Refusal::from_errors(vec![error], ErrorCode::BadUserInput));
        }
    }
    Ok(())
}

fn invalid(message: impl Into<String>) -> Refusal {
    Refusal::from_errors(
        vec![ServerError::new(message, None)],
        ErrorCode::GraphqlValidationFailed,
    )
}

fn select<'a>(
    operations: &'a DocumentOperations,
    name: Option<&str>,
) -> Result<&'a Positioned<OperationDefinition>, Refusal> {
    match (operations, name.filter(|name| !name.is_empty())) {
        (DocumentOperations::Single(operation), None) => Ok(operation),
        (DocumentOperations::Multiple(operations), Some(name)) => operations
            .get(name)
            .ok_or_else(|| invalid(format!("the document has no operation named {name:?}"))),
        (DocumentOperations::Single(_), Some(name)) => Err(invalid(format!(
            "the document has no operation named {name:?}"
        ))),
        (DocumentOperations::Multiple(operations), None) => {
            let mut all = operations.values();
            match (all.next(), all.next()) {
                (Some(operation), None) => Ok(operation),
                _ => Err(invalid(
                    "the document has several operations; operationName must choose one",
                )),
            }
        }
    }
}

/// Executes operations against one state. Cheap to clone.
#[derive(Clone)]
pub struct Executor {
    schema: Schema,
    types: Arc<FieldTypes>,
    state: ApiState,
}

impl std::fmt::Debug for Executor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Executor").finish_non_exhaustive()
    }
}

/// An operation about to be executed: what the library takes, and what the answer needs.
struct Prepared {
    request: Request,
    shape: Shape,
    loaders: Loaders,
    queue: BatchQueue,
}

impl Executor {
    /// An executor over `state`.
    pub fn new(state: ApiState) -> Self {
        let types = Arc::new(FieldTypes::of_schema(&schema_sdl()));
        Self {
            schema: schema(),
            types,
            state,
        }
    }

    /// Executes a query or a mutation. A subscription is refused. Dropping the future stops the statements under way.
    pub async fn execute(&self, operation: Operation) -> Answer {
        if operation.kind == OperationType::Subscription {
            return Answer::Refused(
                ApiError::bad_input(
                    "subscriptions are served over WebSocket and server-sent events",
                )
                .into(),
            );
        }
        let Prepared {
            request,
            shape,
            loaders,
            queue,
        } = self.prepare(operation);
        let response = queue
            .drive(self.schema.execute(request.data(loaders)))
            .await;
        Answer::new(response, &shape)
    }

    /// Evaluates a subscription once, as `stage` says: to learn its feed, which gives no answer unless the subscription is
    /// refused, or to make the message of one event.
    pub(crate) async fn evaluate(&self, operation: &Operation, stage: Stage) -> Option<Answer> {
        let Prepared {
            request,
            shape,
            loaders,
            queue,
        } = self.prepare(operation.clone());
        let mut responses = self
            .schema
            .execute_stream(request.data(loaders).data(stage));
        let response = queue.drive(async move { responses.next().await }).await?;
        Some(Answer::new(response, &shape))
    }

    fn prepare(&self, operation: Operation) -> Prepared {
        let shape = operation
            .definition()
            .map_or_else(Shape::default, |definition| {
                Shape::of(definition, &operation.document, &self.types)
            });
        let (loaders, queue) = Loaders::new(&self.state);
        let request = operation
            .into_request()
            .data(self.state.clone())
            .data(MergedFields(shape.merged_fields()));
        Prepared {
            request,
            shape,
            loaders,
            queue,
        }
    }
}
