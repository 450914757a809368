//! Labelled secrets in programs: as arguments, behind a type, in one of several alternatives.

use std::ops::Range;

use super::{WIDEST_GAP, is_blank, is_quote, quoted, skip};
use crate::redaction::validators::{generated, opaque};

/// Types have shorter names.
const LONGEST_TYPE: usize = 40;

/// How many alternatives of a value are read.
const MOST_ALTERNATIVES: usize = 4;

/// What parts a value from its alternative.
const ALTERNATIVES: [&str; 7] = ["??", "||", "or ", "?:", "?", ":", "+"];

/// The length of what makes a string literal of another kind: `b"…"`, `f'…'`, `@"…"`, `N'…'`.
pub(super) fn prefix(bytes: &[u8]) -> usize {
    const LONGEST: usize = 2;
    let letter = |byte: &u8| {
        matches!(
            byte.to_ascii_lowercase(),
            b'b' | b'f' | b'r' | b'u' | b'l' | b'n' | b'8' | b'@' | b'$'
        )
    };
    let len = bytes
        .iter()
        .take(LONGEST)
        .take_while(|byte| letter(byte))
        .count();
    match bytes.get(len) {
        Some(b'"' | b'\'') => len,
        _ => 0,
    }
}

/// The literal that begins at `start`, without its quotes.
fn string(bytes: &[u8], start: usize, line: usize) -> Option<Range<usize>> {
    let start = start + prefix(bytes.get(start..line)?);
    let quote = bytes.get(start).copied().filter(|byte| is_quote(*byte))?;
    (start < line).then(|| quoted(bytes, start + 1, line, quote, 0))
}

/// The value in `setProperty("password", "…")`, `setPassword("…")` and `PASSWORD "…"`: what looks like a secret, since names
/// stand beside each other in the same way.
pub(super) fn argument(
    bytes: &[u8],
    label: &Range<usize>,
    closed: usize,
    gap: usize,
    line: usize,
) -> Option<Range<usize>> {
    let quoted_label = bytes[label.end..closed].iter().any(|byte| is_quote(*byte));
    let before = |back: usize| label.start.checked_sub(back).map(|at| bytes[at]);
    let (start, is_call) = match bytes.get(gap)? {
        b',' if quoted_label => {
            let start = skip(bytes, gap + 1, WIDEST_GAP, is_blank);
            (start, before(2) == Some(b'('))
        }
        b'(' if gap == label.end => (skip(bytes, gap + 1, WIDEST_GAP, is_blank), true),
        _ if gap > label.end && closed == label.end => (gap, true),
        _ => return None,
    };
    let value = string(bytes, start, line)?;
    let text = std::str::from_utf8(&bytes[value.clone()]).ok()?;
    let is_secret = generated(text) || is_call && text.len() >= 6 && opaque(text);
    (is_secret && !text.contains(' ')).then_some(value)
}

/// The literal behind a type, which begins at `at` or a little later: `password: &str = "…"`, `password string = "…"`,
/// `password[] = "…"`.
pub(super) fn declared(bytes: &[u8], at: usize, line: usize) -> Option<Range<usize>> {
    let near = &bytes[at.min(line)..line.min(at + LONGEST_TYPE)];
    let equals = memchr::memchr(b'=', near)?;
    let named = near[..equals].trim_ascii();
    let is_type = |byte: &u8| byte.is_ascii_alphabetic() || b"_<>&*?.[]|".contains(byte);
    if named.is_empty() || !named.iter().all(is_type) {
        return None;
    }
    let start = skip(bytes, at + equals + 1, WIDEST_GAP, is_blank);
    string(bytes, start, line).filter(|value| !value.is_empty())
}

/// The literal that stands in for a variable: `process.env.TOKEN || "…"`.
pub(super) fn alternative(bytes: &[u8], closed: usize, line: usize) -> Option<Range<usize>> {
    let gap = skip(bytes, closed, WIDEST_GAP, is_blank);
    let mut operators = ALTERNATIVES[..3].iter();
    let operator = operators.find(|operator| bytes[gap..].starts_with(operator.as_bytes()))?;
    let start = skip(bytes, gap + operator.len(), WIDEST_GAP, is_blank);
    string(bytes, start, line).filter(|value| !value.is_empty())
}

/// The literal that a variable is compared with, before it: `"…" == password`.
pub(super) fn compared(bytes: &[u8], label: &Range<usize>) -> Option<Range<usize>> {
    let before = bytes[..label.start].trim_ascii_end();
    let operand = ["===", "!==", "==", "!="]
        .iter()
        .find_map(|operator| before.strip_suffix(operator.as_bytes()))?
        .trim_ascii_end();
    let (quote, inside) = operand
        .split_last()
        .filter(|(quote, _)| is_quote(**quote))?;
    let begin = memchr::memrchr2(*quote, b'\n', inside).filter(|at| inside[*at] == *quote)?;
    let value = begin + 1..inside.len();
    let text = std::str::from_utf8(&bytes[value.clone()]).ok()?;
    (text.len() >= 6 && opaque(text)).then_some(value)
}

/// The value with the literals that stand in for it, or are joined to it: `process.env.TOKEN ?? "…"`, `"…" + "…"`.
pub(super) fn with_alternatives(bytes: &[u8], value: Range<usize>, line: usize) -> Range<usize> {
    let mut end = value.end;
    for _ in 0..MOST_ALTERNATIVES {
        let closed = skip(bytes, end, 2, |byte| is_quote(byte) || byte == b')');
        let gap = skip(bytes, closed, WIDEST_GAP, is_blank);
        let found = ALTERNATIVES
            .iter()
            .find(|operator| bytes[gap..].starts_with(operator.as_bytes()));
        let Some(operator) = found else { break };
        let start = skip(bytes, gap + operator.len(), WIDEST_GAP, is_blank);
        match string(bytes, start, line) {
            // Between two members of an object stands a comma, and not just a colon.
            Some(other) if gap > closed || *operator != ":" => end = other.end,
            _ => break,
        }
    }
    value.start..end
}
