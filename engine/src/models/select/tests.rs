//! Which model a name and its parameters stand for.

use serde_json::json;

use super::*;

fn select(
    name: &str,
    kwargs: Value,
    key: Option<&str>,
) -> Result<(Arc<dyn ChatModel>, ChatRequest), ModelError> {
    let models = Models::new(ModelSettings::default(), reqwest::Client::new());
    models.select(name, kwargs.as_object().unwrap().clone(), |_| {
        key.map(ToOwned::to_owned)
    })
}

#[test]
fn the_provider_is_in_the_name_or_told_by_it_or_given_apart() {
    for (name, kwargs, provider, model) in [
        ("openai:gpt-4o-mini", json!({}), "openai", "gpt-4o-mini"),
        ("gpt-4o", json!({}), "openai", "gpt-4o"),
        ("claude-sonnet-4", json!({}), "anthropic", "claude-sonnet-4"),
        (
            "llama3:8b",
            json!({"model_provider": "ollama"}),
            "ollama",
            "llama3:8b",
        ),
        (
            "house:our-model",
            json!({"base_url": "http://localhost:9/v1"}),
            "house",
            "our-model",
        ),
        ("offline:echo", json!({}), "offline", "offline:echo"),
    ] {
        let (found, _) = select(name, kwargs, None).unwrap();
        assert_eq!(
            (found.provider(), found.name()),
            (provider, model),
            "{name}"
        );
    }
}

#[test]
fn a_model_nobody_serves_is_refused() {
    for (name, kwargs, problem) in [
        ("mystery", json!({}), "`mystery` names no model"),
        (
            "house:our-model",
            json!({}),
            "the address of provider `house` is not known: set base_url",
        ),
        (
            "openai:gpt",
            json!({"base_url": "ftp://x"}),
            "base_url is not an HTTP URL with a host",
        ),
        (
            "openai:gpt",
            json!({"base_url": "http://x/v1?key=1"}),
            "base_url has a query or a fragment",
        ),
        (
            "openai:gpt",
            json!({"base_url": "nonsense"}),
            "base_url is not a URL",
        ),
        (
            "openai:gpt",
            json!({"api_key": "a\nb"}),
            "api_key has characters that no HTTP header can carry",
        ),
        (
            "openai:gpt",
            json!({"temperature": "hot"}),
            "model parameter temperature is not a number",
        ),
        (
            "openai:gpt",
            json!({"max_tokens": -1}),
            "model parameter max_tokens is not a whole number",
        ),
    ] {
        let error = select(name, kwargs, None).err().unwrap();
        assert!(error.to_string().contains(problem), "{name}: {error}");
    }
}

#[test]
fn unknown_parameters_are_passed_on_and_ours_are_not() {
    let kwargs = json!({
        "api_key": "k", "timeout": 3, "streaming": true, "max_retries": 2, "temperature": 0.1,
        "reasoning_effort": "low", "model_kwargs": {"top_k": 4},
    });
    let (_, request) = select("openai:gpt-4o", kwargs, None).unwrap();
    assert_eq!(
        Value::Object(request.extra),
        json!({"reasoning_effort": "low", "top_k": 4})
    );
    assert_eq!(request.temperature, Some(0.1));
}
