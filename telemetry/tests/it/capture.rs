//! Received spans and log records whose content is not wanted.

use orcheo_store::testing::TestDatabase;
use orcheo_telemetry::otlp::{Accepted, Encoding, OtlpLimits, OtlpReceiver};
use orcheo_telemetry::{Prices, Redactor};
use serde_json::{Value, json};

use crate::privacy::dump;

const PLANTED: &str = "planted-content";
const TRACE: &str = "5b8efff798038103d269b633813fc60c";

/// Every convention's way to say it.
const KEYS: [&str; 14] = [
    "gen_ai.input.messages",
    "gen_ai.output.messages",
    "gen_ai.system_instructions",
    "gen_ai.prompt.0.content",
    "gen_ai.tool.call.arguments",
    "llm.input_messages.0.message.content",
    "llm.output_messages.0.message.content",
    "input.value",
    "output.value",
    "retrieval.documents.0.document.content",
    "traceloop.entity.input",
    "orcheo.node.output",
    "ai.response.text",
    "pydantic_ai.all_messages",
];

fn attribute(key: &str, value: &str) -> Value {
    json!({"key": key, "value": {"stringValue": value}})
}

fn spans() -> Value {
    let mut attributes: Vec<Value> = KEYS.iter().map(|key| attribute(key, PLANTED)).collect();
    attributes.push(attribute("gen_ai.request.model", "kept-model"));
    let events = json!([
        {"name": "gen_ai.user.message", "timeUnixNano": "3", "attributes": [attribute("content", PLANTED)]},
        {"name": "kept-event", "timeUnixNano": "3", "attributes": [attribute("gen_ai.completion", PLANTED), attribute("why", "kept-why")]}
    ]);
    json!({"resourceSpans": [{"scopeSpans": [{"spans": [{
        "traceId": TRACE, "spanId": "eee19b7ec3c1b174", "name": "kept-name", "startTimeUnixNano": "1", "endTimeUnixNano": "9",
        "attributes": attributes, "events": events
    }]}]}]})
}

fn logs() -> Value {
    let record = |name: &str, body: &str| {
        json!({
            "traceId": TRACE, "spanId": "eee19b7ec3c1b174", "timeUnixNano": "4", "eventName": name,
            "body": {"stringValue": body}, "attributes": [attribute("gen_ai.output.messages", PLANTED)]
        })
    };
    let records = [
        record("gen_ai.choice", PLANTED),
        record("gen_ai.client.inference.operation.details", PLANTED),
        record("note", "kept-log"),
    ];
    json!({"resourceLogs": [{"scopeLogs": [{"logRecords": records}]}]})
}

/// Everything that the database has after both were received.
async fn stored(content: bool) -> String {
    let database = TestDatabase::new().await;
    let limits = OtlpLimits {
        content,
        ..OtlpLimits::default()
    };
    let receiver = OtlpReceiver::new(
        database.store().await,
        Redactor::new(),
        Prices::builtin(),
        limits,
    );
    let all = Accepted::default();
    let body = |value: Value| value.to_string().into();
    assert_eq!(
        receiver
            .traces(Encoding::Json, body(spans()))
            .await
            .unwrap(),
        all
    );
    assert_eq!(
        receiver.logs(Encoding::Json, body(logs())).await.unwrap(),
        all
    );
    let rows = dump(&mut database.connection().await).await;
    rows.into_iter().map(|(_, row)| row).collect()
}

#[tokio::test]
async fn content_is_left_out_with_a_mark_and_the_rest_is_kept() {
    let database = stored(false).await;
    assert!(!database.contains(PLANTED));
    for kept in [
        "kept-name",
        "kept-model",
        "kept-event",
        "kept-why",
        "kept-log",
        "orcheo.omitted.content",
    ] {
        assert!(database.contains(kept), "{kept}");
    }
}

#[tokio::test]
async fn content_is_kept_where_it_is_wanted() {
    let database = stored(true).await;
    assert!(database.contains(PLANTED) && !database.contains("orcheo.omitted"));
}
