//! Which user PostgreSQL runs as: ourselves, unless we are root, which PostgreSQL refuses.

use std::fs::{self, Metadata};
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::Path;

use nix::unistd::{Uid, User, getegid, geteuid};
use tokio::process::Command;

use super::error::PostgresError;

/// The user and group of the PostgreSQL processes and their files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Account {
    uid: u32,
    gid: u32,
    /// Whether this differs from the user that we are, so that files must be given away and privileges dropped.
    other: bool,
}

impl Account {
    /// The account for the database in `data`: as root that of its owner if it exists, else `postgres`, else `nobody`.
    pub(super) fn for_data(data: &Path) -> Result<Self, PostgresError> {
        let owner = fs::metadata(data).ok().map(|metadata| metadata.uid());
        let us = geteuid();
        if !us.is_root() {
            // The server looks its own user up, and stops when there is no such entry.
            if !matches!(User::from_uid(us), Ok(Some(_))) {
                return Err(PostgresError::UnknownUser(us.as_raw()));
            }
            return match owner {
                Some(owner) if owner != us.as_raw() => Err(PostgresError::OtherOwner {
                    data: data.to_owned(),
                    owner,
                }),
                _ => Ok(Self {
                    uid: us.as_raw(),
                    gid: getegid().as_raw(),
                    other: false,
                }),
            };
        }
        let owner = owner
            .filter(|owner| *owner != 0)
            .and_then(|owner| User::from_uid(Uid::from_raw(owner)).ok().flatten());
        let user = owner
            .or_else(|| named("postgres"))
            .or_else(|| named("nobody"))
            .ok_or(PostgresError::NoAccount)?;
        Ok(Self {
            uid: user.uid.as_raw(),
            gid: user.gid.as_raw(),
            other: true,
        })
    }

    pub(super) fn owns(self, metadata: &Metadata) -> bool {
        metadata.uid() == self.uid
    }

    /// Makes `command` run as this account. The supplementary groups of root go with its uid.
    pub(super) fn apply(self, command: &mut Command) {
        if self.other {
            command.uid(self.uid).gid(self.gid);
        }
    }

    /// Gives a file or directory of ours to this account.
    pub(super) fn give(self, path: &Path) -> io::Result<()> {
        if self.other {
            chown(path, Some(self.uid), Some(self.gid))?;
        }
        Ok(())
    }

    /// Whether this account may pass through every directory on the way to `directory`, itself included.
    pub(super) fn may_enter(self, directory: &Path) -> bool {
        !self.other
            || directory.ancestors().all(|ancestor| {
                fs::metadata(ancestor).is_ok_and(|metadata| self.may_search(&metadata))
            })
    }

    fn may_search(self, metadata: &Metadata) -> bool {
        let shift = if metadata.uid() == self.uid {
            6
        } else if metadata.gid() == self.gid {
            3
        } else {
            0
        };
        metadata.permissions().mode() >> shift & 0o1 == 0o1
    }
}

fn named(name: &str) -> Option<User> {
    User::from_name(name).ok().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_below_a_closed_one_cannot_be_entered_by_another_account() {
        let root = tempfile::tempdir().unwrap();
        let inner = root.path().join("closed/inner");
        fs::create_dir_all(&inner).unwrap();
        let metadata = fs::metadata(root.path()).unwrap();
        let stranger = Account {
            uid: metadata.uid() + 1,
            gid: metadata.gid() + 1,
            other: true,
        };
        let mode = |path: &Path, mode| {
            fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
        };
        mode(root.path(), 0o755);
        mode(&root.path().join("closed"), 0o711);
        assert!(stranger.may_enter(&inner));
        mode(&root.path().join("closed"), 0o700);
        assert!(!stranger.may_enter(&inner));
        assert!(
            Account {
                other: false,
                ..stranger
            }
            .may_enter(&inner)
        );
    }
}
