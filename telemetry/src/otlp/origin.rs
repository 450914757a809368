//! Where the spans of a group come from: resource and scope, redacted, as JSON that many spans share.

use std::sync::Arc;

use opentelemetry_proto::tonic::common::v1::{InstrumentationScope, KeyValue};
use opentelemetry_proto::tonic::resource::v1::Resource;

use super::envelope::Group;
use super::limits::OtlpLimits;
use super::value::{Json, reveal_bytes, write_attributes};
use crate::Redactor;
use crate::conventions::{Attribute as _, keys};

/// Resource and scope of a group of spans.
#[derive(Debug, Clone)]
pub(super) struct Origin {
    pub(super) resource: Arc<str>,
    pub(super) scope: Arc<str>,
    /// Redacted.
    pub(super) service_name: Option<String>,
}

impl Origin {
    /// # Errors
    /// Why nothing of the group can be read.
    pub(super) fn of(
        redactor: &Redactor,
        limits: &OtlpLimits,
        group: &Group<'_>,
    ) -> Result<Self, String> {
        let mut source = group.source()?;
        let resource = &mut source.resource;
        resource.dropped_attributes_count = resource
            .dropped_attributes_count
            .saturating_add(limits.cut_attributes(&mut resource.attributes));
        let scope = &mut source.scope;
        scope.dropped_attributes_count = scope
            .dropped_attributes_count
            .saturating_add(limits.cut_attributes(&mut scope.attributes));
        reveal_bytes(redactor, &mut source.resource.attributes);
        reveal_bytes(redactor, &mut source.scope.attributes);
        let service = source.resource.attributes.iter().rev();
        let service = service
            .filter(|attribute| attribute.key == keys::SERVICE_NAME)
            .map(|attribute| redactor.text(&attribute.text()).into_owned())
            .find(|name| !name.is_empty());
        let redacted = |json: Json| Arc::from(redactor.json_text(&json.into_text()));
        Ok(Self {
            resource: redacted(resource_json(&source.resource, &source.resource_schema_url)),
            scope: redacted(scope_json(&source.scope, &source.scope_schema_url)),
            service_name: service,
        })
    }
}

/// `{"schema_url", "entity_refs", "attributes", "dropped_attributes"}`, without what is empty; `attributes` always.
fn resource_json(resource: &Resource, schema_url: &str) -> Json {
    let mut json = Json::default();
    json.raw("{");
    member(&mut json, "schema_url", schema_url);
    if !resource.entity_refs.is_empty()
        && let Ok(entities) = serde_json::to_string(&resource.entity_refs)
    {
        json.raw(r#""entity_refs":"#);
        json.raw(&entities);
        json.raw(",");
    }
    attributes(
        &mut json,
        &resource.attributes,
        resource.dropped_attributes_count,
    );
    json
}

/// `{"name", "version", "schema_url", "attributes", "dropped_attributes"}`, without what is empty; `attributes` always.
fn scope_json(scope: &InstrumentationScope, schema_url: &str) -> Json {
    let mut json = Json::default();
    json.raw("{");
    member(&mut json, "name", &scope.name);
    member(&mut json, "version", &scope.version);
    member(&mut json, "schema_url", schema_url);
    attributes(&mut json, &scope.attributes, scope.dropped_attributes_count);
    json
}

fn member(json: &mut Json, name: &str, text: &str) {
    if !text.is_empty() {
        json.string(name);
        json.raw(":");
        json.string(text);
        json.raw(",");
    }
}

fn attributes(json: &mut Json, attributes: &[KeyValue], dropped: u32) {
    json.raw(r#""attributes":"#);
    write_attributes(json, attributes);
    if dropped > 0 {
        json.raw(r#","dropped_attributes":"#);
        json.display(dropped);
    }
    json.raw("}");
}
