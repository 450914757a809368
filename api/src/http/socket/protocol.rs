//! The messages of `graphql-transport-ws` and the reasons for which a socket is closed.
//!
//! Source: <https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md>.

use axum::extract::ws::{CloseFrame, Utf8Bytes};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::http::request::GraphQlRequest;

/// The only subprotocol this server speaks.
pub(crate) const SUBPROTOCOL: &str = "graphql-transport-ws";

/// A close frame carries at most 125 bytes, two of them its code (RFC 6455, 5.5).
const MAX_REASON_BYTES: usize = 123;

/// What a client may say.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum ClientMessage {
    ConnectionInit {
        #[serde(default)]
        payload: Option<Map<String, Value>>,
    },
    Ping {
        #[serde(default)]
        payload: Option<Map<String, Value>>,
    },
    Pong {
        #[serde(default, rename = "payload")]
        _payload: Option<Map<String, Value>>,
    },
    Subscribe {
        id: String,
        payload: GraphQlRequest,
    },
    Complete {
        id: String,
    },
}

impl ClientMessage {
    /// Parses one text frame; everything the protocol does not know is a [`Close::bad_message`].
    pub(crate) fn parse(text: &str) -> Result<Self, Close> {
        let message: Self =
            serde_json::from_str(text).map_err(|error| Close::bad_message(&error.to_string()))?;
        match &message {
            Self::Subscribe { id, .. } | Self::Complete { id } if id.is_empty() => {
                Err(Close::bad_message("the id is empty"))
            }
            _ => Ok(message),
        }
    }
}

/// Why the server closes a socket: a code and a reason of at most 123 bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Close {
    pub(crate) code: u16,
    pub(crate) reason: String,
}

impl Close {
    fn new(code: u16, reason: &str) -> Self {
        let mut end = reason.len().min(MAX_REASON_BYTES);
        while !reason.is_char_boundary(end) {
            end -= 1;
        }
        Self {
            code,
            reason: reason[..end].to_owned(),
        }
    }

    /// The peer closed, or broke, the connection: answered in kind.
    pub(crate) fn normal() -> Self {
        Self::new(1000, "")
    }

    /// The server stops; clients connect again.
    pub(crate) fn going_away() -> Self {
        Self::new(1001, "Going away")
    }

    pub(crate) fn too_big() -> Self {
        Self::new(1009, "Message too big")
    }

    pub(crate) fn bad_message(reason: &str) -> Self {
        Self::new(4400, &format!("Invalid message: {reason}"))
    }

    pub(crate) fn unauthorized() -> Self {
        Self::new(4401, "Unauthorized")
    }

    pub(crate) fn forbidden() -> Self {
        Self::new(4403, "Forbidden")
    }

    pub(crate) fn subprotocol_not_acceptable() -> Self {
        Self::new(4406, "Subprotocol not acceptable")
    }

    pub(crate) fn init_timeout() -> Self {
        Self::new(4408, "Connection initialisation timeout")
    }

    pub(crate) fn duplicate_subscriber(id: &str) -> Self {
        Self::new(4409, &format!("Subscriber for {id} already exists"))
    }

    pub(crate) fn broken(reason: &str) -> Self {
        Self::new(1002, reason)
    }

    /// The client sends but does not read what it is sent.
    pub(crate) fn not_reading() -> Self {
        Self::new(1008, "Messages are not read")
    }

    pub(crate) fn unanswered() -> Self {
        Self::new(1001, "Pings are not answered")
    }

    pub(crate) fn too_many_inits() -> Self {
        Self::new(4429, "Too many initialisation requests")
    }
}

impl From<Close> for CloseFrame {
    fn from(close: Close) -> Self {
        Self {
            code: close.code,
            reason: close.reason.into(),
        }
    }
}

/// `connection_ack`.
pub(crate) fn ack() -> Utf8Bytes {
    Utf8Bytes::from_static(r#"{"type":"connection_ack"}"#)
}

/// A ping of the server's own.
pub(crate) fn ping() -> Utf8Bytes {
    Utf8Bytes::from_static(r#"{"type":"ping"}"#)
}

/// The answer to a ping, with the ping's payload.
pub(crate) fn pong(payload: Option<Map<String, Value>>) -> Utf8Bytes {
    match payload {
        None => Utf8Bytes::from_static(r#"{"type":"pong"}"#),
        Some(payload) => {
            format!(r#"{{"type":"pong","payload":{}}}"#, Value::Object(payload)).into()
        }
    }
}

/// The end of an operation.
pub(crate) fn complete(id: &str) -> Utf8Bytes {
    format!(r#"{{"id":{},"type":"complete"}}"#, quoted(id)).into()
}

/// One result: `payload` is an execution result as JSON, shared by all who receive it.
pub(crate) fn next(id: &str, payload: &str) -> Utf8Bytes {
    with_payload(id, "next", payload)
}

/// The failure of an operation: `errors` is a JSON array of GraphQL errors.
pub(crate) fn error(id: &str, errors: &str) -> Utf8Bytes {
    with_payload(id, "error", errors)
}

fn with_payload(id: &str, kind: &str, payload: &str) -> Utf8Bytes {
    let id = quoted(id);
    let mut frame = String::with_capacity(payload.len() + id.len() + 40);
    frame.push_str(r#"{"id":"#);
    frame.push_str(&id);
    frame.push_str(r#","type":""#);
    frame.push_str(kind);
    frame.push_str(r#"","payload":"#);
    frame.push_str(payload);
    frame.push('}');
    frame.into()
}

fn quoted(id: &str) -> String {
    Value::from(id).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_of_the_protocol_is_understood() {
        for text in [
            r#"{"type":"connection_init"}"#,
            r#"{"type":"connection_init","payload":null}"#,
            r#"{"type":"connection_init","payload":{"token":"x"}}"#,
            r#"{"type":"ping"}"#,
            r#"{"type":"pong","payload":{"a":1}}"#,
            r#"{"type":"subscribe","id":"1","payload":{"query":"{a}"}}"#,
            r#"{"id":"1","type":"subscribe","payload":{"query":"{a}","operationName":null,"variables":{},"extensions":{}}}"#,
            r#"{"type":"complete","id":"1"}"#,
        ] {
            assert!(ClientMessage::parse(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn anything_else_is_a_bad_message() {
        for text in [
            "",
            "nonsense",
            "[]",
            "{}",
            r#"{"type":"start"}"#,
            r#"{"type":"next","id":"1","payload":{}}"#,
            r#"{"type":"connection_init","payload":"token"}"#,
            r#"{"type":"ping","payload":1}"#,
            r#"{"type":"subscribe","payload":{"query":"{a}"}}"#,
            r#"{"type":"subscribe","id":1,"payload":{"query":"{a}"}}"#,
            r#"{"type":"subscribe","id":"","payload":{"query":"{a}"}}"#,
            r#"{"type":"subscribe","id":"1"}"#,
            r#"{"type":"subscribe","id":"1","payload":{}}"#,
            r#"{"type":"subscribe","id":"1","payload":{"query":1}}"#,
            r#"{"type":"subscribe","id":"1","payload":{"query":"{a}","variables":[]}}"#,
            r#"{"type":"complete"}"#,
        ] {
            assert_eq!(
                ClientMessage::parse(text).expect_err(text).code,
                4400,
                "{text}"
            );
        }
    }

    #[test]
    fn a_reason_fits_a_close_frame_and_splits_no_character() {
        let close = Close::duplicate_subscriber(&"é".repeat(200));
        assert!(close.reason.len() <= MAX_REASON_BYTES);
        assert!(close.reason.starts_with("Subscriber for é"));
    }

    #[test]
    fn an_id_with_quotes_stays_one_json_string() {
        let frame = next("a\"b", r#"{"data":null}"#);
        let value: Value = serde_json::from_str(frame.as_str()).expect("JSON");
        assert_eq!(
            value,
            serde_json::json!({"id": "a\"b", "type": "next", "payload": {"data": null}})
        );
    }
}
