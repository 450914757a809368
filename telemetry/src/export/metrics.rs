//! Metrics on their way to a collector.

use std::time::Duration;

use metrics::counter;
use opentelemetry_otlp::{
    MetricExporter, Protocol, WithExportConfig, WithHttpConfig, WithTonicConfig,
};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::metrics::data::ResourceMetrics;
use opentelemetry_sdk::metrics::exporter::PushMetricExporter;
use opentelemetry_sdk::metrics::{PeriodicReader, SdkMeterProvider, Temporality};
use tokio::runtime::Handle;
use tokio_util::context::TokioContext;

use super::outage::Outage;
use super::{ExportError, ExportProtocol, ExportSettings, grpc_tls, http_client};

/// A provider whose metrics go to a collector from time to time (`OTEL_METRIC_EXPORT_INTERVAL`), or nowhere.
///
/// Must be called within a Tokio runtime, on which the exporter then works.
///
/// # Errors
/// Settings that no exporter can be built from.
pub(crate) fn meter_provider(
    settings: Option<&ExportSettings>,
    resource: Resource,
) -> Result<SdkMeterProvider, ExportError> {
    let builder = SdkMeterProvider::builder().with_resource(resource);
    let Some(settings) = settings else {
        return Ok(builder.build());
    };
    let exporter = OnRuntime {
        inner: exporter(settings)?,
        runtime: Handle::current(),
        outage: Outage::of(
            "metrics",
            "if it never does, set OTEL_METRICS_EXPORTER=none",
        ),
    };
    Ok(builder
        .with_reader(PeriodicReader::builder(exporter).build())
        .build())
}

fn exporter(settings: &ExportSettings) -> Result<MetricExporter, ExportError> {
    let builder = MetricExporter::builder();
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

/// Runs an exporter with the Tokio runtime: the reader calls it from a thread of its own, where neither client works.
#[derive(Debug)]
struct OnRuntime {
    inner: MetricExporter,
    runtime: Handle,
    outage: Outage,
}

impl PushMetricExporter for OnRuntime {
    async fn export(&self, collected: &ResourceMetrics) -> OTelSdkResult {
        let export = TokioContext::new(self.inner.export(collected), self.runtime.clone());
        let result = export.await;
        let outcome = if result.is_ok() { "exported" } else { "failed" };
        counter!("orcheo_telemetry_export_metrics_total", "outcome" => outcome).increment(1);
        // Many take traces only.
        self.outage.note(&result, 1);
        Ok(())
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.inner.force_flush()
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.inner.shutdown_with_timeout(timeout)
    }

    fn temporality(&self) -> Temporality {
        self.inner.temporality()
    }
}
