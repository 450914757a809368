//! Inputs and outputs, usage, resource and artifacts.

use futures::TryStreamExt;
use opentelemetry::KeyValue;
use opentelemetry::trace::TraceContextExt;
use orcheo_store::models::artifacts::Artifact;
use orcheo_telemetry::NewArtifact;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::traced::{Traced, json, span_id};

#[tokio::test]
async fn a_node_s_input_and_output_are_its_own_fields() {
    let traced = Traced::new().await;
    let node = traced.root(
        "fetch",
        vec![
            KeyValue::new("orcheo.node.id", "fetch"),
            KeyValue::new("orcheo.node.input", r#"{"url":"http://x"}"#),
        ],
    );
    assert_eq!(
        json(&traced.span(&node).await.input),
        json!({"url": "http://x"}),
        "already while it runs"
    );
    node.span().set_attribute(KeyValue::new(
        "orcheo.node.output",
        r#"{"status":200,"password":"x"}"#,
    ));
    node.span().end();
    let span = traced.span(&node).await;
    assert_eq!(json(&span.input), json!({"url": "http://x"}));
    assert_eq!(
        json(&span.output),
        json!({"status": 200, "password": "[REDACTED:password]"})
    );
    assert_eq!(json(&span.attributes), json!({"orcheo.node.id": "fetch"}));
}

#[tokio::test]
async fn system_instructions_are_the_first_message() {
    let traced = Traced::new().await;
    let call = traced.root(
        "chat m",
        vec![
            KeyValue::new("gen_ai.operation.name", "chat"),
            KeyValue::new(
                "gen_ai.system_instructions",
                r#"[{"type":"text","content":"Be kind."}]"#,
            ),
            KeyValue::new(
                "gen_ai.input.messages",
                r#"[{"role":"user","parts":[{"type":"text","content":"Hi"}]}]"#,
            ),
        ],
    );
    call.span().end();
    let span = traced.span(&call).await;
    assert_eq!(
        json(&span.input),
        json!([
            {"role": "system", "parts": [{"type": "text", "content": "Be kind."}]},
            {"role": "user", "parts": [{"type": "text", "content": "Hi"}]}
        ])
    );
    assert_eq!(
        json(&span.attributes),
        json!({"gen_ai.operation.name": "chat"})
    );
}

#[tokio::test]
async fn content_that_is_not_json_is_a_json_string() {
    let traced = Traced::new().await;
    let node = traced.root(
        "n",
        vec![
            KeyValue::new("orcheo.node.input", "just { text"),
            KeyValue::new("orcheo.node.output", "4111111111111111"),
        ],
    );
    node.span().end();
    let span = traced.span(&node).await;
    assert_eq!(
        (json(&span.input), json(&span.output)),
        (json!("just { text"), json!("[REDACTED:card]"))
    );
}

#[tokio::test]
async fn large_content_comes_back_whole() {
    let traced = Traced::new().await;
    let items: Vec<Value> = (0..20_000)
        .map(|number| json!({"number": number, "name": format!("item {number}")}))
        .collect();
    let output = Value::from(items);
    let node = traced.root("n", Vec::new());
    node.span()
        .set_attribute(KeyValue::new("orcheo.node.output", output.to_string()));
    node.span().end();
    assert_eq!(json(&traced.span(&node).await.output), output);
}

#[tokio::test]
async fn usage_is_counted_once() {
    let traced = Traced::new().await;
    let usage = |input: i64| {
        vec![
            KeyValue::new("gen_ai.usage.input_tokens", input),
            KeyValue::new("gen_ai.usage.output_tokens", 2),
        ]
    };
    let agent = traced.root(
        "invoke_agent a",
        [
            vec![KeyValue::new("gen_ai.operation.name", "invoke_agent")],
            usage(10),
        ]
        .concat(),
    );
    let call = traced.open(
        &agent,
        "chat m",
        [
            vec![KeyValue::new("gen_ai.operation.name", "chat")],
            usage(10),
        ]
        .concat(),
    );
    call.span().end();
    agent.span().end();
    assert!(!traced.span(&agent).await.usage.unwrap().counted);
    let counted = traced.span(&call).await.usage.unwrap();
    assert_eq!(
        (counted.input, counted.output, counted.counted),
        (10, 2, true)
    );
}

#[tokio::test]
async fn an_artifact_is_redacted_in_name_and_text_and_told_as_it_is_stored() {
    let traced = Traced::new().await;
    let node = traced.root("n", Vec::new());
    for (made, kept) in [
        (
            b"for ada@example.com".as_slice(),
            b"for [REDACTED:email]".as_slice(),
        ),
        (b"nothing to hide\r\n", b"nothing to hide\r\n"),
        (b"\xFF\xFF", b"[REDACTED:unscannable]"),
    ] {
        let artifact = NewArtifact {
            name: "report for ada@example.com.txt".to_owned(),
            media_type: "text/plain".to_owned(),
            bytes: made.into(),
            span_id: span_id(&node),
        };
        let stored = traced.handle.artifact(artifact).await.unwrap();
        let mut connection = traced.store.read().await.unwrap();
        let id = (traced.run.execution_id, stored.artifact_id);
        let rows = Artifact::by_ids(&mut connection, &[id]).await.unwrap();
        let [artifact] = rows.as_slice() else {
            panic!("one artifact")
        };
        assert_eq!(artifact.name, "report for [REDACTED:email]");
        let size = i64::try_from(kept.len()).unwrap();
        assert_eq!((artifact.size_bytes, stored.size_bytes), (size, size));
        let hash: [u8; 32] = Sha256::digest(kept).into();
        assert_eq!(
            (artifact.sha256.as_slice(), stored.sha256),
            (hash.as_slice(), hash)
        );
        assert_eq!(
            (artifact.span_id, artifact.media_type.as_str()),
            (span_id(&node), "text/plain")
        );
        let blob = traced.store.blobs().get(&artifact.location, None).await;
        let read: Vec<_> = TryStreamExt::try_collect(blob.unwrap().bytes)
            .await
            .unwrap();
        assert_eq!(read.concat(), kept);
    }
}
