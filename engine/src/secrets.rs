//! The credentials a run has used, kept out of what its spans show.

use std::borrow::Cow;

use parking_lot::RwLock;
use serde_json::Value;

use crate::host::{Credentials, Secret};

/// Shorter values would hit by chance.
const MIN_LEN: usize = 4;

/// Where a run's credentials come from, and where their use is remembered.
#[derive(Clone, Copy)]
pub(crate) struct Vault<'r> {
    pub(crate) credentials: &'r dyn Credentials,
    pub(crate) used: &'r Secrets,
}

/// Values by the placeholder that brought them in.
#[derive(Debug, Default)]
pub(crate) struct Secrets {
    used: RwLock<Vec<(String, Secret)>>,
}

impl Secrets {
    /// Remembers values from now on.
    pub(crate) fn learn(&self, secrets: Vec<(String, Secret)>) {
        let new = |used: &[(String, Secret)], secret: &Secret| {
            secret.expose().len() >= MIN_LEN && used.iter().all(|(_, known)| known != secret)
        };
        if secrets.is_empty() {
            return;
        }
        let mut used = self.used.write();
        for (placeholder, secret) in secrets {
            if new(&used, &secret) {
                used.push((placeholder, secret));
            }
        }
        // A longer value may contain a shorter one, and has to go first.
        used.sort_by_key(|(_, secret)| std::cmp::Reverse(secret.expose().len()));
    }

    /// The text with placeholders for values.
    pub(crate) fn conceal(&self, text: String) -> String {
        conceal(text, &self.used.read())
    }

    /// The same at any depth of a value.
    pub(crate) fn conceal_json<'v>(&self, value: &'v Value) -> Cow<'v, Value> {
        let used = self.used.read();
        if used.is_empty() {
            Cow::Borrowed(value)
        } else {
            Cow::Owned(concealed(value, &used))
        }
    }
}

fn conceal(text: String, used: &[(String, Secret)]) -> String {
    used.iter().fold(text, |text, (placeholder, secret)| {
        if text.contains(secret.expose()) {
            text.replace(secret.expose(), placeholder)
        } else {
            text
        }
    })
}

fn concealed(value: &Value, used: &[(String, Secret)]) -> Value {
    match value {
        Value::String(text) => Value::String(conceal(text.clone(), used)),
        Value::Array(items) => items.iter().map(|item| concealed(item, used)).collect(),
        Value::Object(entries) => {
            let entry = |(key, entry): (&String, &Value)| {
                (conceal(key.clone(), used), concealed(entry, used))
            };
            Value::Object(entries.iter().map(entry).collect())
        }
        Value::Number(number) => {
            // A number is a credential as a whole or not at all.
            let text = number.to_string();
            let known = used.iter().find(|(_, secret)| secret.expose() == text);
            known.map_or_else(
                || value.clone(),
                |(placeholder, _)| Value::String(placeholder.clone()),
            )
        }
        Value::Null | Value::Bool(_) => value.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_are_concealed_wherever_they_stand_the_longest_first() {
        let secrets = Secrets::default();
        let used = [
            ("[[a]]", "pass"),
            ("[[b]]", "password-1"),
            ("[[port]]", "5432"),
            ("[[short]]", "abc"),
        ];
        secrets.learn(
            used.map(|(placeholder, value)| (placeholder.to_owned(), Secret::new(value)))
                .to_vec(),
        );
        let value = json!({ "pass": ["my password-1", 5432, 15432, "abc", null] });
        assert_eq!(
            *secrets.conceal_json(&value),
            json!({ "[[a]]": ["my [[b]]", "[[port]]", 15432, "abc", null] })
        );
        assert_eq!(
            secrets.conceal("to password-1:5432".into()),
            "to [[b]]:[[port]]"
        );
    }
}
