//! `JSON`: text of the database carried through unread.

use async_graphql::{InputValueResult, Scalar, ScalarType, Value};
use bytes::Bytes;

/// A JSON document as text.
///
/// It is never parsed on its way from the database to the client: it travels as [`Value::Binary`], which
/// [the response writer](crate::graphql::response) copies. The stock serializer of async-graphql would print it as a list of
/// numbers, so every way out has to use that writer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Json(Bytes);

impl Json {
    /// From text that is known to be one JSON document, such as a `json` column.
    pub fn from_text(text: impl Into<Bytes>) -> Self {
        Self(text.into())
    }

    /// From a value in memory.
    pub fn from_value(value: &serde_json::Value) -> Self {
        Self(Bytes::from(value.to_string()))
    }

    /// The text.
    pub fn as_bytes(&self) -> &Bytes {
        &self.0
    }

    /// The document as a value.
    ///
    /// # Errors
    /// When it is nested deeper than serde_json reads.
    pub fn to_json(&self) -> Result<serde_json::Value, serde_json::Error> {
        serde_json::from_slice(&self.0)
    }
}

/// Any JSON value.
#[Scalar(
    name = "JSON",
    specified_by_url = "https://www.rfc-editor.org/rfc/rfc8259"
)]
impl ScalarType for Json {
    fn parse(value: Value) -> InputValueResult<Self> {
        Ok(Self(Bytes::from(serde_json::to_vec(&value)?)))
    }

    fn to_value(&self) -> Value {
        Value::Binary(self.0.clone())
    }
}
