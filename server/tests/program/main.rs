//! The program from the outside: its commands as child processes, each test on a data directory of its own.

#![allow(
    clippy::unwrap_used,
    reason = "a test ends where something is not as it should be"
)]

mod failures;
mod harness;
mod joining;
mod leaving;
mod privacy;
mod run;
mod serving;
