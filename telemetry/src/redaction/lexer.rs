//! A JSON lexer (RFC 8259) that keeps positions instead of values, so that a document can be edited in place. It accepts
//! exactly what is valid, at any depth, without recursion.

use std::borrow::Cow;
use std::ops::Range;

use super::unescape::{hex4, unescape};

/// What stands at a position of a JSON text; where it stands is [`Lexer::last`], so that a token fits a register.
#[derive(Clone, Copy)]
pub(super) enum Token {
    Open(Container),
    Close,
    Key,
    String,
    Number,
    /// `true`, `false` or `null`.
    Literal,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Container {
    Object,
    Array,
}

/// A number as it is written, or a string with its quotes.
#[derive(Clone)]
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
    last: Text,
}

impl<'t> Lexer<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self {
            text,
            at: 0,
            open: Vec::new(),
            expect: Expect::Value,
            last: Text {
                range: 0..0,
                escaped: false,
            },
        }
    }

    /// The last string, key or number.
    pub(super) fn last(&self) -> Text {
        self.last.clone()
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
        self.string()?;
        self.skip_whitespace();
        if self.peek() != Some(b':') {
            return Err(Invalid);
        }
        self.at += 1;
        self.expect = Expect::Value;
        Ok(Token::Key)
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
            b'"' => {
                self.string()?;
                Token::String
            }
            b'-' | b'0'..=b'9' => {
                self.number()?;
                Token::Number
            }
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

    fn string(&mut self) -> Result<(), Invalid> {
        let bytes = self.text.as_bytes();
        let start = self.at;
        let mut at = start + 1;
        let mut escaped = false;
        loop {
            let found = at + memchr::memchr2(b'"', b'\\', &bytes[at..]).ok_or(Invalid)?;
            let control = |any: bool, byte: &u8| any | (*byte < 0x20);
            if bytes[at..found].iter().fold(false, control) {
                return Err(Invalid);
            }
            if bytes[found] == b'"' {
                self.at = found + 1;
                self.last = Text {
                    range: start..self.at,
                    escaped,
                };
                return Ok(());
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

    fn number(&mut self) -> Result<(), Invalid> {
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
        self.last = Text {
            range: start..at,
            escaped: false,
        };
        Ok(())
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
