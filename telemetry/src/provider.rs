//! The two tracer providers put together: of the runs, whose every span is stored, and of the program itself, export only.

use std::sync::Arc;
use std::time::Duration;

use opentelemetry::global::BoxedTracer;
use opentelemetry::metrics::MeterProvider as _;
use opentelemetry::trace::{Link, SpanId, SpanKind, TraceContextExt as _, TraceId, TracerProvider};
use opentelemetry::{Context, InstrumentationScope, KeyValue};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::metrics::SdkMeterProvider;
use opentelemetry_sdk::trace::{
    Config, IdGenerator, RandomIdGenerator, Sampler, SamplingDecision, SamplingResult,
    SdkTracerProvider, ShouldSample, SpanLimits,
};
use orcheo_store::Store;

use crate::export::{ExportError, ExportQueue, ExportSettings, meter_provider};
use crate::model_calls::ModelCalls;
use crate::processor::{ProgramSpanProcessor, RunSpanProcessor, RunSpanProcessorParts};
use crate::run::{PlannedTraceId, Registry, RunHandle, RunRegistration};
use crate::span::redacted_resource;
use crate::{Prices, Redactor};

/// The standard's limits drop from the 129th attribute or event on; here, only a program gone wild meets one.
const SPAN_LIMITS: SpanLimits = SpanLimits {
    max_events_per_span: 1 << 16,
    max_attributes_per_span: 1 << 16,
    max_links_per_span: 1 << 16,
    max_attributes_per_event: 1 << 12,
    max_attributes_per_link: 1 << 12,
};

/// How long a shutdown waits for a collector to take what is queued.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(5);

/// What runs are traced with.
#[derive(Debug)]
pub struct RunTelemetrySettings {
    pub store: Store,
    pub redactor: Redactor,
    /// What model calls cost.
    pub prices: Prices,
    /// Where sampled spans go besides the store.
    pub export: Option<ExportSettings>,
    /// Where the metrics of model calls go besides this process's own recorder.
    pub metrics: Option<ExportSettings>,
    /// See [`resource`].
    pub resource: Resource,
    /// Decides what is exported, and nothing else. See [`sampler`].
    pub sampler: Box<dyn ShouldSample>,
}

/// Traces runs: every span of every registered run is stored, whatever is exported.
#[derive(Debug)]
pub struct RunTelemetry {
    provider: SdkTracerProvider,
    meters: SdkMeterProvider,
    registry: Arc<Registry>,
    store: Store,
    redactor: Redactor,
}

impl RunTelemetry {
    /// Must be called within a Tokio runtime, on which the exporter then works.
    ///
    /// # Errors
    /// Export settings that no exporter can be built from. An unreachable collector is none.
    pub fn new(settings: RunTelemetrySettings) -> Result<Self, ExportError> {
        let RunTelemetrySettings {
            store,
            redactor,
            prices,
            export,
            metrics,
            resource,
            sampler,
        } = settings;
        let registry = Arc::new(Registry::default());
        let export = export.as_ref().map(ExportQueue::new).transpose()?;
        let meters = meter_provider(metrics.as_ref(), redacted_resource(&redactor, &resource))?;
        let processor = RunSpanProcessor::new(RunSpanProcessorParts {
            redactor: redactor.clone(),
            prices,
            registry: Arc::clone(&registry),
            export,
            model_calls: ModelCalls::new(&meters.meter_with_scope(scope())),
        });
        let provider = SdkTracerProvider::builder()
            .with_resource(resource)
            .with_sampler(Box::new(RecordEverything(sampler)) as Box<dyn ShouldSample>)
            .with_span_limits(SPAN_LIMITS)
            .with_id_generator(PlannedIds(RandomIdGenerator::default()))
            .with_span_processor(processor)
            .build();
        Ok(Self {
            provider,
            meters,
            registry,
            store,
            redactor,
        })
    }

    /// The tracer for runs' spans.
    pub fn tracer(&self) -> BoxedTracer {
        BoxedTracer::new(Box::new(self.provider.tracer_with_scope(scope())))
    }

    /// Registers a run before its first span; its spans are stored until the handle is dropped.
    pub fn register(&self, run: RunRegistration) -> RunHandle {
        RunHandle::register(
            Arc::clone(&self.registry),
            self.store.clone(),
            self.redactor.clone(),
            run,
        )
    }

    /// Exports what is queued, for at most a few seconds, and ends. Spans that end afterwards are lost: to be called when all
    /// runs have finished and the store's writer has drained.
    pub async fn shutdown(&self) {
        let meters = self.meters.clone();
        ended(move || meters.shutdown_with_timeout(SHUTDOWN_TIMEOUT)).await;
        shutdown(&self.provider).await;
    }
}

fn scope() -> InstrumentationScope {
    InstrumentationScope::builder("orcheo-trace")
        .with_version(env!("CARGO_PKG_VERSION"))
        .build()
}

/// The provider of the program's own spans (requests, statements): the standard's environment, redacted, export only.
///
/// Must be called within a Tokio runtime, on which the exporter then works.
///
/// # Errors
/// Export settings that no exporter can be built from.
pub fn program_provider(
    redactor: Redactor,
    export: &ExportSettings,
    resource: Resource,
) -> Result<SdkTracerProvider, ExportError> {
    let processor = ProgramSpanProcessor::new(redactor, ExportQueue::new(export)?);
    Ok(SdkTracerProvider::builder()
        .with_resource(resource)
        .with_sampler(sampler())
        .with_span_processor(processor)
        .build())
}

/// Ends a provider without blocking the runtime that its exporter works on.
pub async fn shutdown(provider: &SdkTracerProvider) {
    let provider = provider.clone();
    ended(move || provider.shutdown_with_timeout(SHUTDOWN_TIMEOUT)).await;
}

async fn ended(shutdown: impl FnOnce() -> OTelSdkResult + Send + 'static) {
    match tokio::task::spawn_blocking(shutdown).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::warn!(%error, "not everything could be exported"),
        Err(error) => tracing::warn!(%error, "the export could not be ended"),
    }
}

/// Who we are: `OTEL_SERVICE_NAME`, else `ORCHEO_TRACING_SERVICE_NAME`, else `orcheo-trace`, with `OTEL_RESOURCE_ATTRIBUTES`.
pub fn resource() -> Resource {
    let set = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let names_service = |attributes: String| {
        attributes
            .split(',')
            .any(|pair| pair.trim_start().starts_with("service.name="))
    };
    let builder = Resource::builder()
        .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")));
    if set("OTEL_SERVICE_NAME").is_some()
        || set("OTEL_RESOURCE_ATTRIBUTES").is_some_and(names_service)
    {
        return builder.build();
    }
    builder
        .with_service_name(
            set("ORCHEO_TRACING_SERVICE_NAME").unwrap_or_else(|| "orcheo-trace".to_owned()),
        )
        .build()
}

/// The sampler that `OTEL_TRACES_SAMPLER` names, else a share of `ORCHEO_TRACING_SAMPLE_RATIO` of the traces that begin here,
/// else all of them; a caller's decision is kept.
pub fn sampler() -> Box<dyn ShouldSample> {
    let alias = std::env::var("ORCHEO_TRACING_SAMPLE_RATIO").ok();
    match alias
        .and_then(|ratio| ratio.trim().parse().ok())
        .filter(|ratio| (0.0..=1.0).contains(ratio))
    {
        Some(ratio) if std::env::var_os("OTEL_TRACES_SAMPLER").is_none() => Box::new(
            Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(ratio))),
        ),
        _ => Config::default().sampler,
    }
}

/// Records what another sampler would drop; the sampled flag still says what is exported.
#[derive(Debug, Clone)]
struct RecordEverything(Box<dyn ShouldSample>);

impl ShouldSample for RecordEverything {
    fn should_sample(
        &self,
        parent: Option<&Context>,
        trace_id: TraceId,
        name: &str,
        kind: &SpanKind,
        attributes: &[KeyValue],
        links: &[Link],
    ) -> SamplingResult {
        // Whoever leaves the caller out leaves an invalid span in its place, which is nobody's decision.
        let parent = parent.filter(|context| context.span().span_context().is_valid());
        let mut result = self
            .0
            .should_sample(parent, trace_id, name, kind, attributes, links);
        if result.decision == SamplingDecision::Drop {
            result.decision = SamplingDecision::RecordOnly;
        }
        result
    }
}

/// Random ids, but for the root of a run: its trace id is known before it begins.
#[derive(Debug)]
struct PlannedIds(RandomIdGenerator);

impl IdGenerator for PlannedIds {
    fn new_trace_id(&self) -> TraceId {
        Context::map_current(|context| context.get::<PlannedTraceId>().map(|planned| planned.0))
            .unwrap_or_else(|| self.0.new_trace_id())
    }

    fn new_span_id(&self) -> SpanId {
        self.0.new_span_id()
    }
}
