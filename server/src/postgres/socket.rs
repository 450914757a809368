//! The directory of the private PostgreSQL's Unix socket: short, closed to other users, the same after every restart.

use std::env;
use std::fs::{self, DirBuilder};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use nix::unistd::geteuid;

use super::account::Account;
use super::error::PostgresError;
use crate::data_dir::{DataDir, PathError, remove_all};

/// Remembers the directory, so that programs that stay connected over a restart find the new server where the old one was.
const LINK: &str = "postgres.socket";

/// `sun_path` has 104 bytes on BSD and macOS, 108 on Linux; one is the terminator.
const LONGEST_PATH: usize = 103;

const SOCKET: &str = ".s.PGSQL.5432";

/// The socket's directory for the database of `directory`, created when it is not there.
pub(super) fn ensure(directory: &DataDir, account: Account) -> Result<PathBuf, PostgresError> {
    let link = directory.join(LINK);
    if let Ok(remembered) = fs::read_link(&link)
        && usable(&remembered, account)
    {
        return Ok(remembered);
    }
    let parents = parents();
    let socket = parents
        .iter()
        .find_map(|parent| create_in(parent, account))
        .ok_or(PostgresError::NoSocketDirectory { tried: parents })?;
    remove_all(&link)?;
    symlink(&socket, &link).map_err(PathError::new("create", &link))?;
    Ok(socket)
}

/// The remembered directory, as a process sees it that does not run the server itself.
pub(super) fn remembered(directory: &DataDir) -> Option<PathBuf> {
    fs::read_link(directory.join(LINK)).ok()
}

/// Where short-lived private directories belong: the run-time directory, else the one for temporary files.
fn parents() -> Vec<PathBuf> {
    let runtime = if geteuid().is_root() {
        // Root's own run-time directory is closed to the user that PostgreSQL runs as.
        Some(PathBuf::from("/run"))
    } else {
        env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from)
    };
    let mut parents: Vec<PathBuf> = runtime.into_iter().collect();
    parents.extend([env::temp_dir(), PathBuf::from("/tmp")]);
    parents.dedup();
    parents
}

fn create_in(parent: &Path, account: Account) -> Option<PathBuf> {
    let parent = parent.canonicalize().ok()?;
    if !account.may_enter(&parent) {
        return None;
    }
    let directory = tempfile::Builder::new()
        .prefix("orcheo-")
        .permissions(fs::Permissions::from_mode(0o700))
        .tempdir_in(parent)
        .ok()?;
    if !fits(directory.path()) {
        return None;
    }
    account.give(directory.path()).ok()?;
    Some(directory.keep())
}

fn fits(directory: &Path) -> bool {
    directory.join(SOCKET).as_os_str().as_bytes().len() <= LONGEST_PATH
}

/// Whether a remembered directory is still ours alone. One that is gone (the system was restarted) is made again;
/// one that somebody else has put there is not trusted.
fn usable(directory: &Path, account: Account) -> bool {
    let made = DirBuilder::new().mode(0o700).create(directory).is_ok();
    if made && account.give(directory).is_err() {
        return false;
    }
    fs::symlink_metadata(directory).is_ok_and(|metadata| {
        metadata.is_dir()
            && account.owns(&metadata)
            && metadata.permissions().mode() & 0o777 == 0o700
    })
}

/// The connection URL of the server that listens in `directory`.
pub(super) fn url(directory: &Path, user: &str) -> String {
    let mut host = String::new();
    for byte in directory.as_os_str().as_bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_') {
            host.push(char::from(*byte));
        } else {
            host.push_str(&format!("%{byte:02X}"));
        }
    }
    format!("postgres://{user}@{host}/postgres")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(directory: &Path) -> Account {
        Account::for_data(directory).unwrap()
    }

    #[test]
    fn the_directory_stays_the_same_even_when_it_was_removed() {
        let root = tempfile::tempdir().unwrap();
        let directory = DataDir::open(root.path()).unwrap();
        let account = account(&root.path().join("none"));
        let first = ensure(&directory, account).unwrap();
        assert_eq!(ensure(&directory, account).unwrap(), first);
        fs::remove_dir(&first).unwrap();
        assert_eq!(ensure(&directory, account).unwrap(), first);
        assert_eq!(remembered(&directory), Some(first.clone()));
        fs::remove_dir(&first).unwrap();
    }

    #[test]
    fn a_directory_that_others_may_enter_is_not_trusted() {
        let root = tempfile::tempdir().unwrap();
        let directory = DataDir::open(root.path()).unwrap();
        let account = account(&root.path().join("none"));
        let first = ensure(&directory, account).unwrap();
        fs::set_permissions(&first, fs::Permissions::from_mode(0o777)).unwrap();
        let second = ensure(&directory, account).unwrap();
        assert_ne!(first, second);
        fs::remove_dir(&first).unwrap();
        fs::remove_dir(&second).unwrap();
    }

    #[test]
    fn a_path_that_is_too_long_for_a_socket_is_not_chosen() {
        let root = tempfile::tempdir().unwrap();
        let deep = root.path().join("d".repeat(100));
        fs::create_dir(&deep).unwrap();
        let account = account(&root.path().join("none"));
        assert_eq!(create_in(&deep, account), None);
        assert_eq!(fs::read_dir(&deep).unwrap().count(), 0);
    }

    #[test]
    fn the_url_carries_the_directory_as_its_host() {
        assert_eq!(
            url(Path::new("/run/orcheo-a b"), "me"),
            "postgres://me@%2Frun%2Forcheo-a%20b/postgres"
        );
    }
}
