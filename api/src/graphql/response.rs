//! Writes responses as JSON text.
//!
//! The stock serializer cannot be used: columns of JSON and whole lists travel as [`Value::Binary`], text that is copied as it
//! is. Every transport therefore sends the bytes of an [`Answer`].

use async_graphql::{ErrorExtensionValues, Response, ServerError, Value};
use bytes::Bytes;

use super::shape::Shape;
use crate::{
    error::{ApiError, ErrorCode},
    http::RequestTrace,
};

/// Errors that an answer lists at most.
const MAX_ERRORS: usize = 20;

/// What an operation gave.
#[derive(Debug, Clone)]
pub enum Answer {
    /// It was executed; resolvers may have failed.
    Executed {
        /// `{"data": …}`, with `errors` where resolvers failed.
        body: Bytes,
        /// Whether there are `errors`.
        failed: bool,
    },
    /// It was refused before anything was executed.
    Refused(Refusal),
}

/// Why an operation was not executed: errors of its document, its variables or the limits.
#[derive(Debug, Clone)]
pub struct Refusal(Vec<ServerError>);

impl Refusal {
    /// The errors, each with a code in its extensions. Never empty.
    pub fn errors(&self) -> &[ServerError] {
        &self.0
    }

    /// The JSON list of errors: the payload of the socket's `error` message.
    pub fn errors_json(&self) -> Bytes {
        let mut out = Vec::new();
        write_errors(&self.0, &mut out);
        out.into()
    }

    /// The response body `{"errors": […]}`, without `data`.
    pub fn body(&self) -> Bytes {
        let mut out = br#"{"errors":"#.to_vec();
        write_errors(&self.0, &mut out);
        out.push(b'}');
        out.into()
    }

    /// An error about the document, which `code` describes unless the error already has one.
    pub(crate) fn from_errors(mut errors: Vec<ServerError>, code: ErrorCode) -> Self {
        for error in &mut errors {
            stamp(error, code);
        }
        Self(errors)
    }
}

impl From<ApiError> for Refusal {
    fn from(error: ApiError) -> Self {
        let error = async_graphql::Error::from(error);
        let mut refused = ServerError::new(error.message, None);
        refused.extensions = error.extensions;
        stamp(&mut refused, ErrorCode::Internal);
        Self(vec![refused])
    }
}

impl Answer {
    /// Writes a response to an operation whose answers have this shape.
    ///
    /// Errors without a path come from before the execution; then there is no `data`, as GraphQL asks.
    pub(crate) fn new(mut response: Response, shape: &Shape) -> Self {
        let refused = response.data == Value::Null
            && !response.errors.is_empty()
            && response.errors.iter().all(|error| error.path.is_empty());
        if refused {
            return Self::Refused(Refusal::from_errors(
                response.errors,
                ErrorCode::GraphqlValidationFailed,
            ));
        }
        for error in &mut response.errors {
            // What a resolver reports carries its code; only a scalar that refuses an argument does not.
            stamp(error, ErrorCode::BadUserInput);
            shape.put_null(&mut response.data, &error.path);
        }
        // One failed read fails every field that waited for it; a page of them says no more than the first few.
        response.errors.truncate(MAX_ERRORS);
        let mut out = Vec::with_capacity(estimate(&response.data) + 64);
        out.extend_from_slice(br#"{"data":"#);
        write_value(&response.data, Some(shape), &mut out);
        if !response.errors.is_empty() {
            out.extend_from_slice(br#","errors":"#);
            write_errors(&response.errors, &mut out);
        }
        out.push(b'}');
        Self::Executed {
            body: out.into(),
            failed: !response.errors.is_empty(),
        }
    }
}

fn stamp(error: &mut ServerError, code: ErrorCode) {
    let extensions = error
        .extensions
        .get_or_insert_with(ErrorExtensionValues::default);
    if extensions.get("code").is_none() {
        extensions.set("code", code.as_str());
    }
    // The id under which the log tells what the client is not told.
    if extensions.get("code") == Some(&Value::from(ErrorCode::Internal.as_str()))
        && let Some(trace) = RequestTrace::current()
    {
        extensions.set("traceId", trace.trace_id.to_string());
    }
}

/// The bytes of the texts that are copied: nearly all of a large response.
fn estimate(value: &Value) -> usize {
    match value {
        Value::Binary(text) => text.len(),
        Value::String(text) => text.len() + 2,
        Value::List(items) => items.iter().map(estimate).sum(),
        Value::Object(fields) => fields
            .iter()
            .map(|(name, value)| name.len() + 4 + estimate(value))
            .sum(),
        _ => 8,
    }
}

fn write_value(value: &Value, shape: Option<&Shape>, out: &mut Vec<u8>) {
    match value {
        Value::Null => out.extend_from_slice(b"null"),
        Value::Boolean(true) => out.extend_from_slice(b"true"),
        Value::Boolean(false) => out.extend_from_slice(b"false"),
        Value::Number(number) => write_json(number, out),
        Value::String(text) => write_string(text, out),
        Value::Enum(name) => write_string(name, out),
        Value::Binary(text) => out.extend_from_slice(text),
        Value::List(items) => {
            out.push(b'[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(b',');
                }
                write_value(item, shape, out);
            }
            out.push(b']');
        }
        Value::Object(fields) => {
            let mut separator = b'{';
            // Without a shape, as within introspection, the fields are in their own order.
            let shaped = shape
                .into_iter()
                .flat_map(Shape::keys)
                .filter(|key| fields.contains_key(*key));
            let rest = fields
                .keys()
                .filter(|key| shape.is_none_or(|shape| shape.field(key).is_none()));
            for key in shaped.chain(rest) {
                out.push(separator);
                separator = b',';
                write_string(key, out);
                out.push(b':');
                write_value(&fields[key], shape.and_then(|shape| shape.field(key)), out);
            }
            if separator == b'{' {
                out.push(separator);
            }
            out.push(b'}');
        }
    }
}

fn write_errors(errors: &[ServerError], out: &mut Vec<u8>) {
    write_json(errors, out);
}

/// Appends a JSON string.
pub(crate) fn write_string(text: &str, out: &mut Vec<u8>) {
    write_json(text, out);
}

/// Appends a value whose serialization cannot fail: no maps with keys other than strings, and a writer that only grows.
pub(crate) fn write_json<T: serde::Serialize + ?Sized>(value: &T, out: &mut Vec<u8>) {
    if let Err(error) = serde_json::to_writer(&mut *out, value) {
        unreachable!("writing JSON to memory failed: {error}");
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::{Name, PathSegment, indexmap::IndexMap};

    use super::*;

    fn body(response: Response) -> String {
        match Answer::new(response, &Shape::default()) {
            Answer::Executed { body, .. } => String::from_utf8_lossy(&body).into_owned(),
            Answer::Refused(refusal) => String::from_utf8_lossy(&refusal.body()).into_owned(),
        }
    }

    #[test]
    fn carried_text_is_copied_and_strings_are_escaped() {
        let mut fields = IndexMap::new();
        fields.insert(
            Name::new("attributes"),
            Value::Binary(Bytes::from_static(br#"{"a": [1.50]}"#)),
        );
        fields.insert(Name::new("name"), Value::String("a \"b\"\n\u{1}é".into()));
        fields.insert(
            Name::new("list"),
            Value::List(vec![1.into(), true.into(), Value::Null]),
        );
        assert_eq!(
            body(Response::new(Value::Object(fields))),
            r#"{"data":{"attributes":{"a": [1.50]},"name":"a \"b\"\n\u0001é","list":[1,true,null]}}"#
        );
    }

    #[test]
    fn an_error_before_execution_leaves_no_data_key_and_has_a_code() {
        let response = Response::from_errors(vec![ServerError::new("no such field", None)]);
        assert_eq!(
            body(response),
            r#"{"errors":[{"message":"no such field","extensions":{"code":"GRAPHQL_VALIDATION_FAILED"}}]}"#
        );
    }

    #[test]
    fn an_error_of_a_resolver_keeps_the_data_key() {
        let error = ServerError::new("bad", None).with_path(vec![PathSegment::Field("a".into())]);
        assert_eq!(
            body(Response::from_errors(vec![error])),
            r#"{"data":null,"errors":[{"message":"bad","path":["a"],"extensions":{"code":"BAD_USER_INPUT"}}]}"#
        );
    }
}
