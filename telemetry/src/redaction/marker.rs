//! Markers: how they are written and how existing ones are recognised, so that redaction leaves them alone.

use std::borrow::Cow;
use std::collections::HashSet;
use std::ops::Range;
use std::sync::LazyLock;

use memchr::memmem;
use parking_lot::RwLock;

use super::{keys, optional, rules};

pub(super) const OPEN: &str = "[REDACTED:";

/// What replaces text that did not settle, is nested too deep, or could not be read.
pub(super) const UNSCANNABLE: &str = "unscannable";
/// A credential in use, found by its value.
pub(super) const SECRET_VALUE: &str = "secret-value";

static FINDER: LazyLock<memmem::Finder<'static>> = LazyLock::new(|| memmem::Finder::new(OPEN));

/// Only names that a rule really has make a marker: otherwise `[REDACTED:` in front of a secret would protect it.
static NAMES: LazyLock<RwLock<HashSet<&'static str>>> = LazyLock::new(|| {
    let names = rules::names()
        .chain(keys::RULES.iter().copied())
        .chain(optional::RULES.map(|rule| rule.name))
        .chain([UNSCANNABLE, SECRET_VALUE]);
    RwLock::new(names.collect())
});

/// Makes the name of a rule known. Settings are read once in a process: what a name takes is kept until it ends.
pub(super) fn known(name: &str) -> &'static str {
    let mut names = NAMES.write();
    if let Some(known) = names.get(name) {
        return known;
    }
    let name: &'static str = name.to_owned().leak();
    names.insert(name);
    name
}

fn is_known(name: &str) -> bool {
    NAMES.read().contains(name)
}

pub(super) fn marker(rule: &str) -> String {
    format!("{OPEN}{rule}]")
}

/// Whether the whole text is one marker.
pub(super) fn is_marker(text: &str) -> bool {
    text.strip_prefix(OPEN)
        .and_then(|rest| rest.strip_suffix(']'))
        .is_some_and(is_known)
}

/// `text` without the markers in it, whose names would speak of secrets.
pub(super) fn without_markers(text: &str) -> Cow<'_, str> {
    let mut rest = Cow::Borrowed(text);
    if !text.contains('[') {
        return rest;
    }
    let markers: Vec<_> = ranges(text).collect();
    for marker in markers.into_iter().rev() {
        rest.to_mut().replace_range(marker, "");
    }
    rest
}

/// The names in the markers of `text`, in order.
pub(super) fn rules(text: &str) -> impl Iterator<Item = &str> {
    ranges(text).map(|range| &text[range.start + OPEN.len()..range.end - 1])
}

/// The byte ranges of the markers in `text`, in order.
pub(super) fn ranges(text: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    FINDER.find_iter(text.as_bytes()).filter_map(|start| {
        let name = start + OPEN.len();
        let rest = text.as_bytes().get(name..)?;
        let end = name
            + rest
                .iter()
                .position(|byte| !matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'))?;
        (text.as_bytes()[end] == b']' && is_known(&text[name..end])).then_some(start..end + 1)
    })
}
