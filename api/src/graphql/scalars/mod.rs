//! The scalars of the schema: how each is printed, parsed and refused.

mod date_time;
mod json;

pub use self::{date_time::DateTime, json::Json};
