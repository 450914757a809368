use orcheo_store::testing::{Trace, below, chain, ended, span_id};
use serde_json::{Value, json};

use crate::support::Api;

/// A root (1) with a chain of 199 spans below it, and 5,000 leaves beside the chain.
async fn deep_and_wide(api: &Api) -> Trace {
    let trace = Trace::begun(api.store()).await;
    let leaves = (1_000..6_000).map(|number| below(1, number));
    trace
        .spans(chain(1, 2, 199).chain(leaves).chain([ended(1)]))
        .await;
    trace
}

fn ids(connection: &Value) -> Vec<String> {
    let nodes = connection["nodes"].as_array().unwrap();
    nodes
        .iter()
        .map(|node| node["spanId"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn descendants_are_one_statement_at_any_depth_and_breadth() {
    let api = Api::new().await;
    let trace = deep_and_wide(&api).await;
    let query = "query ($id: ID!, $depth: Int) { execution(executionId: $id) { rootSpan {
        descendants(maxDepth: $depth, first: 10000) { nodes { spanId } pageInfo { hasNextPage } } } } }";
    let (data, statements) = api
        .counted(query, json!({ "id": trace.run.execution_id }))
        .await;
    assert_eq!(statements, 3, "execution, root, descendants");
    let descendants = &data["execution"]["rootSpan"]["descendants"];
    let all: Vec<String> = (2..201)
        .chain(1_000..6_000)
        .map(|number| span_id(number).to_string())
        .collect();
    assert_eq!(ids(descendants), all);
    assert_eq!(descendants["pageInfo"]["hasNextPage"], json!(false));

    let shallow = json!({ "id": trace.run.execution_id, "depth": 2 });
    let (data, _) = api.counted(query, shallow).await;
    let expected: Vec<String> = [2, 3]
        .into_iter()
        .chain(1_000..6_000)
        .map(|number| span_id(number).to_string())
        .collect();
    assert_eq!(ids(&data["execution"]["rootSpan"]["descendants"]), expected);
}

#[tokio::test]
async fn ten_generations_of_children_are_one_statement_each() {
    let api = Api::new().await;
    let trace = deep_and_wide(&api).await;
    let mut selection = "spanId".to_owned();
    for _ in 0..10 {
        selection =
            format!("spanId children(first: 1000) {{ edges {{ node {{ {selection} }} }} }}");
    }
    let query = format!(
        "query ($id: ID!) {{ execution(executionId: $id) {{ rootSpan {{ {selection} }} }} }}"
    );
    let (data, statements) = api
        .counted(&query, json!({ "id": trace.run.execution_id }))
        .await;
    assert_eq!(statements, 12, "execution, root, and one a generation");
    let mut span = &data["execution"]["rootSpan"];
    for generation in 1..=10 {
        let children = span["children"]["edges"].as_array().unwrap();
        assert_eq!(children.len(), if generation == 1 { 1_000 } else { 1 });
        span = &children[0]["node"];
        assert_eq!(span["spanId"], json!(span_id(generation + 1).to_string()));
    }
}

#[tokio::test]
async fn sums_over_wide_levels_are_one_statement_each() {
    let api = Api::new().await;
    let trace = deep_and_wide(&api).await;
    let query = "query ($id: ID!) { execution(executionId: $id) { spans(first: 10000) { nodes {
        spanId childCount descendantCount artifacts { name } parent { spanId } } } } }";
    let (data, statements) = api
        .counted(query, json!({ "id": trace.run.execution_id }))
        .await;
    assert_eq!(
        statements, 6,
        "execution, spans, and child counts, subtrees, artifacts, parents"
    );
    let nodes = data["execution"]["spans"]["nodes"].as_array().unwrap();
    assert_eq!(nodes[0]["childCount"], json!(5_001));
    assert_eq!(nodes[0]["descendantCount"], json!(5_199));
    assert_eq!(nodes[0]["parent"], json!(null));
    for (index, node) in nodes.iter().enumerate().take(200).skip(1) {
        assert_eq!(node["descendantCount"], json!(199 - index));
        assert_eq!(node["parent"]["spanId"], nodes[index - 1]["spanId"]);
    }
}

#[tokio::test]
async fn parents_that_form_a_cycle_end_every_walk() {
    let api = Api::new().await;
    let trace = Trace::begun(api.store()).await;
    trace
        .spans([
            below(3, 1),
            below(1, 2),
            below(2, 3),
            below(3, 4),
            below(9, 9),
        ])
        .await;
    let query = "query ($id: ID!) { execution(executionId: $id) {
        rootSpan { descendantCount descendants { nodes { spanId } } } rootSpans { nodes { spanId childCount children { nodes { spanId } } } }
    } }";
    let data = api
        .query(query, json!({ "id": trace.run.execution_id }))
        .await;
    let root = &data["execution"]["rootSpan"];
    assert_eq!(
        ids(&root["descendants"]),
        [2, 3, 4].map(|number| span_id(number).to_string())
    );
    assert_eq!(root["descendantCount"], json!(3));
    let itself =
        json!([{ "spanId": span_id(9).to_string(), "childCount": 0, "children": { "nodes": [] } }]);
    assert_eq!(data["execution"]["rootSpans"]["nodes"], itself);
}

#[tokio::test]
async fn spans_whose_parent_is_unknown_are_roots() {
    let api = Api::new().await;
    let trace = Trace::begun(api.store()).await;
    trace
        .spans([ended(1), below(1, 2), below(77, 3), below(3, 4)])
        .await;
    let query = "query ($id: ID!) { execution(executionId: $id) { rootSpans { nodes { spanId parentSpanId parent { spanId } } } } }";
    let data = api
        .query(query, json!({ "id": trace.run.execution_id }))
        .await;
    assert_eq!(
        data["execution"]["rootSpans"]["nodes"],
        json!([
            { "spanId": span_id(1).to_string(), "parentSpanId": null, "parent": null },
            { "spanId": span_id(3).to_string(), "parentSpanId": span_id(77).to_string(), "parent": null },
        ])
    );
}
