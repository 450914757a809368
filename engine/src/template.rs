//! `{{state.path}}` and `[[credential#path]]` inside parameters.
//!
//! Only text of the document is scanned: what a template brings in is data, so an input that reads `[[name]]` stays text.

use std::borrow::Cow;
use std::fmt::Write as _;

use serde_json::{Map, Value};

use crate::error::{NodeError, codes};
use crate::host::{Credentials, Secret};
use crate::state::State;

/// A parameter with its templates and credentials resolved.
#[derive(Debug, Clone, PartialEq)]
pub struct Resolved {
    pub value: Value,
    /// The same with credentials as the placeholders of the document; absent when there are none.
    pub(crate) traced: Option<Value>,
    pub(crate) secrets: Vec<(String, Secret)>,
}

impl Resolved {
    /// What a span may show.
    pub fn traced(&self) -> &Value {
        self.traced.as_ref().unwrap_or(&self.value)
    }
}

/// What templates are resolved over: locals first, then the state, then results by node name.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scope<'a> {
    pub(crate) state: &'a State,
    pub(crate) locals: &'a Map<String, Value>,
}

/// Resolves every text inside `value`, at any depth.
pub(crate) fn resolve(
    value: &Value,
    scope: Scope<'_>,
    credentials: &dyn Credentials,
) -> Result<Resolved, NodeError> {
    resolve_by(credentials, |credential| {
        substitute(value, scope, credential)
    })
}

/// Resolves a node's parameters, except for those it resolves itself.
pub(crate) fn resolve_entries(
    entries: &Map<String, Value>,
    scope: Scope<'_>,
    credentials: &dyn Credentials,
    deferred: impl Fn(&str) -> bool,
) -> Result<Resolved, NodeError> {
    resolve_by(credentials, |credential| {
        let resolved = entries.iter().map(|(name, value)| {
            let value = if deferred(name) {
                value.clone()
            } else {
                substitute(value, scope, credential)?
            };
            Ok((name.clone(), value))
        });
        resolved
            .collect::<Result<Map<_, _>, NodeError>>()
            .map(Value::Object)
    })
}

/// Substitutes once for the node, and where credentials are involved once more for the trace.
fn resolve_by(
    credentials: &dyn Credentials,
    mut substitute: impl FnMut(&mut CredentialLookup<'_>) -> Result<Value, NodeError>,
) -> Result<Resolved, NodeError> {
    let mut secrets = Vec::new();
    let value = substitute(&mut |placeholder| {
        let secret = lookup_credential(placeholder, credentials)?;
        secrets.push((
            placeholder.text.to_owned(),
            Secret::new(plain_text(&secret)),
        ));
        Ok(secret)
    })?;
    let traced = if secrets.is_empty() {
        None
    } else {
        Some(substitute(&mut |placeholder| {
            Ok(Value::String(placeholder.text.to_owned()))
        })?)
    };
    Ok(Resolved {
        value,
        traced,
        secrets,
    })
}

/// Whether the text holds a template or a credential, so that its final value and type are not known yet.
pub(crate) fn is_dynamic(text: &str) -> bool {
    segments(text)
        .iter()
        .any(|segment| !matches!(segment, Segment::Text(_)))
}

type CredentialLookup<'f> = dyn FnMut(Placeholder<'_>) -> Result<Value, NodeError> + 'f;

fn substitute(
    value: &Value,
    scope: Scope<'_>,
    credential: &mut CredentialLookup<'_>,
) -> Result<Value, NodeError> {
    Ok(match value {
        Value::String(text) => substitute_text(text, scope, credential)?,
        Value::Array(items) => Value::Array(
            items
                .iter()
                .map(|item| substitute(item, scope, credential))
                .collect::<Result<_, _>>()?,
        ),
        Value::Object(entries) => Value::Object(
            entries
                .iter()
                .map(|(key, entry)| Ok((key.clone(), substitute(entry, scope, credential)?)))
                .collect::<Result<_, NodeError>>()?,
        ),
        other => other.clone(),
    })
}

fn substitute_text(
    text: &str,
    scope: Scope<'_>,
    credential: &mut CredentialLookup<'_>,
) -> Result<Value, NodeError> {
    if !text.contains("{{") && !text.contains("[[") {
        return Ok(Value::String(text.to_owned()));
    }
    // A template or credential alone keeps the type of its value.
    match segments(text.trim()).as_slice() {
        [Segment::Template { text, path }] => {
            return lookup(text, path, scope).map(Cow::into_owned);
        }
        [Segment::Credential(placeholder)] => return credential(*placeholder),
        _ => {}
    }
    let mut filled = String::with_capacity(text.len());
    for segment in segments(text) {
        match segment {
            Segment::Text(text) => filled.push_str(text),
            Segment::Template { text, path } => {
                push_plain(&mut filled, &*lookup(text, path, scope)?)
            }
            Segment::Credential(placeholder) => push_plain(&mut filled, &credential(placeholder)?),
        }
    }
    Ok(Value::String(filled))
}

/// Text as it is, everything else as JSON.
fn push_plain(text: &mut String, value: &Value) {
    match value {
        Value::String(value) => text.push_str(value),
        // Writing into a String cannot fail.
        value => _ = write!(text, "{value}"),
    }
}

fn plain_text(value: &Value) -> String {
    let mut text = String::new();
    push_plain(&mut text, value);
    text
}

/// Finds a dotted path; a segment names an object's key or an array's index.
pub(crate) fn find<'a>(path: &str, scope: Scope<'a>) -> Result<Cow<'a, Value>, Unresolved> {
    let (first, rest) = match path.split_once('.') {
        Some((first, rest)) => (first.trim(), Some(rest)),
        None => (path.trim(), None),
    };
    let state = scope.state;
    let start = match first {
        _ if scope.locals.contains_key(first) => scope.locals.get(first),
        "inputs" => Some(&*state.inputs),
        "config" => Some(&*state.config),
        "results" | "messages" => return find_in_collection(first, rest, state),
        node => state.result(node),
    };
    let start = start.ok_or_else(|| Unresolved {
        within: String::new(),
        segment: first.to_owned(),
    })?;
    walk(start, rest, first.to_owned()).map(Cow::Borrowed)
}

/// Results and messages are shared one by one, so as a whole they have to be put together.
fn find_in_collection<'a>(
    name: &str,
    rest: Option<&str>,
    state: &'a State,
) -> Result<Cow<'a, Value>, Unresolved> {
    let results = name == "results";
    let Some(rest) = rest else {
        return Ok(Cow::Owned(if results {
            Value::Object(
                state
                    .results
                    .iter()
                    .map(|(name, result)| (name.clone(), Value::clone(result)))
                    .collect(),
            )
        } else {
            Value::Array(
                state
                    .messages
                    .iter()
                    .map(|message| Value::clone(message))
                    .collect(),
            )
        }));
    };
    let (segment, rest) = rest
        .split_once('.')
        .map_or((rest, None), |(segment, rest)| (segment, Some(rest)));
    let segment = segment.trim();
    let start = if results {
        state.result(segment)
    } else {
        index(segment, state.messages.len()).map(|index| &*state.messages[index])
    };
    let start = start.ok_or_else(|| Unresolved {
        within: name.to_owned(),
        segment: segment.to_owned(),
    })?;
    walk(start, rest, format!("{name}.{segment}")).map(Cow::Borrowed)
}

fn walk<'a>(
    start: &'a Value,
    path: Option<&str>,
    mut seen: String,
) -> Result<&'a Value, Unresolved> {
    let mut current = start;
    for segment in path
        .into_iter()
        .flat_map(|path| path.split('.'))
        .map(str::trim)
    {
        let next = match current {
            Value::Object(entries) => entries.get(segment),
            Value::Array(items) => index(segment, items.len()).map(|index| &items[index]),
            _ => None,
        };
        current = next.ok_or_else(|| Unresolved {
            within: seen.clone(),
            segment: segment.to_owned(),
        })?;
        seen.push('.');
        seen.push_str(segment);
    }
    Ok(current)
}

/// An array index; negative ones count from the end, as in Python.
fn index(segment: &str, len: usize) -> Option<usize> {
    let index: isize = segment.parse().ok()?;
    let index = if index < 0 {
        len.checked_sub(index.unsigned_abs())?
    } else {
        index.unsigned_abs()
    };
    (index < len).then_some(index)
}

/// Where a path left the state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unresolved {
    within: String,
    segment: String,
}

fn lookup<'a>(text: &str, path: &str, scope: Scope<'a>) -> Result<Cow<'a, Value>, NodeError> {
    find(path, scope).map_err(|Unresolved { within, segment }| {
        let place = if within.is_empty() {
            "the state"
        } else {
            &within
        };
        NodeError::new(
            codes::UNRESOLVED_TEMPLATE,
            format!("template `{text}` cannot be resolved: {place} has no `{segment}`"),
        )
    })
}

fn lookup_credential(
    placeholder: Placeholder<'_>,
    credentials: &dyn Credentials,
) -> Result<Value, NodeError> {
    let missing = |what: String| NodeError::new(codes::MISSING_CREDENTIAL, what);
    let name = placeholder.name;
    let secret = credentials
        .get(name)
        .ok_or_else(|| missing(format!("credential `{name}` is not known")))?;
    let Some(path) = placeholder.path else {
        return Ok(Value::String(secret.expose().to_owned()));
    };
    let fields: Option<Value> = serde_json::from_str(secret.expose()).ok();
    let field = fields
        .as_ref()
        .and_then(|fields| walk(fields, Some(path), String::new()).ok());
    field
        .cloned()
        .ok_or_else(|| missing(format!("credential `{name}` has no field `{path}`")))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Placeholder<'a> {
    text: &'a str,
    name: &'a str,
    path: Option<&'a str>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Segment<'a> {
    Text(&'a str),
    Template { text: &'a str, path: &'a str },
    Credential(Placeholder<'a>),
}

fn segments(text: &str) -> Vec<Segment<'_>> {
    let mut found = Vec::new();
    let mut literal_start = 0;
    let mut from = 0;
    while let Some(offset) = text[from..].find(['{', '[']) {
        let start = from + offset;
        match template_at(&text[start..]).or_else(|| credential_at(&text[start..])) {
            Some((segment, len)) => {
                if literal_start < start {
                    found.push(Segment::Text(&text[literal_start..start]));
                }
                found.push(segment);
                from = start + len;
                literal_start = from;
            }
            None => from = start + 1,
        }
    }
    if literal_start < text.len() {
        found.push(Segment::Text(&text[literal_start..]));
    }
    found
}

/// `{{ anything without braces }}` at the start of the text.
fn template_at(text: &str) -> Option<(Segment<'_>, usize)> {
    let body = text.strip_prefix("{{")?;
    let end = body.find(['{', '}'])?;
    let path = body[..end].trim();
    if path.is_empty() || !body[end..].starts_with("}}") {
        return None;
    }
    let len = end + 4;
    Some((
        Segment::Template {
            text: &text[..len],
            path,
        },
        len,
    ))
}

/// `[[name]]` or `[[name#path]]` at the start of the text; other double brackets, such as nested lists, are text.
fn credential_at(text: &str) -> Option<(Segment<'_>, usize)> {
    let body = text.strip_prefix("[[")?;
    let end = body.find("]]")?;
    let (name, path) = match body[..end].split_once('#') {
        Some((name, path)) => (name.trim(), Some(path.trim())),
        None => (body[..end].trim(), None),
    };
    let named = |text: &str| {
        text.chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | ' '))
    };
    let begins = name.starts_with(|c: char| c.is_alphabetic() || c == '_');
    if !begins || !named(name) || path.is_some_and(|path| path.is_empty() || !named(path)) {
        return None;
    }
    let len = end + 4;
    Some((
        Segment::Credential(Placeholder {
            text: &text[..len],
            name,
            path,
        }),
        len,
    ))
}
