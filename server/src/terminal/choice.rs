//! Which rows of a large tree are shown while it is live: what runs, what failed, what ended last, each below its parents.

use std::collections::BTreeSet;

use super::model::{Row, Standing};

/// A line of the shortened tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Item {
    Row(usize),
    /// So many rows left out.
    Gap(usize),
}

/// After so many candidates in a row that found no place, the rest is not tried.
const PATIENCE: usize = 32;

/// The items to show on `height` lines, in tree order.
pub(super) fn choose(rows: &[Row<'_>], height: usize) -> Vec<Item> {
    if rows.len() <= height {
        return (0..rows.len()).map(Item::Row).collect();
    }
    let mut chosen = BTreeSet::new();
    let mut refused = 0;
    for candidate in candidates(rows) {
        if chosen.contains(&candidate) {
            continue;
        }
        let with_parents = with_ancestors(rows, candidate, &chosen);
        let alone = || {
            chosen
                .iter()
                .copied()
                .chain([candidate])
                .collect::<BTreeSet<_>>()
        };
        // In a tree deeper than the screen the row itself matters more than all that it hangs from.
        match [with_parents, alone()]
            .into_iter()
            .find(|set| lines(set, rows.len()) <= height)
        {
            Some(set) => {
                chosen = set;
                refused = 0;
            }
            None => refused += 1,
        }
        if refused > PATIENCE {
            break;
        }
    }
    items(&chosen, rows.len())
}

/// All rows, the most interesting first.
fn candidates(rows: &[Row<'_>]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..rows.len()).collect();
    order.sort_by_key(|&index| {
        let Row { span, depth, .. } = &rows[index];
        let rank = match span.standing {
            _ if *depth == 0 => 0,
            Standing::Running => 1,
            Standing::Failed => 2,
            Standing::Succeeded | Standing::Stopped => 3,
        };
        let latest = span.end_ns.unwrap_or(span.start_ns);
        (rank, std::cmp::Reverse(latest), index)
    });
    order
}

fn with_ancestors(rows: &[Row<'_>], index: usize, chosen: &BTreeSet<usize>) -> BTreeSet<usize> {
    let mut set = chosen.clone();
    let mut next = Some(index);
    while let Some(index) = next {
        if !set.insert(index) {
            break;
        }
        next = rows[index].parent;
    }
    set
}

fn lines(chosen: &BTreeSet<usize>, total: usize) -> usize {
    items(chosen, total).len()
}

fn items(chosen: &BTreeSet<usize>, total: usize) -> Vec<Item> {
    let mut items = Vec::new();
    let mut expected = 0;
    for &index in chosen.iter().chain([&total]) {
        if index > expected {
            items.push(Item::Gap(index - expected));
        }
        if index < total {
            items.push(Item::Row(index));
        }
        expected = index + 1;
    }
    items
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::terminal::fixture::span;
    use crate::terminal::model::{SpanView, Trace};

    /// `count` ended steps below a root, one of them changed.
    fn steps(count: i64, change: impl Fn(i64, SpanView) -> SpanView) -> Trace {
        let mut trace = Trace::default();
        trace.update(span("root", None, 0));
        for step in 1..=count {
            let ended = SpanView {
                standing: Standing::Succeeded,
                end_ns: Some(step),
                ..span(&format!("{step:04}"), Some("root"), step)
            };
            trace.update(change(step, ended));
        }
        trace
    }

    #[test]
    fn a_tree_that_fits_is_shown_whole() {
        let trace = steps(4, |_, span| span);
        assert_eq!(choose(&trace.rows(), 5), [0, 1, 2, 3, 4].map(Item::Row));
    }

    #[test]
    fn what_runs_and_what_failed_stays_and_the_rest_shows_its_end() {
        let trace = steps(1_000, |step, span| match step {
            300 => SpanView {
                standing: Standing::Running,
                end_ns: None,
                ..span
            },
            100 => SpanView {
                standing: Standing::Failed,
                ..span
            },
            _ => span,
        });
        let items = choose(&trace.rows(), 8);
        assert_eq!(
            items,
            [
                Item::Row(0),
                Item::Gap(99),
                Item::Row(100),
                Item::Gap(199),
                Item::Row(300),
                Item::Gap(698),
                Item::Row(999),
                Item::Row(1000),
            ],
        );
    }

    #[test]
    fn it_never_takes_more_lines_than_there_are() {
        let trace = steps(500, |step, span| match step % 3 {
            0 => SpanView {
                standing: Standing::Running,
                end_ns: None,
                ..span
            },
            _ => span,
        });
        let rows = trace.rows();
        for height in 1..40 {
            let items = choose(&rows, height);
            assert!(items.len() <= height, "{height}: {items:?}");
            let shown: usize = items
                .iter()
                .map(|item| {
                    if let Item::Gap(count) = item {
                        *count
                    } else {
                        1
                    }
                })
                .sum();
            assert_eq!(shown, rows.len());
        }
    }

    #[test]
    fn the_running_leaf_of_a_tree_deeper_than_the_screen_is_shown() {
        let mut trace = Trace::default();
        for depth in 0..200_i64 {
            let parent = (depth > 0).then(|| (depth - 1).to_string());
            trace.update(span(&depth.to_string(), parent.as_deref(), depth));
        }
        let items = choose(&trace.rows(), 10);
        assert_eq!(items.first(), Some(&Item::Row(0)));
        assert_eq!(items.last(), Some(&Item::Row(199)));
        assert!(items.len() <= 10);
    }
}
