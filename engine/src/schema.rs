//! Checks parameters against a JSON Schema, before their templates have values.

use std::collections::BTreeSet;
use std::fmt;

use jsonschema::error::{TypeKind, ValidationErrorKind};
use jsonschema::paths::{Location, LocationSegment};
use jsonschema::{JsonType, ValidationError, Validator};
use serde_json::{Map, Value, json};

use crate::document::{DocPath, Step};
use crate::suggest::suggestion;
use crate::template;

/// A schema that takes a text with a template or credential wherever it takes a value.
#[derive(Debug)]
pub(crate) struct Checker {
    schema: Value,
    validator: Validator,
}

/// One mismatch: where in the instance, the offending key there if it is about a key, and what is wrong.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Mismatch {
    pub(crate) steps: Vec<Step>,
    pub(crate) key: Option<String>,
    pub(crate) message: String,
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self
            .steps
            .iter()
            .cloned()
            .fold(DocPath::root(), |path, step| path.with(step))
            .to_string();
        let separator = if path.is_empty() { "" } else { ": " };
        write!(f, "{path}{separator}{}", self.message)
    }
}

impl Checker {
    /// Takes templates. The schema must be one: it is generated.
    pub(crate) fn new(schema: &Value) -> Self {
        Self::build(tolerant(schema))
    }

    /// Takes values only.
    pub(crate) fn strict(schema: Value) -> Self {
        Self::build(schema)
    }

    fn build(schema: Value) -> Self {
        let validator = jsonschema::options()
            .with_format("orcheo-dynamic", template::is_dynamic)
            .should_validate_formats(true)
            .build(&schema)
            .unwrap_or_else(|error| panic!("a generated schema must be valid: {error}"));
        Self { schema, validator }
    }

    pub(crate) fn mismatches(&self, instance: &Value) -> Vec<Mismatch> {
        self.validator
            .iter_errors(instance)
            .flat_map(|error| self.explain(&error))
            .collect()
    }

    /// Unfolds "none of the alternatives" into the mismatches of the alternative that was meant.
    fn explain(&self, error: &ValidationError<'_>) -> Vec<Mismatch> {
        let (ValidationErrorKind::AnyOf { context }
        | ValidationErrorKind::OneOfNotValid { context }) = error.kind()
        else {
            return self.describe(error);
        };
        let here = error.instance_path();
        let mut meant = context
            .iter()
            .filter(|branch| !branch.iter().any(|error| rules_out(error, here)));
        if let (Some(branch), None) = (meant.next(), meant.next()) {
            return branch
                .iter()
                .flat_map(|error| self.explain(error))
                .collect();
        }
        let alternatives: BTreeSet<String> = context
            .iter()
            .filter_map(|branch| branch.first())
            .flat_map(|error| self.explain(error))
            .map(|m| m.message)
            .collect();
        let message = Vec::from_iter(alternatives).join(", or ");
        vec![Mismatch {
            steps: steps(here),
            key: None,
            message,
        }]
    }

    fn describe(&self, error: &ValidationError<'_>) -> Vec<Mismatch> {
        let mismatch = |message: String| {
            vec![Mismatch {
                steps: steps(error.instance_path()),
                key: None,
                message,
            }]
        };
        mismatch(match error.kind() {
            ValidationErrorKind::AdditionalProperties { unexpected } => {
                let known = self.siblings(error);
                return unexpected
                    .iter()
                    .map(|name| Mismatch {
                        steps: steps(error.instance_path()),
                        key: Some(name.clone()),
                        message: format!(
                            "there is no parameter `{name}`{}",
                            suggestion(name, known.iter().copied())
                        ),
                    })
                    .collect();
            }
            ValidationErrorKind::Required { property } => {
                format!("lacks `{}`", property.as_str().unwrap_or_default())
            }
            ValidationErrorKind::Type { kind } => {
                format!(
                    "must be {}, not {}",
                    expected(kind),
                    name_of(error.instance())
                )
            }
            ValidationErrorKind::Enum { options } => {
                let options = options.as_array().map(Vec::as_slice).unwrap_or_default();
                let near = error
                    .instance()
                    .as_str()
                    .map(|given| suggestion(given, options.iter().filter_map(Value::as_str)));
                format!(
                    "must be one of {}{}",
                    list(options),
                    near.unwrap_or_default()
                )
            }
            ValidationErrorKind::Constant { expected_value } => format!("must be {expected_value}"),
            ValidationErrorKind::Minimum { limit } => format!("must be at least {limit}"),
            ValidationErrorKind::Maximum { limit } => format!("must be at most {limit}"),
            ValidationErrorKind::ExclusiveMinimum { limit } => format!("must be more than {limit}"),
            ValidationErrorKind::ExclusiveMaximum { limit } => format!("must be less than {limit}"),
            ValidationErrorKind::MinItems { limit: 1 }
            | ValidationErrorKind::MinLength { limit: 1 }
            | ValidationErrorKind::MinProperties { limit: 1 } => "must not be empty".to_owned(),
            ValidationErrorKind::MinItems { limit } => format!("must have at least {limit} items"),
            ValidationErrorKind::MinLength { limit } => {
                format!("must have at least {limit} characters")
            }
            ValidationErrorKind::MinProperties { limit } => {
                format!("must have at least {limit} entries")
            }
            _ => error.masked_with("the value").to_string(),
        })
    }

    /// The names a schema knows beside the one that is not allowed.
    fn siblings(&self, error: &ValidationError<'_>) -> Vec<&str> {
        let keyword = error.schema_path().as_str();
        let object = keyword.rsplit_once('/').map_or("", |(object, _)| object);
        let properties = self
            .schema
            .pointer(&format!("{object}/properties"))
            .and_then(Value::as_object);
        properties
            .map(|properties| properties.keys().map(String::as_str).collect())
            .unwrap_or_default()
    }
}

/// Whether the error shows that its alternative was not the one meant: the value itself is of another kind.
fn rules_out(error: &ValidationError<'_>, here: &Location) -> bool {
    let kind = matches!(error.kind(), ValidationErrorKind::Type { .. });
    let tag = matches!(error.kind(), ValidationErrorKind::Constant { .. });
    (kind && error.instance_path() == here) || tag
}

fn steps(location: &Location) -> Vec<Step> {
    location
        .iter()
        .map(|segment| match segment {
            LocationSegment::Property(name) => Step::Key(name.into_owned()),
            LocationSegment::Index(index) => Step::Index(index),
        })
        .collect()
}

fn expected(kind: &TypeKind) -> String {
    let types: Vec<JsonType> = match kind {
        TypeKind::Single(one) => vec![*one],
        // Null stands for leaving the value out, which nobody needs to be told.
        TypeKind::Multiple(several) => several
            .iter()
            .filter(|kind| *kind != JsonType::Null)
            .collect(),
    };
    let names: Vec<&str> = types
        .into_iter()
        .map(|kind| match kind {
            JsonType::Null => "null",
            JsonType::Boolean => "true or false",
            JsonType::Integer => "a whole number",
            JsonType::Number => "a number",
            JsonType::String => "text",
            JsonType::Array => "a list",
            JsonType::Object => "an object",
        })
        .collect();
    names.join(" or ")
}

/// What a value is, in words.
pub(crate) fn name_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

fn list(options: &[Value]) -> String {
    let shown: Vec<String> = options
        .iter()
        .map(|option| {
            option
                .as_str()
                .map_or_else(|| option.to_string(), |text| format!("`{text}`"))
        })
        .collect();
    shown.join(", ")
}

/// The schema with every place of a value also open to a template.
fn tolerant(schema: &Value) -> Value {
    let Value::Object(keywords) = schema else {
        return schema.clone();
    };
    let mut result = Map::new();
    for (keyword, value) in keywords {
        let (keyword, value) = match (keyword.as_str(), value) {
            ("properties" | "patternProperties", Value::Object(places)) => (
                keyword.clone(),
                Value::Object(
                    places
                        .iter()
                        .map(|(name, place)| (name.clone(), open(place)))
                        .collect(),
                ),
            ),
            (
                "items" | "additionalProperties" | "contains" | "unevaluatedProperties",
                Value::Object(_),
            ) => (keyword.clone(), open(value)),
            ("prefixItems", Value::Array(places)) => {
                (keyword.clone(), places.iter().map(open).collect())
            }
            ("$defs" | "definitions", Value::Object(schemas)) => (
                keyword.clone(),
                Value::Object(
                    schemas
                        .iter()
                        .map(|(name, schema)| (name.clone(), tolerant(schema)))
                        .collect(),
                ),
            ),
            // With a template inside, several alternatives may fit.
            ("oneOf" | "anyOf", Value::Array(schemas)) => {
                ("anyOf".to_owned(), schemas.iter().map(tolerant).collect())
            }
            ("allOf", Value::Array(schemas)) => {
                (keyword.clone(), schemas.iter().map(tolerant).collect())
            }
            _ => (keyword.clone(), value.clone()),
        };
        result.insert(keyword, value);
    }
    Value::Object(result)
}

fn open(place: &Value) -> Value {
    json!({ "if": { "type": "string", "format": "orcheo-dynamic" }, "else": tolerant(place) })
}
