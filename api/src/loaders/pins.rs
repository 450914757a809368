//! How far each execution had come when a request first read something of it.
//!
//! `Execution.cursor` must not be newer than any other field of the same answer, or the feed that starts at it would skip
//! what the answer lacks. Every read of spans tells the revision of its snapshot; the oldest one counts.

use std::{collections::HashMap, sync::Arc};

use orcheo_store::{
    ExecutionId, Revision,
    models::{executions::ExecutionState, spans::Span},
};
use parking_lot::Mutex;

/// The oldest revision that this request has seen of each execution.
#[derive(Clone, Default)]
pub(crate) struct Pins(Arc<Mutex<HashMap<ExecutionId, Revision>>>);

impl Pins {
    /// Something of `execution` was read at `revision`; tells the oldest revision read so far.
    pub(crate) fn observe(&self, execution: ExecutionId, revision: Revision) -> Revision {
        let mut pins = self.0.lock();
        let oldest = pins.entry(execution).or_insert(revision);
        *oldest = revision.min(*oldest);
        *oldest
    }

    /// The same for executions.
    pub(crate) fn observe_executions<'e>(
        &self,
        executions: impl IntoIterator<Item = &'e ExecutionState>,
    ) {
        for state in executions {
            self.observe(state.execution.execution_id, state.rollup.revision);
        }
    }

    /// The same for spans.
    pub(crate) fn observe_spans<'s>(&self, spans: impl IntoIterator<Item = &'s Span>) {
        let mut last = None;
        for span in spans {
            // The rows of one statement share a snapshot, and mostly an execution.
            let read = (span.execution_id, span.execution_revision);
            if last != Some(read) {
                self.observe(read.0, read.1);
                last = Some(read);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_read_counts() {
        let pins = Pins::default();
        let execution = ExecutionId::new();
        assert_eq!(pins.observe(execution, 7), 7);
        assert_eq!(pins.observe(execution, 9), 7);
        assert_eq!(pins.observe(execution, 5), 5);
        assert_eq!(pins.observe(ExecutionId::new(), 9), 9);
    }
}
