//! Spans as they are read: ended, running and abandoned ones alike, each in its latest state.
//!
//! `spans` and `open_spans` are always read in one statement. A span moves from one to the other when it ends, so two
//! statements could see it twice or not at all.

mod feed;
mod filter;
mod list;
mod lookup;
mod moments;
mod row;
mod select;
mod subtree;
mod tree;
mod usage;
mod whole;

pub use self::{
    feed::{changed_after, completed_after},
    filter::SpanFilter,
    list::{ExecutionPages, SpanPosition, pages, roots},
    lookup::{ChildPages, by_ids, child_counts, children},
    moments::MOST_MOMENTS,
    row::{Span, SpanKey, SpanParts, TokenUsage},
    subtree::Subtree,
    tree::{DescendantPages, descendants, subtrees},
    usage::{
        ModelUsage, NodeRun, NodeUsage, UncountedUsage, node_runs, uncounted_usage, usage_by_model,
        usage_by_node,
    },
    whole::{WholeSpan, whole},
};
