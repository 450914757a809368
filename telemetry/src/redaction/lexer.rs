//! A JSON lexer (RFC 8259) that keeps positions instead of values, so that a document can be edited in place. It accepts
//! exactly what is valid, at any depth, without recursion.

use std::borrow::Cow;
use std::ops::Range;

/// What stands at a position of a JSON text.
pub(super) enum Token {
    Open(Container),
    Close,
    Key(Text),
    String(Text),
    /// A number, as it is written.
    Number(Range<usize>),
    /// `true`, `false` or `null`.
    Literal,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Container {
    Object,
    Array,
}

/// A string with its quotes.
pub(super) struct Text {
    pub(super) range: Range<usize>,
    escaped: bool,
}

impl Text {
    /// Whether the content is something else than what stands between the quotes.
    pub(super) fn is_escaped(&self) -> bool {
        self.escaped
    }
}

/// The text is not JSON.
pub(super) struct Invalid;

#[derive(PartialEq, Eq)]
enum Expect {
    Value,
    ValueOrClose,
    KeyOrClose,
    Key,
    CommaOrClose,
    End,
}

pub(super) struct Lexer<'t> {
    text: &'t str,
    at: usize,
    open: Vec<Container>,
    expect: Expect,
}

impl<'t> Lexer<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self {
            text,
            at: 0,
            open: Vec::new(),
            expect: Expect::Value,
        }
    }

    pub(super) fn text(&self) -> &'t str {
        self.text
    }

    /// The position behind the last token.
    pub(super) fn position(&self) -> usize {
        self.at
    }

    /// The next token, `None` at the end of the document.
    pub(super) fn next(&mut self) -> Result<Option<Token>, Invalid> {
        loop {
            self.skip_whitespace();
            let Some(byte) = self.peek() else {
                return if self.expect == Expect::End {
                    Ok(None)
                } else {
                    Err(Invalid)
                };
            };
            return match (&self.expect, byte) {
                (Expect::CommaOrClose, b',') => {
                    self.at += 1;
                    let object = self.open.last() == Some(&Container::Object);
                    self.expect = if object { Expect::Key } else { Expect::Value };
                    continue;
                }
                (Expect::CommaOrClose | Expect::KeyOrClose, b'}') => self.close(Container::Object),
                (Expect::CommaOrClose | Expect::ValueOrClose, b']') => self.close(Container::Array),
                (Expect::KeyOrClose | Expect::Key, b'"') => self.key(),
                (Expect::Value | Expect::ValueOrClose, byte) => self.value(byte),
                _ => Err(Invalid),
            }
            .map(Some);
        }
    }

    /// The content of a string. NUL and lone surrogates, which cannot be stored, become U+FFFD; the flag tells that.
    pub(super) fn content(&self, string: &Text) -> (Cow<'t, str>, bool) {
        let inner = &self.text[string.range.start + 1..string.range.end - 1];
        if string.escaped {
            unescape(inner)
        } else {
            (Cow::Borrowed(inner), false)
        }
    }

    fn close(&mut self, container: Container) -> Result<Token, Invalid> {
        if self.open.pop() != Some(container) {
            return Err(Invalid);
        }
        self.at += 1;
        self.after_value();
        Ok(Token::Close)
    }

    fn key(&mut self) -> Result<Token, Invalid> {
        let key = self.string()?;
        self.skip_whitespace();
        if self.peek() != Some(b':') {
            return Err(Invalid);
        }
        self.at += 1;
        self.expect = Expect::Value;
        Ok(Token::Key(key))
    }

    fn value(&mut self, byte: u8) -> Result<Token, Invalid> {
        let token = match byte {
            b'{' | b'[' => {
                self.at += 1;
                let (container, expect) = match byte {
                    b'{' => (Container::Object, Expect::KeyOrClose),
                    _ => (Container::Array, Expect::ValueOrClose),
                };
                self.open.push(container);
                self.expect = expect;
                return Ok(Token::Open(container));
            }
            b'"' => Token::String(self.string()?),
            b'-' | b'0'..=b'9' => Token::Number(self.number()?),
            _ => {
                let literal = ["true", "false", "null"]
                    .into_iter()
                    .find(|literal| self.text[self.at..].starts_with(literal));
                self.at += literal.ok_or(Invalid)?.len();
                Token::Literal
            }
        };
        self.after_value();
        Ok(token)
    }

    fn after_value(&mut self) {
        self.expect = if self.open.is_empty() {
            Expect::End
        } else {
            Expect::CommaOrClose
        };
    }

    fn string(&mut self) -> Result<Text, Invalid> {
        let bytes = self.text.as_bytes();
        let start = self.at;
        let mut at = start + 1;
        let mut escaped = false;
        loop {
            let found = at + memchr::memchr2(b'"', b'\\', &bytes[at..]).ok_or(Invalid)?;
            if bytes[at..found].iter().any(|byte| *byte < 0x20) {
                return Err(Invalid);
            }
            if bytes[found] == b'"' {
                self.at = found + 1;
                return Ok(Text {
                    range: start..self.at,
                    escaped,
                });
            }
            escaped = true;
            at = found
                + match bytes.get(found + 1) {
                    Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => 2,
                    Some(b'u') if hex4(bytes, found + 2).is_some() => 6,
                    _ => return Err(Invalid),
                };
        }
    }

    fn number(&mut self) -> Result<Range<usize>, Invalid> {
        let bytes = self.text.as_bytes();
        let digits = |at: usize| {
            bytes[at.min(bytes.len())..]
                .iter()
                .take_while(|byte| byte.is_ascii_digit())
                .count()
        };
        let start = self.at;
        let mut at = start + usize::from(bytes[start] == b'-');
        let whole = digits(at);
        if whole == 0 || (whole > 1 && bytes[at] == b'0') {
            return Err(Invalid);
        }
        at += whole;
        if bytes.get(at) == Some(&b'.') {
            let fraction = digits(at + 1);
            at += 1 + fraction;
            if fraction == 0 {
                return Err(Invalid);
            }
        }
        if matches!(bytes.get(at), Some(b'e' | b'E')) {
            at += 1 + usize::from(matches!(bytes.get(at + 1), Some(b'+' | b'-')));
            let exponent = digits(at);
            at += exponent;
            if exponent == 0 {
                return Err(Invalid);
            }
        }
        self.at = at;
        Ok(start..at)
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip_whitespace(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }
}

fn hex4(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at + 4)?.iter().try_fold(0, |number, byte| {
        Some(number * 16 + char::from(*byte).to_digit(16)?)
    })
}

/// The text behind the escapes of a valid string.
fn unescape(inner: &str) -> (Cow<'_, str>, bool) {
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
