use orcheo_store::{
    ExecutionFailure, ExecutionStatus, SpanRecord, StatusCode,
    testing::{Trace, below, ended, span, usage},
};
use serde_json::json;

use crate::{assert_answer, support::Api};

const ALL_FIELDS: &str = "query ($id: ID!) { execution(executionId: $id) {
    id executionId externalId workflow { workflowId } workflowVersion status traceId threadId queuedAt startedAt finishedAt
    durationMs inputs outputs error { code message nodeId } spanCount errorCount cursor rootSpan { spanId }
    rootSpans { nodes { spanId } } span(spanId: \"0000000000000002\") { name }
    spans { edges { cursor node { spanId } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } }
    nodes { nodeId } tokenUsage { input output total } tokenUsageByModel { model } tokenUsageByNode { nodeId }
    artifacts { nodes { name } } externalLinks { name url }
} }";

#[tokio::test]
async fn every_field_of_a_finished_execution_is_told() {
    let api = Api::new().await;
    let trace = Trace::begun(api.store()).await;
    let failed = SpanRecord {
        status_code: StatusCode::Error,
        node_id: Some("ask".into()),
        usage: Some(usage(10, 5)),
        ..below(1, 2)
    };
    trace.spans([failed, ended(1)]).await;
    let failure = ExecutionFailure {
        code: "model_refused".into(),
        message: "no".into(),
        node_id: Some("ask".into()),
    };
    trace.finish(ExecutionStatus::Failed, Some(failure)).await;
    let mut data = api
        .query(ALL_FIELDS, json!({ "id": trace.run.execution_id }))
        .await;
    let link = &mut data["execution"]["externalLinks"][0]["url"];
    assert_eq!(
        *link,
        json!(format!(
            "http://localhost:16686/trace/{}",
            trace.run.trace_id
        ))
    );
    *link = json!("[link]");
    assert_answer!(data);
}

#[tokio::test]
async fn every_field_of_a_queued_execution_is_told() {
    let api = Api::new().await;
    let trace = Trace::claimed(api.store()).await;
    let query = ALL_FIELDS.replace("externalLinks { name url }", "");
    assert_answer!(
        api.query(&query, json!({ "id": trace.run.execution_id }))
            .await
    );
}

#[tokio::test]
async fn the_cursor_is_not_newer_than_what_was_read_before_it() {
    let api = Api::new().await;
    let trace = Trace::begun(api.store()).await;
    trace.spans([ended(1)]).await;
    let id = json!({ "id": trace.run.execution_id });
    let cursor = |data: &serde_json::Value| data["execution"]["cursor"].clone();
    let query = "query ($id: ID!) { execution(executionId: $id) { cursor } }";
    let before = cursor(&api.query(query, id.clone()).await);
    assert_eq!(cursor(&api.query(query, id.clone()).await), before);
    trace.spans([span(2)]).await;
    assert_ne!(cursor(&api.query(query, id.clone()).await), before);

    // Read through a span, the execution comes after it; both tell the same commit here, as nothing happens in between.
    let through = "query ($id: ID!) { execution(executionId: $id) { cursor spans { nodes { execution { cursor } } } } }";
    let data = api.query(through, id).await;
    for node in data["execution"]["spans"]["nodes"].as_array().unwrap() {
        assert_eq!(node["execution"]["cursor"], data["execution"]["cursor"]);
    }
}

#[tokio::test]
async fn an_execution_is_found_by_our_id_by_its_trace_and_by_another_engines_id() {
    use orcheo_store::{
        models::executions::{Execution, NewExecution},
        testing::new_execution,
    };
    let api = Api::new().await;
    let mut connection = api.store().write().await.unwrap();
    let mut enqueue = async || {
        let new = NewExecution {
            external_id: Some("run-7".into()),
            ..new_execution()
        };
        Execution::enqueue(&mut connection, api.store().workspace(), new)
            .await
            .unwrap()
    };
    enqueue().await;
    let newest = enqueue().await;
    let by_id = "query ($id: ID!) { execution(executionId: $id) { executionId } }";
    let by_trace = "query ($id: String!) { executionByTraceId(traceId: $id) { executionId } }";
    let expected = json!({ "executionId": newest.execution_id });
    assert_eq!(
        api.query(by_id, json!({ "id": newest.execution_id })).await["execution"],
        expected
    );
    assert_eq!(
        api.query(by_id, json!({ "id": "run-7" })).await["execution"],
        expected
    );
    let upper = newest.trace_id.to_string().to_uppercase();
    assert_eq!(
        api.query(by_trace, json!({ "id": upper })).await["executionByTraceId"],
        expected
    );

    assert_eq!(
        api.query(by_id, json!({ "id": "run-8" })).await["execution"],
        json!(null)
    );
    let unknown = json!({ "id": uuid::Uuid::now_v7() });
    assert_eq!(api.query(by_id, unknown).await["execution"], json!(null));
    let unknown = json!({ "id": "0".repeat(32) });
    assert_eq!(
        api.query(by_trace, unknown).await["executionByTraceId"],
        json!(null)
    );
}

#[tokio::test]
async fn a_list_of_executions_is_filtered_by_everything_it_offers() {
    let api = Api::new().await;
    let failed = Trace::begun(api.store()).await;
    failed
        .spans([SpanRecord {
            status_code: StatusCode::Error,
            ..ended(1)
        }])
        .await;
    failed.finish(ExecutionStatus::Failed, None).await;
    let running = Trace::begun(api.store()).await;
    let query = "query ($filter: ExecutionFilter) { executions(filter: $filter) { nodes { executionId } } }";
    let found = async |filter: serde_json::Value| {
        let data = api.query(query, json!({ "filter": filter })).await;
        let nodes = data["executions"]["nodes"].as_array().unwrap().clone();
        nodes
            .into_iter()
            .map(|node| node["executionId"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let [failed, running] = [failed, running].map(|trace| trace.run.execution_id.to_string());
    assert_eq!(found(json!(null)).await, [running.clone(), failed.clone()]);
    assert_eq!(
        found(json!({ "status": ["FAILED", "SUCCEEDED"] })).await,
        std::slice::from_ref(&failed)
    );
    assert_eq!(found(json!({ "status": [] })).await, [""; 0]);
    assert_eq!(
        found(json!({ "hasError": true })).await,
        std::slice::from_ref(&failed)
    );
    assert_eq!(
        found(json!({ "hasError": false })).await,
        std::slice::from_ref(&running)
    );
    assert_eq!(
        found(json!({ "workflowId": "flow" })).await,
        [running.clone(), failed.clone()]
    );
    assert_eq!(found(json!({ "workflowId": "other" })).await, [""; 0]);
    assert_eq!(found(json!({ "threadId": "t" })).await, [""; 0]);
    assert_eq!(
        found(json!({ "queuedBefore": "2020-01-01T00:00:00Z" })).await,
        [""; 0]
    );
    let since =
        json!({ "queuedSince": "2020-01-01T00:00:00Z", "queuedBefore": "2100-01-01T00:00:00Z" });
    assert_eq!(found(since).await, [running, failed]);
}

#[tokio::test]
async fn a_list_of_executions_takes_one_statement_a_relation() {
    let api = Api::new().await;
    for _ in 0..5 {
        let trace = Trace::begun(api.store()).await;
        trace.spans([below(1, 2), ended(1)]).await;
    }
    let query = "{ executions { nodes {
        status tokenUsage { input } rootSpan { name } rootSpans { nodes { children { nodes { name } } } }
        spans(filter: { state: ENDED }) { nodes { name } } nodes { nodeId } tokenUsageByModel { model }
        tokenUsageByNode { nodeId } artifacts { nodes { name } } workflow { name }
    } } }";
    // The list; root, root spans, children, spans, node runs, usage by model and by node, artifacts, workflows.
    let (data, statements) = api.counted(query, json!({})).await;
    assert_eq!(statements, 10);
    for node in data["executions"]["nodes"].as_array().unwrap() {
        assert_eq!(
            node["rootSpans"]["nodes"][0]["children"]["nodes"],
            json!([{ "name": "span 2" }])
        );
        assert_eq!(node["spans"]["nodes"].as_array().unwrap().len(), 2);
    }
}
