//! `Node`: whatever has an opaque id.

use async_graphql::{Context, ID, Interface};

use super::{Artifact, Execution, Span, Workflow};
use crate::{error::ApiError, graphql::scalars::GlobalId};

/// Something with an id by which it can be read again.
#[derive(Debug, Interface)]
#[graphql(field(name = "id", ty = "ID", desc = "The opaque id; unique across types."))]
pub enum Node {
    /// A workflow.
    Workflow(Workflow),
    /// An execution.
    Execution(Execution),
    /// A span.
    Span(Box<Span>),
    /// An artifact.
    Artifact(Artifact),
}

impl Node {
    /// What `id` names; `None` when it does not exist (any more).
    pub(crate) async fn fetch(ctx: &Context<'_>, id: &ID) -> Result<Option<Self>, ApiError> {
        Ok(match GlobalId::decode(id)? {
            GlobalId::Workflow(id) => Workflow::fetch(ctx, id).await?.map(Self::Workflow),
            GlobalId::Execution(id) => Execution::fetch(ctx, id).await?.map(Self::Execution),
            GlobalId::Span(execution, span) => Span::fetch(ctx, (execution, span))
                .await?
                .map(|span| Self::Span(Box::new(span))),
            GlobalId::Artifact(execution, artifact) => Artifact::fetch(ctx, (execution, artifact))
                .await?
                .map(Self::Artifact),
        })
    }
}
