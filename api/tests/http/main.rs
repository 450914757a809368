//! The whole API over a real listener and a real PostgreSQL.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod auth;
mod graphql;
mod hostile;
mod live;
mod otlp;
mod rest;
mod socket;
mod sse;
mod support;
