//! Finds an installed PostgreSQL, whichever major version and wherever the system's packages put it.

use std::collections::BTreeMap;
use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::error::PostgresError;

/// The oldest major version that has everything the migrations use (`DETACH PARTITION … CONCURRENTLY`).
pub(super) const OLDEST_MAJOR: u32 = 14;

/// Where packages put the binaries outside `PATH`. `*` stands for any text within one path component.
const WELL_KNOWN: [&str; 10] = [
    "/usr/lib/postgresql/*/bin",
    "/usr/lib/postgresql*/bin",
    "/usr/lib64/postgresql*/bin",
    "/usr/libexec/postgresql*",
    "/usr/pgsql-*/bin",
    "/usr/local/pgsql/bin",
    "/opt/homebrew/opt/postgresql*/bin",
    "/usr/local/opt/postgresql*/bin",
    "/home/linuxbrew/.linuxbrew/opt/postgresql*/bin",
    "/Applications/Postgres.app/Contents/Versions/*/bin",
];

/// One installed PostgreSQL server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Installation {
    /// The directory that holds `postgres` and `initdb`.
    pub(crate) bin: PathBuf,
    pub(crate) major: u32,
    /// As the server reports it, e.g. `15.18`.
    pub(crate) version: String,
}

impl Installation {
    pub(super) fn postgres(&self) -> PathBuf {
        self.bin.join("postgres")
    }

    pub(super) fn initdb(&self) -> PathBuf {
        self.bin.join("initdb")
    }
}

/// Every usable installation, the newest first. With `only`, nowhere else is searched.
pub(crate) fn installations(only: Option<&Path>) -> Result<Vec<Installation>, PostgresError> {
    let directories = match only {
        Some(directory) => vec![directory.to_owned()],
        None => search_path(
            env::var_os("PATH"),
            WELL_KNOWN.iter().map(Path::new),
            pg_config_bindir(),
        ),
    };
    let found = probe(directories);
    if found.is_empty() {
        return Err(PostgresError::NotInstalled {
            searched: only.map(Path::to_owned),
            hint: install_hint(&fs::read_to_string("/etc/os-release").unwrap_or_default()),
        });
    }
    Ok(found)
}

fn search_path<'a>(
    path: Option<OsString>,
    patterns: impl Iterator<Item = &'a Path>,
    pg_config: Option<PathBuf>,
) -> Vec<PathBuf> {
    let mut directories: Vec<PathBuf> = path
        .iter()
        .flat_map(|path| env::split_paths(path))
        .collect();
    directories.extend(pg_config);
    directories.extend(patterns.flat_map(expand));
    directories
}

/// Asks every directory's server for its version; of several paths to one installation the first stays.
fn probe(directories: Vec<PathBuf>) -> Vec<Installation> {
    let mut by_directory = BTreeMap::new();
    for directory in directories {
        let Ok(server) = directory.join("postgres").canonicalize() else {
            continue;
        };
        // Debian's `PATH` entries and Homebrew's are links into the real directory, where `initdb` and the libraries are.
        let Some(bin) = server.parent().map(Path::to_owned) else {
            continue;
        };
        if by_directory.contains_key(&bin) || !bin.join("initdb").exists() {
            continue;
        }
        if let Some((major, version)) = server_version(&server)
            && major >= OLDEST_MAJOR
        {
            by_directory.insert(
                bin.clone(),
                Installation {
                    bin,
                    major,
                    version,
                },
            );
        }
    }
    let mut found: Vec<_> = by_directory.into_values().collect();
    found.sort_by_key(|installation| std::cmp::Reverse(installation.major));
    found
}

/// The directories that a pattern with `*` names now.
fn expand(pattern: &Path) -> Vec<PathBuf> {
    let mut paths = vec![PathBuf::new()];
    for component in pattern.components() {
        let name = component.as_os_str().to_string_lossy();
        let Some((prefix, suffix)) = name.split_once('*') else {
            paths.iter_mut().for_each(|path| path.push(component));
            continue;
        };
        paths = paths
            .iter()
            .filter_map(|path| fs::read_dir(path).ok())
            .flatten()
            .flatten()
            .filter(|entry| {
                let name = entry.file_name();
                let name = name.to_string_lossy();
                name.len() >= prefix.len() + suffix.len()
                    && name.starts_with(prefix)
                    && name.ends_with(suffix)
            })
            .map(|entry| entry.path())
            .collect();
    }
    paths
}

fn pg_config_bindir() -> Option<PathBuf> {
    let output = stdout_of(Command::new("pg_config").arg("--bindir"))?;
    Some(PathBuf::from(output.trim()))
}

fn server_version(server: &Path) -> Option<(u32, String)> {
    parse_version(&stdout_of(Command::new(server).arg("--version"))?)
}

/// Reads `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`, also of a beta: `18beta1`.
fn parse_version(output: &str) -> Option<(u32, String)> {
    let version = output
        .split("(PostgreSQL)")
        .nth(1)?
        .split_whitespace()
        .next()?;
    let digits = version
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(version.len());
    Some((version[..digits].parse().ok()?, version.to_owned()))
}

fn stdout_of(command: &mut Command) -> Option<String> {
    let output = command
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The command that installs PostgreSQL here, from the text of `/etc/os-release`.
fn install_hint(os_release: &str) -> String {
    let ids: Vec<&str> = os_release
        .lines()
        .filter_map(|line| {
            line.strip_prefix("ID=")
                .or_else(|| line.strip_prefix("ID_LIKE="))
        })
        .flat_map(|value| value.trim_matches('"').split_whitespace())
        .collect();
    let has = |name: &str| ids.contains(&name);
    let command = if cfg!(target_os = "macos") {
        "brew install postgresql"
    } else if has("debian") || has("ubuntu") {
        "sudo apt-get install postgresql"
    } else if has("fedora") || has("rhel") || has("centos") {
        "sudo dnf install postgresql-server"
    } else if has("alpine") {
        "apk add postgresql"
    } else if has("arch") {
        "sudo pacman -S postgresql"
    } else if has("suse") || has("opensuse") {
        "sudo zypper install postgresql-server"
    } else {
        return "install your system's PostgreSQL server package".to_owned();
    };
    format!("install it with `{command}`")
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    fn install(directory: &Path, version: &str) {
        fs::create_dir_all(directory).unwrap();
        for program in ["postgres", "initdb"] {
            let path = directory.join(program);
            fs::write(
                &path,
                format!("#!/bin/sh\necho '{program} (PostgreSQL) {version}'\n"),
            )
            .unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        }
    }

    fn found(directories: Vec<PathBuf>) -> Vec<(u32, String)> {
        let found = probe(directories).into_iter();
        found
            .map(|installation| (installation.major, installation.version))
            .collect()
    }

    #[test]
    fn the_newest_of_all_versions_comes_first() {
        let root = tempfile::tempdir().unwrap();
        for version in ["9.6.24", "14.2", "17.4 (Debian 17.4-1)", "16.1"] {
            install(&root.path().join(format!("pg/{version}/bin")), version);
        }
        let pattern = root.path().join("pg/*/bin");
        let directories = search_path(None, [pattern.as_path()].into_iter(), None);
        assert_eq!(
            found(directories),
            [
                (17, "17.4".to_owned()),
                (16, "16.1".to_owned()),
                (14, "14.2".to_owned())
            ],
        );
    }

    #[test]
    fn an_installation_reached_by_two_paths_is_one() {
        let root = tempfile::tempdir().unwrap();
        let real = root.path().join("postgresql16/bin");
        install(&real, "16.3");
        let links = root.path().join("links");
        fs::create_dir(&links).unwrap();
        symlink(real.join("postgres"), links.join("postgres")).unwrap();
        let pattern = root.path().join("postgresql*/bin");
        let directories = search_path(
            Some(links.into()),
            [pattern.as_path()].into_iter(),
            Some(real),
        );
        assert_eq!(found(directories), [(16, "16.3".to_owned())]);
    }

    #[test]
    fn a_client_without_a_server_is_no_installation() {
        let root = tempfile::tempdir().unwrap();
        install(root.path(), "16.3");
        fs::remove_file(root.path().join("initdb")).unwrap();
        assert_eq!(found(vec![root.path().to_owned()]), []);
    }

    #[test]
    fn a_missing_server_is_said_with_the_command_that_installs_it() {
        let empty = tempfile::tempdir().unwrap();
        let message = installations(Some(empty.path())).unwrap_err().to_string();
        assert!(
            message.starts_with("PostgreSQL 14 or newer was not found in "),
            "{message}"
        );
        assert!(message.contains("DATABASE_URL"), "{message}");
        assert_eq!(message.lines().count(), 1);
    }

    #[test]
    #[cfg(not(target_os = "macos"))]
    fn the_install_command_is_that_of_the_system() {
        let hint = install_hint("NAME=\"Linux Mint\"\nID=linuxmint\nID_LIKE=\"ubuntu debian\"\n");
        assert_eq!(hint, "install it with `sudo apt-get install postgresql`");
        assert_eq!(
            install_hint("ID=\"rocky\"\nID_LIKE=\"rhel centos fedora\""),
            "install it with `sudo dnf install postgresql-server`"
        );
        assert_eq!(
            install_hint("ID=plan9"),
            "install your system's PostgreSQL server package"
        );
    }

    #[test]
    fn versions_of_betas_and_packages_are_read() {
        assert_eq!(
            parse_version("postgres (PostgreSQL) 18beta1\n"),
            Some((18, "18beta1".to_owned()))
        );
        assert_eq!(
            parse_version("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)"),
            Some((15, "15.18".to_owned()))
        );
        assert_eq!(parse_version("psql: not a server"), None);
    }
}
