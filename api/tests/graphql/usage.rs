use orcheo_store::{
    SpanCategory, SpanRecord, StatusCode, UsageRecord,
    testing::{Trace, below, ended, span, span_id, usage},
};
use serde_json::json;

use crate::support::Api;

fn call(parent: u32, number: u32, reported: UsageRecord) -> SpanRecord {
    SpanRecord {
        category: SpanCategory::Llm,
        usage: Some(reported),
        ..below(parent, number)
    }
}

fn node(parent: u32, number: u32, id: &str) -> SpanRecord {
    SpanRecord {
        node_id: Some(id.into()),
        ..below(parent, number)
    }
}

#[tokio::test]
async fn usage_is_summed_by_model_and_by_node_and_never_twice() {
    let api = Api::new().await;
    let trace = Trace::begun(api.store()).await;
    let other = UsageRecord {
        model: Some("large".into()),
        cost_usd: Some(0.5),
        ..usage(7, 1)
    };
    let repeated = UsageRecord {
        counted: false,
        ..usage(30, 6)
    };
    let agent = SpanRecord {
        usage: Some(repeated),
        ..below(2, 5)
    };
    trace
        .spans([
            call(5, 6, usage(10, 2)),
            call(5, 7, usage(20, 4)),
            agent,
            node(1, 2, "agent"),
            call(3, 8, other),
            node(1, 3, "ask"),
            call(1, 9, usage(1, 0)),
            ended(1),
        ])
        .await;
    let query = "query ($id: ID!) { execution(executionId: $id) {
        tokenUsage { input output total costUsd unpriced }
        tokenUsageByModel { provider model calls tokenUsage { input output costUsd unpriced } }
        tokenUsageByNode { nodeId calls tokenUsage { input output } }
        nodes { nodeId tokenUsage { input } }
        rootSpan { tokenUsage { total } subtreeTokenUsage { input output unpriced } }
        agent: span(spanId: \"0000000000000005\") { tokenUsage { input } subtreeTokenUsage { input } }
    } }";
    let data = api
        .query(query, json!({ "id": trace.run.execution_id }))
        .await;
    let execution = &data["execution"];
    assert_eq!(
        execution["tokenUsage"],
        json!({ "input": 38, "output": 7, "total": 45, "costUsd": 0.5, "unpriced": 37 })
    );
    assert_eq!(
        execution["tokenUsageByModel"],
        json!([
            { "provider": "offline", "model": "offline:echo", "calls": 3, "tokenUsage": { "input": 31, "output": 6, "costUsd": null, "unpriced": 37 } },
            { "provider": "offline", "model": "large", "calls": 1, "tokenUsage": { "input": 7, "output": 1, "costUsd": 0.5, "unpriced": 0 } },
        ])
    );
    assert_eq!(
        execution["tokenUsageByNode"],
        json!([
            { "nodeId": "agent", "calls": 2, "tokenUsage": { "input": 30, "output": 6 } },
            { "nodeId": "ask", "calls": 1, "tokenUsage": { "input": 7, "output": 1 } },
            { "nodeId": null, "calls": 1, "tokenUsage": { "input": 1, "output": 0 } },
        ])
    );
    assert_eq!(
        execution["nodes"],
        json!([{ "nodeId": "agent", "tokenUsage": { "input": 30 } }, { "nodeId": "ask", "tokenUsage": { "input": 7 } }])
    );
    let root = json!({ "tokenUsage": { "total": 0 }, "subtreeTokenUsage": { "input": 38, "output": 7, "unpriced": 37 } });
    assert_eq!(execution["rootSpan"], root);
    let agent = json!({ "tokenUsage": { "input": 30 }, "subtreeTokenUsage": { "input": 30 } });
    assert_eq!(execution["agent"], agent);
}

#[tokio::test]
async fn usage_tells_whether_it_is_counted_and_why_not() {
    let api = Api::new().await;
    let trace = Trace::begun(api.store()).await;
    let repeated = UsageRecord {
        counted: false,
        cost_usd: Some(0.5),
        ..usage(10, 2)
    };
    let agent = |number| SpanRecord {
        usage: Some(repeated.clone()),
        ..below(1, number)
    };
    let running = SpanRecord {
        usage: Some(usage(7, i64::MAX)),
        ..span(5)
    };
    trace
        .spans([
            running,
            call(3, 4, usage(10, 2)),
            agent(3),
            agent(2),
            ended(1),
        ])
        .await;
    let query = "query ($id: ID!) { execution(executionId: $id) {
        tokenUsage { total counted uncountedReason }
        uncountedTokenUsage { reason spans tokenUsage { input costUsd counted uncountedReason } }
        spans { nodes { spanId tokenUsage { counted uncountedReason } subtreeTokenUsage { counted } } }
    } }";
    let data = api
        .query(query, json!({ "id": trace.run.execution_id }))
        .await;
    insta::assert_json_snapshot!(data);
}

#[tokio::test]
async fn a_running_call_tells_its_usage_so_far() {
    let api = Api::new().await;
    let trace = Trace::begun(api.store()).await;
    trace
        .spans([SpanRecord {
            usage: Some(usage(10, 3)),
            ..span(1)
        }])
        .await;
    let query = "query ($id: ID!) { execution(executionId: $id) { uncountedTokenUsage { reason spans tokenUsage { total } }
        rootSpan { tokenUsage { total } subtreeTokenUsage { total } } } }";
    let data = api
        .query(query, json!({ "id": trace.run.execution_id }))
        .await;
    let root = json!({ "tokenUsage": { "total": 13 }, "subtreeTokenUsage": { "total": 13 } });
    assert_eq!(data["execution"]["rootSpan"], root);
    let running = json!([{ "reason": "RUNNING", "spans": 1, "tokenUsage": { "total": 13 } }]);
    assert_eq!(data["execution"]["uncountedTokenUsage"], running);
}

#[tokio::test]
async fn a_node_is_its_visits_together_and_a_retry_is_none() {
    let api = Api::new().await;
    let trace = Trace::begun(api.store()).await;
    let attempt = |number, attempt, status_code| SpanRecord {
        attempt: Some(attempt),
        status_code,
        ..node(1, number, "fetch")
    };
    let inner = SpanRecord {
        node_id: Some("loop".into()),
        ..below(12, 13)
    };
    let visits = [10, 11, 12].map(|number| node(1, number, "loop"));
    trace.spans(visits).await;
    trace
        .spans([
            inner,
            attempt(2, 1, StatusCode::Error),
            attempt(3, 2, StatusCode::Ok),
        ])
        .await;
    let running = SpanRecord {
        node_id: Some("wait".into()),
        parent_span_id: Some(span_id(1)),
        ..span(20)
    };
    trace.spans([running, span(1)]).await;
    let query = "query ($id: ID!) { execution(executionId: $id) { nodes { nodeId state status { code } visits attempts startTime
        endTime durationMs lastSpanId } } }";
    let data = api
        .query(query, json!({ "id": trace.run.execution_id }))
        .await;
    insta::assert_json_snapshot!(data);
}
