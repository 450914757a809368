//! Keys in the shapes that published rules of secret scanners describe, made from a seed, and sent through every path: none of
//! them is found in the database, in a file, or in an export.

use futures::TryStreamExt as _;
use opentelemetry::KeyValue;
use opentelemetry::trace::{Status, TraceContextExt as _};
use orcheo_store::models::artifacts::Artifact;
use orcheo_store::models::executions::Execution;
use orcheo_store::models::spans::whole;
use orcheo_store::page::Page;
use orcheo_telemetry::otlp::{Encoding, OTLP_JSON, OtlpLimits, OtlpReceiver, encode_json};
use orcheo_telemetry::{NewArtifact, Prices, Redactor};
use seeded::Shapes;
use serde_json::{Value, json};

use crate::privacy::dump;
use crate::traced::{Traced, span_id};

/// `{a36}`: letters and digits; `{h…}`: hexadecimal; `{u…}`: capitals and digits; `{d…}`: digits; `{b…}`: base64url. A dot
/// in the middle (`·`) parts what no scanner should take for a leak; it is taken out.
#[rustfmt::skip]
const SHAPES: &[&str] = &[
    "AK·IA{u16}", "AS·IA{u16}", "AI·za{b35}", "ya·29.{b40}", "GOC·SPX-{b28}", "dop_·v1_{h64}", "LT·AI{a20}", "gh·p_{a36}",
    "gho·_{a36}", "github·_pat_{a22}_{a59}", "gl·pat-{b20}", "AT·BB{a32}", "npm·_{a36}", "pypi-·AgE{b60}", "rubygems·_{h48}",
    "dckr·_pat_{b27}", "sk-·ant-api03-{a40}7A", "sk-·proj-{a40}77", "gsk·_{a52}", "xai·-{a80}", "pplx·-{a48}",
    "lsv2·_pt_{h32}_{h10}", "pcsk·_{a60}", "nvapi·-{b64}", "sk_·live_{a24}", "rk_·test_{a24}", "sq0·atp-{b22}", "shp·at_{h32}",
    "xox·b-{d12}-{d12}-{a24}", "xapp·-1-{u11}-{d13}-{h64}", "S·K{h32}", "S·G.{b22}.{b43}", "key·-{h32}", "{h32}-u·s12",
    "ATATT·3{b180}", "lin_·api_{a40}", "ntn·_{a46}", "dapi·{h32}", "hv·s.{b90}", "dp.·pt.{a43}", "pscale·_tkn_{b40}",
    "sbp·_{h40}", "NR·AK-{u27}", "glsa·_{a32}_{h8}", "PM·AK-{h24}-{h34}", "figd·_{b40}", "pat{a14}·.{h64}", "pul·-{h40}",
    "pnu·_{a36}", "sha256·~{b43}", "access·-sandbox-{h8}-{h4}-{h4}-{h4}-{h12}", "duffel·_live_{b43}", "EZ·AK{a54}",
    "shippo·_live_{h40}", "xkeysib·-{h64}-{a16}", "sntryu·_{h64}", "sgp·_{h40}", "tskey·-auth-{a16}-{a32}", "vcp·_{a40}",
    "ey·J{b40}.ey·J{b60}.{b43}", "https://hooks.slack·.com/services/T{u8}/B{u10}/{a24}", "postgres·://app:{a20}@db/app",
    "https·://u:{a20}@host/path", "Bearer ·{b20}.7{b20}", "MT·k4NjIyNDgzNDcxOTI1MjQ4.G·{a5}.{b38}", "s·.{a24}", "{d16}·|{b27}", "A3T·X{u16}",
    "Wallet(\"0·x{h64}\")", "DEPLOYER_P·K=0x{h64}", "scau·th_{a16}.{a5}.acc_{a16}.{b40}", "curl -u '{a20}·:' x",
    "<password>·{a20}</password>", "<add key=\"Password\" value=·\"{a20}\"/>", "<token><![CD·ATA[{a20}]]></token>",
    "<key>ApiKey</key> <string>·{a20}</string>", "\"\"password\"\": \"\"·{a20}\"\"", "{a12}·@mail-{a8}.example.com", "password·={a20}", "api_·key: {a32}",
];

/// Numbers that are the same in each run, from a seed: a linear congruential generator is random enough for keys of nobody.
mod seeded {
    pub(super) struct Shapes(pub(super) u64);

    impl Shapes {
        fn pick(&mut self, from: &[u8]) -> char {
            self.0 = self
                .0
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            let place = usize::try_from(self.0 >> 33).unwrap() % from.len();
            char::from(from[place])
        }

        /// A text of the shape, and of its random parts those that are long enough to be secret.
        pub(super) fn fill(&mut self, shape: &str) -> (String, Vec<String>) {
            let (mut text, mut parts) = (String::new(), Vec::new());
            let mut pieces = shape.split(['{', '}']);
            while let Some(literal) = pieces.next() {
                text.push_str(&literal.replace('·', ""));
                let Some(piece) = pieces.next() else { break };
                let (class, count) = piece.split_at(1);
                let letters: &[u8] = match class {
                    "a" => b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
                    "h" => b"0123456789abcdef",
                    "u" => b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
                    "d" => b"0123456789",
                    _ => b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_",
                };
                // The first and the last are in every class, so that words begin and end where a key does.
                let count: usize = count.parse().unwrap();
                let part: String = (0..count)
                    .map(|place| match place {
                        0 => '3',
                        _ if place + 1 == count => '7',
                        _ => self.pick(letters),
                    })
                    .collect();
                text.push_str(&part);
                if count >= 12 {
                    parts.push(part);
                }
            }
            (text, parts)
        }
    }
}

/// All keys in one text each, and what must not be found of them.
fn keys() -> (Vec<String>, Vec<String>) {
    let mut shapes = Shapes(20_261_123);
    let (mut texts, mut secrets) = (Vec::new(), Vec::new());
    for _ in 0..3 {
        for shape in SHAPES {
            let (text, parts) = shapes.fill(shape);
            texts.push(text);
            secrets.extend(parts);
        }
    }
    assert!(secrets.len() > 3 * SHAPES.len() - 9);
    (texts, secrets)
}

fn leaks(secrets: &[String], text: &str) -> Vec<String> {
    secrets
        .iter()
        .filter(|secret| text.contains(secret.as_str()))
        .cloned()
        .collect()
}

#[test]
fn what_is_looked_for_is_there_to_be_found() {
    let (texts, secrets) = keys();
    assert_eq!(leaks(&secrets, &texts.join(" ")).len(), secrets.len());
}

#[tokio::test]
async fn no_key_of_a_run_is_stored_or_exported() {
    let (texts, secrets) = keys();
    let traced = Traced::new().await;
    let root = traced.root("root", vec![KeyValue::new("all", texts.join("\n"))]);
    for text in &texts {
        let quoted = json!({"deep": [{"text": format!("say {text}!")}], text: 1}).to_string();
        let attributes = vec![
            KeyValue::new("text", text.clone()),
            KeyValue::new("orcheo.node.input", quoted.clone()),
            KeyValue::new("orcheo.node.output", Value::from(quoted).to_string()),
            KeyValue::new(text.clone(), "key"),
        ];
        let child = traced.open(&root, "child", attributes);
        child.span().add_event(
            "exception",
            vec![KeyValue::new("exception.message", format!("for {text}"))],
        );
        child
            .span()
            .set_status(Status::error(format!("failed: {text}")));
        child.span().end();
    }
    let artifact = NewArtifact {
        name: texts[0].clone(),
        media_type: "application/octet-stream".to_owned(),
        bytes: texts.join("\r\n").into(),
        span_id: span_id(&root),
    };
    traced.handle.artifact(artifact).await.unwrap();
    root.span().end();
    traced.settled().await;
    for (table, row) in dump(&mut traced.database.connection().await).await {
        assert_eq!(leaks(&secrets, &row), [""; 0], "in {table}");
    }
    let mut connection = traced.store.read().await.unwrap();
    let id = traced.run.execution_id;
    let stored = Artifact::changed_after(&mut connection, id, 0)
        .await
        .unwrap();
    let blob = traced
        .store
        .blobs()
        .get(&stored[0].location, None)
        .await
        .unwrap();
    let bytes: Vec<_> = blob.bytes.try_collect().await.unwrap();
    assert_eq!(
        leaks(&secrets, &String::from_utf8(bytes.concat()).unwrap()),
        [""; 0]
    );
    let spans = whole(&mut connection, id, &Page::first(1000, None))
        .await
        .unwrap();
    assert!(spans.rows.len() > texts.len());
    assert_eq!(leaks(&secrets, &encode_json(&spans.rows)), [""; 0]);
}

#[tokio::test]
async fn no_key_that_is_received_is_stored_or_exported() {
    let (texts, secrets) = keys();
    let database = orcheo_store::testing::TestDatabase::new().await;
    let store = database.store().await;
    let receiver = OtlpReceiver::new(
        store.clone(),
        Redactor::new(),
        Prices::builtin(),
        OtlpLimits::default(),
    );
    let trace = "5b8efff798038103d269b633813fc60c";
    let attributes: Vec<Value> = texts
        .iter()
        .enumerate()
        .flat_map(|(index, text)| {
            let list = json!({"arrayValue": {"values": [{"kvlistValue": {"values": [{"key": "k", "value": {"stringValue": text}}]}}]}});
            [
                json!({"key": format!("text.{index}"), "value": {"stringValue": text}}),
                json!({"key": format!("list.{index}"), "value": list}),
                json!({"key": text, "value": {"boolValue": true}}),
            ]
        })
        .collect();
    let span = json!({
        "traceId": trace, "spanId": "eee19b7ec3c1b174", "name": texts.join(" "), "startTimeUnixNano": "1", "endTimeUnixNano": "9",
        "attributes": attributes, "status": {"code": 2, "message": texts.join(", ")},
        "events": [{"name": texts[0], "timeUnixNano": "2", "attributes": attributes}],
        "links": [{"traceId": trace, "spanId": "eee19b7ec3c1b175", "attributes": attributes}]
    });
    let spans = json!({"resourceSpans": [{"resource": {"attributes": attributes}, "scopeSpans": [{
        "scope": {"name": texts[1], "attributes": attributes}, "spans": [span]
    }]}]});
    let logs = json!({"resourceLogs": [{"scopeLogs": [{"logRecords": [
        {"traceId": trace, "spanId": "eee19b7ec3c1b174", "timeUnixNano": "3", "eventName": "gen_ai.choice",
            "body": {"stringValue": texts.join("\n")}, "attributes": attributes}
    ]}]}]});
    receiver
        .traces(Encoding::Json, spans.to_string().into())
        .await
        .unwrap();
    receiver
        .logs(Encoding::Json, logs.to_string().into())
        .await
        .unwrap();
    for (table, row) in dump(&mut database.connection().await).await {
        assert_eq!(leaks(&secrets, &row), [""; 0], "in {table}");
    }
    let mut connection = store.read().await.unwrap();
    let id = orcheo_store::TraceId(hex::decode(trace).unwrap().try_into().unwrap());
    let id = Execution::id_of_trace(&mut connection, "default", id)
        .await
        .unwrap()
        .unwrap();
    let slice = whole(&mut connection, id, &Page::first(10, None))
        .await
        .unwrap();
    let [head, tail] = OTLP_JSON;
    let export = format!("{head}{}{tail}", encode_json(&slice.rows));
    assert!(export.contains("[REDACTED:github-token]"));
    assert_eq!(leaks(&secrets, &export), [""; 0]);
}
