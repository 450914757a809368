//! `schema.graphql` is what the server serves.

use std::path::Path;

#[test]
fn the_checked_in_schema_is_the_one_that_is_served() {
    let checked_in = include_str!("../../schema.graphql");
    let served = orcheo_api::schema_sdl();
    if served != checked_in {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("schema.graphql");
        std::fs::write(&path, &served).expect("the target directory is writable");
        panic!(
            "schema.graphql is out of date: run `make schema` (what is served is in {})",
            path.display()
        );
    }
}
