//! Everything about HTTP that is not a resource: GraphQL's transports, sign-in, whose pages may speak to the server.

#![allow(dead_code)]
mod auth;
mod headers;
mod negotiate;
mod operations;
mod origin;
mod request;
mod session;
mod socket;
mod trace;

pub use auth::Auth;
pub use origin::Origins;
pub use socket::SocketSettings;
pub use trace::RequestTrace;
