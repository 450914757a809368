//! What the strings of JSON say behind their escapes.

use std::borrow::Cow;

/// The number that four hexadecimal digits at `at` write.
pub(super) fn hex4(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at + 4)?.iter().try_fold(0, |number, byte| {
        Some(number * 16 + char::from(*byte).to_digit(16)?)
    })
}

/// The text behind the escapes of a valid string. NUL and lone surrogates, which cannot be stored, become U+FFFD; the flag tells
/// that.
pub(super) fn unescape(inner: &str) -> (Cow<'_, str>, bool) {
    let bytes = inner.as_bytes();
    let mut text = String::with_capacity(inner.len());
    let mut mended = false;
    let mut copied = 0;
    while let Some(found) = memchr::memchr(b'\\', &bytes[copied..]) {
        let at = copied + found;
        text.push_str(&inner[copied..at]);
        let (c, len) = match bytes[at + 1] {
            b'b' => ('\u{8}', 2),
            b'f' => ('\u{c}', 2),
            b'n' => ('\n', 2),
            b'r' => ('\r', 2),
            b't' => ('\t', 2),
            b'u' => unicode(bytes, at),
            other => (char::from(other), 2),
        };
        mended |= c == '\0'
            || (c == char::REPLACEMENT_CHARACTER
                && len == 6
                && hex4(bytes, at + 2) != Some(0xFFFD));
        text.push(if c == '\0' {
            char::REPLACEMENT_CHARACTER
        } else {
            c
        });
        copied = at + len;
    }
    text.push_str(&inner[copied..]);
    (Cow::Owned(text), mended)
}

fn unicode(bytes: &[u8], at: usize) -> (char, usize) {
    let unit = hex4(bytes, at + 2).unwrap_or(0xFFFD);
    if let Some(c) = char::from_u32(unit) {
        return (c, 6);
    }
    let low = (bytes.get(at + 6..at + 8) == Some(b"\\u"))
        .then(|| hex4(bytes, at + 8))
        .flatten();
    match low {
        Some(low @ 0xDC00..0xE000) if unit < 0xDC00 => (
            char::from_u32(0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00))
                .unwrap_or(char::REPLACEMENT_CHARACTER),
            12,
        ),
        _ => (char::REPLACEMENT_CHARACTER, 6),
    }
}
