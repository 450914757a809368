//! One throw-away PostgreSQL cluster for all tests of a machine's user.
//!
//! Test processes run at once and end at any time, so none of them owns it: the first one starts it under a file lock, each
//! one refreshes a heartbeat file, and a shell of its own stops it when the heartbeat is ten minutes old.

use std::{
    env, fs, io,
    os::unix::{
        fs::{MetadataExt, chown},
        process::CommandExt,
    },
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, bail};

/// `$1` is the cluster's directory.
const WATCHDOG: &str = r#"
alive() { [ -n "$(find "$1/heartbeat" -mmin -10 2>/dev/null)" ]; }
while :; do
    sleep 10
    alive "$1" && continue
    exec 9>"$1/lock"
    if command -v flock >/dev/null; then flock 9; fi
    if ! alive "$1"; then
        kill -QUIT "$(head -n 1 "$1/data/postmaster.pid")"
        rm -rf "$1/data" "$1/run"
        exit
    fi
    exec 9>&-
done
"#;

/// What durability costs is nothing that a test needs.
const SERVER_OPTIONS: &[&str] = &[
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "listen_addresses=",
    "max_connections=300",
    "jit=off",
];

/// The URL of a database of the cluster, which is started if it does not run.
///
/// Blocks, also while another process starts it.
pub(super) fn url(database: &str) -> anyhow::Result<String> {
    if let Ok(url) = env::var("ORCHEO_TEST_DATABASE_URL") {
        let (server, _) = url
            .rsplit_once('/')
            .context("ORCHEO_TEST_DATABASE_URL has no database")?;
        return Ok(format!("{server}/{database}"));
    }
    let directory = directory()?;
    let _lock = lock(&directory)?;
    fs::write(directory.join("heartbeat"), [])?;
    let run = directory.join("run");
    if !answers(&run) {
        start(&directory).context("cannot start PostgreSQL for the tests")?;
    }
    Ok(format!(
        "postgres:///{database}?host={}&user=postgres",
        run.display()
    ))
}

/// Excludes the other test processes until the file is dropped.
pub(super) fn lock(directory: &Path) -> io::Result<fs::File> {
    let file = fs::File::create(directory.join("lock"))?;
    file.lock()?;
    Ok(file)
}

/// The cluster's directory: short, because a Unix socket's path must be.
pub(super) fn directory() -> anyhow::Result<PathBuf> {
    let uid = tempfile::tempfile()?.metadata()?.uid();
    let directory = PathBuf::from(format!("/tmp/orcheo-trace-tests-{uid}"));
    fs::create_dir_all(&directory)?;
    Ok(directory)
}

fn answers(run: &Path) -> bool {
    std::os::unix::net::UnixStream::connect(run.join(".s.PGSQL.5432")).is_ok()
}

fn start(directory: &Path) -> anyhow::Result<()> {
    let binaries = binaries()?;
    let owner = owner(directory)?;
    let (data, run) = (directory.join("data"), directory.join("run"));
    for directory in [&data, &run] {
        // What an interrupted start left behind cannot be trusted.
        if directory.exists() {
            fs::remove_dir_all(directory)?;
        }
        fs::create_dir(directory)?;
        if let Some((uid, gid)) = owner {
            chown(directory, Some(uid), Some(gid))?;
        }
    }
    let command = |program: &str| {
        let mut command = Command::new(binaries.join(program));
        command
            .arg("-D")
            .arg(&data)
            .current_dir("/")
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        if let Some((uid, gid)) = owner {
            command.uid(uid).gid(gid);
        }
        command
    };
    run_to_end(command("initdb").args([
        "-U",
        "postgres",
        "-A",
        "trust",
        "-E",
        "UTF8",
        "--locale=C",
        "--no-sync",
    ]))?;
    let mut options = format!("-k {}", run.display());
    for option in SERVER_OPTIONS {
        options.push_str(&format!(" -c {option}"));
    }
    run_to_end(
        command("pg_ctl")
            .arg("-l")
            .arg(run.join("log"))
            .args(["-w", "-o", &options, "start"]),
    )?;
    Command::new("sh")
        .args(["-c", WATCHDOG, "orcheo-trace-tests-watchdog"])
        .arg(directory)
        .current_dir("/")
        .process_group(0)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    Ok(())
}

fn run_to_end(command: &mut Command) -> anyhow::Result<()> {
    // Not a pipe: the server would inherit it and keep it open.
    let errors = tempfile::tempfile()?;
    let status = command.stderr(errors.try_clone()?).status()?;
    if !status.success() {
        bail!(
            "{command:?} failed: {}",
            io::read_to_string(rewound(errors)?)?
        );
    }
    Ok(())
}

fn rewound(mut file: fs::File) -> io::Result<fs::File> {
    io::Seek::rewind(&mut file)?;
    Ok(file)
}

/// PostgreSQL refuses to run as root: the user to run it as then.
fn owner(directory: &Path) -> anyhow::Result<Option<(u32, u32)>> {
    if fs::metadata(directory)?.uid() != 0 {
        return Ok(None);
    }
    let users = fs::read_to_string("/etc/passwd")?;
    let ids = |name: &str| {
        let mut fields = users
            .lines()
            .find(|line| line.starts_with(name))?
            .split(':')
            .skip(2);
        Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
    };
    ids("postgres:")
        .or_else(|| ids("nobody:"))
        .map(Some)
        .context("no unprivileged user to run PostgreSQL as")
}

/// Where `initdb` is: on the path, or where the distributions put it, the newest version first.
fn binaries() -> anyhow::Result<PathBuf> {
    let on_path = env::var_os("PATH").unwrap_or_default();
    let mut candidates: Vec<PathBuf> = env::split_paths(&on_path).collect();
    let mut installed: Vec<PathBuf> = [
        "/usr/lib/postgresql",
        "/opt/homebrew/opt",
        "/usr/local/opt",
        "/usr",
    ]
    .into_iter()
    .filter_map(|parent| fs::read_dir(parent).ok())
    .flat_map(|entries| entries.flatten())
    .map(|entry| entry.path().join("bin"))
    .collect();
    installed.sort();
    candidates.extend(installed.into_iter().rev());
    candidates
        .into_iter()
        .find(|directory| directory.join("initdb").exists() && directory.join("postgres").exists())
        .context("PostgreSQL's initdb was not found: install its server package, or set ORCHEO_TEST_DATABASE_URL")
}
