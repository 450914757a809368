//! Orcheo's own graphs run unchanged.

mod support;

use orcheo_engine::attributes as key;
use serde_json::json;
use support::Case;

const WELCOME: &str = include_str!("fixtures/canvas_welcome.json");
const IF_ELSE: &str = include_str!("fixtures/if_else_orcheo_graph.json");

#[tokio::test]
async fn the_if_else_graph_takes_the_high_path_above_ten() {
    let finished = Case::new(IF_ELSE).run().await;
    finished.trace.assert(
        "
        workflow.execution: succeeded
          start: succeeded
          check_value: succeeded
          high_value: succeeded
        ",
    );
    assert_eq!(
        finished.outcome.outputs,
        json!({ "high_value": { "value": 15, "result": "High value path: value is > 10", "path_taken": "high" } })
    );
    assert_eq!(
        finished.trace.json("check_value", key::NODE_OUTPUT),
        json!({ "branch": "true", "conditions": [true] })
    );
}

#[tokio::test]
async fn the_if_else_graph_takes_the_low_path_at_ten() {
    let finished = Case::new(&IF_ELSE.replace("15", "10")).run().await;
    assert_eq!(finished.outcome.outputs["low_value"]["path_taken"], "low");
}

#[tokio::test]
async fn the_welcome_graph_greets_its_default_and_its_input() {
    let finished = Case::new(WELCOME).run().await;
    finished.trace.assert(
        "
        workflow.execution: succeeded
          greet_user: succeeded
        ",
    );
    assert_eq!(
        finished.trace.json("greet_user", key::NODE_INPUT)["input_data"],
        json!({ "name": "Ada" })
    );
    let greeted = Case::new(WELCOME)
        .inputs(json!({ "name": "Grace" }))
        .run()
        .await
        .outcome
        .outputs;
    assert_eq!(
        greeted,
        json!({ "greet_user": { "result": { "message": "Grace" } } })
    );
}
