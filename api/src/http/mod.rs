//! Everything about HTTP that is not a resource: GraphQL's transports, sign-in, whose pages may speak to the server.

mod assets;
mod auth;
mod graphql;
mod headers;
mod health;
mod negotiate;
mod operations;
mod origin;
mod request;
mod router;
mod server;
mod session;
mod socket;
pub(crate) mod sse;
mod trace;

pub use self::{
    auth::Auth,
    health::Health,
    origin::Origins,
    router::{openapi, router},
    server::HttpSettings,
    socket::SocketSettings,
    trace::RequestTrace,
};
pub(crate) use self::{
    auth::Identity,
    operations::{Outcome, text},
    server::Server,
};
