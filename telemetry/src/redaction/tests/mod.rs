mod documents;
mod labels;
mod patterns;
mod properties;
mod secrets;
mod settings;

use super::Redactor;

fn redacted(text: &str) -> String {
    Redactor::new().text(text).into_owned()
}

fn json(text: &str) -> serde_json::Value {
    serde_json::from_str(&Redactor::new().json_text(text)).expect("redacted JSON is JSON")
}
