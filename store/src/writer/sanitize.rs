//! Text as PostgreSQL can take it: it has no NUL character, and no lone half of a surrogate pair in JSON that is ever
//! looked into. Both become U+FFFD, the replacement character.

use std::borrow::Cow;

/// Without NUL characters.
pub(super) fn text(text: &str) -> Cow<'_, str> {
    if memchr::memchr(0, text.as_bytes()).is_some() {
        Cow::Owned(text.replace('\0', "\u{fffd}"))
    } else {
        Cow::Borrowed(text)
    }
}

/// JSON text without escapes of NUL and of lone surrogates.
pub(super) fn json(json: &str) -> Cow<'_, str> {
    let mut clean = String::new();
    let mut copied = 0;
    let mut at = 0;
    while let Some(escape) = find_escape(json, at) {
        let Some(unit) = code_unit(json, escape) else {
            // Another escape, of two characters: the second may be a backslash.
            at = escape + 1 + json[escape + 1..].chars().next().map_or(0, char::len_utf8);
            continue;
        };
        at = escape + ESCAPE;
        let pairs = is_high(unit) && code_unit(json, at).is_some_and(is_low);
        if pairs {
            at += ESCAPE;
        } else if unit == 0 || is_high(unit) || is_low(unit) {
            clean.push_str(&json[copied..escape]);
            clean.push_str("\\ufffd");
            copied = at;
        }
    }
    if copied == 0 {
        return Cow::Borrowed(json);
    }
    clean.push_str(&json[copied..]);
    Cow::Owned(clean)
}

/// Where the next backslash is.
fn find_escape(json: &str, from: usize) -> Option<usize> {
    let offset = memchr::memchr(b'\\', &json.as_bytes()[from..])?;
    Some(from + offset)
}

/// Length of `\uXXXX`.
const ESCAPE: usize = 6;

/// The UTF-16 code unit that is escaped at this place, if one is.
fn code_unit(json: &str, at: usize) -> Option<u16> {
    let digits = json.get(at..at + ESCAPE)?.strip_prefix("\\u")?;
    u16::from_str_radix(digits, 16).ok()
}

fn is_high(unit: u16) -> bool {
    (0xd800..0xdc00).contains(&unit)
}

fn is_low(unit: u16) -> bool {
    (0xdc00..0xe000).contains(&unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nul_becomes_the_replacement_character() {
        assert_eq!(text("a\0b"), "a\u{fffd}b");
        assert_eq!(json(r#""a\u0000b""#), r#""a\ufffdb""#);
    }

    #[test]
    fn lone_surrogates_are_replaced_and_pairs_are_kept() {
        assert_eq!(json(r#""\ud83d\ude00""#), r#""\ud83d\ude00""#);
        assert_eq!(json(r#""\ud83d!\ude00""#), r#""\ufffd!\ufffd""#);
        assert_eq!(json(r#""\ud83d\ud83d\ude00""#), r#""\ufffd\ud83d\ude00""#);
        assert_eq!(json(r#""\uD800""#), r#""\ufffd""#);
    }

    #[test]
    fn what_only_looks_like_an_escape_is_left_alone() {
        for same in [
            r#""\\u0000""#,
            r#""\\\\ud800""#,
            r#""C:\\users\n""#,
            r#""\u00e9\"""#,
            "\"ü\\é\"",
            "\"\\",
        ] {
            assert!(matches!(json(same), Cow::Borrowed(_)), "{same}");
        }
        assert_eq!(json(r#""\\\u0000""#), r#""\\\ufffd""#);
    }
}
