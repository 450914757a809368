//! One walk over a document's tokens, noting what is to be replaced.

use std::ops::Range;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{DEEPEST, Nested, quote, redact_nested};
use crate::redaction::lexer::{Container, Invalid, Lexer, Text, Token};
use crate::redaction::scanner::{Near, Scan};
use crate::redaction::validators::basic_credentials;
use crate::redaction::{kubernetes, marker};

/// The redacted document, or `None` when nothing is to be hidden. `level` counts the documents around it.
pub(super) fn edited(scan: &Scan<'_>, text: &str, level: usize) -> Result<Option<String>, Invalid> {
    let mut walk = Walk {
        scan,
        lexer: Lexer::new(text),
        level,
        frames: Vec::new(),
        edits: Vec::new(),
        near: Near::default(),
    };
    while let Some(token) = walk.next_token()? {
        walk.visit(token);
    }
    Ok((!walk.edits.is_empty()).then(|| apply(text, walk.edits)))
}

/// The rules of what is found by more than one member of an object.
const PRIVATE_KEY: &str = "private-key";
const LOGIN: &str = "basic-auth";

type Edit = (Range<usize>, String);

fn apply(text: &str, edits: Vec<Edit>) -> String {
    let mut edited = String::with_capacity(text.len());
    let mut copied = 0;
    for (range, replacement) in edits {
        edited.push_str(&text[copied..range.start]);
        edited.push_str(&replacement);
        copied = range.end;
    }
    edited.push_str(&text[copied..]);
    edited
}

/// An open container.
struct Frame {
    container: Container,
    start: usize,
    /// The rule of a key around it, which hides every scalar inside.
    concealing: Option<&'static str>,
    /// The rule of the member whose value comes next.
    member: Option<&'static str>,
    /// That member is called `value`, that one `name` or `key`: together they are a member in another notation.
    pair: Pair,
    /// Redacted keys so far: two keys must not become one.
    redacted_keys: Vec<String>,
    manifest: Manifest,
}

/// Whether an object is a secret of Kubernetes, or a JSON Web Key, and where what it holds then stands.
#[derive(Default)]
struct Manifest {
    is_secret: bool,
    data: Vec<Range<usize>>,
    is_key: bool,
    private: Vec<Range<usize>>,
}

#[derive(Default)]
struct Pair {
    next: Role,
    rule: Option<&'static str>,
    value: Option<Range<usize>>,
}

#[derive(Default, Clone, Copy, PartialEq, Eq)]
enum Role {
    #[default]
    Other,
    Name,
    Value,
    /// What came as bytes, in base64.
    Bytes,
    /// Of a document of Kubernetes: its kind, and what a secret holds.
    Kind,
    Data,
    /// Of a JSON Web Key (RFC 7518): its type, and what is private of it.
    KeyType,
    KeyPart,
    /// A user's name and password in base64, in files of container registries.
    Login,
}

struct Walk<'s, 't> {
    scan: &'s Scan<'s>,
    lexer: Lexer<'t>,
    level: usize,
    frames: Vec<Frame>,
    edits: Vec<Edit>,
    near: Near,
}

impl Walk<'_, '_> {
    /// The next token; a container that is too deep is read over and replaced.
    fn next_token(&mut self) -> Result<Option<Token>, Invalid> {
        let token = self.lexer.next()?;
        if self.frames.len() < DEEPEST || !matches!(token, Some(Token::Open(_))) {
            return Ok(token);
        }
        let start = self.lexer.position() - 1;
        let mut open = 1;
        while open > 0 {
            match self.lexer.next()? {
                Some(Token::Open(_)) => open += 1,
                Some(Token::Close) => open -= 1,
                _ => {}
            }
        }
        let range = start..self.lexer.position();
        self.edits
            .push((range.clone(), quote(&marker::marker(marker::UNSCANNABLE))));
        self.value_ends(range);
        self.next_token()
    }

    fn visit(&mut self, token: Token) {
        match token {
            Token::Open(container) => {
                let concealing = self.rule_for_value();
                let start = self.lexer.position() - 1;
                let (member, pair, redacted_keys) = (None, Pair::default(), Vec::new());
                let manifest = Manifest::default();
                self.frames.push(Frame {
                    container,
                    start,
                    concealing,
                    member,
                    pair,
                    redacted_keys,
                    manifest,
                });
            }
            Token::Close => {
                if let Some(frame) = self.frames.pop() {
                    let Manifest {
                        is_secret,
                        data,
                        is_key,
                        private,
                    } = frame.manifest;
                    let data = data.into_iter().filter(|_| is_secret);
                    data.for_each(|data| self.replace(data, kubernetes::RULE));
                    let private = private.into_iter().filter(|_| is_key);
                    private.for_each(|part| self.replace(part, PRIVATE_KEY));
                    self.value_ends(frame.start..self.lexer.position());
                }
            }
            Token::Key => self.key(&self.lexer.last()),
            Token::String => {
                let string = self.lexer.last();
                self.string(&string);
                self.value_ends(string.range);
            }
            Token::Number => {
                let number = self.lexer.last().range;
                self.number(number.clone());
                self.value_ends(number);
            }
            Token::Literal => {
                let end = self.lexer.position();
                self.value_ends(end..end);
            }
        }
    }

    fn rule_for_value(&self) -> Option<&'static str> {
        self.frames
            .last()
            .and_then(|frame| frame.member.or(frame.concealing))
    }

    fn key(&mut self, key: &Text) {
        let (content, mended) = self.lexer.content(key);
        let clean = self.is_clean(key);
        let redacted = (!clean)
            .then(|| self.scan.plain(&content))
            .flatten()
            .or_else(|| mended.then(|| content.clone().into_owned()));
        let Some(frame) = self.frames.last_mut() else {
            return;
        };
        // A label would have been noticed as well.
        frame.member = self.scan.key_rule(&content, clean);
        frame.pair.next = match content.as_ref() {
            "name" | "key" | "Name" | "Key" | "header" => Role::Name,
            "value" | "Value" | "values" => Role::Value,
            "$bytes" => Role::Bytes,
            "kind" => Role::Kind,
            "kty" => Role::KeyType,
            "d" | "p" | "q" | "dp" | "dq" | "qi" | "k" => Role::KeyPart,
            "auth" => Role::Login,
            name if kubernetes::DATA.contains(&name) => Role::Data,
            _ => Role::Other,
        };
        if frame.pair.next == Role::Value {
            frame.member = frame.member.or(frame.pair.rule);
        }
        if let Some(mut redacted) = redacted {
            let base = redacted.len();
            let mut number = 1;
            while frame.redacted_keys.contains(&redacted) {
                number += 1;
                redacted.truncate(base);
                redacted.push_str(&format!("#{number}"));
            }
            self.edits.push((key.range.clone(), quote(&redacted)));
            frame.redacted_keys.push(redacted);
        }
    }

    fn string(&mut self, string: &Text) {
        let (content, mended) = self.lexer.content(string);
        let redacted = match self.rule_for_value() {
            Some(rule) => self.scan.concealed(rule, &content),
            None => self.behind_base64(&content).or_else(|| {
                let clean = self.is_clean(string);
                (!clean).then(|| self.nested(&content)).flatten()
            }),
        };
        if let Some(frame) = self.frames.last_mut()
            && frame.pair.next == Role::Name
        {
            frame.pair.rule = self.scan.rules.key(&content);
        }
        let mut redacted = redacted;
        if let Some(frame) = self.frames.last_mut() {
            let rules = self.scan.rules;
            match frame.pair.next {
                Role::Kind => {
                    frame.manifest.is_secret =
                        content == kubernetes::KIND && rules.is_on(kubernetes::RULE);
                }
                Role::KeyType => frame.manifest.is_key = rules.is_on(PRIVATE_KEY),
                Role::Login if basic_credentials(&content) && rules.is_on(LOGIN) => {
                    redacted = redacted.or_else(|| Some(marker::marker(LOGIN)));
                }
                _ => {}
            }
        }
        if let Some(redacted) = redacted.or_else(|| mended.then(|| content.into_owned())) {
            self.edits.push((string.range.clone(), quote(&redacted)));
        }
    }

    /// Whether a string can be told to hold nothing to hide, from the document's text alone.
    fn is_clean(&mut self, string: &Text) -> bool {
        let inner = string.range.start + 1..string.range.end - 1;
        !string.is_escaped()
            && self
                .scan
                .secrets
                .whole(&self.lexer.text()[inner.clone()])
                .is_none()
            && self.scan.is_clean(self.lexer.text(), inner, &mut self.near)
    }

    /// The text that a member of bytes holds, if there is something to hide in it.
    fn behind_base64(&self, content: &str) -> Option<String> {
        let frame = self.frames.last()?;
        if frame.pair.next != Role::Bytes {
            return None;
        }
        let bytes = STANDARD.decode(content).ok()?;
        let text = String::from_utf8_lossy(&bytes).replace('\0', " ");
        let redacted = self.scan.text(&text)?;
        marker::ranges(&redacted).next()?;
        Some(redacted)
    }

    fn nested(&self, content: &str) -> Option<String> {
        if self.scan.secrets.whole(content).is_some() {
            return self.scan.text(content);
        }
        match redact_nested(self.scan, content, self.level + 1) {
            Nested::NotJson => self.scan.plain(content),
            Nested::Unchanged => None,
            Nested::Changed(redacted) => Some(redacted),
        }
    }

    fn number(&mut self, range: Range<usize>) {
        let text = self.lexer.text();
        let number = &text[range.clone()];
        // `{"token": {"input": 5}}` counts; the value of a `token` itself does not.
        let direct = self.frames.last().and_then(|frame| frame.member);
        let rule = direct.or_else(|| self.rule_for_value().filter(|rule| *rule != "token"));
        let redacted = match rule {
            Some(rule) if self.scan.rules.hides(rule, number) => Some(marker::marker(rule)),
            _ if self
                .scan
                .is_clean_number(text, range.clone(), &mut self.near) =>
            {
                None
            }
            _ => self.scan.number(number),
        };
        if let Some(redacted) = redacted {
            self.edits.push((range, quote(&redacted)));
        }
    }

    /// The value at `range` is complete: its member no longer hides anything, and a `value` before its `name` is known.
    fn value_ends(&mut self, range: Range<usize>) {
        let Some(frame) = self.frames.last_mut() else {
            return;
        };
        if frame.container == Container::Array {
            return;
        }
        match frame.pair.next {
            Role::Value => frame.pair.value = Some(range),
            Role::Name => {
                if let (Some(rule), Some(value)) = (frame.pair.rule, frame.pair.value.take())
                    && !value.is_empty()
                {
                    self.replace(value, rule);
                }
            }
            Role::Data if !range.is_empty() => frame.manifest.data.push(range),
            Role::KeyPart if !range.is_empty() => frame.manifest.private.push(range),
            _ => {}
        }
        if let Some(frame) = self.frames.last_mut() {
            frame.member = None;
            frame.pair.next = Role::Other;
        }
    }

    /// Puts a marker in the place of a value that was read already, and of all edits within it. One that is a marker stays.
    fn replace(&mut self, value: Range<usize>, rule: &str) {
        let marker = quote(&marker::marker(rule));
        if self.lexer.text()[value.clone()] == marker {
            return;
        }
        let place = |at: usize| move |(edit, _): &Edit| edit.start < at;
        let first = self.edits.partition_point(place(value.start));
        let last = self.edits.partition_point(place(value.end));
        self.edits.splice(first..last, [(value, marker)]);
    }
}
