//! Spans for the tests of the terminal.

use super::model::{SpanView, Standing};

/// A span that has been running since `start_ns`, named like its id.
pub(super) fn span(id: &str, parent: Option<&str>, start_ns: i64) -> SpanView {
    SpanView {
        id: id.to_owned(),
        parent: parent.map(str::to_owned),
        name: id.to_owned(),
        note: String::new(),
        standing: Standing::Running,
        start_ns,
        end_ns: None,
        tokens: (0, 0),
        error: None,
        revision: 1,
    }
}
