//! Sorting a customer's message by the words in it.

use serde_json::json;

/// A category is the one most of whose words are found; of equals, the first.
const CATEGORIES: [(&str, &[&str], &str); 4] = [
    (
        "billing",
        &[
            "refund",
            "charged",
            "charge",
            "invoice",
            "payment",
            "price",
            "subscription",
            "money",
            "billed",
            "twice",
        ],
        "I am sorry about the trouble with your bill. A colleague from billing looks at the payment today.",
    ),
    (
        "account",
        &[
            "login",
            "log in",
            "sign in",
            "password",
            "account",
            "locked",
            "e-mail",
            "email",
            "two-factor",
            "username",
        ],
        "Please use \"Forgot password\" on the sign-in page first; if it does not help, we unlock the account for you.",
    ),
    (
        "technical",
        &[
            "error",
            "crash",
            "bug",
            "slow",
            "broken",
            "fails",
            "timeout",
            "down",
            "outage",
            "not working",
            "503",
        ],
        "Thank you for the report. Our engineers have it and will answer with what they find.",
    ),
    (
        "shipping",
        &[
            "order", "delivery", "package", "parcel", "arrived", "shipping", "tracking", "return",
        ],
        "Let me check your delivery. You get the tracking details by e-mail shortly.",
    ),
];

/// What no category knows.
const OTHER: (&str, &str) = (
    "general",
    "Thank you for your message. A colleague answers you within one working day.",
);

const URGENT: [&str; 9] = [
    "urgent",
    "immediately",
    "asap",
    "right now",
    "down",
    "outage",
    "production",
    "lawyer",
    "cannot work",
];
const ANNOYED: [&str; 8] = [
    "angry",
    "terrible",
    "unacceptable",
    "worst",
    "ridiculous",
    "again",
    "twice",
    "still",
];

/// JSON text: `category`, `urgency` (`high` or `normal`), `sentiment`, `summary` and a proposed `reply`.
pub(super) fn reply(message: &str) -> String {
    let text = message.to_lowercase();
    let mut best = (OTHER.0, OTHER.1, 0);
    for (category, words, reply) in CATEGORIES {
        let found = words.iter().filter(|word| text.contains(**word)).count();
        if found > best.2 {
            best = (category, reply, found);
        }
    }
    let any = |words: &[&str]| words.iter().any(|word| text.contains(word));
    let verdict = json!({
        "category": best.0,
        "urgency": if any(&URGENT) { "high" } else { "normal" },
        "sentiment": if any(&ANNOYED) { "negative" } else { "neutral" },
        "summary": summary(message),
        "reply": best.1,
    });
    format!("{verdict:#}")
}

/// The first sentence, at most twenty words of it.
fn summary(message: &str) -> String {
    let sentence = message
        .trim()
        .split_inclusive(['.', '!', '?'])
        .next()
        .unwrap_or_default();
    let words: Vec<&str> = sentence.split_whitespace().collect();
    match words.get(..20) {
        Some(first) if words.len() > 20 => format!("{} …", first.join(" ")),
        _ => words.join(" "),
    }
}
