//! From the parameters of Python's drivers to PostgreSQL's own.

use serde_json::{Map, Value};

use crate::error::NodeError;

/// A statement with `$1`, `$2` … and their values.
#[derive(Debug, PartialEq)]
pub(super) struct Statement {
    pub(super) sql: String,
    pub(super) values: Vec<Value>,
}

impl Statement {
    /// Without parameters the text is SQL as it is. With a list, `%s` takes the next value, unless the text has none:
    /// then it is written with `$1`. With an object, `%(name)s` takes the value of that name. `%%` is a percent sign.
    pub(super) fn parse(query: &str, parameters: Option<&Value>) -> Result<Self, NodeError> {
        let wrong = |problem: &str| NodeError::invalid_parameters(format!("parameters: {problem}"));
        match parameters {
            None | Some(Value::Null) => Ok(Self {
                sql: query.to_owned(),
                values: Vec::new(),
            }),
            Some(Value::Array(values)) if !query.contains("%s") => Ok(Self {
                sql: query.to_owned(),
                values: values.clone(),
            }),
            Some(Value::Array(values)) => {
                positional(query, values).map_err(|problem| wrong(&problem))
            }
            Some(Value::Object(values)) => named(query, values).map_err(|problem| wrong(&problem)),
            Some(_) => Err(wrong("neither a list nor an object")),
        }
    }
}

fn positional(query: &str, values: &[Value]) -> Result<Statement, String> {
    let mut used = 0;
    let sql = replace(query, |name| {
        if !name.is_empty() {
            return Err(format!("%({name})s needs an object of values"));
        }
        used += 1;
        Ok(used)
    })?;
    if used != values.len() {
        return Err(format!(
            "the query has {used} parameters, not {}",
            values.len()
        ));
    }
    Ok(Statement {
        sql,
        values: values.to_vec(),
    })
}

fn named(query: &str, values: &Map<String, Value>) -> Result<Statement, String> {
    let mut order: Vec<&str> = Vec::new();
    let sql = replace(query, |name| {
        let Some((name, _)) = values.get_key_value(name) else {
            let problem = if name.is_empty() {
                "%s needs a list of values"
            } else {
                "there is no value"
            };
            return Err(format!("{problem} for %({name})s"));
        };
        let known = order.iter().position(|used| used == name);
        Ok(known.map_or_else(
            || {
                order.push(name);
                order.len()
            },
            |position| position + 1,
        ))
    })?;
    let values = order
        .into_iter()
        .filter_map(|name| values.get(name).cloned())
        .collect();
    Ok(Statement { sql, values })
}

/// Replaces each placeholder, given by its name, by the number it is assigned.
fn replace(
    query: &str,
    mut number: impl FnMut(&str) -> Result<usize, String>,
) -> Result<String, String> {
    let mut sql = String::with_capacity(query.len());
    let mut rest = query;
    while let Some((before, after)) = rest.split_once('%') {
        sql.push_str(before);
        let (name, after) = if let Some(after) = after.strip_prefix('%') {
            sql.push('%');
            rest = after;
            continue;
        } else if let Some(after) = after.strip_prefix('s') {
            ("", after)
        } else if let Some((name, after)) = after
            .strip_prefix('(')
            .and_then(|after| after.split_once(")s"))
        {
            (name, after)
        } else {
            return Err("a percent sign of the query is written %% beside %s".to_owned());
        };
        sql.push_str(&format!("${}", number(name)?));
        rest = after;
    }
    sql.push_str(rest);
    Ok(sql)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn python_placeholders_become_postgresql_ones() {
        for (query, parameters, sql, values) in [
            ("SELECT 1 % 2", Value::Null, "SELECT 1 % 2", json!([])),
            (
                "a LIKE 'x%' AND b = $1",
                json!([1]),
                "a LIKE 'x%' AND b = $1",
                json!([1]),
            ),
            (
                "a = %s AND b LIKE 'x%%' AND c = %s",
                json!([1, "z"]),
                "a = $1 AND b LIKE 'x%' AND c = $2",
                json!([1, "z"]),
            ),
            (
                "%(b)s %(a)s %(b)s",
                json!({"a": 1, "b": 2, "unused": 3}),
                "$1 $2 $1",
                json!([2, 1]),
            ),
        ] {
            let statement = Statement::parse(query, Some(&parameters)).unwrap();
            assert_eq!(statement.sql, sql);
            assert_eq!(Value::from(statement.values), values, "{query}");
        }
    }

    #[test]
    fn placeholders_without_a_value_are_told() {
        for (query, parameters, problem) in [
            (
                "%s %s",
                json!([1]),
                "parameters: the query has 2 parameters, not 1",
            ),
            (
                "%(a)s",
                json!({"b": 1}),
                "parameters: there is no value for %(a)s",
            ),
            (
                "%s 5 % 2",
                json!([1]),
                "parameters: a percent sign of the query is written %% beside %s",
            ),
            (
                "%s",
                json!("text"),
                "parameters: neither a list nor an object",
            ),
        ] {
            let error = Statement::parse(query, Some(&parameters)).unwrap_err();
            assert_eq!(error.message, problem);
        }
    }
}
