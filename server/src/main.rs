//! `orcheo-trace`: the commands.
#![expect(dead_code)]
mod cli;
mod config;
mod data_dir;
mod postgres;
mod terminal;

fn main() {}
