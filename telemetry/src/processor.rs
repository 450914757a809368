//! The span processors: of the runs, between the SDK and the store; of the program, between the SDK and the exporter alone.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use metrics::counter;
use opentelemetry::trace::Span as _;
use opentelemetry::{Context, InstrumentationScope};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{Span, SpanData, SpanProcessor};
use orcheo_store::SpanId;
use parking_lot::Mutex;

use crate::export::ExportQueue;
use crate::model_calls::ModelCalls;
use crate::run::Registry;
use crate::span::{Origin, RedactedSpan, redacted_resource, resource_json, scope_json};
use crate::{Prices, Redactor};

/// Scopes are as many as there are instrumented libraries. Whoever makes one for each span gets them uncached.
const MOST_SCOPES: usize = 64;

/// Hands every span of a registered run to the store, at its start and at its end, and every sampled one that has ended to the
/// exporter: redacted once, the same for both.
#[derive(Debug)]
pub(crate) struct RunSpanProcessor {
    parts: RunSpanProcessorParts,
    resource: Resource,
    origins: Mutex<Origins>,
}

/// What the processor works with.
#[derive(Debug)]
pub(crate) struct RunSpanProcessorParts {
    pub(crate) redactor: Redactor,
    pub(crate) prices: Prices,
    pub(crate) registry: Arc<Registry>,
    pub(crate) export: Option<ExportQueue>,
    pub(crate) model_calls: ModelCalls,
}

/// Resource and scopes as JSON, redacted: once for many spans, as long as no further secret is known.
#[derive(Debug, Default)]
struct Origins {
    known_secrets: usize,
    resource: Option<Arc<str>>,
    scopes: HashMap<InstrumentationScope, Arc<str>>,
}

impl RunSpanProcessor {
    pub(crate) fn new(parts: RunSpanProcessorParts) -> Self {
        Self {
            parts,
            resource: Resource::builder_empty().build(),
            origins: Mutex::default(),
        }
    }

    fn origin(&self, span: &RedactedSpan) -> Origin {
        let known_secrets = self.parts.redactor.secrets().len();
        let mut origins = self.origins.lock();
        if origins.known_secrets != known_secrets {
            *origins = Origins {
                known_secrets,
                ..Origins::default()
            };
        }
        let resource = origins
            .resource
            .get_or_insert_with(|| resource_json(&self.parts.redactor, &self.resource));
        let resource = Arc::clone(resource);
        let scope = match origins.scopes.get(span.scope()) {
            Some(scope) => Arc::clone(scope),
            None => {
                let scope = scope_json(&self.parts.redactor, span.scope());
                if origins.scopes.len() < MOST_SCOPES {
                    origins
                        .scopes
                        .insert(span.scope().clone(), Arc::clone(&scope));
                }
                scope
            }
        };
        Origin { resource, scope }
    }
}

impl SpanProcessor for RunSpanProcessor {
    fn on_start(&self, span: &mut Span, _context: &Context) {
        let Some(run) = self.parts.registry.find(span.span_context().trace_id()) else {
            return;
        };
        // It clones everything the span has, so it is called once.
        let Some(data) = span.exported_data() else {
            return;
        };
        let span = RedactedSpan::new(&self.parts.redactor, data);
        let record = span.record(true, &self.origin(&span), &self.parts.prices);
        run.started(record, span.attributes());
    }

    fn on_end(&self, span: SpanData) {
        let run = self.parts.registry.find(span.span_context.trace_id());
        let ending = run
            .as_ref()
            .map(|run| run.ending(SpanId(span.span_context.span_id().to_bytes())));
        let span = RedactedSpan::new(&self.parts.redactor, span);
        self.parts.model_calls.record(span.data());
        match run.zip(ending) {
            Some((run, ending)) => {
                let record = span.record(false, &self.origin(&span), &self.parts.prices);
                run.ended(record, ending);
            }
            None => counter!("orcheo_telemetry_unregistered_spans_total").increment(1),
        }
        if let Some(export) = &self.parts.export {
            export.push(span);
        }
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.parts
            .export
            .as_ref()
            .map_or(Ok(()), ExportQueue::force_flush)
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.parts
            .export
            .as_ref()
            .map_or(Ok(()), |export| export.shutdown(timeout))
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.resource = resource.clone();
        if let Some(export) = &mut self.parts.export {
            export.set_resource(&redacted_resource(&self.parts.redactor, resource));
        }
    }
}

/// Hands the program's own spans, redacted, to the exporter. They are nobody's trace and are not stored.
#[derive(Debug)]
pub(crate) struct ProgramSpanProcessor {
    redactor: Redactor,
    export: ExportQueue,
}

impl ProgramSpanProcessor {
    pub(crate) fn new(redactor: Redactor, export: ExportQueue) -> Self {
        Self { redactor, export }
    }
}

impl SpanProcessor for ProgramSpanProcessor {
    fn on_start(&self, _span: &mut Span, _context: &Context) {}

    fn on_end(&self, span: SpanData) {
        if span.span_context.is_sampled() {
            self.export.push(RedactedSpan::new(&self.redactor, span));
        }
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.export.force_flush()
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.export.shutdown(timeout)
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.export
            .set_resource(&redacted_resource(&self.redactor, resource));
    }
}
