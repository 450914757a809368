use orcheo_store::testing::{Trace, ended};
use serde_json::json;

use crate::support::Api;

async fn code(api: &Api, query: &str) -> String {
    let answer = api.answer(query, json!({})).await;
    answer["errors"][0]["extensions"]["code"]
        .as_str()
        .unwrap_or_else(|| panic!("{answer:#}"))
        .to_owned()
}

#[tokio::test]
async fn what_is_wrong_with_a_document_has_a_code_and_no_data() {
    let api = Api::new().await;
    for (query, expected) in [
        ("{ nodeTypes { name }", "GRAPHQL_PARSE_FAILED"),
        ("", "GRAPHQL_PARSE_FAILED"),
        ("{ nonsense }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ nodeTypes }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ workflow { name } }", "GRAPHQL_VALIDATION_FAILED"),
        (
            "query A { nodeTypes { name } } query B { nodeTypes { name } }",
            "GRAPHQL_VALIDATION_FAILED",
        ),
        (
            "query ($first: Int!) { executions(first: $first) { nodes { id } } }",
            "BAD_USER_INPUT",
        ),
        (
            "{ ...A } fragment A on Query { ...A }",
            "GRAPHQL_VALIDATION_FAILED",
        ),
    ] {
        let answer = api.answer(query, json!({})).await;
        assert_eq!(
            answer["errors"][0]["extensions"]["code"],
            json!(expected),
            "{query}: {answer:#}"
        );
        assert_eq!(answer.get("data"), None, "{query}");
    }
}

#[tokio::test]
async fn variables_that_do_not_fit_their_types_are_refused_without_data() {
    let api = Api::new().await;
    let query = "query ($first: Int!) { executions(first: $first) { nodes { id } } }";
    for first in [json!(null), json!("x"), json!(1.5), json!([1]), json!({})] {
        let answer = api.answer(query, json!({ "first": first })).await;
        assert!(
            answer["errors"][0]["extensions"]["code"].is_string(),
            "{answer:#}"
        );
        assert_eq!(answer.get("data"), None, "{first}: {answer:#}");
    }
}

#[tokio::test]
async fn what_is_wrong_with_an_argument_is_told_at_its_field() {
    let api = Api::new().await;
    assert_eq!(
        code(&api, r#"{ node(id: "???") { id } }"#).await,
        "BAD_USER_INPUT"
    );
    assert_eq!(
        code(&api, r#"{ executionByTraceId(traceId: "xyz") { id } }"#).await,
        "BAD_USER_INPUT"
    );
    let filter = r#"{ executions(filter: { queuedSince: "yesterday" }) { nodes { id } } }"#;
    assert_eq!(code(&api, filter).await, "BAD_USER_INPUT");
}

#[tokio::test]
async fn a_field_that_fails_is_null_or_makes_what_contains_it_null() {
    let api = Api::new().await;
    let trace = Trace::begun(api.store()).await;
    trace.spans([ended(1)]).await;
    let id = json!({ "id": trace.run.execution_id });

    let nullable =
        r#"query ($id: ID!) { execution(executionId: $id) { status span(spanId: "?") { name } } }"#;
    let answer = api.answer(nullable, id.clone()).await;
    assert_eq!(
        answer["data"],
        json!({ "execution": { "status": "RUNNING", "span": null } })
    );
    assert_eq!(answer["errors"][0]["path"], json!(["execution", "span"]));

    let required = r#"query ($id: ID!) { nodeTypes { name } execution(executionId: $id) { status spans(after: "?") { nodes { name } } } }"#;
    let answer = api.answer(required, id.clone()).await;
    assert_eq!(answer["data"]["execution"], json!(null));
    assert!(answer["data"]["nodeTypes"].is_array());
    assert_eq!(answer["errors"][0]["path"], json!(["execution", "spans"]));

    let deep = r#"query ($id: ID!) { execution(executionId: $id) { status rootSpan { name children(after: "?") { nodes { name } } } } }"#;
    let answer = api.answer(deep, id).await;
    assert_eq!(
        answer["data"],
        json!({ "execution": { "status": "RUNNING", "rootSpan": null } })
    );

    let root = api
        .answer(
            r#"{ executions(after: "?") { nodes { id } } nodeTypes { name } }"#,
            json!({}),
        )
        .await;
    assert_eq!(root["data"], json!(null));
}

#[tokio::test]
async fn the_fields_of_an_answer_are_in_the_order_of_the_query() {
    let api = Api::new().await;
    let trace = Trace::begun(api.store()).await;
    trace.spans([ended(1)]).await;
    let query = "query ($id: ID!) { execution(executionId: $id) {
        rootSpan { childCount name ...S } status nodes { nodeId } a: spanCount ... on Execution { tokenUsageByModel { model } traceId } } }
        fragment S on Span { parent { name } spanId }";
    let data = api
        .query(query, json!({ "id": trace.run.execution_id }))
        .await;
    let keys = |value: &serde_json::Value| {
        value
            .as_object()
            .unwrap()
            .keys()
            .cloned()
            .collect::<Vec<_>>()
    };
    assert_eq!(
        keys(&data["execution"]),
        [
            "rootSpan",
            "status",
            "nodes",
            "a",
            "tokenUsageByModel",
            "traceId"
        ]
    );
    assert_eq!(
        keys(&data["execution"]["rootSpan"]),
        ["childCount", "name", "parent", "spanId"]
    );
}
