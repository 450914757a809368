//! The protocol, driven over channels: what a client says, and what it must hear.

use std::{
    convert::Infallible,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes};
use futures::{Sink, SinkExt, Stream, StreamExt, channel::mpsc, stream::BoxStream};
use serde_json::{Map, Value, json};
use tokio::{task::JoinHandle, time::timeout};
use tokio_util::sync::CancellationToken;

use super::connection::{Operations, SocketSettings, serve};
use crate::http::{operations::Outcome, request::GraphQlRequest};

/// Far above anything a test waits for: it only turns a hang into a failure.
const PATIENCE: Duration = Duration::from_secs(20);

/// Operations named by their query.
#[derive(Clone, Default)]
struct Script {
    /// How many operations were dropped, finished or not.
    dropped: Arc<AtomicUsize>,
}

struct CountDrop(Arc<AtomicUsize>);

impl Drop for CountDrop {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

fn next(payload: &Value) -> Outcome {
    Outcome::Next(payload.to_string().into())
}

impl Script {
    /// Waits until `count` operations were dropped: aborting a task takes effect when it is polled.
    async fn dropped(&self, count: usize) {
        let enough = async {
            while self.dropped.load(Ordering::SeqCst) < count {
                tokio::task::yield_now().await;
            }
        };
        timeout(PATIENCE, enough)
            .await
            .expect("the operations are dropped");
    }
}

impl Operations for Script {
    type Session = ();

    fn connect(&self, payload: Option<Map<String, Value>>) -> Option<()> {
        payload
            .is_none_or(|payload| payload.get("token") == Some(&json!("right")))
            .then_some(())
    }

    fn run(&self, _: &(), request: GraphQlRequest) -> BoxStream<'static, Outcome> {
        let guard = CountDrop(self.dropped.clone());
        let outcomes: BoxStream<'static, Outcome> = match request.query.as_str() {
            "three" => futures::stream::iter((1..=3).map(|n| next(&json!({"data": n})))).boxed(),
            "flood" => {
                futures::stream::repeat_with(|| next(&json!({"data": "x".repeat(1000)}))).boxed()
            }
            "invalid" => {
                futures::stream::iter([Outcome::Error(r#"[{"message":"no"}]"#.into())]).boxed()
            }
            "panic" => futures::stream::once(async { panic!("as scripted") }).boxed(),
            _ => futures::stream::pending().boxed(),
        };
        outcomes
            .map(move |outcome| {
                let _ = &guard;
                outcome
            })
            .boxed()
    }

    fn too_many(&self) -> Utf8Bytes {
        r#"[{"message":"too many"}]"#.into()
    }

    fn panicked(&self) -> Utf8Bytes {
        r#"[{"message":"panicked"}]"#.into()
    }
}

/// The server's end of a connection that is two channels.
struct Pipe {
    incoming: mpsc::UnboundedReceiver<Message>,
    outgoing: mpsc::Sender<Message>,
}

impl Stream for Pipe {
    type Item = Result<Message, Infallible>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.incoming
            .poll_next_unpin(cx)
            .map(|message| message.map(Ok))
    }
}

impl Sink<Message> for Pipe {
    type Error = mpsc::SendError;

    fn poll_ready(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.outgoing.poll_ready(cx)
    }

    fn start_send(mut self: Pin<&mut Self>, message: Message) -> Result<(), Self::Error> {
        self.outgoing.start_send(message)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.outgoing.poll_flush_unpin(cx)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.outgoing.poll_close_unpin(cx)
    }
}

/// A client of a served connection.
struct Client {
    say: mpsc::UnboundedSender<Message>,
    hear: mpsc::Receiver<Message>,
    script: Script,
    shutdown: CancellationToken,
    server: JoinHandle<()>,
}

impl Client {
    fn connect(settings: SocketSettings) -> Self {
        let (say, incoming) = mpsc::unbounded();
        let (outgoing, hear) = mpsc::channel(0);
        let script = Script::default();
        let shutdown = CancellationToken::new();
        let server = tokio::spawn(serve(
            Pipe { incoming, outgoing },
            script.clone(),
            settings,
            shutdown.clone(),
        ));
        Self {
            say,
            hear,
            script,
            shutdown,
            server,
        }
    }

    async fn ready(settings: SocketSettings) -> Self {
        let mut client = Self::connect(settings);
        client.say(json!({"type": "connection_init"}));
        assert_eq!(client.hear().await, json!({"type": "connection_ack"}));
        client
    }

    fn say(&self, message: Value) {
        self.say_raw(Message::Text(message.to_string().into()));
    }

    fn say_raw(&self, message: Message) {
        self.say
            .unbounded_send(message)
            .expect("the server listens");
    }

    fn subscribe(&self, id: &str, query: &str) {
        self.say(json!({"type": "subscribe", "id": id, "payload": {"query": query}}));
    }

    async fn frame(&mut self) -> Message {
        let frame = timeout(PATIENCE, self.hear.next())
            .await
            .expect("a frame in time");
        frame.expect("an open connection")
    }

    /// The next message of the protocol.
    async fn hear(&mut self) -> Value {
        loop {
            match self.frame().await {
                Message::Text(text) => return serde_json::from_str(text.as_str()).expect("JSON"),
                Message::Ping(_) => {}
                other => panic!("expected a message, got {other:?}"),
            }
        }
    }

    /// The close frame, whatever comes before it; the server is over then.
    async fn closed(mut self) -> CloseFrame {
        let close = loop {
            if let Message::Close(frame) = self.frame().await {
                break frame.expect("a reason");
            }
        };
        timeout(PATIENCE, self.server)
            .await
            .expect("the server ends")
            .expect("without panic");
        close
    }
}

fn settings() -> SocketSettings {
    SocketSettings::default()
}

#[tokio::test]
async fn an_operation_gives_its_results_and_completes() {
    let mut client = Client::ready(settings()).await;
    client.subscribe("a", "three");
    for n in 1..=3 {
        assert_eq!(
            client.hear().await,
            json!({"id": "a", "type": "next", "payload": {"data": n}})
        );
    }
    assert_eq!(client.hear().await, json!({"id": "a", "type": "complete"}));
}

#[tokio::test]
async fn a_refused_operation_is_an_error_and_nothing_else() {
    let mut client = Client::ready(settings()).await;
    client.subscribe("a", "invalid");
    assert_eq!(
        client.hear().await,
        json!({"id": "a", "type": "error", "payload": [{"message": "no"}]})
    );
    client.subscribe("a", "three");
    assert_eq!(client.hear().await["type"], "next", "the id is free again");
}

#[tokio::test]
async fn a_panic_ends_its_own_operation_only() {
    let mut client = Client::ready(settings()).await;
    client.subscribe("bad", "panic");
    assert_eq!(
        client.hear().await,
        json!({"id": "bad", "type": "error", "payload": [{"message": "panicked"}]})
    );
    client.subscribe("good", "three");
    assert_eq!(client.hear().await["id"], "good");
}

#[tokio::test]
async fn silence_instead_of_an_init_closes_with_4408() {
    let client = Client::connect(SocketSettings {
        init_timeout: Duration::from_millis(20),
        ..settings()
    });
    assert_eq!(client.closed().await.code, 4408);
}

#[tokio::test]
async fn a_second_init_closes_with_4429() {
    let client = Client::ready(settings()).await;
    client.say(json!({"type": "connection_init"}));
    let close = client.closed().await;
    assert_eq!(
        (close.code, close.reason.as_str()),
        (4429, "Too many initialisation requests")
    );
}

#[tokio::test]
async fn an_operation_before_the_init_closes_with_4401() {
    let client = Client::connect(settings());
    client.subscribe("a", "three");
    let close = client.closed().await;
    assert_eq!((close.code, close.reason.as_str()), (4401, "Unauthorized"));
}

#[tokio::test]
async fn a_refused_init_closes_with_4403() {
    let client = Client::connect(settings());
    client.say(json!({"type": "connection_init", "payload": {"token": "wrong"}}));
    let close = client.closed().await;
    assert_eq!((close.code, close.reason.as_str()), (4403, "Forbidden"));
}

#[tokio::test]
async fn an_id_in_use_closes_with_4409() {
    let client = Client::ready(settings()).await;
    client.subscribe("a", "never");
    client.subscribe("a", "never");
    let close = client.closed().await;
    assert_eq!(
        (close.code, close.reason.as_str()),
        (4409, "Subscriber for a already exists")
    );
}

#[tokio::test]
async fn what_is_not_the_protocol_closes_with_4400() {
    for message in [
        Message::Text("{".into()),
        Message::Text(r#"{"type":"start","id":"1"}"#.into()),
        Message::Binary(b"{}".as_slice().into()),
    ] {
        let client = Client::ready(settings()).await;
        client.say_raw(message);
        assert_eq!(client.closed().await.code, 4400);
    }
}

#[tokio::test]
async fn a_message_above_the_limit_closes_with_1009() {
    let client = Client::ready(SocketSettings {
        max_message_bytes: 100,
        ..settings()
    })
    .await;
    client.subscribe("a", &"x".repeat(200));
    assert_eq!(client.closed().await.code, 1009);
}

#[tokio::test]
async fn a_ping_is_answered_with_its_payload_even_before_the_init() {
    let mut client = Client::connect(settings());
    client.say(json!({"type": "ping"}));
    assert_eq!(client.hear().await, json!({"type": "pong"}));
    client.say(json!({"type": "ping", "payload": {"n": 1}}));
    assert_eq!(
        client.hear().await,
        json!({"type": "pong", "payload": {"n": 1}})
    );
    client.say(json!({"type": "pong"}));
    client.say(json!({"type": "connection_init"}));
    assert_eq!(client.hear().await, json!({"type": "connection_ack"}));
}

#[tokio::test]
async fn the_server_pings_and_leaves_a_peer_that_gives_no_sign() {
    let mut client = Client::ready(SocketSettings {
        ping_interval: Duration::from_millis(10),
        ..settings()
    })
    .await;
    assert_eq!(client.hear().await, json!({"type": "ping"}));
    assert_eq!(client.closed().await.code, 1001);
}

#[tokio::test]
async fn completing_cancels_the_operation_and_frees_its_id() {
    let mut client = Client::ready(settings()).await;
    client.subscribe("a", "flood");
    assert_eq!(client.hear().await["id"], "a");
    client.say(json!({"type": "complete", "id": "a"}));
    client.subscribe("a", "invalid");
    loop {
        let message = client.hear().await;
        if message["type"] == "error" {
            break;
        }
        assert_eq!(message["type"], "next", "nothing but what was under way");
    }
    client.say(json!({"type": "complete", "id": "unknown"}));
    client.say(json!({"type": "ping"}));
    assert_eq!(
        client.hear().await,
        json!({"type": "pong"}),
        "the aborted operation is silent"
    );
    client.script.dropped(2).await;
}

#[tokio::test]
async fn a_flooding_operation_does_not_starve_the_others() {
    let mut client = Client::ready(settings()).await;
    client.subscribe("flood", "flood");
    assert_eq!(client.hear().await["id"], "flood");
    client.subscribe("small", "three");
    let mut small = 0;
    // Were the flood always first, this would not end within any number of frames.
    for _ in 0..100 {
        small += usize::from(client.hear().await["id"] == "small");
    }
    assert_eq!(small, 4, "three results and the completion");
}

#[tokio::test]
async fn pings_are_answered_before_the_results_that_wait() {
    let mut client = Client::ready(settings()).await;
    client.subscribe("flood", "flood");
    assert_eq!(client.hear().await["id"], "flood");
    client.say(json!({"type": "ping"}));
    let mut before = 0;
    while client.hear().await["type"] != "pong" {
        before += 1;
        assert!(before < 100, "the pong waits behind the flood");
    }
}

#[tokio::test]
async fn a_client_that_does_not_read_is_left_and_its_operations_are_dropped() {
    let client = Client::ready(SocketSettings {
        send_timeout: Duration::from_millis(30),
        ..settings()
    })
    .await;
    client.subscribe("flood", "flood");
    client.subscribe("quiet", "never");
    // The receiver is kept, so the connection is open; nobody takes anything out of it.
    timeout(PATIENCE, client.server)
        .await
        .expect("the server gives up")
        .expect("without panic");
    client.script.dropped(2).await;
    drop(client.hear);
}

#[tokio::test]
async fn a_client_that_pings_but_does_not_read_is_left() {
    let client = Client::ready(settings()).await;
    for _ in 0..200 {
        // The server may be gone before the last one.
        let _ = client
            .say
            .unbounded_send(Message::Text(r#"{"type":"ping"}"#.into()));
    }
    assert_eq!(client.closed().await.code, 1008);
}

#[tokio::test]
async fn one_operation_too_many_is_refused_alone() {
    let mut client = Client::ready(SocketSettings {
        max_operations: 1,
        ..settings()
    })
    .await;
    client.subscribe("a", "never");
    client.subscribe("b", "three");
    assert_eq!(
        client.hear().await,
        json!({"id": "b", "type": "error", "payload": [{"message": "too many"}]})
    );
    client.say(json!({"type": "complete", "id": "a"}));
    client.subscribe("b", "three");
    assert_eq!(client.hear().await["type"], "next");
}

#[tokio::test]
async fn a_connection_that_breaks_drops_its_operations() {
    let client = Client::ready(settings()).await;
    client.subscribe("a", "never");
    client.say(json!({"type": "ping"}));
    let Client {
        say,
        mut hear,
        script,
        server,
        ..
    } = client;
    assert!(
        timeout(PATIENCE, hear.next())
            .await
            .expect("in time")
            .is_some()
    );
    drop((say, hear));
    timeout(PATIENCE, server)
        .await
        .expect("the server ends")
        .expect("without panic");
    script.dropped(1).await;
}

#[tokio::test]
async fn a_server_that_stops_says_so() {
    let client = Client::ready(settings()).await;
    client.subscribe("a", "never");
    client.shutdown.cancel();
    assert_eq!(client.closed().await.code, 1001);
}
