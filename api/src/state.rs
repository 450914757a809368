//! What every handler and resolver shares.

use std::sync::Arc;

use orcheo_engine::NodeCatalog;
use orcheo_store::{Store, TraceId};
use orcheo_telemetry::Redactor;

use crate::{
    error::{ApiError, ErrorCode},
    graphql::limits::Limits,
};

/// What every handler and resolver shares. Cheap to clone.
#[derive(Clone)]
pub struct ApiState {
    /// The trace store.
    pub store: Store,
    /// Hides secrets in what clients send before it is stored.
    pub redactor: Redactor,
    /// The node types that workflows may use.
    pub catalog: Arc<NodeCatalog>,
    /// What the operator chose.
    pub settings: Arc<ApiSettings>,
}

impl std::fmt::Debug for ApiState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ApiState")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

/// Settings of the API.
#[derive(Debug, Clone)]
pub struct ApiSettings {
    /// What one GraphQL request may ask for.
    pub limits: Limits,
    /// Links from an execution to dashboards.
    pub external_links: Vec<LinkTemplate>,
    /// Whether executions show their inputs, unless their workflow says that they do not.
    pub capture_content: bool,
}

impl Default for ApiSettings {
    fn default() -> Self {
        Self {
            limits: Limits::default(),
            external_links: Vec::new(),
            capture_content: true,
        }
    }
}

/// A link to a dashboard that shows a trace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkTemplate {
    name: String,
    url: String,
}

/// A link template that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no link: write Name=https://…/{{trace_id}}")]
pub struct InvalidLink(String);

impl std::str::FromStr for LinkTemplate {
    type Err = InvalidLink;

    /// Reads `Name=https://…/{trace_id}`.
    fn from_str(text: &str) -> Result<Self, InvalidLink> {
        let invalid = || InvalidLink(text.to_owned());
        let (name, url) = text.split_once('=').ok_or_else(invalid)?;
        let (name, url) = (name.trim(), url.trim());
        let web = url.starts_with("https://") || url.starts_with("http://");
        if name.is_empty() || !web || !url.contains(TRACE_ID) {
            return Err(invalid());
        }
        Ok(Self {
            name: name.to_owned(),
            url: url.to_owned(),
        })
    }
}

const TRACE_ID: &str = "{trace_id}";

impl LinkTemplate {
    /// The dashboard's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The address for one trace.
    pub fn url(&self, trace_id: TraceId) -> String {
        self.url.replace(TRACE_ID, &trace_id.to_string())
    }
}

impl From<orcheo_store::StoreError> for ApiError {
    fn from(error: orcheo_store::StoreError) -> Self {
        use orcheo_store::StoreError;
        match &error {
            error if error.is_unavailable() => Self::unavailable(error),
            StoreError::Query(diesel::result::Error::DatabaseError(_, information))
                if information.message().contains("statement timeout") =>
            {
                Self::new(
                    ErrorCode::Timeout,
                    "the database took too long; ask for less, or try again later",
                )
            }
            // PostgreSQL's text has no NUL; wherever a client may send text, it may send one.
            StoreError::Query(diesel::result::Error::DatabaseError(_, information))
                if information.message().starts_with("invalid byte sequence") =>
            {
                Self::bad_input("text must not contain NUL")
            }
            error => Self::internal(error),
        }
    }
}

impl From<diesel::result::Error> for ApiError {
    fn from(error: diesel::result::Error) -> Self {
        orcheo_store::StoreError::from(error).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_names_its_dashboard_and_carries_the_trace_id() {
        let link: LinkTemplate = "Jaeger = http://localhost:16686/trace/{trace_id}?a=b"
            .parse()
            .expect("a link");
        assert_eq!(link.name(), "Jaeger");
        assert_eq!(
            link.url(TraceId([0xab; 16])),
            format!("http://localhost:16686/trace/{}?a=b", "ab".repeat(16))
        );
    }

    #[test]
    fn what_is_no_link_is_refused() {
        for text in [
            "",
            "x",
            "=http://a/{trace_id}",
            "A=javascript:{trace_id}",
            "A=http://a/",
        ] {
            assert!(text.parse::<LinkTemplate>().is_err(), "{text}");
        }
    }
}
