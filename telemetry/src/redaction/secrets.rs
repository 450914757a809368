//! The credentials in use, and the automaton that finds them in whatever encoding.

use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;

use aho_corasick::{AhoCorasick, MatchKind};
use parking_lot::RwLock;

use super::encodings;
use super::marker::SECRET_VALUE;
use super::scanner::{Hit, Rank};

/// Shorter values are found only where they are the whole text: inside others they would match by chance everywhere.
const SHORTEST_INSIDE: usize = 4;

/// Credential values that must not appear anywhere. Values stay until the process ends: spans of a run may be written after it.
#[derive(Default)]
pub struct SecretRegistry {
    values: RwLock<HashSet<String>>,
    matcher: RwLock<Arc<Matcher>>,
}

impl SecretRegistry {
    /// Registers a credential. Everything redacted after this call returns is free of it: exact, inside longer text,
    /// percent-encoded, JSON-escaped, as base64 at any alignment, and as hexadecimal. An empty value is ignored.
    pub fn add(&self, value: &str) {
        let trimmed = value.trim();
        if trimmed.is_empty() || self.values.read().contains(value) {
            return;
        }
        let mut values = self.values.write();
        // Values read from files end in a line break that the programs using them cut off.
        let new = values.insert(value.to_owned()) | values.insert(trimmed.to_owned());
        if new {
            *self.matcher.write() = Arc::new(Matcher::new(&values));
        }
    }

    /// How many different values are registered.
    pub fn len(&self) -> usize {
        self.values.read().len()
    }

    /// Whether no value is registered.
    pub fn is_empty(&self) -> bool {
        self.values.read().is_empty()
    }

    pub(super) fn matcher(&self) -> Arc<Matcher> {
        Arc::clone(&self.matcher.read())
    }
}

impl fmt::Debug for SecretRegistry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SecretRegistry")
            .field("len", &self.len())
            .finish_non_exhaustive()
    }
}

/// An immutable snapshot of the registry.
#[derive(Default)]
pub(super) struct Matcher {
    needles: Option<AhoCorasick>,
    /// For each needle, whether its neighbours may hold the rest of a secret's bits.
    partial: Vec<bool>,
    short: HashSet<String>,
}

impl Matcher {
    fn new(values: &HashSet<String>) -> Self {
        let (inside, short): (Vec<&String>, Vec<&String>) = values
            .iter()
            .partition(|value| value.len() >= SHORTEST_INSIDE);
        let needles: Vec<encodings::Needle> = inside
            .iter()
            .flat_map(|value| encodings::needles(value))
            .collect();
        let automaton = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostLongest)
            .build(needles.iter().map(|needle| &needle.text))
            .expect("an automaton holds gigabytes of credentials");
        Self {
            needles: (!needles.is_empty()).then_some(automaton),
            partial: needles.iter().map(|needle| needle.partial).collect(),
            short: short.into_iter().cloned().collect(),
        }
    }

    /// The rule for a text that is, as a whole, a secret too short to be looked for inside others.
    pub(super) fn whole(&self, text: &str) -> Option<&'static str> {
        (text.len() < SHORTEST_INSIDE && self.short.contains(text)).then_some(SECRET_VALUE)
    }

    pub(super) fn search(&self, text: &str, hits: &mut Vec<Hit>) {
        let Some(needles) = &self.needles else { return };
        let mut from = 0;
        while let Some(found) = needles.find(aho_corasick::Input::new(text).range(from..)) {
            let mut range = found.range();
            if self.partial[found.pattern().as_usize()] {
                range = encodings::with_neighbours(text.as_bytes(), range);
            }
            hits.push(Hit {
                range,
                rule: SECRET_VALUE,
                rank: Rank::Secret,
            });
            // One secret may begin inside another.
            from = found.start() + 1;
        }
    }
}
