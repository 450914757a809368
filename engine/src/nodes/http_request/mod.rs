//! HttpRequestNode: one HTTP request.

mod response;
#[cfg(test)]
mod tests;

use std::sync::LazyLock;
use std::time::{Duration, Instant};

use opentelemetry::KeyValue;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, RequestBuilder, StatusCode, Url};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use self::response::{describe, is_failure, refused, server, transport};
use super::trace_headers::trace_headers;
use crate::attributes as key;
use crate::context::NodeContext;
use crate::error::{NodeError, codes};
use crate::node::{NodeCategory, NodeKind};
use crate::spans::SpanSpec;

pub(super) struct HttpRequest;

/// How long a server may keep a node waiting that has no `timeout` of its own.
const PATIENCE: Duration = Duration::from_secs(30);

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Params {
    /// The request's method.
    #[serde(default)]
    method: HttpMethod,
    /// The address, with scheme and host.
    url: String,
    /// Query parameters, added to those of the address. A list repeats its parameter, null leaves it out.
    params: Option<Map<String, Value>>,
    /// Request headers.
    headers: Option<Map<String, Value>>,
    /// The body as JSON.
    json_body: Option<Value>,
    /// The body as text; anything but text is written as JSON.
    content: Option<Value>,
    /// The body as the fields of a form; or as text, which is sent as it is.
    data: Option<Value>,
    /// Whether redirects are followed.
    #[serde(default = "yes")]
    follow_redirects: bool,
    /// Whether a status of 400 or more fails the node.
    #[serde(default)]
    raise_for_status: bool,
}

fn yes() -> bool {
    true
}

#[derive(Debug, Default, Clone, Copy, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
enum HttpMethod {
    #[default]
    Get,
    Post,
    Put,
    Patch,
    Delete,
    Head,
    Options,
}

impl NodeKind for HttpRequest {
    type Params = Params;

    const NAME: &'static str = "HttpRequestNode";
    const DESCRIPTION: &'static str = "Makes an HTTP request and returns the response";
    const CATEGORY: NodeCategory = NodeCategory::Http;
    const EFFECTS: bool = true;

    async fn run(params: Params, cx: &NodeContext) -> Result<Value, NodeError> {
        let url = params.url()?;
        let method = params.method.into_method();
        let span = cx.child(request_span(&method, &url));
        match exchange(params, method, url.clone(), span.context()).await {
            Ok((status, output)) if is_failure(status) => {
                // The request failed, as the conventions see it, whatever the node makes of it.
                span.fail(&refused(&url, status));
                Ok(output)
            }
            result => {
                span.finish(&result);
                result.map(|(_, output)| output)
            }
        }
    }
}

/// The conventions' span of an HTTP client, named by the method alone since no template of the path is known.
fn request_span(method: &Method, url: &Url) -> SpanSpec {
    let mut shown = url.clone();
    // Neither can fail for an address with a host.
    let _ = shown.set_password(None);
    let _ = shown.set_username("");
    let port = url
        .port_or_known_default()
        .map(|port| KeyValue::new(key::SERVER_PORT, i64::from(port)));
    SpanSpec::new(method.to_string())
        .client()
        .attributes(port)
        .attributes([
            KeyValue::new(key::HTTP_REQUEST_METHOD, method.to_string()),
            KeyValue::new(key::URL_FULL, shown.to_string()),
            KeyValue::new(
                key::SERVER_ADDRESS,
                url.host_str().unwrap_or_default().to_owned(),
            ),
        ])
}

async fn exchange(
    params: Params,
    method: Method,
    url: Url,
    cx: &NodeContext,
) -> Result<(StatusCode, Value), NodeError> {
    let begin = Instant::now();
    let raise_for_status = params.raise_for_status;
    let client = if params.follow_redirects {
        cx.http()
    } else {
        &*STAYING
    };
    let request = params.fill(client.request(method, url.clone()))?;
    let request = request.headers(trace_headers(cx.otel()));
    let patience = cx.node().timeout.unwrap_or(PATIENCE);
    let answer = async {
        let response = request
            .send()
            .await
            .map_err(|error| transport(&url, error))?;
        let status = response.status();
        cx.set_attribute(KeyValue::new(
            key::HTTP_RESPONSE_STATUS_CODE,
            i64::from(status.as_u16()),
        ));
        if raise_for_status && is_failure(status) {
            return Err(refused(&url, status));
        }
        Ok((status, describe(response, begin).await?))
    };
    tokio::time::timeout(patience, answer)
        .await
        .unwrap_or_else(|_| {
            let problem = format!(
                "{} did not answer within {} s",
                server(&url),
                patience.as_secs_f64()
            );
            Err(NodeError::new(codes::TIMEOUT, problem).retryable())
        })
}

/// Redirects are a client's property, not a request's.
static STAYING: LazyLock<reqwest::Client> = LazyLock::new(|| {
    let client = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .build();
    client.unwrap_or_else(|error| {
        unreachable!("differs from the default client in its policy only: {error}")
    })
});

impl HttpMethod {
    fn into_method(self) -> Method {
        match self {
            Self::Get => Method::GET,
            Self::Post => Method::POST,
            Self::Put => Method::PUT,
            Self::Patch => Method::PATCH,
            Self::Delete => Method::DELETE,
            Self::Head => Method::HEAD,
            Self::Options => Method::OPTIONS,
        }
    }
}

impl Params {
    fn url(&self) -> Result<Url, NodeError> {
        let wrong = |problem: &str| NodeError::invalid_parameters(format!("url: {problem}"));
        let url = Url::parse(self.url.trim()).map_err(|error| wrong(&error.to_string()))?;
        if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
            return Err(wrong("not an HTTP address with a host"));
        }
        Ok(self
            .params
            .iter()
            .flatten()
            .fold(url, |mut url, (name, value)| {
                let values = match value {
                    Value::Array(values) => values.as_slice(),
                    single => std::slice::from_ref(single),
                };
                for value in values.iter().filter(|value| !value.is_null()) {
                    url.query_pairs_mut().append_pair(name, &plain(value));
                }
                url
            }))
    }

    fn fill(self, request: RequestBuilder) -> Result<RequestBuilder, NodeError> {
        let bodies = [&self.json_body, &self.content, &self.data];
        if bodies.into_iter().flatten().count() > 1 {
            let problem = "json_body, content and data are three ways to give one body: use one";
            return Err(NodeError::invalid_parameters(problem));
        }
        let request = if let Some(json) = &self.json_body {
            request.json(json)
        } else if let Some(content) = &self.content {
            request.body(plain(content))
        } else {
            match &self.data {
                Some(Value::Object(fields)) => request.form(&form(fields)),
                Some(text) => request.body(plain(text)),
                None => request,
            }
        };
        Ok(request.headers(self.header_map()?))
    }

    fn header_map(&self) -> Result<HeaderMap, NodeError> {
        let headers = self
            .headers
            .iter()
            .flatten()
            .filter(|(_, value)| !value.is_null());
        let header = |(name, value): (&String, &Value)| {
            let wrong =
                |part: &str| NodeError::invalid_parameters(format!("headers: `{name}` {part}"));
            let key =
                HeaderName::try_from(name).map_err(|_| wrong("is not the name of a header"))?;
            let value = HeaderValue::try_from(plain(value))
                .map_err(|_| wrong("has characters that no header can carry"))?;
            Ok((key, value))
        };
        headers.map(header).collect()
    }
}

/// Text as it is, everything else as JSON.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn form(fields: &Map<String, Value>) -> Vec<(&str, String)> {
    let pairs = fields.iter().flat_map(|(name, value)| match value {
        Value::Array(values) => values
            .iter()
            .map(|value| (name.as_str(), plain(value)))
            .collect(),
        Value::Null => Vec::new(),
        single => vec![(name.as_str(), plain(single))],
    });
    pairs.collect()
}
