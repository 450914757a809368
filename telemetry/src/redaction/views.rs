//! A text as it reads behind its escapes: percent-encoding and JSON's backslashes, each part mapped back to where it stands.

use std::borrow::Cow;
use std::ops::Range;

/// What is looked behind.
#[derive(Clone, Copy)]
pub(super) enum Escape {
    Percent,
    Backslash,
}

/// The character that the bytes begin with an escape of, and the escape's length.
type Decode = fn(&[u8]) -> Option<(char, usize)>;

/// A text after some decodings and, for each run of unchanged bytes, where the run begins in it and in the original.
pub(super) struct View<'t> {
    text: Cow<'t, str>,
    /// `(decoded offset, original offset)`, ascending; between two entries both advance byte by byte.
    runs: Vec<(usize, usize)>,
    original_len: usize,
}

impl<'t> View<'t> {
    pub(super) fn undecoded(text: &'t str) -> Self {
        Self {
            text: Cow::Borrowed(text),
            runs: vec![(0, 0)],
            original_len: text.len(),
        }
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Decodes one layer of `escape`; `None` when there is nothing to decode.
    pub(super) fn decode(&self, escape: Escape) -> Option<View<'static>> {
        let (sign, decode): (u8, Decode) = match escape {
            Escape::Percent => (b'%', percent),
            Escape::Backslash => (b'\\', backslash),
        };
        let bytes = self.text.as_bytes();
        let mut text = String::new();
        let mut runs = vec![(0, 0)];
        let (mut copied, mut from) = (0, 0);
        while let Some(found) = memchr::memchr(sign, &bytes[from..]) {
            let at = from + found;
            from = at + 1;
            let Some((decoded, len)) = decode(&bytes[at..]) else {
                continue;
            };
            if copied == 0 {
                text.reserve(bytes.len());
            }
            text.push_str(&self.text[copied..at]);
            runs.push((text.len(), at));
            text.push(decoded);
            from = at + len;
            copied = from;
            runs.push((text.len(), from));
        }
        if copied == 0 {
            return None;
        }
        text.push_str(&self.text[copied..]);
        Some(View {
            text: Cow::Owned(text),
            runs: self.joint(&runs),
            original_len: self.original_len,
        })
    }

    /// The map of a view that decodes this one by `runs`, to the original. Between two entries of either map nothing is decoded,
    /// so the entries of both make up the joint map.
    fn joint(&self, runs: &[(usize, usize)]) -> Vec<(usize, usize)> {
        let mut joint = Vec::with_capacity(runs.len() + self.runs.len());
        let mut outer = self.runs.iter().peekable();
        for (index, &(decoded, here)) in runs.iter().enumerate() {
            joint.push((decoded, self.offset(here)));
            let (next_decoded, next_here) = runs
                .get(index + 1)
                .copied()
                .unwrap_or((usize::MAX, usize::MAX));
            while let Some(&&(inner, original)) =
                outer.peek().filter(|(inner, _)| *inner < next_here)
            {
                outer.next();
                // An entry inside an escape has no place of its own.
                if inner > here && decoded + (inner - here) < next_decoded {
                    joint.push((decoded + (inner - here), original));
                }
            }
        }
        joint
    }

    /// The part of the original text that reads as `range` here; an escape is taken whole.
    pub(super) fn original(&self, range: Range<usize>) -> Range<usize> {
        self.offset(range.start)..self.end_offset(range.end)
    }

    fn offset(&self, decoded: usize) -> usize {
        let run = self.runs.partition_point(|&(start, _)| start <= decoded) - 1;
        let (start, original) = self.runs[run];
        // Inside a decoded character: its escape's beginning.
        let limit = self
            .runs
            .get(run + 1)
            .map_or(self.original_len, |&(_, next)| next);
        (original + (decoded - start)).min(limit)
    }

    fn end_offset(&self, decoded: usize) -> usize {
        if decoded == self.text.len() {
            return self.original_len;
        }
        let run = self
            .runs
            .partition_point(|&(start, _)| start < decoded)
            .saturating_sub(1);
        let (start, original) = self.runs[run];
        match self.runs.get(run + 1) {
            Some(&(next, next_original)) if next == decoded => next_original,
            _ => original + (decoded - start),
        }
    }
}

/// `%41` or, for a character beyond ASCII, all its bytes: the character and the length of the escape.
fn percent(bytes: &[u8]) -> Option<(char, usize)> {
    let byte_at = |index: usize| {
        let escape = bytes.get(index * 3..index * 3 + 3)?;
        let digit = |byte: u8| {
            char::from(byte)
                .to_digit(16)
                .and_then(|digit| u8::try_from(digit).ok())
        };
        (escape[0] == b'%').then_some(digit(escape[1])? * 16 + digit(escape[2])?)
    };
    let first = byte_at(0)?;
    let len = match first {
        0..0x80 => 1,
        0xC2..0xE0 => 2,
        0xE0..0xF0 => 3,
        0xF0..0xF5 => 4,
        _ => return None,
    };
    let mut utf8 = [first, 0, 0, 0];
    for (index, byte) in utf8.iter_mut().enumerate().take(len).skip(1) {
        *byte = byte_at(index)?;
    }
    let decoded = std::str::from_utf8(&utf8[..len]).ok()?.chars().next()?;
    Some((decoded, len * 3))
}

/// A JSON escape: the character and the length of the escape.
fn backslash(bytes: &[u8]) -> Option<(char, usize)> {
    let simple = match bytes.get(1)? {
        b'"' => '"',
        b'\'' => '\'',
        b'\\' => '\\',
        b'/' => '/',
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        b'u' => {
            let unit = |at: usize| {
                let digits = bytes
                    .get(at..at + 4)
                    .filter(|digits| digits.iter().all(u8::is_ascii_hexdigit))?;
                u32::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
            };
            let high = unit(2)?;
            if let Some(decoded) = char::from_u32(high) {
                return Some((decoded, 6));
            }
            let low = (bytes.get(6..8)? == b"\\u").then(|| unit(8)).flatten()?;
            let paired = (0xD800..0xDC00).contains(&high) && (0xDC00..0xE000).contains(&low);
            return paired
                .then(|| char::from_u32(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00)))
                .flatten()
                .map(|c| (c, 12));
        }
        _ => return None,
    };
    Some((simple, 2))
}
