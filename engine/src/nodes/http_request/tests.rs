//! Requests to a real server on loopback.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{any, get};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::models::fake_server::closed_port;
use crate::nodes::testing::{Lab, Ran};

#[derive(Debug, Clone)]
struct Seen {
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
}

type Log = Arc<Mutex<Vec<Seen>>>;

struct Server {
    log: Log,
    port: u16,
    task: tokio::task::JoinHandle<()>,
}

impl Server {
    async fn start() -> Self {
        let log = Log::default();
        let app = Router::new()
            .route("/echo", any(echo))
            .route("/status/{code}", get(status))
            .route("/away", get(|| async { Redirect::temporary("/echo") }))
            .route("/bytes", get(|| async { vec![0xFF_u8, 0x00] }))
            .route("/large", get(|| async { vec![b'x'; 50 << 20] }))
            .route(
                "/hang",
                get(|| async { std::future::pending::<()>().await }),
            )
            .route("/cut", get(cut))
            .with_state(Arc::clone(&log));
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let task = tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self { log, port, task }
    }

    fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    async fn request(&self, path: &str, more: Value) -> Ran {
        Lab::default().run_node(self.node(path, more)).await
    }

    fn node(&self, path: &str, more: Value) -> Value {
        let mut node = json!({"type": "HttpRequestNode", "url": self.url(path)});
        node.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        node
    }

    fn seen(&self) -> Seen {
        self.log.lock().unwrap().last().cloned().unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn echo(State(log): State<Log>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 1 << 20).await.unwrap();
    log.lock().unwrap().push(Seen {
        method: parts.method,
        uri: parts.uri,
        headers: parts.headers,
        body,
    });
    (
        [("x-twice", "1"), ("content-type", "application/json")],
        r#"{"ok": true}"#,
    )
        .into_response()
}

async fn status(State(log): State<Log>, request: Request) -> StatusCode {
    let (parts, _) = request.into_parts();
    let code = parts
        .uri
        .path()
        .rsplit('/')
        .next()
        .unwrap()
        .parse()
        .unwrap();
    log.lock().unwrap().push(Seen {
        method: parts.method,
        uri: parts.uri,
        headers: parts.headers,
        body: Bytes::new(),
    });
    code
}

async fn cut() -> Response {
    let pieces =
        futures::stream::iter([Ok(Bytes::from("half")), Err(std::io::Error::other("cut"))]);
    Body::from_stream(pieces).into_response()
}

#[tokio::test]
async fn the_response_is_returned_with_its_json() {
    let server = Server::start().await;
    let output = server.request("/echo", json!({})).await.output();
    assert_eq!(output["status_code"], 200);
    assert_eq!(output["reason"], "OK");
    assert_eq!(output["json"], json!({"ok": true}));
    assert_eq!(output["content"], r#"{"ok": true}"#);
    assert_eq!(output["headers"]["x-twice"], "1");
    assert_eq!(output["url"], server.url("/echo"));
    assert!(output["elapsed"].as_f64().unwrap() > 0.0);
}

#[tokio::test]
async fn query_headers_and_bodies_arrive() {
    let server = Server::start().await;
    let query = json!({"q": "a b&c", "tag": ["x", "y"], "gone": null, "n": 5});
    server
        .request(
            "/echo?old=1",
            json!({"params": query, "headers": {"X-Count": 7}}),
        )
        .await
        .outputs();
    assert_eq!(
        server.seen().uri.query(),
        Some("old=1&q=a+b%26c&tag=x&tag=y&n=5")
    );
    assert_eq!(server.seen().headers["x-count"], "7");

    for (body, media_type, text) in [
        (
            json!({"json_body": {"a": 1}}),
            "application/json",
            r#"{"a":1}"#,
        ),
        (
            json!({"data": {"a": "x y", "b": [1, 2]}}),
            "application/x-www-form-urlencoded",
            "a=x+y&b=1&b=2",
        ),
        (
            json!({"content": "plain", "headers": {"content-type": "text/plain"}}),
            "text/plain",
            "plain",
        ),
    ] {
        let mut more = body;
        more["method"] = "POST".into();
        server.request("/echo", more).await.outputs();
        let seen = server.seen();
        assert_eq!(seen.method, Method::POST);
        assert_eq!(seen.headers["content-type"], media_type);
        assert_eq!(seen.body, text);
    }
}

#[tokio::test]
async fn the_request_has_a_client_span_and_hands_the_trace_on() {
    let server = Server::start().await;
    let url = server
        .url("/echo?page=1")
        .replace("http://", "http://user:hunter2@");
    let ran = Lab::default()
        .run_node(json!({"type": "HttpRequestNode", "url": url}))
        .await;
    ran.outputs();

    let span = ran.span("GET");
    assert_eq!(span.0.span_kind, opentelemetry::trace::SpanKind::Client);
    assert_eq!(ran.path(span), ["workflow.execution", "node", "GET"]);
    assert_eq!(span.attribute("http.request.method"), "GET");
    assert_eq!(span.attribute("url.full"), server.url("/echo?page=1"));
    assert_eq!(span.attribute("server.address"), "127.0.0.1");
    assert_eq!(span.attribute("server.port"), server.port);
    assert_eq!(span.attribute("http.response.status_code"), 200);

    let context = &span.0.span_context;
    let expected = format!("00-{}-{}-01", context.trace_id(), context.span_id());
    assert_eq!(server.seen().headers["traceparent"], expected);
    assert!(
        server.seen().headers.contains_key("authorization"),
        "the address's credentials are used"
    );
}

#[tokio::test]
async fn a_refusal_is_an_answer_unless_it_is_to_be_an_error() {
    let server = Server::start().await;
    let ran = server.request("/status/404", json!({})).await;
    assert_eq!(ran.output()["status_code"], 404);
    assert!(
        ran.span("GET").failure().unwrap().contains("404"),
        "the request's own span shows it"
    );

    let ran = server
        .request("/status/404", json!({"raise_for_status": true}))
        .await;
    assert_eq!(ran.error().code, "HTTP_STATUS");
    assert_eq!(
        ran.error().message,
        format!("127.0.0.1:{} answered 404 Not Found", server.port)
    );
}

#[tokio::test]
async fn only_passing_refusals_are_tried_again() {
    let server = Server::start().await;
    let retry = json!({"raise_for_status": true, "retry": {"max_attempts": 3}});
    for (status, attempts) in [(404, 1), (429, 3), (503, 3)] {
        server.log.lock().unwrap().clear();
        server
            .request(&format!("/status/{status}"), retry.clone())
            .await
            .error();
        assert_eq!(server.log.lock().unwrap().len(), attempts, "{status}");
    }
}

#[tokio::test]
async fn redirects_are_followed_or_returned() {
    let server = Server::start().await;
    let output = server.request("/away", json!({})).await.output();
    assert_eq!(output["url"], server.url("/echo"));
    let output = server
        .request("/away", json!({"follow_redirects": false}))
        .await
        .output();
    assert_eq!(output["status_code"], 307);
    assert_eq!(output["headers"]["location"], "/echo");
}

#[tokio::test]
async fn a_body_that_is_no_text_is_base64() {
    let server = Server::start().await;
    let output = server.request("/bytes", json!({})).await.output();
    assert_eq!(output["content"], Value::Null);
    assert_eq!(output["content_base64"], "/wA=");
}

#[tokio::test]
async fn a_response_that_is_too_large_is_not_read_to_its_end() {
    let server = Server::start().await;
    assert_eq!(
        server.request("/large", json!({})).await.error().code,
        "HTTP_RESPONSE_TOO_LARGE"
    );
}

#[tokio::test]
async fn a_server_that_does_not_answer_is_a_timeout() {
    let server = Server::start().await;
    let error = server
        .request("/hang", json!({"timeout": 0.2}))
        .await
        .error();
    assert_eq!(error.code, "TIMEOUT");
}

#[tokio::test]
async fn a_connection_that_is_refused_or_breaks_is_told_without_the_address_s_secrets() {
    let server = Server::start().await;
    assert_eq!(
        server.request("/cut", json!({})).await.error().code,
        "HTTP_FAILED"
    );

    let port = closed_port().await;
    let url = format!("http://user:hunter2@127.0.0.1:{port}/path?api_key=abcdef");
    let error = Lab::default()
        .run_node(json!({"type": "HttpRequestNode", "url": url}))
        .await
        .error();
    assert_eq!(error.code, "HTTP_FAILED");
    assert!(
        error.message.contains(&format!("127.0.0.1:{port}")),
        "{}",
        error.message
    );
    assert!(
        !error.message.contains("hunter2") && !error.message.contains("abcdef"),
        "{}",
        error.message
    );
}

#[tokio::test]
async fn a_request_that_cannot_be_made_is_refused() {
    let server = Server::start().await;
    for (more, problem) in [
        (
            json!({"url": "nonsense"}),
            "url: relative URL without a base",
        ),
        (
            json!({"url": "ftp://host/"}),
            "url: not an HTTP address with a host",
        ),
        (
            json!({"headers": {"a b": "1"}}),
            "headers: `a b` is not the name of a header",
        ),
        (
            json!({"headers": {"x": "1\n2"}}),
            "headers: `x` has characters that no header can carry",
        ),
        (
            json!({"json_body": 1, "content": "2"}),
            "json_body, content and data are three ways",
        ),
    ] {
        let error = server.request("/echo", more).await.error();
        assert!(error.message.starts_with(problem), "{}", error.message);
    }
}

#[tokio::test]
async fn a_credential_reaches_the_server_and_no_span() {
    let server = Server::start().await;
    let node = server.node(
        "/echo",
        json!({"headers": {"authorization": "Bearer [[token]]"}}),
    );
    let ran = Lab::default()
        .credential("token", "s3cr3t-value")
        .run_node(node)
        .await;
    ran.outputs();
    assert_eq!(
        server.seen().headers["authorization"],
        "Bearer s3cr3t-value"
    );
    assert!(
        ran.spans
            .iter()
            .all(|span| !format!("{span:?}").contains("s3cr3t-value"))
    );
}
