//! Support for tests of this crate and those above it: a fresh database each, on a real PostgreSQL.
//!
//! `ORCHEO_TEST_DATABASE_URL` names a server to use; without it a throw-away cluster is started.

mod builders;
mod cluster;
mod traces;

use std::{sync::Arc, thread};

use anyhow::Context;
use diesel::sql_types::Text;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use tempfile::TempDir;

pub use builders::{NewRun, ended, new_execution, span, usage};
pub use traces::{Trace, below, chain, span_id};

use crate::{Store, StoreSettings, migrations};

/// A migrated database of its own; dropped, with what is connected to it, when this is.
#[derive(Debug, Clone)]
pub struct TestDatabase {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    name: String,
    url: String,
    artifacts: TempDir,
}

impl TestDatabase {
    /// A copy of a migrated template.
    ///
    /// # Panics
    /// When PostgreSQL cannot be had.
    pub async fn new() -> Self {
        match create().await {
            Ok(inner) => Self {
                inner: Arc::new(inner),
            },
            Err(error) => panic!("no test database: {error:#}"),
        }
    }

    /// For [`StoreSettings`], and for programs that take `DATABASE_URL`.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.inner.url
    }

    /// Settings of a store on it, its artifacts in a directory that goes with it.
    #[must_use]
    pub fn settings(&self) -> StoreSettings {
        let mut settings = StoreSettings::new(
            self.url(),
            self.inner.artifacts.path().display().to_string(),
        );
        settings.read_connections = 4;
        settings.write_connections = 2;
        settings
    }

    /// A store on it.
    ///
    /// # Panics
    /// When it cannot be connected to.
    pub async fn store(&self) -> Store {
        match Store::connect(self.settings()).await {
            Ok(store) => store,
            Err(error) => panic!("cannot connect to the test database: {error}"),
        }
    }

    /// A connection of its own, not of a store's pools.
    ///
    /// # Panics
    /// When it cannot be connected to.
    pub async fn connection(&self) -> AsyncPgConnection {
        match AsyncPgConnection::establish(self.url()).await {
            Ok(connection) => connection,
            Err(error) => panic!("cannot connect to the test database: {error}"),
        }
    }

    /// Ends every connection to it but its own, as a restart of the server would; returns how many.
    ///
    /// # Panics
    /// When it cannot be connected to.
    pub async fn terminate_connections(&self) -> usize {
        let terminated = diesel::sql_query(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
             WHERE datname = current_database() AND pid <> pg_backend_pid()",
        )
        .execute(&mut self.connection().await)
        .await;
        terminated.unwrap_or_else(|error| panic!("cannot end the connections: {error}"))
    }

    /// Refuses new connections and ends those there are, until [`TestDatabase::come_back`]: PostgreSQL is away.
    ///
    /// # Panics
    /// When the server does not answer.
    pub async fn go_away(&self) {
        self.allow_connections(false).await;
        let end = diesel::sql_query(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1",
        )
        .bind::<Text, _>(&self.inner.name);
        if let Err(error) = end
            .execute(
                &mut maintenance()
                    .await
                    .unwrap_or_else(|error| panic!("{error:#}")),
            )
            .await
        {
            panic!("cannot end the connections: {error}");
        }
    }

    /// Ends [`TestDatabase::go_away`].
    ///
    /// # Panics
    /// When the server does not answer.
    pub async fn come_back(&self) {
        self.allow_connections(true).await;
    }

    async fn allow_connections(&self, allow: bool) {
        let statement = format!(
            "ALTER DATABASE {} ALLOW_CONNECTIONS {allow}",
            self.inner.name
        );
        let mut connection = maintenance()
            .await
            .unwrap_or_else(|error| panic!("{error:#}"));
        if let Err(error) = connection.batch_execute(&statement).await {
            panic!("{statement}: {error}");
        }
    }

    /// Reverts every migration.
    ///
    /// # Panics
    /// When one fails.
    pub async fn revert_migrations(&self) {
        if let Err(error) = migrations::revert_all(self.connection().await).await {
            panic!("{error}");
        }
    }
}

async fn create() -> anyhow::Result<Inner> {
    let mut connection = maintenance().await?;
    let template = template(&mut connection).await?;
    let name = format!("test_{}", uuid::Uuid::new_v4().simple());
    connection
        .batch_execute(&format!("CREATE DATABASE {name} TEMPLATE {template}"))
        .await?;
    Ok(Inner {
        url: url(&name).await?,
        name,
        artifacts: tempfile::tempdir()?,
    })
}

/// The migrated database that others are copies of; made by the first test that needs this schema.
async fn template(connection: &mut AsyncPgConnection) -> anyhow::Result<&'static str> {
    const TEMPLATE: &str = concat!("orcheo_template_", env!("MIGRATIONS_FINGERPRINT"));
    const UNFINISHED: &str = "orcheo_template_unfinished";
    let exists = "SELECT 1 FROM pg_database WHERE datname = $1";
    if diesel::sql_query(exists)
        .bind::<Text, _>(TEMPLATE)
        .execute(connection)
        .await?
        == 1
    {
        return Ok(TEMPLATE);
    }
    // Before the lock, which it takes too.
    let unfinished = url(UNFINISHED).await?;
    let _lock = tokio::task::spawn_blocking(|| anyhow::Ok(cluster::lock(&cluster::directory()?)?))
        .await??;
    if diesel::sql_query(exists)
        .bind::<Text, _>(TEMPLATE)
        .execute(connection)
        .await?
        == 0
    {
        connection
            .batch_execute(&format!(
                "DROP DATABASE IF EXISTS {UNFINISHED} WITH (FORCE)"
            ))
            .await?;
        connection
            .batch_execute(&format!("CREATE DATABASE {UNFINISHED}"))
            .await?;
        migrations::run_pending(AsyncPgConnection::establish(&unfinished).await?).await?;
        // Migrating ends with its connection, which the server may notice a moment later: it must be gone to be renamed.
        connection
            .batch_execute(&format!(
                "ALTER DATABASE {UNFINISHED} ALLOW_CONNECTIONS false; \
                 SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = '{UNFINISHED}'"
            ))
            .await?;
        connection
            .batch_execute(&format!("ALTER DATABASE {UNFINISHED} RENAME TO {TEMPLATE}"))
            .await?;
    }
    Ok(TEMPLATE)
}

async fn url(database: &str) -> anyhow::Result<String> {
    let database = database.to_owned();
    tokio::task::spawn_blocking(move || cluster::url(&database)).await?
}

async fn maintenance() -> anyhow::Result<AsyncPgConnection> {
    AsyncPgConnection::establish(&url("postgres").await?)
        .await
        .context("cannot connect to the test server")
}

impl Drop for Inner {
    fn drop(&mut self) {
        let statement = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name);
        // A runtime of its own: the test's may be the one that is being left. What cannot be dropped goes with the cluster.
        let drop = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()?;
            runtime.block_on(async {
                anyhow::Ok(maintenance().await?.batch_execute(&statement).await?)
            })
        });
        drop.join().ok();
    }
}
