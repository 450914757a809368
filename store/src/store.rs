//! [`Store`]: the parts put together.

use std::{fmt, sync::Arc, time::Duration};

use crate::{
    Blobs, Changes, Connection, Pool, PoolStatus, StoreError, Writer, migrations, partitions,
    pool::Target, writer::WriterSettings,
};

/// What a [`Store`] is made of.
#[derive(Clone)]
pub struct StoreSettings {
    /// `postgres://` URL or keyword string; a Unix socket directory may be the host.
    pub database_url: String,
    /// Where artifacts' bytes go: a directory, `file:///directory`, or `s3://bucket/prefix` (credentials and endpoint by
    /// the `AWS_*` variables).
    pub artifacts_url: String,
    /// Workspace that everything written belongs to.
    pub workspace: String,
    /// Version of the rules that everything written has passed: letters, digits and hyphens.
    pub redaction: Option<String>,
    /// Connections for reading; each statement is cut off at `read_timeout`.
    pub read_connections: usize,
    pub read_timeout: Duration,
    /// Connections for short writing transactions besides the writer's own.
    pub write_connections: usize,
    pub write_timeout: Duration,
    pub writer: WriterSettings,
}

impl StoreSettings {
    /// The defaults, for a database and a place for artifacts.
    #[must_use]
    pub fn new(database_url: impl Into<String>, artifacts_url: impl Into<String>) -> Self {
        Self {
            database_url: database_url.into(),
            artifacts_url: artifacts_url.into(),
            workspace: "default".to_owned(),
            redaction: None,
            read_connections: 8,
            read_timeout: Duration::from_secs(30),
            write_connections: 4,
            write_timeout: Duration::from_secs(10),
            writer: WriterSettings::default(),
        }
    }
}

impl fmt::Debug for StoreSettings {
    /// Leaves out the addresses: they may hold passwords.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoreSettings")
            .field("workspace", &self.workspace)
            .field("read_connections", &self.read_connections)
            .field("write_connections", &self.write_connections)
            .finish_non_exhaustive()
    }
}

/// The trace store: pools, the writer, the change feed and the blobs. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Store {
    parts: Arc<Parts>,
}

#[derive(Debug)]
struct Parts {
    target: Target,
    workspace: String,
    read: Pool,
    write: Pool,
    writer: Writer,
    changes: Changes,
    blobs: Blobs,
}

impl Store {
    /// Connects, and fails early when PostgreSQL does not answer. The schema is not looked at: see [`Store::migrate`].
    ///
    /// # Errors
    /// A setting that cannot be used, or [`StoreError::Unavailable`].
    pub async fn connect(settings: StoreSettings) -> Result<Self, StoreError> {
        let mut target = Target::parse(&settings.database_url)?;
        if let Some(version) = &settings.redaction {
            target = target.with_parameters(&[("orcheo.redaction", version)]);
        }
        let timeout = |limit: Duration| limit.as_millis().to_string();
        let read = target.with_parameters(&[
            ("default_transaction_read_only", "on"),
            ("statement_timeout", &timeout(settings.read_timeout)),
        ]);
        let write =
            target.with_parameters(&[("statement_timeout", &timeout(settings.write_timeout))]);
        let read = Pool::new(read, settings.read_connections)?;
        let write = Pool::new(write, settings.write_connections)?;
        let blobs = Blobs::open(&settings.artifacts_url)?;
        // Before those begin that would try for ever.
        drop(write.get().await?);
        let parts = Parts {
            read,
            write,
            blobs,
            writer: Writer::start(&target, &settings.workspace, settings.writer),
            changes: Changes::start(target.clone()),
            workspace: settings.workspace,
            target,
        };
        Ok(Self {
            parts: Arc::new(parts),
        })
    }

    /// Brings the schema up to date and creates the partitions of the coming weeks; returns the versions run.
    ///
    /// # Errors
    /// [`StoreError::Migration`] names the statement's error; what ran before it stays.
    pub async fn migrate(&self) -> Result<Vec<String>, StoreError> {
        let connect = || async {
            self.parts
                .target
                .connect()
                .await
                .map_err(|error| StoreError::Unavailable(error.to_string()))
        };
        let versions = migrations::run_pending(connect().await?).await?;
        partitions::create_ahead(&mut connect().await?).await?;
        Ok(versions)
    }

    /// How many migrations the database lacks; zero when it is up to date.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn pending_migrations(&self) -> Result<usize, StoreError> {
        let connection = self
            .parts
            .target
            .connect()
            .await
            .map_err(|error| StoreError::Unavailable(error.to_string()))?;
        migrations::count_pending(connection).await
    }

    /// A connection for reading: statements that write fail.
    ///
    /// # Errors
    /// See [`Pool::get`].
    pub async fn read(&self) -> Result<Connection, StoreError> {
        self.parts.read.get().await
    }

    /// A connection for short writing transactions. Spans go through [`Store::writer`] only.
    ///
    /// # Errors
    /// See [`Pool::get`].
    pub async fn write(&self) -> Result<Connection, StoreError> {
        self.parts.write.get().await
    }

    /// How busy the pools for reading and for writing are.
    #[must_use]
    pub fn pools(&self) -> (PoolStatus, PoolStatus) {
        (self.parts.read.status(), self.parts.write.status())
    }

    /// Workspace that everything written belongs to.
    #[must_use]
    pub fn workspace(&self) -> &str {
        &self.parts.workspace
    }

    /// The group-commit writer.
    #[must_use]
    pub fn writer(&self) -> &Writer {
        &self.parts.writer
    }

    /// The change feed of every process on this database.
    #[must_use]
    pub fn changes(&self) -> &Changes {
        &self.parts.changes
    }

    /// The bytes of artifacts.
    #[must_use]
    pub fn blobs(&self) -> &Blobs {
        &self.parts.blobs
    }

    /// Writes all that was submitted, then stops the writer and the change feed. What is submitted later is refused.
    ///
    /// Waits as long as PostgreSQL is away: bound it by a timeout if the process must end.
    pub async fn shutdown(&self) {
        self.parts.writer.shutdown().await;
        self.parts.changes.shutdown();
    }
}
