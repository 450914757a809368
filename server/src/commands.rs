//! One module per command.

pub(crate) mod doctor;
pub(crate) mod migrate;
