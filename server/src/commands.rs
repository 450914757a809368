//! One module per command.

pub(crate) mod doctor;
pub(crate) mod migrate;
pub(crate) mod run;
