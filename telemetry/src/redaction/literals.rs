//! The literals at which rules and labels begin, and what is tried where one stands.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::LazyLock;

use foldhash::fast::FixedState;
use regex_automata::meta::Regex;
use regex_automata::util::syntax;
use regex_automata::{Anchored, Input};

use super::configured::Rules;
use super::keys;
use super::labelled::Labels;
use super::rules::{self, Before, Rule};
use super::scanner::{Hit, Rank};
use super::sieve::{self, Kinds, Sieve};

/// The kind that the sieve knows these literals by.
pub(super) const KIND: Kinds = 1;

/// Signs of the literals that are too short for the sieve, each so rare that looking for it costs nothing.
pub(super) const RARE: [u8; 2] = [b'@', b'~'];

pub(super) static LITERALS: LazyLock<Literals> = LazyLock::new(Literals::new);

/// The rule that a literal belongs to; `None` for a label.
type Owner = Option<usize>;

/// The literals of all rules and of all sensitive labels, and the rules' compiled patterns.
pub(super) struct Literals {
    pub(super) sieve: Sieve,
    /// By their first bytes: in lower case, with what each belongs to.
    heads: HashMap<u32, Vec<(String, Owner)>, FixedState>,
    /// Those that are too short for the sieve.
    rare: Vec<(String, Owner)>,
    rules: Vec<&'static Rule>,
    patterns: Vec<Regex>,
}

impl Literals {
    fn new() -> Self {
        let rules: Vec<&'static Rule> = rules::all().collect();
        let anchors = rules.iter().enumerate().flat_map(|(index, rule)| {
            rule.anchors
                .iter()
                .map(move |literal| ((*literal).to_owned(), Some(index)))
        });
        let labels = keys::stems().map(|stem| (stem, None));
        let mut rare = Vec::new();
        let mut heads: HashMap<u32, Vec<(String, Owner)>, FixedState> = HashMap::default();
        for (literal, owner) in anchors.chain(labels) {
            match sieve::head(literal.as_bytes()) {
                Some(head) => heads.entry(head).or_default().push((literal, owner)),
                None => rare.push((literal, owner)),
            }
        }
        let mut sieve = Sieve::new();
        for (literal, _) in heads.values().flatten() {
            sieve.add(literal, KIND);
        }
        let patterns = rules
            .iter()
            .map(|rule| {
                Regex::builder()
                    .syntax(syntax::Config::new().unicode(false).utf8(false))
                    .build(rule.pattern)
                    .expect("patterns are valid")
            })
            .collect();
        Self {
            sieve,
            heads,
            rare,
            rules,
            patterns,
        }
    }

    /// Whether `text` contains what may begin a label.
    pub(super) fn has_label(&self, text: &str) -> bool {
        let mut from = 0;
        while let Some((at, _)) = self.sieve.next(text.as_bytes(), from) {
            if self
                .beginning_at(text.as_bytes(), at)
                .any(|(_, owner)| owner.is_none())
            {
                return true;
            }
            from = at + 1;
        }
        false
    }

    /// Looks at the literals that have one of the [`RARE`] signs, which stands at `at`.
    pub(super) fn find_rare(
        &self,
        text: &str,
        at: usize,
        found: &mut Found<'_>,
        hits: &mut Vec<Hit>,
    ) {
        for (literal, owner) in &self.rare {
            // The sign is the last of its literal.
            if let Some(begin) = (at + 1).checked_sub(literal.len())
                && begins_with(&text.as_bytes()[begin..], literal)
            {
                self.follow(text, begin..at + 1, *owner, found, hits);
            }
        }
    }

    /// Looks at the literals that begin at `at`, where the sieve found a candidate.
    pub(super) fn find_at(
        &self,
        text: &str,
        at: usize,
        found: &mut Found<'_>,
        hits: &mut Vec<Hit>,
    ) {
        for (literal, owner) in self.beginning_at(text.as_bytes(), at) {
            self.follow(text, at..at + literal.len(), owner, found, hits);
        }
    }

    /// Whether any literal stands at `at` that something may begin with there.
    pub(super) fn is_at(&self, bytes: &[u8], at: usize) -> bool {
        let previous = at.checked_sub(1).map(|index| bytes[index]);
        self.beginning_at(bytes, at).any(|(_, owner)| {
            owner.is_none_or(|index| may_follow(self.rules[index].before, previous))
        })
    }

    fn beginning_at<'l>(
        &'l self,
        bytes: &'l [u8],
        at: usize,
    ) -> impl Iterator<Item = (&'l str, Owner)> + 'l {
        let rest = &bytes[at..];
        let same_head = sieve::head(rest).and_then(|head| self.heads.get(&head));
        let same_head = same_head.map_or(&[][..], Vec::as_slice);
        same_head
            .iter()
            .filter(|(literal, _)| begins_with(rest, literal))
            .map(|(literal, owner)| (literal.as_str(), *owner))
    }

    fn follow(
        &self,
        text: &str,
        literal: Range<usize>,
        owner: Owner,
        found: &mut Found<'_>,
        hits: &mut Vec<Hit>,
    ) {
        let Some(index) = owner else {
            found.labels.search(text, literal, found.rules, hits);
            return;
        };
        if literal.start >= found.read(index)
            && found.rules.is_on(self.rules[index].name)
            && let Some(start) = allowed_start(self.rules[index].before, text, literal.start)
        {
            let read = self.verify(index, text, start, literal.start, hits);
            found.set_read(index, read);
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
        let (rule, pattern): (&Rule, &Regex) = (self.rules[index], &self.patterns[index]);
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

fn begins_with(bytes: &[u8], literal: &str) -> bool {
    bytes
        .get(..literal.len())
        .is_some_and(|head| head.eq_ignore_ascii_case(literal.as_bytes()))
}

/// What has been found in one text so far.
pub(super) struct Found<'r> {
    rules: &'r Rules,
    labels: Labels,
    /// Up to where rules have looked: a literal inside what its rule has already read cannot begin anything longer.
    read: Vec<(usize, usize)>,
}

impl<'r> Found<'r> {
    pub(super) fn new(rules: &'r Rules) -> Self {
        Self {
            rules,
            labels: Labels::default(),
            read: Vec::new(),
        }
    }

    fn read(&self, rule: usize) -> usize {
        self.read
            .iter()
            .find(|(index, _)| *index == rule)
            .map_or(0, |(_, read)| *read)
    }

    fn set_read(&mut self, rule: usize, to: usize) {
        match self.read.iter_mut().find(|(index, _)| *index == rule) {
            Some((_, read)) => *read = to,
            None => self.read.push((rule, to)),
        }
    }
}

/// Whether a literal may stand after the byte `previous`, as far as that alone tells.
fn may_follow(before: Before, previous: Option<u8>) -> bool {
    let in_word = previous.is_some_and(|byte| byte.is_ascii_alphanumeric());
    match before {
        Before::Anything | Before::Extend { .. } => true,
        Before::Word => !in_word,
        Before::Token => !in_word && !matches!(previous, Some(b'_' | b'-')),
    }
}

/// Where a match whose literal stands at `anchor` begins, or `None` if what stands before forbids it.
fn allowed_start(before: Before, text: &str, anchor: usize) -> Option<usize> {
    let previous = anchor.checked_sub(1).map(|index| text.as_bytes()[index]);
    match before {
        Before::Anything | Before::Word | Before::Token => {
            may_follow(before, previous).then_some(anchor)
        }
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
            (count >= min && !unless.is_some_and(|unless| text[..anchor - bytes].ends_with(unless)))
                .then(|| anchor - bytes)
        }
    }
}
