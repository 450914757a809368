//! The values of a run that nodes read: inputs, results, messages, config.

use std::sync::Arc;

use indexmap::IndexMap;
use serde_json::Value;

/// What templates and nodes see. A node sees the state as it was when its step began.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct State {
    pub inputs: Arc<Value>,
    /// By node name, in the order of their first finish: what each node returned last.
    pub results: IndexMap<String, Arc<Value>>,
    /// The conversation, oldest first: objects with at least `role` and `content`.
    pub messages: Vec<Arc<Value>>,
    pub config: Arc<Value>,
}

impl State {
    /// What the node of this name returned last.
    pub fn result(&self, node: &str) -> Option<&Value> {
        self.results.get(node).map(Arc::as_ref)
    }
}
