//! Between OpenTelemetry and the store: redaction, the span processor of runs, the receiver of other programs' spans, the
//! mapping of semantic conventions, and export.
//!
//! [`RunTelemetry`] is the tracer provider of runs. Its only processor passes every span through the [`Redactor`], hands start
//! and end to the store's writer, and sampled ones to the exporter.

mod artifact;
mod attributes;
pub mod conventions;
pub mod export;
mod model_calls;
pub mod otlp;
pub mod prices;
mod processor;
mod progress;
mod provider;
pub mod redaction;
pub mod rescan;
mod run;
mod span;

pub use export::{ExportError, ExportProtocol, ExportSettings};
pub use model_calls::MODEL_CALL_HISTOGRAMS;
pub use prices::{Prices, PricesError};
pub use provider::{
    RunTelemetry, RunTelemetrySettings, program_provider, resource, sampler, shutdown,
};
pub use redaction::Redactor;
pub use run::{
    ArtifactError, NewArtifact, RecordError, RunHandle, RunRegistration, StoredArtifact,
};
