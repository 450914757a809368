//! `ExternalLink`.

use async_graphql::SimpleObject;
use orcheo_store::TraceId;

use crate::state::LinkTemplate;

/// A dashboard that shows the same trace.
#[derive(Debug, Clone, SimpleObject)]
pub struct ExternalLink {
    /// The dashboard's name.
    pub name: String,
    /// Its address for this trace.
    pub url: String,
}

impl ExternalLink {
    pub(crate) fn of(template: &LinkTemplate, trace_id: TraceId) -> Self {
        Self {
            name: template.name().to_owned(),
            url: template.url(trace_id),
        }
    }
}
