//! Acknowledgements: how a submitter learns that its item is committed.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

use tokio::sync::oneshot;

use crate::{ExecutionId, Revision, SpanId};

/// The commit that an item became part of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Committed {
    /// The execution's revision by this commit; 0 for a barrier that found nothing waiting.
    pub revision: Revision,
}

/// Why an item will never be committed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WriteError {
    /// Another worker claimed the execution, or it was deleted: stop running it.
    #[error("the lease on execution {execution_id} is lost")]
    LeaseLost { execution_id: ExecutionId },
    /// There is no such execution, or no more.
    #[error("execution {execution_id} does not exist")]
    UnknownExecution { execution_id: ExecutionId },
    /// PostgreSQL refuses the item's data, whenever it is sent.
    #[error("PostgreSQL refused the data ({sqlstate}): {message}")]
    Refused { sqlstate: String, message: String },
    /// Another ended span of the execution has the same id; that one is kept.
    #[error("another span has the id {span_id}")]
    Taken { span_id: SpanId },
    /// It was submitted after the writer was shut down.
    #[error("the writer is shut down")]
    ShutDown,
}

/// Resolves when the item is committed, or will never be.
#[derive(Debug)]
#[must_use = "the item is written anyway, but nobody learns when, or why not"]
pub struct Ack(oneshot::Receiver<Result<Committed, WriteError>>);

/// The writer's end of an [`Ack`].
#[derive(Debug)]
pub(super) struct AckSender(oneshot::Sender<Result<Committed, WriteError>>);

impl Ack {
    pub(super) fn pair() -> (Self, AckSender) {
        let (sender, receiver) = oneshot::channel();
        (Self(receiver), AckSender(sender))
    }
}

impl AckSender {
    pub(super) fn send(self, outcome: Result<Committed, WriteError>) {
        // Whoever does not wait any more does not want to know.
        let _ = self.0.send(outcome);
    }
}

impl Future for Ack {
    type Output = Result<Committed, WriteError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        // The sender goes without a word only when the runtime is shut down under the writer.
        let outcome = ready!(Pin::new(&mut self.0).poll(context));
        Poll::Ready(outcome.unwrap_or(Err(WriteError::ShutDown)))
    }
}
