//! The one error a client can meet, however it asked: as `extensions` of a GraphQL error or as an RFC 9457 problem.
//!
//! Below the edge, functions return the narrowest error of their own crate. Here it becomes a stable [`ErrorCode`] and a
//! sentence that helps the caller; what only helps an operator goes to the log, with the trace id of the request.

use std::borrow::Cow;

use async_graphql::ErrorExtensionValues;
use axum::{
    Json,
    http::{HeaderValue, StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
};
use serde::Serialize;

use crate::http::RequestTrace;

/// What went wrong, as a word that clients may branch on. Adding a code is compatible, changing one is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorCode {
    /// An argument, a body or a cursor is not what it should be; asking again the same way cannot succeed.
    BadUserInput,
    /// What the request is about does not exist, or no longer.
    NotFound,
    /// No credentials, or wrong ones.
    Unauthenticated,
    /// The credentials are right, the request is not allowed.
    Forbidden,
    /// The state of the object does not allow the operation.
    Conflict,
    /// The database did not answer in the time a statement may take.
    Timeout,
    /// The database cannot be reached, or the program is stopping; asking again later may succeed.
    Unavailable,
    /// A fault of this program; the log has the details.
    Internal,
    /// The document is not GraphQL.
    GraphqlParseFailed,
    /// The document does not fit the schema.
    GraphqlValidationFailed,
    /// The request exceeds a limit on size, depth, complexity or results.
    LimitExceeded,
}

impl ErrorCode {
    /// The word sent to clients.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BadUserInput => "BAD_USER_INPUT",
            Self::NotFound => "NOT_FOUND",
            Self::Unauthenticated => "UNAUTHENTICATED",
            Self::Forbidden => "FORBIDDEN",
            Self::Conflict => "CONFLICT",
            Self::Timeout => "TIMEOUT",
            Self::Unavailable => "UNAVAILABLE",
            Self::Internal => "INTERNAL",
            Self::GraphqlParseFailed => "GRAPHQL_PARSE_FAILED",
            Self::GraphqlValidationFailed => "GRAPHQL_VALIDATION_FAILED",
            Self::LimitExceeded => "LIMIT_EXCEEDED",
        }
    }

    /// The HTTP status of a response that consists of this error alone.
    pub const fn status(self) -> StatusCode {
        match self {
            Self::BadUserInput
            | Self::GraphqlParseFailed
            | Self::GraphqlValidationFailed
            | Self::LimitExceeded => StatusCode::BAD_REQUEST,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Unauthenticated => StatusCode::UNAUTHORIZED,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::Conflict => StatusCode::CONFLICT,
            Self::Timeout => StatusCode::GATEWAY_TIMEOUT,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

/// Why, where a client may want to act on more than the code: the `reason` of `extensions` and problems.
pub mod reason {
    /// The cursor was not made by this program.
    pub const MALFORMED_CURSOR: &str = "MALFORMED_CURSOR";
    /// A page cursor where a feed's is asked for, or the reverse, or one of another list.
    pub const WRONG_CURSOR_KIND: &str = "WRONG_CURSOR_KIND";
    /// The cursor belongs to another execution.
    pub const OTHER_EXECUTION: &str = "OTHER_EXECUTION";
    /// The cursor is ahead of what the database holds, for example after a restore.
    pub const FUTURE_CURSOR: &str = "FUTURE_CURSOR";
    /// `first` and `last` exclude each other.
    pub const FIRST_AND_LAST: &str = "FIRST_AND_LAST";
    /// A page size below zero.
    pub const NEGATIVE_PAGE_SIZE: &str = "NEGATIVE_PAGE_SIZE";
    /// A page size above the maximum of the field.
    pub const PAGE_TOO_LARGE: &str = "PAGE_TOO_LARGE";
    /// An opaque id that this program did not make, or one of another type.
    pub const MALFORMED_ID: &str = "MALFORMED_ID";
    /// The execution was deleted while it was watched.
    pub const DELETED: &str = "DELETED";
    /// Changes may have been missed: read the list again, then subscribe again.
    pub const FEED_INTERRUPTED: &str = "FEED_INTERRUPTED";
    /// The execution has ended, so there is nothing to cancel.
    pub const ALREADY_FINISHED: &str = "ALREADY_FINISHED";
    /// The execution is still running.
    pub const STILL_RUNNING: &str = "STILL_RUNNING";
}

/// An error as a client sees it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ApiError {
    code: ErrorCode,
    message: Cow<'static, str>,
    reason: Option<&'static str>,
}

impl ApiError {
    /// An error with a code and a sentence for the client.
    pub fn new(code: ErrorCode, message: impl Into<Cow<'static, str>>) -> Self {
        Self {
            code,
            message: message.into(),
            reason: None,
        }
    }

    /// The caller's argument is wrong.
    pub fn bad_input(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorCode::BadUserInput, message)
    }

    /// `what` (such as `execution "x"`) does not exist.
    pub fn not_found(what: impl std::fmt::Display) -> Self {
        Self::new(ErrorCode::NotFound, format!("there is no {what}"))
    }

    /// The state of the object forbids the operation.
    pub fn conflict(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorCode::Conflict, message)
    }

    /// A limit was exceeded.
    pub fn limit(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorCode::LimitExceeded, message)
    }

    /// A fault of this program: logged here, and told to the client without detail.
    pub fn internal(error: &dyn std::error::Error) -> Self {
        tracing::error!(error = %Chain(error), "request failed");
        Self::new(
            ErrorCode::Internal,
            "an internal error occurred; the server's log has the details",
        )
    }

    /// The database or the program is out of service for now: logged here, told to the client without detail.
    pub fn unavailable(error: &dyn std::error::Error) -> Self {
        tracing::warn!(error = %Chain(error), "the database is unavailable");
        Self::new(
            ErrorCode::Unavailable,
            "the database is unavailable; try again later",
        )
    }

    /// Adds a reason of [`reason`].
    #[must_use]
    pub fn with_reason(mut self, reason: &'static str) -> Self {
        self.reason = Some(reason);
        self
    }

    /// The stable code.
    pub fn code(&self) -> ErrorCode {
        self.code
    }

    /// The sentence for the client.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The stable reason, where there is one.
    pub fn reason(&self) -> Option<&'static str> {
        self.reason
    }
}

/// An error with its sources, as one line of the log.
struct Chain<'a>(&'a dyn std::error::Error);

impl std::fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)?;
        let mut source = self.0.source();
        while let Some(error) = source {
            write!(f, ": {error}")?;
            source = error.source();
        }
        Ok(())
    }
}

impl From<ApiError> for async_graphql::Error {
    fn from(error: ApiError) -> Self {
        let mut extensions = ErrorExtensionValues::default();
        extensions.set("code", error.code.as_str());
        if let Some(reason) = error.reason {
            extensions.set("reason", reason);
        }
        Self {
            message: error.message.into_owned(),
            source: None,
            extensions: Some(extensions),
        }
    }
}

/// The body of an error response of REST, by RFC 9457.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Problem {
    /// Always `about:blank`: `code` tells the kinds apart.
    #[serde(rename = "type")]
    pub kind: Cow<'static, str>,
    /// The phrase of the HTTP status.
    pub title: Cow<'static, str>,
    /// The HTTP status.
    pub status: u16,
    /// What is wrong with this request, for a human.
    pub detail: String,
    /// The stable code, the same as in GraphQL.
    pub code: Cow<'static, str>,
    /// The stable reason, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Cow<'static, str>>,
    /// The trace under which the server's log has the request: 32 hex digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trace_id: Option<String>,
}

impl From<ApiError> for Problem {
    fn from(error: ApiError) -> Self {
        Self::of(error.code.status(), error)
    }
}

impl Problem {
    /// The same error with a status that says more than that of its code.
    pub(crate) fn of(status: StatusCode, error: ApiError) -> Self {
        Self {
            kind: "about:blank".into(),
            title: status.canonical_reason().unwrap_or_default().into(),
            status: status.as_u16(),
            detail: error.message.into_owned(),
            code: error.code.as_str().into(),
            reason: error.reason.map(Into::into),
            trace_id: RequestTrace::current().map(|trace| trace.trace_id.to_string()),
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        Problem::from(self).into_response()
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, Json(self)).into_response();
        response.headers_mut().insert(
            CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_and_reason_are_the_same_in_graphql_and_in_problems() {
        let error = ApiError::bad_input("bad cursor").with_reason(reason::MALFORMED_CURSOR);
        let graphql = async_graphql::Error::from(error.clone());
        let extensions = graphql.extensions.expect("an error has extensions");
        let problem = serde_json::to_value(Problem::from(error)).expect("a problem is JSON");
        assert_eq!(extensions.get("code"), Some(&"BAD_USER_INPUT".into()));
        assert_eq!(extensions.get("reason"), Some(&"MALFORMED_CURSOR".into()));
        assert_eq!(
            problem,
            serde_json::json!({
                "type": "about:blank", "title": "Bad Request", "status": 400,
                "detail": "bad cursor", "code": "BAD_USER_INPUT", "reason": "MALFORMED_CURSOR",
            })
        );
    }

    #[test]
    fn an_internal_error_keeps_its_detail_to_the_log() {
        let error = ApiError::internal(&std::io::Error::other("password=hunter2"));
        assert!(!error.to_string().contains("hunter2"));
    }
}
