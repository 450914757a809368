//! What spans tell where content is not wanted.

mod support;

use std::sync::Arc;

use async_trait::async_trait;
use orcheo_engine::{RunStatus, Workflow, WorkflowSource, WorkflowSourceError, attributes as key};
use serde_json::{Value, json};

use support::{Case, Finished};

const PLANTED: &str = "planted-content";

/// An agent with a tool, and a workflow below.
fn document(trace: &Value) -> String {
    json!({
        "trace": trace,
        "inputs": {"question": PLANTED},
        "nodes": [
            {"name": "agent", "type": "AgentNode", "ai_model": "offline:agent", "model_kwargs": {"chunk_delay_ms": 0},
                "system_prompt": "planted-content in the instructions", "input_text": "{{inputs.question}}",
                "tools": [{"name": "look", "args_schema": {"type": "object", "properties": {"city": {"type": "string"}}},
                    "node": {"type": "SetVariableNode", "variables": {"found": "{{args.city}}"}}}]},
            {"name": "below", "type": "SubWorkflowNode", "workflow_id": "sub", "inputs": {"x": "{{inputs.question}}"}}
        ],
        "edges": [["START", "agent"], ["agent", "below"], ["below", "END"]]
    })
    .to_string()
}

struct Sub(Value);

#[async_trait]
impl WorkflowSource for Sub {
    async fn load(
        &self,
        id: &str,
        _version: Option<i32>,
    ) -> Result<Arc<Workflow>, WorkflowSourceError> {
        let document = json!({
            "id": id, "trace": self.0,
            "nodes": [{"name": "inner", "type": "SetVariableNode", "variables": {"y": "sub-{{inputs.x}}"}}],
            "edges": [["START", "inner"], ["inner", "END"]]
        });
        Ok(Arc::new(
            Workflow::parse(&document.to_string(), id).expect("valid"),
        ))
    }
}

async fn run(captured: bool, trace: Value, below: Value) -> Finished {
    let mut case = Case::new(&document(&trace));
    case.capture_content = captured;
    case.workflows = Arc::new(Sub(below));
    let finished = case.run().await;
    assert_eq!(finished.outcome.status, RunStatus::Succeeded);
    // Only what is told about the run changes.
    let outputs = finished.outcome.outputs.to_string();
    assert!(outputs.contains("sub-planted-content"), "{outputs}");
    finished
}

fn tells(finished: &Finished) -> Vec<String> {
    let spans = finished.trace.spans.iter();
    let telling = spans.filter(|span| format!("{span:?}").contains(PLANTED));
    telling.map(|span| span.name.to_string()).collect()
}

#[tokio::test]
async fn spans_tell_content_unless_it_is_not_wanted() {
    let finished = run(true, json!({}), json!(null)).await;
    let telling = tells(&finished);
    for name in [
        "workflow.execution",
        "agent",
        "invoke_agent agent",
        "chat offline:agent",
        "execute_tool look",
        "inner",
    ] {
        assert!(
            telling.iter().any(|told| told == name),
            "{name} in {telling:?}"
        );
    }
}

#[tokio::test]
async fn no_span_tells_content_where_it_is_off() {
    let off = json!({"capture_content": false});
    for (captured, trace, below) in [
        (false, json!({}), json!({"capture_content": true})),
        (true, off, json!({"capture_content": true})),
    ] {
        let finished = run(captured, trace, below).await;
        assert_eq!(tells(&finished), [""; 0]);
        let names = finished.trace.spans.iter();
        assert!(names.clone().any(|span| span.name == "chat offline:agent"));
        let calls = names.filter(|span| span.name == "chat offline:agent");
        for call in calls {
            assert!(support::attribute(call, key::GEN_AI_USAGE_INPUT).is_some());
        }
    }
}

#[tokio::test]
async fn a_workflow_that_tells_nothing_tells_nothing_below_another_one() {
    let finished = run(true, json!({}), json!({"capture_content": false})).await;
    let inner = finished.trace.one("inner");
    assert!(support::attribute(inner, key::NODE_OUTPUT).is_none());
    let telling = tells(&finished);
    assert!(telling.iter().any(|told| told == "agent"), "{telling:?}");
    assert!(!telling.iter().any(|told| told == "inner"), "{telling:?}");
}

#[test]
fn a_wrong_trace_section_is_told() {
    let problems = |trace: Value| {
        let problems = Workflow::parse(&document(&trace), "x").unwrap_err();
        problems
            .0
            .into_iter()
            .map(|problem| format!("{}: {}", problem.path, problem.message))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        problems(json!({"capture_content": "no"})),
        ["trace.capture_content: must be true or false, not text"]
    );
    assert_eq!(
        problems(json!({"capture_contents": false})),
        [
            "trace.capture_contents: there is no key `capture_contents` here (did you mean `capture_content`?)"
        ]
    );
    assert_eq!(
        problems(json!(false)),
        ["trace: must be an object, not true or false"]
    );
}
