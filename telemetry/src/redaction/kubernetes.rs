//! Secrets of Kubernetes in YAML: of a document of that kind, all that its data holds. Those in JSON are found where JSON is read.

use std::cmp::Reverse;
use std::ops::Range;

use super::configured::Rules;
use super::scanner::{Hit, Rank};

pub(super) const RULE: &str = "kubernetes-secret";
pub(super) const KIND: &str = "Secret";
/// The members that hold the values.
pub(super) const DATA: [&str; 2] = ["data", "stringData"];

const KIND_LINE: &str = "kind: Secret";

pub(super) fn search(text: &str, rules: &Rules, hits: &mut Vec<Hit>) {
    let bytes = text.as_bytes();
    // The document that was looked at last ends here.
    let mut read = 0;
    for at in memchr::memmem::find_iter(bytes, KIND_LINE) {
        if at < read || !rules.is_on(RULE) {
            continue;
        }
        let begin = text[..at].rfind('\n').map_or(0, |at| at + 1);
        let rest = &text[at + KIND_LINE.len()..];
        let alone = text[begin..at].bytes().all(|byte| byte == b' ')
            && rest
                .bytes()
                .next()
                .is_none_or(|byte| byte.is_ascii_whitespace());
        if !alone {
            continue;
        }
        let document = document(text, at);
        read = document.end;
        hits.extend(blocks(text, document, at - begin).map(|range| Hit {
            range,
            rule: RULE,
            rank: Rank::Pattern(Reverse(usize::MAX)),
        }));
    }
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
fn blocks(text: &str, document: Range<usize>, indent: usize) -> impl Iterator<Item = Range<usize>> {
    let mut blocks: Vec<Range<usize>> = Vec::new();
    let mut inside = false;
    let mut at = document.start;
    for line in text[document].split_inclusive('\n') {
        let content = line.trim_end();
        let deep = content.len() - content.trim_start_matches(' ').len();
        let range = at + deep..at + content.len();
        at += line.len();
        if range.is_empty() {
            continue;
        }
        if deep > indent {
            match blocks.last_mut() {
                Some(block) if inside && block.end > block.start => block.end = range.end,
                Some(block) if inside => *block = range,
                _ => {}
            }
            continue;
        }
        let name = content.trim_start().trim_end_matches(':');
        inside = deep == indent && content.ends_with(':') && DATA.contains(&name);
        if inside {
            blocks.push(range.end..range.end);
        }
    }
    blocks.into_iter().filter(|block| !block.is_empty())
}
