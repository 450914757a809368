//! Opens every span of a run, and sees to it that each ends once, with a status that tells how.

use std::borrow::Cow;
use std::time::SystemTime;

use opentelemetry::global::BoxedTracer;
use opentelemetry::trace::{
    Link, SpanBuilder, SpanContext, SpanId, SpanKind, Status, TraceContextExt, Tracer,
};
use opentelemetry::{Array, Context, KeyValue, StringValue};

use crate::attributes as key;
use crate::capture;
use crate::error::{NodeError, codes};

/// A span about to be opened. What is known belongs here: a running span shows only what it was created with.
#[derive(Debug, Clone)]
pub struct SpanSpec {
    name: Cow<'static, str>,
    kind: SpanKind,
    attributes: Vec<KeyValue>,
    links: Vec<Link>,
    start: Option<SystemTime>,
}

impl SpanSpec {
    pub fn new(name: impl Into<Cow<'static, str>>) -> Self {
        Self {
            name: name.into(),
            kind: SpanKind::Internal,
            attributes: Vec::new(),
            links: Vec::new(),
            start: None,
        }
    }

    /// For calls that leave the process.
    #[must_use]
    pub fn client(mut self) -> Self {
        self.kind = SpanKind::Client;
        self
    }

    #[must_use]
    pub fn attribute(mut self, attribute: KeyValue) -> Self {
        self.attributes.push(attribute);
        self
    }

    #[must_use]
    pub fn attributes(mut self, attributes: impl IntoIterator<Item = KeyValue>) -> Self {
        self.attributes.extend(attributes);
        self
    }

    /// The true start, when it lies before the span could be opened.
    pub(crate) fn started_at(mut self, start: SystemTime) -> Self {
        self.start = Some(start);
        self
    }

    pub(crate) fn links(mut self, links: impl IntoIterator<Item = SpanContext>) -> Self {
        self.links.extend(links.into_iter().map(Link::with_context));
        self
    }
}

/// Whose status attribute a span carries beside OpenTelemetry's status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Subject {
    Workflow,
    Node,
    Other,
}

/// How the work of a span ended.
#[derive(Debug, Clone, Copy)]
pub(crate) enum End<'a> {
    Succeeded,
    /// Failed here: leaves an `exception` event.
    Failed(&'a NodeError),
    /// Failed because something below failed, where the event is.
    FailedBelow(&'a NodeError),
    Cancelled,
    /// Was dropped: what it was part of timed out, failed or was cancelled.
    GivenUp,
    /// Was due, but the run was cancelled before it began.
    Skipped,
}

/// An open span. Dropped without an end, by a panic or because its work was abandoned, it ends as failed or cancelled:
/// never as if it had succeeded.
#[derive(Debug)]
pub(crate) struct OpenSpan {
    context: Context,
    subject: Subject,
    ended: bool,
}

impl OpenSpan {
    pub(crate) fn start(
        tracer: &BoxedTracer,
        spec: SpanSpec,
        subject: Subject,
        parent: &Context,
    ) -> Self {
        let attributes = spec.attributes.into_iter();
        let mut builder = SpanBuilder::from_name(spec.name)
            .with_kind(spec.kind)
            .with_attributes(attributes.filter(|attribute| capture::allows(parent, attribute)))
            .with_links(spec.links);
        builder.start_time = spec.start;
        let span = tracer.build_with_context(builder, parent);
        Self {
            context: parent.with_span(span),
            subject,
            ended: false,
        }
    }

    /// The context in which this span is the current one.
    pub(crate) fn context(&self) -> &Context {
        &self.context
    }

    pub(crate) fn span_id(&self) -> SpanId {
        self.context.span().span_context().span_id()
    }

    pub(crate) fn set(&self, attribute: KeyValue) {
        set(&self.context, attribute);
    }

    pub(crate) fn end(mut self, end: End<'_>) {
        self.close(end);
    }

    fn close(&mut self, end: End<'_>) {
        self.ended = true;
        let span = self.context.span();
        let fail = |error: &NodeError| {
            span.set_attribute(KeyValue::new(key::ERROR_TYPE, error.code.clone()));
            span.set_attribute(KeyValue::new(key::ERROR_CODE, error.code.clone()));
            span.set_status(Status::error(error.message.clone()));
        };
        let status = match end {
            End::Succeeded => {
                span.set_status(Status::Ok);
                "succeeded"
            }
            End::Failed(error) => {
                let exception = vec![
                    KeyValue::new(key::EXCEPTION_TYPE, error.code.clone()),
                    KeyValue::new(key::EXCEPTION_MESSAGE, error.message.clone()),
                ];
                span.add_event(key::EXCEPTION_EVENT, exception);
                fail(error);
                "failed"
            }
            End::FailedBelow(error) => {
                fail(error);
                "failed"
            }
            End::Cancelled => {
                fail(&NodeError::cancelled());
                "cancelled"
            }
            End::GivenUp => {
                fail(&NodeError::new(
                    codes::CANCELLED,
                    "given up: what it was part of has ended",
                ));
                "cancelled"
            }
            End::Skipped => "skipped",
        };
        match self.subject {
            Subject::Workflow => span.set_attribute(KeyValue::new(key::EXECUTION_STATUS, status)),
            Subject::Node => span.set_attribute(KeyValue::new(key::NODE_STATUS, status)),
            Subject::Other => {}
        }
        span.end();
    }
}

impl Drop for OpenSpan {
    fn drop(&mut self) {
        if self.ended {
            return;
        }
        if std::thread::panicking() {
            self.close(End::Failed(&NodeError::new(
                codes::PANIC,
                "the code of this step panicked",
            )));
        } else {
            self.close(End::GivenUp);
        }
    }
}

/// Sets an attribute of the span that is current in `context`.
pub(crate) fn set(context: &Context, attribute: KeyValue) {
    if capture::allows(context, &attribute) {
        context.span().set_attribute(attribute);
    }
}

pub(crate) fn string_array(key: &'static str, values: Vec<String>) -> KeyValue {
    KeyValue::new(
        key,
        opentelemetry::Value::Array(Array::String(
            values.into_iter().map(StringValue::from).collect(),
        )),
    )
}
