//! The data directory: where the private PostgreSQL, the artifacts and the locks of the running processes live.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use nix::unistd::geteuid;

/// An action on a file or directory below the data directory that the system refused.
#[derive(Debug, thiserror::Error)]
#[error("cannot {action} {}: {}", path.display(), reason(cause))]
pub(crate) struct PathError {
    action: &'static str,
    path: PathBuf,
    cause: io::Error,
}

impl PathError {
    /// For `map_err`: the failed action ("create", "open") on a path.
    pub(crate) fn new(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |cause| Self {
            action,
            path,
            cause,
        }
    }
}

/// The usual causes in words, with what helps against them.
fn reason(error: &io::Error) -> String {
    const CHOOSE: &str = "choose a writable directory with --data-dir";
    match error.kind() {
        io::ErrorKind::PermissionDenied => format!("permission denied; {CHOOSE}"),
        io::ErrorKind::ReadOnlyFilesystem => format!("the file system is read-only; {CHOOSE}"),
        io::ErrorKind::NotADirectory | io::ErrorKind::AlreadyExists => {
            format!("it is not a directory; {CHOOSE}")
        }
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "the disk is full".to_owned(),
        _ => error.to_string(),
    }
}

/// An existing data directory.
#[derive(Clone, Debug)]
pub(crate) struct DataDir {
    path: PathBuf,
}

impl DataDir {
    /// Opens `path`, creating it when it is not there.
    pub(crate) fn open(path: &Path) -> Result<Self, PathError> {
        // Root's PostgreSQL runs as another user, who has to pass through; nobody has to list it.
        let mode = if geteuid().is_root() { 0o711 } else { 0o700 };
        DirBuilder::new()
            .recursive(true)
            .mode(mode)
            .create(path)
            .map_err(PathError::new("create the data directory", path))?;
        let path = path
            .canonicalize()
            .map_err(PathError::new("open the data directory", path))?;
        Ok(Self { path })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn join(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Opens a file here for reading, writing and locking, creating it when it is not there.
    pub(crate) fn open_file(&self, name: &str) -> Result<File, PathError> {
        let path = self.path.join(name);
        OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(PathError::new("write to the data directory:", &path))
    }

    /// The directory of the artifacts' bytes, private to this user.
    pub(crate) fn artifacts(&self) -> Result<PathBuf, PathError> {
        let path = self.path.join("artifacts");
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&path)
            .map_err(PathError::new("create", &path))?;
        Ok(path)
    }

    /// Bytes that this user can still write on the directory's file system.
    pub(crate) fn free_bytes(&self) -> io::Result<u64> {
        let stats = nix::sys::statvfs::statvfs(&self.path)?;
        Ok(stats.blocks_available() * stats.fragment_size())
    }
}

/// Removes a file or a whole directory; one that is not there is no error.
pub(crate) fn remove_all(path: &Path) -> Result<(), PathError> {
    match fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
    .map_err(PathError::new("remove", path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_in_the_way_of_the_data_directory_is_named() {
        let root = tempfile::tempdir().unwrap();
        let file = root.path().join("taken");
        fs::write(&file, "").unwrap();
        let message = DataDir::open(&file).unwrap_err().to_string();
        assert_eq!(
            message,
            format!(
                "cannot create the data directory {}: it is not a directory; choose a writable directory with --data-dir",
                file.display()
            ),
        );
    }
}
