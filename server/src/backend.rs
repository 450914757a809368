//! What the commands that work on the database share: the data directory, PostgreSQL, the store; opened and closed in order.

use crate::config::Settings;
use crate::data_dir::{DataDir, PathError};
use crate::postgres::{PostgresError, PrivatePostgres};
use orcheo_store::{Store, StoreError, StoreSettings};

#[derive(Debug, thiserror::Error)]
pub(crate) enum BackendError {
    #[error(transparent)]
    Path(#[from] PathError),
    #[error(transparent)]
    Postgres(#[from] PostgresError),
    #[error("the database {database}: {cause}")]
    Store { database: String, cause: StoreError },
}

/// An open store, and the private PostgreSQL under it when there is no other.
#[derive(Debug)]
pub(crate) struct Backend {
    pub(crate) data_dir: DataDir,
    pub(crate) store: Store,
    postgres: Option<PrivatePostgres>,
}

impl Backend {
    /// Opens everything, starting the private PostgreSQL unless `DATABASE_URL` names another. The schema is not looked at.
    pub(crate) async fn open(settings: &Settings) -> Result<Self, BackendError> {
        let data_dir = DataDir::open(&settings.data_dir)?;
        let artifacts = match &settings.artifacts_url {
            Some(url) => url.clone(),
            None => data_dir.artifacts()?.display().to_string(),
        };
        let (url, postgres) = match &settings.database_url {
            Some(url) => (url.as_str().to_owned(), None),
            None => {
                let postgres =
                    PrivatePostgres::open(&data_dir, settings.postgres_bin.clone()).await?;
                (postgres.url().to_owned(), Some(postgres))
            }
        };
        match Store::connect(StoreSettings::new(url, artifacts)).await {
            Ok(store) => Ok(Self {
                data_dir,
                store,
                postgres,
            }),
            Err(cause) => {
                if let Some(postgres) = postgres {
                    postgres.close().await;
                }
                Err(store_error(settings, cause))
            }
        }
    }

    /// Brings the schema up to date; returns the migrations that ran.
    pub(crate) async fn migrate(&self, settings: &Settings) -> Result<Vec<String>, BackendError> {
        self.store
            .migrate()
            .await
            .map_err(|cause| store_error(settings, cause))
    }

    /// Writes what is still to be written, then leaves PostgreSQL.
    pub(crate) async fn close(self) {
        self.store.shutdown().await;
        drop(self.store);
        if let Some(postgres) = self.postgres {
            postgres.close().await;
        }
    }
}

fn store_error(settings: &Settings, cause: StoreError) -> BackendError {
    let database = match &settings.database_url {
        Some(url) => url.to_string(),
        None => format!("in {}", settings.data_dir.display()),
    };
    BackendError::Store { database, cause }
}
