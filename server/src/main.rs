//! `orcheo-trace`: the commands.
#![expect(dead_code)]
mod cli;
mod config;
mod data_dir;
mod instance;
mod logs;
mod postgres;
mod terminal;

fn main() {}
