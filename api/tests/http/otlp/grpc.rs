//! OTLP/gRPC: the same, by another transport.

use std::time::Duration;

use opentelemetry_proto::tonic::collector::trace::v1::trace_service_client::TraceServiceClient;
use orcheo_api::{
    http::Auth,
    otlp::{GrpcSettings, serve_grpc},
};
use orcheo_telemetry::{
    Prices, Redactor,
    otlp::{OtlpLimits, OtlpReceiver},
};
use tokio::net::TcpListener;
use tokio_util::sync::{CancellationToken, DropGuard};
use tonic::{Code, codec::CompressionEncoding, transport::Channel};
use tonic_types::StatusExt as _;

use super::*;

struct Grpc {
    client: TraceServiceClient<Channel>,
    _stop: DropGuard,
}

async fn grpc(server: &Server, token: Option<&str>, limits: OtlpLimits) -> Grpc {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let settings = GrpcSettings {
        auth: Auth::new(token),
        receiver: OtlpReceiver::new(
            server.store.clone(),
            Redactor::new(),
            Prices::builtin(),
            limits,
        ),
    };
    let stop = CancellationToken::new();
    tokio::spawn(serve_grpc(listener, settings, stop.clone()));
    let client = TraceServiceClient::connect(format!("http://{address}"))
        .await
        .unwrap();
    Grpc {
        client,
        _stop: stop.drop_guard(),
    }
}

#[tokio::test]
async fn spans_are_taken_in_plain_and_compressed() {
    let server = Server::start().await;
    let grpc = grpc(&server, None, OtlpLimits::default()).await;
    let mut plain = grpc.client.clone();
    let answer = plain
        .export(request(vec![span(20, 1, None)]))
        .await
        .unwrap();
    assert_eq!(answer.into_inner().partial_success, None);
    let mut packed = grpc
        .client
        .clone()
        .send_compressed(CompressionEncoding::Gzip)
        .accept_compressed(CompressionEncoding::Gzip);
    let mut bad = span(20, 3, Some(1));
    bad.trace_id.pop();
    let sent = request(vec![span(20, 2, Some(1)), bad]);
    let answer = packed.export(sent).await.unwrap().into_inner();
    assert_eq!(
        answer.partial_success,
        Some(ExportTracePartialSuccess {
            rejected_spans: 1,
            error_message: "trace_id has 15 bytes, not 16 (1)".to_owned(),
        })
    );
    assert_eq!(spans(&server, 20, "name").await.len(), 2);
}

#[tokio::test]
async fn the_token_is_asked_for() {
    let server = Server::start().await;
    let mut grpc = grpc(&server, Some("sesame"), OtlpLimits::default()).await;
    let refused = grpc.client.export(request(vec![])).await.unwrap_err();
    assert_eq!(refused.code(), Code::Unauthenticated);
    let mut sent = tonic::Request::new(request(vec![span(21, 1, None)]));
    sent.metadata_mut()
        .insert("authorization", "Bearer sesame".parse().unwrap());
    grpc.client.export(sent).await.unwrap();
}

#[tokio::test]
async fn what_is_too_large_is_refused() {
    let server = Server::start().await;
    let limits = OtlpLimits {
        decompressed_bytes: 1 << 20,
        ..OtlpLimits::default()
    };
    let grpc = grpc(&server, None, limits).await;
    let mut large = span(22, 1, None);
    large.name = "x".repeat(2 << 20);
    let plain = grpc
        .client
        .clone()
        .export(request(vec![large.clone()]))
        .await
        .unwrap_err();
    assert_eq!(plain.code(), Code::OutOfRange);
    let mut packed = grpc
        .client
        .clone()
        .send_compressed(CompressionEncoding::Gzip);
    let packed = packed.export(request(vec![large])).await.unwrap_err();
    assert_eq!(packed.code(), Code::ResourceExhausted);
    assert!(
        packed.get_error_details().retry_info().is_none(),
        "sending it again is of no use"
    );
}

#[tokio::test]
async fn whoever_sends_more_than_is_written_is_told_to_come_again() {
    let server = Server::start().await;
    // No request has its turn.
    let limits = OtlpLimits {
        requests: 0,
        patience: Duration::from_millis(40),
        ..OtlpLimits::default()
    };
    let mut grpc = grpc(&server, None, limits).await;
    let sent = request(vec![span(25, 1, None)]);
    let refused = grpc.client.export(sent).await.unwrap_err();
    assert_eq!(refused.code(), Code::ResourceExhausted);
    let details = refused.get_error_details();
    let retry = details.retry_info().unwrap().retry_delay;
    assert_eq!(retry, Some(Duration::from_secs(1)));
}

#[tokio::test]
async fn whoever_comes_while_the_database_is_away_is_told_to_come_again() {
    let server = Server::start().await;
    let limits = OtlpLimits {
        patience: Duration::from_millis(300),
        ..OtlpLimits::default()
    };
    let mut grpc = grpc(&server, None, limits).await;
    // Of so little patience that a busy machine may need several.
    let first = || request(vec![span(23, 1, None)]);
    while grpc.client.export(first()).await.is_err() {}
    server.database.go_away().await;
    for trace in [23, 24] {
        let refused = grpc
            .client
            .export(request(vec![span(trace, 2, Some(1))]))
            .await
            .unwrap_err();
        assert_eq!(refused.code(), Code::Unavailable, "{refused}");
        let retry = refused
            .get_error_details()
            .retry_info()
            .unwrap()
            .retry_delay;
        assert_eq!(retry, Some(Duration::from_secs(1)));
    }
    server.database.come_back().await;
    for trace in [23, 24] {
        while grpc
            .client
            .export(request(vec![span(trace, 2, Some(1))]))
            .await
            .is_err()
        {}
        assert_eq!(
            spans(&server, trace, "name").await.len(),
            usize::from(25 - trace)
        );
    }
}
