//! Dotted paths into JSON values, as the parameters of several nodes write them: `customer.orders.0.id`.

use serde_json::{Map, Value};

use crate::error::NodeError;

/// A path with at least one segment.
#[derive(Debug, Clone)]
pub(super) struct Path<'a> {
    segments: Vec<&'a str>,
}

impl<'a> Path<'a> {
    /// # Errors
    /// A path without a segment, or with an empty one, names nothing; the error names the `parameter`.
    pub(super) fn parse(text: &'a str, parameter: &str) -> Result<Self, NodeError> {
        let segments: Vec<&str> = text.split('.').map(str::trim).collect();
        if segments.iter().any(|segment| segment.is_empty()) {
            let problem = format!("{parameter}: `{text}` is not a dotted path");
            return Err(NodeError::invalid_parameters(problem));
        }
        Ok(Self { segments })
    }

    /// The value at this path; a segment names an object's key or an array's index.
    pub(super) fn find<'v>(&self, value: &'v Value) -> Option<&'v Value> {
        self.segments
            .iter()
            .try_fold(value, |value, segment| match value {
                Value::Object(entries) => entries.get(*segment),
                Value::Array(items) => items.get(segment.parse::<usize>().ok()?),
                _ => None,
            })
    }

    /// The entry this path names in `root`, made if need be: what stands in the way of an object is replaced by one.
    pub(super) fn entry<'m>(
        &self,
        root: &'m mut Map<String, Value>,
    ) -> (&'m mut Map<String, Value>, &'a str) {
        let (last, parents) = self.segments.split_last().unwrap_or((&"", &[]));
        let mut object = root;
        for parent in parents {
            let slot = object.entry(*parent).or_insert(Value::Null);
            if !slot.is_object() {
                *slot = Value::Object(Map::new());
            }
            let Value::Object(inner) = slot else {
                unreachable!("made an object above")
            };
            object = inner;
        }
        (object, last)
    }
}

/// Sets `name` in `object`. Objects merge at any depth, everything else replaces.
pub(super) fn merge(object: &mut Map<String, Value>, name: &str, value: Value) {
    match (object.get_mut(name), value) {
        (Some(Value::Object(existing)), Value::Object(incoming)) => {
            for (key, value) in incoming {
                merge(existing, &key, value);
            }
        }
        (_, value) => {
            object.insert(name.to_owned(), value);
        }
    }
}
