//! What of an artifact's bytes may be stored: text is redacted, whatever it calls itself, and anything else is left as it is.

use std::borrow::Cow;

use bytes::Bytes;

use crate::Redactor;
use crate::redaction::marker;

/// How bytes spell text.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Coding {
    Utf8,
    Utf16LittleEndian,
    Utf16BigEndian,
    /// ISO 8859-1, whose first half is ASCII: as much as rules look for.
    Latin1,
}

/// The bytes to store instead; `None` when there is nothing to hide. What says that it is text and cannot be read as such
/// becomes a marker: nobody could have looked into it.
pub(crate) fn redacted(redactor: &Redactor, media_type: &str, bytes: &[u8]) -> Option<Bytes> {
    let Some((coding, text)) = decoded(media_type, bytes) else {
        return says_text(media_type).then(|| marker("unscannable").into());
    };
    let Cow::Owned(redacted) = redactor.text(&text) else {
        return None;
    };
    // NUL is only for a database to refuse.
    let unchanged = text.contains('\0') && redacted == text.replace('\0', "\u{FFFD}");
    (!unchanged).then(|| encoded(coding, &redacted).into())
}

fn decoded<'b>(media_type: &str, bytes: &'b [u8]) -> Option<(Coding, Cow<'b, str>)> {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Some((Coding::Utf8, Cow::Borrowed(text)));
    }
    let utf16 = |coding, unit: fn([u8; 2]) -> u16| {
        let (pairs, rest) = bytes.as_chunks::<2>();
        let units = pairs.iter().map(|pair| unit(*pair));
        let text: Result<String, _> = char::decode_utf16(units).collect();
        text.ok()
            .filter(|_| rest.is_empty())
            .map(|text| (coding, Cow::Owned(text)))
    };
    match bytes {
        [0xFF, 0xFE, ..] => utf16(Coding::Utf16LittleEndian, u16::from_le_bytes),
        [0xFE, 0xFF, ..] => utf16(Coding::Utf16BigEndian, u16::from_be_bytes),
        _ if says_latin1(media_type) => {
            let text = bytes.iter().map(|byte| char::from(*byte)).collect();
            Some((Coding::Latin1, Cow::Owned(text)))
        }
        _ => None,
    }
}

fn encoded(coding: Coding, text: &str) -> Vec<u8> {
    match coding {
        Coding::Utf8 => text.as_bytes().to_vec(),
        Coding::Utf16LittleEndian => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        Coding::Utf16BigEndian => text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
        Coding::Latin1 => {
            let byte = |c| u8::try_from(u32::from(c)).unwrap_or(b'?');
            text.chars().map(byte).collect()
        }
    }
}

/// Whether a media type is of text.
fn says_text(media_type: &str) -> bool {
    const TEXTS: [&str; 12] = [
        "json",
        "xml",
        "yaml",
        "x-yaml",
        "toml",
        "javascript",
        "ecmascript",
        "x-ndjson",
        "x-sh",
        "sql",
        "graphql",
        "x-www-form-urlencoded",
    ];
    let essence = essence(media_type);
    let (kind, subtype) = essence.split_once('/').unwrap_or((&essence, ""));
    let suffix = subtype.rsplit('+').next().unwrap_or_default();
    matches!(kind, "text" | "message")
        || (kind == "application" && TEXTS.contains(&subtype))
        || (subtype.contains('+') && TEXTS.contains(&suffix))
}

fn says_latin1(media_type: &str) -> bool {
    const NAMES: [&str; 5] = [
        "iso-8859-1",
        "latin1",
        "iso8859-1",
        "us-ascii",
        "windows-1252",
    ];
    let parameters = media_type.split(';').skip(1);
    let charset = parameters
        .filter_map(|parameter| parameter.split_once('='))
        .find(|(name, _)| name.trim().eq_ignore_ascii_case("charset"));
    charset.is_some_and(|(_, value)| {
        let value = value.trim().trim_matches('"');
        NAMES.iter().any(|name| value.eq_ignore_ascii_case(name))
    })
}

fn essence(media_type: &str) -> String {
    let essence = media_type.split(';').next().unwrap_or_default();
    essence.trim().to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "hunter2-in-use";

    fn stored(media_type: &str, bytes: &[u8]) -> Option<Vec<u8>> {
        let redactor = Redactor::new();
        redactor.secrets().add(SECRET);
        redacted(&redactor, media_type, bytes).map(|bytes| bytes.to_vec())
    }

    fn utf16(text: &str, unit: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(unit).collect()
    }

    #[test]
    fn text_without_findings_and_bytes_that_are_none_are_left_alone() {
        for (media_type, bytes) in [
            ("text/plain", b"hello\r\n\0 world \xC3\xA9".as_slice()),
            ("application/json", b" { \"a\" : 1.0 } "),
            ("text/plain", b""),
            ("application/octet-stream", b"\x89PNG\r\n hunter2 \xFF"),
            ("image/png", b"\xFF\xFE\x00"),
            ("text/plain; charset=iso-8859-1", b"caf\xE9"),
        ] {
            assert_eq!(stored(media_type, bytes), None, "{media_type}");
        }
    }

    #[test]
    fn text_is_redacted_whatever_it_calls_itself() {
        for media_type in ["text/csv", "application/octet-stream", "", "image/png"] {
            let bytes = stored(media_type, b"to ada@example.com\0with hunter2-in-use").unwrap();
            assert_eq!(
                String::from_utf8(bytes).unwrap(),
                "to [REDACTED:email]\u{FFFD}with [REDACTED:secret-value]"
            );
        }
        let json = stored("application/json", br#"{"password": "x", "n": 1}"#).unwrap();
        assert_eq!(json, br#"{"password": "[REDACTED:password]", "n": 1}"#);
    }

    #[test]
    fn other_codings_of_text_are_read_and_kept() {
        let (before, after) = (
            "\u{FEFF}é hunter2-in-use",
            "\u{FEFF}é [REDACTED:secret-value]",
        );
        for unit in [u16::to_le_bytes, u16::to_be_bytes] {
            let bytes = stored("application/octet-stream", &utf16(before, unit));
            assert_eq!(bytes, Some(utf16(after, unit)));
            assert_eq!(stored("text/plain", &utf16("\u{FEFF}é", unit)), None);
        }
        assert_eq!(
            stored("Text/Plain; Charset=\"ISO-8859-1\"", b"\xE9 hunter2-in-use").unwrap(),
            b"\xE9 [REDACTED:secret-value]"
        );
    }

    #[test]
    fn what_says_that_it_is_text_and_is_none_is_not_stored() {
        for media_type in [
            "text/plain",
            "application/json",
            "image/svg+xml",
            "TEXT/HTML; charset=x",
        ] {
            let bytes = stored(media_type, b"hunter2-in-use \xFF\xC3").unwrap();
            assert_eq!(bytes, b"[REDACTED:unscannable]", "{media_type}");
        }
        let cut = stored("text/plain", b"\xFF\xFEa");
        assert_eq!(cut.unwrap(), b"[REDACTED:unscannable]");
    }
}
