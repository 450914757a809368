//! The ended spans of a batch that other engines sent, as what is asked about them afterwards.

use std::{borrow::Cow, collections::HashSet};

use uuid::Uuid;

use crate::{ExecutionId, SpanRecord};

/// The ended spans of executions of other engines: what a span of theirs reports may be what spans below it report, too, and
/// its id may be that of another one.
#[derive(Debug, Default, Clone)]
pub(super) struct ForeignSpans {
    pub(super) executions: Vec<Uuid>,
    pub(super) span_ids: Vec<Vec<u8>>,
    pub(super) parents: Vec<Option<Vec<u8>>>,
    pub(super) used: Vec<bool>,
    pub(super) starts: Vec<i64>,
    pub(super) ends: Vec<Option<i64>>,
    pub(super) kinds: Vec<i16>,
}

impl ForeignSpans {
    pub(super) fn push(&mut self, execution: ExecutionId, span: &SpanRecord) {
        self.executions.push(execution.0);
        self.span_ids.push(span.span_id.0.to_vec());
        self.parents
            .push(span.parent_span_id.map(|id| id.0.to_vec()));
        self.used.push(span.usage.is_some());
        self.starts.push(span.start_ns);
        self.ends.push(span.end_ns);
        self.kinds.push(span.kind as i16);
    }

    /// Without the spans of executions of which nothing was known before, as far as no span of theirs that reports usage has
    /// another below it: nothing is to be recounted there. `new` is in ascending order.
    pub(super) fn without_flat(&self, new: &[Uuid]) -> Cow<'_, Self> {
        if new.is_empty() {
            return Cow::Borrowed(self);
        }
        let spans = || self.executions.iter().zip(&self.span_ids);
        let reporting: HashSet<(&Uuid, &Vec<u8>)> = spans()
            .zip(&self.used)
            .filter_map(|(span, used)| used.then_some(span))
            .collect();
        let nested: HashSet<&Uuid> = self
            .executions
            .iter()
            .zip(&self.parents)
            .filter_map(|(execution, parent)| Some((execution, parent.as_ref()?)))
            .filter(|parent| reporting.contains(parent))
            .map(|(execution, _)| execution)
            .collect();
        let mut left = Self::default();
        for (index, execution) in self.executions.iter().enumerate() {
            if nested.contains(execution) || new.binary_search(execution).is_err() {
                left.executions.push(*execution);
                left.span_ids.push(self.span_ids[index].clone());
                left.parents.push(self.parents[index].clone());
                left.used.push(self.used[index]);
                left.starts.push(self.starts[index]);
                left.ends.push(self.ends[index]);
                left.kinds.push(self.kinds[index]);
            }
        }
        Cow::Owned(left)
    }
}
