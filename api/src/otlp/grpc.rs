//! OTLP/gRPC: the services of the signals, with messages that are decoded one span at a time, as over HTTP.

use axum::{
    Router,
    body::Body,
    extract::Request,
    response::{IntoResponse as _, Response},
    routing::post,
};
use bytes::{Buf as _, BufMut as _, Bytes};
use orcheo_telemetry::otlp::{Encoding, OtlpReceiver, Refused};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tonic::{
    Code, Status,
    codec::{
        Codec, CompressionEncoding, DecodeBuf, Decoder, EnabledCompressionEncodings, EncodeBuf,
        Encoder,
    },
    server::{Grpc, UnaryService},
    service::Routes,
    transport::server::TcpIncoming,
};
use tonic_types::{ErrorDetails, StatusExt as _};

use super::{RETRY_AFTER, Signal, status};
use crate::http::Auth;

/// What the services need.
#[derive(Debug, Clone)]
pub struct GrpcSettings {
    /// Whom requests come from.
    pub auth: Auth,
    pub receiver: OtlpReceiver,
}

/// Answers requests until `stop`, and then those under way.
///
/// # Errors
/// When the socket cannot be used.
pub async fn serve_grpc(
    listener: TcpListener,
    settings: GrpcSettings,
    stop: CancellationToken,
) -> Result<(), tonic::transport::Error> {
    tonic::transport::Server::builder()
        .add_routes(Routes::from(services(settings)))
        .serve_with_incoming_shutdown(TcpIncoming::from(listener), stop.cancelled_owned())
        .await
}

fn services(settings: GrpcSettings) -> Router {
    let route = |signal: Signal| {
        let settings = settings.clone();
        post(async move |request: Request| answer(settings, signal, request).await)
    };
    let unknown = async || Status::unimplemented("there is no such service").into_http::<Body>();
    Router::new()
        .route(
            "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
            route(Signal::Traces),
        )
        .route(
            "/opentelemetry.proto.collector.logs.v1.LogsService/Export",
            route(Signal::Logs),
        )
        .route(
            "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export",
            route(Signal::Metrics),
        )
        .fallback(unknown)
}

async fn answer(settings: GrpcSettings, signal: Signal, request: Request) -> Response {
    if settings.auth.identify(request.headers()).is_none() {
        let refused = Status::unauthenticated("this server asks for its access token");
        return refused.into_http::<Body>();
    }
    let mut gzip = EnabledCompressionEncodings::default();
    gzip.enable(CompressionEncoding::Gzip);
    let largest = settings.receiver.limits().decompressed_bytes;
    let mut grpc = Grpc::new(Messages)
        .apply_compression_config(gzip, gzip)
        .apply_max_message_size_config(Some(largest), None);
    let export = Export {
        receiver: settings.receiver,
        signal,
    };
    grpc.unary(export, request)
        .await
        .map(Body::new)
        .into_response()
}

/// The method `Export` of a service.
struct Export {
    receiver: OtlpReceiver,
    signal: Signal,
}

impl UnaryService<Bytes> for Export {
    type Response = Bytes;
    type Future = futures::future::BoxFuture<'static, Result<tonic::Response<Bytes>, Status>>;

    fn call(&mut self, request: tonic::Request<Bytes>) -> Self::Future {
        let (receiver, signal) = (self.receiver.clone(), self.signal);
        Box::pin(async move {
            let encoding = Encoding::Protobuf;
            let taken = signal
                .take_in(&receiver, encoding, request.into_inner())
                .await;
            let accepted = taken.map_err(|refused| refusal(&refused))?;
            let body = status::accepted(signal, encoding, accepted);
            Ok(tonic::Response::new(body.into()))
        })
    }
}

fn refusal(refused: &Refused) -> Status {
    let code = match refused {
        Refused::Malformed(_) => return Status::invalid_argument(refused.to_string()),
        Refused::Behind => Code::ResourceExhausted,
        Refused::Unavailable(_) => Code::Unavailable,
    };
    // Without it, RESOURCE_EXHAUSTED means that sending again is of no use.
    let details = ErrorDetails::with_retry_info(Some(RETRY_AFTER));
    Status::with_error_details(code, refused.to_string(), details)
}

/// Messages as bytes.
#[derive(Debug, Clone, Copy)]
struct Messages;

impl Codec for Messages {
    type Encode = Bytes;
    type Decode = Bytes;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        *self
    }

    fn decoder(&mut self) -> Self {
        *self
    }
}

impl Encoder for Messages {
    type Item = Bytes;
    type Error = Status;

    fn encode(&mut self, message: Bytes, out: &mut EncodeBuf<'_>) -> Result<(), Status> {
        out.put(message);
        Ok(())
    }
}

impl Decoder for Messages {
    type Item = Bytes;
    type Error = Status;

    fn decode(&mut self, message: &mut DecodeBuf<'_>) -> Result<Option<Bytes>, Status> {
        Ok(Some(message.copy_to_bytes(message.remaining())))
    }
}
