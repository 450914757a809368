//! Log records of spans, before and after their span; metrics; and spans that still run.

use orcheo_store::{ExecutionChange, ExecutionStatus, Op, Write, models::executions::Execution};
use serde_json::json;

use super::*;

async fn send_json(server: &Server, path: &str, body: Value) -> Value {
    let response = server.post(path).json(&body).send().await.unwrap();
    assert_eq!(response.status(), 200);
    response.json().await.unwrap()
}

/// Records of the span of a trace, a millisecond after each other.
async fn log(server: &Server, trace: u8, number: u8, records: &[Value]) {
    let records: Vec<Value> = (1_u64..)
        .zip(records)
        .map(|(index, record)| {
            let mut record = record.clone();
            record["traceId"] = trace_id(trace).into();
            record["spanId"] = hex(&[number; 8]).into();
            record["timeUnixNano"] = (START + index * 1_000_000).to_string().into();
            record["flags"] = 1.into();
            record
        })
        .collect();
    let resource =
        json!({"attributes": [{"key": "service.name", "value": {"stringValue": "shop"}}]});
    let body =
        json!({"resourceLogs": [{"resource": resource, "scopeLogs": [{"logRecords": records}]}]});
    assert_eq!(send_json(server, "/v1/logs", body).await, json!({}));
}

fn event(name: &str, body: Value) -> Value {
    let members = body.as_object().unwrap().iter();
    let values: Vec<Value> = members
        .map(|(key, value)| json!({"key": key, "value": {"stringValue": value}}))
        .collect();
    json!({"eventName": name, "body": {"kvlistValue": {"values": values}}})
}

const CONTENT: &str = "input output events { name attributes } revision";

#[tokio::test]
async fn messages_in_records_are_the_spans_whichever_comes_first() {
    let server = Server::start().await;
    let records = [
        event("gen_ai.system.message", json!({"content": "be brief"})),
        event(
            "gen_ai.user.message",
            json!({"content": "why?", "role": "customer"}),
        ),
        event("gen_ai.choice", json!({"finish_reason": "stop"})),
        json!({"severityNumber": 9, "body": {"stringValue": "plain words"}}),
    ];
    for (trace, spans_first) in [(40, true), (41, false)] {
        let spans = vec![span(trace, 1, None)];
        if spans_first {
            accept(&server, spans).await;
            log(&server, trace, 1, &records).await;
        } else {
            log(&server, trace, 1, &records).await;
            accept(&server, spans).await;
        }
        // Once more changes nothing.
        log(&server, trace, 1, &records).await;
        let shown = super::spans(&server, trace, CONTENT).await.remove(0);
        assert_eq!(
            shown["input"],
            json!([{"content": "be brief", "role": "system"}, {"content": "why?", "role": "customer"}])
        );
        assert_eq!(shown["output"], json!([{"finish_reason": "stop"}]));
        let names: Vec<&Value> = shown["events"]
            .as_array()
            .unwrap()
            .iter()
            .map(|event| &event["name"])
            .collect();
        assert_eq!(
            names,
            [
                "gen_ai.system.message",
                "gen_ai.user.message",
                "gen_ai.choice",
                "log"
            ]
        );
        assert_eq!(
            shown["events"][3]["attributes"],
            json!({"body": "plain words"})
        );
    }
}

#[tokio::test]
async fn all_messages_may_come_in_one_record() {
    let server = Server::start().await;
    let attribute =
        |key: &str, value: Value| json!({"key": key, "value": {"stringValue": value.to_string()}});
    let record = json!({
        "eventName": "gen_ai.client.inference.operation.details",
        "attributes": [
            attribute("gen_ai.system_instructions", json!([{"type": "text", "content": "be brief"}])),
            attribute("gen_ai.input.messages", json!([{"role": "user"}])),
            attribute("gen_ai.output.messages", json!([{"role": "assistant"}])),
        ],
    });
    accept(&server, vec![span(42, 1, None)]).await;
    log(&server, 42, 1, &[record]).await;
    let shown = spans(&server, 42, CONTENT).await.remove(0);
    assert_eq!(
        shown["input"],
        json!([{"role": "system", "parts": [{"type": "text", "content": "be brief"}]}, {"role": "user"}])
    );
    assert_eq!(shown["output"], json!([{"role": "assistant"}]));
}

#[tokio::test]
async fn a_record_changes_its_span_for_whoever_watches() {
    let server = Server::start().await;
    let running = Span {
        end_time_unix_nano: 0,
        ..span(43, 2, Some(1))
    };
    accept(&server, vec![span(43, 1, None), running]).await;
    let before = spans(&server, 43, "revision").await;
    for number in [1, 2] {
        log(
            &server,
            43,
            number,
            &[json!({"body": {"stringValue": "hello"}})],
        )
        .await;
    }
    let after = spans(&server, 43, "revision events { name }").await;
    for (before, after) in before.iter().zip(&after) {
        assert!(after["revision"].as_i64() > before["revision"].as_i64());
        assert_eq!(after["events"], json!([{"name": "log"}]));
    }
}

#[tokio::test]
async fn records_of_no_trace_that_is_kept_are_no_trace_themselves() {
    let server = Server::start().await;
    let record =
        |trace: Value, flags: u8| json!({"traceId": trace, "spanId": hex(&[1; 8]), "flags": flags});
    let records = [
        record("".into(), 1),
        record(trace_id(44).into(), 0),
        record(trace_id(45).into(), 1),
    ];
    let body = json!({"resourceLogs": [{"scopeLogs": [{"logRecords": records}]}]});
    assert_eq!(send_json(&server, "/v1/logs", body).await, json!({}));
    assert_eq!(execution(&server, 44, "spanCount").await, Value::Null);
    assert_eq!(
        execution(&server, 45, "spanCount").await,
        json!({"spanCount": 0})
    );
}

#[tokio::test]
async fn metrics_are_taken_and_not_kept() {
    let server = Server::start().await;
    assert_eq!(
        send_json(&server, "/v1/metrics", json!({"resourceMetrics": []})).await,
        json!({})
    );
}

#[tokio::test]
async fn the_dialects_of_running_spans_are_one_running_row() {
    let server = Server::start().await;
    let start = START + SECOND;
    let pending = Span {
        span_id: vec![99; 8],
        parent_span_id: vec![1; 8],
        end_time_unix_nano: start,
        attributes: vec![
            text("logfire.span_type", "pending_span"),
            text("logfire.pending_parent_id", "0000000000000000"),
            text("kept", "yes"),
        ],
        ..span(46, 1, None)
    };
    let zero = Span {
        end_time_unix_nano: 0,
        ..span(46, 2, Some(1))
    };
    accept(&server, vec![pending, zero]).await;
    let partial = |number: u8| {
        let span = json!({
            "traceId": trace_id(46), "spanId": hex(&[number; 8]), "parentSpanId": hex(&[1; 8]), "name": "span 3",
            // Names of enumerations, as the library that sends this has them.
            "kind": "SPAN_KIND_INTERNAL", "status": {"code": "STATUS_CODE_OK"},
            "startTimeUnixNano": (START + 3 * SECOND).to_string(), "endTimeUnixNano": START.to_string(),
        });
        json!({"resourceSpans": [{"scopeSpans": [{"spans": [span]}]}]}).to_string()
    };
    let attributes =
        |event: &str| json!([{"key": "partial.event", "value": {"stringValue": event}}]);
    for _ in 0..2 {
        log(
            &server,
            46,
            3,
            &[json!({"body": {"stringValue": partial(3)}, "attributes": attributes("heartbeat")})],
        )
        .await;
    }
    log(
        &server,
        46,
        3,
        &[json!({"body": {"stringValue": partial(3)}, "attributes": attributes("stop")})],
    )
    .await;
    let fields = "name spanId parentSpanId state attributes";
    let running = spans(&server, 46, fields).await;
    let states: Vec<&Value> = running.iter().map(|span| &span["state"]).collect();
    assert_eq!(states, ["RUNNING", "RUNNING", "RUNNING"], "{running:#?}");
    assert_eq!(running[0]["spanId"], hex(&[1; 8]));
    assert_eq!(running[0]["parentSpanId"], Value::Null);
    assert_eq!(running[0]["attributes"], json!({"kept": "yes"}));
    let state = execution(&server, 46, "status rootSpan { name }").await;
    assert_eq!(
        state,
        json!({"status": "RUNNING", "rootSpan": {"name": "span 1"}})
    );

    accept(
        &server,
        vec![
            span(46, 3, Some(1)),
            span(46, 2, Some(1)),
            span(46, 1, None),
        ],
    )
    .await;
    let ended = spans(&server, 46, "state").await;
    assert_eq!(ended, vec![json!({"state": "ENDED"}); 3]);
    assert_eq!(
        execution(&server, 46, "status").await["status"],
        "SUCCEEDED"
    );
}

#[tokio::test]
async fn a_record_that_a_span_has_begun_is_a_running_span() {
    let server = Server::start().await;
    let attributes = json!([
        {"key": "span.name", "value": {"stringValue": "span 2"}},
        {"key": "span.parent_id", "value": {"stringValue": hex(&[1; 8])}},
        {"key": "kept", "value": {"stringValue": "yes"}},
    ]);
    let time = (START + 2 * SECOND).to_string();
    let begun = json!({"eventName": "span.start", "timeUnixNano": time, "attributes": attributes});
    log(&server, 47, 2, &[begun]).await;
    let named = json!({"body": {"stringValue": "span 1"}, "attributes": [
        {"key": "event.name", "value": {"stringValue": "span.started"}}], "observedTimeUnixNano": START.to_string()});
    log(&server, 47, 1, &[named]).await;
    let fields = "name parentSpanId state attributes events { name }";
    let running = json!({"state": "RUNNING", "events": []});
    let with = |more: Value| {
        let mut span = running.clone();
        span.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        span
    };
    let parent = hex(&[1; 8]);
    let mut shown = spans(&server, 47, fields).await;
    shown.sort_by_key(|span| span["name"].to_string());
    assert_eq!(
        shown,
        [
            with(json!({"name": "span 1", "parentSpanId": null, "attributes": {}})),
            with(json!({"name": "span 2", "parentSpanId": parent, "attributes": {"kept": "yes"}})),
        ]
    );
    accept(&server, vec![span(47, 2, Some(1)), span(47, 1, None)]).await;
    let ended = spans(&server, 47, "state").await;
    assert_eq!(ended, vec![json!({"state": "ENDED"}); 2]);
}

#[tokio::test]
async fn records_of_a_span_go_out_as_its_events_with_what_they_tell() {
    let server = Server::start().await;
    accept(&server, vec![span(48, 1, None)]).await;
    let time = (START + SECOND).to_string();
    let prompt = json!({"eventName": "gen_ai.user.message", "timeUnixNano": time, "severityNumber": 9,
        "body": {"kvlistValue": {"values": [{"key": "content", "value": {"stringValue": "hi"}}]}}});
    let said = json!({"body": {"stringValue": "said"}, "timeUnixNano": time});
    log(&server, 48, 1, &[prompt, said]).await;
    let shown = execution(&server, 48, "executionId rootSpan { input }").await;
    let input = json!([{"role": "user", "content": "hi"}]);
    let same = |value: &Value| {
        let message = value[0].as_object().unwrap();
        (message["role"].clone(), message["content"].clone())
    };
    assert_eq!(same(&shown["rootSpan"]["input"]), same(&input));
    let path = format!(
        "/api/executions/{}/trace.otlp.json",
        shown["executionId"].as_str().unwrap()
    );
    let mut out: Value = server
        .get(&path)
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    let out_span = &mut out["resourceSpans"][0]["scopeSpans"][0]["spans"][0];
    let events = out_span["events"].as_array().unwrap();
    let names: Vec<&str> = events
        .iter()
        .map(|event| event["name"].as_str().unwrap())
        .collect();
    assert!(
        names.contains(&"gen_ai.user.message") && names.contains(&"log"),
        "{events:?}"
    );
    // Read back as another trace, it says the same.
    out_span["traceId"] = json!(trace_id(49));
    send_json(&server, "/v1/traces", out).await;
    let back = execution(&server, 49, "rootSpan { input events { name attributes } }").await;
    assert_eq!(same(&back["rootSpan"]["input"]), same(&input));
    let bodies: Vec<&Value> = back["rootSpan"]["events"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| &event["attributes"]["body"])
        .collect();
    assert!(
        bodies.contains(&&json!("said")) && bodies.contains(&&json!({"content": "hi"})),
        "{bodies:?}"
    );
}

#[tokio::test]
async fn a_trace_that_was_given_up_goes_on_when_it_is_heard_of_again() {
    let server = Server::start().await;
    let running = Span {
        end_time_unix_nano: 0,
        ..span(47, 2, Some(1))
    };
    accept(&server, vec![running]).await;
    let quiet = async |quiet_ms| {
        let mut connection = server.store.read().await.unwrap();
        Execution::quiet(&mut connection, "default", quiet_ms, 10)
            .await
            .unwrap()
    };
    assert_eq!(quiet(3_600_000).await, []);
    let found = quiet(0).await;
    let given_up = ExecutionChange::Finished {
        status: ExecutionStatus::Abandoned,
        finished_ns: found[0].last_ns,
        outputs: None,
        error: None,
    };
    let write = Write {
        execution_id: found[0].execution_id,
        lease_epoch: None,
        op: Op::Execution(given_up),
    };
    server.store.writer().submit_acked(write).await.unwrap();
    let state = async || {
        let run = execution(&server, 47, "status finishedAt").await;
        let spans = spans(&server, 47, "state").await;
        (
            run["status"].clone(),
            run["finishedAt"].is_null(),
            spans[0]["state"].clone(),
        )
    };
    assert_eq!(
        state().await,
        (json!("ABANDONED"), false, json!("ABANDONED"))
    );
    assert_eq!(quiet(0).await, []);
    accept(&server, vec![span(47, 3, Some(2))]).await;
    assert_eq!(state().await, (json!("RUNNING"), true, json!("ABANDONED")));
    accept(&server, vec![span(47, 2, Some(1)), span(47, 1, None)]).await;
    assert_eq!(
        execution(&server, 47, "status spanCount").await,
        json!({"status": "SUCCEEDED", "spanCount": 3})
    );
}
