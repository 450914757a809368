//! What a streaming transport sends for one operation, whatever the transport.

use axum::extract::ws::Utf8Bytes;

/// The next thing to send; after an error nothing follows.
#[derive(Debug, Clone)]
pub(crate) enum Outcome {
    /// An execution result, shared by all who receive it.
    Next(Utf8Bytes),
    /// The JSON list of the errors that end the operation.
    Error(Utf8Bytes),
}
