//! The private PostgreSQL under the data directory. Any number of processes use it together: the first one runs the
//! server, and when it leaves, another takes the server over; the last one out stops it.

mod account;
mod binaries;
mod error;
mod files;
mod postmaster;
mod socket;

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

pub(crate) use self::binaries::installations;
pub(crate) use self::error::PostgresError;
use self::files::Database;
use self::postmaster::Postmaster;
use crate::data_dir::{DataDir, PathError};

/// Held by the process that runs the server.
const OWNER_LOCK: &str = "postgres.lock";
/// Shared by all processes that use the server.
const USERS_LOCK: &str = "postgres.users";
const LOG: &str = "postgres.log";

/// How often a process that uses another's server looks whether that other one has gone.
const TAKE_OVER_POLL: Duration = Duration::from_millis(250);

/// How long another process may take to have its server ready: creating a database included.
const JOIN_WITHIN: Duration = Duration::from_secs(120);

const RESTART_BACKOFF: [Duration; 2] = [Duration::from_millis(100), Duration::from_secs(5)];

/// This process's use of the private PostgreSQL, kept up in the background until [`PrivatePostgres::close`].
#[derive(Debug)]
pub(crate) struct PrivatePostgres {
    url: String,
    stop: CancellationToken,
    keeper: JoinHandle<()>,
}

impl PrivatePostgres {
    /// Starts the server, adopts an orphan, or joins the one that another process runs. `binaries` restricts the search
    /// for PostgreSQL to one directory.
    pub(crate) async fn open(
        directory: &DataDir,
        binaries: Option<PathBuf>,
    ) -> Result<Self, PostgresError> {
        let mut keeper = Keeper {
            directory: directory.clone(),
            binaries,
            owner: directory.open_file(OWNER_LOCK)?,
            users: directory.open_file(USERS_LOCK)?,
            registered: false,
            role: Role::Guest,
        };
        let socket = keeper.enter().await?;
        let stop = CancellationToken::new();
        Ok(Self {
            url: socket::url(&socket, files::USER),
            stop: stop.clone(),
            keeper: tokio::spawn(keeper.keep(stop)),
        })
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Stops using the server; stops it when nobody else uses it.
    pub(crate) async fn close(self) {
        self.stop.cancel();
        if let Err(error) = self.keeper.await {
            tracing::error!(%error, "the private PostgreSQL was left as it is");
        }
    }
}

/// Whether the data directory holds a database already.
pub(crate) fn exists(directory: &DataDir) -> bool {
    directory.join(files::DATA).join("PG_VERSION").exists()
}

#[derive(Debug)]
enum Role {
    /// This process runs the server and holds the owner's lock.
    Owner(Box<Postmaster>),
    /// Another process does.
    Guest,
}

#[derive(Debug)]
struct Keeper {
    directory: DataDir,
    binaries: Option<PathBuf>,
    owner: File,
    users: File,
    registered: bool,
    role: Role,
}

impl Keeper {
    /// Returns the socket's directory once the server answers.
    async fn enter(&mut self) -> Result<PathBuf, PostgresError> {
        let deadline = Instant::now() + JOIN_WITHIN;
        loop {
            if self.try_own()? {
                return match self.start().await {
                    Ok(socket) => Ok(socket),
                    Err(error) => {
                        remove_socket_directory(&self.directory);
                        // Best effort: the lock goes with the file in any case.
                        let _ = self.owner.unlock();
                        Err(error)
                    }
                };
            }
            let data = self.directory.join(files::DATA);
            if let Ok(data) = data.canonicalize()
                && postmaster::is_ready(&data)
                && let Some(socket) = socket::remembered(&self.directory)
                // Refused while the server is being stopped by its last user.
                && self.register()?
            {
                return Ok(socket);
            }
            if Instant::now() > deadline {
                return Err(PostgresError::NotReady {
                    data,
                    log: self.log(),
                    seconds: JOIN_WITHIN.as_secs(),
                });
            }
            sleep(TAKE_OVER_POLL / 5).await;
        }
    }

    async fn keep(mut self, stop: CancellationToken) {
        loop {
            let taking_over = match &mut self.role {
                Role::Owner(postmaster) => tokio::select! {
                    () = stop.cancelled() => break,
                    status = postmaster.exited() => {
                        tracing::error!(%status, log = %self.log().display(), "PostgreSQL ended; starting it again");
                        true
                    }
                },
                Role::Guest => tokio::select! {
                    () = stop.cancelled() => break,
                    () = sleep(TAKE_OVER_POLL) => self.try_own().unwrap_or(false),
                },
            };
            if taking_over && !self.restart(&stop).await {
                break;
            }
        }
        self.leave().await;
    }

    /// Brings the server up again, however often that takes; false when told to stop instead.
    async fn restart(&mut self, stop: &CancellationToken) -> bool {
        let [mut pause, longest] = RESTART_BACKOFF;
        loop {
            // Not given up half-way when told to stop: nobody would own the server that it has started.
            match self.start().await {
                Ok(_) => return true,
                Err(error) => {
                    tracing::error!(%error, "PostgreSQL could not be started; trying again");
                }
            }
            tokio::select! {
                () = stop.cancelled() => return false,
                () = sleep(pause) => pause = (pause * 2).min(longest),
            }
        }
    }

    /// Starts or adopts the server; the owner's lock is held.
    async fn start(&mut self) -> Result<PathBuf, PostgresError> {
        let database = Database::ensure(&self.directory, self.binaries.as_deref()).await?;
        let socket = socket::ensure(&self.directory, database.account)?;
        let postmaster = Postmaster::run(&database, &socket, &self.log()).await?;
        tracing::debug!(version = %database.installation.version, socket = %socket.display(), "PostgreSQL is ready");
        self.role = Role::Owner(Box::new(postmaster));
        self.register()?;
        Ok(socket)
    }

    fn try_own(&self) -> Result<bool, PathError> {
        try_lock(self.owner.try_lock(), &self.directory.join(OWNER_LOCK))
    }

    fn register(&mut self) -> Result<bool, PathError> {
        if !self.registered {
            let outcome = self.users.try_lock_shared();
            self.registered = try_lock(outcome, &self.directory.join(USERS_LOCK))?;
        }
        Ok(self.registered)
    }

    /// Stops the server unless others use it; they find the owner's lock free and take it over.
    async fn leave(self) {
        // Best effort: closing the files releases both locks in any case.
        let _ = self.users.unlock();
        let running = match self.role {
            Role::Owner(postmaster) => Some(*postmaster),
            // The owner may have left a moment ago, and left the server to us.
            Role::Guest if self.owner.try_lock().is_ok() => {
                let data = self.directory.join(files::DATA).canonicalize();
                data.ok().and_then(|data| Postmaster::running(&data))
            }
            Role::Guest => None,
        };
        if let Some(postmaster) = running
            && self.users.try_lock().is_ok()
        {
            postmaster.stop().await;
            remove_socket_directory(&self.directory);
        }
        let _ = self.owner.unlock();
    }

    fn log(&self) -> PathBuf {
        self.directory.join(LOG)
    }
}

/// Only tidiness: the next start makes it again.
fn remove_socket_directory(directory: &DataDir) {
    if let Some(socket) = socket::remembered(directory) {
        let _ = std::fs::remove_dir(socket);
    }
}

fn try_lock(outcome: Result<(), TryLockError>, path: &Path) -> Result<bool, PathError> {
    match outcome {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(error)) => Err(PathError::new("lock", path)(error)),
    }
}

#[cfg(test)]
mod tests;
