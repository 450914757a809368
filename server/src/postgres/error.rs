//! What can go wrong with the private PostgreSQL, each said so that the reader knows what to do.

use std::path::PathBuf;

use crate::data_dir::PathError;

#[derive(Debug, thiserror::Error)]
pub(crate) enum PostgresError {
    #[error(
        "PostgreSQL {oldest} or newer was not found{place}: {hint}, or set DATABASE_URL to a PostgreSQL of yours",
        oldest = super::binaries::OLDEST_MAJOR,
        place = searched.as_deref().map(|dir| format!(" in {}", dir.display())).unwrap_or_default(),
    )]
    NotInstalled {
        searched: Option<PathBuf>,
        hint: String,
    },

    #[error(
        "the database in {} was made by PostgreSQL {found}, but only {} installed: install PostgreSQL {found}, \
         upgrade the database with pg_upgrade, or choose another directory with --data-dir",
        data.display(),
        installed_majors(installed),
    )]
    OtherMajor {
        data: PathBuf,
        found: u32,
        installed: Vec<u32>,
    },

    #[error(transparent)]
    Path(#[from] PathError),

    #[error("the database in {} belongs to another user (uid {owner}): run as that user, or choose another directory with --data-dir", data.display())]
    OtherOwner { data: PathBuf, owner: u32 },

    #[error(
        "PostgreSQL refuses to run as root, and neither of the users `postgres` and `nobody` exists: create one, run as an ordinary user, or set DATABASE_URL"
    )]
    NoAccount,

    #[error(
        "PostgreSQL refuses to run as uid {0}, which has no entry in the user database (/etc/passwd): add one, or set DATABASE_URL"
    )]
    UnknownUser(u32),

    #[error(
        "no directory for PostgreSQL's socket: none of {} can be used",
        list(tried)
    )]
    NoSocketDirectory { tried: Vec<PathBuf> },

    #[error("PostgreSQL could not create its database in {}: {output}", data.display())]
    Init { data: PathBuf, output: String },

    #[error("PostgreSQL did not start ({status}). The end of {}:\n{tail}", log.display())]
    Start {
        status: String,
        log: PathBuf,
        tail: String,
    },

    #[error("PostgreSQL in {} was not ready within {seconds} s; see {}", data.display(), log.display())]
    NotReady {
        data: PathBuf,
        log: PathBuf,
        seconds: u64,
    },
}

fn installed_majors(majors: &[u32]) -> String {
    let names = majors.iter().map(u32::to_string).collect::<Vec<_>>();
    match names.as_slice() {
        [one] => format!("PostgreSQL {one} is"),
        many => format!("PostgreSQL {} are", many.join(", ")),
    }
}

fn list(paths: &[PathBuf]) -> String {
    let names = paths.iter().map(|path| path.display().to_string());
    names.collect::<Vec<_>>().join(", ")
}
