//! `serve` and `worker`: what they start, and how they work together.

use serde_json::Value;

use crate::harness::{Directory, Running, until};

#[test]
fn workflows_of_a_directory_are_saved_and_one_is_started_and_shown() {
    let directory = Directory::new();
    directory.delays("quick", &[0.01]);
    let mut server = directory.program(&[
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--workflows",
        ".",
        "--start",
        "quick",
    ]);
    let mut running = Running::spawn(&mut server);
    let mut printed = Vec::new();
    running.lines_until(&mut printed, |line| line.contains("Press Ctrl-C"));
    let value = |name: &str| {
        let line = printed
            .iter()
            .find(|line| line.trim_start().starts_with(name))
            .unwrap();
        line.split_whitespace().last().unwrap().to_owned()
    };
    let get = |url: String| reqwest::blocking::get(url).unwrap();
    assert!(get(value("web client")).text().unwrap().contains("<html"));
    assert!(get(value("GraphiQL")).status().is_success());
    assert!(get(value("REST")).json::<Value>().unwrap()["openapi"].is_string());
    let page = value("trace");
    assert!(get(page.clone()).text().unwrap().contains("<html"));
    let trace_id = page.rsplit('/').next().unwrap();
    let query = format!(r#"{{ executionByTraceId(traceId: "{trace_id}") {{ spanCount }} }}"#);
    until(|| {
        let request = reqwest::blocking::Client::new().post(value("GraphQL"));
        let answer: Value = request
            .json(&serde_json::json!({ "query": query }))
            .send()
            .unwrap()
            .json()
            .unwrap();
        (answer["data"]["executionByTraceId"]["spanCount"] == 2).then_some(())
    });
    assert!(
        printed.iter().any(|line| line.ends_with("1 saved from .")),
        "{printed:?}"
    );
}

#[test]
fn a_run_beside_a_server_is_seen_through_it() {
    let directory = Directory::new();
    directory.delays("quick", &[0.01]);
    let server = directory.serve(&[]);
    let run = directory.run(&["run", "quick.json"]);
    assert_eq!(run.code, Some(0), "{}{}", run.stdout, run.stderr);
    let execution_id = run
        .stdout
        .lines()
        .next()
        .unwrap()
        .rsplit(' ')
        .next()
        .unwrap()
        .to_owned();
    let trace = server.trace(&execution_id);
    assert_eq!(
        (trace.status(), trace.succeeded("step_1")),
        ("completed", 1)
    );
    assert!(
        run.stdout.lines().nth(1).unwrap().starts_with(&server.url),
        "{}",
        run.stdout
    );
    server.stop();
    assert_eq!(directory.postgres(), None);
}

#[test]
fn a_worker_of_its_own_runs_what_the_server_is_asked_for() {
    let directory = Directory::new();
    directory.delays("quick", &[0.01, 0.01]);
    let server = directory.serve(&["--no-worker", "--workflows", "."]);
    let execution_id = server.start_execution("quick");
    assert_eq!(server.trace(&execution_id).status(), "pending");
    let health = ["worker", "--health-listen", "127.0.0.1:0"];
    let mut worker = Running::spawn(&mut directory.program(&health));
    let metrics = worker.line(|line| line.strip_prefix("Health and metrics: ").map(str::to_owned));
    worker.line(|line| line.starts_with("Waiting for executions").then_some(()));
    let trace = server.finished(&execution_id);
    assert_eq!((trace.status(), trace.spans().len()), ("completed", 3));
    let get = |url: &str| {
        let answer = reqwest::blocking::get(url).unwrap();
        (answer.status().as_u16(), answer.text().unwrap())
    };
    let finished = "executions_finished_total{status=\"SUCCEEDED\"} 1";
    until(|| {
        let (status, counted) = get(&metrics);
        (status == 200 && counted.contains(finished)).then_some(())
    });
    let ready = metrics.replace("/metrics", "/readyz");
    assert_eq!(get(&ready), (200, "ready\n".to_owned()));
    assert_eq!(get(&metrics.replace("/metrics", "/api/executions")).0, 404);
    // The server goes first: the worker keeps the database, and ends it.
    server.stop();
    assert!(directory.postgres().is_some());
    worker.signal(nix::sys::signal::Signal::SIGTERM);
    assert_eq!(worker.wait().code(), Some(0));
    assert_eq!(directory.postgres(), None);
}

#[test]
fn a_cancellation_reaches_the_run() {
    let directory = Directory::new();
    directory.delays("slow", &[600.0]);
    let server = directory.serve(&["--workflows", "."]);
    let execution_id = server.start_execution("slow");
    server.trace_when(&execution_id, |trace| trace.begun("step_1") > 0);
    let cancel = format!("{}/api/executions/{execution_id}/cancel", server.url);
    let response = reqwest::blocking::Client::new()
        .post(cancel)
        .send()
        .unwrap();
    assert!(response.status().is_success(), "{}", response.status());
    assert_eq!(server.finished(&execution_id).status(), "cancelled");
    server.stop();
}

#[test]
fn with_a_token_nothing_is_answered_without_it() {
    let directory = Directory::new();
    let mut command = directory.program(&["serve", "--listen", "127.0.0.1:0"]);
    command.env("ORCHEO_TRACE_TOKEN", "open-sesame");
    let server = crate::harness::Server::start(command);
    assert_eq!(server.get("/api/executions").status(), 401);
    assert_eq!(server.get("/healthz").status(), 200);
    let request = reqwest::blocking::Client::new().get(format!("{}/api/executions", server.url));
    assert_eq!(
        request.bearer_auth("open-sesame").send().unwrap().status(),
        200
    );
    server.stop();
}

#[test]
fn the_schema_needs_no_database() {
    let directory = Directory::new();
    let schema = directory.run(&["schema"]);
    assert_eq!(schema.code, Some(0));
    assert!(
        schema.stdout.contains("type Subscription"),
        "{}",
        schema.stdout
    );
    assert!(!directory.data().exists());
}

#[test]
fn migrations_run_once_and_doctor_finds_nothing_wrong() {
    let directory = Directory::new();
    let first = directory.run(&["migrate"]);
    assert_eq!(first.code, Some(0), "{}", first.stderr);
    assert!(first.stdout.starts_with("migrated "), "{}", first.stdout);
    assert_eq!(
        directory.run(&["migrate"]).stdout,
        "The database is up to date.\n"
    );
    let doctor = directory.run(&["doctor", "--listen", "127.0.0.1:0"]);
    assert_eq!(doctor.code, Some(0), "{}", doctor.stdout);
    assert_eq!(
        doctor
            .stdout
            .lines()
            .filter(|line| line.starts_with('✓'))
            .count(),
        7,
        "{}",
        doctor.stdout
    );
}
