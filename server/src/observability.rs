//! What the program tells about itself and about its runs: the log, the two tracer providers, and the redactor before them.

use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_sdk::trace::SdkTracerProvider;
use orcheo_store::Store;
use orcheo_telemetry::{
    ExportError, ExportSettings, MODEL_CALL_HISTOGRAMS, Prices, Redactor, RunTelemetry,
    RunTelemetrySettings, program_provider, resource, sampler,
};

use crate::config::{ConfigError, Settings};
use crate::logs::{self, Target};

/// Set up once, before anything else; ended after everything else but PostgreSQL.
#[derive(Debug)]
pub(crate) struct Observability {
    pub(crate) redactor: Redactor,
    /// What `/metrics` serves.
    pub(crate) prometheus: PrometheusHandle,
    pub(crate) prices: Prices,
    export: Option<ExportSettings>,
    metrics: Option<ExportSettings>,
    program: Option<SdkTracerProvider>,
}

impl Observability {
    /// Begins logging, counting, and exporting the program's own spans where a collector is configured.
    pub(crate) fn init(
        settings: &Settings,
        default_log: &str,
        target: Target,
    ) -> Result<Self, ConfigError> {
        let invalid = |error: ExportError| ConfigError::Invalid(error.to_string());
        // First of all: what counts asks for its counters when it is made.
        let prometheus = recorder().map_err(|error| ConfigError::Invalid(error.to_string()))?;
        let redactor = Redactor::configured(&settings.redaction)
            .map_err(|invalid| ConfigError::Invalid(invalid.to_string()))?;
        let prices = settings.prices()?;
        let export = ExportSettings::from_env().map_err(invalid)?;
        let metrics = ExportSettings::metrics_from_env().map_err(invalid)?;
        let program = match &export {
            Some(export) => {
                Some(program_provider(redactor.clone(), export, resource()).map_err(invalid)?)
            }
            None => None,
        };
        let filter = settings.log.as_deref().unwrap_or(default_log);
        let tracer = program
            .as_ref()
            .map(|provider| provider.tracer("orcheo-trace"));
        logs::init(filter, settings.log_format, target, tracer)?;
        Ok(Self {
            redactor,
            prometheus,
            prices,
            export,
            metrics,
            program,
        })
    }

    /// The tracing of runs into a store.
    pub(crate) fn runs(&self, store: &Store) -> Result<RunTelemetry, ConfigError> {
        RunTelemetry::new(RunTelemetrySettings {
            store: store.clone(),
            redactor: self.redactor.clone(),
            prices: self.prices.clone(),
            export: self.export.clone(),
            metrics: self.metrics.clone(),
            resource: resource(),
            sampler: sampler(),
        })
        .map_err(|error| ConfigError::Invalid(error.to_string()))
    }

    /// Exports what is queued, for at most a few seconds.
    pub(crate) async fn shutdown(self) {
        if let Some(program) = &self.program {
            orcheo_telemetry::shutdown(program).await;
        }
    }
}

/// Bounds, in seconds, that tell a fast commit from a slow one and a page from a download.
const SECONDS: [f64; 14] = [
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
];

/// Begins keeping metrics; called once in a process.
fn recorder() -> Result<PrometheusHandle, BuildError> {
    let mut builder = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &SECONDS)?;
    for (name, bounds) in MODEL_CALL_HISTOGRAMS {
        builder = builder.set_buckets_for_metric(Matcher::Full(name.to_owned()), &bounds)?;
    }
    builder.install_recorder()
}
