//! Connections: pools for reading and for writing, each with its statement timeout.

use std::{fmt, time::Duration};

use diesel::ConnectionError;
use diesel_async::{
    AsyncPgConnection,
    pooled_connection::{
        AsyncDieselConnectionManager, ManagerConfig, PoolError, RecyclingMethod, deadpool,
    },
};
use futures::FutureExt;
use orcheo_postgres::Address;

use crate::StoreError;

/// A pooled connection; goes back to its pool when dropped.
pub type Connection = deadpool::Object<AsyncPgConnection>;

/// How long a caller waits for a free connection before the store counts as unavailable.
const WAIT: Duration = Duration::from_secs(5);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// Some connections with the same role. Cheap to clone.
#[derive(Clone)]
pub struct Pool(deadpool::Pool<AsyncPgConnection>);

impl Pool {
    /// Connections are made when they are first needed.
    pub(crate) fn new(target: Target, size: usize) -> Result<Self, StoreError> {
        let mut config = ManagerConfig::default();
        config.custom_setup = Box::new(move |_| {
            let target = target.clone();
            async move { target.connect().await }.boxed()
        });
        // A connection known to be closed is never handed out; asking each one first would cost a round trip per use.
        config.recycling_method = RecyclingMethod::Fast;
        let manager = AsyncDieselConnectionManager::new_with_config("", config);
        deadpool::Pool::builder(manager)
            .max_size(size)
            .build()
            .map(Self)
            .map_err(|error| StoreError::Unavailable(error.to_string()))
    }

    /// A free connection.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when PostgreSQL cannot be reached or no connection becomes free in five seconds.
    pub async fn get(&self) -> Result<Connection, StoreError> {
        match tokio::time::timeout(WAIT, self.0.get()).await {
            Ok(connection) => connection.map_err(|error| {
                StoreError::Unavailable(match error {
                    deadpool::PoolError::Backend(PoolError::ConnectionError(cause)) => {
                        cause.to_string()
                    }
                    other => other.to_string(),
                })
            }),
            Err(_) => Err(StoreError::Unavailable(
                "no connection became free in time".to_owned(),
            )),
        }
    }
}

/// How busy a pool is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PoolStatus {
    /// Connections that are lent.
    pub in_use: usize,
    /// Callers that wait for one.
    pub waiting: usize,
    /// Connections that there may be.
    pub max: usize,
}

impl Pool {
    pub(crate) fn status(&self) -> PoolStatus {
        let status = self.0.status();
        PoolStatus {
            in_use: status.size.saturating_sub(status.available),
            waiting: status.waiting,
            max: status.max_size,
        }
    }
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Pool").field(&self.0.status()).finish()
    }
}

/// Where to connect to, and as what. The password is not in its `Debug` output.
#[derive(Clone, Debug)]
pub(crate) struct Target(Address);

impl Target {
    /// Understands what [`Address::parse`] does.
    pub(crate) fn parse(database_url: &str) -> Result<Self, StoreError> {
        let mut address = Address::parse(database_url)
            .map_err(|error| StoreError::InvalidDatabaseUrl(error.to_string()))?;
        let config = address.config_mut();
        if config.get_application_name().is_none() {
            config.application_name("orcheo-trace");
        }
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(CONNECT_TIMEOUT);
        }
        // A peer that vanished is noticed in a minute, not in the system's two hours.
        config
            .keepalives_idle(Duration::from_secs(30))
            .keepalives_interval(Duration::from_secs(10))
            .keepalives_retries(3);
        Ok(Self(address))
    }

    /// The same with run-time parameters of its sessions, added to those that the URL gives.
    pub(crate) fn with_parameters(&self, parameters: &[(&str, &str)]) -> Self {
        let mut address = self.0.clone();
        let config = address.config_mut();
        let mut options = config.get_options().unwrap_or_default().to_owned();
        for (name, value) in parameters {
            options.push_str(&format!(" -c {name}={value}"));
        }
        config.options(options.trim_start());
        Self(address)
    }

    /// A connection for diesel, driven by a task of its own.
    pub(crate) async fn connect(&self) -> Result<AsyncPgConnection, ConnectionError> {
        let (client, connection) = self
            .connect_bare()
            .await
            .map_err(|error| ConnectionError::BadConnection(describe(&error)))?;
        AsyncPgConnection::try_from_client_and_connection(client, connection).await
    }

    /// A bare connection, for those who need SQLSTATEs.
    pub(crate) async fn connect_bare(
        &self,
    ) -> Result<(tokio_postgres::Client, orcheo_postgres::Connection), tokio_postgres::Error> {
        self.0.connect().await
    }
}

/// The error with its cause: the driver's own text is only "error connecting to server".
pub(crate) fn describe(error: &tokio_postgres::Error) -> String {
    use std::error::Error as _;
    match error.source() {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    }
}
