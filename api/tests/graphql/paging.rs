use orcheo_store::testing::{Trace, below, ended, span_id};
use serde_json::{Value, json};

use crate::support::Api;

async fn wide(api: &Api) -> Trace {
    let trace = Trace::begun(api.store()).await;
    // All start at once, so that only the id sorts them.
    let mut spans: Vec<_> = (2..12).map(|number| below(1, number)).collect();
    for span in &mut spans {
        span.start_ns = 2_000;
    }
    trace.spans(spans.into_iter().chain([ended(1)])).await;
    trace
}

const SPANS: &str = "query ($id: ID!, $first: Int, $after: String, $last: Int, $before: String) {
    execution(executionId: $id) { page: spans(first: $first, after: $after, last: $last, before: $before) {
        nodes { spanId } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } } }";

const CHILDREN: &str = "query ($id: ID!, $first: Int, $after: String) { execution(executionId: $id) { rootSpan {
    page: children(first: $first, after: $after) { nodes { spanId } pageInfo { hasNextPage endCursor } } } } }";

const DESCENDANTS: &str = "query ($id: ID!, $first: Int, $after: String) { execution(executionId: $id) { rootSpan {
    page: descendants(first: $first, after: $after) { nodes { spanId } pageInfo { hasNextPage endCursor } } } } }";

async fn forwards(api: &Api, query: &str, id: &Value) -> Vec<String> {
    let (mut all, mut after) = (Vec::new(), json!(null));
    loop {
        let data = api
            .query(query, json!({ "id": id, "first": 3, "after": after }))
            .await;
        let execution = &data["execution"];
        let page = execution
            .get("page")
            .unwrap_or(&execution["rootSpan"]["page"]);
        let nodes = page["nodes"].as_array().unwrap();
        all.extend(
            nodes
                .iter()
                .map(|node| node["spanId"].as_str().unwrap().to_owned()),
        );
        if page["pageInfo"]["hasNextPage"] == json!(false) {
            return all;
        }
        assert_eq!(nodes.len(), 3);
        after = page["pageInfo"]["endCursor"].clone();
    }
}

#[tokio::test]
async fn pages_forwards_give_every_span_once() {
    let api = Api::new().await;
    let id = json!(wide(&api).await.run.execution_id);
    let all: Vec<String> = (1..12).map(|number| span_id(number).to_string()).collect();
    assert_eq!(forwards(&api, SPANS, &id).await, all);
    assert_eq!(forwards(&api, CHILDREN, &id).await, all[1..]);
    assert_eq!(forwards(&api, DESCENDANTS, &id).await, all[1..]);
}

#[tokio::test]
async fn pages_backwards_give_every_span_once() {
    let api = Api::new().await;
    let id = json!(wide(&api).await.run.execution_id);
    let (mut all, mut before) = (Vec::new(), json!(null));
    loop {
        let data = api
            .query(SPANS, json!({ "id": id, "last": 4, "before": before }))
            .await;
        let page = &data["execution"]["page"];
        let nodes = page["nodes"].as_array().unwrap();
        all.splice(
            0..0,
            nodes
                .iter()
                .map(|node| node["spanId"].as_str().unwrap().to_owned()),
        );
        if page["pageInfo"]["hasPreviousPage"] == json!(false) {
            break;
        }
        before = page["pageInfo"]["startCursor"].clone();
    }
    assert_eq!(
        all,
        (1..12)
            .map(|number| span_id(number).to_string())
            .collect::<Vec<_>>()
    );
}

#[tokio::test]
async fn the_executions_are_paged_both_ways() {
    let api = Api::new().await;
    let mut ids = Vec::new();
    for _ in 0..5 {
        ids.insert(0, json!(Trace::claimed(api.store()).await.run.execution_id));
    }
    let query = "query ($first: Int, $after: String, $last: Int, $before: String) {
        executions(first: $first, after: $after, last: $last, before: $before) {
        edges { cursor node { executionId } } pageInfo { hasNextPage hasPreviousPage } } }";
    let page = async |variables: Value| {
        let data = api.query(query, variables).await;
        let edges = data["executions"]["edges"].as_array().unwrap().clone();
        let ids: Vec<Value> = edges
            .iter()
            .map(|edge| edge["node"]["executionId"].clone())
            .collect();
        let cursors: Vec<Value> = edges.iter().map(|edge| edge["cursor"].clone()).collect();
        let info = &data["executions"]["pageInfo"];
        (
            ids,
            cursors,
            info["hasPreviousPage"] == json!(true),
            info["hasNextPage"] == json!(true),
        )
    };
    let (first, cursors, previous, next) = page(json!({ "first": 2 })).await;
    assert_eq!((&first[..], previous, next), (&ids[..2], false, true));
    let (second, _, previous, next) = page(json!({ "first": 3, "after": cursors[1] })).await;
    assert_eq!((&second[..], previous, next), (&ids[2..], true, false));
    let (last, cursors, previous, next) = page(json!({ "last": 2 })).await;
    assert_eq!((&last[..], previous, next), (&ids[3..], true, false));
    let (before, _, previous, next) = page(json!({ "last": 2, "before": cursors[0] })).await;
    assert_eq!((&before[..], previous, next), (&ids[1..3], true, true));
}

#[tokio::test]
async fn arguments_that_cannot_be_meant_are_refused_with_a_reason() {
    let api = Api::new().await;
    let id = json!(wide(&api).await.run.execution_id);
    let other = json!(wide(&api).await.run.execution_id);
    let cursors = "query ($id: ID!) { execution(executionId: $id) { cursor spans(first: 1) { pageInfo { endCursor } } }
        executions { pageInfo { endCursor } } }";
    let own = api.query(cursors, json!({ "id": id })).await;
    let others = api.query(cursors, json!({ "id": other })).await;
    let end = |data: &Value| data["execution"]["spans"]["pageInfo"]["endCursor"].clone();

    let reason = async |arguments: Value| {
        let mut variables = json!({ "id": id });
        variables
            .as_object_mut()
            .unwrap()
            .extend(arguments.as_object().unwrap().clone());
        let (code, reason) = api.error(SPANS, variables).await;
        assert_eq!(code, "BAD_USER_INPUT");
        reason.unwrap()
    };
    assert_eq!(
        reason(json!({ "first": 1, "last": 1 })).await,
        "FIRST_AND_LAST"
    );
    assert_eq!(reason(json!({ "first": -1 })).await, "NEGATIVE_PAGE_SIZE");
    assert_eq!(reason(json!({ "last": 10_001 })).await, "PAGE_TOO_LARGE");
    assert_eq!(
        reason(json!({ "after": "nonsense" })).await,
        "MALFORMED_CURSOR"
    );
    assert_eq!(
        reason(json!({ "after": own["execution"]["cursor"] })).await,
        "WRONG_CURSOR_KIND"
    );
    assert_eq!(
        reason(json!({ "after": own["executions"]["pageInfo"]["endCursor"] })).await,
        "WRONG_CURSOR_KIND"
    );
    assert_eq!(
        reason(json!({ "before": end(&others) })).await,
        "OTHER_EXECUTION"
    );
    let data = api
        .query(SPANS, json!({ "id": id, "after": end(&own) }))
        .await;
    assert_eq!(
        data["execution"]["page"]["nodes"].as_array().unwrap().len(),
        10
    );
}
