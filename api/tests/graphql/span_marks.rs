use orcheo_store::{
    SpanLogRecord, SpanRecord,
    testing::{Trace, below, ended, span_id},
};
use serde_json::{Value, json};

use crate::support::Api;

const MS: i64 = 1_000_000;

fn events(named: impl IntoIterator<Item = (&'static str, i64)>) -> Option<String> {
    let events: Vec<Value> = named
        .into_iter()
        .map(|(name, ms)| json!({ "name": name, "time_ns": ms * MS, "attributes": {"of": name} }))
        .collect();
    Some(Value::from(events).to_string())
}

fn marked(number: u32, named: impl IntoIterator<Item = (&'static str, i64)>) -> SpanRecord {
    SpanRecord {
        start_ns: 0,
        events: events(named),
        ..below(1, number)
    }
}

fn log(number: u32, ms: i64, severity: i16, name: Option<&str>) -> SpanLogRecord {
    SpanLogRecord {
        span_id: span_id(number),
        time_ns: ms * MS,
        severity,
        name: name.map(str::to_owned),
        body: Some(r#""said""#.into()),
        attributes: "{}".into(),
        input: None,
        output: None,
    }
}

/// The marks of the spans below the root, by their numbers.
async fn marks(api: &Api, trace: &Trace) -> Vec<String> {
    let query =
        "query ($id: ID!) { execution(executionId: $id) { rootSpan { children(first: 100) { nodes {
        spanId marks { kind offsetMs name } } } } } }";
    let (data, statements) = api
        .counted(query, json!({ "id": trace.run.execution_id }))
        .await;
    assert_eq!(statements, 3, "the marks come with their spans");
    let mut spans = data["execution"]["rootSpan"]["children"]["nodes"]
        .as_array()
        .unwrap()
        .clone();
    spans.sort_by_key(|span| span["spanId"].to_string());
    let shown = |mark: &Value| {
        let (kind, name) = (
            mark["kind"].as_str().unwrap(),
            mark["name"].as_str().unwrap(),
        );
        format!("{kind} {} {name}", mark["offsetMs"])
    };
    spans
        .iter()
        .map(|span| {
            span["marks"]
                .as_array()
                .unwrap()
                .iter()
                .map(shown)
                .collect::<Vec<_>>()
                .join(", ")
        })
        .collect()
}

#[tokio::test]
async fn the_marks_of_a_span_are_its_first_token_its_events_and_its_log_records() {
    let api = Api::new().await;
    let trace = Trace::begun(api.store()).await;
    let answered = SpanRecord {
        first_token_ns: Some(3 * MS),
        ..marked(
            2,
            [
                ("retry", 1),
                ("First Token Stream Event", 3),
                ("exception", 5),
            ],
        )
    };
    let chunks = [
        ("llm.content.completion.chunk", 4),
        ("llm.content.completion.chunk", 6),
    ];
    trace
        .spans([
            ended(1),
            answered,
            marked(3, chunks),
            marked(4, []),
            below(1, 5),
            marked(6, [("ToolError", 2)]),
        ])
        .await;
    trace.log(log(5, 8, 9, None)).await;
    trace.log(log(6, 1, 17, Some("refused"))).await;
    trace.log(log(6, 3, 9, Some("exception"))).await;
    assert_eq!(
        marks(&api, &trace).await,
        [
            "EVENT 1.0 retry, FIRST_TOKEN 3.0 first token, EXCEPTION 5.0 exception",
            "FIRST_TOKEN 4.0 llm.content.completion.chunk",
            "",
            "EVENT 7.995 log",
            "EXCEPTION 1.0 refused, EXCEPTION 2.0 ToolError, EXCEPTION 3.0 exception",
        ]
    );
}

#[tokio::test]
async fn of_more_marks_than_a_bar_shows_the_first_token_and_failures_are_kept() {
    let api = Api::new().await;
    let trace = Trace::begun(api.store()).await;
    let ticks = (1..100).map(|ms| ("tick", ms));
    let many = SpanRecord {
        first_token_ns: Some(60 * MS),
        ..marked(2, ticks.chain([("exception", 200)]))
    };
    trace.spans([ended(1), many]).await;
    let all = marks(&api, &trace).await.remove(0);
    let kept: Vec<&str> = all.split(", ").collect();
    assert_eq!(kept.len(), 32);
    assert_eq!(
        kept[29..],
        [
            "EVENT 30.0 tick",
            "FIRST_TOKEN 60.0 first token",
            "EXCEPTION 200.0 exception"
        ]
    );
}
