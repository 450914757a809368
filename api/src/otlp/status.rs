//! Answers: OTLP's responses and `google.rpc.Status`, encoded as the request was.

use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTracePartialSuccess, ExportTraceServiceResponse,
};
use orcheo_telemetry::otlp::{Accepted, Encoding};
use prost::Message as _;
use serde_json::json;
use tonic::Code;

use super::Signal;

/// The response to a request that was taken in, if not in whole then with what was rejected. The messages of all signals
/// have the same shape, but for the name of one field in JSON.
pub(super) fn accepted(signal: Signal, encoding: Encoding, accepted: Accepted) -> Vec<u8> {
    let rejected = i64::try_from(accepted.rejected).unwrap_or(i64::MAX);
    let partial = rejected > 0 || !accepted.reasons.is_empty();
    match encoding {
        Encoding::Protobuf => ExportTraceServiceResponse {
            partial_success: partial.then_some(ExportTracePartialSuccess {
                rejected_spans: rejected,
                error_message: accepted.reasons,
            }),
        }
        .encode_to_vec(),
        Encoding::Json if partial => {
            let field = match signal {
                Signal::Traces => "rejectedSpans",
                Signal::Logs => "rejectedLogRecords",
                Signal::Metrics => "rejectedDataPoints",
            };
            let partial = json!({field: rejected.to_string(), "errorMessage": accepted.reasons});
            json!({ "partialSuccess": partial })
                .to_string()
                .into_bytes()
        }
        Encoding::Json => b"{}".to_vec(),
    }
}

/// A `google.rpc.Status`.
pub(super) fn status(encoding: Encoding, code: Code, message: &str) -> Vec<u8> {
    match encoding {
        Encoding::Protobuf => tonic_types::pb::Status {
            code: code.into(),
            message: message.to_owned(),
            details: Vec::new(),
        }
        .encode_to_vec(),
        Encoding::Json => json!({"code": i32::from(code), "message": message})
            .to_string()
            .into_bytes(),
    }
}
