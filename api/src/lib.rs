//! GraphQL and REST over the trace store.

pub mod actions;
pub mod error;
pub mod graphql;
pub mod http;
mod loaders;
mod rest;
pub mod state;

pub use error::{ApiError, ErrorCode};
pub use graphql::{schema_sdl, subscription::LiveSettings};
pub use http::{HttpSettings, openapi, router};
pub use state::{ApiSettings, ApiState, LinkTemplate};
