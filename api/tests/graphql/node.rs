use orcheo_store::{
    ArtifactRecord,
    testing::{Trace, ended, span_id},
};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::Api;

#[tokio::test]
async fn every_id_leads_back_to_its_object() {
    let api = Api::new().await;
    let source = "id: flow\nname: Flow\nnodes: [{name: a, type: SetVariableNode, variables: {x: 1}}]\nedges: [[START, a], [a, END]]";
    let save = "mutation ($source: String) { saveWorkflow(input: { source: $source }) { problems { message } } }";
    let saved = api.query(save, json!({ "source": source })).await;
    assert_eq!(saved["saveWorkflow"]["problems"], json!([]));
    let trace = Trace::begun(api.store()).await;
    trace.spans([ended(1)]).await;
    trace
        .artifact(ArtifactRecord {
            artifact_id: Uuid::now_v7(),
            span_id: span_id(1),
            name: "a".into(),
            media_type: "text/plain".into(),
            size_bytes: 0,
            sha256: [0; 32],
            location: "nowhere".into(),
            created_ns: 0,
        })
        .await;
    let query = "query ($id: ID!) { execution(executionId: $id) { id workflow { id } rootSpan { id } artifacts { nodes { id } } } }";
    let data = api
        .query(query, json!({ "id": trace.run.execution_id }))
        .await;
    let execution = &data["execution"];
    let objects = [
        ("Execution", &execution["id"]),
        ("Workflow", &execution["workflow"]["id"]),
        ("Span", &execution["rootSpan"]["id"]),
        ("Artifact", &execution["artifacts"]["nodes"][0]["id"]),
    ];
    let query = "query ($id: ID!) { node(id: $id) { __typename id ... on Span { name attributes } ... on Artifact { span { name } } } }";
    for (kind, id) in objects {
        let node = &api.query(query, json!({ "id": id })).await["node"];
        assert_eq!((&node["__typename"], &node["id"]), (&json!(kind), id));
        if kind == "Span" {
            assert_eq!(
                (&node["name"], &node["attributes"]),
                (&json!("span 1"), &json!({}))
            );
        }
    }
}

#[tokio::test]
async fn an_id_whose_object_is_gone_is_null() {
    let api = Api::new().await;
    let trace = Trace::begun(api.store()).await;
    trace.spans([ended(1)]).await;
    let query = "query ($id: ID!) { execution(executionId: $id) { id rootSpan { id } } }";
    let data = api
        .query(query, json!({ "id": trace.run.execution_id }))
        .await;
    let ids: [Value; 2] = [
        data["execution"]["id"].clone(),
        data["execution"]["rootSpan"]["id"].clone(),
    ];
    let mut connection = api.store().write().await.unwrap();
    orcheo_store::models::executions::Execution::delete(&mut connection, trace.run.execution_id)
        .await
        .unwrap();
    for id in ids {
        let data = api
            .query(
                "query ($id: ID!) { node(id: $id) { id } }",
                json!({ "id": id }),
            )
            .await;
        assert_eq!(data["node"], json!(null));
    }
}
