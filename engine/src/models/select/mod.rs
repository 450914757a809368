//! From a model's name and parameters, as a workflow has them, to the model and the request it shapes.

#[cfg(test)]
mod tests;

use std::{sync::Arc, time::Duration};

use serde_json::{Map, Value};

use super::{
    ChatModel, ChatRequest, ModelError,
    offline::OfflineModel,
    openai::{OpenAiModel, OpenAiSettings},
};

/// Prefix of the built-in models.
const OFFLINE: &str = "offline";

/// Providers whose servers speak OpenAI's protocol at a known address. Any other needs a `base_url`.
const PROVIDERS: [(&str, &str); 10] = [
    ("openai", "https://api.openai.com/v1"),
    ("anthropic", "https://api.anthropic.com/v1"),
    ("deepseek", "https://api.deepseek.com/v1"),
    (
        "google_genai",
        "https://generativelanguage.googleapis.com/v1beta/openai",
    ),
    ("groq", "https://api.groq.com/openai/v1"),
    ("mistralai", "https://api.mistral.ai/v1"),
    ("ollama", "http://localhost:11434/v1"),
    ("openrouter", "https://openrouter.ai/api/v1"),
    ("together", "https://api.together.xyz/v1"),
    ("xai", "https://api.x.ai/v1"),
];

/// The provider of a model that is named without one, by how its name begins.
const PREFIXES: [(&str, &str); 8] = [
    ("gpt-", "openai"),
    ("o1", "openai"),
    ("o3", "openai"),
    ("o4", "openai"),
    ("claude", "anthropic"),
    ("deepseek", "deepseek"),
    ("grok", "xai"),
    ("mistral", "mistralai"),
];

/// Where models are found, for all runs of an engine.
#[derive(Debug, Clone)]
pub struct ModelSettings {
    /// The server of models whose parameters name none, in place of their provider's own.
    pub base_url: Option<String>,
    /// How long a model server may take to send the next piece of an answer, unless the parameters say so (`timeout`).
    pub patience: Duration,
}

impl Default for ModelSettings {
    fn default() -> Self {
        Self {
            base_url: None,
            patience: Duration::from_secs(60),
        }
    }
}

/// Finds models by their names.
#[derive(Debug)]
pub struct Models {
    settings: ModelSettings,
    http: reqwest::Client,
}

impl Models {
    /// `http` carries the requests.
    pub fn new(settings: ModelSettings, http: reqwest::Client) -> Self {
        Self { settings, http }
    }

    /// The model called `name`, and a request with the parameters of `kwargs` and no messages yet.
    ///
    /// `name` is `provider:model`, or a model whose name tells the provider. `kwargs` are the keyword arguments Orcheo
    /// gives to a chat model: `base_url`, `api_key`, `timeout`, `temperature`, `max_tokens` and so on; unknown ones are
    /// passed on to the server. Without an `api_key`, `credential` is asked for `{provider}_api_key`.
    ///
    /// # Errors
    /// [`ModelError::Misconfigured`], naming the parameter.
    pub fn select(
        &self,
        name: &str,
        mut kwargs: Map<String, Value>,
        credential: impl FnOnce(&str) -> Option<String>,
    ) -> Result<(Arc<dyn ChatModel>, ChatRequest), ModelError> {
        let (provider, model) = split(name, text(&mut kwargs, &["model_provider"])?)?;
        if provider == OFFLINE {
            let model = OfflineModel::new(model, &mut kwargs)?;
            return Ok((Arc::new(model), request(kwargs)?));
        }
        let base_url = text(&mut kwargs, &["base_url", "openai_api_base", "api_base"])?
            .or_else(|| self.settings.base_url.clone())
            .or_else(|| {
                PROVIDERS
                    .iter()
                    .find(|(known, _)| *known == provider)
                    .map(|(_, url)| (*url).to_owned())
            });
        let base_url = base_url.ok_or_else(|| {
            ModelError::Misconfigured(format!(
                "the address of provider `{provider}` is not known: set base_url"
            ))
        })?;
        let key_name = key_name(&provider);
        let api_key = text(&mut kwargs, &["api_key", &key_name])?.or_else(|| credential(&key_name));
        let patience = number(&mut kwargs, &["timeout", "request_timeout"])?
            .map(|seconds| {
                Duration::try_from_secs_f64(seconds).map_err(|_| {
                    ModelError::Misconfigured("timeout is not a number of seconds".to_owned())
                })
            })
            .transpose()?
            .unwrap_or(self.settings.patience);
        let settings = OpenAiSettings {
            provider: &provider,
            model: &model,
            base_url: &base_url,
            api_key,
            patience,
        };
        let model = OpenAiModel::new(self.http.clone(), settings)?;
        Ok((Arc::new(model), request(kwargs)?))
    }
}

/// Provider and model of `provider:model`. A provider given apart leaves the name whole: `llama3:8b` has a colon too.
fn split(name: &str, provider: Option<String>) -> Result<(String, String), ModelError> {
    let name = name.trim();
    if let Some(provider) = provider {
        return Ok((provider, name.to_owned()));
    }
    if let Some((provider, model)) = name
        .split_once(':')
        .filter(|(provider, model)| !model.is_empty() && !provider.is_empty())
    {
        return Ok((provider.to_owned(), model.to_owned()));
    }
    match PREFIXES
        .iter()
        .find(|(prefix, _)| name.to_lowercase().starts_with(prefix))
    {
        Some((_, provider)) => Ok(((*provider).to_owned(), name.to_owned())),
        None => Err(ModelError::Misconfigured(format!(
            "`{name}` names no model: write provider:model, for instance openai:gpt-4o-mini or offline:echo"
        ))),
    }
}

fn key_name(provider: &str) -> String {
    match provider {
        "google_genai" => "google_api_key".to_owned(),
        other => format!("{other}_api_key"),
    }
}

fn request(mut kwargs: Map<String, Value>) -> Result<ChatRequest, ModelError> {
    let mut request = ChatRequest {
        temperature: number(&mut kwargs, &["temperature"])?,
        top_p: number(&mut kwargs, &["top_p"])?,
        max_tokens: whole(&mut kwargs, "max_tokens")?,
        seed: whole(&mut kwargs, "seed")?,
        response_format: kwargs
            .remove("response_format")
            .filter(|format| !format.is_null()),
        ..ChatRequest::default()
    };
    request.stop = match take(&mut kwargs, &["stop", "stop_sequences"]) {
        None => Vec::new(),
        Some(Value::String(one)) => vec![one],
        Some(several) => {
            serde_json::from_value(several).map_err(|_| not_a("stop", "list of texts"))?
        }
    };
    // How to stream and how often to try is ours to say; a retry of our own would be on no trace.
    for ours in [
        "stream",
        "streaming",
        "stream_usage",
        "stream_options",
        "max_retries",
        "n",
        "messages",
        "model",
        "tools",
    ] {
        kwargs.remove(ours);
    }
    for nested in ["model_kwargs", "extra_body"] {
        match kwargs.remove(nested) {
            None | Some(Value::Null) => {}
            Some(Value::Object(more)) => kwargs.extend(more),
            Some(_) => return Err(not_a(nested, "object")),
        }
    }
    request.extra = kwargs;
    Ok(request)
}

fn take(kwargs: &mut Map<String, Value>, names: &[&str]) -> Option<Value> {
    // Every alias is removed, so that none is passed on to the server.
    let mut found = names
        .iter()
        .map(|name| kwargs.remove(*name))
        .collect::<Vec<_>>()
        .into_iter()
        .flatten();
    found.find(|value| !value.is_null())
}

fn text(kwargs: &mut Map<String, Value>, names: &[&str]) -> Result<Option<String>, ModelError> {
    match take(kwargs, names) {
        None => Ok(None),
        Some(Value::String(text)) if text.trim().is_empty() => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.trim().to_owned())),
        Some(_) => Err(not_a(names[0], "text")),
    }
}

fn number(kwargs: &mut Map<String, Value>, names: &[&str]) -> Result<Option<f64>, ModelError> {
    take(kwargs, names)
        .map(|value| value.as_f64().ok_or_else(|| not_a(names[0], "number")))
        .transpose()
}

fn whole<T: TryFrom<i64>>(
    kwargs: &mut Map<String, Value>,
    name: &str,
) -> Result<Option<T>, ModelError> {
    let convert = |value: Value| value.as_i64().and_then(|number| T::try_from(number).ok());
    take(kwargs, &[name])
        .map(|value| convert(value).ok_or_else(|| not_a(name, "whole number")))
        .transpose()
}

fn not_a(name: &str, kind: &str) -> ModelError {
    ModelError::Misconfigured(format!("model parameter {name} is not a {kind}"))
}
