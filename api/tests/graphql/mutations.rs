use orcheo_store::{
    ExecutionStatus,
    models::executions::{Claimable, Execution},
    testing::{Trace, ended},
};
use serde_json::{Value, json};

use crate::{assert_answer, support::Api};

const FLOW: &str = "id: flow
name: Flow
nodes: [{name: a, type: SetVariableNode, variables: {x: 1}}]
edges: [[START, a], [a, END]]
inputs: {name: Ada, times: 2}
";
const SAVE: &str = "mutation ($input: SaveWorkflowInput!) { saveWorkflow(input: $input) {
    workflow { workflowId version } problems { path line column message } } }";
const START: &str = "mutation ($input: StartExecutionInput!) { startExecution(input: $input) {
    execution { executionId traceId status inputs workflowVersion threadId externalId cursor } } }";
const CANCEL: &str = "mutation ($id: ID!) { cancelExecution(input: { executionId: $id }) { execution { status finishedAt } } }";
const DELETE: &str =
    "mutation ($id: ID!) { deleteExecution(input: { executionId: $id }) { deletedExecutionId } }";

async fn with_flow() -> Api {
    let api = Api::new().await;
    api.query(SAVE, json!({ "input": { "source": FLOW } }))
        .await;
    api
}

#[tokio::test]
async fn everything_wrong_with_a_definition_is_told_with_its_place_and_nothing_is_saved() {
    let api = Api::new().await;
    let source = "id: flow\nnodes:\n  - {name: a, type: NoSuchNode}\n  - {name: a, type: SetVariableNode}\nedges: [[START, b]]\n";
    let data = api
        .query(SAVE, json!({ "input": { "source": source } }))
        .await;
    assert_eq!(data["saveWorkflow"]["workflow"], json!(null));
    let problems = data["saveWorkflow"]["problems"].as_array().unwrap();
    assert!(problems.len() >= 3, "{problems:#?}");
    assert!(
        problems.iter().all(
            |problem| problem["line"].as_i64().unwrap() >= 1 && problem["message"] != json!("")
        )
    );
    assert!(
        problems.iter().any(|problem| problem["line"] == json!(3)),
        "the unknown type"
    );
    let listed = api
        .query("{ workflows { nodes { workflowId } } }", json!({}))
        .await;
    assert_eq!(listed["workflows"]["nodes"], json!([]));
}

#[tokio::test]
async fn a_definition_may_be_json() {
    let api = Api::new().await;
    let node = json!({ "name": "a", "type": "SetVariableNode", "variables": { "x": 1 } });
    let definition =
        json!({ "id": "j", "name": "J", "nodes": [node], "edges": [["START", "a"], ["a", "END"]] });
    let data = api
        .query(SAVE, json!({ "input": { "definition": definition } }))
        .await;
    assert_eq!(
        data["saveWorkflow"],
        json!({ "workflow": { "workflowId": "j", "version": 1 }, "problems": [] })
    );
    for input in [
        json!({}),
        json!({ "source": FLOW, "definition": definition }),
    ] {
        assert_eq!(
            api.error(SAVE, json!({ "input": input })).await.0,
            "BAD_USER_INPUT"
        );
    }
}

#[tokio::test]
async fn a_started_execution_is_queued_with_redacted_inputs_and_raw_ones_for_its_worker() {
    let api = with_flow().await;
    let inputs = json!({ "times": 3, "api_key": "sk-live-4242424242424242", "note": "hi" });
    let input = json!({ "workflowId": "flow", "inputs": inputs, "threadId": "t-1", "externalId": "their-1" });
    let data = api.query(START, json!({ "input": input })).await;
    assert_answer!(data);
    assert!(!data.to_string().contains("4242"));

    let mut connection = api.store().write().await.unwrap();
    let workspace = api.store().workspace();
    let minute = std::time::Duration::from_secs(60);
    let claims = Execution::claim(
        &mut connection,
        workspace,
        "w",
        minute,
        Claimable::Queued,
        10,
    )
    .await
    .unwrap();
    assert_eq!(claims.len(), 1);
    assert_eq!(claims[0].payload.inputs.parse().unwrap(), inputs);
}

#[tokio::test]
async fn a_run_that_cannot_be_meant_is_refused_and_nothing_is_queued() {
    let api = with_flow().await;
    let code = async |input: Value| api.error(START, json!({ "input": input })).await.0;
    assert_eq!(code(json!({ "workflowId": "nowhere" })).await, "NOT_FOUND");
    assert_eq!(
        code(json!({ "workflowId": "flow", "version": 9 })).await,
        "NOT_FOUND"
    );
    for inputs in [json!([1]), json!("x"), json!(1)] {
        assert_eq!(
            code(json!({ "workflowId": "flow", "inputs": inputs })).await,
            "BAD_USER_INPUT"
        );
    }
    assert_eq!(
        code(json!({ "workflowId": "flow", "threadId": "x".repeat(300) })).await,
        "BAD_USER_INPUT"
    );
    let data = api
        .query("{ executions { nodes { id } } }", json!({}))
        .await;
    assert_eq!(data["executions"]["nodes"], json!([]));
}

#[tokio::test]
async fn a_queued_execution_is_cancelled_at_once_and_asking_again_is_no_error() {
    let api = with_flow().await;
    let started = api
        .query(START, json!({ "input": { "workflowId": "flow" } }))
        .await;
    let id = json!({ "id": started["startExecution"]["execution"]["executionId"] });
    for _ in 0..2 {
        let data = api.query(CANCEL, id.clone()).await;
        assert_eq!(
            data["cancelExecution"]["execution"]["status"],
            json!("CANCELLED")
        );
        assert_ne!(
            data["cancelExecution"]["execution"]["finishedAt"],
            json!(null)
        );
    }
    assert_eq!(
        api.error(CANCEL, json!({ "id": "nowhere" })).await.0,
        "NOT_FOUND"
    );
}

#[tokio::test]
async fn a_running_execution_is_left_to_its_worker_and_cannot_be_deleted() {
    let api = Api::new().await;
    let trace = Trace::begun(api.store()).await;
    let id = json!({ "id": trace.run.execution_id });
    let data = api.query(CANCEL, id.clone()).await;
    assert_eq!(
        data["cancelExecution"]["execution"],
        json!({ "status": "RUNNING", "finishedAt": null })
    );
    let expected = ("CONFLICT".to_owned(), Some("STILL_RUNNING".to_owned()));
    assert_eq!(api.error(DELETE, id.clone()).await, expected);

    trace.finish(ExecutionStatus::Cancelled, None).await;
    api.query(DELETE, id.clone()).await;
    assert_eq!(api.error(DELETE, id).await.0, "NOT_FOUND");
}

#[tokio::test]
async fn a_deleted_execution_is_gone_with_its_trace_and_told_by_its_opaque_id() {
    let api = Api::new().await;
    let trace = Trace::begun(api.store()).await;
    trace.spans([ended(1)]).await;
    trace.finish(ExecutionStatus::Succeeded, None).await;
    let id = json!({ "id": trace.run.execution_id });
    let read = "query ($id: ID!) { execution(executionId: $id) { id } }";
    let opaque = api.query(read, id.clone()).await["execution"]["id"].clone();
    assert_eq!(
        api.query(DELETE, id.clone()).await["deleteExecution"]["deletedExecutionId"],
        opaque
    );
    assert_eq!(api.query(read, id).await["execution"], json!(null));
    assert_eq!(
        api.query(
            "query ($id: ID!) { node(id: $id) { id } }",
            json!({ "id": opaque })
        )
        .await["node"],
        json!(null)
    );
}
