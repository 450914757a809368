//! The scalars of the schema: how each is printed, parsed and refused.

mod cursor;
mod date_time;
mod id;
mod json;

pub(crate) use self::cursor::{other_execution, wrong_kind};
pub use self::{
    cursor::{KeyCursor, RevisionCursor},
    date_time::DateTime,
    id::GlobalId,
    json::Json,
};
