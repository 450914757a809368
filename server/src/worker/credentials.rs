//! The credentials of the settings, as a run may ask for them.

use std::collections::BTreeMap;

use orcheo_engine::{Credentials, Secret};
use orcheo_telemetry::Redactor;

use crate::config;

/// Gives credentials out by name, without regard to case, and from then on has their values redacted everywhere.
pub(super) struct ConfiguredCredentials {
    values: BTreeMap<String, config::Secret>,
    redactor: Redactor,
}

impl ConfiguredCredentials {
    /// `values` by name in lower case.
    pub(super) fn new(values: BTreeMap<String, config::Secret>, redactor: Redactor) -> Self {
        Self { values, redactor }
    }
}

impl Credentials for ConfiguredCredentials {
    fn get(&self, name: &str) -> Option<Secret> {
        let value = self.values.get(&name.to_lowercase())?.expose();
        self.redactor.learn(value);
        Some(Secret::new(value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_credential_that_was_given_out_is_redacted_whole_and_in_parts() {
        let redactor = Redactor::new();
        let value = r#"{"user": "ada", "tokens": ["opaque-0815-4711"]}"#;
        let values = [(
            "service".to_owned(),
            config::Secret::try_from(value.to_owned()).unwrap(),
        )];
        let credentials = ConfiguredCredentials::new(values.into(), redactor.clone());
        assert_eq!(credentials.get("other"), None);
        assert_eq!(
            redactor.text("it says opaque-0815-4711"),
            "it says opaque-0815-4711"
        );
        assert_eq!(credentials.get("Service").unwrap().expose(), value);
        assert!(!redactor.text("it says opaque-0815-4711").contains("4711"));
    }
}
