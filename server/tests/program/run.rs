//! `run`: what it draws, prints and returns.

use nix::sys::signal::Signal;
use serde_json::Value;

use crate::harness::{Directory, Running};

const GREETING: &str = "
id: greeting
name: Greeting
nodes:
  - {name: greet, type: SetVariableNode, display_name: Greet the user, variables: {text: 'Hello {{inputs.name}}'}}
edges: [[START, greet], [greet, END]]
inputs: {name: Ada}
";

const FAILING: &str = "
nodes:
  - {name: breaks, type: JavaScriptSandboxNode, script: \"throw new Error('it broke')\"}
edges: [[START, breaks], [breaks, END]]
";

#[test]
fn a_run_that_succeeds_draws_its_tree_and_returns_0() {
    let directory = Directory::new();
    directory.write("greeting.yaml", GREETING);
    let run = directory.run(&["run", "greeting.yaml", "--input", "name=Grace"]);
    assert_eq!(
        (run.code, run.stderr.as_str()),
        (Some(0), ""),
        "{}",
        run.stdout
    );
    let lines: Vec<&str> = run.stdout.lines().collect();
    assert!(
        lines[0].starts_with("Greeting  execution "),
        "{}",
        run.stdout
    );
    assert!(
        lines.iter().any(|line| line.starts_with("✓ Greeting ")),
        "{}",
        run.stdout
    );
    assert!(
        lines
            .iter()
            .any(|line| line.starts_with("└─ ✓ Greet the user ")),
        "{}",
        run.stdout
    );
    assert!(
        lines.last().unwrap().starts_with("✓ succeeded  "),
        "{}",
        run.stdout
    );
    assert!(!run.stdout.contains('\x1b'), "{}", run.stdout);
    assert_eq!(directory.postgres(), None);
}

#[test]
fn a_run_that_fails_says_why_and_returns_1() {
    let directory = Directory::new();
    directory.write("failing.yaml", FAILING);
    let run = directory.run(&["run", "failing.yaml"]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(1), ""));
    assert!(run.stdout.contains("└─ ✗ breaks "), "{}", run.stdout);
    assert!(run.stdout.contains("it broke"), "{}", run.stdout);
    assert!(
        run.stdout.lines().last().unwrap().starts_with("✗ failed  "),
        "{}",
        run.stdout
    );
}

#[test]
fn json_is_the_trace_and_nothing_else() {
    let directory = Directory::new();
    directory.write("greeting.yaml", GREETING);
    let run = directory.run(&["run", "greeting.yaml", "--json"]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    let trace: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(trace["page_info"]["has_next_page"], false);
    let spans = trace["spans"].as_array().unwrap();
    assert_eq!(spans.len(), 2);
    assert_eq!(spans[0]["parent_span_id"], Value::Null);
    assert_eq!(spans[1]["parent_span_id"], spans[0]["span_id"]);

    directory.write("failing.yaml", FAILING);
    let run = directory.run(&["run", "failing.yaml", "--json"]);
    assert_eq!(run.code, Some(1));
    let trace: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(trace["spans"][1]["status"]["code"], "ERROR");
}

#[test]
fn an_invalid_workflow_is_refused_with_every_place_and_returns_2() {
    let directory = Directory::new();
    directory.write(
        "invalid.yaml",
        "nodes:\n  - {name: a, type: NoSuchNode}\n  - {name: a, type: DelayNode, duration_seconds: 1}\nedges: [[START, nowhere]]\n",
    );
    let run = directory.run(&["run", "invalid.yaml"]);
    assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""));
    for place in ["invalid.yaml:2:", "invalid.yaml:3:", "invalid.yaml:4:"] {
        assert!(
            run.stderr.lines().any(|line| line.starts_with(place)),
            "{}",
            run.stderr
        );
    }
    assert!(
        !directory.data().exists(),
        "nothing is begun for a workflow that cannot run"
    );
}

#[test]
fn a_missing_file_and_a_wrong_flag_return_2() {
    let directory = Directory::new();
    let run = directory.run(&["run", "missing.yaml"]);
    assert_eq!(run.code, Some(2));
    assert!(
        run.stderr.starts_with("error: cannot read missing.yaml: "),
        "{}",
        run.stderr
    );
    assert_eq!(
        directory
            .run(&["run", "missing.yaml", "--input", "novalue"])
            .code,
        Some(2)
    );
    assert_eq!(directory.run(&["walk"]).code, Some(2));
}

#[test]
fn ctrl_c_cancels_the_run_draws_it_and_returns_130() {
    let directory = Directory::new();
    directory.delays("slow", &[0.01, 600.0]);
    let mut running = Running::spawn(&mut directory.program(&["run", "slow.json"]));
    let mut lines = Vec::new();
    running.lines_until(&mut lines, |line| line.starts_with("started   step_2"));
    running.signal(Signal::SIGINT);
    let run = running.finish();
    assert_eq!(run.code, Some(130));
    assert!(run.stdout.contains("├─ ✓ step_1 "), "{}", run.stdout);
    assert!(run.stdout.contains("└─ ⊘ step_2 "), "{}", run.stdout);
    assert!(
        run.stdout
            .lines()
            .last()
            .unwrap()
            .starts_with("⊘ cancelled  "),
        "{}",
        run.stdout
    );
    assert_eq!(directory.postgres(), None);
}

#[test]
fn a_sub_workflow_is_found_beside_the_file() {
    let directory = Directory::new();
    directory.write("greeting.yaml", GREETING);
    directory.write(
        "outer.yaml",
        "nodes: [{name: inner, type: SubWorkflowNode, workflow_id: greeting}]\nedges: [[START, inner], [inner, END]]\n",
    );
    let run = directory.run(&["run", "outer.yaml"]);
    assert_eq!(run.code, Some(0), "{}{}", run.stdout, run.stderr);
    assert!(run.stdout.contains("✓ Greet the user "), "{}", run.stdout);
}
