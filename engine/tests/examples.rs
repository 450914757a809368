//! The workflows of `examples/` run to their end, without a network, and their traces show what their README promises.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[path = "support/mod.rs"]
mod support;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};

use orcheo_engine::{ArtifactError, ArtifactRef, ArtifactSink, NewArtifact, RunStatus, Workflow};
use serde_json::{Value, json};
use support::{Case, Finished};

#[derive(Default)]
struct Shelf(Mutex<BTreeMap<String, String>>);

#[async_trait::async_trait]
impl ArtifactSink for Shelf {
    async fn put(&self, artifact: NewArtifact) -> Result<ArtifactRef, ArtifactError> {
        let text = String::from_utf8(artifact.bytes.to_vec()).unwrap();
        let size_bytes = text.len() as u64;
        self.0.lock().unwrap().insert(artifact.name.clone(), text);
        Ok(ArtifactRef {
            id: artifact.name,
            size_bytes,
            sha256: String::new(),
        })
    }
}

fn source(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples");
    std::fs::read_to_string(folder.join(name)).unwrap()
}

async fn run(name: &str, inputs: Value) -> (Finished, BTreeMap<String, String>) {
    let shelf = Arc::new(Shelf::default());
    let mut case = Case::new(&source(name)).inputs(inputs);
    case.artifacts = Arc::clone(&shelf) as Arc<dyn ArtifactSink>;
    let finished = case.run().await;
    let outcome = &finished.outcome;
    assert_eq!(outcome.status, RunStatus::Succeeded, "{:?}", outcome.error);
    let files = std::mem::take(&mut *shelf.0.lock().unwrap());
    (finished, files)
}

#[test]
fn every_example_is_valid_and_has_its_file_s_name_as_id() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples");
    let mut found = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "yaml") {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let workflow = Workflow::parse(&text, "")
            .unwrap_or_else(|problems| panic!("{}: {problems}", path.display()));
        assert_eq!(
            Some(workflow.id.as_str()),
            path.file_stem().and_then(|stem| stem.to_str())
        );
        found += 1;
    }
    assert!(found >= 5);
}

#[tokio::test]
async fn welcome_greets() {
    let (finished, _) = run("welcome.yaml", json!({"name": "grace hopper"})).await;
    let text = finished.outcome.outputs["message"]["text"]
        .as_str()
        .unwrap();
    assert!(text.starts_with("Welcome, Grace Hopper!"), "{text}");
    finished.trace.assert(
        "
        workflow.execution: succeeded
          Greet the user: succeeded
          Write the message: succeeded
        ",
    );
}

#[tokio::test]
async fn triage_escalates_what_is_urgent_and_files_a_ticket() {
    let (finished, files) = run("support-triage.yaml", json!({})).await;
    finished.trace.assert(
        "
        workflow.execution: succeeded
          Classify the question: succeeded
            chat offline:triage: succeeded
          Urgent?: succeeded
          Escalate to the on-call team: succeeded
          Draft the reply: succeeded
            chat offline:echo: succeeded
          Fill in the ticket: succeeded
          File the ticket: succeeded
        ",
    );
    let ticket = &files["ticket.md"];
    assert!(
        ticket.starts_with(
            "# Billing (high)\n\nFor the on-call team, to be answered within 15 minutes."
        ),
        "{ticket}"
    );

    let (finished, files) = run(
        "support-triage.yaml",
        json!({"question": "Where is my parcel?"}),
    )
    .await;
    assert!(
        finished
            .trace
            .named("Escalate to the on-call team")
            .is_empty()
    );
    assert!(
        files["ticket.md"].starts_with("# Shipping (normal)\n\nFor the support team"),
        "{}",
        files["ticket.md"]
    );
}

#[tokio::test]
async fn the_agent_answers_with_what_its_tools_found() {
    let (finished, files) = run("research-agent.yaml", json!({})).await;
    let answer = &files["answer.md"];
    assert!(answer.contains("has 21 spans"), "{answer}");
    assert!(
        answer.contains("A trace is all spans of one run, as a tree."),
        "{answer}"
    );
    let trace = &finished.trace;
    for tool in ["search_notes", "calculate", "look_up"] {
        trace.one(&format!("execute_tool {tool}"));
    }
    assert_eq!(trace.named("chat offline:agent").len(), 3);
    let mut depth = 0;
    let mut span = trace.named("chat offline:echo")[0];
    while let Some(parent) = trace
        .spans
        .iter()
        .find(|other| other.span_context.span_id() == span.parent_span_id)
    {
        (span, depth) = (parent, depth + 1);
    }
    assert!(depth >= 8, "a chat lies {depth} deep:\n{}", trace.draw());
}

#[tokio::test(start_paused = true)]
async fn fan_out_joins_its_branches_after_a_retried_failure() {
    let (finished, files) = run("fan-out.yaml", json!({})).await;
    let result = &finished.outcome.outputs["invoice"]["name"];
    assert_eq!(result, "invoice.csv");
    assert_eq!(
        files["invoice.csv"].lines().collect::<Vec<_>>()[..4],
        [
            "id,product,quantity,price,total",
            "A-1,Lamp,2,19.5,39",
            "A-2,Desk,1,240,240",
            "A-3,Chair,4,79.9,287.64"
        ]
    );
    let attempts = finished.trace.named("Ask for the exchange rate");
    assert_eq!(attempts.len(), 3);
    assert_eq!(finished.trace.named("price_order").len(), 6);
    let join = finished.trace.one("Join the branches");
    let branches =
        ["Price each order", "Look up the customer"].map(|name| finished.trace.one(name));
    assert!(
        branches
            .iter()
            .chain(&attempts)
            .all(|branch| branch.end_time <= join.start_time)
    );
}

#[tokio::test(start_paused = true)]
async fn the_long_run_takes_as_many_steps_as_it_is_told() {
    for steps in [json!(3), json!("3")] {
        let (finished, files) = run("long-run.yaml", json!({"steps": steps})).await;
        assert_eq!(finished.trace.named("Wait for the outside world").len(), 3);
        assert_eq!(finished.trace.named("chat offline:echo").len(), 3);
        assert_eq!(
            serde_json::from_str::<Value>(&files["report.json"]).unwrap(),
            json!({"steps": 3})
        );
    }
}
