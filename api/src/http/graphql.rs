//! `/graphql`: GraphQL over HTTP.
//!
//! Source: the GraphQL-over-HTTP specification. A request that is refused before it is executed has status 4xx and no
//! `data` as `application/graphql-response+json`, and status 200 as `application/json`.

use async_graphql::parser::types::OperationType;
use axum::{
    body::{Body, to_bytes},
    extract::{FromRequestParts, Request, State, WebSocketUpgrade},
    http::{HeaderValue, Method, StatusCode, header, request::Parts},
    response::{IntoResponse, Redirect, Response},
};
use bytes::Bytes;
use http_body_util::LengthLimitError;

use super::{
    Identity, auth,
    negotiate::{self, ResponseType},
    operations,
    request::GraphQlRequest,
    server::Server,
    socket, sse,
};
use crate::{
    error::{ApiError, ErrorCode},
    graphql::{Answer, Refusal},
};

/// The largest request body read, in bytes.
const MAX_BODY: usize = 1 << 20;

/// Everything that is sent to `/graphql`.
pub(crate) async fn handle(State(server): State<Server>, request: Request) -> Response {
    let (mut parts, body) = request.into_parts();
    match parts.method {
        Method::POST => post(&server, &parts, body).await.into_response(),
        Method::GET if is_upgrade(&parts) => {
            match WebSocketUpgrade::from_request_parts(&mut parts, &()).await {
                Ok(upgrade) => socket::upgrade(server, identity(&parts), upgrade),
                Err(rejection) => rejection.into_response(),
            }
        }
        Method::GET if negotiate::prefers_html(&parts.headers) => {
            Redirect::to("/graphiql").into_response()
        }
        _ => {
            let error =
                ApiError::bad_input("send a POST request with a JSON body, or open a WebSocket");
            let mut refused = Refused::new(error, StatusCode::METHOD_NOT_ALLOWED).into_response();
            refused
                .headers_mut()
                .insert(header::ALLOW, HeaderValue::from_static("POST"));
            refused
        }
    }
}

fn is_upgrade(parts: &Parts) -> bool {
    let upgrade = parts.headers.get(header::UPGRADE);
    upgrade.is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"websocket"))
}

fn identity(parts: &Parts) -> Option<Identity> {
    parts
        .extensions
        .get::<Option<Identity>>()
        .copied()
        .flatten()
}

async fn post(server: &Server, parts: &Parts, body: Body) -> Result<Response, Refused> {
    let form = ResponseType::negotiate(&parts.headers).ok_or_else(|| {
        let error = ApiError::bad_input("none of the media types in Accept can be had");
        Refused::new(error, StatusCode::NOT_ACCEPTABLE)
    })?;
    let refused = |error, status| Refused {
        form,
        ..Refused::new(error, status)
    };
    let identity = identity(parts)
        .ok_or_else(|| refused(auth::unauthenticated(), StatusCode::UNAUTHORIZED))?;
    if !negotiate::is_json_body(&parts.headers) {
        let error = ApiError::bad_input("the body has to be application/json in UTF-8");
        return Err(refused(error, StatusCode::UNSUPPORTED_MEDIA_TYPE));
    }
    let body = to_bytes(body, MAX_BODY).await.map_err(|error| {
        if std::error::Error::source(&error).is_some_and(|source| source.is::<LengthLimitError>()) {
            let error = ApiError::limit(format!("the body may have at most {MAX_BODY} bytes"));
            refused(error, StatusCode::PAYLOAD_TOO_LARGE)
        } else {
            refused(
                ApiError::bad_input("the body could not be read"),
                StatusCode::BAD_REQUEST,
            )
        }
    })?;
    let request: GraphQlRequest = serde_json::from_slice(&body).map_err(|error| {
        let error = ApiError::bad_input(format!("the body is not a GraphQL request: {error}"));
        refused(error, StatusCode::BAD_REQUEST)
    })?;
    let operation = match operations::parse(server, request) {
        Ok(operation) => operation,
        Err(refusal) => return Ok(refuse(form, &refusal)),
    };
    if form == ResponseType::EventStream {
        let outcomes = operations::run(server, identity, operation);
        return Ok(sse::respond(outcomes, server.settings.shutdown.clone()));
    }
    if operation.kind() == OperationType::Subscription {
        let error = ApiError::bad_input(
            "subscriptions are served over WebSocket, and over SSE to those who accept text/event-stream",
        );
        return Ok(refuse(form, &error.into()));
    }
    Ok(match operations::execute(server, operation).await {
        Answer::Executed { body, .. } => json(form, StatusCode::OK, body),
        Answer::Refused(refusal) => refuse(form, &refusal),
    })
}

/// The answer to a well-formed request whose document, variables or limits do not allow an execution.
fn refuse(form: ResponseType, refusal: &Refusal) -> Response {
    let status = match form {
        ResponseType::Json => StatusCode::OK,
        ResponseType::GraphQlResponse | ResponseType::EventStream => StatusCode::BAD_REQUEST,
    };
    json(form, status, refusal.body())
}

fn json(form: ResponseType, status: StatusCode, body: Bytes) -> Response {
    let media_type = match form {
        ResponseType::GraphQlResponse => "application/graphql-response+json; charset=utf-8",
        ResponseType::Json | ResponseType::EventStream => "application/json; charset=utf-8",
    };
    (status, [(header::CONTENT_TYPE, media_type)], body).into_response()
}

/// The answer to what is no GraphQL request: its status is the same in every form.
struct Refused {
    form: ResponseType,
    error: ApiError,
    status: StatusCode,
}

impl Refused {
    fn new(error: ApiError, status: StatusCode) -> Self {
        Self {
            form: ResponseType::Json,
            error,
            status,
        }
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let unauthenticated = self.error.code() == ErrorCode::Unauthenticated;
        let response = json(self.form, self.status, Refusal::from(self.error).body());
        if unauthenticated {
            auth::challenge(response)
        } else {
            response
        }
    }
}
