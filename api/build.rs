//! Lets the compiler notice when the web assets were built, also for the first time.

use std::{fs, path::Path};

fn main() {
    for client in ["canvas-client", "graphiql"] {
        let dist = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("..")
            .join(client)
            .join("dist");
        // A path that does not exist would count as changed in every build.
        if let Err(error) = fs::create_dir_all(&dist) {
            println!("cargo::warning=cannot make {}: {error}", dist.display());
        }
        println!("cargo::rerun-if-changed={}", dist.display());
    }
}
