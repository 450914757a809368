//! `ExternalLink`.

use async_graphql::SimpleObject;
use orcheo_store::models::executions::ExecutionState;

use crate::links::LinkTemplate;

/// A dashboard that shows the same trace.
#[derive(Debug, Clone, SimpleObject)]
pub struct ExternalLink {
    /// The dashboard's name.
    pub name: String,
    /// Its address for this trace.
    pub url: String,
}

impl ExternalLink {
    /// None where the execution lacks what the link needs.
    pub(crate) fn of(template: &LinkTemplate, state: &ExecutionState) -> Option<Self> {
        Some(Self {
            name: template.name().to_owned(),
            url: template.url(state)?,
        })
    }
}
