//! Between OpenTelemetry and the store: redaction, the span processor of runs, the mapping of semantic conventions, and export.

pub mod redaction;

pub use redaction::Redactor;
