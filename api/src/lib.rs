//! GraphQL and REST over the trace store, and the receivers of OTLP in front of it.

pub mod actions;
pub mod error;
pub mod graphql;
pub mod http;
mod links;
mod loaders;
pub mod otlp;
mod rest;
pub mod state;

pub use error::{ApiError, ErrorCode};
pub use graphql::{schema_sdl, subscription::LiveSettings};
pub use http::{Health, HttpSettings, openapi, router};
pub use links::{InvalidLink, LinkTemplate};
pub use state::{ApiSettings, ApiState};
