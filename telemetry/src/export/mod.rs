//! Export to an OpenTelemetry collector: a bounded queue, and an exporter whose failures are counted and otherwise
//! disturb nobody.

mod metrics;
mod openinference;
mod outage;
mod settings;
mod tls;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use ::metrics::{Counter, counter};
use opentelemetry::Context;
use opentelemetry::context::FutureExt as _;
use opentelemetry_otlp::tonic_types::transport::ClientTlsConfig;
use opentelemetry_otlp::{Protocol, WithExportConfig, WithHttpConfig, WithTonicConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::{OTelSdkError, OTelSdkResult};
use opentelemetry_sdk::trace::{
    BatchConfigBuilder, BatchSpanProcessor, SpanData, SpanExporter, SpanProcessor,
};
use tokio::runtime::Handle;

pub(crate) use self::metrics::meter_provider;
use self::outage::Outage;
pub use self::settings::{ExportError, ExportProtocol, ExportSettings};
use crate::span::RedactedSpan;

/// The metric `orcheo_telemetry_export_spans_total`: spans by what became of them. It goes to the recorder that is installed
/// when the queue is made.
#[derive(Debug, Clone)]
struct Outcomes {
    exported: Counter,
    /// The collector did not take them.
    failed: Counter,
    /// The queue was full.
    dropped: Counter,
}

impl Outcomes {
    fn new() -> Self {
        let spans = |outcome| counter!("orcheo_telemetry_export_spans_total", "outcome" => outcome);
        Self {
            exported: spans("exported"),
            failed: spans("failed"),
            dropped: spans("dropped"),
        }
    }
}

/// Spans on their way to the collector: the SDK's batch processor behind a bound of our own, so that drops are counted.
#[derive(Debug)]
pub(crate) struct ExportQueue {
    batches: BatchSpanProcessor,
    queued: Arc<AtomicUsize>,
    capacity: usize,
    outcomes: Outcomes,
}

impl ExportQueue {
    /// Must be called within a Tokio runtime, on which the exporter then works.
    ///
    /// # Errors
    /// Settings that no exporter can be built from.
    pub(crate) fn new(settings: &ExportSettings) -> Result<Self, ExportError> {
        let queued = Arc::new(AtomicUsize::new(0));
        let outcomes = Outcomes::new();
        let exporter = CountingExporter {
            inner: Arc::new(exporter(settings)?),
            runtime: Handle::current(),
            queued: Arc::clone(&queued),
            outcomes: outcomes.clone(),
            outage: Outage::of(
                "spans",
                "orcheo_telemetry_export_spans_total counts those that are lost",
            ),
        };
        let config = BatchConfigBuilder::default()
            .with_max_queue_size(settings.queue_size)
            .build();
        let batches = BatchSpanProcessor::builder(exporter)
            .with_batch_config(config)
            .build();
        Ok(Self {
            batches,
            queued,
            capacity: settings.queue_size,
            outcomes,
        })
    }

    /// Queues a sampled span, or drops it when the collector is too far behind. Never blocks.
    pub(crate) fn push(&self, span: RedactedSpan) {
        if !span.is_sampled() {
            return;
        }
        let room = |queued| (queued < self.capacity).then_some(queued + 1);
        match self
            .queued
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, room)
        {
            Ok(_) => {
                let mut span = span.into_data();
                let added = openinference::attributes(&span.name, &span.attributes);
                span.attributes.extend(added);
                self.batches.on_end(span);
            }
            Err(_) => self.outcomes.dropped.increment(1),
        }
    }

    pub(crate) fn force_flush(&self) -> OTelSdkResult {
        self.batches.force_flush()
    }

    pub(crate) fn shutdown(&self, timeout: Duration) -> OTelSdkResult {
        self.batches.shutdown_with_timeout(timeout)
    }

    pub(crate) fn set_resource(&mut self, resource: &Resource) {
        self.batches.set_resource(resource);
    }
}

fn exporter(settings: &ExportSettings) -> Result<opentelemetry_otlp::SpanExporter, ExportError> {
    let builder = opentelemetry_otlp::SpanExporter::builder();
    let endpoint = settings.endpoint.as_str();
    let built = match settings.protocol {
        ExportProtocol::Grpc => {
            let builder = builder.with_tonic().with_endpoint(endpoint);
            match grpc_tls(settings)? {
                Some(tls) => builder.with_tls_config(tls).build(),
                None => builder.build(),
            }
        }
        ExportProtocol::HttpProtobuf => builder
            .with_http()
            .with_http_client(http_client(settings)?)
            .with_endpoint(endpoint)
            .with_protocol(Protocol::HttpBinary)
            .build(),
    };
    built.map_err(|error| ExportError::Exporter(error.to_string()))
}

/// How a gRPC endpoint is to be spoken to, unless it is without encryption.
fn grpc_tls(settings: &ExportSettings) -> Result<Option<ClientTlsConfig>, ExportError> {
    let plain = settings.endpoint.starts_with("http://");
    (!plain)
        .then(|| Ok(settings.tls.read()?.grpc()))
        .transpose()
}

/// The client of an endpoint over HTTP. The exporter's own knows no certificates.
fn http_client(settings: &ExportSettings) -> Result<reqwest::Client, ExportError> {
    let tls = settings.tls.read()?;
    let client = reqwest::Client::builder().timeout(settings.timeout);
    tls.http(client)
        .and_then(reqwest::ClientBuilder::build)
        .map_err(|error| ExportError::Exporter(error.to_string()))
}

/// Runs an exporter on the Tokio runtime: the batch processor calls it from a thread of its own, where neither the gRPC nor the
/// asynchronous HTTP client works.
#[derive(Debug)]
struct CountingExporter<E> {
    inner: Arc<E>,
    runtime: Handle,
    queued: Arc<AtomicUsize>,
    outcomes: Outcomes,
    outage: Outage,
}

impl<E: SpanExporter + 'static> SpanExporter for CountingExporter<E> {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let spans = batch.len();
        self.queued.fetch_sub(spans, Ordering::AcqRel);
        let inner = Arc::clone(&self.inner);
        // The exporter's own requests must not become spans that are exported.
        let quiet = Context::current().with_telemetry_suppressed();
        let task = self
            .runtime
            .spawn(async move { inner.export(batch).await }.with_context(quiet));
        let result = task
            .await
            .unwrap_or_else(|error| Err(OTelSdkError::InternalFailure(error.to_string())));
        let outcome = match result {
            Ok(()) => &self.outcomes.exported,
            Err(_) => &self.outcomes.failed,
        };
        outcome.increment(spans as u64);
        self.outage.note(&result, spans);
        // The batch processor would say so for every batch.
        Ok(())
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.inner.shutdown_with_timeout(timeout)
    }

    fn set_resource(&mut self, resource: &Resource) {
        // It is shared only while a batch is on its way, and the resource is set before the first.
        if let Some(inner) = Arc::get_mut(&mut self.inner) {
            inner.set_resource(resource);
        }
    }
}
