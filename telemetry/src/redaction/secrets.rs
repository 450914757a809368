//! The credentials in use, and the automaton that finds them in whatever encoding.

use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;

use aho_corasick::{AhoCorasick, Anchored, Input, MatchKind, StartKind};
use parking_lot::RwLock;

use super::encodings;
use super::literals::{self, LITERALS};
use super::marker::SECRET_VALUE;
use super::scanner::{Hit, Rank};
use super::sieve::{Kinds, Sieve};

/// The kind that the sieve knows secrets by.
pub(super) const KIND: Kinds = 2;

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
pub(super) struct Matcher {
    /// Where a secret or a literal of the rules may begin: one pass for both.
    sieve: Sieve,
    needles: Option<AhoCorasick>,
    /// The first bytes of the needles, sorted.
    heads: Vec<[u8; SHORTEST_INSIDE]>,
    /// For each needle, whether its neighbours may hold the rest of a secret's bits.
    partial: Vec<bool>,
    short: HashSet<String>,
}

impl Default for Matcher {
    fn default() -> Self {
        Self::new(&HashSet::new())
    }
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
        let mut sieve = LITERALS.sieve.clone();
        for needle in &needles {
            sieve.add(&needle.text, KIND);
        }
        let mut heads: Vec<_> = needles
            .iter()
            .filter_map(|needle| head(needle.text.as_bytes()))
            .collect();
        heads.sort_unstable();
        heads.dedup();
        let automaton = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostLongest)
            .start_kind(StartKind::Anchored)
            .build(needles.iter().map(|needle| &needle.text))
            .expect("an automaton holds gigabytes of credentials");
        Self {
            sieve,
            needles: (!needles.is_empty()).then_some(automaton),
            heads,
            partial: needles.iter().map(|needle| needle.partial).collect(),
            short: short.into_iter().cloned().collect(),
        }
    }

    /// The next place at or after `from` where a literal of the rules stands, or what a secret begins with; and which.
    pub(super) fn next(&self, bytes: &[u8], from: usize) -> Option<(usize, Kinds)> {
        let mut from = from;
        loop {
            let (at, mut kinds) = self.sieve.next(bytes, from)?;
            if kinds & literals::KIND != 0 && !LITERALS.is_at(bytes, at) {
                kinds &= !literals::KIND;
            }
            if kinds & KIND != 0 && !self.may_begin(&bytes[at..]) {
                kinds &= !KIND;
            }
            if kinds != 0 {
                return Some((at, kinds));
            }
            from = at + 1;
        }
    }

    fn may_begin(&self, bytes: &[u8]) -> bool {
        head(bytes).is_some_and(|head| self.heads.binary_search(&head).is_ok())
    }

    /// The rule for a text that is, as a whole, a secret too short to be looked for inside others.
    pub(super) fn whole(&self, text: &str) -> Option<&'static str> {
        (text.len() < SHORTEST_INSIDE && !self.short.is_empty() && self.short.contains(text))
            .then_some(SECRET_VALUE)
    }

    /// Whether a text holds a secret.
    pub(super) fn is_in(&self, text: &str) -> bool {
        let mut hits = Vec::new();
        (0..text.len()).for_each(|at| self.find_at(text, at, &mut hits));
        !hits.is_empty() || self.whole(text).is_some()
    }

    /// Looks at the secrets that begin at `at`.
    pub(super) fn find_at(&self, text: &str, at: usize, hits: &mut Vec<Hit>) {
        let Some(needles) = &self.needles else { return };
        if !self.may_begin(&text.as_bytes()[at..]) {
            return;
        }
        let input = Input::new(text).range(at..).anchored(Anchored::Yes);
        let Some(found) = needles.find(input) else {
            return;
        };
        let mut range = found.range();
        if self.partial[found.pattern().as_usize()] {
            range = encodings::with_neighbours(text.as_bytes(), range);
        }
        hits.push(Hit {
            range,
            rule: SECRET_VALUE,
            rank: Rank::Secret,
        });
    }
}

fn head(bytes: &[u8]) -> Option<[u8; SHORTEST_INSIDE]> {
    bytes.first_chunk().copied()
}
