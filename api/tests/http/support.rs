//! A server on a free port, and clients that fail a test instead of hanging it.

use std::{sync::Arc, time::Duration};

use futures::{SinkExt, StreamExt};
use orcheo_api::{
    ApiSettings, ApiState, HttpSettings, LiveSettings,
    http::{Auth, SocketSettings},
    router,
};
use orcheo_engine::NodeCatalog;
use orcheo_store::{Store, testing::TestDatabase};
use orcheo_telemetry::{Prices, Redactor, otlp::OtlpLimits};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinHandle,
    time::timeout,
};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{ClientRequestBuilder, Message, protocol::CloseFrame},
};
use tokio_util::sync::{CancellationToken, DropGuard};

/// Far above anything a test waits for.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// Short enough that tests need not wait for a trace to complete.
pub(crate) const QUIET: Duration = Duration::from_millis(50);

/// A server; stops when dropped.
pub(crate) struct Server {
    pub(crate) store: Store,
    pub(crate) address: String,
    pub(crate) database: TestDatabase,
    client: reqwest::Client,
    stop: Option<DropGuard>,
    task: JoinHandle<()>,
}

/// What tests change of the settings.
#[derive(Default)]
pub(crate) struct Options {
    pub(crate) token: Option<&'static str>,
    pub(crate) socket: SocketSettings,
    pub(crate) live: Option<LiveSettings>,
    pub(crate) otlp: OtlpLimits,
}

impl Server {
    pub(crate) async fn start() -> Self {
        Self::with(Options::default()).await
    }

    pub(crate) async fn with(options: Options) -> Self {
        Self::on(TestDatabase::new().await, options).await
    }

    /// One process more on the same database.
    pub(crate) async fn on(database: TestDatabase, options: Options) -> Self {
        let store = database.store().await;
        let stop = CancellationToken::new();
        let state = ApiState {
            store: store.clone(),
            prices: Prices::builtin(),
            redactor: Redactor::new(),
            catalog: Arc::new(NodeCatalog::builtin()),
            settings: Arc::new(ApiSettings {
                external_links: vec![
                    "Jaeger=http://localhost:16686/trace/{trace_id}"
                        .parse()
                        .unwrap(),
                ],
                ..ApiSettings::default()
            }),
        };
        let settings = HttpSettings {
            auth: Auth::new(options.token),
            socket: options.socket,
            live: options.live.unwrap_or(LiveSettings {
                quiet: QUIET,
                ..LiveSettings::default()
            }),
            shutdown: stop.clone(),
            otlp: options.otlp,
            ..HttpSettings::default()
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let app = router(state, settings);
        let stopped = stop.clone().cancelled_owned();
        let task = tokio::spawn(async move {
            axum::serve(listener, app)
                .with_graceful_shutdown(stopped)
                .await
                .unwrap();
        });
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap();
        Self {
            store,
            address,
            database,
            client,
            stop: Some(stop.drop_guard()),
            task,
        }
    }

    /// Stops, and waits until every connection is closed.
    pub(crate) async fn stop(&mut self) {
        self.stop.take();
        timeout(PATIENCE, &mut self.task)
            .await
            .expect("the server stops")
            .unwrap();
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client
            .request(method, format!("http://{}{path}", self.address))
            .timeout(PATIENCE)
    }

    pub(crate) fn get(&self, path: &str) -> RequestBuilder {
        self.request(Method::GET, path)
    }

    pub(crate) fn post(&self, path: &str) -> RequestBuilder {
        self.request(Method::POST, path)
    }

    /// The data of a query without errors.
    pub(crate) async fn query(&self, query: &str, variables: Value) -> Value {
        let body = json!({"query": query, "variables": variables});
        let mut answer: Value = self
            .post("/graphql")
            .json(&body)
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap();
        assert_eq!(answer.get("errors"), None, "{answer:#}");
        answer["data"].take()
    }

    /// A socket that was accepted.
    pub(crate) async fn socket(&self) -> Socket {
        let mut socket = self.raw_socket().await;
        socket.say(json!({"type": "connection_init"})).await;
        assert_eq!(socket.hear().await, json!({"type": "connection_ack"}));
        socket
    }

    /// A socket on which nothing was said.
    pub(crate) async fn raw_socket(&self) -> Socket {
        let request = self.upgrade().with_sub_protocol("graphql-transport-ws");
        Socket::connect(request).await.expect("an upgrade")
    }

    pub(crate) fn upgrade(&self) -> ClientRequestBuilder {
        ClientRequestBuilder::new(format!("ws://{}/graphql", self.address).parse().unwrap())
    }
}

/// A client's end of a socket.
pub(crate) struct Socket {
    stream: WebSocketStream<MaybeTlsStream<TcpStream>>,
    ids: u32,
}

impl Socket {
    pub(crate) async fn connect(
        request: ClientRequestBuilder,
    ) -> Result<Self, tokio_tungstenite::tungstenite::Error> {
        let (stream, _) = timeout(PATIENCE, connect_async(request))
            .await
            .expect("an answer in time")?;
        Ok(Self { stream, ids: 0 })
    }

    pub(crate) async fn say(&mut self, message: Value) {
        self.send(Message::Text(message.to_string().into())).await;
    }

    pub(crate) async fn send(&mut self, message: Message) {
        timeout(PATIENCE, self.stream.send(message))
            .await
            .expect("sent in time")
            .unwrap();
    }

    pub(crate) async fn subscribe(&mut self, query: &str, variables: Value) -> String {
        self.ids += 1;
        let id = self.ids.to_string();
        let payload = json!({"query": query, "variables": variables});
        self.say(json!({"type": "subscribe", "id": id, "payload": payload}))
            .await;
        id
    }

    /// The next message of the protocol, without the server's pings.
    pub(crate) async fn hear(&mut self) -> Value {
        loop {
            match self.frame().await {
                Message::Text(text) => {
                    let message: Value = serde_json::from_str(&text).unwrap();
                    if message["type"] != "ping" {
                        return message;
                    }
                }
                Message::Ping(_) | Message::Pong(_) => {}
                other => panic!("expected a message, got {other:?}"),
            }
        }
    }

    /// The data of the next result, which must be one.
    pub(crate) async fn next(&mut self) -> Value {
        let mut message = self.hear().await;
        assert_eq!(message["type"], "next", "{message:#}");
        assert_eq!(message["payload"].get("errors"), None, "{message:#}");
        message["payload"]["data"].take()
    }

    /// The next update of a trace.
    pub(crate) async fn update(&mut self) -> Value {
        self.next().await["traceUpdates"].take()
    }

    /// The first error of the message that ends an operation: its code and reason.
    pub(crate) async fn error(&mut self) -> (String, Option<String>) {
        let message = self.hear().await;
        assert_eq!(message["type"], "error", "{message:#}");
        code_and_reason(&message["payload"][0])
    }

    pub(crate) async fn completed(&mut self) {
        let message = self.hear().await;
        assert_eq!(message["type"], "complete", "{message:#}");
    }

    /// The close frame, whatever comes before it.
    pub(crate) async fn closed(mut self) -> CloseFrame {
        loop {
            if let Message::Close(frame) = self.frame().await {
                return frame.expect("a reason");
            }
        }
    }

    async fn frame(&mut self) -> Message {
        let frame = timeout(PATIENCE, self.stream.next())
            .await
            .expect("a frame in time");
        frame.expect("an open connection").unwrap()
    }
}

pub(crate) fn code_and_reason(error: &Value) -> (String, Option<String>) {
    let text = |key: &str| error["extensions"][key].as_str().map(str::to_owned);
    (
        text("code").unwrap_or_else(|| panic!("no code: {error:#}")),
        text("reason"),
    )
}

pub(crate) const UPDATES: &str = "subscription ($id: ID!, $after: String) { \
    traceUpdates(executionId: $id, after: $after) { cursor caughtUp complete execution { status spanCount } \
    spans { spanId name state revision } artifacts { name } } }";

/// The names of the spans of an update, with their states.
pub(crate) fn spans(update: &Value) -> Vec<String> {
    let spans = update["spans"]
        .as_array()
        .unwrap_or_else(|| panic!("no spans: {update:#}"));
    let span = |span: &Value| {
        format!(
            "{} {}",
            span["name"].as_str().unwrap(),
            span["state"].as_str().unwrap()
        )
    };
    spans.iter().map(span).collect()
}
