//! Rebuilds the crate when a migration is added: the embedding macro cannot see new directories by itself.

fn main() {
    println!("cargo::rerun-if-changed=../migrations");
}
