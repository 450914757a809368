//! Megabytes a second through the redactor: for kinds of text that traces are made of, for the files that are named, and for
//! texts that are made to be slow, of two sizes. One JSON object a line.
//!
//! `cargo run --release -p orcheo-telemetry --example redaction_speed [FILE…]`

#![allow(clippy::print_stdout, reason = "its output is what it is for")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use orcheo_telemetry::Redactor;
use serde_json::json;

const SIZE: usize = 1 << 20;

fn main() {
    let redactor = Redactor::new();
    for number in 0..20 {
        redactor.secrets().add(&format!(
            "a-credential-in-use-{number:04}-{}",
            "x".repeat(number)
        ));
    }
    let prose =
        "The quick brown fox jumps over the lazy dog, then asks for the next page of results. ";
    let code = "fn main() { let value = config.get(\"limit\").unwrap_or(10); println!(\"{value}\"); } // 42\n";
    let messages = json!([
        {"role": "user", "parts": [{"type": "text", "content": prose.repeat(6)}]},
        {"role": "assistant", "parts": [{"type": "tool_call", "name": "search", "arguments": {"query": "fox", "limit": 10}}]},
        {"role": "tool", "parts": [{"type": "tool_call_response", "result": json!({"rows": [[1, 2.5, "a"], [3, 4.5, "b"]]}).to_string()}]}
    ]);
    let span = json!({
        "http.request.method": "POST", "url.full": "https://api.example.com/v1/chat?limit=20", "server.port": 443,
        "gen_ai.operation.name": "chat", "gen_ai.request.model": "some-model-2026-01-01", "gen_ai.usage.input_tokens": 1234,
        "orcheo.node.id": "fetch_orders", "orcheo.execution.id": "019ac0d2-7f10-7000-8000-0123456789ab"
    });
    let leaky = format!("{prose}Authorization: Bearer abc.def-123456 from ada@example.com\n");
    for (name, unit) in [
        ("prose", prose.to_owned()),
        ("source code", code.to_owned()),
        ("chat messages, JSON", messages.to_string()),
        ("span attributes, JSON", span.to_string()),
        (
            "numbers, JSON",
            json!([0.123_456, 17, 1_763_832_480_123_u64, -4.5e-7]).to_string(),
        ),
        (
            "base64",
            "QmFzZTY0IGVuY29kZWQgYmluYXJ5IGRhdGEgd2l0aG91dCBhbnkgbWVhbmluZw".to_owned(),
        ),
        (
            "other script",
            "在这里写一些没有任何敏感信息的文字，只是为了测量速度。".to_owned(),
        ),
        ("a secret every 150 bytes", leaky),
    ] {
        let count = SIZE.div_ceil(unit.len());
        let text = if unit.starts_with(['{', '[']) {
            format!("[{}]", vec![unit; count].join(","))
        } else {
            unit.repeat(count)
        };
        println!(
            "{}",
            json!({"text": name, "mb_per_s": speed(&redactor, &text)})
        );
    }
    for file in std::env::args().skip(1) {
        match std::fs::read_to_string(&file) {
            Ok(text) => println!(
                "{}",
                json!({"file": file, "mb_per_s": speed(&redactor, &text)})
            ),
            Err(error) => println!("{}", json!({"file": file, "error": error.to_string()})),
        }
    }
    for unit in HOSTILE {
        let [small, large] = SIZES.map(|size| speed(&redactor, &unit.repeat(size / unit.len())));
        println!(
            "{}",
            json!({"hostile": unit, "mb_per_s": large, "slowdown": small / large})
        );
    }
}

/// Runs of what nearly is what rules look for.
#[rustfmt::skip]
const HOSTILE: [&str; 30] = [
    "a", "1", "1-", "sk-a1", "eyJ", "eyJaaaaaaaa.", "password=", "\"password\":", "://a:", "a@a.", "%25", "\\u0041", "[",
    "{\"a\":", "-----BEGIN PRIVATE KEY-----", "cookie: ", "<token>", "4111 ", "[REDACTED:email]", " -u a",
    "kind:", "kind: Secret\n", ":thin:a/", "\"==token ", "token 'a", "token: |\n ", "mysql a ", "identified by 'a", "token ? \"a\" : ", "name: token\n",
];
/// Linear is as fast for the second as for the first.
const SIZES: [usize; 2] = [64 << 10, 2 << 20];

/// In the best round: the others shared the machine with somebody.
fn speed(redactor: &Redactor, text: &str) -> f64 {
    let begin = Instant::now();
    let mut best = Duration::MAX;
    while begin.elapsed() < Duration::from_millis(300) {
        let round = Instant::now();
        black_box(redactor.text(black_box(text)));
        best = best.min(round.elapsed());
    }
    text.len() as f64 / best.as_secs_f64() / 1e6
}
