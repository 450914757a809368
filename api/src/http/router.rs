//! The routes, and what stands around all of them.

use std::any::Any;

use axum::{
    Json, Router,
    http::{HeaderMap, HeaderName, Method, StatusCode, header},
    middleware::{from_fn, from_fn_with_state},
    response::{IntoResponse, Response},
    routing::{any, get},
};
use tower_http::{
    CompressionLevel,
    catch_panic::CatchPanicLayer,
    compression::{
        CompressionLayer,
        predicate::{DefaultPredicate, Predicate},
    },
    cors::{AllowOrigin, CorsLayer},
};
use utoipa::{
    Modify, OpenApi,
    openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    HttpSettings, Origins, Server, assets, auth, graphql, headers, health, operations, origin,
    session, trace,
};
use crate::{
    error::{ApiError, Problem},
    otlp, rest,
    state::ApiState,
};

/// The whole API. Must be called within a runtime: it starts to listen for changes.
pub fn router(state: ApiState, settings: HttpSettings) -> Router {
    health::describe();
    let (protected, description) = protected().split_for_parts();
    let (open, open_description) = open().split_for_parts();
    let description = described(description, open_description);
    let pages = Router::new()
        .route("/", get(assets::client))
        .route("/workflows", get(assets::client))
        .route("/workflows/{*page}", get(assets::client))
        .route("/traces/{*page}", get(assets::client))
        .route("/assets/{*file}", get(assets::client_asset))
        .route("/favicon.svg", get(assets::favicon))
        .route("/graphiql", get(assets::graphiql))
        .route("/graphiql/", get(assets::graphiql))
        .route("/graphiql/{*file}", get(assets::graphiql_file))
        // Browsers keep these, so that they are worth a smaller size.
        .layer(CompressionLayer::new());
    let origins = settings.origins.clone();
    let authentication = settings.auth.clone();
    protected
        .route("/api/openapi.json", get(async move || Json(description)))
        .merge(otlp::http::routes())
        .route_layer(from_fn(auth::require))
        .merge(open)
        .merge(pages)
        // Asks for the token itself, because its refusals are GraphQL's, and because sockets may send it later.
        .route("/graphql", any(graphql::handle))
        .fallback(async || ApiError::not_found("such resource"))
        .method_not_allowed_fallback(async || {
            let error = ApiError::bad_input("the resource has no such method");
            Problem::of(StatusCode::METHOD_NOT_ALLOWED, error)
        })
        .layer(from_fn_with_state(authentication, auth::identify))
        // Most clients are near: large answers wait for the compressor more than for the wire.
        .layer(
            CompressionLayer::new()
                .quality(CompressionLevel::Fastest)
                .compress_when(DefaultPredicate::new().and(is_no_download)),
        )
        .layer(cross_origin(origins.clone()))
        .layer(from_fn_with_state(origins, origin::check))
        .layer(from_fn(headers::secure))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn_with_state(state.redactor.clone(), trace::trace))
        .with_state(Server::new(state, settings))
}

/// The description of the REST interface, as served at `/api/openapi.json`.
pub fn openapi() -> utoipa::openapi::OpenApi {
    described(protected().into_openapi(), open().into_openapi())
}

/// What asks for the token.
fn protected() -> OpenApiRouter<Server> {
    rest::routes().routes(routes!(health::metrics))
}

/// What has to work without it.
fn open() -> OpenApiRouter<Server> {
    OpenApiRouter::new()
        .routes(routes!(session::state, session::sign_in, session::sign_out))
        .routes(routes!(health::live))
        .routes(routes!(health::ready))
}

#[derive(OpenApi)]
#[openapi(
    info(title = "orcheo-trace", description = "Traces of workflow executions. GraphQL, at `/graphql`, has all of it; REST \
        is for scripts, links, downloads and `EventSource`.", license(name = "Apache-2.0", identifier = "Apache-2.0")),
    security(("bearer" = []), ("session" = [])),
    modifiers(&Security),
)]
struct Description;

struct Security;

impl Modify for Security {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let components = openapi.components.get_or_insert_default();
        let bearer =
            SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build());
        components.add_security_scheme("bearer", bearer);
        let session = SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::new(session::COOKIE)));
        components.add_security_scheme("session", session);
    }
}

fn described(
    protected: utoipa::openapi::OpenApi,
    open: utoipa::openapi::OpenApi,
) -> utoipa::openapi::OpenApi {
    let mut description = Description::openapi();
    description.merge(protected);
    description.merge(open);
    description
}

/// Pages of configured origins may use the API as our own do.
fn cross_origin(origins: Origins) -> CorsLayer {
    let allowed = move |origin: &axum::http::HeaderValue, _: &axum::http::request::Parts| {
        origins.is_configured(origin.as_bytes())
    };
    CorsLayer::new()
        .allow_origin(AllowOrigin::predicate(allowed))
        .allow_credentials(true)
        .allow_methods([Method::GET, Method::POST, Method::DELETE])
        .allow_headers([
            header::ACCEPT,
            header::AUTHORIZATION,
            header::CONTENT_TYPE,
            header::RANGE,
            HeaderName::from_static("last-event-id"),
            HeaderName::from_static("traceparent"),
            HeaderName::from_static("tracestate"),
            trace::BAGGAGE,
        ])
        .expose_headers([
            header::CONTENT_DISPOSITION,
            header::CONTENT_RANGE,
            header::ETAG,
            header::LOCATION,
            trace::TRACERESPONSE,
        ])
}

/// Ranges and the hash of a download are about its bytes as they are.
fn is_no_download(
    _: StatusCode,
    _: axum::http::Version,
    headers: &HeaderMap,
    _: &axum::http::Extensions,
) -> bool {
    !headers.contains_key(header::ACCEPT_RANGES)
}

fn panicked(panic: Box<dyn Any + Send + 'static>) -> Response {
    let message = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied());
    tracing::error!(
        panic = message.unwrap_or("of unknown type"),
        "a handler panicked"
    );
    operations::panicked().into_response()
}
