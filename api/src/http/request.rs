//! The parameters of a GraphQL request as every transport sends them.

use serde::Deserialize;
use serde_json::{Map, Value};

/// Source: GraphQL over HTTP, "Request Parameters". Parameters that the specification does not name are ignored.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct GraphQlRequest {
    pub(crate) query: String,
    #[serde(default)]
    pub(crate) operation_name: Option<String>,
    #[serde(default)]
    pub(crate) variables: Option<Map<String, Value>>,
    /// Checked to be an object, as the specification asks; no extension is known here.
    #[serde(default, rename = "extensions")]
    _extensions: Option<Map<String, Value>>,
}
