//! OTLP/HTTP, by the OTLP specification 1.x: content types, status codes, partial success.

use std::io::Read as _;

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
    routing::post,
};
use bytes::Bytes;
use flate2::read::MultiGzDecoder;
use orcheo_telemetry::otlp::{Encoding, OtlpLimits, Refused};
use tonic::Code;

use super::{RETRY_AFTER, Signal, status};
use crate::http::Server;

/// The routes of the signals.
pub(crate) fn routes() -> Router<Server> {
    let route = |signal: Signal| {
        post(
            async move |State(server): State<Server>, request: Request| {
                handle(&server, signal, request).await
            },
        )
    };
    Router::new()
        .route("/v1/traces", route(Signal::Traces))
        .route("/v1/logs", route(Signal::Logs))
        .route("/v1/metrics", route(Signal::Metrics))
}

/// Why a body is not even looked at.
struct Unreadable {
    status: StatusCode,
    code: Code,
    message: String,
}

async fn handle(server: &Server, signal: Signal, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    // A request of no known type is answered in JSON, which is readable by anybody.
    let Some(encoding) = encoding(&parts.headers) else {
        let message = "Content-Type must be application/x-protobuf or application/json";
        return refusal(
            Encoding::Json,
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Code::InvalidArgument,
            message,
        );
    };
    let body = match read(&parts.headers, body, server.otlp.limits()).await {
        Ok(body) => body,
        Err(Unreadable {
            status,
            code,
            message,
        }) => {
            return refusal(encoding, status, code, &message);
        }
    };
    match signal.take_in(&server.otlp, encoding, body).await {
        Ok(accepted) => {
            let body = status::accepted(signal, encoding, accepted);
            respond(encoding, StatusCode::OK, body)
        }
        Err(refused) => {
            let (status, code) = match refused {
                Refused::Malformed(_) => (StatusCode::BAD_REQUEST, Code::InvalidArgument),
                Refused::Behind => (StatusCode::TOO_MANY_REQUESTS, Code::ResourceExhausted),
                Refused::Unavailable(_) => (StatusCode::SERVICE_UNAVAILABLE, Code::Unavailable),
            };
            refusal(encoding, status, code, &refused.to_string())
        }
    }
}

fn encoding(headers: &HeaderMap) -> Option<Encoding> {
    let value = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    let essence = value.split(';').next().unwrap_or_default().trim();
    if essence.eq_ignore_ascii_case("application/x-protobuf") {
        Some(Encoding::Protobuf)
    } else if essence.eq_ignore_ascii_case("application/json") {
        Some(Encoding::Json)
    } else {
        None
    }
}

/// Reads and decompresses a body, and gives up where either is too large.
async fn read(headers: &HeaderMap, body: Body, limits: &OtlpLimits) -> Result<Bytes, Unreadable> {
    let coding = headers
        .get(header::CONTENT_ENCODING)
        .map(|value| value.to_str().unwrap_or("?").trim().to_ascii_lowercase());
    let compressed = match coding.as_deref() {
        None | Some("" | "identity") => false,
        Some("gzip") => true,
        Some(other) => {
            return Err(Unreadable {
                status: StatusCode::UNSUPPORTED_MEDIA_TYPE,
                code: Code::InvalidArgument,
                message: format!("Content-Encoding must be gzip or identity, not {other}"),
            });
        }
    };
    let most = limits.body_bytes;
    let body = to_bytes(body, most).await.map_err(|error| {
        let full = std::error::Error::source(&error)
            .is_some_and(|cause| cause.is::<http_body_util::LengthLimitError>());
        if full {
            return too_large(format!("the body is larger than {most} bytes"));
        }
        bad_request(format!("the body did not arrive: {error}"))
    })?;
    if !compressed {
        return Ok(body);
    }
    let most = limits.decompressed_bytes;
    let decompressed = tokio::task::spawn_blocking(move || decompress(&body, most));
    decompressed
        .await
        .map_err(|error| bad_request(error.to_string()))?
}

fn decompress(body: &[u8], most: usize) -> Result<Bytes, Unreadable> {
    let mut plain = Vec::new();
    let limit = u64::try_from(most).unwrap_or(u64::MAX).saturating_add(1);
    MultiGzDecoder::new(body)
        .take(limit)
        .read_to_end(&mut plain)
        .map_err(|error| bad_request(format!("the body is not gzip: {error}")))?;
    if plain.len() > most {
        return Err(too_large(format!(
            "the body is larger than {most} bytes when decompressed"
        )));
    }
    Ok(plain.into())
}

fn too_large(message: String) -> Unreadable {
    Unreadable {
        status: StatusCode::PAYLOAD_TOO_LARGE,
        code: Code::InvalidArgument,
        message,
    }
}

fn bad_request(message: String) -> Unreadable {
    Unreadable {
        status: StatusCode::BAD_REQUEST,
        code: Code::InvalidArgument,
        message,
    }
}

fn refusal(encoding: Encoding, status: StatusCode, code: Code, message: &str) -> Response {
    let mut response = respond(encoding, status, status::status(encoding, code, message));
    if matches!(code, Code::Unavailable | Code::ResourceExhausted) {
        let seconds = HeaderValue::from(RETRY_AFTER.as_secs());
        response.headers_mut().insert(header::RETRY_AFTER, seconds);
    }
    response
}

fn respond(encoding: Encoding, status: StatusCode, body: Vec<u8>) -> Response {
    let kind = match encoding {
        Encoding::Protobuf => "application/x-protobuf",
        Encoding::Json => "application/json",
    };
    (status, [(header::CONTENT_TYPE, kind)], body).into_response()
}
