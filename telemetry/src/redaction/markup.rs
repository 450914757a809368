//! Labels in markup: `<password>…</password>`, `<add key="password" value="…"/>`, `<key>password</key><string>…</string>`.

use std::ops::Range;

/// What is longer or wider is not looked through, which keeps the scan linear.
const LONGEST_TAG: usize = 256;
const LONGEST_SECTION: usize = 8192;
const WIDEST_GAP: usize = 64;

/// Attributes, and elements, that name what stands beside them.
const NAMING: &[&str] = &["key", "name", "property", "field", "type"];
/// Elements that hold what another one names.
const HOLDING: &[&str] = &["value", "string", "data"];
/// Elements whose text is a setting; that of others with such a name may be what people read.
const SETTINGS: &[&str] = &["property", "entry", "param", "parameter", "setting"];

/// Where the value of `label` stands, if the label names an element, or what one holds.
pub(super) fn value_of(bytes: &[u8], label: &Range<usize>) -> Option<Range<usize>> {
    if let Some(closing) = bytes[label.end..].strip_prefix(b"</") {
        let name = name(closing);
        let rest = label.end + 2 + name.len() + 1;
        let named = bytes[..label.start].ends_with(b">") && is_one_of(NAMING, name);
        return named.then(|| held(bytes, rest)).flatten();
    }
    let tag = tag_around(bytes, label)?;
    let element = name(&bytes[tag.clone()]);
    let head = tag.start + element.len();
    let own = label.end == head && (label.start == tag.start || bytes[label.start - 1] == b':');
    if !own && !is_one_of(NAMING, named_by(&bytes[tag.start..label.start])?) {
        return None;
    }
    if let Some(value) = attribute(bytes, head..tag.end) {
        return Some(value);
    }
    if bytes[..tag.end].ends_with(b"/") {
        return None;
    }
    let text = tag.end + 1;
    let value = held(bytes, text).or_else(|| enclosed(bytes, text, element));
    if own {
        return value.or_else(|| cut_off(bytes, text));
    }
    value.filter(|value| {
        let value = &bytes[value.clone()];
        !value.iter().any(u8::is_ascii_whitespace)
            && (is_one_of(SETTINGS, element) || value.iter().any(u8::is_ascii_digit))
    })
}

/// What stands between the angles around `label`.
fn tag_around(bytes: &[u8], label: &Range<usize>) -> Option<Range<usize>> {
    let from = label.start.saturating_sub(LONGEST_TAG);
    let open = from + memchr::memrchr2(b'<', b'>', &bytes[from..label.start])?;
    let near = &bytes[label.end..bytes.len().min(label.end + LONGEST_TAG)];
    let close = label.end + memchr::memchr2(b'<', b'>', near)?;
    (bytes[open] == b'<' && bytes[close] == b'>').then_some(open + 1..close)
}

/// The name that an element begins with.
fn name(tag: &[u8]) -> &[u8] {
    let joins = |byte: &&u8| byte.is_ascii_alphanumeric() || b":_-.".contains(byte);
    &tag[..tag.iter().take_while(joins).count()]
}

/// The attribute whose quoted value begins behind `before`.
fn named_by(before: &[u8]) -> Option<&[u8]> {
    let before = before.strip_suffix(b"\"").or(before.strip_suffix(b"'"))?;
    let before = before.trim_ascii_end().strip_suffix(b"=")?.trim_ascii_end();
    before.rsplit(|byte| !byte.is_ascii_alphanumeric()).next()
}

/// The value of the attribute `value` of a tag.
fn attribute(bytes: &[u8], tag: Range<usize>) -> Option<Range<usize>> {
    const NAME: &[u8] = b"value";
    tag.clone().skip(1).find_map(|at| {
        let behind = bytes[at..tag.end].get(NAME.len()..)?;
        let named = bytes[at..at + NAME.len()].eq_ignore_ascii_case(NAME)
            && !bytes[at - 1].is_ascii_alphanumeric();
        let value = behind.trim_ascii_start().strip_prefix(b"=");
        let value = value.filter(|_| named)?.trim_ascii_start();
        let quote = *value.first().filter(|byte| b"\"'".contains(byte))?;
        let start = tag.end - value.len() + 1;
        let len = memchr::memchr(quote, &bytes[start..tag.end])?;
        Some(start..start + len)
    })
}

/// What a marked section, or an element made to hold a value, holds at `at`.
fn held(bytes: &[u8], at: usize) -> Option<Range<usize>> {
    const SECTION: (&[u8], &[u8]) = (b"<![CDATA[", b"]]>");
    let blank = |byte: &&u8| byte.is_ascii_whitespace();
    let at = at
        + bytes
            .get(at..)?
            .iter()
            .take(WIDEST_GAP)
            .take_while(blank)
            .count();
    if bytes[at..].starts_with(SECTION.0) {
        let start = at + SECTION.0.len();
        let near = &bytes[start..bytes.len().min(start + LONGEST_SECTION)];
        // Where the end is not looked for, nothing tells that what follows may be shown.
        let end = memchr::memmem::find(near, SECTION.1).map_or(bytes.len(), |len| start + len);
        return Some(start..end);
    }
    let element = name(bytes[at..].strip_prefix(b"<")?);
    let text = at + 1 + element.len() + 1;
    (is_one_of(HOLDING, element) && bytes.get(text - 1) == Some(&b'>'))
        .then(|| enclosed(bytes, text, element))
        .flatten()
}

/// The text from `start` to the end of `element`, which has nothing else in it.
fn enclosed(bytes: &[u8], start: usize, element: &[u8]) -> Option<Range<usize>> {
    let text = &bytes[start..start + memchr::memchr(b'<', bytes.get(start..)?)?];
    let closing = bytes[start + text.len()..].strip_prefix(b"</")?;
    let closed = name(closing).eq_ignore_ascii_case(element);
    let start = start + text.len() - text.trim_ascii_start().len();
    closed.then(|| start..start + text.trim_ascii().len())
}

/// The word at `start`, if it is no word: what is left of an element that was cut off, or never closed.
fn cut_off(bytes: &[u8], start: usize) -> Option<Range<usize>> {
    let ends = |byte: &u8| byte.is_ascii_whitespace() || *byte == b'<';
    let rest = &bytes[start..];
    let word = &rest[..rest.iter().position(ends).unwrap_or(rest.len())];
    (word.len() >= 6 && word[0].is_ascii_alphanumeric() && word.iter().any(u8::is_ascii_digit))
        .then(|| start..start + word.len())
}

fn is_one_of(names: &[&str], name: &[u8]) -> bool {
    names
        .iter()
        .any(|known| known.as_bytes().eq_ignore_ascii_case(name))
}
