//! Comparisons of JSON values, as edge nodes use them.

use std::cmp::Ordering;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Number, Value};

use crate::error::{NodeError, codes};
use crate::schema::name_of;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Operator {
    #[default]
    Equals,
    NotEquals,
    GreaterThan,
    GreaterThanOrEqual,
    LessThan,
    LessThanOrEqual,
    Contains,
    NotContains,
    In,
    NotIn,
    IsTruthy,
    IsFalsy,
}

/// One comparison.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Condition {
    /// Left operand.
    #[serde(default)]
    pub(crate) left: Value,
    /// How the operands are compared.
    #[serde(default)]
    pub(crate) operator: Operator,
    /// Right operand, where the operator takes one.
    #[serde(default)]
    pub(crate) right: Value,
    /// Whether upper and lower case differ.
    #[serde(default = "yes")]
    pub(crate) case_sensitive: bool,
}

/// How several conditions are combined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Logic {
    #[default]
    And,
    Or,
}

fn yes() -> bool {
    true
}

impl Condition {
    pub(crate) fn holds(&self) -> Result<bool, NodeError> {
        let left = fold(&self.left, self.case_sensitive);
        let right = fold(&self.right, self.case_sensitive);
        Ok(match self.operator {
            Operator::Equals => equal(&left, &right),
            Operator::NotEquals => !equal(&left, &right),
            Operator::GreaterThan => compare(&left, &right)?.is_gt(),
            Operator::GreaterThanOrEqual => compare(&left, &right)?.is_ge(),
            Operator::LessThan => compare(&left, &right)?.is_lt(),
            Operator::LessThanOrEqual => compare(&left, &right)?.is_le(),
            Operator::Contains => contains(&left, &right)?,
            Operator::NotContains => !contains(&left, &right)?,
            Operator::In => contains(&right, &left)?,
            Operator::NotIn => !contains(&right, &left)?,
            Operator::IsTruthy => is_truthy(&left),
            Operator::IsFalsy => !is_truthy(&left),
        })
    }
}

impl Logic {
    pub(crate) fn combine(self, results: &[bool]) -> bool {
        match self {
            Self::And => results.iter().all(|holds| *holds),
            Self::Or => results.iter().any(|holds| *holds),
        }
    }
}

/// The value for a comparison that ignores case, at any depth.
pub(crate) fn fold(value: &Value, case_sensitive: bool) -> Value {
    match value {
        Value::String(text) if !case_sensitive => Value::String(text.to_lowercase()),
        Value::Array(items) if !case_sensitive => {
            items.iter().map(|item| fold(item, false)).collect()
        }
        Value::Object(entries) if !case_sensitive => entries
            .iter()
            .map(|(key, entry)| (key.to_lowercase(), fold(entry, false)))
            .collect(),
        other => other.clone(),
    }
}

/// Deep equality in which 1 equals 1.0.
pub(crate) fn equal(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => {
            compare_numbers(left, right) == Some(Ordering::Equal)
        }
        (Value::Array(left), Value::Array(right)) => {
            left.len() == right.len()
                && left
                    .iter()
                    .zip(right)
                    .all(|(left, right)| equal(left, right))
        }
        (Value::Object(left), Value::Object(right)) => {
            left.len() == right.len()
                && left
                    .iter()
                    .all(|(key, left)| right.get(key).is_some_and(|right| equal(left, right)))
        }
        (left, right) => left == right,
    }
}

fn compare(left: &Value, right: &Value) -> Result<Ordering, NodeError> {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => compare_numbers(left, right),
        (Value::String(left), Value::String(right)) => Some(left.cmp(right)),
        (Value::Bool(left), Value::Bool(right)) => Some(left.cmp(right)),
        _ => None,
    }
    .ok_or_else(|| {
        invalid(format!(
            "{} cannot be ordered against {}",
            name_of(left),
            name_of(right)
        ))
    })
}

fn compare_numbers(left: &Number, right: &Number) -> Option<Ordering> {
    let whole = |number: &Number| {
        number
            .as_i64()
            .map(i128::from)
            .or_else(|| number.as_u64().map(i128::from))
    };
    match (whole(left), whole(right)) {
        (Some(left), Some(right)) => Some(left.cmp(&right)),
        _ => left.as_f64()?.partial_cmp(&right.as_f64()?),
    }
}

fn contains(container: &Value, member: &Value) -> Result<bool, NodeError> {
    match (container, member) {
        (Value::Array(items), member) => Ok(items.iter().any(|item| equal(item, member))),
        (Value::Object(entries), Value::String(key)) => Ok(entries.contains_key(key)),
        (Value::String(text), Value::String(part)) => Ok(text.contains(part.as_str())),
        (Value::String(text), Value::Number(part)) => Ok(text.contains(&part.to_string())),
        (container, member) => Err(invalid(format!(
            "{} cannot contain {}",
            name_of(container),
            name_of(member)
        ))),
    }
}

/// Null, false, zero, and what is empty are not truthy.
pub(crate) fn is_truthy(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(value) => *value,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(entries) => !entries.is_empty(),
    }
}

fn invalid(message: String) -> NodeError {
    NodeError::new(codes::INVALID_CONDITION, message)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn holds(left: Value, operator: &str, right: Value) -> Result<bool, String> {
        let condition = json!({ "left": left, "operator": operator, "right": right });
        let condition: Condition = serde_json::from_value(condition).unwrap();
        condition.holds().map_err(|error| error.message)
    }

    #[test]
    fn operators_compare_like_values() {
        for (left, operator, right, expected) in [
            (json!(1), "equals", json!(1.0), true),
            (
                json!([1, { "a": 2 }]),
                "equals",
                json!([1.0, { "a": 2.0 }]),
                true,
            ),
            (json!("1"), "equals", json!(1), false),
            (json!("a"), "not_equals", json!("A"), true),
            (json!(2), "greater_than", json!(10), false),
            (json!("2"), "greater_than", json!("10"), true),
            (
                json!(9_007_199_254_740_993_i64),
                "greater_than",
                json!(9_007_199_254_740_992_i64),
                true,
            ),
            (json!(3), "greater_than_or_equal", json!(3), true),
            (json!(-1), "less_than", json!(u64::MAX), true),
            (json!(3.5), "less_than_or_equal", json!(3), false),
            (json!([1, 2]), "contains", json!(2.0), true),
            (json!("text"), "contains", json!("ex"), true),
            (json!({ "a": 1 }), "contains", json!("a"), true),
            (json!([1]), "not_contains", json!(2), true),
            (json!("a"), "in", json!(["a", "b"]), true),
            (json!("c"), "not_in", json!(["a", "b"]), true),
        ] {
            assert_eq!(
                holds(left.clone(), operator, right.clone()),
                Ok(expected),
                "{left} {operator} {right}"
            );
        }
    }

    #[test]
    fn what_is_empty_or_zero_is_falsy() {
        for value in [
            json!(null),
            json!(false),
            json!(0),
            json!(0.0),
            json!(""),
            json!([]),
            json!({}),
        ] {
            assert_eq!(
                holds(value.clone(), "is_truthy", json!(null)),
                Ok(false),
                "{value}"
            );
            assert_eq!(
                holds(value.clone(), "is_falsy", json!(null)),
                Ok(true),
                "{value}"
            );
        }
        for value in [
            json!(true),
            json!(-1),
            json!("0"),
            json!([0]),
            json!({ "a": null }),
        ] {
            assert_eq!(
                holds(value.clone(), "is_truthy", json!(null)),
                Ok(true),
                "{value}"
            );
        }
    }

    #[test]
    fn what_cannot_be_compared_is_an_error_that_says_so() {
        assert_eq!(
            holds(json!("a"), "less_than", json!(1)),
            Err("text cannot be ordered against a number".into())
        );
        assert_eq!(
            holds(json!(1), "contains", json!(1)),
            Err("a number cannot contain a number".into())
        );
        assert_eq!(
            holds(json!(1), "in", json!(null)),
            Err("null cannot contain a number".into())
        );
    }

    #[test]
    fn case_is_ignored_at_any_depth_where_asked() {
        let condition = json!({ "left": ["A", { "K": "v" }], "right": ["a", { "k": "V" }], "case_sensitive": false });
        let condition: Condition = serde_json::from_value(condition).unwrap();
        assert_eq!(condition.holds(), Ok(true));
    }

    #[test]
    fn conditions_are_combined() {
        assert!(Logic::And.combine(&[true, true]) && !Logic::And.combine(&[true, false]));
        assert!(Logic::Or.combine(&[false, true]) && !Logic::Or.combine(&[false, false]));
    }
}
