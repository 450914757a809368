//! One `graphql-transport-ws` connection: reads the client's messages, runs its operations, keeps the socket alive.
//!
//! Works on any stream and sink of frames, so that the protocol is tested without a network.

use std::{
    collections::{HashMap, hash_map::Entry},
    fmt::Display,
    panic::AssertUnwindSafe,
    sync::Arc,
    time::Duration,
};

use axum::extract::ws::{Message, Utf8Bytes};
use bytes::Bytes;
use futures::{FutureExt, Sink, Stream, StreamExt, stream::BoxStream};
use parking_lot::Mutex;
use serde_json::{Map, Value};
use tokio::{
    sync::mpsc,
    task::AbortHandle,
    time::{Instant, MissedTickBehavior, interval_at, sleep, timeout},
};
use tokio_util::sync::CancellationToken;

use super::{
    protocol::{self, ClientMessage, Close},
    writer::{self, Outbox},
};
use crate::http::{operations::Outcome, request::GraphQlRequest, trace::inherit};

/// Pings without any frame in return after which the peer is taken for dead.
const UNANSWERED_PINGS: u32 = 3;

/// How a connection behaves; the defaults are the server's contract.
#[derive(Debug, Clone)]
pub struct SocketSettings {
    /// How long a client may take to send `connection_init`.
    pub init_timeout: Duration,
    /// How often the server pings.
    pub ping_interval: Duration,
    /// How long one frame may take to leave before the connection is given up.
    pub send_timeout: Duration,
    /// The largest message a client may send, in bytes.
    pub max_message_bytes: usize,
    /// How many operations may run on one connection at once.
    pub max_operations: usize,
}

impl Default for SocketSettings {
    fn default() -> Self {
        Self {
            init_timeout: Duration::from_secs(10),
            ping_interval: Duration::from_secs(12),
            send_timeout: Duration::from_secs(10),
            max_message_bytes: 1 << 20,
            max_operations: 256,
        }
    }
}

/// What a connection serves.
pub(crate) trait Operations: Send + Sync + 'static {
    /// Whom `connection_init` introduced.
    type Session: Send + Sync;

    /// Decides on a `connection_init`; `None` refuses it.
    fn connect(&self, payload: Option<Map<String, Value>>) -> Option<Self::Session>;

    /// Runs one operation. The stream ends by itself; dropping it cancels the operation.
    fn run(&self, session: &Self::Session, request: GraphQlRequest) -> BoxStream<'static, Outcome>;

    /// The errors that refuse one operation more than [`SocketSettings::max_operations`].
    fn too_many(&self) -> Utf8Bytes;

    /// The errors that end an operation whose code panicked.
    fn panicked(&self) -> Utf8Bytes;
}

/// Serves `socket` until the client leaves, breaks the protocol, stops reading, or `shutdown` is cancelled.
///
/// Every operation is a task of its own; they share a short queue whose places are given in the order asked for, so
/// that a busy operation cannot starve the others, and a client that does not read costs one result an operation.
pub(crate) async fn serve<S, E, O>(
    socket: S,
    operations: O,
    settings: SocketSettings,
    shutdown: CancellationToken,
) where
    S: Stream<Item = Result<Message, E>> + Sink<Message>,
    E: Display,
    O: Operations,
{
    let (sink, stream) = socket.split();
    let (outbox, closing, queues) = writer::outbox();
    let writing = writer::write(sink, queues, settings.send_timeout);
    tokio::pin!(writing, stream);

    let send_timeout = settings.send_timeout;
    let mut connection = Connection {
        operations,
        outbox,
        session: None,
        running: Arc::default(),
        started: 0,
        settings,
    };
    let close = tokio::select! {
        close = connection.read(stream, shutdown) => close,
        () = &mut writing => return,
    };
    tracing::debug!(code = close.code, reason = close.reason, "closing socket");
    drop(connection);
    // Nobody listens when the writer has just ended by itself; then there is nothing to close.
    let _ = closing.send(close);
    // The peer may not read: a close that does not leave in time is not waited for.
    let _ = timeout(send_timeout, writing).await;
}

struct Connection<O: Operations> {
    operations: O,
    outbox: Outbox,
    session: Option<O::Session>,
    running: Arc<Running>,
    started: u64,
    settings: SocketSettings,
}

impl<O: Operations> Connection<O> {
    /// Reads until there is a reason to close.
    async fn read<S, E>(&mut self, mut stream: S, shutdown: CancellationToken) -> Close
    where
        S: Stream<Item = Result<Message, E>> + Unpin,
        E: Display,
    {
        let init_timeout = sleep(self.settings.init_timeout);
        tokio::pin!(init_timeout);
        let every = self.settings.ping_interval;
        let mut ping = interval_at(Instant::now() + every, every);
        ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut unanswered = 0;

        loop {
            let step = tokio::select! {
                biased;
                () = shutdown.cancelled() => Err(Close::going_away()),
                () = &mut init_timeout, if self.session.is_none() => Err(Close::init_timeout()),
                _ = ping.tick() => {
                    unanswered += 1;
                    self.ping(unanswered)
                }
                frame = stream.next() => {
                    unanswered = 0;
                    self.frame(frame)
                }
            };
            if let Err(close) = step {
                return close;
            }
        }
    }

    /// Pings twice: as the protocol does, and as WebSocket does, which every library answers by itself.
    fn ping(&mut self, unanswered: u32) -> Result<(), Close> {
        if unanswered > UNANSWERED_PINGS {
            return Err(Close::unanswered());
        }
        if self.session.is_some() {
            self.outbox.control(Message::Text(protocol::ping()))?;
        }
        self.outbox.control(Message::Ping(Bytes::new()))
    }

    fn frame<E: Display>(&mut self, frame: Option<Result<Message, E>>) -> Result<(), Close> {
        match frame {
            Some(Ok(Message::Text(text))) if text.len() > self.settings.max_message_bytes => {
                Err(Close::too_big())
            }
            Some(Ok(Message::Text(text))) => self.message(ClientMessage::parse(text.as_str())?),
            Some(Ok(Message::Binary(_))) => Err(Close::bad_message("binary frame")),
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => Ok(()),
            Some(Ok(Message::Close(_))) | None => Err(Close::normal()),
            Some(Err(error)) => Err(Close::broken(&error.to_string())),
        }
    }

    fn message(&mut self, message: ClientMessage) -> Result<(), Close> {
        match message {
            ClientMessage::ConnectionInit { .. } if self.session.is_some() => {
                Err(Close::too_many_inits())
            }
            ClientMessage::ConnectionInit { payload } => {
                let session = self
                    .operations
                    .connect(payload)
                    .ok_or_else(Close::forbidden)?;
                self.session = Some(session);
                self.outbox.control(Message::Text(protocol::ack()))
            }
            ClientMessage::Ping { payload } => {
                self.outbox.control(Message::Text(protocol::pong(payload)))
            }
            ClientMessage::Pong { .. } => Ok(()),
            ClientMessage::Subscribe { id, payload } => self.subscribe(id, payload),
            ClientMessage::Complete { id } => {
                // An unknown id is no fault: the operation may just have completed.
                self.running.stop(&id);
                Ok(())
            }
        }
    }

    fn subscribe(&mut self, id: String, request: GraphQlRequest) -> Result<(), Close> {
        let session = self.session.as_ref().ok_or_else(Close::unauthorized)?;
        let mut running = self.running.0.lock();
        let full = running.len() >= self.settings.max_operations;
        let place = match running.entry(id) {
            Entry::Vacant(place) => place,
            Entry::Occupied(taken) => return Err(Close::duplicate_subscriber(taken.key())),
        };
        let outcomes = if full {
            let errors = self.operations.too_many();
            futures::stream::once(async { Outcome::Error(errors) }).boxed()
        } else {
            self.operations.run(session, request)
        };
        self.started += 1;
        let operation = Operation {
            id: place.key().clone(),
            serial: self.started,
            running: self.running.clone(),
            results: self.outbox.results(),
            panicked: self.operations.panicked(),
        };
        // The map stays locked until the task is in it, so that the task finds itself there when it ends.
        let task = tokio::spawn(inherit(operation.relay(outcomes)));
        place.insert(Task {
            serial: self.started,
            abort: task.abort_handle(),
        });
        Ok(())
    }
}

impl<O: Operations> Drop for Connection<O> {
    fn drop(&mut self) {
        self.running.abort_all();
    }
}

/// The operations that run, by the client's id.
#[derive(Default)]
struct Running(Mutex<HashMap<String, Task>>);

struct Task {
    serial: u64,
    abort: AbortHandle,
}

impl Running {
    fn stop(&self, id: &str) {
        if let Some(task) = self.0.lock().remove(id) {
            task.abort.abort();
        }
    }

    fn abort_all(&self) {
        for (_, task) in self.0.lock().drain() {
            task.abort.abort();
        }
    }
}

/// One running operation, as seen by its own task.
struct Operation {
    id: String,
    serial: u64,
    running: Arc<Running>,
    results: mpsc::Sender<Utf8Bytes>,
    panicked: Utf8Bytes,
}

impl Operation {
    async fn relay(self, outcomes: BoxStream<'static, Outcome>) {
        let mut outcomes = outcomes;
        loop {
            let outcome = match AssertUnwindSafe(outcomes.next()).catch_unwind().await {
                Ok(outcome) => outcome,
                Err(_) => Some(Outcome::Error(self.panicked.clone())),
            };
            let last = !matches!(outcome, Some(Outcome::Next(_)));
            // The frame is built when it has a place: what waits is the payload shared by all subscribers.
            let Ok(place) = self.results.reserve().await else {
                return;
            };
            let frame = match &outcome {
                Some(Outcome::Next(payload)) => protocol::next(&self.id, payload),
                Some(Outcome::Error(errors)) => protocol::error(&self.id, errors),
                None => protocol::complete(&self.id),
            };
            if !self.emit(place, frame, last) || last {
                return;
            }
        }
    }

    /// Queues a frame if the client has not stopped this operation meanwhile; the id is free before the client can
    /// learn that the operation is over.
    fn emit(&self, place: mpsc::Permit<'_, Utf8Bytes>, frame: Utf8Bytes, last: bool) -> bool {
        let mut running = self.running.0.lock();
        let current = running
            .get(&self.id)
            .is_some_and(|task| task.serial == self.serial);
        if current {
            if last {
                running.remove(&self.id);
            }
            place.send(frame);
        }
        current
    }
}
