//! The sending half of a connection: bounded queues in front of a sink that may block.

use std::time::Duration;

use axum::extract::ws::{Message, Utf8Bytes};
use futures::{Sink, SinkExt};
use tokio::{
    sync::{mpsc, oneshot},
    time::timeout,
};

use super::protocol::Close;

/// Acknowledgements, pings and pongs that may wait; more means that the client talks but does not read.
const CONTROL_FRAMES: usize = 64;

/// Results that may wait for the socket. Few, because a result may be megabytes.
const RESULT_FRAMES: usize = 4;

/// Where frames are put that shall be sent.
pub(super) struct Outbox {
    control: mpsc::Sender<Message>,
    results: mpsc::Sender<Utf8Bytes>,
}

/// Where [`write`] finds them.
pub(super) struct Queues {
    close: oneshot::Receiver<Close>,
    control: mpsc::Receiver<Message>,
    results: mpsc::Receiver<Utf8Bytes>,
}

/// The outbox, what ends the connection whatever waits, and the writer's end of both.
pub(super) fn outbox() -> (Outbox, oneshot::Sender<Close>, Queues) {
    let (control, control_queue) = mpsc::channel(CONTROL_FRAMES);
    let (results, results_queue) = mpsc::channel(RESULT_FRAMES);
    let (close, closing) = oneshot::channel();
    let queues = Queues {
        close: closing,
        control: control_queue,
        results: results_queue,
    };
    (Outbox { control, results }, close, queues)
}

impl Outbox {
    /// Queues a frame of the protocol's own, which goes out before waiting results. Never waits.
    pub(super) fn control(&self, message: Message) -> Result<(), Close> {
        self.control
            .try_send(message)
            .map_err(|_| Close::not_reading())
    }

    /// The queue of results; a place in it is waited for.
    pub(super) fn results(&self) -> mpsc::Sender<Utf8Bytes> {
        self.results.clone()
    }
}

/// Sends what is queued, until a close frame was sent, the peer is gone, or one frame took longer than `send_timeout`.
pub(super) async fn write<K>(sink: K, mut queues: Queues, send_timeout: Duration)
where
    K: Sink<Message>,
{
    tokio::pin!(sink);
    loop {
        let message = tokio::select! {
            biased;
            close = &mut queues.close => Message::Close(close.ok().map(Into::into)),
            Some(message) = queues.control.recv() => message,
            Some(text) = queues.results.recv() => Message::Text(text),
        };
        let closing = matches!(message, Message::Close(_));
        match timeout(send_timeout, sink.send(message)).await {
            Ok(Ok(())) if !closing => {}
            Ok(Ok(())) => {
                let _ = sink.close().await;
                return;
            }
            Ok(Err(_)) => return,
            Err(_) => {
                tracing::debug!("the peer does not read: giving the socket up");
                return;
            }
        }
    }
}
