//! One run on a database of its own, and how tests open spans in it and read them back.

use opentelemetry::global::BoxedTracer;
use opentelemetry::trace::{Span as _, SpanBuilder, TraceContextExt, Tracer};
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::ShouldSample;
use orcheo_store::models::spans::{Span, SpanParts, changed_after};
use orcheo_store::testing::{NewRun, TestDatabase};
use orcheo_store::{JsonText, SpanId, Store};
use orcheo_telemetry::{
    ExportSettings, Prices, Redactor, RunHandle, RunRegistration, RunTelemetry,
    RunTelemetrySettings, sampler,
};
use serde_json::Value;

/// How a test's run is traced.
pub(crate) struct Options {
    pub(crate) sampler: Box<dyn ShouldSample>,
    pub(crate) export: Option<ExportSettings>,
    pub(crate) metrics: Option<ExportSettings>,
    pub(crate) resource: Resource,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            sampler: sampler(),
            export: None,
            metrics: None,
            resource: Resource::builder_empty().build(),
        }
    }
}

/// A claimed and registered run.
pub(crate) struct Traced {
    pub(crate) database: TestDatabase,
    pub(crate) store: Store,
    pub(crate) redactor: Redactor,
    pub(crate) telemetry: RunTelemetry,
    pub(crate) run: NewRun,
    pub(crate) handle: RunHandle,
    tracer: BoxedTracer,
}

impl Traced {
    pub(crate) async fn new() -> Self {
        Self::with(Options::default()).await
    }

    pub(crate) async fn with(options: Options) -> Self {
        let database = TestDatabase::new().await;
        let store = database.store().await;
        let redactor = Redactor::new();
        let run = NewRun::claimed(&store).await;
        let Options {
            sampler,
            export,
            metrics,
            resource,
        } = options;
        let (shared_store, shared_redactor) = (store.clone(), redactor.clone());
        let settings = RunTelemetrySettings {
            store: shared_store,
            redactor: shared_redactor,
            prices: Prices::builtin(),
            export,
            metrics,
            resource,
            sampler,
        };
        let telemetry = RunTelemetry::new(settings).unwrap();
        let handle = telemetry.register(registration(&run));
        let tracer = telemetry.tracer();
        Self {
            database,
            store,
            redactor,
            telemetry,
            run,
            handle,
            tracer,
        }
    }

    /// Opens a root span, as the engine does.
    pub(crate) fn root(&self, name: &'static str, attributes: Vec<KeyValue>) -> Context {
        self.open(&self.handle.context(&Context::new()), name, attributes)
    }

    pub(crate) fn open(
        &self,
        parent: &Context,
        name: &'static str,
        attributes: Vec<KeyValue>,
    ) -> Context {
        self.build(
            parent,
            SpanBuilder::from_name(name).with_attributes(attributes),
        )
    }

    pub(crate) fn build(&self, parent: &Context, builder: SpanBuilder) -> Context {
        let _current = parent.clone().attach();
        let span = self.tracer.build_with_context(builder, parent);
        assert!(span.span_context().is_valid());
        parent.with_span(span)
    }

    /// Waits until all that was emitted is committed.
    pub(crate) async fn settled(&self) {
        self.handle.barrier().await.unwrap();
    }

    /// The spans of the run as they are in the database now, by start.
    pub(crate) async fn spans(&self) -> Vec<Span> {
        self.settled().await;
        let mut connection = self.store.read().await.unwrap();
        let mut spans = changed_after(
            &mut connection,
            self.run.execution_id,
            0,
            10_000,
            SpanParts::ALL,
        )
        .await
        .unwrap();
        spans.sort_by_key(|span| (span.start_ns, span.span_id));
        spans
    }

    pub(crate) async fn span(&self, context: &Context) -> Span {
        let id = span_id(context);
        self.spans()
            .await
            .into_iter()
            .find(|span| span.span_id == id)
            .unwrap()
    }
}

pub(crate) fn registration(run: &NewRun) -> RunRegistration {
    RunRegistration {
        execution_id: run.execution_id,
        trace_id: run.trace_id,
        lease_epoch: Some(run.lease_epoch),
    }
}

pub(crate) fn span_id(context: &Context) -> SpanId {
    SpanId(context.span().span_context().span_id().to_bytes())
}

pub(crate) fn json(text: &Option<JsonText>) -> Value {
    text.as_ref()
        .map_or(Value::Null, |text| text.parse().unwrap())
}
