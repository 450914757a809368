//! Finds everything that must be hidden in a text, in one pass for all rules, and puts markers in its place.

use std::cmp::Reverse;
use std::ops::Range;
use std::sync::{Arc, LazyLock};

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use regex_automata::meta::Regex;
use regex_automata::util::syntax;
use regex_automata::{Anchored, Input};

use super::labelled::Labels;
use super::rules::{Before, RULES, Rule};
use super::secrets::Matcher;
use super::{document, keys, marker, numbers, placeholder, views};

/// Nothing shorter can match any rule or be a secret of its own.
const SHORTEST: usize = 4;
/// A marker can bring its neighbours together into something new. Each pass hides at least one more piece; texts settle in one
/// or two, so one that has not by now is hidden as a whole.
const MOST_PASSES: usize = 4;
/// How often an encoding is looked behind: `%2525…`, or JSON quoted in JSON quoted in a log line.
const MOST_DECODINGS: usize = 3;

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
    /// The rule's place in the table: the first of two says more.
    Pattern(Reverse<usize>),
    Secret,
}

/// What one call scans with: the rules, and the secrets as they were when it began.
pub(super) struct Scan {
    automaton: &'static Automaton,
    pub(super) secrets: Arc<Matcher>,
}

impl Scan {
    pub(super) fn new(secrets: Arc<Matcher>) -> Self {
        Self {
            automaton: &AUTOMATON,
            secrets,
        }
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
        } else if placeholder::is_placeholder(value) {
            self.text(value)
        } else {
            Some(marker::marker(rule))
        }
    }

    /// The marker for a JSON number that is, as it is written, a secret or holds one.
    pub(super) fn secret_number(&self, number: &str) -> Option<String> {
        let mut hits = Vec::new();
        self.secrets.search(number, &mut hits);
        let secret = !hits.is_empty() || self.secrets.whole(number).is_some();
        secret.then(|| marker::marker(marker::SECRET_VALUE))
    }

    fn hits(&self, text: &str) -> Vec<Hit> {
        let mut hits = Vec::new();
        if text.len() < SHORTEST {
            return hits;
        }
        self.search(text, &mut hits);
        self.search_behind_escapes(views::View::undecoded(text), 0, &mut hits);
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
        self.automaton.search(text, hits);
        numbers::search(text, hits);
        self.secrets.search(text, hits);
    }
}

static AUTOMATON: LazyLock<Automaton> = LazyLock::new(Automaton::new);

/// The literals of all rules and of all sensitive labels in one automaton, and the rules' compiled patterns.
struct Automaton {
    literals: AhoCorasick,
    /// For each literal the rule that it belongs to; `None` is a label.
    owners: Vec<Option<usize>>,
    patterns: Vec<Regex>,
}

impl Automaton {
    fn new() -> Self {
        let rules = RULES
            .iter()
            .enumerate()
            .flat_map(|(index, rule)| rule.anchors.iter().map(move |a| (*a, Some(index))));
        let labels = keys::STEMS.iter().map(|stem| (*stem, None));
        let (literals, owners): (Vec<&str>, Vec<Option<usize>>) = rules.chain(labels).unzip();
        let literals = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .match_kind(MatchKind::Standard)
            .kind(Some(AhoCorasickKind::DFA))
            .build(literals)
            .expect("literals fit an automaton");
        let patterns = RULES
            .iter()
            .map(|rule| {
                Regex::builder()
                    .syntax(syntax::Config::new().unicode(false).utf8(false))
                    .build(rule.pattern)
                    .expect("patterns are valid")
            })
            .collect();
        Self {
            literals,
            owners,
            patterns,
        }
    }

    fn search(&self, text: &str, hits: &mut Vec<Hit>) {
        // Up to where each rule has looked: a literal inside what its rule has already read cannot begin anything longer.
        let mut read: Vec<usize> = Vec::new();
        let mut labels = Labels::default();
        for found in self.literals.find_overlapping_iter(text) {
            match self.owners[found.pattern().as_usize()] {
                None => labels.search(text, found.range(), hits),
                Some(index) => {
                    let rule = &RULES[index];
                    let Some(start) = allowed_start(rule.before, text, found.start()) else {
                        continue;
                    };
                    if read.is_empty() {
                        read.resize(RULES.len(), 0);
                    }
                    if found.start() >= read[index] {
                        read[index] = self.verify(index, text, start, found.start(), hits);
                    }
                }
            }
        }
    }

    /// Tries a rule at its literal; returns how far it has read.
    fn verify(
        &self,
        index: usize,
        text: &str,
        start: usize,
        anchor: usize,
        hits: &mut Vec<Hit>,
    ) -> usize {
        let (rule, pattern): (&Rule, &Regex) = (&RULES[index], &self.patterns[index]);
        let input = Input::new(text).range(anchor..).anchored(Anchored::Yes);
        let Some(whole) = pattern.search(&input) else {
            return anchor + 1;
        };
        let range = if pattern.captures_len() > 1 {
            let mut captures = pattern.create_captures();
            pattern.search_captures(&input.range(anchor..whole.end()), &mut captures);
            captures
                .get_group(1)
                .map_or(start..whole.end(), |group| group.start..group.end)
        } else {
            start..whole.end()
        };
        let range = text.floor_char_boundary(range.start)..text.ceil_char_boundary(range.end);
        if (rule.accept)(&text[range.clone()]) {
            hits.push(Hit {
                range,
                rule: rule.name,
                rank: Rank::Pattern(Reverse(index)),
            });
        }
        whole.end()
    }
}

/// Where a match whose literal stands at `anchor` begins, or `None` if what stands before forbids it.
fn allowed_start(before: Before, text: &str, anchor: usize) -> Option<usize> {
    let previous = anchor.checked_sub(1).map(|index| text.as_bytes()[index]);
    match before {
        Before::Anything => Some(anchor),
        Before::Word => {
            (!previous.is_some_and(|byte| byte.is_ascii_alphanumeric())).then_some(anchor)
        }
        Before::Token => (!previous
            .is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')))
        .then_some(anchor),
        Before::Extend {
            class,
            min,
            max,
            unless,
        } => {
            let taken = text[..anchor]
                .chars()
                .rev()
                .take(max)
                .take_while(|c| class(*c));
            let (count, bytes) = taken.fold((0, 0), |(count, bytes), c| {
                (count + 1, bytes + c.len_utf8())
            });
            (count >= min && !text[..anchor - bytes].ends_with(unless)).then(|| anchor - bytes)
        }
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
