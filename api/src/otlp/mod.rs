//! The receivers of OTLP: over HTTP beside everything else, over gRPC on a port of its own.

mod grpc;
pub(crate) mod http;
mod status;

pub use self::grpc::{GrpcSettings, serve_grpc};

use bytes::Bytes;
use orcheo_telemetry::otlp::{Accepted, Encoding, OtlpReceiver, Refused};

/// What a client that is refused for now should wait before it sends again.
pub(crate) const RETRY_AFTER: std::time::Duration = std::time::Duration::from_secs(1);

/// The kinds of telemetry, each with its service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Signal {
    Traces,
    Logs,
    Metrics,
}

impl Signal {
    async fn take_in(
        self,
        receiver: &OtlpReceiver,
        encoding: Encoding,
        body: Bytes,
    ) -> Result<Accepted, Refused> {
        match self {
            Self::Traces => receiver.traces(encoding, body).await,
            Self::Logs => receiver.logs(encoding, body).await,
            // Taken so that one endpoint serves a client that sends all three.
            Self::Metrics => Ok(Accepted::default()),
        }
    }
}
