//! Rules that the settings change: what is on, what is added, what is let through, and what is refused.

use super::json;
use crate::redaction::settings::{RedactionSettings, RuleSettings};
use crate::redaction::{Redactor, SecretRegistry};

fn settings() -> RedactionSettings {
    RedactionSettings::default()
}

fn own(name: &str, pattern: &str) -> RuleSettings {
    RuleSettings {
        name: name.to_owned(),
        pattern: Some(pattern.to_owned()),
        ..RuleSettings::default()
    }
}

fn with(rules: Vec<RuleSettings>) -> Redactor {
    Redactor::configured(&RedactionSettings {
        rules,
        ..settings()
    })
    .expect("valid settings")
}

fn texts(list: &[&str]) -> Vec<String> {
    list.iter().map(|text| (*text).to_owned()).collect()
}

fn problems(settings: &RedactionSettings) -> Vec<String> {
    let invalid = Redactor::configured(settings).expect_err("something is wrong");
    invalid.to_string().lines().map(str::to_owned).collect()
}

#[test]
fn a_rule_that_is_disabled_hides_nothing_and_the_others_go_on() {
    let redactor = Redactor::configured(&RedactionSettings {
        disable: texts(&["email", "phone", "password", "card"]),
        ..settings()
    })
    .unwrap();
    let text = "ada@example.com +1 212 555 0123 password=hunter2 4111111111111111";
    assert_eq!(redactor.text(text), text);
    assert_eq!(
        redactor.json_text(r#"{"password":"x","n":4111111111111111,"api_key":"y"}"#),
        r#"{"password":"x","n":4111111111111111,"api_key":"[REDACTED:api-key]"}"#
    );
    assert_eq!(redactor.attribute("password", "x"), "x");
    assert_eq!(
        redactor.text("password=token=abc1"),
        "password=token=[REDACTED:token]"
    );
}

#[test]
fn a_pattern_of_one_s_own_is_found_wherever_text_is() {
    let redactor = with(vec![own("employee-number", r"\bEMP-(\d{6})\b")]);
    assert_eq!(
        redactor.text("by EMP-123456 and EMP-1234567"),
        "by EMP-[REDACTED:employee-number] and EMP-1234567"
    );
    let redactor = with(vec![own("ticket", r"\b77\d{4}\b")]);
    let value = redactor.json_text(
        r#"{"a":"no 771234","771234":[771234,1771234],"b":"{\"c\":\"x 771234\"}","d":"%37%371234"}"#,
    );
    assert!(!value.replace("1771234", "").contains("771234"), "{value}");
    assert!(
        value.contains("1771234") && !value.contains("%37"),
        "{value}"
    );
    serde_json::from_str::<serde_json::Value>(&value).unwrap();
    assert_eq!(redactor.number("a", "771234").unwrap(), "[REDACTED:ticket]");
    assert_eq!(redactor.text(&value), value, "twice is once");
}

#[test]
fn keys_of_one_s_own_hide_their_values_however_they_are_spelt() {
    let redactor = with(vec![RuleSettings {
        name: "staff".to_owned(),
        keys: texts(&["employee_id", "user.mood"]),
        allow: texts(&["nobody"]),
        ..RuleSettings::default()
    }]);
    let value = redactor.json_text(
        r#"{"employee_id":"e1","employeeId":"e2","EMPLOYEE-ID":3,"x.y.employeeId":["e4"],"a":{"user.mood":"e5"},"mood":"fine","employee_ids":"fine","employee-id":"nobody"}"#,
    );
    assert_eq!(
        value,
        r#"{"employee_id":"[REDACTED:staff]","employeeId":"[REDACTED:staff]","EMPLOYEE-ID":"[REDACTED:staff]","x.y.employeeId":["[REDACTED:staff]"],"a":{"user.mood":"[REDACTED:staff]"},"mood":"fine","employee_ids":"fine","employee-id":"nobody"}"#
    );
    assert_eq!(redactor.attribute("employee.id", "e1"), "e1");
    assert_eq!(redactor.attribute("employeeID", "e1"), "[REDACTED:staff]");
}

#[test]
fn what_is_allowed_is_let_through_exactly() {
    let redactor = Redactor::configured(&RedactionSettings {
        allow: texts(&["support@example.com"]),
        allow_patterns: texts(&[r"[a-z]+@example\.org|nobody@example\.net"]),
        rules: vec![RuleSettings {
            allow: texts(&["EMP-000000"]),
            ..own("employee-number", r"EMP-\d{6}")
        }],
        ..settings()
    })
    .unwrap();
    let harmless =
        "support@example.com ada@example.org nobody@example.net EMP-000000 support%40example.com";
    assert_eq!(redactor.text(harmless), harmless);
    assert_eq!(
        redactor.text("my-support@example.com ada2@example.org.uk EMP-000001"),
        "[REDACTED:email] [REDACTED:email] [REDACTED:employee-number]"
    );
}

#[test]
fn no_setting_lets_a_credential_in_use_through() {
    let redactor = Redactor::configured(&RedactionSettings {
        allow: texts(&["hunter2-in-use"]),
        allow_patterns: texts(&[".+"]),
        ..settings()
    })
    .unwrap();
    let secrets: &SecretRegistry = redactor.secrets();
    secrets.add("hunter2-in-use");
    assert_eq!(
        redactor.text("x hunter2-in-use"),
        "x [REDACTED:secret-value]"
    );
}

#[test]
fn ip_addresses_are_hidden_where_that_is_wanted() {
    let redactor = Redactor::configured(&RedactionSettings {
        enable: texts(&["ip-address"]),
        ..settings()
    })
    .unwrap();
    assert_eq!(
        redactor.text("from 203.0.113.7:443, [2001:db8::1]:80, 2001:db8:0:0:1:2:3:4. and fe80::"),
        "from [REDACTED:ip-address]:443, [[REDACTED:ip-address]]:80, [REDACTED:ip-address]. and [REDACTED:ip-address]"
    );
    for text in [
        "127.0.0.1:8000 and ::1 and 0.0.0.0",
        "version 1.2.3.4.5 of 300.1.1.1, v1.2.3.4",
        "std::fmt, a::b, 12:30:45, 00:1b:44:11:3a:b7",
    ] {
        assert_eq!(redactor.text(text), text);
    }
    assert_eq!(Redactor::new().text("203.0.113.7"), "203.0.113.7");
    assert_eq!(
        json(r#"{"client.address":"203.0.113.7"}"#)["client.address"],
        "203.0.113.7"
    );
}

#[test]
fn everything_that_is_wrong_is_told_at_once_at_its_place() {
    let told = problems(&RedactionSettings {
        disable: texts(&["emial", "secret-value"]),
        enable: texts(&["ip-adress"]),
        allow: texts(&[""]),
        allow_patterns: texts(&["["]),
        rules: vec![
            own("Employee", "(a"),
            own("empty", "a*"),
            own("boundary", r"\b"),
            own("never", "[^\\s\\S]"),
            own("huge", r"(?:\w{50}){50}"),
            own(
                "deep",
                &format!("{}a{}", "(".repeat(2000), ")".repeat(2000)),
            ),
            own("email", "x"),
            RuleSettings {
                name: "nothing".to_owned(),
                ..RuleSettings::default()
            },
            RuleSettings {
                name: "nothing".to_owned(),
                keys: texts(&["-_"]),
                allow_patterns: texts(&["*"]),
                ..RuleSettings::default()
            },
        ],
    });
    let expected = [
        "redaction.disable[0]: there is no rule `emial`",
        "redaction.disable[1]: `secret-value` cannot be disabled",
        "redaction.allow[0]: it is empty",
        "redaction.allow_patterns[0]: unclosed character class",
        "redaction.enable[0]: there is no optional rule `ip-adress`; there is ip-address",
        "redaction.rules[0].name: `Employee` is no name: expected at most 40 lower-case letters, digits and hyphens, a letter first",
        "redaction.rules[0].pattern: unclosed group",
        "redaction.rules[1].pattern: it matches the empty text, which is everywhere",
        "redaction.rules[2].pattern: it matches the empty text, which is everywhere",
        "redaction.rules[3].pattern: it matches nothing",
        "redaction.rules[4].pattern: it is too large: repeat less, or write classes such as [0-9A-Za-z_] for \\d and \\w",
        "redaction.rules[5].pattern: exceed the maximum number of nested parentheses/brackets (250)",
        "redaction.rules[6].name: `email` is the name of a built-in rule",
        "redaction.rules[7]: it has neither `pattern` nor `keys`: it hides nothing",
        "redaction.rules[8].name: `nothing` is the name of another rule, too",
        "redaction.rules[8].keys[0]: it is empty",
        "redaction.rules[8].allow_patterns[0]: repetition operator missing expression",
    ];
    assert_eq!(told, expected);
    assert_eq!(
        problems(&RedactionSettings {
            rules: vec![own("long", &"a".repeat(5000))],
            ..settings()
        }),
        ["redaction.rules[0].pattern: it has 5000 bytes, more than 4096"]
    );
    let many = (0..101).map(|number| own(&format!("rule-{number}"), "x"));
    assert_eq!(
        problems(&RedactionSettings {
            rules: many.collect(),
            ..settings()
        }),
        ["redaction.rules: there are 101, more than 100"]
    );
}

#[test]
fn patterns_that_overlap_leave_nothing_of_either() {
    let redactor = with(vec![
        own("short", "AB-1"),
        own("long", "AB-1-2-3"),
        own("wide", "-3 x+"),
    ]);
    assert_eq!(
        redactor.text("AB-1-2-3 xx, AB-1"),
        "[REDACTED:long], [REDACTED:short]"
    );
}

#[test]
fn a_pattern_that_matches_markers_changes_nothing_more() {
    let redactor = with(vec![own("capitals", "[A-Z]+"), own("brackets", r"\[.*\]")]);
    let once = redactor.text("ada@example.com SAID [x] é").into_owned();
    assert_eq!(redactor.text(&once), once);
    assert!(!once.contains("SAID") && !once.contains("[x]"), "{once}");
}

#[test]
fn matches_are_found_across_windows_and_hostile_texts_are_got_through() {
    let redactor = with(vec![own("tail", r"a[ab]*z|a"), own("far", "K-[0-9]{1500}")]);
    let key = format!("K-{}", "7".repeat(1500));
    for before in [0, 1000, 2040, 2047, 2048, 2049, 5000] {
        let text = format!("{}é{key}.", "é".repeat(before / 2));
        let result = redactor.text(&text);
        assert!(result.ends_with("[REDACTED:far]."), "{before}");
    }
    assert!(redactor.text(&"a".repeat(64 << 10)).len() > 1000);
}

#[test]
fn versions_differ_where_the_rules_do() {
    let version =
        |settings: &RedactionSettings| Redactor::configured(settings).unwrap().version().to_owned();
    let plain = version(&settings());
    assert_eq!(plain, Redactor::new().version());
    assert_eq!(plain, crate::redaction::RULES_VERSION.to_string());
    let without = |names: &[&str]| RedactionSettings {
        disable: texts(names),
        ..settings()
    };
    let changed = version(&without(&["email", "phone"]));
    assert!(changed.starts_with(&format!("{plain}-")) && changed.len() > plain.len() + 8);
    assert_eq!(changed, version(&without(&["phone", "email"])));
    assert_ne!(changed, version(&without(&["phone"])));
}
