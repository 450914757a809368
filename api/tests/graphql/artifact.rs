use orcheo_store::{
    ArtifactRecord,
    testing::{Trace, below, ended, span_id},
};
use serde_json::json;
use uuid::Uuid;

use crate::{assert_answer, support::Api};

fn artifact(number: u32, name: &str) -> ArtifactRecord {
    ArtifactRecord {
        artifact_id: Uuid::now_v7(),
        span_id: span_id(number),
        name: name.into(),
        media_type: "text/csv".into(),
        size_bytes: 5_000_000_000,
        sha256: [0xab; 32],
        location: format!("nowhere/{name}"),
        created_ns: chrono::Utc::now().timestamp_nanos_opt().unwrap(),
    }
}

#[tokio::test]
async fn artifacts_are_told_by_their_execution_and_by_their_span() {
    let api = Api::new().await;
    let trace = Trace::begun(api.store()).await;
    trace.spans([below(1, 2), ended(1)]).await;
    for (span, name) in [(2, "a.csv"), (2, "b.csv"), (1, "c.csv")] {
        trace.artifact(artifact(span, name)).await;
    }
    let query = "query ($id: ID!) { execution(executionId: $id) {
        artifacts(first: 1) { edges { cursor node { id artifactId name mediaType sizeBytes sha256 createdAt revision downloadUrl
            execution { status } span { spanId } } } pageInfo { hasNextPage endCursor } }
        spans { nodes { spanId artifacts { name } } } } }";
    let data = api
        .query(query, json!({ "id": trace.run.execution_id }))
        .await;
    assert_answer!(data);
    let after = &data["execution"]["artifacts"]["pageInfo"]["endCursor"];
    let rest = "query ($id: ID!, $after: String) { execution(executionId: $id) { artifacts(after: $after) { nodes { name } } } }";
    let data = api
        .query(
            rest,
            json!({ "id": trace.run.execution_id, "after": after }),
        )
        .await;
    assert_eq!(
        data["execution"]["artifacts"]["nodes"],
        json!([{ "name": "b.csv" }, { "name": "c.csv" }])
    );
}
