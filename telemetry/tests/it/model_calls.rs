//! What model calls of runs cost, and the metrics of them.

use std::time::{Duration, SystemTime};

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder};
use opentelemetry::KeyValue;
use opentelemetry::trace::{SpanBuilder, TraceContextExt as _};
use opentelemetry_proto::tonic::metrics::v1::{Metric, metric::Data};
use orcheo_telemetry::{ExportProtocol, ExportSettings, MODEL_CALL_HISTOGRAMS};
use serde_json::{Value, json};

use crate::collector::Collector;
use crate::traced::{Options, Traced};

/// A run with a call that took half a second, and one that failed; and an agent that repeats the first.
async fn run(metrics: Option<ExportSettings>) -> Traced {
    let traced = Traced::with(Options {
        metrics,
        ..Options::default()
    })
    .await;
    let begin = SystemTime::now();
    let call = |name: &'static str, more: Vec<KeyValue>| {
        let attributes = [
            KeyValue::new("gen_ai.operation.name", "chat"),
            KeyValue::new("gen_ai.provider.name", "openai"),
            KeyValue::new("gen_ai.request.model", "gpt-4o"),
            KeyValue::new("server.address", "api.openai.com"),
            KeyValue::new("server.port", 443),
            KeyValue::new("gen_ai.input.messages", "[]"),
        ];
        SpanBuilder::from_name(name)
            .with_start_time(begin)
            .with_attributes(attributes.into_iter().chain(more))
    };
    let root = traced.root(
        "agent",
        vec![KeyValue::new("gen_ai.operation.name", "invoke_agent")],
    );
    let usage = vec![
        KeyValue::new("gen_ai.response.model", "gpt-4o-2024-08-06"),
        KeyValue::new("gen_ai.usage.input_tokens", 1_000_000),
        KeyValue::new("gen_ai.usage.output_tokens", 5),
    ];
    let half = begin + Duration::from_millis(500);
    let said = traced.build(&root, call("said", usage));
    said.span().end_with_timestamp(half);
    let failed = vec![KeyValue::new("error.type", "timeout")];
    let failed = traced.build(&root, call("failed", failed));
    failed.span().end_with_timestamp(half);
    root.span().end();
    traced
}

/// Each point of a histogram: its attributes, count, sum and number of bounds.
fn points(metric: &Metric) -> Vec<Value> {
    let Some(Data::Histogram(histogram)) = &metric.data else {
        panic!("a histogram: {metric:?}")
    };
    let mut points: Vec<Value> = histogram
        .data_points
        .iter()
        .map(|point| {
            let text = |value: Option<Value>| value.map(|value| value.to_string());
            let attributes = point.attributes.iter().map(|attribute| {
                let value = serde_json::to_value(&attribute.value).expect("a value");
                let value = value
                    .as_object()
                    .and_then(|value| value.values().next().cloned());
                format!("{}={}", attribute.key, text(value).unwrap_or_default())
            });
            let mut attributes: Vec<String> = attributes.collect();
            attributes.sort();
            json!([
                attributes.join(" "),
                point.count,
                point.sum,
                point.explicit_bounds.len()
            ])
        })
        .collect();
    points.sort_by_key(Value::to_string);
    points
}

async fn arrive(mut collector: Collector, settings: ExportSettings) {
    let traced = run(Some(settings)).await;
    traced.telemetry.shutdown().await;
    let request = collector.metrics.try_recv().expect("metrics");
    let scope = &request.resource_metrics[0].scope_metrics[0];
    let mut metrics: Vec<&Metric> = scope.metrics.iter().collect();
    metrics.sort_by(|a, b| a.name.cmp(&b.name));
    let [duration, tokens] = metrics[..] else {
        panic!("two metrics: {metrics:?}")
    };
    let call = "gen_ai.operation.name=\"chat\" gen_ai.provider.name=\"openai\" gen_ai.request.model=\"gpt-4o\"";
    let server = "server.address=\"api.openai.com\" server.port=\"443\"";
    let answered = "gen_ai.response.model=\"gpt-4o-2024-08-06\"";
    assert_eq!(
        (&duration.name[..], &duration.unit[..]),
        ("gen_ai.client.operation.duration", "s")
    );
    assert_eq!(
        points(duration),
        [
            json!([
                format!("error.type=\"timeout\" {call} {server}"),
                1,
                0.5,
                14
            ]),
            json!([format!("{call} {answered} {server}"), 1, 0.5, 14]),
        ]
    );
    assert_eq!(
        (&tokens.name[..], &tokens.unit[..]),
        ("gen_ai.client.token.usage", "{token}")
    );
    assert_eq!(
        points(tokens),
        [
            json!([
                format!("{call} {answered} gen_ai.token.type=\"input\" {server}"),
                1,
                1_000_000.0,
                14
            ]),
            json!([
                format!("{call} {answered} gen_ai.token.type=\"output\" {server}"),
                1,
                5.0,
                14
            ]),
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_of_model_calls_arrive_over_grpc() {
    let collector = Collector::grpc().await;
    let endpoint = format!("http://{}", collector.address);
    arrive(
        collector,
        ExportSettings::new(ExportProtocol::Grpc, endpoint),
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_of_model_calls_arrive_over_http() {
    let collector = Collector::http().await;
    let endpoint = format!("http://{}/v1/metrics", collector.address);
    arrive(
        collector,
        ExportSettings::new(ExportProtocol::HttpProtobuf, endpoint),
    )
    .await;
}

#[tokio::test]
async fn metrics_of_model_calls_are_shown_with_the_bounds_of_the_conventions() {
    let mut recorder = PrometheusBuilder::new();
    for (name, bounds) in MODEL_CALL_HISTOGRAMS {
        recorder = recorder
            .set_buckets_for_metric(Matcher::Full(name.to_owned()), &bounds)
            .expect("bounds");
    }
    let recorder = recorder.build_recorder();
    let _measured = metrics::set_default_local_recorder(&recorder);
    let _traced = run(None).await;
    let shown = recorder.handle().render();
    let line = |parts: &[&str]| {
        let found = shown
            .lines()
            .filter(|line| parts.iter().all(|part| line.contains(part)));
        found
            .map(|line| line.rsplit_once(' ').map_or("", |(_, value)| value))
            .collect::<Vec<_>>()
    };
    let input = [
        "gen_ai_token_type=\"input\"",
        "gen_ai_response_model=\"gpt-4o-2024-08-06\"",
    ];
    let bucket = |bound: &'static str| {
        line(&[
            "gen_ai_client_token_usage_bucket",
            input[0],
            input[1],
            bound,
        ])
    };
    assert_eq!(bucket("le=\"262144\""), ["0"]);
    assert_eq!(bucket("le=\"1048576\""), ["1"]);
    let seconds = "gen_ai_client_operation_duration_seconds_bucket";
    assert_eq!(
        line(&[seconds, "error_type=\"timeout\"", "le=\"0.64\""]),
        ["1"]
    );
    assert_eq!(
        line(&[seconds, "error_type=\"timeout\"", "le=\"0.32\""]),
        ["0"]
    );
}

#[tokio::test]
async fn a_call_of_a_run_costs_what_its_model_costs() {
    let traced = run(None).await;
    let spans = traced.spans().await;
    let cost = |name: &str| {
        let span = spans
            .iter()
            .find(|span| span.name == name)
            .expect("the span");
        span.usage.as_ref().and_then(|usage| usage.cost_usd)
    };
    assert_eq!(cost("said"), Some(2.500_05));
    assert_eq!(cost("failed"), None);
    assert_eq!(cost("agent"), None);
}
