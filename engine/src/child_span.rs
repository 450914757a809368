//! Spans that a node opens below its own.

use opentelemetry::KeyValue;

use crate::context::NodeContext;
use crate::error::NodeError;
use crate::spans::{End, OpenSpan, SpanSpec, Subject};
use crate::tokens::{TokenUsage, Tokens};

/// A span that a node opened. End it with one of its methods; dropped, it counts as cancelled.
#[derive(Debug)]
#[must_use = "a span that is dropped counts as cancelled"]
pub struct ChildSpan {
    span: OpenSpan,
    context: NodeContext,
    usage_recorded: bool,
}

impl ChildSpan {
    pub(crate) fn open(above: &NodeContext, spec: SpanSpec) -> Self {
        let span = OpenSpan::start(&above.run.engine.tracer, spec, Subject::Other, &above.otel);
        let context = NodeContext {
            otel: span.context().clone(),
            tokens: Tokens::below(&above.tokens),
            ..above.clone()
        };
        Self {
            span,
            context,
            usage_recorded: false,
        }
    }

    /// The node's context with this span as its own: what is opened or run through it lies below this span.
    pub fn context(&self) -> &NodeContext {
        &self.context
    }

    pub fn set(&self, attribute: KeyValue) {
        self.span.set(attribute);
    }

    /// Says what this span's model call consumed. Only spans of model calls do: those above carry the sums.
    pub fn record_usage(&mut self, usage: &TokenUsage) {
        self.usage_recorded = true;
        self.context.tokens.add(usage);
        for attribute in usage.attributes() {
            self.span.set(attribute);
        }
    }

    /// Ends the span as a success.
    pub fn succeed(self) {
        self.finish(&Ok(()));
    }

    /// Ends the span as a failure.
    pub fn fail(self, error: &NodeError) {
        self.finish::<()>(&Err(error.clone()));
    }

    /// Ends the span the way the result says.
    pub fn finish<T>(self, result: &Result<T, NodeError>) {
        if !self.usage_recorded {
            self.context
                .tokens
                .attributes()
                .into_iter()
                .for_each(|attribute| self.span.set(attribute));
        }
        match result {
            Ok(_) => self.span.end(End::Succeeded),
            Err(error) if error.is_cancelled() => self.span.end(End::Cancelled),
            Err(error) => self.span.end(End::Failed(error)),
        }
    }
}
