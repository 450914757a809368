//! Credentials in use are found by their value, wherever and however they are written.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

use crate::redaction::Redactor;

fn knowing(secrets: &[&str]) -> Redactor {
    let redactor = Redactor::new();
    for secret in secrets {
        redactor.secrets().add(secret);
    }
    redactor
}

#[test]
fn a_secret_is_found_alone_and_in_longer_text() {
    let redactor = knowing(&["plain-horse"]);
    assert_eq!(redactor.text("plain-horse"), "[REDACTED:secret-value]");
    assert_eq!(redactor.text("xplain-horsey"), "x[REDACTED:secret-value]y");
    assert_eq!(redactor.text("plain-hors"), "plain-hors");
}

#[test]
fn clones_share_what_is_registered_later() {
    let redactor = Redactor::new();
    let clone = redactor.clone();
    redactor.secrets().add("plain-horse");
    assert_eq!(clone.text("plain-horse"), "[REDACTED:secret-value]");
    assert_eq!(clone.secrets().len(), 1);
}

#[test]
fn percent_encoding_hides_nothing_whoever_encoded_it() {
    let redactor = knowing(&["p&ss wörd/1"]);
    for text in [
        "x=p%26ss%20w%C3%B6rd%2F1&y=1",
        "x=p%26ss%20w%c3%b6rd%2f1&y=1",
        "x=p%26ss+w%C3%B6rd/1&y=1",
        "x=%70%26%73s w%C3%B6rd%2F1&y=1",
        "x=p%2526ss%2520w%25C3%25B6rd%252F1&y=1",
    ] {
        assert_eq!(
            redactor.text(text),
            "x=[REDACTED:secret-value]&y=1",
            "{text}"
        );
    }
}

#[test]
fn json_escapes_hide_nothing_even_quoted_again() {
    let secret = "line\n\"quoted\" \\ é😀";
    let redactor = knowing(&[secret]);
    let once = serde_json::to_string(secret).unwrap();
    let twice = serde_json::to_string(&once).unwrap();
    let ascii = r#"line\n\"quoted\" \\ \u00e9\ud83d\ude00"#;
    for text in [secret, once.as_str(), twice.as_str(), ascii] {
        let result = redactor.text(&format!("log: {text}!")).into_owned();
        assert!(
            result.contains("[REDACTED:secret-value]") && !result.contains("quoted"),
            "{text} became {result}"
        );
    }
}

#[test]
fn base64_and_hexadecimal_hide_nothing() {
    let secret = "hunter2>>?secretly~~";
    let redactor = knowing(&[secret]);
    for before in ["", "a", "ab", "user:", "usernames"] {
        for after in ["", "z", "zz", ":trailer"] {
            let plain = format!("{before}{secret}{after}");
            for encoded in [
                STANDARD.encode(&plain),
                URL_SAFE_NO_PAD.encode(&plain),
                hex::encode(&plain),
                hex::encode_upper(&plain),
            ] {
                let result = redactor.text(&encoded).into_owned();
                assert!(
                    result.contains("[REDACTED:secret-value]"),
                    "{encoded} became {result}"
                );
                for piece in result.split("[REDACTED:secret-value]") {
                    assert!(
                        piece.len() <= before.len() * 2 + after.len() * 2 + 4,
                        "{encoded} became {result}"
                    );
                }
            }
        }
    }
}

#[test]
fn secrets_inside_each_other_are_hidden_as_one() {
    let redactor = knowing(&["alpha-beta", "beta-gamma", "alpha"]);
    assert_eq!(
        redactor.text("(alpha-beta-gamma)"),
        "([REDACTED:secret-value])"
    );
    assert_eq!(redactor.text("alpha beta"), "[REDACTED:secret-value] beta");
}

#[test]
fn numeric_secrets_are_found_in_numbers() {
    assert_eq!(
        knowing(&["987654"]).json_text(r#"{"a":987654,"b":98765}"#),
        r#"{"a":"[REDACTED:secret-value]","b":98765}"#
    );
}

#[test]
fn keys_are_searched_too() {
    assert_eq!(
        knowing(&["plain-horse"]).json_text(r#"{"plain-horse":1}"#),
        r#"{"[REDACTED:secret-value]":1}"#
    );
}

#[test]
fn very_short_secrets_hide_only_whole_values() {
    let redactor = knowing(&["a1"]);
    assert_eq!(
        redactor.json_text(r#"["a1","data1"]"#),
        r#"["[REDACTED:secret-value]","data1"]"#
    );
}

#[test]
fn the_line_break_of_a_file_does_not_protect_its_secret() {
    assert_eq!(
        knowing(&["plain-horse\n"]).text("x plain-horse y"),
        "x [REDACTED:secret-value] y"
    );
}

#[test]
fn secrets_that_are_words_of_the_markers_do_not_garble_them() {
    let redactor = knowing(&["REDACTED", "email"]);
    let once = redactor.text("ada@example.com email").into_owned();
    assert_eq!(once, "[REDACTED:email] [REDACTED:secret-value]");
    assert_eq!(redactor.text(&once), once);
}

#[test]
fn debug_output_tells_no_secret() {
    assert!(!format!("{:?}", knowing(&["plain-horse"])).contains("plain-horse"));
}
