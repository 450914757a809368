//! Runs, from the tracer to the database and to the collector.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod capture;
mod collector;
mod content;
mod export;
mod journal;
mod keys;
mod model_calls;
mod otlp;
mod privacy;
mod progress;
mod rescan;
mod spans;
mod tls;
mod traced;
