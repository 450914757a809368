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
        let before = text[..at].trim_end_matches([' ', '\t']);
        let begin = before.len();
        let alone = before.is_empty() || before.ends_with('\n');
        if !alone || !is_secret(&bytes[at + KIND_KEY.len()..]) {
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

/// Whether the rest of a line names the kind. Looks at a few bytes: there may be as many kinds in a line as it has room for.
fn is_secret(rest: &[u8]) -> bool {
    const FARTHEST: usize = 32;
    let near = &rest[..rest.len().min(FARTHEST)];
    let end = memchr::memchr2(b'\n', b'\r', near).unwrap_or(near.len());
    let is_mark = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'');
    let mut words = near[..end].split(is_mark).filter(|word| !word.is_empty());
    words
        .next()
        .is_some_and(|word| word.eq_ignore_ascii_case(KIND.as_bytes()))
        && words.next().is_none_or(|word| word.starts_with(b"#"))
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
