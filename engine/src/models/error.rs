//! What can go wrong between us and a model, sorted by what the caller can do about it.

use std::time::Duration;

/// A model call that gave no reply. No message carries the key or the address's credentials.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum ModelError {
    /// The parameters name no usable model: correct the workflow.
    #[error("{0}")]
    Misconfigured(String),
    /// No connection: the server is down, or the address is wrong.
    #[error("model server {server} could not be reached: {reason}")]
    Unreachable { server: String, reason: String },
    /// The server kept us waiting for the next piece of its answer.
    #[error("model server {server} sent nothing for {} s", waited.as_secs_f64())]
    TimedOut { server: String, waited: Duration },
    /// 401 or 403: the key is missing, wrong, or not entitled.
    #[error(
        "model server {server} refused the credentials ({status}){}",
        detail(message)
    )]
    Unauthorized {
        server: String,
        status: u16,
        message: String,
    },
    /// 429: ask again later, after `retry_after` if the server said so.
    #[error("model server {server} is limiting the rate (429){}", detail(message))]
    RateLimited {
        server: String,
        retry_after: Option<Duration>,
        message: String,
    },
    /// Another 4xx: the request itself is wrong (unknown model, too long a conversation, …).
    #[error(
        "model server {server} rejected the request ({status}){}",
        detail(message)
    )]
    Rejected {
        server: String,
        status: u16,
        message: String,
    },
    /// 5xx: the server failed.
    #[error("model server {server} failed ({status}){}", detail(message))]
    ServerFailed {
        server: String,
        status: u16,
        message: String,
    },
    /// The answer is not what the protocol says.
    #[error("model server {server} gave an answer that is not understood: {reason}")]
    Garbled { server: String, reason: String },
    /// The answer stopped before its end.
    #[error("model server {server} stopped in the middle of its answer: {reason}")]
    Interrupted { server: String, reason: String },
}

impl ModelError {
    /// A stable name for `error.type` and `orcheo.error.code`.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Misconfigured(_) => "MODEL_MISCONFIGURED",
            Self::Unreachable { .. } => "MODEL_UNREACHABLE",
            Self::TimedOut { .. } => "MODEL_TIMEOUT",
            Self::Unauthorized { .. } => "MODEL_UNAUTHORIZED",
            Self::RateLimited { .. } => "MODEL_RATE_LIMITED",
            Self::Rejected { .. } => "MODEL_REJECTED",
            Self::ServerFailed { .. } => "MODEL_FAILED",
            Self::Garbled { .. } => "MODEL_GARBLED",
            Self::Interrupted { .. } => "MODEL_INTERRUPTED",
        }
    }

    /// Whether the same request may succeed when it is made again.
    pub fn retryable(&self) -> bool {
        !matches!(
            self,
            Self::Misconfigured(_) | Self::Unauthorized { .. } | Self::Rejected { .. }
        )
    }

    /// How long the server asked us to wait before the next request.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::RateLimited { retry_after, .. } => *retry_after,
            _ => None,
        }
    }
}

fn detail(message: &str) -> String {
    if message.is_empty() {
        String::new()
    } else {
        format!(": {message}")
    }
}
