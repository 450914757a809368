//! Sums over the spans below a span: a pure function over parent links, which may form cycles.

use std::collections::HashMap;

use super::row::{SpanKey, TokenUsage};

/// A span of a subtree: its place and what it reports itself.
#[derive(Debug, Clone)]
pub(super) struct SubtreeSpan {
    pub(super) key: SpanKey,
    /// `None` where it is not of interest, because nothing above was asked for.
    pub(super) parent: Option<SpanKey>,
    pub(super) usage: Option<TokenUsage>,
}

/// What lies below a span.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Subtree {
    /// How many spans are below it, at any depth.
    pub descendants: i64,
    /// The usage of the span with all below. Where a span and spans below it report usage, those below count: the span above
    /// repeats them.
    pub usage: TokenUsage,
}

#[derive(Clone, Copy, Default)]
struct Sum {
    descendants: i64,
    /// What the children's subtrees report together; `None` when none of them reports any.
    below: Option<TokenUsage>,
}

impl Sum {
    fn add(&mut self, child: Sum, child_usage: Option<TokenUsage>) {
        self.descendants += child.descendants + 1;
        if let Some(usage) = child.below.or(child_usage) {
            *self.below.get_or_insert_default() += usage;
        }
    }

    fn of(self, own: Option<TokenUsage>) -> Subtree {
        Subtree {
            descendants: self.descendants,
            usage: self.below.or(own).unwrap_or_default(),
        }
    }
}

/// Sums for each of `roots` over `spans`, in which each span below a root is once (a root may be twice: with and without its
/// parent).
pub(super) fn aggregate(
    spans: impl Iterator<Item = SubtreeSpan>,
    roots: &[SpanKey],
) -> HashMap<SpanKey, Subtree> {
    let mut index: HashMap<SpanKey, usize> = HashMap::new();
    let mut nodes: Vec<SubtreeSpan> = Vec::new();
    for span in spans {
        let at = *index.entry(span.key).or_insert(nodes.len());
        match nodes.get_mut(at) {
            None => nodes.push(span),
            Some(known) => known.parent = known.parent.or(span.parent),
        }
    }
    let parent_of = |at: usize| {
        nodes[at]
            .parent
            .and_then(|parent| index.get(&parent))
            .copied()
    };
    let mut children: Vec<Vec<usize>> = vec![Vec::new(); nodes.len()];
    for at in 0..nodes.len() {
        if let Some(parent) = parent_of(at) {
            children[parent].push(at);
        }
    }

    // From the leaves upwards: a span is summed when all its children are. Spans on a cycle never are.
    let mut sums = vec![Sum::default(); nodes.len()];
    let mut waiting: Vec<usize> = children.iter().map(Vec::len).collect();
    let mut ready: Vec<usize> = (0..nodes.len()).filter(|at| waiting[*at] == 0).collect();
    while let Some(at) = ready.pop() {
        let Some(parent) = parent_of(at) else {
            continue;
        };
        let sum = sums[at];
        sums[parent].add(sum, nodes[at].usage);
        waiting[parent] -= 1;
        if waiting[parent] == 0 {
            ready.push(parent);
        }
    }

    roots
        .iter()
        .filter_map(|root| {
            let at = *index.get(root)?;
            let sum = if waiting[at] == 0 {
                sums[at]
            } else {
                cut_cycle(at, &nodes, &children)
            };
            Some((*root, sum.of(nodes[at].usage)))
        })
        .collect()
}

/// The sum for a span on a cycle, which becomes a tree when the walk does not enter `root` again.
fn cut_cycle(root: usize, nodes: &[SubtreeSpan], children: &[Vec<usize>]) -> Sum {
    let mut walk = vec![(root, root)];
    let mut next = 0;
    while let Some(&(at, _)) = walk.get(next) {
        walk.extend(
            children[at]
                .iter()
                .filter(|child| **child != root)
                .map(|child| (*child, at)),
        );
        next += 1;
    }
    let mut sums: HashMap<usize, Sum> = HashMap::new();
    for &(at, parent) in walk.iter().skip(1).rev() {
        let sum = sums.get(&at).copied().unwrap_or_default();
        sums.entry(parent).or_default().add(sum, nodes[at].usage);
    }
    sums.get(&root).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ExecutionId, SpanId};

    /// Spans given as (id, parent, input tokens), 0 being none.
    fn sums(spans: &[(u8, u8, i64)], roots: &[u8]) -> Vec<(i64, i64)> {
        let execution = ExecutionId(uuid::Uuid::nil());
        let key = |id: u8| (execution, SpanId([id; 8]));
        let spans = spans.iter().map(|(id, parent, input)| SubtreeSpan {
            key: key(*id),
            parent: (*parent != 0).then(|| key(*parent)),
            usage: (*input != 0).then(|| TokenUsage {
                input: *input,
                ..TokenUsage::default()
            }),
        });
        let roots: Vec<SpanKey> = roots.iter().map(|id| key(*id)).collect();
        let sums = aggregate(spans, &roots);
        roots
            .iter()
            .map(|root| (sums[root].descendants, sums[root].usage.input))
            .collect()
    }

    #[test]
    fn a_parent_that_repeats_its_children_is_not_counted() {
        // 1 (agent, 30) -> 2 (call, 10), 3 (wrapper) -> 4 (call, 20); 5 (call, 7) beside them has no usage below.
        let spans = [(1, 0, 30), (2, 1, 10), (3, 1, 0), (4, 3, 20), (5, 4, 0)];
        assert_eq!(
            sums(&spans, &[1, 2, 3, 4, 5]),
            [(4, 30), (0, 10), (2, 20), (1, 20), (0, 0)]
        );
    }

    #[test]
    fn a_cycle_of_parents_ends_and_counts_every_span_once() {
        // 1 -> 2 -> 3 -> 1, and 4 hangs below 3.
        let spans = [(1, 3, 5), (2, 1, 0), (3, 2, 0), (4, 3, 2)];
        assert_eq!(sums(&spans, &[1, 4]), [(3, 2), (0, 2)]);
        assert_eq!(sums(&[(1, 1, 5)], &[1]), [(0, 5)]);
    }

    #[test]
    fn a_chain_of_a_hundred_thousand_does_not_recurse() {
        let execution = ExecutionId(uuid::Uuid::nil());
        let key = |id: u64| (execution, SpanId(id.to_be_bytes()));
        let chain = (1..=100_000).map(|id| SubtreeSpan {
            key: key(id),
            parent: (id > 1).then(|| key(id - 1)),
            usage: None,
        });
        assert_eq!(aggregate(chain, &[key(1)])[&key(1)].descendants, 99_999);
    }
}
