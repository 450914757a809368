use orcheo_store::{
    ExecutionStatus,
    models::workflows::Workflow,
    testing::{Trace, ended},
};
use serde_json::{Value, json};

use crate::{assert_answer, support::Api};

fn source(id: &str, name: &str) -> String {
    format!(
        "id: {id}\nname: {name}\nnodes: [{{name: a, type: SetVariableNode, variables: {{x: 1}}}}]\nedges: [[START, a], [a, END]]\n"
    )
}

async fn save(api: &Api, id: &str, name: &str) -> Value {
    let save = "mutation ($source: String) { saveWorkflow(input: { source: $source }) {
        workflow { workflowId version } problems { message } } }";
    let data = api.query(save, json!({ "source": source(id, name) })).await;
    assert_eq!(data["saveWorkflow"]["problems"], json!([]));
    data["saveWorkflow"]["workflow"].clone()
}

const ALL_FIELDS: &str = "query ($id: String!) { workflow(workflowId: $id) {
    id workflowId name version definition source external createdAt updatedAt
    versions { edges { cursor node { workflowId version name definition source createdAt } } pageInfo { hasNextPage } }
    executions { nodes { status } } recentExecutions { status }
    stats { executions succeeded failed unfinished meanDurationMs tokenUsage { total } } } }";

#[tokio::test]
async fn every_field_of_a_workflow_is_told() {
    let api = Api::new().await;
    assert_eq!(
        save(&api, "flow", "Flow").await,
        json!({ "workflowId": "flow", "version": 1 })
    );
    assert_eq!(
        save(&api, "flow", "Flow renamed").await,
        json!({ "workflowId": "flow", "version": 2 })
    );
    let done = Trace::begun(api.store()).await;
    done.spans([ended(1)]).await;
    done.finish(ExecutionStatus::Succeeded, None).await;
    Trace::claimed(api.store()).await;
    assert_answer!(api.query(ALL_FIELDS, json!({ "id": "flow" })).await);
}

#[tokio::test]
async fn a_workflow_of_another_engine_has_no_definition() {
    let api = Api::new().await;
    let mut connection = api.store().write().await.unwrap();
    Workflow::ensure_external(&mut connection, api.store().workspace(), "theirs", "Theirs")
        .await
        .unwrap();
    assert_answer!(api.query(ALL_FIELDS, json!({ "id": "theirs" })).await);
    let start =
        r#"mutation { startExecution(input: { workflowId: "theirs" }) { execution { id } } }"#;
    assert_eq!(api.error(start, json!({})).await.0, "CONFLICT");
}

#[tokio::test]
async fn the_same_source_is_the_same_version() {
    let api = Api::new().await;
    save(&api, "flow", "One").await;
    save(&api, "flow", "Two").await;
    assert_eq!(
        save(&api, "flow", "One").await,
        json!({ "workflowId": "flow", "version": 1 })
    );
    let data = api
        .query(
            "{ workflow(workflowId: \"flow\") { name version versions { nodes { version } } } }",
            json!({}),
        )
        .await;
    let versions = json!({ "nodes": [{ "version": 2 }, { "version": 1 }] });
    assert_eq!(
        data["workflow"],
        json!({ "name": "One", "version": 1, "versions": versions })
    );
}

#[tokio::test]
async fn workflows_are_listed_by_name_searched_and_paged() {
    let api = Api::new().await;
    for (id, name) in [
        ("c", "Alpha"),
        ("a", "Beta"),
        ("b", "Beta"),
        ("d", "100% done"),
    ] {
        save(&api, id, name).await;
    }
    let query =
        "query ($search: String, $first: Int, $after: String, $last: Int, $before: String) {
        workflows(search: $search, first: $first, after: $after, last: $last, before: $before) {
        nodes { workflowId } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }";
    let page = async |variables: Value| {
        let data = api.query(query, variables).await;
        let nodes = data["workflows"]["nodes"].as_array().unwrap().clone();
        let ids: Vec<String> = nodes
            .iter()
            .map(|node| node["workflowId"].as_str().unwrap().to_owned())
            .collect();
        (ids, data["workflows"]["pageInfo"].clone())
    };
    assert_eq!(page(json!({})).await.0, ["d", "c", "a", "b"]);
    assert_eq!(page(json!({ "search": "BETA" })).await.0, ["a", "b"]);
    assert_eq!(page(json!({ "search": "%" })).await.0, ["d"]);
    assert_eq!(page(json!({ "search": "nowhere" })).await.0, [""; 0]);
    let (first, info) = page(json!({ "first": 3 })).await;
    assert_eq!(
        (first, &info["hasNextPage"]),
        (vec!["d".into(), "c".into(), "a".into()], &json!(true))
    );
    assert_eq!(
        page(json!({ "first": 3, "after": info["endCursor"] }))
            .await
            .0,
        ["b"]
    );
    let (last, info) = page(json!({ "last": 1 })).await;
    assert_eq!(last, ["b"]);
    assert_eq!(
        page(json!({ "last": 2, "before": info["startCursor"] }))
            .await
            .0,
        ["c", "a"]
    );
}

#[tokio::test]
async fn a_list_of_workflows_takes_one_statement_a_relation() {
    let api = Api::new().await;
    for id in ["a", "b", "flow"] {
        save(&api, id, id).await;
    }
    Trace::claimed(api.store()).await;
    let query = "{ workflows { nodes { definition versions { nodes { version } } executions { nodes { status } }
        recentExecutions(limit: 5) { status } stats { executions } } } }";
    let (data, statements) = api.counted(query, json!({})).await;
    // The list; current versions, versions, and of executions a page, the recent ones, and the sums. The page and the recent
    // ones are the same loader with other pages.
    assert_eq!(statements, 6);
    assert_eq!(
        data["workflows"]["nodes"][2]["stats"]["executions"],
        json!(1)
    );
    assert_eq!(data["workflows"]["nodes"][0]["recentExecutions"], json!([]));
}

#[tokio::test]
async fn the_catalogue_of_node_types_is_sorted_and_has_schemas() {
    let api = Api::new().await;
    let data = api
        .query(
            "{ nodeTypes { name aliases decides category description effects schema } }",
            json!({}),
        )
        .await;
    let types = data["nodeTypes"].as_array().unwrap();
    assert!(types.is_sorted_by_key(|kind| kind["name"].as_str().unwrap()));
    let http = types
        .iter()
        .find(|kind| kind["name"] == json!("HttpRequestNode"))
        .unwrap();
    assert_eq!(
        (&http["category"], &http["effects"]),
        (&json!("HTTP"), &json!(true))
    );
    assert!(types.iter().all(|kind| kind["schema"].is_object()));
    let deciders: Vec<_> = types
        .iter()
        .filter(|kind| kind["decides"] == json!(true))
        .map(|kind| (&kind["name"], &kind["aliases"]))
        .collect();
    assert_eq!(deciders.len(), 3);
    assert_eq!(
        deciders[0],
        (&json!("IfElseEdge"), &json!(["IfElse", "IfElseNode"]))
    );
}
