//! The files of the private database: where they go, who owns them, and their creation by `initdb`.

use std::fs::{self, DirBuilder};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use tokio::process::Command;

use super::account::Account;
use super::binaries::{Installation, installations};
use super::error::PostgresError;
use crate::data_dir::{DataDir, PathError, remove_all};

/// The database directory's name in the data directory; a link when the files have to be elsewhere.
pub(super) const DATA: &str = "postgres";

/// The superuser's name in the database, whoever runs it.
pub(super) const USER: &str = "orcheo";

/// Where root's database goes when its account cannot enter the data directory.
const SYSTEM_STATE: &str = "/var/lib/orcheo-trace";

/// An initialised database and what is needed to run it.
#[derive(Clone, Debug)]
pub(super) struct Database {
    /// Free of links: a running server's working directory is compared with it.
    pub(super) data: PathBuf,
    pub(super) account: Account,
    pub(super) installation: Installation,
}

impl Database {
    /// The database of `directory`, created when there is none. The caller holds the lock on it.
    pub(super) async fn ensure(
        directory: &DataDir,
        binaries: Option<&Path>,
    ) -> Result<Self, PostgresError> {
        let installed = installations(binaries)?;
        let place = directory.join(DATA);
        let account = Account::for_data(&place)?;
        let installation = match major_of(&place) {
            Some(found) => installed
                .iter()
                .find(|installation| installation.major == found)
                .cloned()
                .ok_or_else(|| PostgresError::OtherMajor {
                    data: place.clone(),
                    found,
                    installed: majors(&installed),
                })?,
            None => {
                let newest = installed[0].clone();
                create(directory, &place, account, &newest).await?;
                newest
            }
        };
        let data = place
            .canonicalize()
            .map_err(PathError::new("open", &place))?;
        Ok(Self {
            data,
            account,
            installation,
        })
    }

    /// A command of this installation: as the database's user, without what the caller's environment says about PostgreSQL.
    pub(super) fn command(&self, program: &Path) -> Command {
        command(program, self.account, &self.data)
    }
}

fn majors(installed: &[Installation]) -> Vec<u32> {
    let mut majors: Vec<u32> = installed.iter().map(|one| one.major).collect();
    majors.dedup();
    majors
}

fn major_of(data: &Path) -> Option<u32> {
    let version = fs::read_to_string(data.join("PG_VERSION")).ok()?;
    version.trim().parse().ok()
}

async fn create(
    directory: &DataDir,
    place: &Path,
    account: Account,
    installation: &Installation,
) -> Result<(), PostgresError> {
    if account.may_enter(directory.path()) {
        return initialise(place, account, installation).await;
    }
    let elsewhere = system_state()?;
    let target = elsewhere.join(DATA);
    initialise(&target, account, installation).await?;
    remove_all(place)?;
    symlink(&target, place).map_err(PathError::new("create", place))?;
    tracing::info!(
        "PostgreSQL runs as another user, who cannot enter {}; its files are in {}",
        directory.path().display(),
        target.display(),
    );
    Ok(())
}

/// A fresh directory for one database under the system's state directory, which its account can enter.
fn system_state() -> Result<PathBuf, PathError> {
    let state = Path::new(SYSTEM_STATE);
    DirBuilder::new()
        .recursive(true)
        .mode(0o711)
        .create(state)
        .map_err(PathError::new("create", state))?;
    let directory = tempfile::Builder::new()
        .prefix("data-")
        .permissions(fs::Permissions::from_mode(0o711))
        .tempdir_in(state)
        .map_err(PathError::new("create a directory in", state))?;
    Ok(directory.keep())
}

/// Runs `initdb` beside `place` and moves the result there, so that an interrupted attempt leaves nothing half-made.
async fn initialise(
    place: &Path,
    account: Account,
    installation: &Installation,
) -> Result<(), PostgresError> {
    let staging = place.with_extension("new");
    let mut outcome = Err(String::new());
    for locale in locales(installation.major) {
        remove_all(&staging)?;
        DirBuilder::new()
            .mode(0o700)
            .create(&staging)
            .map_err(PathError::new("create", &staging))?;
        account
            .give(&staging)
            .map_err(PathError::new("change the owner of", &staging))?;
        outcome = initdb(&staging, account, installation, locale).await?;
        // Systems without C.UTF-8 (before glibc 2.35, macOS) name the locale; anything else will not get better.
        match &outcome {
            Err(output) if output.contains("locale") => {}
            _ => break,
        }
    }
    if let Err(output) = outcome {
        remove_all(&staging)?;
        return Err(PostgresError::Init {
            data: place.to_owned(),
            output,
        });
    }
    fs::rename(&staging, place).map_err(PathError::new("create", place))?;
    Ok(())
}

/// Locale options in order of preference: byte order for speed and stable indexes, Unicode for upper and lower case.
fn locales(major: u32) -> &'static [&'static [&'static str]] {
    if major >= 17 {
        &[
            &[
                "--locale=C",
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8",
            ],
            &["--locale=C"],
        ]
    } else {
        &[&["--locale=C", "--lc-ctype=C.UTF-8"], &["--locale=C"]]
    }
}

/// `Ok(Err(_))` carries what `initdb` said.
async fn initdb(
    data: &Path,
    account: Account,
    installation: &Installation,
    locale: &[&str],
) -> Result<Result<(), String>, PostgresError> {
    let program = installation.initdb();
    let output = command(&program, account, data)
        .arg("--pgdata")
        .arg(data)
        .args(["--username", USER, "--encoding=UTF8"])
        // The socket's directory is closed to other users, and there is no other way in.
        .args([
            "--auth-local=trust",
            "--auth-host=reject",
            "--no-instructions",
        ])
        .args(locale)
        .stdin(Stdio::null())
        .output()
        .await
        .map_err(PathError::new("run", &program))?;
    if output.status.success() {
        return Ok(Ok(()));
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let lines: Vec<&str> = said
        .lines()
        .filter(|line| !line.trim().is_empty() && !line.contains("removing contents"))
        .collect();
    let said = lines.join("; ");
    Ok(Err(if said.contains("No space left on device") {
        format!("the disk is full ({said})")
    } else {
        said
    }))
}

fn command(program: &Path, account: Account, data: &Path) -> Command {
    let mut command = Command::new(program);
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("PG") {
            command.env_remove(name);
        }
    }
    // Messages in English: some are recognised, all are shown among ours.
    command.env("LC_ALL", "C").current_dir(data);
    account.apply(&mut command);
    command
}
