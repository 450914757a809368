//! What becomes of runs when a process or the database goes away under them.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
};

use nix::sys::signal::{Signal, kill};

use crate::harness::{Directory, until};

/// So that what a killed process held is soon taken over.
const SHORT_LEASE: [&str; 2] = ["--lease-seconds", "3"];

#[test]
fn a_server_that_is_stopped_lets_short_runs_finish() {
    let directory = Directory::new();
    directory.delays("short", &[0.5]);
    let server = directory.serve(&["--workflows", ".", "--shutdown-seconds", "60"]);
    let execution_id = server.start_execution("short");
    server.trace_when(&execution_id, |trace| trace.begun("step_1") > 0);
    server.stop();
    assert_eq!(directory.postgres(), None);

    let server = directory.serve(&["--no-worker"]);
    let trace = server.trace(&execution_id);
    assert_eq!(
        (trace.status(), trace.succeeded("step_1")),
        ("completed", 1)
    );
    server.stop();
}

#[test]
fn a_server_that_is_stopped_does_not_wait_for_idle_connections() {
    let directory = Directory::new();
    let server = directory.serve(&[]);
    let address = server.url.trim_start_matches("http://").to_owned();
    let mut connection = TcpStream::connect(&address).expect("a connection");
    let request = format!("GET /healthz HTTP/1.1\r\nHost: {address}\r\n\r\n");
    connection.write_all(request.as_bytes()).expect("a request");
    let mut answer = [0; 12];
    connection.read_exact(&mut answer).expect("an answer");
    assert_eq!(&answer, b"HTTP/1.1 200");
    server.stop();
    assert_eq!(directory.postgres(), None);
}

#[test]
fn a_server_that_is_stopped_hands_long_runs_back_and_they_go_on_where_they_were() {
    let directory = Directory::new();
    directory.delays("long", &[0.01, 600.0]);
    let at_once = ["--shutdown-seconds", "0"];
    let server = directory.serve(&[&["--workflows", "."], &at_once[..]].concat());
    let execution_id = server.start_execution("long");
    server.trace_when(&execution_id, |trace| trace.begun("step_2") > 0);
    server.stop();
    assert_eq!(directory.postgres(), None);

    let server = directory.serve(&["--no-worker"]);
    let trace = server.trace(&execution_id);
    assert_eq!(
        (
            trace.status(),
            trace.succeeded("step_1"),
            trace.succeeded("step_2")
        ),
        ("pending", 1, 0)
    );
    server.stop();

    let server = directory.serve(&at_once);
    // The run is read before its spans, and may be older than they are.
    let trace = server.trace_when(&execution_id, |trace| {
        trace.begun("step_2") == 2 && trace.status() != "pending"
    });
    assert_eq!((trace.status(), trace.begun("step_1")), ("running", 1));
    server.stop();
}

#[test]
fn after_a_kill_the_next_server_adopts_the_database_and_finishes_the_run() {
    let directory = Directory::new();
    directory.delays("long", &[0.01, 3.0]);
    let server = directory.serve(
        &["--workflows", "."]
            .into_iter()
            .chain(SHORT_LEASE)
            .collect::<Vec<_>>(),
    );
    let execution_id = server.start_execution("long");
    server.trace_when(&execution_id, |trace| trace.begun("step_2") > 0);
    let postgres = directory.postgres();
    server.kill();
    assert!(postgres.is_some());
    assert_eq!(directory.postgres(), postgres);

    let server = directory.serve(&SHORT_LEASE);
    assert_eq!(directory.postgres(), postgres);
    let trace = server.finished(&execution_id);
    assert_eq!(
        (
            trace.status(),
            trace.succeeded("step_1"),
            trace.succeeded("step_2")
        ),
        ("completed", 1, 1)
    );
    server.stop();
    assert_eq!(directory.postgres(), None);
}

#[test]
fn a_run_waits_for_a_database_that_crashed_and_loses_no_span() {
    let directory = Directory::new();
    let seconds = [0.1; 30];
    directory.delays("steady", &seconds);
    let server = directory.serve(&["--workflows", "."]);
    let execution_id = server.start_execution("steady");
    server.trace_when(&execution_id, |trace| trace.begun("step_5") > 0);
    let postgres = directory.postgres().unwrap();
    kill(postgres, Signal::SIGKILL).unwrap();
    until(|| directory.postgres().filter(|pid| *pid != postgres));
    let trace = until(|| {
        // Requests meanwhile may find no database.
        let path = format!("/api/executions/{execution_id}/trace");
        let response = server.get(&path);
        let document = response
            .status()
            .is_success()
            .then(|| response.json().unwrap())?;
        let trace = crate::harness::Trace(document);
        (trace.status() != "running").then_some(trace)
    });
    assert_eq!(trace.status(), "completed");
    assert_eq!(trace.spans().len(), seconds.len() + 1);
    for step in 1..=seconds.len() {
        assert_eq!(trace.succeeded(&format!("step_{step}")), 1);
    }
    server.stop();
}
