//! `orcheo-trace`: the commands.
#![expect(dead_code)]
mod data_dir;
mod postgres;

fn main() {}
