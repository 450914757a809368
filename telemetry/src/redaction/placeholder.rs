//! Values that only name where a secret comes from, or say that there is none: hiding them would tell nothing less.

/// Whether `value`, found under a sensitive key, is a template, a reference or an empty value rather than a secret.
pub(super) fn is_placeholder(value: &str) -> bool {
    let value = value.trim();
    is_enclosed(value, "${{", "}}")
        || is_enclosed(value, "$(", ")")
        || is_enclosed(value, "{{", "}}")
        || is_enclosed(value, "[[", "]]")
        || is_enclosed(value, "${", "}")
        || value.bytes().all(|byte| matches!(byte, b'*' | b'.' | b'-'))
        || [
            "null",
            "none",
            "nil",
            "true",
            "false",
            "undefined",
            "<redacted>",
            "__redacted__",
        ]
        .iter()
        .any(|word| value.eq_ignore_ascii_case(word))
}

/// One reference and nothing else: `{{a}}x{{b}}` has a constant in it, which may be the secret. A reference is a path, so that
/// no secret fits between the brackets unnoticed.
fn is_enclosed(value: &str, open: &str, close: &str) -> bool {
    const LONGEST_PATH: usize = 128;
    value
        .strip_prefix(open)
        .and_then(|rest| rest.strip_suffix(close))
        .is_some_and(|path| {
            let path = path.trim();
            path.len() <= LONGEST_PATH
                && path.starts_with(|c: char| c.is_ascii_alphabetic() || "_.".contains(c))
                && path
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"_.-#/".contains(&byte))
        })
}
