//! DataTransformNode: maps fields of a value into a new object.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::path::Path;
use crate::context::NodeContext;
use crate::error::NodeError;
use crate::node::{NodeCategory, NodeKind};

pub(super) struct DataTransform;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Params {
    /// The value the sources point into.
    #[serde(default)]
    input_data: Value,
    /// Applied in order; later ones may write into what earlier ones wrote.
    #[serde(default)]
    transforms: Vec<FieldTransform>,
}

/// One field of the result.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct FieldTransform {
    /// Dotted path of the value in `input_data`. Without one the field gets `default`.
    source: Option<String>,
    /// Dotted path of the field in the result.
    target: String,
    /// What a missing source gives.
    #[serde(default)]
    default: Value,
    /// Whether a missing source gives the default, or no field at all.
    #[serde(default)]
    when_missing: WhenMissing,
    /// What is done with the value.
    #[serde(default)]
    transform: Transform,
}

#[derive(Debug, Default, Clone, Copy, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum WhenMissing {
    #[default]
    Default,
    Skip,
}

#[derive(Debug, Default, Clone, Copy, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Transform {
    #[default]
    Identity,
    /// Text as it is, null as empty text, everything else as JSON.
    String,
    /// Null as 0; a fraction is cut off.
    Int,
    /// Null as 0.
    Float,
    /// False for null, 0, empty values and the texts `false`, `no`, `off` and `0`.
    Bool,
    Lower,
    Upper,
    /// The first letter of each word in upper case, the others in lower case.
    Title,
    /// Characters of a text, items of a list, entries of an object; 0 for null.
    Length,
}

impl NodeKind for DataTransform {
    type Params = Params;

    const NAME: &'static str = "DataTransformNode";
    const DESCRIPTION: &'static str = "Maps fields of a value into a new object";
    const CATEGORY: NodeCategory = NodeCategory::Data;

    async fn run(params: Params, _cx: &NodeContext) -> Result<Value, NodeError> {
        let mut result = Map::new();
        for (position, field) in params.transforms.into_iter().enumerate() {
            let place = format!("transforms[{position}]");
            let found = match &field.source {
                Some(source) => {
                    Path::parse(source, &format!("{place}.source"))?.find(&params.input_data)
                }
                None => None,
            };
            let value = match (found, field.when_missing) {
                (Some(value), _) => value.clone(),
                (None, WhenMissing::Default) => field.default,
                (None, WhenMissing::Skip) => continue,
            };
            let value = field.transform.apply(value).map_err(|problem| {
                NodeError::new(
                    "TRANSFORM_FAILED",
                    format!("{place} ({}): {problem}", field.target),
                )
            })?;
            let target = Path::parse(&field.target, &format!("{place}.target"))?;
            let (object, last) = target.entry(&mut result);
            object.insert(last.to_owned(), value);
        }
        Ok(Map::from_iter([("result".to_owned(), Value::Object(result))]).into())
    }
}

impl Transform {
    fn apply(self, value: Value) -> Result<Value, String> {
        Ok(match self {
            Self::Identity => value,
            Self::String => text(value).into(),
            Self::Int => int(&value)?.into(),
            Self::Float => float(&value)?.into(),
            Self::Bool => truth(&value).into(),
            Self::Lower => map_text(value, |text| text.to_lowercase()),
            Self::Upper => map_text(value, |text| text.to_uppercase()),
            Self::Title => map_text(value, title),
            Self::Length => length(&value)?.into(),
        })
    }
}

fn text(value: Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text,
        other => other.to_string(),
    }
}

fn map_text(value: Value, change: impl FnOnce(&str) -> String) -> Value {
    match value {
        Value::String(text) => change(&text).into(),
        other => other,
    }
}

fn title(text: &str) -> String {
    let mut begins = true;
    let mut titled = String::with_capacity(text.len());
    for letter in text.chars() {
        if begins {
            titled.extend(letter.to_uppercase());
        } else {
            titled.extend(letter.to_lowercase());
        }
        begins = !letter.is_alphabetic();
    }
    titled
}

fn int(value: &Value) -> Result<i64, String> {
    if let Some(whole) = value.as_i64() {
        return Ok(whole);
    }
    if let Value::String(text) = value
        && let Ok(whole) = text.trim().parse()
    {
        return Ok(whole);
    }
    let number = float(value)?.trunc();
    #[expect(clippy::cast_possible_truncation, reason = "the range is checked")]
    #[expect(clippy::cast_precision_loss, reason = "both limits are powers of two")]
    if (i64::MIN as f64..i64::MAX as f64).contains(&number) {
        Ok(number as i64)
    } else {
        Err(format!("{number} does not fit into a whole number"))
    }
}

fn float(value: &Value) -> Result<f64, String> {
    let number = match value {
        Value::Null => Some(0.0),
        Value::Bool(truth) => Some(f64::from(u8::from(*truth))),
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text
            .trim()
            .parse()
            .ok()
            .filter(|number: &f64| number.is_finite()),
        Value::Array(_) | Value::Object(_) => None,
    };
    number.ok_or_else(|| format!("{} is not a number", kind(value)))
}

fn truth(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(truth) => *truth,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !matches!(
            text.trim().to_lowercase().as_str(),
            "" | "0" | "false" | "no" | "off"
        ),
        Value::Array(items) => !items.is_empty(),
        Value::Object(entries) => !entries.is_empty(),
    }
}

fn length(value: &Value) -> Result<usize, String> {
    match value {
        Value::Null => Ok(0),
        Value::String(text) => Ok(text.chars().count()),
        Value::Array(items) => Ok(items.len()),
        Value::Object(entries) => Ok(entries.len()),
        Value::Bool(_) | Value::Number(_) => Err(format!("{} has no length", kind(value))),
    }
}

/// Names a value's kind; never the value, which may be private.
fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a truth value",
        Value::Number(_) => "a number",
        Value::String(_) => "this text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::nodes::testing::{node_error, run_node};

    async fn transform(input: Value, transforms: Value) -> Value {
        let node =
            json!({"type": "DataTransformNode", "input_data": input, "transforms": transforms});
        run_node(node).await["result"].clone()
    }

    #[tokio::test]
    async fn fields_are_found_converted_and_nested() {
        let input = json!({"user": {"name": "ada LOVELACE", "tags": ["a", "b"]}, "age": "36.9", "on": "false"});
        let transforms = json!([
            {"source": "user.name", "target": "person.name", "transform": "title"},
            {"source": "age", "target": "person.age", "transform": "int"},
            {"source": "age", "target": "exact", "transform": "float"},
            {"source": "on", "target": "on", "transform": "bool"},
            {"source": "user.tags.1", "target": "second", "transform": "upper"},
            {"source": "user.tags", "target": "count", "transform": "length"},
            {"source": "user.tags", "target": "text", "transform": "string"},
        ]);
        assert_eq!(
            transform(input, transforms).await,
            json!({
                "person": {"name": "Ada Lovelace", "age": 36}, "exact": 36.9, "on": false,
                "second": "B", "count": 2, "text": "[\"a\",\"b\"]",
            })
        );
    }

    #[tokio::test]
    async fn a_missing_source_gives_the_default_or_no_field() {
        let transforms = json!([
            {"source": "gone", "target": "a", "default": 5},
            {"source": "gone.deeper", "target": "b"},
            {"source": "gone", "target": "c", "default": 5, "when_missing": "skip"},
            {"target": "d", "default": "x"},
            {"target": "e", "when_missing": "skip"},
        ]);
        assert_eq!(
            transform(json!({}), transforms).await,
            json!({"a": 5, "b": null, "d": "x"})
        );
    }

    #[tokio::test]
    async fn a_value_that_cannot_be_converted_is_an_error_that_names_the_place_not_the_value() {
        let transforms = json!([{"source": "v", "target": "n", "transform": "int"}]);
        let node = json!({"type": "DataTransformNode", "input_data": {"v": "hunter2"}, "transforms": transforms});
        assert_eq!(
            node_error(node).await.message,
            "transforms[0] (n): this text is not a number"
        );
    }
}
