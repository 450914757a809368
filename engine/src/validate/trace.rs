//! What a document says about its traces.

use serde_json::{Map, Value};

use super::Reader;
use crate::schema::name_of;

impl Reader<'_> {
    pub(super) fn trace(&mut self, top: &Map<String, Value>) {
        let path = self.base.key("trace");
        let trace = self.object(top, "trace");
        self.known_keys(&path, &trace, &["capture_content"]);
        match trace.get("capture_content") {
            None | Some(Value::Bool(_)) => {}
            Some(other) => {
                let message = format!("must be true or false, not {}", name_of(other));
                self.problem(&path.key("capture_content"), message);
            }
        }
    }
}
