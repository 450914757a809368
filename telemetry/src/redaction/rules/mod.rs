//! The pattern rules, as data. Shapes follow the published rule sets of secret scanners and the vendors' own documentation.
//!
//! A rule names the literals that begin every match (or sit at a known place in it). A sieve finds the literals of all
//! rules in one pass; only there is a rule's pattern tried. To keep the whole linear a pattern must, from its literal on,
//! either match as far as it reads or give up within a bounded number of bytes.

mod commands;
mod platforms;
mod services;
mod shared;
mod vendors;

use super::validators::any;

/// One pattern rule.
pub(super) struct Rule {
    /// What the marker says.
    pub(super) name: &'static str,
    /// ASCII literals, compared without case, at which `pattern` is tried.
    pub(super) anchors: &'static [&'static str],
    /// What must, or may, stand before the literal.
    pub(super) before: Before,
    /// Matched from the literal's first byte. Group 1, where there is one, is what is replaced; else the whole match.
    pub(super) pattern: &'static str,
    /// Decides on the replaced part.
    pub(super) accept: fn(&str) -> bool,
}

/// The context on the left of a rule's literal.
#[derive(Clone, Copy)]
pub(super) enum Before {
    Anything,
    /// No letter or digit: the literal begins a word.
    Word,
    /// Nothing that could belong to the same token: letters, digits, `_`, `-`.
    Token,
    /// The match extends to the left over characters of `class`, at least `min` and at most `max` of them, that do not
    /// themselves follow `unless`.
    Extend {
        class: fn(char) -> bool,
        min: usize,
        max: usize,
        unless: Option<&'static str>,
    },
}

pub(super) const fn token(
    name: &'static str,
    anchors: &'static [&'static str],
    pattern: &'static str,
) -> Rule {
    Rule {
        name,
        anchors,
        before: Before::Word,
        pattern,
        accept: any,
    }
}

pub(super) const fn checked(
    name: &'static str,
    anchors: &'static [&'static str],
    pattern: &'static str,
    accept: fn(&str) -> bool,
) -> Rule {
    Rule {
        name,
        anchors,
        before: Before::Word,
        pattern,
        accept,
    }
}

pub(super) const fn embedded(
    name: &'static str,
    anchors: &'static [&'static str],
    pattern: &'static str,
) -> Rule {
    Rule {
        name,
        anchors,
        before: Before::Anything,
        pattern,
        accept: any,
    }
}

/// All rules. Where two hide the same bytes, the marker names the first.
pub(super) fn all() -> impl Iterator<Item = &'static Rule> {
    vendors::RULES
        .iter()
        .chain(services::RULES)
        .chain(platforms::RULES)
        .chain(shared::RULES)
        .chain(commands::RULES)
}

/// The rules of `numbers`, which start at digits instead of literals.
pub(super) const NUMBER_RULES: [&str; 4] = ["card", "iban", "ssn", "phone"];

/// The names of all rules that look at values; of those of `jointed`, the others are in the table, too.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    let table = all().map(|rule| rule.name);
    table
        .chain(NUMBER_RULES)
        .chain(["discord-token", super::kubernetes::RULE])
}
