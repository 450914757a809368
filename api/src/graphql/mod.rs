//! The GraphQL schema and its execution.

mod connection;
pub(crate) mod dispatch;
mod execute;
mod fast;
mod inputs;
pub mod limits;
mod mutation;
mod query;
pub mod response;
mod root_field;
pub mod scalars;
mod shape;
pub mod spans;
pub mod subscription;
pub mod types;

pub use self::{
    execute::{Executor, Operation},
    inputs::{ExecutionFilter, SpanFilter},
    mutation::{
        CancelExecutionInput, CancelExecutionPayload, DeleteExecutionInput, DeleteExecutionPayload,
        SaveWorkflowInput, SaveWorkflowPayload, StartExecutionInput, StartExecutionPayload,
    },
    response::{Answer, Refusal},
};

use async_graphql::SDLExportOptions;

/// The schema.
pub type Schema =
    async_graphql::Schema<query::Query, mutation::Mutation, subscription::Subscription>;

/// Selection sets within each other; the parser's own limit. What a request may nest is decided by [`limits`] before.
const RECURSIVE_DEPTH: usize = 64;

/// The schema, without data: each request brings its own.
pub(crate) fn schema() -> Schema {
    Schema::build(query::Query, mutation::Mutation, subscription::Subscription)
        .limit_recursive_depth(RECURSIVE_DEPTH)
        .register_output_type::<types::Node>()
        .finish()
}

/// The schema in GraphQL's schema language, exactly as it is served.
pub fn schema_sdl() -> String {
    schema().sdl_with_options(
        SDLExportOptions::new()
            .use_space_ident()
            .include_specified_by(),
    )
}
