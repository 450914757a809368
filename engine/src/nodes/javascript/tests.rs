//! Scripts, good and bad.

use serde_json::{Value, json};

use super::sandbox::Script;
use crate::nodes::testing::{Lab, node_error, run_node};

async fn script(source: &str) -> Value {
    run_node(json!({"type": "JavaScriptSandboxNode", "script": source})).await
}

#[tokio::test]
async fn the_result_is_the_named_variable_or_the_last_value() {
    assert_eq!(
        script("var result = {a: [1, 'x', null]};").await["result"],
        json!({"a": [1, "x", null]})
    );
    assert_eq!(script("const result = 5; 6").await["result"], 5);
    assert_eq!(script("40 + 2").await["result"], 42);
    assert_eq!(
        script("var x = 1; function f() {}").await["result"],
        Value::Null
    );
    let node = json!({"type": "JavaScriptSandboxNode", "script": "let total = 3;", "result_variable": "total"});
    assert_eq!(run_node(node).await["result"], 3);
}

#[tokio::test]
async fn context_variables_are_seen_whatever_their_names() {
    let node = json!({
        "type": "JavaScriptSandboxNode", "context": {"items": [1, 2, 3], "odd name": "</script>\u{2028}"},
        "script": "items.map(x => x * 2).concat([globalThis['odd name'].length])",
    });
    assert_eq!(run_node(node).await["result"], json!([2, 4, 6, 10]));
}

#[tokio::test]
async fn a_promise_is_awaited() {
    let source =
        "const result = (async () => { const a = await Promise.resolve(20); return a + 1; })();";
    assert_eq!(script(source).await["result"], 21);
}

#[tokio::test]
async fn the_console_is_in_the_output_and_on_the_span() {
    let source = "console.log('count', 3, {a: 1}); console.error(new Error('bad')); 1";
    let ran = Lab::default()
        .run_node(json!({"type": "JavaScriptSandboxNode", "script": source}))
        .await;
    assert_eq!(
        ran.output()["console"],
        json!(["count 3 {\"a\":1}", "Error: bad"])
    );
    let events = &ran.span("node").0.events.events;
    let lines: Vec<String> = events
        .iter()
        .map(|event| format!("{} {:?}", event.name, event.attributes))
        .collect();
    assert_eq!(lines.len(), 2);
    assert!(
        lines[0].starts_with("console") && lines[0].contains("count 3"),
        "{}",
        lines[0]
    );
    assert!(lines[1].contains("error"), "{}", lines[1]);

    let node = json!({"type": "JavaScriptSandboxNode", "script": source, "capture_console": false});
    assert_eq!(run_node(node).await, json!({"result": 1}));
}

#[tokio::test]
async fn an_exception_is_told_with_its_place() {
    let error =
        node_error(json!({"type": "JavaScriptSandboxNode", "script": "let a = 1;\nmissing();"}))
            .await;
    assert_eq!(error.code, "SCRIPT_FAILED");
    assert!(
        error.message.contains("ReferenceError: ") && error.message.contains(":2:"),
        "{}",
        error.message
    );
    let error = node_error(json!({"type": "JavaScriptSandboxNode", "script": "let = ;"})).await;
    assert!(error.message.contains("SyntaxError"), "{}", error.message);
    let error =
        node_error(json!({"type": "JavaScriptSandboxNode", "script": "throw 'just text'"})).await;
    assert_eq!(error.message, "the script threw just text");
    let error =
        node_error(json!({"type": "JavaScriptSandboxNode", "script": "const a = {}; a.a = a; a"}))
            .await;
    assert!(error.message.contains("TypeError"), "{}", error.message);
}

#[tokio::test]
async fn an_endless_script_is_stopped() {
    for source in [
        "for (;;) {}",
        "for (;;) { try { for (;;) {} } catch (e) {} }",
        "(async () => { for (;;) await 0; })()",
    ] {
        let node = json!({"type": "JavaScriptSandboxNode", "script": source, "time_limit": 0.1});
        let error = node_error(node).await;
        assert_eq!(error.code, "TIMEOUT", "{source}");
        assert_eq!(
            error.message,
            "the script took longer than its time_limit of 0.1 s"
        );
    }
}

#[tokio::test]
async fn a_script_that_wants_too_much_memory_or_stack_fails_alone() {
    for source in [
        "const a = []; for (;;) a.push('x'.repeat(1000) + a.length);",
        "function f() { return f() + 1; } f()",
        "'x'.repeat(2 ** 30)",
    ] {
        let node = json!({"type": "JavaScriptSandboxNode", "script": source, "memory_limit_mb": 8});
        assert_eq!(node_error(node).await.code, "SCRIPT_FAILED", "{source}");
    }
    assert_eq!(script("1").await["result"], 1);
}

#[tokio::test]
async fn a_script_has_no_way_out() {
    let source =
        "[typeof require, typeof process, typeof fetch, typeof std, typeof os, typeof setTimeout]";
    assert_eq!(script(source).await["result"], json!(vec!["undefined"; 6]));
    let error =
        node_error(json!({"type": "JavaScriptSandboxNode", "script": "import('fs')"})).await;
    assert_eq!(error.code, "SCRIPT_FAILED");
}

#[tokio::test]
async fn a_script_knows_which_attempt_it_is() {
    let node = json!({
        "type": "JavaScriptSandboxNode", "retry": {"max_attempts": 3},
        "script": "if (run.attempt < 3) throw new Error('not yet'); run.attempt",
    });
    let ran = Lab::default().run_node(node).await;
    assert_eq!(ran.output()["result"], 3);
    let attempts: Vec<(Value, bool)> = ran
        .spans("node")
        .iter()
        .map(|span| {
            (
                span.attribute("orcheo.node.attempt"),
                span.failure().is_some(),
            )
        })
        .collect();
    assert_eq!(
        attempts,
        [(json!(1), true), (json!(2), true), (json!(3), false)]
    );
}

#[test]
fn a_script_that_nobody_waits_for_any_more_is_stopped() {
    let script = Script {
        source: "for (;;) {}".to_owned(),
        context: serde_json::Map::new(),
        result_variable: "result".to_owned(),
        time_limit: std::time::Duration::from_secs(3600),
        memory_limit_bytes: 8 << 20,
        stop: std::sync::Arc::new(std::sync::atomic::AtomicBool::new(true)),
        on_line: Box::new(|_| ()),
    };
    assert_eq!(script.run().err().unwrap().code, "SCRIPT_FAILED");
}
