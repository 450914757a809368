//! A request taken apart down to its spans or log records, each of which is still encoded: one that cannot be read does not
//! take the others with it.

use std::borrow::Cow;

use bytes::Bytes;
use opentelemetry_proto::tonic::common::v1::InstrumentationScope;
use opentelemetry_proto::tonic::resource::v1::Resource;
use prost::Message;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use super::lenient;

/// How a request is encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    Protobuf,
    Json,
}

/// A body that is no OTLP request at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the body is no OTLP request: {0}")]
pub struct Malformed(String);

/// Spans or log records of one resource and one scope, each of which may be unreadable.
#[derive(Debug)]
pub(super) struct Group<'a> {
    resource: Item<'a>,
    resource_schema_url: String,
    scope: Item<'a>,
    scope_schema_url: String,
    pub(super) items: Vec<Item<'a>>,
}

/// Where a group comes from.
#[derive(Debug)]
pub(super) struct Source {
    pub(super) resource: Resource,
    pub(super) resource_schema_url: String,
    pub(super) scope: InstrumentationScope,
    pub(super) scope_schema_url: String,
}

impl Group<'_> {
    /// # Errors
    /// Why it cannot be read, and with it nothing of the group.
    pub(super) fn source(&self) -> Result<Source, String> {
        let of = |what: &str, error: String| format!("{what} cannot be read: {error}");
        Ok(Source {
            resource: self
                .resource
                .decode()
                .map_err(|error| of("its resource", error))?,
            resource_schema_url: self.resource_schema_url.clone(),
            scope: self
                .scope
                .decode()
                .map_err(|error| of("its scope", error))?,
            scope_schema_url: self.scope_schema_url.clone(),
        })
    }
}

/// A message, encoded.
#[derive(Debug, Clone)]
pub(super) enum Item<'a> {
    Protobuf(Bytes),
    Json(&'a str),
}

impl Item<'_> {
    /// # Errors
    /// Why it cannot be read.
    pub(super) fn decode<T: Message + Default + DeserializeOwned>(&self) -> Result<T, String> {
        match self {
            Self::Protobuf(bytes) => T::decode(bytes.clone()).map_err(|error| error.to_string()),
            Self::Json(text) => serde_json::from_str(text)
                .or_else(|error| lenient::decode(text).map_err(|_| error))
                .map_err(|error| error.to_string()),
        }
    }
}

/// A body as text where it has to be: bytes that are no UTF-8 become U+FFFD.
pub(super) fn text(encoding: Encoding, body: &Bytes) -> Cow<'_, str> {
    match encoding {
        Encoding::Protobuf => Cow::Borrowed(""),
        Encoding::Json => String::from_utf8_lossy(body),
    }
}

/// Takes a request apart: `body` when it is Protocol Buffers, `text` when it is JSON. The messages of spans and of log
/// records have the same shape.
///
/// # Errors
/// When it is no OTLP request.
pub(super) fn open<'a>(
    encoding: Encoding,
    body: Bytes,
    text: &'a str,
) -> Result<Vec<Group<'a>>, Malformed> {
    match encoding {
        Encoding::Protobuf => {
            let request = ProtobufRequest::decode(body).map_err(malformed)?;
            let resources = request.resources.into_iter();
            Ok(resources.flat_map(ProtobufResource::open).collect())
        }
        Encoding::Json => {
            // Derived code would take a list of members for an object, too.
            if !text.trim_start().starts_with('{') {
                return Err(malformed("it is no JSON object"));
            }
            let request: JsonRequest<'a> = serde_json::from_str(text).map_err(malformed)?;
            let resources = request.resources.unwrap_or_default();
            Ok(resources.into_iter().flat_map(JsonResource::open).collect())
        }
    }
}

fn malformed(error: impl std::fmt::Display) -> Malformed {
    Malformed(error.to_string())
}

#[derive(Clone, PartialEq, Message)]
struct ProtobufRequest {
    #[prost(message, repeated, tag = "1")]
    resources: Vec<ProtobufResource>,
}

#[derive(Clone, PartialEq, Message)]
struct ProtobufResource {
    #[prost(bytes = "bytes", tag = "1")]
    resource: Bytes,
    #[prost(message, repeated, tag = "2")]
    scopes: Vec<ProtobufScope>,
    #[prost(bytes = "bytes", tag = "3")]
    schema_url: Bytes,
}

#[derive(Clone, PartialEq, Message)]
struct ProtobufScope {
    #[prost(bytes = "bytes", tag = "1")]
    scope: Bytes,
    #[prost(bytes = "bytes", repeated, tag = "2")]
    items: Vec<Bytes>,
    #[prost(bytes = "bytes", tag = "3")]
    schema_url: Bytes,
}

impl ProtobufResource {
    fn open<'a>(self) -> impl Iterator<Item = Group<'a>> {
        let resource = self.resource;
        let resource_schema_url = lossy(&self.schema_url);
        self.scopes.into_iter().map(move |scope| Group {
            resource: Item::Protobuf(resource.clone()),
            resource_schema_url: resource_schema_url.clone(),
            scope: Item::Protobuf(scope.scope),
            scope_schema_url: lossy(&scope.schema_url),
            items: scope.items.into_iter().map(Item::Protobuf).collect(),
        })
    }
}

fn lossy(text: &[u8]) -> String {
    String::from_utf8_lossy(text).into_owned()
}

/// Unknown members are ignored, as the specification asks; `null` is the same as nothing.
#[derive(Deserialize)]
struct JsonRequest<'a> {
    #[serde(borrow, default, rename = "resourceSpans", alias = "resourceLogs")]
    resources: Option<Vec<JsonResource<'a>>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct JsonResource<'a> {
    #[serde(borrow, default)]
    resource: Option<&'a RawValue>,
    #[serde(borrow, default, rename = "scopeSpans", alias = "scopeLogs")]
    scopes: Option<Vec<JsonScope<'a>>>,
    #[serde(default)]
    schema_url: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct JsonScope<'a> {
    #[serde(borrow, default)]
    scope: Option<&'a RawValue>,
    #[serde(borrow, default, rename = "spans", alias = "logRecords")]
    items: Option<Vec<&'a RawValue>>,
    #[serde(default)]
    schema_url: Option<String>,
}

impl<'a> JsonResource<'a> {
    fn open(self) -> impl Iterator<Item = Group<'a>> {
        let message = |json: Option<&'a RawValue>| Item::Json(json.map_or("{}", RawValue::get));
        let resource = message(self.resource);
        let resource_schema_url = self.schema_url.unwrap_or_default();
        self.scopes
            .unwrap_or_default()
            .into_iter()
            .map(move |scope| Group {
                resource: resource.clone(),
                resource_schema_url: resource_schema_url.clone(),
                scope: message(scope.scope),
                scope_schema_url: scope.schema_url.unwrap_or_default(),
                items: scope
                    .items
                    .unwrap_or_default()
                    .into_iter()
                    .map(|item| Item::Json(item.get()))
                    .collect(),
            })
    }
}
