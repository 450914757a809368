//! Labelled secrets in running text: `password=…`, `api_key: "…"`, header lines, command line flags, XML elements.

use std::ops::Range;

use super::configured::Rules;
use super::placeholder::is_placeholder;
use super::scanner::{Hit, Rank};
use super::validators::opaque;
use super::{keys, marker, markup};

/// Longer labels and wider gaps are not written by anybody, and the bounds keep the scan linear.
const LONGEST_LABEL: usize = 64;
const WIDEST_GAP: usize = 8;

/// The labels of one text, looked for from left to right.
#[derive(Default)]
pub(super) struct Labels {
    /// How far labels and their values have been read.
    read: usize,
    /// The end of the line that was looked at last.
    line: Option<usize>,
}

impl Labels {
    /// Looks at the label around the stem found at `stem`. Stems come in the order of their ends.
    pub(super) fn search(
        &mut self,
        text: &str,
        stem: Range<usize>,
        rules: &Rules,
        hits: &mut Vec<Hit>,
    ) {
        if stem.start < self.read {
            return;
        }
        let bytes = text.as_bytes();
        let label = label_around(bytes, stem);
        self.read = label.end;
        if bytes[..label.start].ends_with(marker::OPEN.as_bytes()) {
            return;
        }
        let rule = keys::classify_label(&text[label.clone()]);
        let Some(rule) = rule.filter(|rule| rules.is_on(rule)) else {
            return;
        };
        if self.line.is_none_or(|line| line < label.end) {
            let rest = &bytes[label.end..];
            self.line = Some(label.end + memchr::memchr2(b'\n', b'\r', rest).unwrap_or(rest.len()));
        }
        let line = self.line.unwrap_or(text.len());
        let Some(value) = value_of(bytes, &label, line, rule) else {
            return;
        };
        let value = text.floor_char_boundary(value.start)..text.ceil_char_boundary(value.end);
        if !value.is_empty() && !is_placeholder(&text[value.clone()]) {
            self.read = value.end;
            hits.push(Hit {
                range: value,
                rule,
                rank: Rank::Label,
            });
        }
    }
}

fn label_around(bytes: &[u8], stem: Range<usize>) -> Range<usize> {
    let back = bytes[..stem.start]
        .iter()
        .rev()
        .take(LONGEST_LABEL)
        .take_while(|byte| is_label(**byte))
        .count();
    let forth = bytes[stem.end..]
        .iter()
        .take(LONGEST_LABEL)
        .take_while(|byte| is_label(**byte))
        .count();
    stem.start - back..stem.end + forth
}

fn is_label(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.')
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

fn is_quote(byte: u8) -> bool {
    matches!(byte, b'"' | b'\'' | b'`')
}

fn skip(bytes: &[u8], at: usize, limit: usize, class: impl Fn(u8) -> bool) -> usize {
    at + bytes[at..]
        .iter()
        .take(limit)
        .take_while(|byte| class(**byte))
        .count()
}

/// Where the value of `label` stands, if what follows the label introduces one.
fn value_of(bytes: &[u8], label: &Range<usize>, line: usize, rule: &str) -> Option<Range<usize>> {
    if let Some(value) = markup::value_of(bytes, label) {
        return Some(value);
    }
    let flag = bytes[label.clone()].starts_with(b"--");
    // The label's own closing: a quote, an index, emphasis.
    let closed = skip(bytes, label.end, 4, |byte| {
        is_quote(byte) || matches!(byte, b'\\' | b']' | b'*' | b')')
    });
    let gap = skip(bytes, closed, WIDEST_GAP, is_blank);
    let delimited = skip(bytes, gap, 3, |byte| {
        matches!(byte, b':' | b'=' | b'>' | b'~')
    });
    let introduced = matches!(bytes.get(gap), Some(b':' | b'='));
    if !introduced && flag && gap > label.end && bytes.get(gap).is_some_and(|byte| *byte != b'-') {
        return Some(value_at(bytes, gap, line, rule));
    }
    if !introduced {
        let spoken = bytes[gap..]
            .strip_prefix(b"is ")
            .filter(|_| gap > label.end && closed == label.end)?;
        let value = value_at(bytes, bytes.len() - spoken.len(), line, rule);
        return Some(value).filter(|value| {
            std::str::from_utf8(&bytes[value.clone()])
                .is_ok_and(|text| text.len() >= 6 && opaque(text))
        });
    }
    // `::` is a path, `://` an address.
    if bytes[gap..delimited].starts_with(b"::") || bytes[delimited..].starts_with(b"//") {
        return None;
    }
    let start = skip(bytes, delimited, WIDEST_GAP, |byte| {
        is_blank(byte) || byte == b'*'
    });
    let value = value_at(bytes, start, line, rule);
    // "The secret: …" in a sentence is followed by words; an assignment has no space and a value may be quoted.
    let sentence = start > delimited && bytes[gap] == b':' && value.start == start;
    let word = value.len() < 16 && bytes[value.clone()].iter().all(u8::is_ascii_alphabetic);
    let amount = bytes[value.clone()]
        .iter()
        .all(|byte| byte.is_ascii_digit() || b".,$%".contains(byte));
    let spared = match rule {
        "secret" | "credential" | "cookie" => sentence && word,
        "token" => sentence && (word || amount),
        _ => false,
    };
    (!spared).then_some(value)
}

fn value_at(bytes: &[u8], start: usize, line: usize, rule: &str) -> Range<usize> {
    let line = line.max(start);
    let escapes = skip(bytes, start, 4, |byte| byte == b'\\');
    if let Some(quote) = bytes.get(escapes).copied().filter(|byte| is_quote(*byte)) {
        if let Some(value) = doubly_quoted(&bytes[..line], escapes, quote) {
            return value;
        }
        return quoted(bytes, escapes + 1, line, quote, escapes - start);
    }
    if matches!(rule, "authorization" | "cookie") {
        let end = start
            + bytes[start..line]
                .iter()
                .position(|byte| matches!(byte, b'"' | b'`'))
                .unwrap_or(line - start);
        return start..end;
    }
    if let Some(end) = reference(bytes, start, line) {
        return start..end;
    }
    let mut end = start;
    let mut open = 0_usize;
    while end < line {
        let byte = bytes[end];
        let ends = match byte {
            b'(' | b'[' | b'{' => {
                open += 1;
                false
            }
            b')' | b']' | b'}' if open > 0 => {
                open -= 1;
                false
            }
            b'"' | b'\'' | b'`' | b'<' | b'>' | b'&' => true,
            b',' | b';' | b'|' => begins_another(bytes, end + 1),
            b')' | b']' | b'}' => bytes
                .get(end + 1)
                .is_none_or(|next| !next.is_ascii_alphanumeric()),
            _ => byte.is_ascii_whitespace(),
        };
        if ends {
            break;
        }
        end += 1;
    }
    // The full stop of a sentence.
    if end > start + 1 && bytes[end - 1] == b'.' {
        end -= 1;
    }
    start..end
}

/// The end of a reference (`{{ inputs.password }}`, `[[name]]`) that stands in a value's place; it may have spaces in it.
fn reference(bytes: &[u8], start: usize, line: usize) -> Option<usize> {
    const LONGEST: usize = 160;
    let near = &bytes[start..line.min(start + LONGEST)];
    [("{{", "}}"), ("[[", "]]"), ("${", "}")]
        .into_iter()
        .find_map(|(open, close)| {
            let inner = near.strip_prefix(open.as_bytes())?;
            let end =
                start + open.len() + memchr::memmem::find(inner, close.as_bytes())? + close.len();
            std::str::from_utf8(&bytes[start..end])
                .is_ok_and(is_placeholder)
                .then_some(end)
        })
}

/// Up to the matching quote on the same line; without one, the whole line.
fn quoted(bytes: &[u8], start: usize, line: usize, quote: u8, escapes: usize) -> Range<usize> {
    let mut from = start;
    while let Some(found) = memchr::memchr(quote, &bytes[from..line]) {
        let at = from + found;
        let escaped = bytes[start..at]
            .iter()
            .rev()
            .take_while(|byte| **byte == b'\\')
            .count();
        // A quote of the value itself is escaped once more than the quotes around it.
        if escaped <= escapes {
            return start..at - escaped;
        }
        from = at + 1;
    }
    start..line
}

/// Between two or three quotes, as tables and programs write them; two with nothing between them are an empty value.
fn doubly_quoted(line: &[u8], at: usize, quote: u8) -> Option<Range<usize>> {
    let start = skip(line, at, 3, |byte| byte == quote);
    let empty = |byte: &u8| byte.is_ascii_whitespace() || b",;:)]}>/|&".contains(byte);
    if start - at < 2 || line.get(start).is_none_or(empty) {
        return None;
    }
    let len = memchr::memmem::find(&line[start..], &[quote, quote])?;
    Some(start..start + len)
}

/// Whether a separator ends the value: nothing, a space, or the next `label=` follows it.
fn begins_another(bytes: &[u8], at: usize) -> bool {
    let label = skip(bytes, at, LONGEST_LABEL, |byte| {
        is_label(byte) || is_quote(byte)
    });
    match bytes.get(label) {
        None => true,
        Some(byte) => {
            byte.is_ascii_whitespace() && label == at || matches!(byte, b'=' | b':') && label > at
        }
    }
}
