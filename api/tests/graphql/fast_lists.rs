//! Lists of spans are written without resolvers where that is possible; nobody can tell.

use orcheo_store::{
    SpanCategory, SpanRecord, StatusCode,
    testing::{Trace, below, ended, span, usage},
};
use serde_json::{Value, json};

use crate::support::Api;

/// Spans with everything and with nothing, running and ended, with text that JSON escapes.
async fn varied(api: &Api) -> Trace {
    let trace = Trace::begun(api.store()).await;
    let mut costly = usage(7, 3);
    (costly.cache_read, costly.cache_write, costly.reasoning) = (1, 2, 3);
    costly.cost_usd = Some(0.125);
    let full = SpanRecord {
        name: "quote \" back \\ line\n é 😀 \u{1}".into(),
        category: SpanCategory::Llm,
        status_code: StatusCode::Error,
        status_message: Some("why\t?".into()),
        node_id: Some("n".into()),
        node_type: Some("T".into()),
        display_name: Some("Näme".into()),
        attempt: Some(2),
        iteration: Some(0),
        start_ns: 1_700_000_000_123_456_789,
        end_ns: Some(1_700_000_000_123_456_790),
        first_token_ns: Some(1_700_000_000_123_456_789),
        attributes: r#"{"a": [1.50, "x\u0000"], "b": {}}"#.into(),
        input: Some(r#""in""#.into()),
        output: Some("[ null ]".into()),
        usage: Some(costly),
        events: Some(
            r#"[{"name":"exception \"é\"","time_ns":1700000000123456790,"attributes":{"exception.type":"E","n":[1.0]},"dropped_attributes":2},
                {"name":"early","time_ns":1700000000123456789}]"#
                .into(),
        ),
        links: Some(
            r#"[{"trace_id":"0af7651916cd43dd8448eb211c80319c","span_id":"b7ad6b7169203331","trace_state":"a=\"b\"","attributes":{"why":"retry"},"dropped_attributes":1},
                {"trace_id":"0af7651916cd43dd8448eb211c80319c","span_id":"00f067aa0ba902b7"}]"#
                .into(),
        ),
        ..below(1, 2)
    };
    let large = SpanRecord {
        input: Some(json!("x".repeat(50_000)).to_string()),
        ..below(2, 3)
    };
    let running = SpanRecord {
        usage: Some(usage(1, 1)),
        ..span(4)
    };
    trace.spans([running, large, full, ended(1)]).await;
    trace
}

const FIELDS: &str = "__typename id spanId traceId parentSpanId revision childCount descendantCount name kind category state
    status { __typename code message } nodeId nodeType displayName attempt iteration startTime endTime durationMs startOffsetMs
    attributes input output tokenUsage { __typename input output total cacheRead cacheWrite reasoning costUsd unpriced counted
    uncountedReason } subtreeTokenUsage { total input output cacheRead cacheWrite reasoning costUsd unpriced counted uncountedReason }
    events { __typename name time offsetMs attributes droppedAttributesCount }
    links { __typename traceId spanId traceState attributes droppedAttributesCount }
    marks { __typename kind offsetMs name }";

/// Selects `selection` on every span of a list once as it is and once beside a field that only resolvers know, and compares the
/// texts of both.
async fn assert_same(api: &Api, trace: &Trace, list: &str, selection: &str, fragments: &str) {
    let answer = async |extra: &str| {
        let list = list.replace("SPAN", &format!("{extra} {selection}"));
        let query = format!(
            "query ($id: ID!, $yes: Boolean = true, $no: Boolean = false) {{ execution(executionId: $id) {{ {list} \
             keep: status @include(if: $yes) drop: status @include(if: $no) }} }} {fragments}"
        );
        api.query(&query, json!({ "id": trace.run.execution_id }))
            .await
    };
    let fast = answer("").await;
    let mut slow = answer("resolved: artifacts { name }").await;
    assert!(
        without_resolved(&mut slow) > 0,
        "the comparison was not with resolvers: {slow}"
    );
    assert_eq!(fast.to_string(), slow.to_string());
}

/// Removes what only the resolvers gave; how often.
fn without_resolved(value: &mut Value) -> usize {
    match value {
        Value::Object(fields) => {
            let removed = usize::from(fields.shift_remove("resolved").is_some());
            removed + fields.values_mut().map(without_resolved).sum::<usize>()
        }
        Value::Array(items) => items.iter_mut().map(without_resolved).sum(),
        _ => 0,
    }
}

#[tokio::test]
async fn every_list_of_spans_is_the_same_with_and_without_resolvers() {
    let api = Api::new().await;
    let trace = varied(&api).await;
    for list in [
        "spans { edges { __typename cursor node { SPAN } } pageInfo { endCursor } }",
        "spans { nodes { SPAN } }",
        "spans(last: 2) { edges { node { SPAN } x: cursor } nodes { SPAN } }",
        "rootSpans { nodes { SPAN } }",
        "rootSpan { children { edges { node { SPAN } } } descendants { nodes { SPAN } } }",
        "spans(filter: { nodeId: \"nowhere\" }) { nodes { spanId } } all: spans { nodes { SPAN } }",
    ] {
        assert_same(&api, &trace, list, FIELDS, "").await;
    }
}

#[tokio::test]
async fn every_way_to_write_a_selection_gives_the_same_with_and_without_resolvers() {
    let api = Api::new().await;
    let trace = varied(&api).await;
    let list = "spans { nodes { SPAN } }";
    for (selection, fragments) in [
        ("a: name b: name name", ""),
        ("name name spanId name", ""),
        ("status { code } name status { message code }", ""),
        ("s: status { m: message } status { c: code }", ""),
        (
            "...F spanId",
            "fragment F on Span { name ...G } fragment G on Span { state name }",
        ),
        ("... on Span { name } ... on Node { id } ... { spanId }", ""),
        (
            "...F",
            "fragment F on Node { id __typename ... on Span { name } }",
        ),
        (
            "name @include(if: $yes) spanId @skip(if: $yes) id @include(if: $no)",
            "",
        ),
        (
            "... @include(if: $no) { name } ... @skip(if: $no) { spanId }",
            "",
        ),
        ("...F @skip(if: $yes) spanId", "fragment F on Span { name }"),
        (
            "tokenUsage { ...U } subtreeTokenUsage { ...U x: input }",
            "fragment U on TokenUsage { input total }",
        ),
    ] {
        assert_same(&api, &trace, list, selection, fragments).await;
    }
}

#[tokio::test]
async fn lists_that_several_fields_select_together_are_merged() {
    let api = Api::new().await;
    let trace = varied(&api).await;
    let query = "query ($id: ID!) {
        execution(executionId: $id) { spans { nodes { spanId } ...C } ...E }
        again: execution(executionId: $id) { spans { edges { cursor } } }
        again: execution(executionId: $id) { spans { edges { node { name } } } }
    }
    fragment E on Execution { spans { nodes { state } } }
    fragment C on SpanConnection { nodes { name } }";
    let data = api
        .query(query, json!({ "id": trace.run.execution_id }))
        .await;
    for node in data["execution"]["spans"]["nodes"].as_array().unwrap() {
        assert_eq!(node.as_object().unwrap().len(), 3, "{node}");
    }
    for edge in data["again"]["spans"]["edges"].as_array().unwrap() {
        assert!(
            edge["cursor"].is_string() && edge["node"]["name"].is_string(),
            "{edge}"
        );
    }
}
