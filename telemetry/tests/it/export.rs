//! Export: what is sampled arrives redacted, over either protocol; a collector that is away disturbs nobody.

use metrics_exporter_prometheus::PrometheusBuilder;
use opentelemetry::KeyValue;
use opentelemetry::trace::{TraceContextExt, Tracer, TracerProvider};
use opentelemetry_proto::tonic::trace::v1::Span;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::Sampler;
use orcheo_store::SpanState;
use orcheo_telemetry::{ExportProtocol, ExportSettings, Redactor, program_provider, shutdown};

use crate::collector::{Collector, dead_address};
use crate::traced::{Options, Traced};

pub(crate) fn resource() -> Resource {
    let owner = KeyValue::new("owner", "ada@example.com");
    Resource::builder_empty()
        .with_service_name("orcheo-trace")
        .with_attribute(owner)
        .build()
}

pub(crate) fn exporting(settings: ExportSettings) -> Options {
    Options {
        export: Some(settings),
        resource: resource(),
        ..Options::default()
    }
}

fn attribute(span: &Span, key: &str) -> String {
    span.attributes
        .iter()
        .find(|attribute| attribute.key == key)
        .map(|attribute| format!("{:?}", attribute.value))
        .unwrap_or_default()
}

async fn arrives_redacted(mut collector: Collector, settings: ExportSettings) {
    let traced = Traced::with(exporting(settings)).await;
    traced.redactor.secrets().add("correct-horse");
    let root = traced.root(
        "root for ada@example.com",
        vec![KeyValue::new("orcheo.node.input", r#"{"password":"x"}"#)],
    );
    root.span()
        .add_event("sent correct-horse", vec![KeyValue::new("api_key", "x")]);
    root.span().end();
    traced.telemetry.shutdown().await;

    let spans = collector.spans();
    let [span] = spans.as_slice() else {
        panic!("one span: {spans:?}")
    };
    assert_eq!(span.name, "root for [REDACTED:email]");
    assert_eq!(span.trace_id, traced.run.trace_id.0);
    assert!(
        attribute(span, "orcheo.node.input").contains("[REDACTED:password]"),
        "content is exported, redacted"
    );
    assert!(
        attribute(span, "input.value").contains("[REDACTED:password]"),
        "by the name that other tools show, too"
    );
    assert_eq!(span.events[0].name, "sent [REDACTED:secret-value]");
    assert!(format!("{:?}", span.events[0].attributes).contains("[REDACTED:api-key]"));
    assert!(span.end_time_unix_nano >= span.start_time_unix_nano);
}

#[tokio::test]
async fn spans_arrive_redacted_over_grpc() {
    let collector = Collector::grpc().await;
    let settings = ExportSettings::new(
        ExportProtocol::Grpc,
        format!("http://{}", collector.address),
    );
    arrives_redacted(collector, settings).await;
}

#[tokio::test]
async fn spans_arrive_redacted_over_http() {
    let collector = Collector::http().await;
    let settings = ExportSettings::new(
        ExportProtocol::HttpProtobuf,
        format!("http://{}/v1/traces", collector.address),
    );
    arrives_redacted(collector, settings).await;
}

#[tokio::test]
async fn the_resource_and_scope_arrive() {
    let mut collector = Collector::grpc().await;
    let traced = Traced::with(exporting(ExportSettings::new(
        ExportProtocol::Grpc,
        format!("http://{}", collector.address),
    )))
    .await;
    traced.root("root", Vec::new()).span().end();
    traced.telemetry.shutdown().await;
    let request = collector.received.try_recv().unwrap();
    let resource = format!("{:?}", request.resource_spans[0].resource);
    assert!(
        resource.contains("orcheo-trace")
            && resource.contains("[REDACTED:email]")
            && !resource.contains("ada@"),
        "{resource}"
    );
    assert_eq!(
        request.resource_spans[0].scope_spans[0]
            .scope
            .as_ref()
            .unwrap()
            .name,
        "orcheo-trace"
    );
}

#[tokio::test]
async fn what_is_not_sampled_is_stored_and_not_exported() {
    let mut collector = Collector::grpc().await;
    let settings = ExportSettings::new(
        ExportProtocol::Grpc,
        format!("http://{}", collector.address),
    );
    let traced = Traced::with(Options {
        sampler: Box::new(Sampler::AlwaysOff),
        ..exporting(settings)
    })
    .await;
    let root = traced.root("root", Vec::new());
    root.span().end();
    assert_eq!(traced.span(&root).await.state, SpanState::Ended);
    traced.telemetry.shutdown().await;
    assert!(collector.spans().is_empty());
}

#[tokio::test]
async fn a_collector_that_is_away_disturbs_no_run_and_is_counted() {
    let recorder = PrometheusBuilder::new().build_recorder();
    let _recording = metrics::set_default_local_recorder(&recorder);
    let metrics = recorder.handle();
    let mut settings = ExportSettings::new(
        ExportProtocol::Grpc,
        format!("http://{}", dead_address().await),
    );
    settings.queue_size = 100;
    let traced = Traced::with(exporting(settings)).await;
    let root = traced.root("root", Vec::new());
    for _ in 0..1_000 {
        traced.open(&root, "child", Vec::new()).span().end();
    }
    root.span().end();
    let ended = traced
        .spans()
        .await
        .iter()
        .filter(|span| span.state == SpanState::Ended)
        .count();
    assert_eq!(ended, 1_001, "every span is stored");
    traced.telemetry.shutdown().await;
    let counted = |outcome: &str| {
        let name = format!("orcheo_telemetry_export_spans_total{{outcome=\"{outcome}\"}} ");
        metrics
            .render()
            .lines()
            .find_map(|line| line.strip_prefix(&name)?.parse::<u64>().ok())
            .unwrap_or(0)
    };
    assert_eq!(counted("exported"), 0);
    assert!(
        counted("failed") > 0 && counted("dropped") > 0,
        "{}",
        metrics.render()
    );
    assert_eq!(counted("failed") + counted("dropped"), 1_001);
}

#[tokio::test]
async fn spans_that_arrive_are_counted() {
    let recorder = PrometheusBuilder::new().build_recorder();
    let _recording = metrics::set_default_local_recorder(&recorder);
    let metrics = recorder.handle();
    let collector = Collector::http().await;
    let settings = ExportSettings::new(
        ExportProtocol::HttpProtobuf,
        format!("http://{}/v1/traces", collector.address),
    );
    let traced = Traced::with(exporting(settings)).await;
    traced.root("root", Vec::new()).span().end();
    traced.telemetry.shutdown().await;
    assert!(
        metrics
            .render()
            .contains("orcheo_telemetry_export_spans_total{outcome=\"exported\"} 1"),
        "{}",
        metrics.render()
    );
}

#[tokio::test]
async fn the_program_s_own_spans_are_exported_redacted_and_not_stored() {
    let mut collector = Collector::grpc().await;
    let settings = ExportSettings::new(
        ExportProtocol::Grpc,
        format!("http://{}", collector.address),
    );
    let provider = program_provider(
        Redactor::new(),
        &settings,
        Resource::builder_empty().build(),
    )
    .unwrap();
    let tracer = provider.tracer("program");
    tracer.in_span("GET /ada@example.com", |_| {});
    shutdown(&provider).await;
    let names: Vec<_> = collector
        .spans()
        .into_iter()
        .map(|span| span.name)
        .collect();
    assert_eq!(names, ["GET /[REDACTED:email]"]);
}

#[tokio::test]
async fn settings_that_cannot_work_are_refused_at_once() {
    let settings = ExportSettings::new(ExportProtocol::Grpc, "http://not a host");
    assert!(
        program_provider(
            Redactor::new(),
            &settings,
            Resource::builder_empty().build()
        )
        .is_err()
    );
}
