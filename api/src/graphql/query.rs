//! The root of queries.

use async_graphql::{Context, ID, Object};
use orcheo_engine::NodeCatalog;

use super::{
    connection::{Connection, PageArguments},
    inputs::ExecutionFilter,
    types::{Execution, Node, NodeType, Workflow},
};
use crate::{error::ApiError, state::ApiState};

/// What can be read.
#[derive(Debug, Default)]
pub struct Query;

/// What can be read.
#[Object]
impl Query {
    /// What an opaque id names; null when it does not exist (any more).
    async fn node(&self, ctx: &Context<'_>, id: ID) -> Result<Option<Node>, ApiError> {
        Node::fetch(ctx, &id).await
    }

    /// A workflow; null when there is none.
    async fn workflow(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The definition's own id, for example `support-triage`.")]
        workflow_id: String,
    ) -> Result<Option<Workflow>, ApiError> {
        Workflow::fetch(ctx, workflow_id).await
    }

    /// The workflows, by name. At most 1,000 a page, 50 by default.
    async fn workflows(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
        #[graphql(desc = "Part of the name or of the workflow's own id, in any case of letters.")]
        search: Option<String>,
    ) -> Result<Connection<Workflow>, ApiError> {
        let search = search.filter(|search| !search.is_empty());
        Workflow::paginate(
            ctx,
            search.as_deref(),
            PageArguments {
                first,
                after,
                last,
                before,
            },
        )
        .await
    }

    /// An execution; null when there is none.
    async fn execution(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "The execution's own id, or the id another engine gave its run, of which the newest counts."
        )]
        execution_id: ID,
    ) -> Result<Option<Execution>, ApiError> {
        Execution::find(ctx, &execution_id).await
    }

    /// The execution of a trace; null when there is none.
    async fn execution_by_trace_id(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "32 hex digits.")] trace_id: String,
    ) -> Result<Option<Execution>, ApiError> {
        Execution::find_by_trace(ctx, &trace_id).await
    }

    /// The executions, newest first. At most 1,000 a page, 50 by default.
    async fn executions(
        &self,
        ctx: &Context<'_>,
        filter: Option<ExecutionFilter>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<Connection<Execution>, ApiError> {
        Execution::paginate(
            ctx,
            filter,
            PageArguments {
                first,
                after,
                last,
                before,
            },
        )
        .await
    }

    /// The types of nodes that workflows may use, and of what decides their conditional edges, by name.
    async fn node_types(&self, ctx: &Context<'_>) -> Vec<NodeType> {
        let nodes = &ctx.data_unchecked::<ApiState>().catalog;
        let nodes = nodes.iter().map(|kind| NodeType::new(kind, false));
        let deciders = NodeCatalog::deciders();
        let deciders = deciders.iter().map(|kind| NodeType::new(kind, true));
        let mut types: Vec<NodeType> = nodes.chain(deciders).collect();
        types.sort_by(|a, b| a.name.cmp(&b.name));
        types
    }
}
