//! The private PostgreSQL through its public surface, on real servers.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, geteuid};
use tokio::time::{sleep, timeout};

use super::*;

/// A data directory that the account of root's PostgreSQL can enter.
fn open_directory() -> tempfile::TempDir {
    tempfile::Builder::new()
        .permissions(fs::Permissions::from_mode(0o755))
        .tempdir()
        .unwrap()
}

async fn open(directory: &Path) -> Result<PrivatePostgres, PostgresError> {
    PrivatePostgres::open(&DataDir::open(directory).unwrap(), None).await
}

async fn connect(url: &str) -> Result<tokio_postgres::Client, tokio_postgres::Error> {
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}

async fn run(url: &str, statement: &str) {
    connect(url)
        .await
        .unwrap()
        .batch_execute(statement)
        .await
        .unwrap();
}

/// The server's process, or none when it does not run.
fn server(directory: &Path) -> Option<Pid> {
    let file = fs::read_to_string(directory.join("postgres/postmaster.pid")).ok()?;
    let pid = Pid::from_raw(file.lines().next()?.parse().ok()?);
    kill(pid, None).ok().map(|()| pid)
}

async fn until<T>(mut condition: impl AsyncFnMut() -> Option<T>) -> T {
    let poll = async {
        loop {
            match condition().await {
                Some(value) => return value,
                None => sleep(Duration::from_millis(10)).await,
            }
        }
    };
    timeout(Duration::from_secs(60), poll).await.unwrap()
}

fn assert_no_warnings(directory: &Path) {
    let log = fs::read_to_string(directory.join("postgres.log")).unwrap();
    for word in ["WARNING", "ERROR", "FATAL", "PANIC", "could not"] {
        assert!(!log.contains(word), "{log}");
    }
}

#[tokio::test]
async fn data_is_there_again_after_a_restart_and_the_log_has_no_warnings() {
    let directory = open_directory();
    let first = open(directory.path()).await.unwrap();
    let url = first.url().to_owned();
    run(&url, "CREATE TABLE kept (x int)").await;
    first.close().await;
    assert_eq!(server(directory.path()), None);

    let second = open(directory.path()).await.unwrap();
    assert_eq!(second.url(), url);
    run(&url, "SELECT x FROM kept").await;
    second.close().await;
    assert_no_warnings(directory.path());
}

#[tokio::test]
async fn text_is_unicode_and_upper_and_lower_case_know_it() {
    let directory = open_directory();
    let postgres = open(directory.path()).await.unwrap();
    let client = connect(postgres.url()).await.unwrap();
    let row = client
        .query_one(
            "SELECT lower('ÄÖ'), current_setting('listen_addresses')",
            &[],
        )
        .await
        .unwrap();
    assert_eq!(row.get::<_, &str>(0), "äö");
    assert_eq!(row.get::<_, &str>(1), "");
    drop(client);
    postgres.close().await;
}

#[tokio::test]
async fn a_second_process_uses_the_server_and_takes_it_over_when_the_first_leaves() {
    let directory = open_directory();
    let owner = open(directory.path()).await.unwrap();
    let guest = open(directory.path()).await.unwrap();
    assert_eq!(owner.url(), guest.url());
    let pid = server(directory.path()).unwrap();

    let client = connect(guest.url()).await.unwrap();
    owner.close().await;
    assert_eq!(server(directory.path()), Some(pid));
    client.batch_execute("SELECT 1").await.unwrap();

    // Proof of the take-over: what a guest does not look after, its owner starts again.
    kill(pid, Signal::SIGINT).unwrap();
    until(async || connect(guest.url()).await.ok()).await;
    assert_ne!(server(directory.path()), Some(pid));
    guest.close().await;
    assert_eq!(server(directory.path()), None);
}

#[tokio::test]
async fn a_guest_that_leaves_does_not_stop_the_server() {
    let directory = open_directory();
    let owner = open(directory.path()).await.unwrap();
    let guest = open(directory.path()).await.unwrap();
    guest.close().await;
    run(owner.url(), "SELECT 1").await;
    owner.close().await;
    assert_eq!(server(directory.path()), None);
}

#[tokio::test]
async fn a_server_that_crashes_comes_back_at_the_same_place() {
    let directory = open_directory();
    let postgres = open(directory.path()).await.unwrap();
    run(postgres.url(), "CREATE TABLE kept (x int)").await;
    kill(server(directory.path()).unwrap(), Signal::SIGKILL).unwrap();
    until(async || connect(postgres.url()).await.ok()).await;
    run(postgres.url(), "SELECT x FROM kept").await;
    postgres.close().await;
}

#[tokio::test]
async fn an_orphan_is_adopted() {
    let directory = open_directory();
    let first = open(directory.path()).await.unwrap();
    let url = first.url().to_owned();
    let pid = server(directory.path()).unwrap();
    // As when the program is killed: its locks are gone, its server is not.
    first.keeper.abort();
    assert!(first.keeper.await.unwrap_err().is_cancelled());

    let second = open(directory.path()).await.unwrap();
    assert_eq!(
        (second.url(), server(directory.path())),
        (url.as_str(), Some(pid))
    );
    run(&url, "SELECT 1").await;
    second.close().await;
    assert_eq!(server(directory.path()), None);
}

#[tokio::test]
async fn a_process_that_has_got_the_number_of_a_dead_server_is_left_alone() {
    let directory = open_directory();
    open(directory.path()).await.unwrap().close().await;
    let stranger = std::process::id();
    let data = directory.path().join("postgres");
    let stale = format!(
        "{stranger}\n{}\n1\n5432\n/nowhere\n\n\nready\n",
        data.display()
    );
    fs::write(data.join("postmaster.pid"), stale).unwrap();
    let postgres = open(directory.path()).await.unwrap();
    run(postgres.url(), "SELECT 1").await;
    assert_ne!(
        server(directory.path()).unwrap().as_raw().unsigned_abs(),
        stranger
    );
    postgres.close().await;
}

#[tokio::test]
async fn a_database_of_another_major_version_is_refused_by_name() {
    let directory = open_directory();
    let data = directory.path().join("postgres");
    fs::create_dir(&data).unwrap();
    fs::write(data.join("PG_VERSION"), "9\n").unwrap();
    let message = open(directory.path()).await.unwrap_err().to_string();
    assert!(
        message.contains("was made by PostgreSQL 9, but only PostgreSQL "),
        "{message}"
    );
    assert!(
        message.contains("pg_upgrade") && message.contains("--data-dir"),
        "{message}"
    );
}

#[tokio::test]
async fn a_server_that_does_not_start_shows_the_end_of_its_log() {
    let directory = open_directory();
    open(directory.path()).await.unwrap().close().await;
    fs::write(
        directory.path().join("postgres/postgresql.conf"),
        "no_such_setting = 1\n",
    )
    .unwrap();
    let message = open(directory.path()).await.unwrap_err().to_string();
    assert!(
        message.starts_with("PostgreSQL did not start (exit status: 1). The end of "),
        "{message}"
    );
    assert!(message.contains("no_such_setting"), "{message}");
}

#[tokio::test]
async fn an_interrupted_creation_is_begun_anew() {
    let directory = open_directory();
    let half = directory.path().join("postgres.new");
    fs::create_dir(&half).unwrap();
    fs::write(half.join("PG_VERSION"), "15\n").unwrap();
    let postgres = open(directory.path()).await.unwrap();
    run(postgres.url(), "SELECT 1").await;
    postgres.close().await;
    assert!(!half.exists());
}

#[tokio::test]
async fn roots_database_below_a_closed_directory_goes_to_the_system_state_directory() {
    if !geteuid().is_root() {
        return;
    }
    let closed = tempfile::tempdir().unwrap();
    fs::set_permissions(closed.path(), fs::Permissions::from_mode(0o700)).unwrap();
    let directory = closed.path().join("data");
    let postgres = open(&directory).await.unwrap();
    run(postgres.url(), "CREATE TABLE kept (x int)").await;
    postgres.close().await;
    let data = fs::read_link(directory.join("postgres")).unwrap();
    assert!(
        data.starts_with("/var/lib/orcheo-trace"),
        "{}",
        data.display()
    );

    let postgres = open(&directory).await.unwrap();
    run(postgres.url(), "SELECT x FROM kept").await;
    postgres.close().await;
    fs::remove_dir_all(data.parent().unwrap()).unwrap();
}
