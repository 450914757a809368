//! JSON documents: redacted by key at any depth, and every string and key like text, while the rest stays as it is written.

use std::borrow::Cow;
use std::ops::Range;

use serde_json::Value;

use super::lexer::{Container, Invalid, Lexer, Text, Token};
use super::scanner::{Near, Scan};
use super::{keys, marker, numbers};

/// serde_json and PostgreSQL's own limits are near: what is nested deeper could be written, but not read again.
const DEEPEST: usize = 120;
/// JSON text in a string of a JSON text, and so on: each level doubles the backslashes, so real ones have two or three.
const MOST_NESTED: usize = 6;

/// What became of a text that might be a JSON document.
pub(super) enum Nested {
    NotJson,
    Unchanged,
    Changed(String),
}

/// A JSON text, valid whatever comes in.
pub(super) fn redact_text(scan: &Scan, text: &str) -> String {
    match edited(scan, text, 0) {
        Ok(None) => text.to_owned(),
        Ok(Some(redacted)) => redacted,
        Err(Invalid) => quote(&scan.text(text).map_or(Cow::Borrowed(text), Cow::Owned)),
    }
}

/// Redacts `text` if it is a JSON object or array. `level` counts the documents around it.
pub(super) fn redact_nested(scan: &Scan, text: &str, level: usize) -> Nested {
    let trimmed = text.trim_ascii();
    let container = matches!(
        (trimmed.as_bytes().first(), trimmed.as_bytes().last()),
        (Some(b'{'), Some(b'}')) | (Some(b'['), Some(b']'))
    );
    if !container || marker::is_marker(trimmed) {
        return Nested::NotJson;
    }
    if level > MOST_NESTED {
        return Nested::Changed(marker::marker(marker::UNSCANNABLE));
    }
    match edited(scan, text, level) {
        Err(Invalid) => Nested::NotJson,
        Ok(None) => Nested::Unchanged,
        Ok(Some(redacted)) => Nested::Changed(redacted),
    }
}

pub(super) fn redact_value(scan: &Scan, value: &mut Value) {
    prune(value);
    // One implementation for both forms: a value that holds a secret is rare, and only it is parsed again.
    let redacted = serde_json::to_string(value).map(|text| edited(scan, &text, 0));
    *value = match redacted {
        Ok(Ok(None)) => return,
        Ok(Ok(Some(text))) => serde_json::from_str(&text)
            .unwrap_or_else(|_| Value::String(marker::marker(marker::UNSCANNABLE))),
        Ok(Err(Invalid)) | Err(_) => Value::String(marker::marker(marker::UNSCANNABLE)),
    };
}

/// The marker for a number under a harmless key.
pub(super) fn hidden_number(scan: &Scan, written: &str) -> Option<String> {
    if numbers::is_card(written) {
        return Some(marker::marker("card"));
    }
    scan.secret_number(written)
}

/// Cuts what is too deep, without recursion: neither writing nor dropping such a value would survive it.
fn prune(value: &mut Value) {
    let mut level: Vec<&mut Value> = vec![value];
    for _ in 0..=DEEPEST {
        level = level
            .into_iter()
            .flat_map(|value| -> Box<dyn Iterator<Item = &mut Value>> {
                match value {
                    Value::Array(items) => Box::new(items.iter_mut()),
                    Value::Object(members) => Box::new(members.values_mut()),
                    _ => Box::new(std::iter::empty()),
                }
            })
            .collect();
    }
    let containers = level
        .into_iter()
        .filter(|value| value.is_array() || value.is_object());
    let mut cut: Vec<Value> = containers
        .map(|value| std::mem::replace(value, Value::String(marker::marker(marker::UNSCANNABLE))))
        .collect();
    while let Some(value) = cut.pop() {
        match value {
            Value::Array(items) => cut.extend(items),
            Value::Object(members) => cut.extend(members.into_iter().map(|(_, value)| value)),
            _ => {}
        }
    }
}

fn edited(scan: &Scan, text: &str, level: usize) -> Result<Option<String>, Invalid> {
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

fn quote(text: &str) -> String {
    Value::String(text.to_owned()).to_string()
}

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
}

struct Walk<'s, 't> {
    scan: &'s Scan,
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
                self.frames.push(Frame {
                    container,
                    start,
                    concealing,
                    member,
                    pair,
                    redacted_keys,
                });
            }
            Token::Close => {
                if let Some(frame) = self.frames.pop() {
                    self.value_ends(frame.start..self.lexer.position());
                }
            }
            Token::Key(key) => self.key(&key),
            Token::String(string) => {
                self.string(&string);
                self.value_ends(string.range);
            }
            Token::Number(number) => {
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
        frame.member = (!clean).then(|| keys::classify(&content)).flatten();
        frame.pair.next = match content.as_ref() {
            "name" | "key" | "Name" | "Key" | "header" => Role::Name,
            "value" | "Value" | "values" => Role::Value,
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
            None if self.is_clean(string) => None,
            None => self.nested(&content),
        };
        if let Some(frame) = self.frames.last_mut()
            && frame.pair.next == Role::Name
        {
            frame.pair.rule = keys::classify(&content);
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
        let number = &self.lexer.text()[range.clone()];
        // `{"token": {"input": 5}}` counts; the value of a `token` itself does not.
        let direct = self.frames.last().and_then(|frame| frame.member);
        let rule = direct.or_else(|| self.rule_for_value().filter(|rule| *rule != "token"));
        let redacted = match rule {
            Some(rule) => Some(marker::marker(rule)),
            None if numbers::is_card(number) => Some(marker::marker("card")),
            None if self.scan.secrets.whole(number).is_none()
                && !self.scan.may_hold_literal(
                    self.lexer.text(),
                    range.clone(),
                    &mut self.near,
                ) =>
            {
                None
            }
            None => self.scan.secret_number(number),
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
                    let first = self
                        .edits
                        .partition_point(|(edit, _)| edit.start < value.start);
                    let last = self
                        .edits
                        .partition_point(|(edit, _)| edit.start < value.end);
                    self.edits
                        .splice(first..last, [(value, quote(&marker::marker(rule)))]);
                }
            }
            Role::Other => {}
        }
        frame.member = None;
        frame.pair.next = Role::Other;
    }
}
