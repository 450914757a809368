//! What the terminal knows of a trace: its spans in their latest state, and their tree.

use std::collections::{BTreeSet, HashMap};

/// How a span or a whole run stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    Running,
    Succeeded,
    Failed,
    /// Cancelled, or cut off by the end of its run.
    Stopped,
}

/// One span, as far as the tree shows it. Times in nanoseconds since the epoch.
#[derive(Clone, Debug)]
pub(crate) struct SpanView {
    pub(crate) id: String,
    pub(crate) parent: Option<String>,
    pub(crate) name: String,
    /// Tells executions of one node apart: attempt, iteration.
    pub(crate) note: String,
    pub(crate) standing: Standing,
    pub(crate) start_ns: i64,
    /// None while running.
    pub(crate) end_ns: Option<i64>,
    /// Input and output tokens of the call that this span is; none where children report them.
    pub(crate) tokens: (i64, i64),
    /// Why it failed.
    pub(crate) error: Option<String>,
    pub(crate) revision: i64,
}

type Place = (i64, String);

/// The spans seen so far. A span whose parent has not been seen is a root.
#[derive(Debug, Default)]
pub(crate) struct Trace {
    spans: HashMap<String, SpanView>,
    children: HashMap<String, BTreeSet<Place>>,
    roots: BTreeSet<Place>,
}

/// A span at its place in the tree, parents before children, siblings by start.
#[derive(Debug)]
pub(super) struct Row<'a> {
    pub(super) span: &'a SpanView,
    pub(super) depth: usize,
    /// The parent's position among the rows.
    pub(super) parent: Option<usize>,
    pub(super) is_last: bool,
    /// Input and output tokens of the span and all below it.
    pub(super) tokens: (i64, i64),
}

impl Trace {
    /// Takes a span's state in, unless a later one is known.
    pub(crate) fn update(&mut self, span: SpanView) {
        let place = (span.start_ns, span.id.clone());
        match self.spans.get(&span.id) {
            Some(known) if known.revision >= span.revision => return,
            Some(known) => {
                let old = (known.start_ns, known.id.clone());
                let parent = known.parent.clone();
                self.siblings(parent).remove(&old);
            }
            None => self.adopt_orphans_of(&span.id),
        }
        self.siblings(span.parent.clone()).insert(place);
        self.spans.insert(span.id.clone(), span);
    }

    /// The set that holds the children of `parent`: the roots' while it is unknown.
    fn siblings(&mut self, parent: Option<String>) -> &mut BTreeSet<Place> {
        match parent {
            Some(parent) if self.spans.contains_key(&parent) => {
                self.children.entry(parent).or_default()
            }
            _ => &mut self.roots,
        }
    }

    fn adopt_orphans_of(&mut self, id: &str) {
        let spans = &self.spans;
        let is_child = |place: &Place| {
            spans
                .get(&place.1)
                .is_some_and(|span| span.parent.as_deref() == Some(id))
        };
        let orphans: Vec<Place> = self.roots.extract_if(.., |place| is_child(place)).collect();
        if !orphans.is_empty() {
            self.children
                .entry(id.to_owned())
                .or_default()
                .extend(orphans);
        }
    }

    /// How a span stands; none when it has not been seen.
    pub(crate) fn standing(&self, id: &str) -> Option<Standing> {
        self.spans.get(id).map(|span| span.standing)
    }

    /// Input and output tokens of all spans.
    pub(crate) fn tokens(&self) -> (i64, i64) {
        self.spans.values().fold((0, 0), |sum: (i64, i64), span| {
            (
                sum.0.saturating_add(span.tokens.0),
                sum.1.saturating_add(span.tokens.1),
            )
        })
    }

    pub(crate) fn len(&self) -> usize {
        self.spans.len()
    }

    /// All spans in tree order. Spans in a cycle of parents hang from no root, and are not reached.
    pub(super) fn rows(&self) -> Vec<Row<'_>> {
        let mut rows = Vec::with_capacity(self.spans.len());
        let mut stack: Vec<(&str, usize, Option<usize>, bool)> = Vec::new();
        push_all(&mut stack, &self.roots, 0, None);
        while let Some((id, depth, parent, is_last)) = stack.pop() {
            let Some(span) = self.spans.get(id) else {
                continue;
            };
            let index = rows.len();
            rows.push(Row {
                span,
                depth,
                parent,
                is_last,
                tokens: span.tokens,
            });
            if let Some(children) = self.children.get(id) {
                push_all(&mut stack, children, depth + 1, Some(index));
            }
        }
        for index in (0..rows.len()).rev() {
            if let Some(parent) = rows[index].parent {
                let (input, output) = rows[index].tokens;
                let sum = &mut rows[parent].tokens;
                *sum = (sum.0.saturating_add(input), sum.1.saturating_add(output));
            }
        }
        rows
    }
}

fn push_all<'a>(
    stack: &mut Vec<(&'a str, usize, Option<usize>, bool)>,
    places: &'a BTreeSet<Place>,
    depth: usize,
    parent: Option<usize>,
) {
    let last = places.len().wrapping_sub(1);
    let items = places
        .iter()
        .enumerate()
        .map(|(index, (_, id))| (id.as_str(), depth, parent, index == last));
    stack.extend(items.rev());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::terminal::fixture::span;

    fn shape(trace: &Trace) -> Vec<(usize, &str)> {
        trace
            .rows()
            .iter()
            .map(|row| (row.depth, row.span.name.as_str()))
            .collect()
    }

    #[test]
    fn children_follow_their_parent_in_order_of_their_start() {
        let mut trace = Trace::default();
        trace.update(span("root", None, 0));
        trace.update(span("second", Some("root"), 20));
        trace.update(span("first", Some("root"), 10));
        trace.update(span("inner", Some("first"), 12));
        assert_eq!(
            shape(&trace),
            [(0, "root"), (1, "first"), (2, "inner"), (1, "second")]
        );
    }

    #[test]
    fn a_parent_that_comes_late_gets_its_children() {
        let mut trace = Trace::default();
        trace.update(span("child", Some("root"), 10));
        assert_eq!(shape(&trace), [(0, "child")]);
        trace.update(span("root", None, 0));
        assert_eq!(shape(&trace), [(0, "root"), (1, "child")]);
    }

    #[test]
    fn an_older_state_does_not_replace_a_newer_one() {
        let mut trace = Trace::default();
        let ended = SpanView {
            standing: Standing::Succeeded,
            revision: 2,
            ..span("a", None, 0)
        };
        trace.update(ended);
        trace.update(SpanView {
            revision: 1,
            ..span("a", None, 0)
        });
        assert_eq!(trace.rows()[0].span.standing, Standing::Succeeded);
        assert_eq!(trace.len(), 1);
    }

    #[test]
    fn a_span_is_once_in_the_tree_even_when_its_start_is_corrected() {
        let mut trace = Trace::default();
        trace.update(span("a", None, 5));
        trace.update(SpanView {
            start_ns: 4,
            revision: 2,
            ..span("a", None, 5)
        });
        assert_eq!(shape(&trace), [(0, "a")]);
    }

    #[test]
    fn tokens_add_up_towards_the_root() {
        let mut trace = Trace::default();
        trace.update(span("root", None, 0));
        trace.update(span("agent", Some("root"), 1));
        for (id, tokens) in [("first", (10, 2)), ("second", (20, 4))] {
            trace.update(SpanView {
                tokens,
                ..span(id, Some("agent"), 2)
            });
        }
        let tokens: Vec<_> = trace.rows().iter().map(|row| row.tokens).collect();
        assert_eq!(tokens, [(30, 6), (30, 6), (10, 2), (20, 4)]);
        assert_eq!(trace.tokens(), (30, 6));
    }

    #[test]
    fn depth_does_not_use_the_stack() {
        let mut trace = Trace::default();
        for depth in 0..100_000_i64 {
            let parent = (depth > 0).then(|| (depth - 1).to_string());
            trace.update(span(&depth.to_string(), parent.as_deref(), depth));
        }
        assert_eq!(trace.rows().last().map(|row| row.depth), Some(99_999));
    }
}
