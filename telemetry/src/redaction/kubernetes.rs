//! Secrets of Kubernetes in YAML: of a document of that kind, all that its data holds. Those in JSON are found where JSON is read.

use std::cmp::Reverse;
use std::ops::Range;
use std::sync::LazyLock;

use memchr::memmem::Finder;

use super::configured::Rules;
use super::scanner::{Hit, Rank};

pub(super) const RULE: &str = "kubernetes-secret";
pub(super) const KIND: &str = "Secret";
/// The members that hold the values.
pub(super) const DATA: [&str; 2] = ["data", "stringData"];

const KIND_KEY: &str = "kind:";
static KIND_KEYS: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(KIND_KEY));
/// How far a tab indents, for lines that have spaces elsewhere.
const TAB: usize = 8;

pub(super) fn search(text: &str, rules: &Rules, hits: &mut Vec<Hit>) {
    let bytes = text.as_bytes();
    // The document that was looked at last ends here.
    let mut read = 0;
    for at in KIND_KEYS.find_iter(bytes) {
        if at < read || !rules.is_on(RULE) {
            continue;
        }
        let begin = text[..at].rfind('\n').map_or(0, |at| at + 1);
        let rest = text[at + KIND_KEY.len()..].lines().next();
        let kind = rest.unwrap_or_default().trim().trim_matches(['"', '\'']);
        let alone = text[begin..at].trim().is_empty();
        if !alone || !kind.eq_ignore_ascii_case(KIND) {
            continue;
        }
        let document = document(text, at);
        read = document.end;
        let members = indent(&text[begin..at]);
        hits.extend(blocks(text, document, members).map(|range| Hit {
            range,
            rule: RULE,
            rank: Rank::Pattern(Reverse(usize::MAX)),
        }));
    }
}

fn indent(blanks: &str) -> usize {
    let widths = blanks
        .bytes()
        .map(|byte| if byte == b'\t' { TAB } else { 1 });
    widths.sum()
}

/// What stands between two lines of `---` around `at`.
fn document(text: &str, at: usize) -> Range<usize> {
    let start = text[..at].rfind("\n---").map_or(0, |found| found + 1);
    let end = text[at..]
        .find("\n---")
        .map_or(text.len(), |found| at + found);
    start..end
}

/// The lines below `data:` and `stringData:` that are indented deeper than the members of the document.
fn blocks(
    text: &str,
    document: Range<usize>,
    members: usize,
) -> impl Iterator<Item = Range<usize>> {
    let mut blocks: Vec<Range<usize>> = Vec::new();
    let mut inside = false;
    let mut at = document.start;
    for line in text[document].split_inclusive('\n') {
        let content = line.trim_end();
        let blanks = content.len() - content.trim_start().len();
        let deep = indent(&content[..blanks]);
        let range = at + blanks..at + content.len();
        at += line.len();
        if range.is_empty() {
            continue;
        }
        if deep > members {
            match blocks.last_mut() {
                Some(block) if inside && block.end > block.start => block.end = range.end,
                Some(block) if inside => *block = range,
                _ => {}
            }
            continue;
        }
        let name = content.trim_start().trim_end_matches(':');
        inside = deep == members && content.ends_with(':') && DATA.contains(&name);
        if inside {
            blocks.push(range.end..range.end);
        }
    }
    blocks.into_iter().filter(|block| !block.is_empty())
}
