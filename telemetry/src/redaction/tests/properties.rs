//! What holds for any input: nothing planted survives, twice is once, JSON stays JSON, the effort is linear.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::redaction::Redactor;

const SECRET_CHARS: &str = "[A-Za-z0-9/+=&%\"\\\\ _.~!é-]{8,40}";

#[derive(Debug, Clone, Copy)]
enum Encoding {
    Plain,
    Percent,
    Base64,
    UrlSafe,
    Hex,
    Escaped,
}

fn encode(encoding: Encoding, plain: &str) -> String {
    match encoding {
        Encoding::Plain => plain.to_owned(),
        Encoding::Percent => plain.bytes().map(|byte| format!("%{byte:02X}")).collect(),
        Encoding::Base64 => STANDARD.encode(plain),
        Encoding::UrlSafe => URL_SAFE.encode(plain),
        Encoding::Hex => hex::encode(plain),
        Encoding::Escaped => Value::from(plain).to_string(),
    }
}

fn encoding() -> impl Strategy<Value = Encoding> {
    use Encoding::{Base64, Escaped, Hex, Percent, Plain, UrlSafe};
    prop::sample::select(vec![Plain, Percent, Base64, UrlSafe, Hex, Escaped])
}

/// JSON of any shape with `leaf` somewhere in it, as a value or as a key.
fn around(leaf: String) -> impl Strategy<Value = Value> {
    let any = prop_oneof![
        any::<i64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        Just(Value::Null)
    ];
    (
        prop::collection::vec((0..4_u8, ".{0,8}", any), 0..6),
        any_key(),
    )
        .prop_map(move |(steps, key)| {
            steps.into_iter().fold(
                json!({ key: leaf.clone() }),
                |inner, (step, name, sibling)| match step {
                    0 => json!([sibling, inner]),
                    1 => json!({ name: inner, "sibling": sibling }),
                    2 => json!([inner.to_string(), sibling]),
                    _ => json!({ leaf.clone(): sibling, "inner": inner }),
                },
            )
        })
}

fn any_key() -> impl Strategy<Value = String> {
    prop_oneof![
        ".{0,8}",
        Just("password".to_owned()),
        Just("value".to_owned())
    ]
}

/// Text rich in what the rules look for.
fn suspicious() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        ".{0,6}",
        prop::sample::select(vec![
            "password",
            "=",
            ": ",
            "token",
            "\"",
            "\\",
            "%2",
            "25",
            "ada@example.com",
            "4111111111111111",
            "sk-",
            "eyJ",
            ".",
            "-",
            "Bearer ",
            "://",
            "u:p@h",
            "{",
            "}",
            "[",
            "]",
            "[REDACTED:",
            "email]",
            "[REDACTED:email]",
            "\n",
            "078-05-1120",
            "+4930123456",
            "-----BEGIN PRIVATE KEY-----",
            "AKIAIOSFODNN7EXAMPLE",
            "\\u0041",
            "cookie",
            "DE89370400440532013000",
            ",",
            "<secret>",
            "</secret>",
            "<a key=\"token\" value=\"",
            "<![CDATA[",
            "s.7Hk2mQpX9vLw3RtY5zNc8BdF",
            "MTk4NjIyNDgzNDcxOTI1MjQ4.Cl2FMQ.ZnCjm1XVW7vRze4b7Cq4se7kKWs",
            "\"\"",
            "--api-key ",
            "is ",
            "\0",
        ])
        .prop_map(str::to_owned),
    ];
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn a_planted_secret_survives_nowhere_in_text(
        secret in SECRET_CHARS, before in suspicious(), after in suspicious(), inner in ".{0,3}", encoding in encoding(),
    ) {
        prop_assume!(secret.trim().len() >= 8);
        let redactor = Redactor::new();
        redactor.secrets().add(&secret);
        let planted = encode(encoding, &format!("{inner}{secret}{inner}"));
        let result = redactor.text(&format!("{before}{planted}{after}")).into_owned();
        for form in [secret.clone(), encode(encoding, &secret), secret.trim().to_owned()] {
            prop_assert!(!result.contains(form.trim_matches('"').trim_end_matches('=')), "{:?} in {:?}", form, result);
        }
    }

    #[test]
    fn a_planted_secret_survives_nowhere_in_json(
        (secret, value) in SECRET_CHARS.prop_flat_map(|secret| (Just(secret.clone()), around(secret))), pretty in any::<bool>(),
    ) {
        prop_assume!(secret.trim().len() >= 8);
        let redactor = Redactor::new();
        redactor.secrets().add(&secret);
        let text = if pretty { format!("{value:#}") } else { value.to_string() };
        let result = redactor.json_text(&text);
        let parsed: Value = serde_json::from_str(&result).expect("JSON stays JSON");
        prop_assert!(!result.contains(secret.trim()));
        prop_assert!(!contains(&parsed, secret.trim()));
        prop_assert_eq!(&redactor.json_text(&result), &result);
        let mut in_place = value;
        redactor.json(&mut in_place);
        prop_assert!(!contains(&in_place, secret.trim()));
    }

    #[test]
    fn twice_is_once(text in suspicious(), secret in "[a-z@.]{4,8}") {
        let redactor = Redactor::new();
        redactor.secrets().add(&secret);
        let once = redactor.text(&text).into_owned();
        prop_assert_eq!(redactor.text(&once).into_owned(), once.clone());
        let once = redactor.json_text(&text);
        prop_assert_eq!(&redactor.json_text(&once), &once);
    }

    #[test]
    fn valid_json_is_accepted_and_nothing_else_is(text in suspicious()) {
        let redactor = Redactor::new();
        let wrapped = serde_json::from_str::<Value>(&redactor.json_text(&text)).expect("always JSON");
        if serde_json::from_str::<Value>(&text).is_err() && !text.contains("\\u") {
            prop_assert!(wrapped.is_string());
        }
    }
}

fn contains(value: &Value, secret: &str) -> bool {
    match value {
        Value::String(text) => {
            text.contains(secret)
                || serde_json::from_str::<Value>(text)
                    .is_ok_and(|inner| !inner.is_number() && contains(&inner, secret))
        }
        Value::Array(items) => items.iter().any(|item| contains(item, secret)),
        Value::Object(members) => members
            .iter()
            .any(|(key, value)| key.contains(secret) || contains(value, secret)),
        _ => false,
    }
}

/// A quarter of a megabyte of each: what is linear takes a moment, what is not would take hours, and the test runner ends it.
#[test]
fn hostile_repetitions_are_got_through() {
    let redactor = Redactor::new();
    redactor.secrets().add("aaaaaaaaaaaaaaaab");
    for unit in [
        "a",
        "1",
        "1-",
        "sk-",
        "sk-a1",
        "eyJ",
        "eyJaaaaaaaa.",
        "password=",
        "password: ",
        "password ",
        "\"password\":",
        "://",
        "://a:",
        "@",
        "a@a.",
        "[REDACTED:",
        "[REDACTED:email]",
        "%",
        "%25",
        "\\",
        "\\u",
        "{",
        "[",
        "{\"a\":",
        "-----BEGIN ",
        "-----BEGIN PRIVATE KEY-----",
        "cookie: ",
        "authorization:",
        "<token>",
        "<token><![CDATA[",
        "<a name=\"token\"><![CDATA[",
        "<a key=\"token\" value",
        "token=\"\"a",
        "private key ",
        "MTk4NjIyNDgzNDcxOTI1MjQ4.Cl2FMQ.",
        "1308742762612587|",
        "s.7H",
        "tel:",
        "DE89",
        "4111 ",
        "xoxb-",
        "Bearer ",
        "is ",
        "token is ",
        "password={{",
        "token=((",
        "Private-Lines: 1 ",
    ] {
        let text = unit.repeat((256 << 10) / unit.len());
        assert!(!redactor.text(&text).is_empty(), "{unit}");
    }
}
