//! Rebuilds the crate when a migration is added, which the embedding macro cannot see by itself, and gives the test
//! support a fingerprint of the schema.

use std::{
    error::Error,
    fs,
    hash::{DefaultHasher, Hash, Hasher},
};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=../migrations");
    let mut files = Vec::new();
    for migration in fs::read_dir("../migrations")? {
        let up = migration?.path().join("up.sql");
        if up.exists() {
            files.push(up);
        }
    }
    files.sort();
    let mut hasher = DefaultHasher::new();
    for file in files {
        fs::read(file)?.hash(&mut hasher);
    }
    println!(
        "cargo::rustc-env=MIGRATIONS_FINGERPRINT={:016x}",
        hasher.finish()
    );
    Ok(())
}
