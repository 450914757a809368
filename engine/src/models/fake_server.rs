//! A model server for tests: real HTTP on loopback, as well or as badly behaved as a test wants it.

use std::{
    collections::VecDeque,
    convert::Infallible,
    sync::{Arc, Mutex},
};

use axum::{
    Json, Router,
    body::Body,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::post,
};
use futures::{StreamExt, stream};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

/// How the server answers one request.
#[derive(Debug, Clone)]
pub(crate) enum Answer {
    /// Server-sent events with these data, then `[DONE]`.
    Stream(Vec<String>),
    /// The same without `[DONE]`, and then silence.
    Stalled(Vec<String>),
    /// No answer at all.
    Silent,
    Plain {
        status: u16,
        media_type: &'static str,
        headers: Vec<(&'static str, &'static str)>,
        body: String,
    },
}

impl Answer {
    pub(crate) fn json(status: u16, body: Value) -> Self {
        Self::Plain {
            status,
            media_type: "application/json",
            headers: Vec::new(),
            body: body.to_string(),
        }
    }

    /// A streamed text, a piece per item, with usage at the end.
    pub(crate) fn text(pieces: &[&str], usage: Value) -> Self {
        let mut events: Vec<String> = pieces
            .iter()
            .map(|piece| delta(json!({"content": piece})))
            .collect();
        events.push(finish("stop"));
        events.push(chunk(json!([]), usage));
        Self::Stream(events)
    }

    /// A streamed wish to call one tool.
    pub(crate) fn tool_call(id: &str, name: &str, arguments: &Value) -> Self {
        let function = json!({"name": name, "arguments": arguments.to_string()});
        let call = json!({"tool_calls": [{"index": 0, "id": id, "type": "function", "function": function}]});
        let usage = json!({"prompt_tokens": 20, "completion_tokens": 5});
        Self::Stream(vec![
            delta(call),
            finish("tool_calls"),
            chunk(json!([]), usage),
        ])
    }
}

pub(crate) fn delta(delta: Value) -> String {
    chunk(
        json!([{"index": 0, "delta": delta, "finish_reason": null}]),
        Value::Null,
    )
}

pub(crate) fn finish(reason: &str) -> String {
    chunk(
        json!([{"index": 0, "delta": {}, "finish_reason": reason}]),
        Value::Null,
    )
}

pub(crate) fn chunk(choices: Value, usage: Value) -> String {
    json!({
        "id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "test-model-2026",
        "choices": choices, "usage": usage,
    })
    .to_string()
}

/// A request the server was sent.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

#[derive(Debug, Clone, Default)]
struct Shared {
    answers: Arc<Mutex<VecDeque<Answer>>>,
    seen: Arc<Mutex<Vec<Seen>>>,
}

/// Answers in the given order; stops when it is dropped.
pub(crate) struct FakeModelServer {
    shared: Shared,
    port: u16,
    task: tokio::task::JoinHandle<()>,
}

impl FakeModelServer {
    pub(crate) async fn start(answers: impl IntoIterator<Item = Answer>) -> Self {
        let shared = Shared::default();
        shared.answers.lock().unwrap().extend(answers);
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let app = Router::new()
            .route("/v1/chat/completions", post(answer))
            .with_state(shared.clone());
        let task = tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self { shared, port, task }
    }

    pub(crate) fn base_url(&self) -> String {
        format!("http://127.0.0.1:{}/v1", self.port)
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.shared.seen.lock().unwrap().clone()
    }
}

impl Drop for FakeModelServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A loopback address where nobody listens.
pub(crate) async fn closed_port() -> u16 {
    TcpListener::bind(("127.0.0.1", 0))
        .await
        .unwrap()
        .local_addr()
        .unwrap()
        .port()
}

async fn answer(
    State(shared): State<Shared>,
    headers: HeaderMap,
    Json(body): Json<Value>,
) -> Response {
    shared.seen.lock().unwrap().push(Seen { headers, body });
    let next = shared
        .answers
        .lock()
        .unwrap()
        .pop_front()
        .expect("more requests than answers");
    match next {
        Answer::Stream(events) => event_stream(stream::iter(frames(events, true))),
        Answer::Stalled(events) => {
            event_stream(stream::iter(frames(events, false)).chain(stream::pending()))
        }
        Answer::Silent => std::future::pending().await,
        Answer::Plain {
            status,
            media_type,
            headers,
            body,
        } => {
            let mut response = (
                StatusCode::from_u16(status).unwrap(),
                [(header::CONTENT_TYPE, media_type)],
                body,
            )
                .into_response();
            for (name, value) in headers {
                response.headers_mut().insert(name, value.parse().unwrap());
            }
            response
        }
    }
}

fn frames(events: Vec<String>, done: bool) -> Vec<String> {
    let done = done.then(|| "data: [DONE]\n\n".to_owned());
    events
        .into_iter()
        .map(|event| format!("data: {event}\n\n"))
        .chain(done)
        .collect()
}

fn event_stream(frames: impl futures::Stream<Item = String> + Send + 'static) -> Response {
    let body = Body::from_stream(frames.map(Ok::<_, Infallible>));
    ([(header::CONTENT_TYPE, "text/event-stream")], body).into_response()
}

/// A server that breaks its one connection off in the middle of an event stream; returns the base URL.
pub(crate) async fn start_breaking(events: Vec<String>) -> String {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        let mut request = Vec::new();
        while !request.windows(2).any(|window| window == b"}]") {
            socket.read_buf(&mut request).await.unwrap();
        }
        let head =
            "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: 100000\r\n\r\n";
        let answer = format!("{head}{}", frames(events, false).concat());
        socket.write_all(answer.as_bytes()).await.unwrap();
    });
    format!("http://127.0.0.1:{port}/v1")
}
