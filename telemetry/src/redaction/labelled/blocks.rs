//! Labelled secrets in YAML: below their label, or beside its name.

use std::ops::Range;

use super::{is_blank, is_quote, skip, value_at};

/// Longer blocks are no secrets but files, of which the rules for keys know what to hide.
const MOST_LINES: usize = 64;

/// The block that `|` or `>`, at `start`, introduces: the lines below that are indented deeper than that of the label.
pub(super) fn scalar(
    bytes: &[u8],
    label: usize,
    start: usize,
    line: usize,
) -> Option<Range<usize>> {
    let sign = bytes.get(start..line)?;
    if !matches!(sign.first(), Some(b'|' | b'>'))
        || !sign[1..]
            .iter()
            .all(|byte| is_blank(*byte) || b"+-0123456789".contains(byte))
    {
        return None;
    }
    let begin = bytes[..label]
        .iter()
        .rposition(|byte| *byte == b'\n')
        .map_or(0, |at| at + 1);
    let indent = bytes[begin..label]
        .iter()
        .take_while(|byte| is_blank(**byte))
        .count();
    let mut at = next_line(bytes, line)?;
    let first = at;
    let mut end = at;
    for _ in 0..MOST_LINES {
        let text = &bytes[at..line_end(bytes, at)];
        let deep = text.iter().take_while(|byte| is_blank(**byte)).count();
        if deep < text.len() && deep <= indent {
            break;
        }
        if deep < text.len() {
            end = at + text.len();
        }
        match next_line(bytes, at + text.len()) {
            Some(next) => at = next,
            None => break,
        }
    }
    let first = skip(bytes, first, end - first, is_blank);
    (first < end).then_some(first..end)
}

/// The value in `name: DB_PASSWORD`, followed by `value: …` on a line of its own.
pub(super) fn next_member(bytes: &[u8], label: &Range<usize>, line: usize) -> Option<Range<usize>> {
    let rest = bytes.get(label.end..line)?;
    if !rest.iter().all(|byte| is_quote(*byte) || is_blank(*byte)) {
        return None;
    }
    let before = bytes[..label.start].trim_ascii_end();
    let before = before
        .strip_suffix(b"\"")
        .or_else(|| before.strip_suffix(b"'"))
        .unwrap_or(before);
    let before = before.trim_ascii_end();
    if !before.ends_with(b"name:") && !before.ends_with(b"key:") {
        return None;
    }
    let next = next_line(bytes, line)?;
    let start = skip(bytes, next, 64, is_blank);
    let member = bytes[start..].strip_prefix(b"value:")?;
    let start = bytes.len() - member.len();
    let start = skip(bytes, start, 64, is_blank);
    let end = line_end(bytes, start);
    Some(value_at(bytes, start, end, "password")).filter(|value| !value.is_empty())
}

fn next_line(bytes: &[u8], end: usize) -> Option<usize> {
    let rest = &bytes[end..];
    let broken = rest
        .strip_prefix(b"\r")
        .unwrap_or(rest)
        .strip_prefix(b"\n")?;
    Some(bytes.len() - broken.len())
}

fn line_end(bytes: &[u8], at: usize) -> usize {
    let rest = &bytes[at..];
    at + memchr::memchr2(b'\n', b'\r', rest).unwrap_or(rest.len())
}
