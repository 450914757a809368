//! Pages from the binary: the web client and GraphiQL. They load without a token; what they show needs it.

use axum::{
    extract::Path,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use rust_embed::{EmbeddedFile, RustEmbed};

use crate::error::ApiError;

/// Pages load what this server serves and speak to nobody else. Frames show previews of artifacts.
const CLIENT_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; \
     font-src 'self'; connect-src 'self'; frame-src 'self'; manifest-src 'self'; frame-ancestors 'none'; base-uri 'none'; \
     form-action 'none'";

/// Monaco, GraphiQL's editor, writes style elements of its own, and its language services are workers.
const GRAPHIQL_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; worker-src 'self'; \
     img-src 'self' data:; font-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; \
     form-action 'none'";

/// The page asks for the newest version each time; it is short and names the other files by their content.
const REVALIDATE: &str = "no-cache";
/// Names with a hash never change their content.
const FOREVER: &str = "public, max-age=31536000, immutable";

/// What `npm run build` left in `canvas-client/dist`; empty when it has not run.
#[derive(RustEmbed)]
#[folder = "../canvas-client/dist/"]
#[allow_missing = true]
struct Canvas;

/// What `npm run build` left in `graphiql/dist`; empty when it has not run.
#[derive(RustEmbed)]
#[folder = "../graphiql/dist/"]
#[allow_missing = true]
struct GraphiQl;

/// Every address of the web client: it reads the rest of the address itself.
pub(crate) async fn client(headers: HeaderMap) -> Response {
    match Canvas::get("index.html") {
        Some(file) => serve("index.html", file, &headers, CLIENT_POLICY, REVALIDATE),
        None => missing(),
    }
}

/// `GET /assets/{file}`: what the web client loads.
pub(crate) async fn client_asset(Path(name): Path<String>, headers: HeaderMap) -> Response {
    match Canvas::get(&format!("assets/{name}")) {
        Some(file) => serve(&name, file, &headers, CLIENT_POLICY, FOREVER),
        None => ApiError::not_found("such file").into_response(),
    }
}

/// `GET /favicon.svg`: its name carries no hash.
pub(crate) async fn favicon(headers: HeaderMap) -> Response {
    match Canvas::get("favicon.svg") {
        Some(file) => serve("favicon.svg", file, &headers, CLIENT_POLICY, REVALIDATE),
        None => ApiError::not_found("such file").into_response(),
    }
}

/// `GET /graphiql`.
pub(crate) async fn graphiql(headers: HeaderMap) -> Response {
    match GraphiQl::get("index.html") {
        Some(file) => serve("index.html", file, &headers, GRAPHIQL_POLICY, REVALIDATE),
        None => missing(),
    }
}

/// `GET /graphiql/{file}`.
pub(crate) async fn graphiql_file(Path(name): Path<String>, headers: HeaderMap) -> Response {
    match GraphiQl::get(&name) {
        Some(file) => serve(&name, file, &headers, GRAPHIQL_POLICY, FOREVER),
        None => ApiError::not_found("such page").into_response(),
    }
}

fn serve(
    name: &str,
    file: EmbeddedFile,
    request: &HeaderMap,
    policy: &'static str,
    caching: &'static str,
) -> Response {
    let etag = format!("\"{}\"", hex::encode(&file.metadata.sha256_hash()[..16]));
    let known = request
        .get(header::IF_NONE_MATCH)
        .is_some_and(|known| known.as_bytes() == etag.as_bytes());
    let mut response = if known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let media_type = media_type(name, &file);
        ([(header::CONTENT_TYPE, media_type)], file.data).into_response()
    };
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(policy),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(caching));
    if let Ok(etag) = HeaderValue::from_str(&etag) {
        headers.insert(header::ETAG, etag);
    }
    response
}

/// Text is UTF-8 here, which the guessed type leaves open.
fn media_type(name: &str, file: &EmbeddedFile) -> String {
    let guessed = file.metadata.mimetype();
    let text = guessed.starts_with("text/") || name.ends_with(".js");
    if text {
        format!("{guessed}; charset=utf-8")
    } else {
        guessed.to_owned()
    }
}

/// The program was compiled before its web assets were.
fn missing() -> Response {
    const PAGE: &str = "<!doctype html><html lang=en><meta charset=utf-8><title>orcheo-trace</title>\
        <h1>This page was not built</h1>\
        <p>The program was compiled without its web assets. Run <code>make assets</code>, then compile it again. \
        The API works without them.</p>";
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, CLIENT_POLICY),
    ];
    (StatusCode::SERVICE_UNAVAILABLE, headers, PAGE).into_response()
}
