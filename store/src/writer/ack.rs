//! Acknowledgements: how a submitter learns that its item is committed.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use parking_lot::Mutex;
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

/// Resolves when each of many items is committed, or will never be: to why the latter will not, one by one.
#[derive(Debug)]
#[must_use = "the items are written anyway, but nobody learns when, or which are not"]
pub struct AckAll(oneshot::Receiver<Vec<WriteError>>);

/// The writer's end of an acknowledgement.
#[derive(Debug)]
pub(super) enum AckSender {
    One(oneshot::Sender<Result<Committed, WriteError>>),
    OfMany(Arc<Many>),
}

/// Items that are acknowledged together: when the last of them has let go of this.
#[derive(Debug)]
pub(super) struct Many {
    state: Mutex<ManyState>,
}

#[derive(Debug)]
struct ManyState {
    unanswered: usize,
    errors: Vec<WriteError>,
    sender: Option<oneshot::Sender<Vec<WriteError>>>,
}

impl Ack {
    pub(super) fn pair() -> (Self, AckSender) {
        let (sender, receiver) = oneshot::channel();
        (Self(receiver), AckSender::One(sender))
    }
}

impl AckAll {
    /// For so many items.
    pub(super) fn pair(items: usize) -> (Self, Arc<Many>) {
        let (sender, receiver) = oneshot::channel();
        let state = ManyState {
            unanswered: items,
            errors: Vec::new(),
            sender: Some(sender),
        };
        let many = Many {
            state: Mutex::new(state),
        };
        (Self(receiver), Arc::new(many))
    }
}

impl AckSender {
    pub(super) fn send(self, outcome: Result<Committed, WriteError>) {
        match self {
            // Whoever does not wait any more does not want to know.
            Self::One(sender) => drop(sender.send(outcome)),
            Self::OfMany(many) => {
                let mut state = many.state.lock();
                state.unanswered -= 1;
                state.errors.extend(outcome.err());
            }
        }
    }
}

impl Drop for Many {
    fn drop(&mut self) {
        let state = self.state.get_mut();
        let mut errors = std::mem::take(&mut state.errors);
        // Items go without a word only when the runtime is shut down under the writer.
        errors.extend((0..state.unanswered).map(|_| WriteError::ShutDown));
        if let Some(sender) = state.sender.take() {
            let _ = sender.send(errors);
        }
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

impl Future for AckAll {
    type Output = Vec<WriteError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let errors = ready!(Pin::new(&mut self.0).poll(context));
        Poll::Ready(errors.unwrap_or_else(|_| vec![WriteError::ShutDown]))
    }
}
