//! At most one `serve` per data directory, and where others find it.

use std::fs::{File, TryLockError};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::data_dir::{DataDir, PathError};

const LOCK: &str = "serve.lock";

#[derive(Debug, thiserror::Error)]
pub(crate) enum InstanceError {
    #[error(
        "another `orcheo-trace serve` ({}) uses the data directory {}: stop it, or give this one another with --data-dir",
        instance.as_ref().map_or_else(|| "starting".to_owned(), Instance::to_string),
        directory.display(),
    )]
    Running {
        directory: PathBuf,
        instance: Option<Instance>,
    },
    #[error(transparent)]
    Path(#[from] PathError),
}

/// A running `serve`, as it describes itself in its lock file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Instance {
    pub(crate) pid: u32,
    /// Of the web client and the API.
    pub(crate) url: String,
}

impl std::fmt::Display for Instance {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "process {}, {}", self.pid, self.url)
    }
}

/// Held while serving; the system releases it however the process ends.
#[derive(Debug)]
pub(crate) struct InstanceLock {
    file: File,
}

impl InstanceLock {
    pub(crate) fn acquire(directory: &DataDir) -> Result<Self, InstanceError> {
        let file = directory.open_file(LOCK)?;
        let mut outcome = file.try_lock();
        for _ in 0..5 {
            // Somebody who only looks ([`running`]) holds it for an instant.
            if matches!(outcome, Err(TryLockError::WouldBlock)) {
                std::thread::sleep(Duration::from_millis(10));
                outcome = file.try_lock();
            }
        }
        match outcome {
            Ok(()) => {
                let mut lock = Self { file };
                lock.write("")
                    .map_err(PathError::new("write", &directory.join(LOCK)))?;
                Ok(lock)
            }
            Err(TryLockError::WouldBlock) => Err(InstanceError::Running {
                directory: directory.path().to_owned(),
                instance: read(&file),
            }),
            Err(TryLockError::Error(error)) => {
                Err(PathError::new("lock", &directory.join(LOCK))(error).into())
            }
        }
    }

    /// Tells other processes where this one serves.
    pub(crate) fn announce(&mut self, url: &str) -> io::Result<()> {
        let instance = Instance {
            pid: std::process::id(),
            url: url.to_owned(),
        };
        self.write(&serde_json::to_string(&instance)?)
    }

    fn write(&mut self, text: &str) -> io::Result<()> {
        self.file.set_len(0)?;
        self.file.rewind()?;
        self.file.write_all(text.as_bytes())
    }
}

/// The `serve` that runs on this data directory now.
pub(crate) fn running(directory: &DataDir) -> Option<Instance> {
    let file = File::open(directory.join(LOCK)).ok()?;
    match file.try_lock_shared() {
        Err(TryLockError::WouldBlock) => read(&file),
        _ => None,
    }
}

fn read(mut file: &File) -> Option<Instance> {
    let mut text = String::new();
    file.rewind().ok()?;
    file.read_to_string(&mut text).ok()?;
    serde_json::from_str(&text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_one_is_refused_and_told_where_the_first_one_is() {
        let root = tempfile::tempdir().unwrap();
        let directory = DataDir::open(root.path()).unwrap();
        assert_eq!(running(&directory), None);
        let mut first = InstanceLock::acquire(&directory).unwrap();
        let message = InstanceLock::acquire(&directory).unwrap_err().to_string();
        assert!(
            message.starts_with("another `orcheo-trace serve` (starting) uses the data directory "),
            "{message}"
        );

        first.announce("http://127.0.0.1:8000").unwrap();
        let message = InstanceLock::acquire(&directory).unwrap_err().to_string();
        let pid = std::process::id();
        assert!(
            message.contains(&format!("(process {pid}, http://127.0.0.1:8000)")),
            "{message}"
        );
        assert_eq!(
            running(&directory).map(|instance| instance.url).as_deref(),
            Some("http://127.0.0.1:8000")
        );

        drop(first);
        assert_eq!(running(&directory), None);
        InstanceLock::acquire(&directory).unwrap();
    }
}
