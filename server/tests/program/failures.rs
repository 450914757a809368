//! What the program refuses to start for, and how it says so: one line, with what to do.

use std::fs;
use std::net::TcpListener;

use crate::harness::{Directory, Finished};

fn assert_refused(finished: &Finished, code: i32, words: &[&str]) {
    assert_eq!(finished.code, Some(code), "{}", finished.stderr);
    assert_eq!(finished.stdout, "");
    assert_eq!(finished.stderr.lines().count(), 1, "{}", finished.stderr);
    assert!(
        finished.stderr.starts_with("error: "),
        "{}",
        finished.stderr
    );
    for word in words {
        assert!(
            finished.stderr.contains(word),
            "{word}: {}",
            finished.stderr
        );
    }
}

#[test]
fn a_second_server_on_one_data_directory() {
    let directory = Directory::new();
    let first = directory.serve(&[]);
    let second = directory.run(&["serve", "--listen", "127.0.0.1:0"]);
    let data = directory.data().display().to_string();
    assert_refused(
        &second,
        1,
        &[
            "another `orcheo-trace serve`",
            &first.url,
            &data,
            "--data-dir",
        ],
    );
    first.stop();
}

#[test]
fn an_address_in_use() {
    let directory = Directory::new();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let server = directory.run(&["serve", "--listen", &address]);
    assert_refused(
        &server,
        1,
        &[&address, "another program uses this address", "--listen"],
    );
    assert_eq!(directory.postgres(), None);
    let doctor = directory.run(&["doctor", "--listen", &address]);
    assert_eq!(doctor.code, Some(1));
    assert!(doctor.stdout.contains("✗ address"), "{}", doctor.stdout);
}

#[test]
fn an_address_beyond_loopback_without_a_token() {
    let directory = Directory::new();
    let server = directory.run(&["serve", "--listen", "0.0.0.0:0"]);
    assert_refused(&server, 2, &["0.0.0.0:0", "ORCHEO_TRACE_TOKEN"]);
    assert!(!directory.data().exists());
}

#[test]
fn no_postgresql() {
    let directory = Directory::new();
    let mut command = directory.program(&["migrate"]);
    let nowhere = directory.path().join("nowhere");
    let finished = Finished::of(command.env("ORCHEO_TRACE_POSTGRES_BIN", &nowhere));
    assert_refused(
        &finished,
        1,
        &[
            "PostgreSQL 14 or newer was not found",
            "install",
            "DATABASE_URL",
        ],
    );
}

#[test]
fn a_data_directory_that_cannot_be_written() {
    let directory = Directory::new();
    directory.write("data", "a file in its place");
    let finished = directory.run(&["migrate"]);
    assert_refused(
        &finished,
        1,
        &[
            "cannot create the data directory",
            "it is not a directory",
            "--data-dir",
        ],
    );
    let read_only = Finished::of(
        directory
            .program(&["migrate"])
            .env("ORCHEO_TRACE_DATA_DIR", "/proc/orcheo"),
    );
    assert_refused(
        &read_only,
        1,
        &["cannot create the data directory /proc/orcheo"],
    );
}

#[test]
fn a_database_that_does_not_answer() {
    let directory = Directory::new();
    // Bound and closed again, so that nobody listens there.
    let address = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let url = format!("postgres://me:hush@{address}/traces");
    let finished = Finished::of(directory.program(&["migrate"]).env("DATABASE_URL", url));
    assert_refused(
        &finished,
        1,
        &[&format!("{address}/traces"), "PostgreSQL is unavailable"],
    );
    assert!(!finished.stderr.contains("hush"), "{}", finished.stderr);
}

#[test]
fn a_database_of_another_version() {
    let directory = Directory::new();
    let data = directory.data().join("postgres");
    fs::create_dir_all(&data).unwrap();
    fs::write(data.join("PG_VERSION"), "9\n").unwrap();
    let finished = directory.run(&["migrate"]);
    assert_refused(&finished, 1, &["was made by PostgreSQL 9", "pg_upgrade"]);
}

#[test]
fn a_settings_file_with_a_mistake() {
    let directory = Directory::new();
    directory.write("orcheo-trace.toml", "listne = \"127.0.0.1:1\"\n");
    let finished = directory.run(&["migrate"]);
    assert_refused(
        &finished,
        2,
        &["orcheo-trace.toml", "unknown setting `listne`"],
    );
}

#[test]
fn a_workflow_to_start_that_does_not_exist() {
    let directory = Directory::new();
    let finished = directory.run(&[
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--log",
        "error",
        "--start",
        "nothing",
    ]);
    assert_refused(&finished, 1, &["--start nothing"]);
    assert_eq!(directory.postgres(), None);
}
