//! One redaction point in front of everything that is stored, pushed, logged or exported.
//!
//! Three kinds of rules: *keys* (`password`, `authorization`, …, at any depth of JSON), *patterns* (shapes of well-known
//! credentials and personal data) and *values* (the credentials in use, whatever their encoding). A marker tells which rule
//! fired, never what it hid. What cannot be scanned is replaced, not passed on.

mod compile;
mod configured;
mod document;
mod encodings;
mod jointed;
mod keys;
mod kubernetes;
mod labelled;
mod lexer;
mod literals;
mod marker;
mod markup;
mod numbers;
mod optional;
mod placeholder;
mod rules;
mod scanner;
mod secrets;
mod settings;
mod sieve;
mod unescape;
mod validators;
mod views;

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use serde_json::Value;

use self::configured::Rules;
use self::scanner::Scan;
pub use self::secrets::SecretRegistry;
pub use self::settings::{InvalidRules, Problem, RedactionSettings, RuleSettings};

/// Number of the built-in rules. Rises whenever they hide something that they did not hide before.
pub const RULES_VERSION: u32 = 3;

/// Removes credentials and personal data from text and JSON. Cheap to clone; clones share the registry of secrets.
///
/// Every operation is linear in its input and idempotent: redacting what was redacted changes nothing.
#[derive(Clone)]
pub struct Redactor {
    secrets: Arc<SecretRegistry>,
    rules: Arc<Rules>,
    version: Arc<str>,
}

impl Redactor {
    /// A redactor with the built-in rules and no secrets yet.
    #[must_use]
    pub fn new() -> Self {
        Self::with(Rules::default(), &RedactionSettings::default())
    }

    /// A redactor with the rules that `settings` ask for and no secrets yet.
    ///
    /// # Errors
    /// Everything that is wrong with the settings.
    pub fn configured(settings: &RedactionSettings) -> Result<Self, InvalidRules> {
        Ok(Self::with(compile::compile(settings)?, settings))
    }

    fn with(rules: Rules, settings: &RedactionSettings) -> Self {
        Self {
            secrets: Arc::default(),
            rules: Arc::new(rules),
            version: compile::version(settings).into(),
        }
    }

    /// Names the rules: redactors of the same version hide the same, but for the secrets that they know. The number of the
    /// built-in rules, and a hash of the settings where these change anything.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The credentials in use; a value added here is found from then on by every clone.
    pub fn secrets(&self) -> &SecretRegistry {
        &self.secrets
    }

    /// Hides a credential from now on: as a whole and, where it is a JSON object, each text in it, since `[[name#path]]` may pick
    /// out any of them.
    pub fn learn(&self, credential: &str) {
        self.secrets.add(credential);
        if let Ok(parts @ Value::Object(_)) = serde_json::from_str(credential) {
            self.learn_parts(&parts);
        }
    }

    fn learn_parts(&self, value: &Value) {
        match value {
            Value::String(text) => self.secrets.add(text),
            Value::Array(items) => items.iter().for_each(|item| self.learn_parts(item)),
            Value::Object(fields) => fields.values().for_each(|field| self.learn_parts(field)),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    /// Redacts free text. Text that is itself a JSON object or array is redacted by key too and stays valid JSON.
    /// NUL, which PostgreSQL refuses in any text, becomes U+FFFD.
    pub fn text<'t>(&self, text: &'t str) -> Cow<'t, str> {
        self.scan()
            .text(text)
            .map_or(Cow::Borrowed(text), Cow::Owned)
    }

    /// Redacts the value of the attribute `key`: by the key's rule if it has one, otherwise like [`Redactor::text`].
    pub fn attribute<'t>(&self, key: &str, text: &'t str) -> Cow<'t, str> {
        match self.rules.key(key) {
            Some(rule) => self
                .scan()
                .concealed(rule, text)
                .map_or(Cow::Borrowed(text), Cow::Owned),
            None => self.text(text),
        }
    }

    /// Whether the value of the attribute `key` is hidden for its key.
    pub(crate) fn is_sensitive(&self, key: &str) -> bool {
        self.rules.key(key).is_some()
    }

    /// The marker for a number, as it is written, under the attribute `key`; `None` when it hides nothing.
    pub fn number(&self, key: &str, written: &str) -> Option<String> {
        match self.rules.key(key) {
            Some(rule) if self.rules.hides(rule, written) => Some(marker(rule)),
            _ => self.scan().number(written),
        }
    }

    /// Redacts a JSON value in place, object keys included. What is nested deeper than a JSON parser would read back
    /// becomes a marker.
    pub fn json(&self, value: &mut Value) {
        document::redact_value(&self.scan(), value);
    }

    /// Redacts a JSON text, keeping its formatting, key order and numbers as they are written. The result is always valid
    /// JSON: text that is not JSON comes back as one redacted JSON string.
    pub fn json_text<'t>(&self, text: &'t str) -> Cow<'t, str> {
        document::redact_text(&self.scan(), text)
    }

    fn scan(&self) -> Scan<'_> {
        Scan::new(self.secrets.matcher(), &self.rules)
    }
}

impl Default for Redactor {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Redactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redactor")
            .field("version", &self.version)
            .field("secrets", &self.secrets)
            .finish_non_exhaustive()
    }
}

/// The rules that the markers in `text` name, one by one.
pub fn markers(text: &str) -> impl Iterator<Item = &str> {
    marker::rules(text)
}

/// The marker that stands in for what `rule` hid, for values that are not text (numbers, whole attributes).
pub fn marker(rule: &str) -> String {
    marker::marker(rule)
}
