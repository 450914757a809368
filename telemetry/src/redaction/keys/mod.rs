//! Which keys say that their value is a secret, and which only look so (`max_tokens`, `password_policy`).

mod words;

use std::cell::RefCell;
use std::collections::BTreeSet;

use self::words::{ASKS, COUNTS, DESCRIBES, SECRET_KEYS, STEMS};
use super::literals::LITERALS;
use super::marker;

pub(super) use self::words::RULES;

/// Where labels are looked for in running text, and what every sensitive key contains one of. Of the kinds of keys it is their
/// end, which stands in a text much more rarely than words like `account` and `service` do.
pub(super) fn stems() -> impl Iterator<Item = String> {
    let kinds = SECRET_KEYS
        .iter()
        .chain(&["api", "private", "priv", "ssh", "rsa"]);
    let lasts: BTreeSet<char> = kinds.filter_map(|kind| kind.chars().last()).collect();
    let ends = lasts.into_iter().chain(['_', '-', '.', ' ']);
    let keys = ends.map(|end| format!("{end}key"));
    STEMS.iter().map(|stem| (*stem).to_owned()).chain(keys)
}

/// The rule for values under `key`, or `None` for a harmless key.
pub(super) fn classify(key: &str) -> Option<&'static str> {
    LITERALS
        .has_label(key)
        .then(|| classify_label(key))
        .flatten()
}

/// Like [`classify`], for a key that is known to contain a stem.
pub(super) fn classify_label(key: &str) -> Option<&'static str> {
    if key.len() > LONGEST_REMEMBERED {
        return classify_words(key);
    }
    let place = key.bytes().fold(key.len(), |hash, byte| {
        hash.wrapping_mul(31).wrapping_add(usize::from(byte))
    }) % REMEMBERED;
    MEMORY.with_borrow_mut(|memory| {
        let (remembered, rule) = &mut memory[place];
        if *remembered != key {
            *rule = classify_words(key);
            key.clone_into(remembered);
        }
        *rule
    })
}

/// The same few keys come again and again: `gen_ai.usage.input_tokens` in each model call of each run.
const REMEMBERED: usize = 256;
const LONGEST_REMEMBERED: usize = 64;

thread_local! {
    static MEMORY: RefCell<Vec<(String, Option<&'static str>)>> = RefCell::new(vec![(String::new(), None); REMEMBERED]);
}

fn classify_words(key: &str) -> Option<&'static str> {
    const LONGEST: usize = 256;
    let key = &*marker::without_markers(key);
    // The end of a key says what it is.
    let key = &key[key.ceil_char_boundary(key.len().saturating_sub(LONGEST))..];
    let lower = key.to_ascii_lowercase();
    let words = words(key, &lower);
    (!describes_only(&words)).then(|| rule(&words)).flatten()
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
        [
            "password",
            "passwd",
            "passphrase",
            "passcode",
            "passwort",
            "kennwort",
            "motdepasse",
            "wachtwoord",
        ]
        .iter()
        .any(|stem| word.contains(stem))
            || word.ends_with("pwd")
    }) || words
        .last()
        .is_some_and(|word| *word == "pass" || word.ends_with("dbpass"))
    {
        (!identifier).then_some("password")
    } else if any(&|word| matches!(word, "private" | "priv" | "ssh" | "rsa"))
        && any(&|word| matches!(word, "key" | "keys"))
        || any(&|word| matches!(word, "privatekey" | "privkey" | "sshkey"))
    {
        (!identifier).then_some("private-key")
    } else if any(&|word| word.contains("apikey"))
        || follows(&["api"], &["key", "keys"])
        || words.ends_with(&["art", "api"]) && any(&|word| word.ends_with("frog"))
    {
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
    } else if any(&|word| matches!(word, "senha" | "contrasena" | "contrase")) {
        Some("password")
    } else if follows(&["amz"], &["signature"])
        || follows(&["oauth"], &["signature"])
        || follows(&["code"], &["verifier"])
        || follows(&["client"], &["assertion"])
    {
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

/// The words of a key, out of `lower`, the key in lower case: parted by anything but ASCII letters and digits, and by capitals
/// (`dbPassword`, `APIKey`).
fn words<'l>(key: &str, lower: &'l str) -> Vec<&'l str> {
    let bytes = key.as_bytes();
    let mut words = Vec::with_capacity(8);
    let mut begin = 0;
    for (at, byte) in bytes.iter().enumerate() {
        let inside = byte.is_ascii_alphanumeric();
        let capital = byte.is_ascii_uppercase() && at > begin && {
            let (previous, next) = (bytes[at - 1], bytes.get(at + 1));
            !previous.is_ascii_uppercase() || next.is_some_and(u8::is_ascii_lowercase)
        };
        if !inside || capital {
            words.extend((at > begin).then(|| &lower[begin..at]));
            begin = if inside { at } else { at + 1 };
        }
    }
    words.extend((bytes.len() > begin).then(|| &lower[begin..]));
    words
}
