//! `{{state.path}}` and `[[credential#path]]` inside parameters.
//!
//! Only text of the document is scanned: what a template brings in is data, so an input that reads `[[name]]` stays text.

mod path;
mod segments;

use std::borrow::Cow;
use std::fmt::{self, Write as _};

use serde_json::{Map, Value};

use crate::error::{NodeError, codes};
use crate::host::{Credentials, Secret};
use crate::secrets::Vault;
use crate::state::State;

use path::walk;
use segments::{Placeholder, Segment, segments};

pub(crate) use path::find;

/// A parameter with its templates and credentials resolved. `Debug` shows it without credentials.
#[derive(Clone, PartialEq)]
pub struct Resolved {
    pub value: Value,
    /// The same with credentials as the placeholders of the document; absent when there are none.
    pub(crate) traced: Option<Value>,
}

impl Resolved {
    /// What a span may show.
    pub fn traced(&self) -> &Value {
        self.traced.as_ref().unwrap_or(&self.value)
    }
}

impl fmt::Debug for Resolved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Resolved").field(self.traced()).finish()
    }
}

/// What templates are resolved over: locals first, then the state, then results by node name.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scope<'a> {
    pub(crate) state: &'a State,
    pub(crate) locals: &'a Map<String, Value>,
}

/// Resolves every text inside `value`, at any depth.
pub(crate) fn resolve(
    value: &Value,
    scope: Scope<'_>,
    vault: Vault<'_>,
) -> Result<Resolved, NodeError> {
    resolve_by(vault, |credential| substitute(value, scope, credential))
}

/// Resolves a node's parameters, except for those it resolves itself.
pub(crate) fn resolve_entries(
    entries: &Map<String, Value>,
    scope: Scope<'_>,
    vault: Vault<'_>,
    deferred: impl Fn(&str) -> bool,
) -> Result<Resolved, NodeError> {
    resolve_by(vault, |credential| {
        let resolved = entries.iter().map(|(name, value)| {
            let value = if deferred(name) {
                value.clone()
            } else {
                substitute(value, scope, credential)?
            };
            Ok((name.clone(), value))
        });
        resolved
            .collect::<Result<Map<_, _>, NodeError>>()
            .map(Value::Object)
    })
}

/// Substitutes once for the node, and where credentials are involved once more for the trace.
fn resolve_by(
    vault: Vault<'_>,
    mut substitute: impl FnMut(&mut CredentialLookup<'_>) -> Result<Value, NodeError>,
) -> Result<Resolved, NodeError> {
    let mut secrets = Vec::new();
    let value = substitute(&mut |placeholder| {
        let secret = lookup_credential(placeholder, vault.credentials)?;
        secrets.push((
            placeholder.text.to_owned(),
            Secret::new(plain_text(&secret)),
        ));
        Ok(secret)
    })?;
    let traced = if secrets.is_empty() {
        None
    } else {
        vault.used.learn(secrets);
        Some(substitute(&mut |placeholder| {
            Ok(Value::String(placeholder.text.to_owned()))
        })?)
    };
    Ok(Resolved { value, traced })
}

/// Whether the text holds a template or a credential, so that its final value and type are not known yet.
pub(crate) fn is_dynamic(text: &str) -> bool {
    segments(text)
        .iter()
        .any(|segment| !matches!(segment, Segment::Text(_)))
}

type CredentialLookup<'f> = dyn FnMut(Placeholder<'_>) -> Result<Value, NodeError> + 'f;

fn substitute(
    value: &Value,
    scope: Scope<'_>,
    credential: &mut CredentialLookup<'_>,
) -> Result<Value, NodeError> {
    Ok(match value {
        Value::String(text) => substitute_text(text, scope, credential)?,
        Value::Array(items) => Value::Array(
            items
                .iter()
                .map(|item| substitute(item, scope, credential))
                .collect::<Result<_, _>>()?,
        ),
        Value::Object(entries) => Value::Object(
            entries
                .iter()
                .map(|(key, entry)| Ok((key.clone(), substitute(entry, scope, credential)?)))
                .collect::<Result<_, NodeError>>()?,
        ),
        other => other.clone(),
    })
}

fn substitute_text(
    text: &str,
    scope: Scope<'_>,
    credential: &mut CredentialLookup<'_>,
) -> Result<Value, NodeError> {
    if !text.contains("{{") && !text.contains("[[") {
        return Ok(Value::String(text.to_owned()));
    }
    // A template or credential alone keeps the type of its value.
    match segments(text.trim()).as_slice() {
        [Segment::Template { text, path }] => {
            return lookup(text, path, scope).map(Cow::into_owned);
        }
        [Segment::Credential(placeholder)] => return credential(*placeholder),
        _ => {}
    }
    let mut filled = String::with_capacity(text.len());
    for segment in segments(text) {
        match segment {
            Segment::Text(text) => filled.push_str(text),
            Segment::Template { text, path } => {
                push_plain(&mut filled, &*lookup(text, path, scope)?);
            }
            Segment::Credential(placeholder) => push_plain(&mut filled, &credential(placeholder)?),
        }
    }
    Ok(Value::String(filled))
}

/// Text as it is, everything else as JSON.
fn push_plain(text: &mut String, value: &Value) {
    match value {
        Value::String(value) => text.push_str(value),
        // Writing into a String cannot fail.
        value => _ = write!(text, "{value}"),
    }
}

fn plain_text(value: &Value) -> String {
    let mut text = String::new();
    push_plain(&mut text, value);
    text
}

fn lookup<'a>(text: &str, path: &str, scope: Scope<'a>) -> Result<Cow<'a, Value>, NodeError> {
    find(path, scope).map_err(|unresolved| {
        let message = format!("template `{text}` cannot be resolved: {unresolved}");
        NodeError::new(codes::UNRESOLVED_TEMPLATE, message)
    })
}

fn lookup_credential(
    placeholder: Placeholder<'_>,
    credentials: &dyn Credentials,
) -> Result<Value, NodeError> {
    let missing = |what: String| NodeError::new(codes::MISSING_CREDENTIAL, what);
    let name = placeholder.name;
    let secret = credentials
        .get(name)
        .ok_or_else(|| missing(format!("credential `{name}` is not known")))?;
    let Some(path) = placeholder.path else {
        return Ok(Value::String(secret.expose().to_owned()));
    };
    let fields: Option<Value> = serde_json::from_str(secret.expose()).ok();
    let field = fields
        .as_ref()
        .and_then(|fields| walk(fields, Some(path), String::new()).ok());
    field
        .cloned()
        .ok_or_else(|| missing(format!("credential `{name}` has no field `{path}`")))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::host::Nothing;
    use crate::secrets::Secrets;
    use crate::testing::json_value;

    proptest! {
        #[test]
        fn a_value_without_templates_stays_as_it_is(value in json_value("[a-z{\\[ ]{0,8}")) {
            let scope = Scope { state: &State::default(), locals: &Map::new() };
            let resolved = resolve(&value, scope, Vault { credentials: &Nothing, used: &Secrets::default() }).unwrap();
            prop_assert_eq!(resolved.traced(), &value);
            prop_assert_eq!(resolved.value, value);
        }

        #[test]
        fn a_lone_template_brings_in_the_value_itself(value in json_value(".{0,8}")) {
            let locals = Map::from_iter([("x".to_owned(), value.clone())]);
            let scope = Scope { state: &State::default(), locals: &locals };
            prop_assert_eq!(resolve(&json!(["{{x}}"]), scope, Vault { credentials: &Nothing, used: &Secrets::default() }).unwrap().value, json!([value]));
        }
    }

    #[test]
    fn locals_win_over_the_state_and_the_state_over_results() {
        let mut state = State {
            inputs: json!({ "a": 1 }).into(),
            ..State::default()
        };
        state
            .results
            .insert("inputs".into(), json!({ "a": 2 }).into());
        state.results.insert("x".into(), json!(3).into());
        let value = json!(["{{inputs.a}}", "{{x}}"]);
        let resolve = |locals: Value| {
            let Value::Object(locals) = locals else {
                panic!("an object")
            };
            super::resolve(
                &value,
                Scope {
                    state: &state,
                    locals: &locals,
                },
                Vault {
                    credentials: &Nothing,
                    used: &Secrets::default(),
                },
            )
            .unwrap()
            .value
        };
        assert_eq!(resolve(json!({})), json!([1, 3]));
        assert_eq!(
            resolve(json!({ "x": 4, "inputs": { "a": 5 } })),
            json!([5, 4])
        );
    }
}
