//! What is planted everywhere in a run is found nowhere in the database.

use base64::Engine as _;
use diesel::sql_types::Text;
use diesel::{QueryableByName, sql_query};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use opentelemetry::trace::{
    Link, SpanBuilder, SpanContext, SpanId, Status, TraceContextExt, TraceFlags, TraceId,
    TraceState,
};
use opentelemetry::{Context, KeyValue, StringValue, Value};
use opentelemetry_sdk::Resource;
use orcheo_store::SpanState;
use orcheo_telemetry::NewArtifact;

use crate::traced::{Options, Traced, span_id};

const SECRET: &str = "correct-horse/battery+staple";
const PLANTED: [&str; 5] = [
    SECRET,
    "ada.lovelace@example.com",
    "4111111111111111",
    "hunter2-by-key",
    "hunter2-by-label",
];

/// A text with everything in it that must not get out.
fn planted() -> String {
    format!(
        "{SECRET} Ada.Lovelace ada.lovelace@example.com paid with 4111111111111111, password=hunter2-by-label, {} {}",
        SECRET
            .bytes()
            .map(|byte| format!("%{byte:02x}"))
            .collect::<String>(),
        base64::engine::general_purpose::STANDARD.encode(format!("user:{SECRET}")),
    )
}

/// The same as JSON, with JSON in JSON.
fn planted_json() -> String {
    let inner = serde_json::json!({"text": planted(), "api_key": "hunter2-by-key"}).to_string();
    serde_json::json!({"inner": inner, planted(): 1, "card": 4_111_111_111_111_111_u64, "password": ["hunter2-by-key"]}).to_string()
}

fn attributes() -> Vec<KeyValue> {
    let texts: Vec<StringValue> = vec![planted().into(), planted_json().into()];
    vec![
        KeyValue::new("text", planted()),
        KeyValue::new("json", planted_json()),
        KeyValue::new("texts", Value::Array(texts.into())),
        KeyValue::new("card", 4_111_111_111_111_111_i64),
        KeyValue::new(
            "cards",
            Value::Array(vec![1_i64, 4_111_111_111_111_111].into()),
        ),
        KeyValue::new("http.request.header.authorization", "hunter2-by-key"),
        KeyValue::new(planted(), "key"),
    ]
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    text: String,
}

async fn texts(connection: &mut AsyncPgConnection, sql: String) -> Vec<String> {
    sql_query(sql)
        .load::<Row>(connection)
        .await
        .unwrap()
        .into_iter()
        .map(|row| row.text)
        .collect()
}

/// Every row of every table, as text.
pub(crate) async fn dump(connection: &mut AsyncPgConnection) -> Vec<(String, String)> {
    let tables = "SELECT quote_ident(schemaname) || '.' || quote_ident(relname) AS text FROM pg_stat_user_tables".to_owned();
    let mut rows = Vec::new();
    for table in texts(connection, tables).await {
        let contents = texts(
            connection,
            format!("SELECT row_to_json(t)::text || t::text AS text FROM {table} t"),
        )
        .await;
        rows.extend(contents.into_iter().map(|row| (table.clone(), row)));
    }
    rows
}

#[tokio::test]
async fn nothing_planted_in_a_run_reaches_the_database() {
    let resource = Resource::builder_empty()
        .with_attributes(attributes())
        .build();
    let traced = Traced::with(Options {
        resource,
        ..Options::default()
    })
    .await;
    traced.redactor.secrets().add(SECRET);

    let state = TraceState::from_key_value([("vendor", "user:ada.lovelace@example.com")]).unwrap();
    let linked = SpanContext::new(
        TraceId::from(1),
        SpanId::from(1),
        TraceFlags::SAMPLED,
        true,
        state,
    );
    let mut link = Link::with_context(linked);
    link.attributes = attributes();
    let content = [
        "orcheo.execution.inputs",
        "orcheo.execution.outputs",
        "orcheo.node.display_name",
        "orcheo.node.kind",
    ];
    let content = content.map(|key| KeyValue::new(key, planted_json()));
    let builder = SpanBuilder::from_name(planted())
        .with_attributes([attributes(), content.to_vec()].concat())
        .with_links(vec![link]);
    let root = traced.build(&traced.handle.context(&Context::new()), builder);

    traced.handle.progress(span_id(&root), attributes());
    for content in [
        "orcheo.node.input",
        "orcheo.node.output",
        "gen_ai.input.messages",
        "gen_ai.system_instructions",
    ] {
        let child = traced.open(&root, "child", vec![KeyValue::new(content, planted())]);
        child
            .span()
            .set_attribute(KeyValue::new(content, planted_json()));
        child.span().end();
    }
    root.span().add_event(planted(), attributes());
    root.span().add_event(
        "exception",
        vec![
            KeyValue::new("exception.message", planted()),
            KeyValue::new("exception.stacktrace", planted()),
        ],
    );
    root.span().set_status(Status::error(planted()));
    let artifact = NewArtifact {
        name: planted(),
        media_type: planted(),
        bytes: b"x".as_slice().into(),
        span_id: span_id(&root),
    };
    traced.handle.artifact(artifact).await.unwrap();
    traced.settled().await;

    // While it runs, and when it has ended.
    for state in [SpanState::Running, SpanState::Ended] {
        assert_eq!(traced.span(&root).await.state, state);
        let rows = dump(&mut traced.database.connection().await).await;
        assert!(
            rows.iter()
                .any(|(_, row)| row.contains("[REDACTED:secret-value]"))
        );
        for (table, row) in &rows {
            for planted in PLANTED {
                assert!(
                    !row.to_lowercase().contains(planted),
                    "{planted} in {table}: {row}"
                );
            }
            assert!(
                !row.contains("Y29ycmVjdC1ob3JzZ") && !row.contains("%63%6f%72"),
                "an encoded secret in {table}: {row}"
            );
        }
        root.span().end();
        traced.settled().await;
    }
}

#[tokio::test]
async fn the_scan_of_the_database_finds_what_is_there() {
    let traced = Traced::new().await;
    let root = traced.root(
        "a harmless name",
        vec![KeyValue::new("harmless", "needle-1")],
    );
    root.span().set_attribute(KeyValue::new(
        "orcheo.node.output",
        format!("{{\"large\":\"{} needle-2\"}}", "x".repeat(100_000)),
    ));
    root.span().end();
    traced.settled().await;
    let rows = dump(&mut traced.database.connection().await).await;
    for needle in ["a harmless name", "needle-1", "needle-2"] {
        assert!(rows.iter().any(|(_, row)| row.contains(needle)), "{needle}");
    }
}
