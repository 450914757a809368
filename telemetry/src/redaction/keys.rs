//! Which keys say that their value is a secret, and which only look so (`max_tokens`, `password_policy`).

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

use super::marker;

/// The names of the key rules.
pub(super) const RULES: [&str; 10] = [
    "password",
    "secret",
    "token",
    "authorization",
    "cookie",
    "api-key",
    "private-key",
    "credential",
    "connection-string",
    "personal-number",
];

/// Every sensitive key contains one of these, compared without case; in running text they are where labels are looked for.
pub(super) const STEMS: &[&str] = &[
    "password",
    "passwd",
    "passphrase",
    "passcode",
    "pwd",
    "_pass",
    "-pass",
    ".pass",
    "dbpass",
    "secret",
    "token",
    "authorization",
    "basic_auth",
    "basic-auth",
    "basicauth",
    "auth_header",
    "auth-header",
    "authheader",
    "cookie",
    "jsessionid",
    "phpsessid",
    "apikey",
    "api_key",
    "api-key",
    "api key",
    "api.key",
    "accesskey",
    "access_key",
    "access-key",
    "access key",
    "accountkey",
    "account_key",
    "account-key",
    "authkey",
    "auth_key",
    "auth-key",
    "encryptionkey",
    "encryption_key",
    "encryption-key",
    "masterkey",
    "master_key",
    "master-key",
    "privatekey",
    "private_key",
    "private-key",
    "private key",
    "signingkey",
    "signing_key",
    "signing-key",
    "sharedkey",
    "shared_key",
    "shared-key",
    "sessionkey",
    "session_key",
    "session-key",
    "sshkey",
    "ssh_key",
    "ssh-key",
    "subscriptionkey",
    "subscription_key",
    "subscription-key",
    "webhookkey",
    "webhook_key",
    "hmackey",
    "hmac_key",
    "hmac-key",
    "credential",
    "creds",
    "bearer",
    "jwt",
    "connectionstring",
    "connection_string",
    "connection-string",
    "amz-signature",
    "cvv",
    "cvc",
    "ssn",
    "social_security",
    "socialsecurity",
    "cardnumber",
    "card_number",
    "card-number",
];

static STEM_FINDER: LazyLock<AhoCorasick> = LazyLock::new(|| {
    AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .build(STEMS)
        .expect("the stems are constants that fit an automaton")
});

/// Words after which the value describes a secret instead of being one.
const DESCRIBES: &[&str] = &[
    "arn",
    "at",
    "attempts",
    "attribute",
    "attributes",
    "changed",
    "count",
    "counts",
    "dir",
    "enabled",
    "endpoint",
    "error",
    "expired",
    "expires",
    "expiration",
    "expiry",
    "field",
    "file",
    "format",
    "in",
    "label",
    "length",
    "limit",
    "limits",
    "location",
    "method",
    "mode",
    "name",
    "names",
    "path",
    "placeholder",
    "policy",
    "prefix",
    "provider",
    "required",
    "rotation",
    "rules",
    "scheme",
    "schema",
    "seconds",
    "source",
    "status",
    "strength",
    "ttl",
    "type",
    "types",
    "updated",
    "uri",
    "url",
    "usage",
    "valid",
    "version",
];

/// Words before a secret's name that make it a question or an amount.
const ASKS: &[&str] = &[
    "can", "has", "is", "max", "min", "needs", "no", "num", "require", "requires", "show", "uses",
    "without",
];

/// Words beside `token` that make it a piece of text, a position in a listing, or a metric.
const COUNTS: &[&str] = &[
    "audio",
    "bos",
    "budget",
    "cache",
    "cached",
    "completion",
    "continuation",
    "cost",
    "count",
    "counts",
    "cursor",
    "decoder",
    "eos",
    "estimate",
    "estimated",
    "first",
    "generated",
    "image",
    "index",
    "input",
    "last",
    "length",
    "limit",
    "logprob",
    "logprobs",
    "max",
    "min",
    "next",
    "num",
    "offset",
    "output",
    "pad",
    "page",
    "per",
    "pool",
    "position",
    "price",
    "prompt",
    "rate",
    "reasoning",
    "remaining",
    "sep",
    "size",
    "special",
    "speed",
    "start",
    "stop",
    "tail",
    "text",
    "thinking",
    "throughput",
    "time",
    "to",
    "total",
    "unk",
    "usage",
    "used",
    "video",
    "window",
];

/// Words that make `key` a secret one.
const SECRET_KEYS: &[&str] = &[
    "access",
    "account",
    "admin",
    "auth",
    "client",
    "decryption",
    "deploy",
    "encryption",
    "hmac",
    "master",
    "service",
    "session",
    "shared",
    "signing",
    "storage",
    "subscription",
    "webhook",
];

/// The rule for values under `key`, or `None` for a harmless key.
pub(super) fn classify(key: &str) -> Option<&'static str> {
    const LONGEST: usize = 256;
    let whole_pass = key.eq_ignore_ascii_case("pass");
    if !whole_pass && !STEM_FINDER.is_match(key) && !could_split_into_key(key) {
        return None;
    }
    let key = &*marker::without_markers(key);
    // The end of a key says what it is.
    let key = &key[key.ceil_char_boundary(key.len().saturating_sub(LONGEST))..];
    let words = words(key);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    (!describes_only(&words)).then(|| rule(&words)).flatten()
}

/// Camel case hides the separator: `dbPass`, `accessKey`.
fn could_split_into_key(key: &str) -> bool {
    key.contains("Pass") || key.ends_with("Key")
}

fn describes_only(words: &[&str]) -> bool {
    let (Some(first), Some(last)) = (words.first(), words.last()) else {
        return true;
    };
    words.len() > 1 && (DESCRIBES.contains(last) || ASKS.contains(first))
}

fn rule(words: &[&str]) -> Option<&'static str> {
    let follows = |first: &[&str], second: &[&str]| {
        words
            .windows(2)
            .any(|pair| first.contains(&pair[0]) && second.contains(&pair[1]))
    };
    let any = |matches: &dyn Fn(&str) -> bool| words.iter().any(|word| matches(word));
    // A key's identifier is public, except where it is half of a login.
    let identifier = words
        .last()
        .is_some_and(|word| matches!(*word, "id" | "ids"));
    if any(&|word| {
        ["password", "passwd", "passphrase", "passcode"]
            .iter()
            .any(|stem| word.contains(stem))
            || word.ends_with("pwd")
    }) || words
        .last()
        .is_some_and(|word| *word == "pass" || word.ends_with("dbpass"))
    {
        (!identifier).then_some("password")
    } else if any(&|word| matches!(word, "private" | "ssh" | "rsa"))
        && any(&|word| matches!(word, "key" | "keys"))
        || any(&|word| matches!(word, "privatekey" | "sshkey"))
    {
        (!identifier).then_some("private-key")
    } else if any(&|word| word.contains("apikey")) || follows(&["api"], &["key", "keys"]) {
        (!identifier).then_some("api-key")
    } else if any(&|word| word.contains("secret")) {
        Some("secret")
    } else if follows(SECRET_KEYS, &["key", "keys"])
        || any(&|word| {
            word.strip_suffix("key")
                .is_some_and(|kind| SECRET_KEYS.contains(&kind))
        })
    {
        (!identifier).then_some("api-key")
    } else if is_token(words) {
        Some("token")
    } else if any(&|word| word == "authorization" || word == "bearer" || word == "basicauth")
        || follows(&["basic"], &["auth"])
        || follows(&["auth"], &["header", "headers"])
    {
        Some("authorization")
    } else if any(&|word| {
        word.starts_with("cookie")
            || word.ends_with("cookie")
            || matches!(word, "jsessionid" | "phpsessid")
    }) {
        Some("cookie")
    } else if any(&|word| word.contains("credential") || word == "creds") {
        Some("credential")
    } else if follows(&["connection"], &["string"]) || any(&|word| word == "connectionstring") {
        Some("connection-string")
    } else if follows(&["amz"], &["signature"]) {
        Some("secret")
    } else if any(&|word| {
        matches!(
            word,
            "cvv" | "cvv2" | "cvc" | "ssn" | "cardnumber" | "socialsecurity"
        )
    }) || follows(&["card", "security"], &["number"])
        || words == ["social", "security"]
    {
        Some("personal-number")
    } else {
        None
    }
}

fn is_token(words: &[&str]) -> bool {
    const GRANTS: &[&str] = &[
        "access", "api", "auth", "bearer", "csrf", "oauth", "personal", "refresh", "session",
    ];
    words.iter().enumerate().any(|(index, word)| match *word {
        "jwt" => true,
        "tokens" => index > 0 && GRANTS.contains(&words[index - 1]),
        "token" => {
            let counted = words.iter().any(|other| COUNTS.contains(other));
            let piece = words
                .get(index + 1)
                .is_some_and(|next| matches!(*next, "id" | "ids"));
            !counted && !piece
        }
        _ => {
            word.ends_with("token")
                && !COUNTS
                    .iter()
                    .any(|count| word.strip_suffix("token") == Some(*count))
        }
    })
}

/// The words of a key in lower case: parted by anything but letters and digits, and by capitals (`dbPassword`, `APIKey`).
fn words(key: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut word = String::new();
    let mut chars = key.chars().peekable();
    let mut previous = None;
    while let Some(c) = chars.next() {
        let begins = c.is_uppercase()
            && previous.is_some_and(|previous: char| {
                previous.is_lowercase()
                    || (previous.is_uppercase()
                        && chars.peek().is_some_and(|next| next.is_lowercase()))
            });
        if (begins || !c.is_alphanumeric()) && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        if c.is_alphanumeric() {
            word.extend(c.to_lowercase());
        }
        previous = Some(c);
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}
