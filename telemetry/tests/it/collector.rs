//! A collector in the test's own process: OTLP over gRPC by the generated service, over HTTP by a handler.

use std::net::SocketAddr;

use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode, header};
use opentelemetry_proto::tonic::collector::metrics::v1::metrics_service_server::{
    MetricsService, MetricsServiceServer,
};
use opentelemetry_proto::tonic::collector::metrics::v1::{
    ExportMetricsServiceRequest, ExportMetricsServiceResponse,
};
use opentelemetry_proto::tonic::collector::trace::v1::trace_service_server::{
    TraceService, TraceServiceServer,
};
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTraceServiceRequest, ExportTraceServiceResponse,
};
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message as _;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::task::AbortHandle;

pub(crate) type Received = mpsc::UnboundedReceiver<ExportTraceServiceRequest>;
type Metrics = mpsc::UnboundedSender<ExportMetricsServiceRequest>;

/// Ends with the test.
pub(crate) struct Collector {
    pub(crate) address: SocketAddr,
    pub(crate) received: Received,
    pub(crate) metrics: mpsc::UnboundedReceiver<ExportMetricsServiceRequest>,
    server: AbortHandle,
}

impl Drop for Collector {
    fn drop(&mut self) {
        self.server.abort();
    }
}

#[derive(Debug)]
struct Service(mpsc::UnboundedSender<ExportTraceServiceRequest>);

#[derive(Debug)]
struct MetricsOnly(Metrics);

#[tonic::async_trait]
impl MetricsService for MetricsOnly {
    async fn export(
        &self,
        request: tonic::Request<ExportMetricsServiceRequest>,
    ) -> Result<tonic::Response<ExportMetricsServiceResponse>, tonic::Status> {
        self.0
            .send(request.into_inner())
            .map_err(|_| tonic::Status::unavailable("the test is over"))?;
        Ok(tonic::Response::new(ExportMetricsServiceResponse::default()))
    }
}

#[tonic::async_trait]
impl TraceService for Service {
    async fn export(
        &self,
        request: tonic::Request<ExportTraceServiceRequest>,
    ) -> Result<tonic::Response<ExportTraceServiceResponse>, tonic::Status> {
        self.0
            .send(request.into_inner())
            .map_err(|_| tonic::Status::unavailable("the test is over"))?;
        Ok(tonic::Response::new(ExportTraceServiceResponse::default()))
    }
}

impl Collector {
    pub(crate) async fn grpc() -> Self {
        let (listener, address) = listen().await;
        let (sender, received) = mpsc::unbounded_channel();
        let incoming = tokio_stream::wrappers::TcpListenerStream::new(listener);
        let (metric_sender, metrics) = mpsc::unbounded_channel();
        let server = tonic::transport::Server::builder()
            .add_service(TraceServiceServer::new(Service(sender)))
            .add_service(MetricsServiceServer::new(MetricsOnly(metric_sender)));
        let server = tokio::spawn(server.serve_with_incoming(incoming)).abort_handle();
        Self {
            address,
            received,
            metrics,
            server,
        }
    }

    pub(crate) async fn http() -> Self {
        let (listener, address) = listen().await;
        let (sender, received) = mpsc::unbounded_channel();
        let handler = move |headers: HeaderMap, body: Bytes| async move {
            let protobuf = headers
                .get(header::CONTENT_TYPE)
                .is_some_and(|kind| kind == "application/x-protobuf");
            match ExportTraceServiceRequest::decode(body) {
                Ok(request) if protobuf => sender
                    .send(request)
                    .map_or(StatusCode::SERVICE_UNAVAILABLE, |()| StatusCode::OK),
                _ => StatusCode::BAD_REQUEST,
            }
        };
        let (metric_sender, metrics) = mpsc::unbounded_channel();
        let metrics_handler = move |body: Bytes| async move {
            match ExportMetricsServiceRequest::decode(body) {
                Ok(request) => metric_sender
                    .send(request)
                    .map_or(StatusCode::SERVICE_UNAVAILABLE, |()| StatusCode::OK),
                Err(_) => StatusCode::BAD_REQUEST,
            }
        };
        let router = axum::Router::new()
            .route("/v1/traces", axum::routing::post(handler))
            .route("/v1/metrics", axum::routing::post(metrics_handler));
        let server =
            tokio::spawn(async move { axum::serve(listener, router).await }).abort_handle();
        Self {
            address,
            received,
            metrics,
            server,
        }
    }

    /// The spans of all requests so far, by name.
    pub(crate) fn spans(&mut self) -> Vec<Span> {
        let mut spans = Vec::new();
        while let Ok(request) = self.received.try_recv() {
            let scopes = request
                .resource_spans
                .into_iter()
                .flat_map(|resource| resource.scope_spans);
            spans.extend(scopes.flat_map(|scope| scope.spans));
        }
        spans.sort_by(|a, b| a.name.cmp(&b.name));
        spans
    }
}

async fn listen() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

/// An address at which nobody listens.
pub(crate) async fn dead_address() -> SocketAddr {
    listen().await.1
}
