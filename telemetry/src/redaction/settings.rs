//! What operators may change about the rules, as data; and everything that is wrong with it.

use std::fmt;

use serde::{Deserialize, Serialize};

#[cfg(doc)]
use super::Redactor;
use super::compile;

/// Changes to the built-in rules. The default changes nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RedactionSettings {
    /// Built-in rules that are not wanted, by name.
    pub disable: Vec<String>,
    /// Built-in rules that are off unless wanted, by name.
    pub enable: Vec<String>,
    /// Values that no rule hides, exactly as they stand in a text. Credentials in use are hidden all the same.
    pub allow: Vec<String>,
    /// The same, by regular expressions that match the whole value.
    pub allow_patterns: Vec<String>,
    /// Rules besides the built-in ones.
    pub rules: Vec<RuleSettings>,
}

impl RedactionSettings {
    /// Names the rules that these settings make: see [`Redactor::version`].
    #[must_use]
    pub fn version(&self) -> String {
        compile::version(self)
    }
}

/// A rule of the operator's own: a pattern, keys, or both.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleSettings {
    /// What the marker says.
    pub name: String,
    /// A regular expression; its first group, where it has one, is what is hidden.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pattern: Option<String>,
    /// Members of JSON objects, and attributes, whose values are hidden as a whole.
    #[serde(default)]
    pub keys: Vec<String>,
    /// Values that this rule does not hide.
    #[serde(default)]
    pub allow: Vec<String>,
    #[serde(default)]
    pub allow_patterns: Vec<String>,
}

/// One thing wrong with the settings, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Within the settings file, for instance `redaction.rules[2].pattern`.
    pub place: String,
    pub message: String,
}

/// Everything wrong with the settings. Never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidRules(pub Vec<Problem>);

impl fmt::Display for InvalidRules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, Problem { place, message }) in self.0.iter().enumerate() {
            let separator = if number > 0 { "\n" } else { "" };
            write!(f, "{separator}{place}: {message}")?;
        }
        Ok(())
    }
}

impl std::error::Error for InvalidRules {}
