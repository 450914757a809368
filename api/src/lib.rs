//! GraphQL and REST over the trace store.

pub mod error;
pub mod graphql;
pub mod http;

pub use error::{ApiError, ErrorCode};
