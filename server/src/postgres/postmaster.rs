//! One running PostgreSQL server: started by us, or found running and adopted.

use std::fs::{self, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use nix::errno::Errno;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::process::Child;
use tokio::time::{Instant, sleep, timeout};

use super::error::PostgresError;
use super::files::Database;
use crate::data_dir::PathError;

/// Crash recovery replays what came after the last checkpoint, at most `max_wal_size`.
const READY_WITHIN: Duration = Duration::from_secs(300);

/// How often a state that the server tells only through its files is looked at.
const POLL: Duration = Duration::from_millis(20);

/// A fast shutdown ends after one checkpoint; beyond this the server is told to leave recovery to its next start.
const STOP_WITHIN: Duration = Duration::from_secs(60);

/// Beyond this size the log starts anew; one old one is kept.
const LOG_BYTES: u64 = 16 << 20;

/// Beside the defaults: many partitions are locked at once, traces are written in bulk, queries are short.
const SETTINGS: [(&str, &str); 9] = [
    ("listen_addresses", ""),
    ("unix_socket_permissions", "0700"),
    ("cluster_name", "orcheo-trace"),
    ("shared_buffers", "256MB"),
    ("max_wal_size", "2GB"),
    ("max_locks_per_transaction", "256"),
    ("jit", "off"),
    ("logging_collector", "off"),
    // A connection cut by a fast shutdown is no news.
    ("log_min_messages", "warning"),
];

/// A server process on a database whose lock we hold.
#[derive(Debug)]
pub(super) struct Postmaster {
    pid: Pid,
    data: PathBuf,
    /// Absent for an adopted one, which is not our child.
    child: Option<Child>,
}

impl Postmaster {
    /// Starts the server on `database`, or adopts the one that a killed program left running; returns once it answers.
    pub(super) async fn run(
        database: &Database,
        socket: &Path,
        log: &Path,
    ) -> Result<Self, PostgresError> {
        if let Some(running) = Self::adopt(database, log).await? {
            return Ok(running);
        }
        let offset = open_log(log)?;
        let mut postmaster = Self::spawn(database, socket, log)?;
        match postmaster.ready(log).await {
            Ok(()) => Ok(postmaster),
            Err(PostgresError::Start { status, log, .. }) => Err(PostgresError::Start {
                status,
                tail: tail(&log, offset),
                log,
            }),
            Err(error) => {
                postmaster.stop().await;
                Err(error)
            }
        }
    }

    async fn adopt(database: &Database, log: &Path) -> Result<Option<Self>, PostgresError> {
        loop {
            let Some(file) = PidFile::read(&database.data) else {
                return Ok(None);
            };
            if !serves(file.pid, &database.data) {
                // The number may by now be another process's, which would keep the new server from starting.
                let path = database.data.join(PidFile::NAME);
                fs::remove_file(&path).map_err(PathError::new("remove", &path))?;
                return Ok(None);
            }
            if file.status == "stopping" {
                sleep(POLL).await;
                continue;
            }
            let mut running = Self::found(file.pid, &database.data);
            match running.ready(log).await {
                Ok(()) => {
                    tracing::info!(pid = file.pid.as_raw(), "adopted the running PostgreSQL");
                    return Ok(Some(running));
                }
                Err(PostgresError::Start { .. }) => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// The server of the database in `data` that somebody else has started.
    pub(super) fn running(data: &Path) -> Option<Self> {
        let file = PidFile::read(data)?;
        serves(file.pid, data).then(|| Self::found(file.pid, data))
    }

    fn found(pid: Pid, data: &Path) -> Self {
        Self {
            pid,
            data: data.to_owned(),
            child: None,
        }
    }

    fn spawn(database: &Database, socket: &Path, log: &Path) -> Result<Self, PostgresError> {
        let output = OpenOptions::new()
            .append(true)
            .open(log)
            .map_err(PathError::new("open", log))?;
        let errors = output.try_clone().map_err(PathError::new("open", log))?;
        let program = database.installation.postgres();
        let mut command = database.command(&program);
        command.arg("-D").arg(&database.data);
        let socket = format!("unix_socket_directories={}", socket.display());
        command.args(["-c", &socket]);
        for (name, value) in SETTINGS {
            command.arg("-c").arg(format!("{name}={value}"));
        }
        let child = command
            .stdin(Stdio::null())
            .stdout(output)
            .stderr(errors)
            // Ctrl-C goes to the terminal's whole process group; the database must outlive the writer that drains into it.
            .process_group(0)
            .spawn()
            .map_err(PathError::new("run", &program))?;
        let pid = child
            .id()
            .and_then(|id| i32::try_from(id).ok())
            .ok_or_else(|| PathError::new("run", &program)(io::Error::other("it has no id")))?;
        Ok(Self {
            pid: Pid::from_raw(pid),
            data: database.data.clone(),
            child: Some(child),
        })
    }

    /// Waits until the server accepts connections. [`PostgresError::Start`] when it ended instead.
    async fn ready(&mut self, log: &Path) -> Result<(), PostgresError> {
        let deadline = Instant::now() + READY_WITHIN;
        while Instant::now() < deadline {
            let file = PidFile::read(&self.data);
            if file.is_some_and(|file| file.pid == self.pid && file.status == "ready") {
                return Ok(());
            }
            if let Ok(status) = timeout(POLL, self.exited()).await {
                return Err(PostgresError::Start {
                    status,
                    log: log.to_owned(),
                    tail: String::new(),
                });
            }
        }
        Err(PostgresError::NotReady {
            data: self.data.clone(),
            log: log.to_owned(),
            seconds: READY_WITHIN.as_secs(),
        })
    }

    /// Waits until the server has ended; says how. Cancel safe.
    pub(super) async fn exited(&mut self) -> String {
        match &mut self.child {
            Some(child) => match child.wait().await {
                Ok(status) => status.to_string(),
                Err(error) => error.to_string(),
            },
            None => {
                while serves(self.pid, &self.data) {
                    sleep(POLL * 5).await;
                }
                "it ended".to_owned()
            }
        }
    }

    /// Stops the server: open transactions are rolled back, a checkpoint is written.
    pub(super) async fn stop(mut self) {
        if let Some(child) = &mut self.child
            && !matches!(child.try_wait(), Ok(None))
        {
            return;
        }
        // SIGINT is the fast shutdown; SIGTERM would wait for clients, SIGQUIT leaves recovery to the next start.
        for (signal, patience) in [
            (Signal::SIGINT, STOP_WITHIN),
            (Signal::SIGQUIT, STOP_WITHIN / 6),
        ] {
            if kill(self.pid, signal).is_err() || timeout(patience, self.exited()).await.is_ok() {
                return;
            }
        }
        tracing::error!(pid = self.pid.as_raw(), "PostgreSQL does not stop");
    }
}

/// Whether the server of the database in `data` accepts connections now, whoever started it.
pub(super) fn is_ready(data: &Path) -> bool {
    PidFile::read(data).is_some_and(|file| file.status == "ready" && serves(file.pid, data))
}

/// `postmaster.pid`, through which a server tells its state (`src/include/utils/pidfile.h`).
struct PidFile {
    pid: Pid,
    /// `starting`, `ready`, `stopping` or `standby`; empty while the file is being written.
    status: String,
}

impl PidFile {
    const NAME: &str = "postmaster.pid";

    fn read(data: &Path) -> Option<Self> {
        let text = fs::read_to_string(data.join(Self::NAME)).ok()?;
        let mut lines = text.lines();
        let pid = Pid::from_raw(lines.next()?.trim().parse().ok()?);
        let status = lines.nth(6).unwrap_or_default().trim().to_owned();
        Some(Self { pid, status })
    }
}

/// Whether `pid` is a living server of the database in `data`, not a stranger who has got the same number.
fn serves(pid: Pid, data: &Path) -> bool {
    if !matches!(kill(pid, None), Ok(()) | Err(Errno::EPERM)) {
        return false;
    }
    if !cfg!(target_os = "linux") {
        return true;
    }
    let process = PathBuf::from(format!("/proc/{pid}"));
    if is_zombie(&process) {
        return false;
    }
    // A server works in its data directory. In a container root may be unable to see that of another user's process.
    match fs::read_link(process.join("cwd")) {
        Ok(directory) => directory == data,
        Err(_) => {
            fs::read_to_string(process.join("comm")).is_ok_and(|name| name.trim_end() == "postgres")
        }
    }
}

/// An orphan that ended stays in the process table until its adoptive parent asks for it, in some containers for ever.
fn is_zombie(process: &Path) -> bool {
    fs::read_to_string(process.join("stat")).is_ok_and(|stat| {
        stat.rsplit(')')
            .next()
            .is_some_and(|rest| rest.trim_start().starts_with('Z'))
    })
}

/// Creates or rotates the log; returns where this start's messages begin.
fn open_log(log: &Path) -> Result<u64, PathError> {
    let size = fs::metadata(log)
        .map(|metadata| metadata.len())
        .unwrap_or(0);
    if size > LOG_BYTES {
        fs::rename(log, log.with_extension("log.old")).map_err(PathError::new("rename", log))?;
    }
    let file = OpenOptions::new()
        .append(true)
        .create(true)
        .mode(0o600)
        .open(log)
        .map_err(PathError::new("create", log))?;
    Ok(file.metadata().map(|metadata| metadata.len()).unwrap_or(0))
}

/// The last lines of the log from `offset` on, indented.
fn tail(log: &Path, offset: u64) -> String {
    const LINES: usize = 10;
    let read = || -> io::Result<String> {
        let mut file = fs::File::open(log)?;
        file.seek(SeekFrom::Start(offset))?;
        let mut bytes = Vec::new();
        file.take(1 << 20).read_to_end(&mut bytes)?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    };
    let text = read().unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    let last = &lines[lines.len().saturating_sub(LINES)..];
    last.iter()
        .map(|line| format!("  {line}"))
        .collect::<Vec<_>>()
        .join("\n")
}
