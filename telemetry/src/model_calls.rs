//! Metrics of the model calls that runs make, by OpenTelemetry's GenAI conventions: to the recorder of this process, which
//! `/metrics` shows, and to a collector.

use std::time::SystemTime;

use metrics::{Label, histogram};
use opentelemetry::KeyValue;
use opentelemetry::metrics::{Histogram, Meter};
use opentelemetry_sdk::trace::SpanData;
use orcheo_store::SpanCategory;

use crate::conventions::{Meaning, keys};

const TOKEN_USAGE: &str = "gen_ai.client.token.usage";
const OPERATION_DURATION: &str = "gen_ai.client.operation.duration";
const TOKEN_TYPE: &str = "gen_ai.token.type";

const TOKENS: [f64; 14] = [
    1.0, 4.0, 16.0, 64.0, 256.0, 1024.0, 4096.0, 16384.0, 65536.0, 262144.0, 1048576.0, 4194304.0,
    16777216.0, 67108864.0,
];
const SECONDS: [f64; 14] = [
    0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92,
];

/// The histograms' names in Prometheus, with the conventions' bounds, which whoever installs a recorder has to give it.
pub const MODEL_CALL_HISTOGRAMS: [(&str, [f64; 14]); 2] = [
    ("gen_ai_client_token_usage", TOKENS),
    ("gen_ai_client_operation_duration_seconds", SECONDS),
];

/// What a call is told apart by, as far as its span says it.
const DIMENSIONS: [&str; 6] = [
    keys::OPERATION_NAME,
    keys::PROVIDER_NAME,
    keys::REQUEST_MODEL,
    keys::RESPONSE_MODEL,
    keys::SERVER_ADDRESS,
    keys::SERVER_PORT,
];

/// The instruments.
#[derive(Debug)]
pub(crate) struct ModelCalls {
    tokens: Histogram<u64>,
    seconds: Histogram<f64>,
}

impl ModelCalls {
    pub(crate) fn new(meter: &Meter) -> Self {
        Self {
            tokens: meter
                .u64_histogram(TOKEN_USAGE)
                .with_unit("{token}")
                .with_description("Number of input and output tokens used")
                .with_boundaries(TOKENS.to_vec())
                .build(),
            seconds: meter
                .f64_histogram(OPERATION_DURATION)
                .with_unit("s")
                .with_description("Duration of the operation")
                .with_boundaries(SECONDS.to_vec())
                .build(),
        }
    }

    /// Measures a span that has ended and is already redacted, if it is one of a model call.
    pub(crate) fn record(&self, span: &SpanData) {
        let mut attributes = span.attributes.iter();
        // Most spans are no calls, which is cheap to see.
        if !attributes.any(|attribute| attribute.key.as_str() == keys::OPERATION_NAME) {
            return;
        }
        let meaning = Meaning::of(&span.name, &span.attributes);
        if !matches!(
            meaning.category,
            SpanCategory::Llm | SpanCategory::Embedding
        ) {
            return;
        }
        let told = |keys: &[&str]| -> Vec<KeyValue> {
            let attributes = span.attributes.iter();
            let told = attributes.filter(|attribute| keys.contains(&attribute.key.as_str()));
            told.cloned().collect()
        };
        let mut call = told(&DIMENSIONS);
        if let Some(usage) = meaning.usage {
            for (kind, tokens) in [("input", usage.input), ("output", usage.output)] {
                call.push(KeyValue::new(TOKEN_TYPE, kind));
                self.tokens.record(tokens.unsigned_abs(), &call);
                #[expect(clippy::cast_precision_loss, reason = "a count below 2^53")]
                histogram!(MODEL_CALL_HISTOGRAMS[0].0, labels(&call)).record(tokens as f64);
                call.pop();
            }
        }
        call.extend(told(&[keys::ERROR_TYPE]));
        let seconds = seconds(span.start_time, span.end_time);
        self.seconds.record(seconds, &call);
        histogram!(MODEL_CALL_HISTOGRAMS[1].0, labels(&call)).record(seconds);
    }
}

fn seconds(start: SystemTime, end: SystemTime) -> f64 {
    end.duration_since(start).unwrap_or_default().as_secs_f64()
}

/// Prometheus has no dots in names.
fn labels(attributes: &[KeyValue]) -> Vec<Label> {
    let label = |attribute: &KeyValue| {
        let key = attribute.key.as_str().replace('.', "_");
        Label::new(key, attribute.value.as_str().into_owned())
    };
    attributes.iter().map(label).collect()
}
