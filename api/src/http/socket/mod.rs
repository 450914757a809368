//! GraphQL over WebSocket: `graphql-transport-ws`, spoken to the letter.

mod connection;
mod protocol;
mod writer;

#[cfg(test)]
mod tests;

use axum::{
    extract::{
        WebSocketUpgrade,
        ws::{Message, Utf8Bytes, WebSocket},
    },
    response::Response,
};
use futures::{SinkExt, stream::BoxStream};
use serde_json::{Map, Value};

pub use connection::SocketSettings;

use self::{
    connection::{Operations, serve},
    protocol::{Close, SUBPROTOCOL},
};
use super::{
    Identity,
    operations::{self, Outcome},
    request::GraphQlRequest,
    server::Server,
    trace::inherit,
};
use crate::{error::ApiError, graphql::Refusal};

/// Answers an upgrade. `identity` is whom the upgrade itself introduced, by header or cookie.
pub(crate) fn upgrade(
    server: Server,
    identity: Option<Identity>,
    upgrade: WebSocketUpgrade,
) -> Response {
    let settings = server.settings.socket.clone();
    // Somewhat larger messages are read, so that they can be answered with a close code instead of a broken connection.
    let limit = settings.max_message_bytes * 2;
    let upgrade = upgrade
        .protocols([SUBPROTOCOL])
        .max_message_size(limit)
        .max_frame_size(limit);
    let session = move |socket: WebSocket| async move {
        if socket.protocol().is_none() {
            return refuse(socket).await;
        }
        let open = metrics::gauge!("graphql_sockets");
        open.increment(1);
        let shutdown = server.settings.shutdown.clone();
        serve(socket, Connected { server, identity }, settings, shutdown).await;
        open.decrement(1);
    };
    // What happens on the socket belongs to the trace of its upgrade.
    upgrade.on_upgrade(|socket| inherit(session(socket)))
}

/// Tells a client that speaks none of our protocols so.
async fn refuse(mut socket: WebSocket) {
    let close = Close::subprotocol_not_acceptable();
    // A peer that is gone already needs no reason.
    let _ = socket.send(Message::Close(Some(close.into()))).await;
    let _ = socket.close().await;
}

/// One connection's view of the server.
struct Connected {
    server: Server,
    identity: Option<Identity>,
}

impl Operations for Connected {
    type Session = Identity;

    fn connect(&self, payload: Option<Map<String, Value>>) -> Option<Identity> {
        self.server
            .settings
            .auth
            .identify_payload(&payload.unwrap_or_default(), self.identity)
    }

    fn run(&self, identity: &Identity, request: GraphQlRequest) -> BoxStream<'static, Outcome> {
        match operations::parse(&self.server, request) {
            Ok(operation) => operations::run(&self.server, *identity, operation),
            Err(refusal) => operations::refused(&refusal),
        }
    }

    fn too_many(&self) -> Utf8Bytes {
        errors(ApiError::limit(
            "too many operations run on this connection",
        ))
    }

    fn panicked(&self) -> Utf8Bytes {
        errors(operations::panicked())
    }
}

fn errors(error: ApiError) -> Utf8Bytes {
    operations::text(Refusal::from(error).errors_json())
}
