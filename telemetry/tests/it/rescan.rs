//! Stored traces, scanned again with rules that were not known when they came.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures::TryStreamExt as _;
use opentelemetry::KeyValue;
use opentelemetry::trace::{Status, TraceContextExt as _};
use orcheo_store::models::artifacts::Artifact;
use orcheo_store::models::rewrite;
use orcheo_store::models::spans::{SpanParts, changed_after};
use orcheo_store::testing::TestDatabase;
use orcheo_store::{ExecutionChange, ExecutionFailure, ExecutionStatus, Op, Store};
use orcheo_telemetry::otlp::{Encoding, OtlpLimits, OtlpReceiver};
use orcheo_telemetry::redaction::{RedactionSettings, RuleSettings};
use orcheo_telemetry::rescan::{Rescan, RescanError, Rescanned};
use orcheo_telemetry::{NewArtifact, Prices, Redactor};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::privacy::dump;
use crate::traced::{Traced, span_id};

const PLANTED: &str = "EMP-123456";
const BY_KEY: &str = "planted-by-key";

/// Rules that were not there before.
fn rules() -> Redactor {
    let rule = RuleSettings {
        name: "employee-number".to_owned(),
        pattern: Some("EMP-[0-9]{6}".to_owned()),
        keys: vec!["staff_note".to_owned()],
        ..RuleSettings::default()
    };
    let settings = RedactionSettings {
        rules: vec![rule],
        ..RedactionSettings::default()
    };
    Redactor::configured(&settings).unwrap()
}

fn rescan(store: &Store) -> Rescan {
    Rescan {
        store: store.clone(),
        redactor: rules(),
        dry_run: false,
        all: false,
    }
}

fn long(text: &str) -> String {
    format!("{} {text}", "filler ".repeat(400))
}

/// Small and large values, under plain and sensitive keys, and a key that is a value.
fn attributes() -> Vec<KeyValue> {
    vec![
        KeyValue::new("text", format!("by {PLANTED}")),
        KeyValue::new("large", long(PLANTED)),
        KeyValue::new("staff_note", BY_KEY),
        KeyValue::new("user.staffNote", long(BY_KEY)),
        KeyValue::new(PLANTED, "key"),
        KeyValue::new(format!("{PLANTED}-large"), long("x")),
    ]
}

/// A run of ours with the planted texts in every place.
async fn run() -> Traced {
    let traced = Traced::new().await;
    let messages =
        json!([{"role": "user", "text": long(PLANTED)}, {"role": "user", "text": long("nothing")}]);
    let mut content = attributes();
    content.push(KeyValue::new("orcheo.node.input", messages.to_string()));
    content.push(KeyValue::new(
        "orcheo.node.output",
        json!({"staff_note": BY_KEY}).to_string(),
    ));
    content.push(KeyValue::new("orcheo.node.display_name", PLANTED));
    let root = traced.root("root", content);
    let child = traced.open(
        &root,
        "a harmless child",
        vec![KeyValue::new("same", long(PLANTED))],
    );
    child.span().add_event(PLANTED, attributes());
    child
        .span()
        .set_status(Status::error(format!("for {PLANTED}")));
    child.span().end();
    for (name, text) in [
        ("report.txt", format!("for {PLANTED}")),
        (PLANTED, "harmless".to_owned()),
    ] {
        let artifact = NewArtifact {
            name: name.to_owned(),
            media_type: "text/plain".to_owned(),
            bytes: text.into(),
            span_id: span_id(&root),
        };
        traced.handle.artifact(artifact).await.unwrap();
    }
    // One that never ends is still open when it is scanned.
    traced.open(&root, "open", vec![KeyValue::new("text", PLANTED)]);
    traced.settled().await;
    traced
}

async fn finish(traced: &Traced) {
    let finished = ExecutionChange::Finished {
        status: ExecutionStatus::Failed,
        finished_ns: 9,
        outputs: Some(json!({"staff_note": BY_KEY, "x": PLANTED}).to_string()),
        error: Some(ExecutionFailure {
            code: "FAILED".to_owned(),
            message: format!("for {PLANTED}"),
            node_id: None,
        }),
    };
    let write = traced.run.write(Op::Execution(finished));
    traced.store.writer().submit_acked(write).await.unwrap();
}

/// A trace of another engine with log records, links and a resource.
async fn receive(store: &Store) {
    let receiver = OtlpReceiver::new(
        store.clone(),
        Redactor::new(),
        Prices::builtin(),
        OtlpLimits::default(),
    );
    let text = |key: &str, value: &str| json!({"key": key, "value": {"stringValue": value}});
    let all = [
        text("text", PLANTED),
        text("staff_note", BY_KEY),
        text("large", &long(PLANTED)),
    ];
    let (trace, span) = ("5b8efff798038103d269b633813fc60c", "eee19b7ec3c1b174");
    let spans = json!({"resourceSpans": [{"resource": {"attributes": all}, "scopeSpans": [{"scope": {"name": PLANTED}, "spans": [{
        "traceId": trace, "spanId": span, "name": PLANTED, "startTimeUnixNano": "1", "endTimeUnixNano": "9", "attributes": all,
        "traceState": format!("v={PLANTED}"), "status": {"code": 2, "message": PLANTED},
        "links": [{"traceId": trace, "spanId": "eee19b7ec3c1b175", "traceState": format!("v={PLANTED}"), "attributes": all}]
    }]}]}]});
    let logs = json!({"resourceLogs": [{"scopeLogs": [{"logRecords": [
        {"traceId": trace, "spanId": span, "timeUnixNano": "3", "eventName": "gen_ai.choice", "body": {"stringValue": PLANTED}, "attributes": all},
        {"traceId": trace, "spanId": span, "timeUnixNano": "4", "body": {"kvlistValue": {"values": all}}}
    ]}]}]});
    receiver
        .traces(Encoding::Json, spans.to_string().into())
        .await
        .unwrap();
    receiver
        .logs(Encoding::Json, logs.to_string().into())
        .await
        .unwrap();
}

async fn found(database: &TestDatabase) -> Vec<String> {
    let rows = dump(&mut database.connection().await).await;
    let planted = |row: &str| row.contains(PLANTED) || row.contains(BY_KEY);
    rows.into_iter()
        .filter(|(_, row)| planted(row))
        .map(|(table, row)| format!("{table}: {row}"))
        .collect()
}

/// Every file, and whether its row tells its size and hash.
async fn files(traced: &Traced) -> Vec<String> {
    let mut connection = traced.store.read().await.unwrap();
    let id = traced.run.execution_id;
    let artifacts = Artifact::changed_after(&mut connection, id, 0)
        .await
        .unwrap();
    let mut texts = Vec::new();
    for artifact in artifacts {
        let blob = traced
            .store
            .blobs()
            .get(&artifact.location, None)
            .await
            .unwrap();
        let bytes: Vec<_> = blob.bytes.try_collect().await.unwrap();
        let bytes = bytes.concat();
        assert_eq!(artifact.size_bytes, i64::try_from(bytes.len()).unwrap());
        assert_eq!(artifact.sha256, Sha256::digest(&bytes).to_vec());
        texts.push(format!(
            "{}: {}",
            artifact.name,
            String::from_utf8(bytes).unwrap()
        ));
    }
    texts.sort();
    texts
}

#[tokio::test]
async fn what_is_stored_is_hidden_everywhere_and_seen_at_once() {
    let traced = run().await;
    finish(&traced).await;
    receive(&traced.store).await;
    assert!(!found(&traced.database).await.is_empty());
    let seen = traced
        .spans()
        .await
        .iter()
        .map(|span| span.revision)
        .max()
        .unwrap();

    let mut asked = Rescan {
        dry_run: true,
        ..rescan(&traced.store)
    };
    let told = asked.run(|_| {}).await.unwrap();
    assert!(
        !found(&traced.database).await.is_empty(),
        "a question changes nothing"
    );
    assert!(
        files(&traced)
            .await
            .contains(&format!("report.txt: for {PLANTED}"))
    );

    asked.dry_run = false;
    let done = asked.run(|_| {}).await.unwrap();
    assert_eq!(done, told);
    assert_eq!(
        (
            done.total,
            done.executions,
            done.changed,
            done.written_meanwhile
        ),
        (2, 2, 2, 0)
    );
    assert_eq!(done.hidden.keys().collect::<Vec<_>>(), ["employee-number"]);
    assert_eq!(found(&traced.database).await, [""; 0]);
    assert_eq!(
        files(&traced).await,
        [
            "[REDACTED:employee-number]: harmless",
            "report.txt: for [REDACTED:employee-number]"
        ]
    );

    // Whoever follows the trace is told of each span that shows something else now, also where only a shared value changed.
    let mut connection = traced.store.read().await.unwrap();
    let id = traced.run.execution_id;
    let changed = changed_after(&mut connection, id, seen + 1, 100, SpanParts::ALL)
        .await
        .unwrap();
    let mut names: Vec<_> = changed.iter().map(|span| span.name.as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["a harmless child", "open", "root"]);
    let root = changed.iter().find(|span| span.name == "root").unwrap();
    let value: Value = root.attributes.as_ref().unwrap().parse().unwrap();
    assert_eq!(value["user.staffNote"], "[REDACTED:employee-number]");
    let input: Value = root.input.as_ref().unwrap().parse().unwrap();
    assert_eq!(input[1]["text"], long("nothing"));
    assert_eq!(input[0]["text"], long("[REDACTED:employee-number]"));

    let again = rescan(&traced.store).run(|_| {}).await.unwrap();
    assert_eq!(again, Rescanned::default(), "they have passed these rules");
    let all = Rescan {
        all: true,
        ..rescan(&traced.store)
    };
    let all = all.run(|_| {}).await.unwrap();
    assert_eq!(
        (all.executions, all.changed, all.hidden),
        (2, 0, BTreeMap::new())
    );
}

#[tokio::test]
async fn a_scan_that_was_killed_goes_on_where_it_was() {
    let traced = run().await;
    for _ in 0..3 {
        receive_another(&traced.store).await;
    }
    let scanned = AtomicUsize::new(0);
    let (reached, mut stop) = tokio::sync::mpsc::unbounded_channel();
    let killed = rescan(&traced.store);
    let killed = killed.run(|done| {
        scanned.store(usize::try_from(done.executions).unwrap(), Ordering::Relaxed);
        if done.executions == 2 {
            reached.send(()).unwrap();
        }
    });
    tokio::select! {
        biased;
        _ = stop.recv() => {}
        done = killed => panic!("{done:?}"),
    }
    let rest = loop {
        match rescan(&traced.store).run(|_| {}).await {
            // PostgreSQL has not noticed yet that the connection is closed.
            Err(RescanError::Busy) => tokio::task::yield_now().await,
            done => break done.unwrap(),
        }
    };
    assert_eq!(scanned.load(Ordering::Relaxed), 2);
    assert_eq!(rest.total, 2, "two of the four are done");
    assert_eq!(found(&traced.database).await, [""; 0]);
}

async fn receive_another(store: &Store) {
    let receiver = OtlpReceiver::new(
        store.clone(),
        Redactor::new(),
        Prices::builtin(),
        OtlpLimits::default(),
    );
    let trace = orcheo_store::TraceId::random().to_string();
    let spans = json!({"resourceSpans": [{"scopeSpans": [{"spans": [{
        "traceId": trace, "spanId": "eee19b7ec3c1b174", "name": PLANTED, "startTimeUnixNano": "1", "endTimeUnixNano": "9"
    }]}]}]});
    receiver
        .traces(Encoding::Json, spans.to_string().into())
        .await
        .unwrap();
}

#[tokio::test]
async fn two_scans_do_not_go_on_at_once() {
    let database = TestDatabase::new().await;
    let store = database.store().await;
    let mut other = database.connection().await;
    assert!(rewrite::claim(&mut other).await.unwrap());
    let refused = rescan(&store).run(|_| {}).await;
    assert!(matches!(refused, Err(RescanError::Busy)), "{refused:?}");
    rewrite::release(&mut other).await.unwrap();
    rescan(&store).run(|_| {}).await.unwrap();
    rescan(&store).run(|_| {}).await.unwrap();
}

#[tokio::test]
async fn a_file_that_was_hidden_by_a_scan_which_was_killed_is_told_anew() {
    let traced = run().await;
    let mut connection = traced.store.read().await.unwrap();
    let id = traced.run.execution_id;
    let artifacts = Artifact::changed_after(&mut connection, id, 0)
        .await
        .unwrap();
    let report = artifacts
        .iter()
        .find(|artifact| artifact.name == "report.txt")
        .unwrap();
    let hidden = futures::stream::iter([Ok("for [REDACTED:employee-number]".into())]);
    traced
        .store
        .blobs()
        .put(id, report.artifact_id, hidden)
        .await
        .unwrap();
    rescan(&traced.store).run(|_| {}).await.unwrap();
    assert!(
        files(&traced)
            .await
            .contains(&"report.txt: for [REDACTED:employee-number]".to_owned())
    );
}
