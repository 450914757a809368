//! Dotted paths into the state.

use std::borrow::Cow;
use std::fmt;

use serde_json::Value;

use super::Scope;
use crate::state::State;

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

/// Goes on from a value.
pub(super) fn walk<'a>(
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

impl fmt::Display for Unresolved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { within, segment } = self;
        let place = if within.is_empty() {
            "the state"
        } else {
            within
        };
        write!(f, "{place} has no `{segment}`")
    }
}
