//! How a workflow advances: steps, branches, joins, loops, retries, and every way to fail.

mod support;

use std::sync::Arc;

use orcheo_engine::{
    ArtifactError, ArtifactRef, ArtifactSink, Limits, NewArtifact, RunStatus, attributes as key,
    codes,
};
use serde_json::json;
use tokio_util::sync::CancellationToken;

use support::{Case, assert_trace, attribute};

#[tokio::test]
async fn a_sequence_runs_in_order() {
    assert_trace(
        "
        workflow.execution: succeeded
          a: succeeded
          b: succeeded
          c: succeeded
        ",
        "
nodes: [{name: c, type: Echo}, {name: a, type: Echo}, {name: b, type: Echo}]
edges: [[b, c], [START, a], {source: a, target: b}, [c, END]]
",
    )
    .await;
}

#[tokio::test]
async fn what_a_step_triggers_runs_together_and_what_several_trigger_runs_once() {
    let finished = Case::new(
        "
nodes: [{name: a, type: Echo}, {name: b, type: Echo, value: 1}, {name: c, type: Echo, value: 2}, {name: d, type: Echo, value: '{{b}}{{c}}'}]
edges: [[START, a], [a, b], [a, c], [b, d], [c, d]]
",
    )
    .run()
    .await;
    finished.trace.assert(
        "
        workflow.execution: succeeded
          a: succeeded
          b: succeeded
          c: succeeded
          d: succeeded
        ",
    );
    assert_eq!(finished.outcome.outputs, json!({ "d": "12" }));
}

#[tokio::test]
async fn without_a_join_paths_of_different_length_run_what_follows_twice() {
    assert_trace(
        "
        workflow.execution: succeeded
          short: succeeded
          long: succeeded
          after: succeeded
          longer: succeeded
          after #2: succeeded
        ",
        "
nodes: [{name: short, type: Echo}, {name: long, type: Echo}, {name: longer, type: Echo}, {name: after, type: Echo}]
edges: [[START, short], [START, long], [long, longer], [short, after], [longer, after]]
",
    )
    .await;
}

#[tokio::test]
async fn a_join_waits_for_every_branch_however_long() {
    assert_trace(
        "
        workflow.execution: succeeded
          source: succeeded
          short: succeeded
          long: succeeded
          longer: succeeded
          longest: succeeded
          after: succeeded
        ",
        "
nodes:
  - {name: source, type: Echo}
  - {name: short, type: Echo}
  - {name: long, type: Echo}
  - {name: longer, type: Echo}
  - {name: longest, type: Echo}
  - {name: after, type: Echo}
edges: [[START, source], [long, longer], [longer, longest], [longest, after]]
parallel_branches: [{source: source, targets: [short, long], join: after}]
",
    )
    .await;
}

#[tokio::test]
async fn a_join_does_not_wait_for_a_branch_that_left() {
    assert_trace(
        "
        workflow.execution: succeeded
          source: succeeded
          stays: succeeded
          leaves: succeeded
          after: succeeded
        ",
        "
nodes: [{name: source, type: Echo}, {name: stays, type: Echo}, {name: leaves, type: Echo}, {name: never, type: Echo}, {name: after, type: Echo}]
edges: [[START, source], [never, after]]
parallel_branches: [{source: source, targets: [stays, leaves], join: after}]
conditional_edges: [{source: leaves, path: results.leaves, mapping: {x: never}}]
",
    )
    .await;
}

#[tokio::test]
async fn joins_that_wait_only_for_each_other_all_run() {
    assert_trace(
        "
        workflow.execution: succeeded
          s: succeeded
          a: succeeded
          b: succeeded
          j: succeeded
          k: succeeded
        ",
        "
nodes: [{name: s, type: Echo}, {name: a, type: Echo}, {name: b, type: Echo}, {name: j, type: Echo}, {name: k, type: Echo}]
edges: [[START, s]]
parallel_branches: [{source: s, targets: [a], join: j}, {source: s, targets: [b], join: k}]
conditional_edges: [{source: j, path: results.j, mapping: {x: k}}, {source: k, path: results.k, mapping: {x: j}}]
",
    )
    .await;
}

#[tokio::test]
async fn a_path_of_the_state_decides_like_its_text_and_falls_back() {
    for (value, expected) in [
        (json!("x"), "x"),
        (json!(true), "yes"),
        (json!(3), "three"),
        (json!(null), "nothing"),
        (json!("other"), "rest"),
    ] {
        let finished = Case::new(
            "
nodes: [{name: a, type: Echo}, {name: x, type: Echo}, {name: yes, type: Echo}, {name: three, type: Echo}, {name: nothing, type: Echo}, {name: rest, type: Echo}]
edges: [[START, a]]
conditional_edges: [{source: a, path: inputs.value, mapping: {x: x, 'true': 'yes', '3': three, 'null': nothing}, default: rest}]
",
        )
        .inputs(json!({ "value": value }))
        .run()
        .await;
        assert_eq!(
            finished.outcome.outputs,
            json!({ expected: null }),
            "{value}"
        );
    }
}

#[tokio::test]
async fn an_unmatched_condition_without_a_default_ends() {
    let finished = Case::new(
        "
nodes: [{name: a, type: Echo, value: 1}, {name: b, type: Echo}]
edges: [[START, a]]
conditional_edges: [{source: a, path: results.a, mapping: {'2': b}}]
",
    )
    .run()
    .await;
    assert_eq!(finished.outcome.outputs, json!({ "a": 1 }));
}

#[tokio::test]
async fn a_condition_may_stand_at_the_start() {
    assert_trace(
        "
        workflow.execution: succeeded
          pick: succeeded
          b: succeeded
        ",
        "
nodes: [{name: a, type: Echo}, {name: b, type: Echo}]
edge_nodes: [{name: pick, type: Switch, value: '{{inputs.which}}', case_sensitive: false, cases: [{match: A}, {match: B, branch_key: second}]}]
conditional_edges: [{source: START, path: pick, mapping: {case_1: a, second: b}}]
inputs: {which: b}
",
    )
    .await;
}

const LOOP: &str = "
nodes: [{name: body, type: Echo}, {name: after, type: Echo}]
edge_nodes: [{name: again, type: While, conditions: [{operator: less_than, right: 2}]}]
edges: [[START, body]]
conditional_edges: [{source: body, path: again, mapping: {continue: body, exit: after}}]
";

#[tokio::test]
async fn a_loop_shows_each_visit_and_each_decision() {
    assert_trace(
        "
        workflow.execution: succeeded
          body: succeeded
          again: succeeded
          body #2: succeeded
          again #2: succeeded
          body #3: succeeded
          again #3: succeeded
          after: succeeded
        ",
        LOOP,
    )
    .await;
}

#[tokio::test]
async fn a_loop_ends_at_its_max_iterations() {
    let document = LOOP.replace("right: 2}]", "right: 100}], max_iterations: 1");
    let finished = Case::new(&document).run().await;
    assert_eq!(finished.trace.named("body").len(), 2);
}

#[tokio::test]
async fn a_while_entered_again_counts_from_zero() {
    let finished = Case::new(
        "
nodes: [{name: outer, type: Echo}, {name: inner, type: Echo}, {name: end, type: Echo}]
edge_nodes:
  - {name: in, type: While, conditions: [{operator: less_than, right: 1}]}
  - {name: out, type: While, conditions: [{operator: less_than, right: 1}]}
edges: [[START, outer], [outer, inner]]
conditional_edges:
  - {source: inner, path: in, mapping: {continue: inner, exit: end}}
  - {source: end, path: out, mapping: {continue: outer, exit: END}}
",
    )
    .run()
    .await;
    assert_eq!(finished.outcome.status, RunStatus::Succeeded);
    assert_eq!(finished.trace.named("inner").len(), 4);
}

#[tokio::test]
async fn a_loop_without_an_end_meets_the_recursion_limit() {
    let document = format!(
        "recursion_limit: 7\n{}",
        LOOP.replace("right: 2", "right: 100")
    );
    let finished = Case::new(&document).run().await;
    let error = finished.outcome.error.unwrap();
    assert_eq!(finished.outcome.status, RunStatus::Failed);
    assert_eq!(error.code, codes::RECURSION_LIMIT);
    assert!(
        error.message.contains("after 7 steps") && error.message.contains("`recursion_limit`"),
        "{}",
        error.message
    );
    assert_eq!(finished.trace.named("body").len(), 7);
    assert_eq!(finished.trace.one(key::WORKFLOW_SPAN).events.len(), 1);
}

#[tokio::test]
async fn the_recursion_limit_is_250_steps_unless_the_document_says() {
    let finished = Case::new(&LOOP.replace("right: 2", "right: 1000"))
        .run()
        .await;
    assert_eq!(finished.trace.named("body").len(), 250);
}

#[tokio::test]
async fn every_attempt_has_its_span() {
    let finished = Case::new(
        "
nodes: [{name: a, type: Flaky, count: 2, retry: {max_attempts: 3, backoff: 0.001}}]
edges: [[START, a]]
",
    )
    .run()
    .await;
    finished.trace.assert(
        "
        workflow.execution: succeeded
          a: failed FLAKY
          a attempt 2: failed FLAKY
          a attempt 3: succeeded
        ",
    );
    assert_eq!(finished.outcome.outputs, json!({ "a": { "attempt": 3 } }));
}

#[tokio::test]
async fn the_last_failure_fails_the_run_and_names_the_node() {
    let finished = Case::new(
        "
nodes: [{name: a, type: Flaky, count: 9, display_name: Step A, retry: {max_attempts: 2}}, {name: b, type: Echo}]
edges: [[START, a], [a, b]]
",
    )
    .run()
    .await;
    finished.trace.assert(
        "
        workflow.execution: failed FLAKY
          Step A: failed FLAKY
          Step A attempt 2: failed FLAKY
        ",
    );
    let error = finished.outcome.error.unwrap();
    assert_eq!(
        (error.code.as_str(), error.node_id.as_deref()),
        ("FLAKY", Some("a"))
    );
    assert_eq!(error.message, "attempt 2 failed");
    let root = finished.trace.one(key::WORKFLOW_SPAN);
    assert_eq!(
        root.status,
        opentelemetry::trace::Status::error("node `a` failed: attempt 2 failed")
    );
}

#[tokio::test]
async fn a_failure_leaves_an_exception_event_on_its_span() {
    let finished = Case::new("nodes: [{name: a, type: Flaky, count: 1}]\nedges: [[START, a]]")
        .run()
        .await;
    let span = finished.trace.one("a");
    let [event] = span.events.iter().as_slice() else {
        panic!("one event: {:?}", span.events)
    };
    assert_eq!(event.name, key::EXCEPTION_EVENT);
    let message = event
        .attributes
        .iter()
        .find(|attribute| attribute.key.as_str() == key::EXCEPTION_MESSAGE)
        .unwrap();
    assert_eq!(message.value.as_str(), "attempt 1 failed");
    assert_eq!(attribute(span, key::ERROR_CODE).unwrap().as_str(), "FLAKY");
    assert!(attribute(span, key::NODE_OUTPUT).is_none());
}

#[tokio::test]
async fn what_another_attempt_cannot_mend_is_not_retried() {
    let finished = Case::new(
        "
nodes: [{name: a, type: Echo, value: '{{results.nobody}}', retry: {max_attempts: 5}}]
edges: [[START, a]]
",
    )
    .run()
    .await;
    finished.trace.assert(
        "
        workflow.execution: failed UNRESOLVED_TEMPLATE
          a: failed UNRESOLVED_TEMPLATE
        ",
    );
}

#[tokio::test]
async fn a_node_that_panics_fails_its_run_and_nothing_else() {
    let finished =
        Case::new("nodes: [{name: a, type: Panic, retry: {max_attempts: 2}}]\nedges: [[START, a]]")
            .run()
            .await;
    finished.trace.assert(
        "
        workflow.execution: failed PANIC
          a: failed PANIC
        ",
    );
    assert_eq!(
        finished.outcome.error.unwrap().message,
        "the node's code panicked: on purpose"
    );
}

#[tokio::test]
async fn a_node_that_never_returns_meets_its_timeout() {
    let mut case = Case::new(
        "
nodes: [{name: a, type: Hang, timeout: 0.01, retry: {max_attempts: 2}}]
edges: [[START, a]]
",
    );
    case.artifacts = Arc::new(OnArtifact(|| {}));
    let finished = case.run().await;
    finished.trace.assert(
        "
        workflow.execution: failed TIMEOUT
          a: failed TIMEOUT
          a attempt 2: failed TIMEOUT
        ",
    );
    assert_eq!(
        finished.outcome.error.unwrap().message,
        "took longer than its timeout of 0.01 s"
    );
}

#[tokio::test]
async fn an_output_beyond_the_limit_is_an_error_of_its_node() {
    let mut case = Case::new("nodes: [{name: a, type: Big, count: 1000}]\nedges: [[START, a]]");
    case.limits = Limits {
        max_output_bytes: 1001,
        ..Limits::default()
    };
    let finished = case.run().await;
    let error = finished.outcome.error.unwrap();
    assert_eq!(error.code, codes::OUTPUT_TOO_LARGE);
    assert_eq!(
        error.message,
        "returned more than the limit of 1001 bytes of JSON"
    );
    assert!(!finished.trace.text().contains("xxxx"));
}

#[tokio::test]
async fn an_output_of_fifty_megabytes_is_refused_by_default() {
    let finished = Case::new("nodes: [{name: a, type: Big, count: 52428800}]\nedges: [[START, a]]")
        .run()
        .await;
    assert_eq!(
        finished.outcome.error.unwrap().code,
        codes::OUTPUT_TOO_LARGE
    );
}

/// Calls back when a node stores an artifact, by which the test's nodes tell that they are running.
struct OnArtifact<F>(F);

#[async_trait::async_trait]
impl<F: Fn() + Send + Sync + 'static> ArtifactSink for OnArtifact<F> {
    async fn put(&self, artifact: NewArtifact) -> Result<ArtifactRef, ArtifactError> {
        (self.0)();
        Ok(ArtifactRef {
            id: artifact.name,
            size_bytes: 0,
            sha256: String::new(),
        })
    }
}

fn cancelled_by_artifact(document: &str) -> Case {
    let mut case = Case::new(document);
    let cancel = CancellationToken::new();
    case.cancel = cancel.clone();
    case.artifacts = Arc::new(OnArtifact(move || cancel.cancel()));
    case
}

#[tokio::test]
async fn cancelling_shows_what_ran_and_what_was_due() {
    let mut case = cancelled_by_artifact(
        "
nodes: [{name: a, type: Hang}, {name: b, type: Echo}, {name: c, type: Echo}]
edges: [[START, a], [START, b], [b, c]]
",
    );
    case.max_concurrency = Some(1);
    let finished = case.run().await;
    assert_eq!(finished.outcome.status, RunStatus::Cancelled);
    assert_eq!(finished.outcome.error, None);
    finished.trace.assert(
        "
        workflow.execution: cancelled CANCELLED
          a: cancelled CANCELLED
          b: skipped
        ",
    );
}

#[tokio::test]
async fn a_run_cancelled_before_it_began_shows_what_was_due() {
    let case = Case::new("nodes: [{name: a, type: Echo}]\nedges: [[START, a]]");
    case.cancel.cancel();
    let finished = case.run().await;
    assert_eq!(finished.outcome.status, RunStatus::Cancelled);
    finished.trace.assert(
        "
        workflow.execution: cancelled CANCELLED
          a: skipped
        ",
    );
}

#[tokio::test]
async fn a_failure_cancels_the_other_nodes_of_its_step() {
    let mut case = Case::new(
        "
nodes: [{name: hangs, type: Hang}, {name: fails, type: Flaky, count: 1}, {name: never, type: Echo}]
edges: [[START, hangs], [START, fails], [fails, never]]
",
    );
    case.artifacts = Arc::new(OnArtifact(|| {}));
    let finished = case.run().await;
    assert_eq!(
        finished.outcome.error.unwrap().node_id.as_deref(),
        Some("fails")
    );
    finished.trace.assert(
        "
        workflow.execution: failed FLAKY
          hangs: cancelled CANCELLED
          fails: failed FLAKY
        ",
    );
}

#[tokio::test]
async fn a_run_that_is_dropped_leaves_no_span_open_and_none_succeeded() {
    let case = cancelled_by_artifact(
        "nodes: [{name: a, type: Each, items: [1], body: {name: b, type: Hang}}]\nedges: [[START, a]]",
    );
    let (dropped, exporter) = (case.cancel.clone(), case.exporter.clone());
    let (mut case, cancel) = (case, CancellationToken::new());
    case.cancel = cancel;
    let (provider, run) = case.start();
    tokio::select! {
        biased;
        () = dropped.cancelled() => {}
        outcome = run => panic!("{outcome:?}"),
    }
    support::Trace::of(&exporter).assert(
        "
        workflow.execution: cancelled CANCELLED
          a: cancelled CANCELLED
            b: cancelled CANCELLED
        ",
    );
    drop(provider);
}

#[tokio::test]
async fn an_engine_task_that_is_aborted_leaves_no_span_open() {
    let running = CancellationToken::new();
    let signal = running.clone();
    let mut case = Case::new(
        "nodes: [{name: a, type: Hang}, {name: b, type: Hang}]\nedges: [[START, a], [START, b]]",
    );
    case.artifacts = Arc::new(OnArtifact(move || signal.cancel()));
    let exporter = case.exporter.clone();
    let (provider, run) = case.start();
    let task = tokio::spawn(run);
    running.cancelled().await;
    task.abort();
    assert!(task.await.unwrap_err().is_cancelled());
    let trace = support::Trace::of(&exporter);
    assert_eq!(
        attribute(trace.one(key::WORKFLOW_SPAN), key::EXECUTION_STATUS)
            .unwrap()
            .as_str(),
        "cancelled"
    );
    drop(provider);
}

#[tokio::test]
async fn inputs_that_are_not_an_object_fail_the_run() {
    let finished = Case::new("nodes: [{name: a, type: Echo}]\nedges: [[START, a]]")
        .inputs(json!([1]))
        .run()
        .await;
    let error = finished.outcome.error.unwrap();
    assert_eq!(error.code, codes::INVALID_INPUTS);
    assert_eq!(error.message, "inputs must be an object, not a list");
    finished
        .trace
        .assert("workflow.execution: failed INVALID_INPUTS");
}

#[tokio::test]
#[should_panic(
    expected = "the trace is\nworkflow.execution: succeeded\n  a: succeeded\nand not\nworkflow.execution: succeeded\n  b: succeeded\n"
)]
async fn an_expectation_that_is_not_met_shows_both_traces() {
    assert_trace(
        "
        workflow.execution: succeeded
          b: succeeded
        ",
        "nodes: [{name: a, type: Echo}]\nedges: [[START, a]]",
    )
    .await;
}
