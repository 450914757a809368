//! JSON documents: valid, and untouched where there is nothing to hide.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{json, redacted};
use crate::redaction::Redactor;

#[test]
fn formatting_order_and_numbers_stay_as_written() {
    let text = "{ \"z\" : 1.0,\n \"a\":\t[1e400, 123456789012345678901234567890, \"\\u00e9\\/\"], \"password\": \"x\", \"z\": -0.0 }";
    let expected = text.replace("\"x\"", "\"[REDACTED:password]\"");
    assert_eq!(Redactor::new().json_text(text), expected);
}

#[test]
fn clean_documents_come_back_as_they_are() {
    for text in ["{}", "[]", "null", "12", "\"a\"", " {\"a\":[{},[]]} "] {
        assert_eq!(Redactor::new().json_text(text), text);
    }
}

#[test]
fn escapes_hide_nothing() {
    let value = json(
        r#"{"p\u0061ssword":"x","mail":"ada\u0040example.com","url":"postgres:\/\/u:hunter2@db"}"#,
    );
    assert_eq!(
        value,
        serde_json::json!({
            "password": "[REDACTED:password]",
            "mail": "[REDACTED:email]",
            "url": "postgres://u:[REDACTED:connection-string]@db"
        })
    );
}

#[test]
fn json_in_strings_is_redacted_by_key_and_stays_json() {
    let inner = serde_json::json!({"password": "hunter2", "user": "ada"}).to_string();
    let middle = serde_json::json!({"body": inner, "status": 200}).to_string();
    let outer = serde_json::json!({"response": middle}).to_string();
    let outer = json(&outer);
    let middle: serde_json::Value =
        serde_json::from_str(outer["response"].as_str().unwrap()).unwrap();
    let inner: serde_json::Value = serde_json::from_str(middle["body"].as_str().unwrap()).unwrap();
    assert_eq!(
        inner,
        serde_json::json!({"password": "[REDACTED:password]", "user": "ada"})
    );
    assert_eq!(middle["status"], 200);
}

#[test]
fn text_that_is_json_is_redacted_as_json() {
    assert_eq!(
        redacted(r#"{"password":"hunter2","n":1}"#),
        r#"{"password":"[REDACTED:password]","n":1}"#
    );
}

#[test]
fn json_text_is_json_whatever_comes_in() {
    for text in [
        "",
        "no json",
        "{\"a\":}",
        "[1,]",
        "{\"a\":1}}",
        "\"\u{1}\"",
        "01",
        "nul",
        "{\"a\" 1}",
        "[REDACTED:email]",
    ] {
        let result = Redactor::new().json_text(text);
        assert_eq!(
            serde_json::from_str::<String>(&result).unwrap(),
            text,
            "{text}"
        );
    }
    let result = Redactor::new().json_text("{password: 'hunter2'}");
    assert_eq!(
        serde_json::from_str::<String>(&result).unwrap(),
        "{password: '[REDACTED:password]'}"
    );
}

#[test]
fn keys_are_scanned_and_stay_different() {
    let value = json(r#"{"ada@example.com":1,"bob@example.com":2,"c":3}"#);
    assert_eq!(
        value,
        serde_json::json!({"[REDACTED:email]": 1, "[REDACTED:email]#2": 2, "c": 3})
    );
}

#[test]
fn card_numbers_are_found_as_numbers_too() {
    assert_eq!(
        json(r#"{"a":4111111111111111,"b":4111111111111112}"#),
        serde_json::json!({"a": "[REDACTED:card]", "b": 4111111111111112_u64})
    );
}

#[test]
fn what_is_nested_too_deep_becomes_a_marker_in_text_and_value() {
    let text = format!("{}\"hunter2\"{}", "[".repeat(100_000), "]".repeat(100_000));
    let result = Redactor::new().json_text(&text);
    assert!(result.contains("[REDACTED:unscannable]") && !result.contains("hunter2"));
    serde_json::from_str::<serde_json::Value>(&result).unwrap();

    let mut value = serde_json::json!("hunter2");
    for _ in 0..100_000 {
        value = serde_json::Value::Array(vec![value]);
    }
    Redactor::new().json(&mut value);
    assert_eq!(serde_json::to_string(&value).unwrap(), result);
}

#[test]
fn json_quoted_too_often_becomes_a_marker() {
    let mut text = serde_json::json!({"note": "hunter2"}).to_string();
    for _ in 0..9 {
        text = serde_json::json!({ "note": text }).to_string();
    }
    let result = Redactor::new().json_text(&text);
    assert!(result.contains("[REDACTED:unscannable]") && !result.contains("hunter2"));
}

#[test]
fn what_postgresql_refuses_is_replaced() {
    assert_eq!(
        json(r#"{"a":"x\u0000y","b":"\ud800z","c\u0000":"\ud83d\ude00"}"#),
        serde_json::json!({"a": "x\u{FFFD}y", "b": "\u{FFFD}z", "c\u{FFFD}": "😀"})
    );
    assert_eq!(redacted("x\0y"), "x\u{FFFD}y");
}

#[test]
fn values_are_redacted_in_place() {
    let mut value =
        serde_json::json!({"password": "hunter2", "big": u64::MAX, "float": 0.1, "neg": i64::MIN});
    Redactor::new().json(&mut value);
    assert_eq!(
        value,
        serde_json::json!({"password": "[REDACTED:password]", "big": u64::MAX, "float": 0.1, "neg": i64::MIN})
    );
}

#[test]
fn bytes_that_are_text_are_looked_into() {
    let key = format!("{}{}", "gh", "p_16C7e42F292c6912E7710c838347Ae178B4a");
    let held =
        |bytes: &[u8]| serde_json::json!({"sent": {"$bytes": STANDARD.encode(bytes)}}).to_string();
    let redactor = Redactor::new();
    let text = held(format!("use {key} now").as_bytes());
    let redacted = redactor.json_text(&text);
    assert_eq!(
        redacted,
        r#"{"sent":{"$bytes":"use [REDACTED:github-token] now"}}"#
    );
    assert_eq!(redactor.json_text(&redacted), redacted);
    for harmless in [
        &b"plain words"[..],
        &[0, 159, 146, 150],
        br#"{"a":"\u0000"}"#,
    ] {
        let text = held(harmless);
        assert_eq!(redactor.json_text(&text), text);
    }
}

#[test]
fn a_secret_of_kubernetes_shows_nothing_of_what_it_holds() {
    let shown = |text: &str| json(text).to_string();
    for text in [
        r#"{"kind":"Secret","data":{"DATABASE":"aHVudGVyMg=="},"metadata":{"name":"db"}}"#,
        r#"{"data":{"DATABASE":"aHVudGVyMg=="},"kind":"Secret","metadata":{"name":"db"}}"#,
        r#"{"items":[{"kind":"Secret","stringData":{"tls.key":"aHVudGVyMg==","n":1},"metadata":{"name":"db"}}]}"#,
    ] {
        let result = shown(text);
        assert!(
            !result.contains("aHVudGVyMg") && result.contains(r#""name":"db""#),
            "{result}"
        );
        assert!(result.contains("[REDACTED:kubernetes-secret]"), "{result}");
        assert_eq!(shown(&result), result, "again");
    }
    let harmless = r#"{"kind":"ConfigMap","data":{"HOST":"db"},"spec":{"kind":"SecretRef"}}"#;
    assert_eq!(Redactor::new().json_text(harmless), harmless);
}

#[test]
fn a_secret_of_kubernetes_in_yaml_keeps_what_stands_around_its_data() {
    let yaml = "apiVersion: v1\ndata:\n  A: eA==\n  B: |\n    eQ==\n\nkind: Secret\nmetadata:\n  name: db\n---\nkind: ConfigMap\ndata:\n  HOST: db\n";
    assert_eq!(
        Redactor::new().text(yaml),
        "apiVersion: v1\ndata:\n  [REDACTED:kubernetes-secret]\n\nkind: Secret\nmetadata:\n  name: db\n---\nkind: ConfigMap\ndata:\n  HOST: db\n"
    );
}

#[test]
fn what_is_private_of_a_json_web_key_is_hidden() {
    let key = r#"{"keys":[{"d":"hunter2","kty":"EC","crv":"P-256","x":"f83O"},{"kty":"oct","k":"hunter2","kid":"1"}]}"#;
    assert_eq!(
        Redactor::new().json_text(key),
        r#"{"keys":[{"d":"[REDACTED:private-key]","kty":"EC","crv":"P-256","x":"f83O"},{"kty":"oct","k":"[REDACTED:private-key]","kid":"1"}]}"#
    );
    let harmless = r#"{"d":"east","p":1,"q":"what?","k":5}"#;
    assert_eq!(Redactor::new().json_text(harmless), harmless);
}

#[test]
fn logins_of_registries_are_hidden() {
    let file = r#"{"auths":{"ghcr.io":{"auth":"Ym9iOlMzY3JldDk5"}}}"#;
    assert_eq!(
        Redactor::new().json_text(file),
        r#"{"auths":{"ghcr.io":{"auth":"[REDACTED:basic-auth]"}}}"#
    );
    let harmless = r#"{"auth":"none"}"#;
    assert_eq!(Redactor::new().json_text(harmless), harmless);
}
