//! Labelled secrets in running text: `password=…`, `api_key: "…"`, header lines, command line flags, XML elements.

mod blocks;
mod literal;

use std::ops::Range;

use super::configured::Rules;
use super::placeholder::is_placeholder;
use super::scanner::{Hit, Rank};
use super::validators::opaque;
use super::{keys, marker, markup};

/// Longer labels and wider gaps are not written by anybody, and the bounds keep the scan linear.
const LONGEST_LABEL: usize = 64;
const WIDEST_GAP: usize = 8;

/// What assigns, beside `=` and `:`, or compares with a value.
const ASSIGNMENTS: [&str; 7] = [":::=", "::=", "!==", "!=", "?=", ".=", "+="];

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
        // Of a header in a program, the line may go on behind the value.
        let whole = &text[value.clone()];
        let alone = whole.trim_end_matches([',', ';', ')', '}', ']', ' ']);
        if !value.is_empty() && !is_placeholder(whole) && !is_placeholder(alone) {
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
    let short_flag = !flag && bytes[label.clone()].starts_with(b"-");
    // The label's own closing: a quote, an index, emphasis.
    let closed = skip(bytes, label.end, 4, |byte| {
        is_quote(byte) || matches!(byte, b'\\' | b']' | b'*' | b')')
    });
    let gap = skip(bytes, closed, WIDEST_GAP, is_blank);
    let assigned = ASSIGNMENTS
        .iter()
        .find(|operator| bytes[gap..].starts_with(operator.as_bytes()));
    let delimited = match assigned {
        Some(operator) => gap + operator.len(),
        None => skip(bytes, gap, 3, |byte| {
            matches!(byte, b':' | b'=' | b'>' | b'~')
        }),
    };
    let introduced = assigned.is_some() || matches!(bytes.get(gap), Some(b':' | b'='));
    if !introduced && flag && gap > label.end && bytes.get(gap).is_some_and(|byte| *byte != b'-') {
        return Some(value_at(bytes, gap, line, rule));
    }
    if !introduced {
        let told = spoken(bytes, label, closed, gap, line, rule)
            .or_else(|| literal::argument(bytes, label, closed, gap, line))
            .or_else(|| literal::declared(bytes, label.end, line))
            .or_else(|| literal::alternative(bytes, closed, line))
            .or_else(|| literal::compared(bytes, label))
            .or_else(|| blocks::next_member(bytes, label, line));
        return told.or_else(|| {
            let set = short_flag || is_set(&bytes[..label.start]);
            let value = (set && gap > closed).then(|| value_at(bytes, gap, line, rule))?;
            let text = std::str::from_utf8(&bytes[value.clone()]).ok()?;
            (text.len() >= 6 && !text.starts_with('-') && opaque(text)).then_some(value)
        });
    }
    // `::` is a path, `://` an address.
    if assigned.is_none()
        && (bytes[gap..delimited].starts_with(b"::") || bytes[delimited..].starts_with(b"//"))
    {
        return None;
    }
    let start = skip(bytes, delimited, WIDEST_GAP, |byte| {
        is_blank(byte) || byte == b'*'
    });
    if let Some(value) = blocks::scalar(bytes, label.start, start, line) {
        return Some(value);
    }
    if bytes[gap] == b':'
        && let Some(value) = literal::declared(bytes, delimited, line)
    {
        return Some(start..value.end);
    }
    let value = value_at(bytes, start, line, rule);
    if rule == "authorization" {
        return Some(whole_header(bytes, label.start, value, line));
    }
    let value = literal::with_alternatives(bytes, value, line);
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
    // What opens a block is no value.
    let opens = bytes[value.clone()]
        .iter()
        .all(|byte| b"{[(=>".contains(byte));
    (!spared && !opens).then_some(value)
}

/// Whether a command that sets a variable to what follows its name stands before it.
fn is_set(before: &[u8]) -> bool {
    const COMMANDS: [&str; 6] = ["ENV ", "ARG ", "setenv ", "setx ", "set -x ", "set -gx "];
    COMMANDS
        .iter()
        .any(|command| before.ends_with(command.as_bytes()))
}

/// "The password is …": what follows, when it is no word.
fn spoken(
    bytes: &[u8],
    label: &Range<usize>,
    closed: usize,
    gap: usize,
    line: usize,
    rule: &str,
) -> Option<Range<usize>> {
    let is = bytes[gap..]
        .strip_prefix(b"is")
        .filter(|_| gap > label.end && closed == label.end)?;
    let is = is.strip_prefix(b":").unwrap_or(is).strip_prefix(b" ")?;
    let value = value_at(bytes, bytes.len() - is.len(), line, rule);
    Some(value).filter(|value| {
        std::str::from_utf8(&bytes[value.clone()]).is_ok_and(|text| text.len() >= 6 && opaque(text))
    })
}

/// A header whose parameters are quoted is one value, up to the quote around the header or the end of the line.
fn whole_header(bytes: &[u8], label: usize, value: Range<usize>, line: usize) -> Range<usize> {
    const SCHEMES: [&str; 4] = ["digest ", "hawk ", "oauth ", "mac "];
    let begins = |scheme: &&str| {
        bytes[value.clone()]
            .get(..scheme.len())
            .is_some_and(|head| head.eq_ignore_ascii_case(scheme.as_bytes()))
    };
    if !SCHEMES.iter().any(begins) {
        return value;
    }
    let around = label.checked_sub(1).map(|at| bytes[at]);
    let end = around
        .filter(|byte| is_quote(*byte) && *byte != b'"')
        .and_then(|quote| memchr::memchr(quote, &bytes[value.end..line]))
        .map_or(line, |found| value.end + found);
    value.start..end
}

fn value_at(bytes: &[u8], start: usize, line: usize, rule: &str) -> Range<usize> {
    let line = line.max(start);
    let start = start + literal::prefix(&bytes[start..line]);
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
            // An argument of the call that gives the value.
            b'"' | b'\'' | b'`' if open > 0 => match memchr::memchr(byte, &bytes[end + 1..line]) {
                Some(found) => {
                    end += found + 1;
                    false
                }
                None => true,
            },
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
    [
        ("${{", "}}"),
        ("{{", "}}"),
        ("[[", "]]"),
        ("${", "}"),
        ("$(", ")"),
    ]
    .into_iter()
    .find_map(|(open, close)| {
        let inner = near.strip_prefix(open.as_bytes())?;
        let end = start + open.len() + memchr::memmem::find(inner, close.as_bytes())? + close.len();
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
