//! Finds everything that must be hidden in a text, in one pass for all rules, and puts markers in its place.

use std::cmp::Reverse;
use std::ops::Range;
use std::sync::Arc;

use super::configured::Rules;
use super::literals::{self, Found, LITERALS};
use super::secrets::{self, Matcher};
use super::{document, jointed, kubernetes, marker, numbers, placeholder, views};

/// Nothing shorter can match any rule or be a secret of its own.
const SHORTEST: usize = 4;
/// A marker can bring its neighbours together into something new. Each pass hides at least one more piece; texts settle in one
/// or two, so one that has not by now is hidden as a whole.
const MOST_PASSES: usize = 4;
/// How often an encoding is looked behind: `%2525…`, or JSON quoted in JSON quoted in a log line.
const MOST_DECODINGS: usize = 3;

/// Where in a document the next literal may begin and the next sign stands, as far as is known.
#[derive(Default)]
pub(super) struct Near {
    literal: usize,
    sign: usize,
}

/// A part of a text that must be hidden. Where hits overlap, the union is, under the name of the highest rank.
#[derive(Debug)]
pub(super) struct Hit {
    pub(super) range: Range<usize>,
    pub(super) rule: &'static str,
    pub(super) rank: Rank,
}

/// Which rule knows best what it found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rank {
    Label,
    /// A rule of the operator's own: the built-in ones say more precisely what they found.
    Own,
    /// The rule's place in the table: the first of two says more.
    Pattern(Reverse<usize>),
    Secret,
}

/// What one call scans with: the rules, and the secrets as they were when it began.
pub(super) struct Scan<'r> {
    pub(super) secrets: Arc<Matcher>,
    pub(super) rules: &'r Rules,
}

impl<'r> Scan<'r> {
    pub(super) fn new(secrets: Arc<Matcher>, rules: &'r Rules) -> Self {
        Self { secrets, rules }
    }

    /// The redacted text, or `None` when there is nothing to hide.
    pub(super) fn text(&self, text: &str) -> Option<String> {
        if let Some(rule) = self.secrets.whole(text) {
            return (!marker::is_marker(text)).then(|| marker::marker(rule));
        }
        match document::redact_nested(self, text, 0) {
            document::Nested::NotJson => self.plain(text),
            document::Nested::Unchanged => None,
            document::Nested::Changed(redacted) => Some(redacted),
        }
    }

    /// Like [`Scan::text`] for text that is known not to be a JSON document.
    pub(super) fn plain(&self, text: &str) -> Option<String> {
        let mut current =
            memchr::memchr(0, text.as_bytes()).map(|_| text.replace('\0', "\u{FFFD}"));
        for _ in 0..MOST_PASSES {
            let subject = current.as_deref().unwrap_or(text);
            let hits = self.hits(subject);
            if hits.is_empty() {
                return current;
            }
            current = Some(replace(subject, hits));
        }
        Some(marker::marker(marker::UNSCANNABLE))
    }

    /// What a value under a sensitive key becomes; `None` when it holds no secret.
    pub(super) fn concealed(&self, rule: &'static str, value: &str) -> Option<String> {
        if value.is_empty() || marker::is_marker(value) {
            None
        } else if placeholder::is_placeholder(value) || !self.rules.hides(rule, value) {
            self.text(value)
        } else {
            Some(marker::marker(rule))
        }
    }

    /// The rule for values under `key`. One that is clean has no label of the built-in rules in it: it would have been noticed.
    pub(super) fn key_rule(&self, key: &str, clean: bool) -> Option<&'static str> {
        (!clean || self.rules.has_keys())
            .then(|| self.rules.key(key))
            .flatten()
    }

    /// The marker for a number under a harmless key, as it is written: for what it is, or for a secret in it.
    pub(super) fn number(&self, number: &str) -> Option<String> {
        let rule = if self.secrets.is_in(number) {
            Some(marker::SECRET_VALUE)
        } else if numbers::is_card(number) && self.rules.hides("card", number) {
            Some("card")
        } else {
            self.rules.number(number)
        };
        rule.map(marker::marker)
    }

    fn hits(&self, text: &str) -> Vec<Hit> {
        let mut hits = Vec::new();
        if text.len() < SHORTEST && self.rules.own.is_empty() {
            return hits;
        }
        self.search(text, &mut hits);
        if memchr::memchr2(b'%', b'\\', text.as_bytes()).is_some() {
            self.search_behind_escapes(views::View::undecoded(text), 0, &mut hits);
        }
        if !hits.is_empty() {
            spare_markers(text, &mut hits);
        }
        hits
    }

    /// The two kinds of escapes are looked behind in any order: what one writes may mean something to the other.
    fn search_behind_escapes(&self, view: views::View<'_>, depth: usize, hits: &mut Vec<Hit>) {
        if depth == MOST_DECODINGS {
            return;
        }
        for escape in [views::Escape::Percent, views::Escape::Backslash] {
            let Some(decoded) = view.decode(escape) else {
                continue;
            };
            let mut found = Vec::new();
            self.search(decoded.text(), &mut found);
            hits.extend(found.into_iter().map(|hit| Hit {
                range: decoded.original(hit.range),
                ..hit
            }));
            self.search_behind_escapes(decoded, depth + 1, hits);
        }
    }

    fn search(&self, text: &str, hits: &mut Vec<Hit>) {
        let bytes = text.as_bytes();
        let mut found = Found::new(self.rules);
        let mut from = 0;
        while let Some((at, kinds)) = self.secrets.next(bytes, from) {
            if kinds & literals::KIND != 0 {
                LITERALS.find_at(text, at, &mut found, hits);
            }
            if kinds & secrets::KIND != 0 {
                self.secrets.find_at(text, at, hits);
            }
            from = at + 1;
        }
        for at in memchr::memchr2_iter(literals::RARE[0], literals::RARE[1], bytes) {
            LITERALS.find_rare(text, at, &mut found, hits);
        }
        numbers::search(text, self.rules, hits);
        jointed::search(text, self.rules, hits);
        kubernetes::search(text, self.rules, hits);
        self.rules.search(text, hits);
        self.rules.spare(text, hits);
    }

    /// Whether a part of a text can be told to hold nothing to hide. See [`Scan::may_hold_literal`].
    pub(super) fn is_clean(&self, text: &str, part: Range<usize>, near: &mut Near) -> bool {
        !self.may_hold_literal(text, part.clone(), near)
            && !numbers::may_hold_any(&text.as_bytes()[part.clone()])
            && !jointed::holds_any(&text.as_bytes()[part.clone()])
            && !self.rules.may_match(&text[part])
    }

    /// The same for a number of a JSON document: the built-in rules only find cards and secrets in it.
    pub(super) fn is_clean_number(&self, text: &str, part: Range<usize>, near: &mut Near) -> bool {
        let number = &text[part.clone()];
        number.len() < numbers::SHORTEST_CARD
            && self.secrets.whole(number).is_none()
            && !self.may_hold_literal(text, part, near)
            && !self.rules.may_match(number)
    }

    /// Whether a secret, a literal of a rule, or an escape may begin in a part of a text. Parts are asked for from left to
    /// right: `near` keeps where the next ones begin.
    pub(super) fn may_hold_literal(&self, text: &str, part: Range<usize>, near: &mut Near) -> bool {
        let bytes = text.as_bytes();
        if near.literal < part.start {
            near.literal = self
                .secrets
                .next(bytes, part.start)
                .map_or(usize::MAX, |(at, _)| at);
        }
        if near.sign < part.start {
            let [a, b] = literals::RARE;
            near.sign = memchr::memchr3(a, b, b'%', &bytes[part.start..])
                .map_or(usize::MAX, |at| part.start + at);
        }
        near.literal < part.end || near.sign < part.end
    }
}

/// Existing markers are not text: what lies inside one is dropped, what reaches into one takes all of it.
fn spare_markers(text: &str, hits: &mut Vec<Hit>) {
    let markers: Vec<_> = marker::ranges(text).collect();
    if markers.is_empty() {
        return;
    }
    hits.retain_mut(|hit| {
        let first = markers.partition_point(|marker| marker.end <= hit.range.start);
        let touched = &markers[first..];
        let touched = &touched[..touched.partition_point(|marker| marker.start < hit.range.end)];
        let (Some(left), Some(right)) = (touched.first(), touched.last()) else {
            return true;
        };
        let inside =
            touched.len() == 1 && left.start <= hit.range.start && hit.range.end <= left.end;
        hit.range = hit.range.start.min(left.start)..hit.range.end.max(right.end);
        !inside
    });
}

/// Puts one marker in the place of each group of overlapping hits.
fn replace(text: &str, mut hits: Vec<Hit>) -> String {
    hits.sort_unstable_by(|a, b| {
        (a.range.start, b.rank, b.range.end).cmp(&(b.range.start, a.rank, a.range.end))
    });
    let mut redacted = String::with_capacity(text.len());
    let mut copied = 0;
    let mut hits = hits.into_iter().peekable();
    while let Some(mut hit) = hits.next() {
        while let Some(next) = hits.next_if(|next| next.range.start < hit.range.end) {
            hit.range.end = hit.range.end.max(next.range.end);
            if next.rank > hit.rank {
                (hit.rule, hit.rank) = (next.rule, next.rank);
            }
        }
        redacted.push_str(&text[copied..hit.range.start]);
        redacted.push_str(&marker::marker(hit.rule));
        copied = hit.range.end;
    }
    redacted.push_str(&text[copied..]);
    redacted
}
