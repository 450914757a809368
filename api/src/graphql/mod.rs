//! The GraphQL schema and its execution.

mod dispatch;
pub mod limits;
pub mod response;
pub mod scalars;
