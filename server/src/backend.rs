//! What the commands that work on the database share: the data directory, PostgreSQL, the store; opened and closed in order.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use orcheo_api::{ApiSettings, ApiState};
use orcheo_engine::NodeCatalog;
use orcheo_store::{Store, StoreError, StoreSettings};
use orcheo_telemetry::RunTelemetry;
use tokio::time::timeout;

use crate::config::Settings;
use crate::data_dir::{DataDir, PathError};
use crate::observability::Observability;
use crate::postgres::{PostgresError, PrivatePostgres};
use crate::worker::{Runner, RunnerParts};

/// A restart of the database takes less; a service manager kills what takes much longer.
const DRAIN_WITHIN: Duration = Duration::from_secs(30);

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
    /// The tracing of runs, where the command runs any.
    runs: Option<Arc<RunTelemetry>>,
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
        let store = StoreSettings {
            redaction: Some(settings.redaction.version()),
            ..StoreSettings::new(url, artifacts)
        };
        match Store::connect(store).await {
            Ok(store) => Ok(Self {
                data_dir,
                store,
                runs: None,
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

    /// The same, with what it takes to run workflows on it.
    pub(crate) async fn open_for_runs(
        settings: &Settings,
        observability: &Observability,
    ) -> anyhow::Result<Self> {
        let mut backend = Self::open(settings).await?;
        match observability.runs(&backend.store) {
            Ok(runs) => {
                backend.runs = Some(Arc::new(runs));
                Ok(backend)
            }
            Err(error) => {
                backend.close().await;
                Err(error.into())
            }
        }
    }

    /// What runs workflows on a backend that was opened for it; sub-workflows are looked for in `directory` first.
    pub(crate) fn runner(
        &self,
        settings: &Settings,
        observability: &Observability,
        directory: Option<PathBuf>,
    ) -> anyhow::Result<Runner> {
        let telemetry = self
            .runs
            .as_ref()
            .context("the backend was not opened for runs")?;
        Runner::new(RunnerParts {
            store: self.store.clone(),
            telemetry: Arc::clone(telemetry),
            redactor: observability.redactor.clone(),
            credentials: settings.credentials.clone(),
            capture_content: settings.capture_content.0,
            directory,
        })
    }

    /// What the interfaces of this backend share.
    pub(crate) fn api_state(
        &self,
        settings: &Settings,
        observability: &Observability,
    ) -> anyhow::Result<ApiState> {
        let links = settings.external_links.0.iter();
        let links = links.map(|link| format!("{}={}", link.name, link.url).parse());
        Ok(ApiState {
            store: self.store.clone(),
            redactor: observability.redactor.clone(),
            prices: observability.prices.clone(),
            catalog: Arc::new(NodeCatalog::builtin()),
            settings: Arc::new(ApiSettings {
                external_links: links.collect::<Result<_, _>>()?,
                capture_content: settings.capture_content.0,
                ..ApiSettings::default()
            }),
        })
    }

    /// Writes what is still to be written, exports what is still to be exported, and only then leaves PostgreSQL. All runs
    /// must have ended: what they tell later is lost.
    pub(crate) async fn close(self) {
        if timeout(DRAIN_WITHIN, self.store.shutdown()).await.is_err() {
            tracing::error!("the database did not come back in time; what was not written is lost");
        }
        if let Some(runs) = self.runs {
            runs.shutdown().await;
        }
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
