use orcheo_store::{
    ExecutionStatus, SpanCategory, SpanKind, SpanLogRecord, SpanRecord, StatusCode,
    testing::{Trace, below, ended, span, span_id, usage},
};
use serde_json::{Value, json};

use crate::{assert_answer, support::Api};

const ALL_FIELDS: &str = "query ($id: ID!, $span: String!) { execution(executionId: $id) { span(spanId: $span) {
    id spanId traceId execution { status } parent { spanId } parentSpanId revision children { nodes { spanId } } childCount
    descendantCount descendants { nodes { spanId } } name kind category state status { code message } nodeId nodeType displayName
    attempt iteration startTime endTime durationMs startOffsetMs attributes
    events { name time offsetMs attributes droppedAttributesCount }
    links { traceId spanId traceState attributes droppedAttributesCount } marks { kind offsetMs name } input output
    tokenUsage { input output total cacheRead cacheWrite reasoning costUsd } subtreeTokenUsage { input output total } artifacts { name }
} } }";

fn full(number: u32) -> SpanRecord {
    let mut reported = usage(100, 20);
    (
        reported.cache_read,
        reported.cache_write,
        reported.reasoning,
    ) = (30, 4, 5);
    reported.cost_usd = Some(0.25);
    SpanRecord {
        name: "chat gpt".into(),
        kind: SpanKind::Client,
        category: SpanCategory::Llm,
        status_code: StatusCode::Error,
        status_message: Some("refused".into()),
        node_id: Some("ask".into()),
        node_type: Some("LLMNode".into()),
        display_name: Some("Ask the model".into()),
        attempt: Some(2),
        iteration: Some(0),
        start_ns: 1_700_000_000_123_456_789,
        end_ns: Some(1_700_000_000_124_956_789),
        first_token_ns: Some(1_700_000_000_123_706_789),
        attributes: r#"{"a": 1.50, "b": {"c": []}}"#.into(),
        events: Some(
            r#"[{"name":"exception","time_ns":1700000000123456790,"attributes":{"exception.message":"no"},"dropped_attributes":1}]"#
                .into(),
        ),
        links: Some(
            r#"[{"trace_id":"0af7651916cd43dd8448eb211c80319c","span_id":"b7ad6b7169203331","flags":1,"attributes":{}}]"#.into(),
        ),
        input: Some(r#"[{"role":"user"}]"#.into()),
        output: Some("null".into()),
        usage: Some(reported),
        ..below(1, number)
    }
}

#[tokio::test]
async fn every_field_of_an_ended_span_is_told() {
    let api = Api::new().await;
    let trace = Trace::begun(api.store()).await;
    let root = SpanRecord {
        start_ns: 1_700_000_000_123_000_000,
        end_ns: None,
        ..span(1)
    };
    trace.spans([root]).await;
    let inner = SpanRecord {
        usage: Some(usage(40, 2)),
        start_ns: 1_700_000_000_123_500_000,
        ..below(2, 3)
    };
    trace.spans([inner, full(2)]).await;
    trace
        .log(SpanLogRecord {
            span_id: span_id(2),
            time_ns: 1_700_000_000_124_000_000,
            severity: 9,
            name: None,
            body: Some(r#""retrying""#.into()),
            attributes: r#"{"n":1}"#.into(),
            input: None,
            output: None,
        })
        .await;
    let variables = json!({ "id": trace.run.execution_id, "span": span_id(2).to_string() });
    assert_answer!(api.query(ALL_FIELDS, variables).await);
}

#[tokio::test]
async fn every_field_of_a_bare_running_span_is_told() {
    let api = Api::new().await;
    let trace = Trace::begun(api.store()).await;
    trace
        .spans([SpanRecord {
            usage: None,
            ..span(1)
        }])
        .await;
    let variables = json!({ "id": trace.run.execution_id, "span": span_id(1).to_string() });
    assert_answer!(api.query(ALL_FIELDS, variables).await);
}

#[tokio::test]
async fn a_span_left_open_by_its_run_is_abandoned_without_an_end() {
    let api = Api::new().await;
    let trace = Trace::begun(api.store()).await;
    trace.spans([span(1)]).await;
    trace.finish(ExecutionStatus::Cancelled, None).await;
    let query = "query ($id: ID!) { execution(executionId: $id) { status spanCount rootSpan { state endTime durationMs } } }";
    let data = api
        .query(query, json!({ "id": trace.run.execution_id }))
        .await;
    let root = json!({ "state": "ABANDONED", "endTime": null, "durationMs": null });
    assert_eq!(
        data["execution"],
        json!({ "status": "CANCELLED", "spanCount": 1, "rootSpan": root })
    );
}

#[tokio::test]
async fn values_too_large_for_a_row_come_back_as_they_were() {
    let api = Api::new().await;
    let trace = Trace::begun(api.store()).await;
    let message =
        |n: usize| json!({ "role": "user", "content": format!("{n}:{}", "long ".repeat(2_000)) });
    let messages: Vec<Value> = (0..5).map(message).collect();
    let conversation = |length: usize| json!(messages[..length]);
    let spans = (1..6_u32).map(|number| {
        let length = usize::try_from(number).unwrap();
        SpanRecord {
            input: Some(conversation(length).to_string()),
            output: Some(json!({ "text": "x".repeat(20_000) }).to_string()),
            attributes: json!({ "small": 1, "large": "y".repeat(20_000) }).to_string(),
            ..ended(number)
        }
    });
    trace.spans(spans).await;
    let query = "query ($id: ID!) { execution(executionId: $id) { spans { nodes { input output attributes } } } }";
    let (data, statements) = api
        .counted(query, json!({ "id": trace.run.execution_id }))
        .await;
    assert_eq!(
        statements, 3,
        "execution, spans, and what was too large for them"
    );
    for (index, node) in data["execution"]["spans"]["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .enumerate()
    {
        assert_eq!(node["input"], conversation(index + 1));
        assert_eq!(node["output"]["text"].as_str().unwrap().len(), 20_000);
        assert_eq!(node["attributes"]["small"], json!(1));
        assert_eq!(node["attributes"]["large"].as_str().unwrap().len(), 20_000);
    }
}

#[tokio::test]
async fn a_list_of_spans_is_filtered_by_everything_it_offers() {
    let api = Api::new().await;
    let trace = Trace::begun(api.store()).await;
    trace.spans([full(2), span(3), ended(1)]).await;
    let query = "query ($id: ID!, $filter: SpanFilter) { execution(executionId: $id) { spans(filter: $filter) { nodes { spanId } } } }";
    let found = async |filter: Value| {
        let data = api
            .query(
                query,
                json!({ "id": trace.run.execution_id, "filter": filter }),
            )
            .await;
        let nodes = data["execution"]["spans"]["nodes"]
            .as_array()
            .unwrap()
            .clone();
        nodes
            .iter()
            .map(|node| node["spanId"].as_str().unwrap().parse().unwrap())
            .collect::<Vec<orcheo_store::SpanId>>()
    };
    let ids = |numbers: &[u32]| {
        numbers
            .iter()
            .map(|number| span_id(*number))
            .collect::<Vec<_>>()
    };
    assert_eq!(found(json!(null)).await, ids(&[1, 3, 2]));
    assert_eq!(found(json!({ "text": "ask the MODEL" })).await, ids(&[2]));
    assert_eq!(found(json!({ "text": "\"role\"" })).await, ids(&[2]));
    assert_eq!(found(json!({ "text": "%" })).await, ids(&[]));
    assert_eq!(found(json!({ "text": "" })).await, ids(&[1, 3, 2]));
    assert_eq!(found(json!({ "state": "RUNNING" })).await, ids(&[3]));
    assert_eq!(
        found(json!({ "category": ["LLM", "TOOL"] })).await,
        ids(&[2])
    );
    assert_eq!(found(json!({ "hasError": true })).await, ids(&[2]));
    assert_eq!(found(json!({ "hasError": false })).await, ids(&[1, 3]));
    assert_eq!(found(json!({ "nodeId": "ask" })).await, ids(&[2]));
    assert_eq!(
        found(json!({ "minDurationMs": 1.2 })).await,
        ids(&[3, 2]),
        "the running one since 1970"
    );
    assert_eq!(found(json!({ "minTokens": 120 })).await, ids(&[2]));
    assert_eq!(found(json!({ "minTokens": 121 })).await, ids(&[]));
    assert_eq!(
        found(json!({ "state": "ENDED", "hasError": false })).await,
        ids(&[1])
    );
}
