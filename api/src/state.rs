//! What every handler and resolver shares.

use std::sync::Arc;

use orcheo_engine::NodeCatalog;
use orcheo_store::Store;
use orcheo_telemetry::{Prices, Redactor};

use crate::{
    error::{ApiError, ErrorCode},
    graphql::limits::Limits,
    links::LinkTemplate,
};

/// What every handler and resolver shares. Cheap to clone.
#[derive(Clone)]
pub struct ApiState {
    /// The trace store.
    pub store: Store,
    /// Hides secrets in what clients send before it is stored.
    pub redactor: Redactor,
    /// What model calls cost that do not say so.
    pub prices: Prices,
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
