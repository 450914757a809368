//! Where a model server is, how it is named to people, and what its failures are called.

use std::time::Duration;

use reqwest::header::HeaderValue;
use reqwest::{StatusCode, Url};
use serde_json::Value;

use super::super::ModelError;

/// Enough of an error's text to see what is wrong.
const MAX_DETAIL_CHARS: usize = 500;

/// Address of a model server, and how it is named to people.
pub(super) struct Endpoint {
    url: Url,
    host: String,
    port: u16,
    patience: Duration,
    key: Option<String>,
    /// What the server is shown of the key.
    pub(super) authorization: Option<HeaderValue>,
}

impl std::fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Endpoint")
            .field("host", &self.host)
            .field("port", &self.port)
            .finish_non_exhaustive()
    }
}

impl Endpoint {
    pub(super) fn new(
        url: Url,
        patience: Duration,
        key: Option<String>,
    ) -> Result<Self, ModelError> {
        let misconfigured = |problem: &str| ModelError::Misconfigured(problem.to_owned());
        let host = url
            .host_str()
            .filter(|_| matches!(url.scheme(), "http" | "https"));
        let (Some(host), Some(port)) = (host, url.port_or_known_default()) else {
            return Err(misconfigured("base_url is not an HTTP URL with a host"));
        };
        // What is asked for is appended, and would land in the query.
        if url.query().is_some() || url.fragment().is_some() {
            return Err(misconfigured("base_url has a query or a fragment"));
        }
        let bearer = |key: &String| {
            let mut value = HeaderValue::try_from(format!("Bearer {key}")).map_err(|_| {
                misconfigured("api_key has characters that no HTTP header can carry")
            })?;
            value.set_sensitive(true);
            Ok(value)
        };
        let authorization = key.as_ref().map(bearer).transpose()?;
        Ok(Self {
            host: host.to_owned(),
            port,
            patience,
            key,
            authorization,
            url,
        })
    }

    pub(super) fn base(&self) -> &str {
        self.url.as_str().trim_end_matches('/')
    }

    pub(super) fn host(&self) -> &str {
        &self.host
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }

    pub(super) fn patience(&self) -> Duration {
        self.patience
    }

    pub(super) fn timed_out(&self) -> ModelError {
        ModelError::TimedOut {
            server: self.name(),
            waited: self.patience,
        }
    }

    pub(super) fn interrupted(&self, reason: &str) -> ModelError {
        ModelError::Interrupted {
            server: self.name(),
            reason: self.detail(reason),
        }
    }

    pub(super) fn garbled(&self, reason: &str) -> ModelError {
        ModelError::Garbled {
            server: self.name(),
            reason: self.detail(reason),
        }
    }

    /// An error the server tells of inside an answer that began well.
    pub(super) fn failed(&self, status: u16, error: &Value) -> ModelError {
        let message = self.detail(&error_text(error).unwrap_or_else(|| error.to_string()));
        self.refused(
            StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            None,
            message,
        )
    }

    fn name(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }

    /// Text from outside, short and without the key, which some servers repeat in their complaint.
    pub(super) fn detail(&self, text: &str) -> String {
        let text: String = text.trim().chars().take(MAX_DETAIL_CHARS).collect();
        match &self.key {
            Some(key) if !key.is_empty() => text.replace(key.as_str(), "[REDACTED]"),
            _ => text,
        }
    }

    pub(super) fn refused(
        &self,
        status: StatusCode,
        retry_after: Option<Duration>,
        message: String,
    ) -> ModelError {
        let (server, code) = (self.name(), status.as_u16());
        match status {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => ModelError::Unauthorized {
                server,
                status: code,
                message,
            },
            StatusCode::TOO_MANY_REQUESTS => ModelError::RateLimited {
                server,
                retry_after,
                message,
            },
            _ if status.is_server_error() => ModelError::ServerFailed {
                server,
                status: code,
                message,
            },
            _ => ModelError::Rejected {
                server,
                status: code,
                message,
            },
        }
    }

    pub(super) fn transport(&self, error: reqwest::Error) -> ModelError {
        let reason = innermost(&error.without_url());
        ModelError::Unreachable {
            server: self.name(),
            reason: self.detail(&reason),
        }
    }
}

/// The text of an error as the OpenAI protocol, or one of the usual deviations from it, has it.
pub(super) fn error_text(body: &Value) -> Option<String> {
    let error = body.get("error").unwrap_or(body);
    ["message", "detail", "error"]
        .iter()
        .find_map(|key| error.get(key))
        .unwrap_or(error)
        .as_str()
        .map(ToOwned::to_owned)
}

/// The cause at the bottom of an error, which names what happened (`Connection refused`) and no address.
pub(super) fn innermost(error: &dyn std::error::Error) -> String {
    std::iter::successors(Some(error), |error| error.source())
        .last()
        .map_or_else(String::new, ToString::to_string)
}
