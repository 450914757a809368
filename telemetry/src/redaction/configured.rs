//! The rules as the settings have them: which built-in ones are on, the operator's own, and what none of them hides.

use std::borrow::Cow;
use std::collections::HashSet;
use std::ops::Range;

use regex_automata::meta::Regex;
use regex_automata::{Anchored, Input, PatternSet};

use super::keys;
use super::scanner::{Hit, Rank};

/// Matches of the operator's own patterns have at most so many bytes. Searching window by window keeps the whole linear even
/// for a pattern that reads on to the end of the text before it gives up.
pub(super) const LONGEST_MATCH: usize = 2048;

/// The rules of one redactor.
#[derive(Debug, Default)]
pub(super) struct Rules {
    pub(super) disabled: HashSet<&'static str>,
    pub(super) allow: Allow,
    pub(super) own: Vec<Own>,
    /// The patterns of `own`, all at once: one pass tells which of them are in a text.
    pub(super) any: Option<Regex>,
    /// Whose pattern each of them is, by its place in `own`.
    pub(super) owners: Vec<usize>,
}

/// A rule that is not one of the built-in ones which are always there.
#[derive(Debug)]
pub(super) struct Own {
    pub(super) name: &'static str,
    pub(super) allow: Allow,
    /// Keys whose values it hides, in the form that [`normal`] gives them.
    pub(super) keys: HashSet<String>,
    pub(super) pattern: Option<Regex>,
    /// Decides on a match, given the text around it.
    pub(super) accept: fn(&str, &Range<usize>) -> bool,
}

/// Values that are not hidden.
#[derive(Debug, Default)]
pub(super) struct Allow {
    pub(super) values: HashSet<String>,
    /// Each matches a whole value.
    pub(super) patterns: Vec<Regex>,
}

impl Allow {
    fn has(&self, value: &str) -> bool {
        self.values.contains(value)
            || self.patterns.iter().any(|pattern| {
                pattern
                    .search(&Input::new(value).anchored(Anchored::Yes))
                    .is_some_and(|found| found.end() == value.len())
            })
    }

    fn is_empty(&self) -> bool {
        self.values.is_empty() && self.patterns.is_empty()
    }
}

impl Rules {
    pub(super) fn is_on(&self, rule: &str) -> bool {
        self.disabled.is_empty() || !self.disabled.contains(rule)
    }

    /// Whether `rule` hides `value`: it is on, and nobody has said that the value is harmless.
    pub(super) fn hides(&self, rule: &str, value: &str) -> bool {
        self.is_on(rule) && !self.allows(rule, value)
    }

    fn allows(&self, rule: &str, value: &str) -> bool {
        let mut own = self.own.iter().filter(|own| own.name == rule);
        self.allow.has(value) || own.any(|own| own.allow.has(value))
    }

    /// Takes out of `hits` in `text` what is harmless. No setting makes a credential in use harmless.
    pub(super) fn spare(&self, text: &str, hits: &mut Vec<Hit>) {
        if !self.allow.is_empty() || self.own.iter().any(|own| !own.allow.is_empty()) {
            hits.retain(|hit| {
                hit.rank == Rank::Secret || !self.allows(hit.rule, &text[hit.range.clone()])
            });
        }
    }

    /// The rule for values under `key`, or `None` for a harmless key.
    pub(super) fn key(&self, key: &str) -> Option<&'static str> {
        self.own_key(key)
            .or_else(|| keys::classify(key).filter(|rule| self.is_on(rule)))
    }

    /// Whether a key may be told by nothing but the operator's own rules.
    pub(super) fn has_keys(&self) -> bool {
        self.own.iter().any(|own| !own.keys.is_empty())
    }

    /// A key with dots is looked for with and without what stands before each of them.
    fn own_key(&self, key: &str) -> Option<&'static str> {
        if !self.has_keys() {
            return None;
        }
        let key = normal(key);
        let mut rest = Some(&*key);
        while let Some(key) = rest {
            if let Some(own) = self.own.iter().find(|own| own.keys.contains(key)) {
                return Some(own.name);
            }
            rest = key.split_once('.').map(|(_, rest)| rest);
        }
        None
    }

    /// Whether one of the operator's own patterns is in `text`, and perhaps harmless there.
    pub(super) fn may_match(&self, text: &str) -> bool {
        self.any
            .as_ref()
            .is_some_and(|any| any.is_match(Input::new(text).earliest(true)))
    }

    /// The rule of the operator's own that finds something in a number, as it is written.
    pub(super) fn number(&self, written: &str) -> Option<&'static str> {
        let mut hits = Vec::new();
        self.search(written, &mut hits);
        self.spare(written, &mut hits);
        hits.first().map(|hit| hit.rule)
    }

    /// Looks for the operator's own patterns.
    pub(super) fn search(&self, text: &str, hits: &mut Vec<Hit>) {
        let Some(any) = &self.any else { return };
        let mut found = PatternSet::new(any.pattern_len());
        any.which_overlapping_matches(&Input::new(text), &mut found);
        for pattern in found.iter() {
            self.own[self.owners[pattern.as_usize()]].search(text, hits);
        }
    }
}

impl Own {
    fn search(&self, text: &str, hits: &mut Vec<Hit>) {
        let Some(pattern) = &self.pattern else { return };
        let mut captures = pattern.create_captures();
        let mut at = 0;
        while at < text.len() {
            let next = text.ceil_char_boundary((at + LONGEST_MATCH).min(text.len()));
            let limit = text.floor_char_boundary((next + LONGEST_MATCH).min(text.len()));
            pattern.search_captures(&Input::new(text).range(at..limit), &mut captures);
            let Some(whole) = captures.get_match().filter(|found| found.start() < next) else {
                at = next;
                continue;
            };
            let group = captures.get_group(1).filter(|group| !group.is_empty());
            let range = group.map_or(whole.range(), |group| group.start..group.end);
            if (self.accept)(text, &range) {
                hits.push(Hit {
                    range,
                    rule: self.name,
                    rank: Rank::Own,
                });
            }
            at = whole.end();
        }
    }
}

/// A key without what differs between spellings of it: `employeeId`, `employee-id` and `EMPLOYEE_ID` are one.
pub(super) fn normal(key: &str) -> Cow<'_, str> {
    let plain = |c: char| c.is_lowercase() || c.is_ascii_digit() || c == '.';
    if key.chars().all(plain) {
        return Cow::Borrowed(key);
    }
    let letters = key.chars().filter(|c| !matches!(c, '_' | '-' | ' '));
    Cow::Owned(letters.flat_map(char::to_lowercase).collect())
}
