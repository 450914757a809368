//! The schema's migrations, embedded in the program.

use diesel_async::{
    AsyncPgConnection, SimpleAsyncConnection, async_connection_wrapper::AsyncConnectionWrapper,
};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use crate::StoreError;

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../migrations");

/// Processes that start together migrate one after the other: the lock is held until the connection is closed.
const LOCK: &str = "SELECT pg_advisory_lock(hashtext('orcheo.migrations'))";

/// Runs what is pending, in order; returns the versions run.
pub(crate) async fn run_pending(connection: AsyncPgConnection) -> Result<Vec<String>, StoreError> {
    with_harness(connection, |harness| {
        let versions = harness.run_pending_migrations(MIGRATIONS)?;
        Ok(versions.iter().map(ToString::to_string).collect())
    })
    .await
}

/// Reverts every migration: the database is empty afterwards.
#[cfg(feature = "testing")]
pub(crate) async fn revert_all(connection: AsyncPgConnection) -> Result<(), StoreError> {
    with_harness(connection, |harness| {
        harness.revert_all_migrations(MIGRATIONS).map(drop)
    })
    .await
}

/// How many migrations the database lacks.
pub(crate) async fn count_pending(connection: AsyncPgConnection) -> Result<usize, StoreError> {
    with_harness(connection, |harness| {
        Ok(harness.pending_migrations(MIGRATIONS)?.len())
    })
    .await
}

/// Migrations run synchronously, so they get a blocking thread: `block_in_place` would refuse a single-threaded runtime.
async fn with_harness<T: Send + 'static>(
    mut connection: AsyncPgConnection,
    run: impl FnOnce(&mut AsyncConnectionWrapper<AsyncPgConnection>) -> diesel::migration::Result<T>
    + Send
    + 'static,
) -> Result<T, StoreError> {
    connection.batch_execute(LOCK).await?;
    let failed = |error: &dyn std::fmt::Display| StoreError::Migration(error.to_string());
    tokio::task::spawn_blocking(move || {
        run(&mut AsyncConnectionWrapper::from(connection)).map_err(|e| failed(&e))
    })
    .await
    .map_err(|e| failed(&e))?
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use diesel::{
        migration::{Migration, MigrationSource},
        pg::Pg,
    };

    use super::MIGRATIONS;

    #[test]
    fn no_migration_has_the_version_of_another_which_would_keep_it_from_running() {
        let all: Vec<Box<dyn Migration<Pg>>> = MIGRATIONS.migrations().unwrap();
        let mut versions = HashSet::new();
        for migration in &all {
            let name = migration.name();
            assert!(versions.insert(name.version().as_owned()), "{name}");
        }
    }
}
