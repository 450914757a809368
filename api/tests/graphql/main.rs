//! The GraphQL contract, against a real PostgreSQL: one file per type or concern.

#![allow(
    clippy::unwrap_used,
    unreachable_pub,
    reason = "a test that cannot go on fails, and its modules are no interface"
)]

mod artifact;
mod errors;
mod execution;
mod fast_lists;
mod limits;
mod mutations;
mod node;
mod paging;
mod span;
mod span_marks;
mod support;
mod tree;
mod usage;
mod workflow;
