//! Shapes of credentials that many issuers share, and personal data.

use super::{Before, Rule, checked, embedded, token};
use crate::redaction::validators::{any, basic_credentials, generated, opaque, password};

fn mail_local(c: char) -> bool {
    // Letters of alphabets that write words with spaces; in the others the preceding sentence would be swallowed.
    (c.is_alphanumeric() && u32::from(c) < 0x2E80) || "._%+-'".contains(c)
}

#[rustfmt::skip]
pub(super) const RULES: &[Rule] = &[
    // Shapes that many share.
    Rule {
        name: "jwt",
        anchors: &["eyj"],
        before: Before::Token,
        pattern: r"eyJ[A-Za-z0-9_-]{8,}\.(?:[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*){1,3}|eyJ[A-Za-z0-9_-]{8,})",
        accept: any,
    },
    embedded(
        "connection-string",
        &[
            "postgres://",
            "postgresql://",
            "mysql://",
            "mariadb://",
            "mongodb://",
            "mongodb+srv://",
            "redis://",
            "rediss://",
            "amqp://",
            "amqps://",
            "mssql://",
            "sqlserver://",
            "clickhouse://",
            "cassandra://",
            "kafka://",
            "nats://",
            "ldap://",
            "ldaps://",
            "smtp://",
            "smtps://",
        ],
        r#"(?i:[a-z+]{4,12})://[^\s/?#@:"'<>\\]*:([^\s/?#"'<>\\]+)@"#,
    ),
    embedded("url-password", &["://"], r#"://[^\s/?#@:"'<>\\]*:([^\s/?#"'<>\\]+)@"#),
    checked("bearer-token", &["bearer"], r"(?i:bearer)(?:[ \t]|%20|\+){1,4}([A-Za-z0-9._~+/-]{8,}={0,2})", opaque),
    checked("basic-auth", &["basic"], r"(?i:basic)(?:[ \t]|%20|\+){1,4}([A-Za-z0-9+/]{6,}={0,2})", basic_credentials),
    checked("jwt", &["zxlk"], r"ZXlK[A-Za-z0-9+/_-]{60,}={0,2}", any),
    Rule {
        name: "basic-auth",
        anchors: &["--user ", "--user=", " -u "],
        before: Before::Anything,
        pattern: r#"(?:--user[ =]| -u )[ \t]{0,4}["']?[^\s"':$]{0,128}["']?:["']?([^\s"'$][^\s"']{2,127})"#,
        accept: password,
    },
    Rule {
        name: "basic-auth",
        anchors: &["--user ", "--user=", " -u "],
        before: Before::Anything,
        pattern: r#"(?:--user[ =]| -u )[ \t]{0,4}["']?([^\s"':$]{12,128}):(?:["'\s]|$)"#,
        accept: generated,
    },
    // Personal data; cards, IBANs, social security and telephone numbers are in `numbers`.
    Rule {
        name: "email",
        anchors: &["@"],
        before: Before::Extend {
            class: mail_local,
            min: 1,
            max: 64,
            unless: Some("://"),
        },
        pattern: r"@(?:[A-Za-z0-9\x80-\xFF][A-Za-z0-9\x80-\xFF-]*\.)+(?:xn--[A-Za-z0-9-]{2,59}|[A-Za-z]{2,24})",
        accept: any,
    },
    token("phone", &["tel:"], r"(?i:tel):(\+?[0-9().-]{6,20})"),
];
