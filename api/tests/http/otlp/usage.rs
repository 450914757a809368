//! Tokens count once: on the deepest span of a chain that reports them, whatever the order in which the spans come.

use serde_json::json;

use super::*;

/// A span that reports usage, or none.
fn reports(trace: u8, number: u8, parent: Option<u8>, input: i64) -> Span {
    let mut span = span(trace, number, parent);
    if input > 0 {
        span.attributes = vec![
            text(
                "gen_ai.operation.name",
                if number.is_multiple_of(2) {
                    "chat"
                } else {
                    "invoke_agent"
                },
            ),
            text("gen_ai.request.model", "m"),
            any("gen_ai.usage.input_tokens", Any::IntValue(input)),
        ];
        // Agents tell no cost.
        if number.is_multiple_of(2) {
            let cost = any("gen_ai.usage.cost", Any::DoubleValue(input as f64));
            span.attributes.push(cost);
        }
    }
    span
}

#[tokio::test]
async fn the_deepest_report_of_a_chain_counts_in_every_order() {
    let server = Server::start().await;
    // 1 (100) ── 2 ── 4 (60) ── 6 (40)
    //        │            └─── 8 (15)
    //        └── 3 (7)
    //        └── 5 ── 7
    let tree = [
        (1, None, 100),
        (2, Some(1), 0),
        (4, Some(2), 60),
        (6, Some(4), 40),
        (8, Some(4), 15),
        (3, Some(1), 7),
        (5, Some(1), 0),
        (7, Some(5), 0),
    ];
    let fields = "tokenUsage { input costUsd unpriced } tokenUsageByModel { tokenUsage { input } } rootSpan { subtreeTokenUsage { input } }";
    for round in 0..24_u8 {
        let trace = 100 + round;
        let mut order: Vec<_> = tree.to_vec();
        // Rotations of the tree, of its reverse, and of a shuffle, in batches of one, two and three.
        if !round.is_multiple_of(2) {
            order.reverse();
        }
        if round % 3 == 2 {
            order.sort_by_key(|(number, _, _)| u32::from(*number) * 37 % 11);
        }
        order.rotate_left(usize::from(round) % tree.len());
        for batch in order.chunks(1 + usize::from(round) % 3) {
            let spans = batch
                .iter()
                .map(|(number, parent, input)| reports(trace, *number, *parent, *input));
            accept(&server, spans.collect()).await;
        }
        assert_eq!(
            execution(&server, trace, fields).await,
            json!({
                "tokenUsage": {"input": 62, "costUsd": 55.0, "unpriced": 7},
                "tokenUsageByModel": [{"tokenUsage": {"input": 62}}],
                "rootSpan": {"subtreeTokenUsage": {"input": 62}},
            }),
            "{order:?}"
        );
    }
}

#[tokio::test]
async fn a_call_costs_what_it_says_else_what_its_model_costs() {
    let server = Server::start().await;
    let call = |number, model: &str, cost: Option<f64>| {
        let mut span = reports(90, number, None, 1_000_000);
        span.attributes
            .retain(|attribute| attribute.key == "gen_ai.usage.input_tokens");
        span.attributes.push(text("gen_ai.operation.name", "chat"));
        span.attributes.push(text("gen_ai.system", "OpenAI"));
        span.attributes.push(text("gen_ai.response.model", model));
        let cost = cost.map(|cost| any("gen_ai.usage.cost", Any::DoubleValue(cost)));
        span.attributes.extend(cost);
        span
    };
    let calls = [
        call(2, "gpt-4o-2024-08-06", None),
        call(4, "gpt-4o", Some(0.25)),
        call(6, "gpt-of-nobody", None),
    ];
    accept(&server, calls.to_vec()).await;
    let fields = "tokenUsage { costUsd } tokenUsageByModel { model tokenUsage { costUsd } }";
    let mut found = execution(&server, 90, fields).await;
    let by_model = found["tokenUsageByModel"].as_array_mut().unwrap();
    by_model.sort_by_key(|usage| usage["model"].to_string());
    assert_eq!(
        found,
        json!({
            "tokenUsage": {"costUsd": 2.75},
            "tokenUsageByModel": [
                {"model": "gpt-4o", "tokenUsage": {"costUsd": 0.25}},
                {"model": "gpt-4o-2024-08-06", "tokenUsage": {"costUsd": 2.5}},
                {"model": "gpt-of-nobody", "tokenUsage": {"costUsd": null}},
            ],
        })
    );
}

#[tokio::test]
async fn conventions_old_and_new_say_the_same() {
    let server = Server::start().await;
    let int = |key: &str, value| any(key, Any::IntValue(value));
    let dialects: [(u8, Vec<KeyValue>); 5] = [
        (
            60,
            vec![
                text("gen_ai.operation.name", "chat"),
                text("gen_ai.provider.name", "openai"),
                text("gen_ai.response.model", "gpt"),
                int("gen_ai.usage.input_tokens", 10),
                int("gen_ai.usage.output_tokens", 5),
                int("gen_ai.usage.cache_read.input_tokens", 4),
                int("gen_ai.usage.reasoning.output_tokens", 2),
                text(
                    "gen_ai.input.messages",
                    r#"[{"role":"user","content":"hi"}]"#,
                ),
                text(
                    "gen_ai.output.messages",
                    r#"[{"role":"assistant","content":"ho"}]"#,
                ),
            ],
        ),
        (
            61,
            vec![
                text("llm.request.type", "chat"),
                text("gen_ai.system", "openai"),
                text("gen_ai.response.model", "gpt"),
                int("gen_ai.usage.prompt_tokens", 10),
                int("gen_ai.usage.completion_tokens", 5),
                int("gen_ai.usage.cache_read_input_tokens", 4),
                int("gen_ai.usage.reasoning_tokens", 2),
                text("gen_ai.prompt.0.role", "user"),
                text("gen_ai.prompt.0.content", "hi"),
                text("gen_ai.completion.0.role", "assistant"),
                text("gen_ai.completion.0.content", "ho"),
            ],
        ),
        (
            62,
            vec![
                text("openinference.span.kind", "LLM"),
                text("llm.provider", "openai"),
                text("llm.model_name", "gpt"),
                int("llm.token_count.prompt", 10),
                int("llm.token_count.completion", 5),
                int("llm.token_count.prompt_details.cache_read", 4),
                int("llm.token_count.completion_details.reasoning", 2),
                text("llm.input_messages.0.message.role", "user"),
                text("llm.input_messages.0.message.content", "hi"),
                text("llm.output_messages.0.message.role", "assistant"),
                text("llm.output_messages.0.message.content", "ho"),
                text("input.value", "something else"),
            ],
        ),
        (
            63,
            vec![
                text("orcheo.ai.kind", "llm"),
                text("orcheo.ai.provider", "openai"),
                text("orcheo.ai.model.actual", "gpt"),
                text("orcheo.node.id", "node"),
                int("orcheo.token.input", 10),
                int("orcheo.token.output", 5),
                int("gen_ai.usage.cache_read.input_tokens", 4),
                int("gen_ai.usage.reasoning.output_tokens", 2),
                text("input.value", r#"[{"role":"user","content":"hi"}]"#),
                text("output.value", r#"[{"role":"assistant","content":"ho"}]"#),
            ],
        ),
        (
            64,
            vec![
                text("gen_ai.operation.name", "chat"),
                text("gen_ai.system", "openai"),
                text("gen_ai.request.model", "gpt"),
                text("gen_ai.usage.input_tokens", "10"),
                any("gen_ai.usage.output_tokens", Any::DoubleValue(5.0)),
                int("gen_ai.usage.cache_read.input_tokens", 4),
                int("gen_ai.usage.reasoning.output_tokens", 2),
                text("gen_ai.prompt", r#"[{"role":"user","content":"hi"}]"#),
                text(
                    "gen_ai.completion",
                    r#"[{"role":"assistant","content":"ho"}]"#,
                ),
            ],
        ),
    ];
    for (trace, attributes) in dialects {
        accept(
            &server,
            vec![Span {
                attributes,
                ..span(trace, 1, None)
            }],
        )
        .await;
        let fields = "category input output tokenUsage { input output cacheRead reasoning }";
        assert_eq!(
            spans(&server, trace, fields).await,
            [json!({
                "category": "LLM",
                "input": [{"role": "user", "content": "hi"}], "output": [{"role": "assistant", "content": "ho"}],
                "tokenUsage": {"input": 10, "output": 5, "cacheRead": 4, "reasoning": 2},
            })],
            "{trace}"
        );
        let by_model = execution(
            &server,
            trace,
            "tokenUsageByModel { provider model tokenUsage { total } }",
        )
        .await;
        assert_eq!(
            by_model["tokenUsageByModel"],
            json!([{"provider": "openai", "model": "gpt", "tokenUsage": {"total": 15}}]),
            "{trace}"
        );
    }
}

#[tokio::test]
async fn a_trace_goes_out_as_otlp_json() {
    let server = Server::start().await;
    let named = Span {
        attributes: vec![text("orcheo.execution.id", "run-9")],
        ..failed(span(65, 1, None), "no")
    };
    accept(&server, vec![named, span(65, 2, Some(1))]).await;
    let response = server
        .get("/api/executions/run-9/trace.otlp.json")
        .send()
        .await
        .unwrap();
    assert_eq!(response.headers()["content-type"], "application/json");
    let out: ExportTraceServiceRequest = response.json().await.unwrap();
    let spans = &out.resource_spans[0].scope_spans[0].spans;
    assert_eq!(spans.len(), 2);
    assert_eq!(spans[0].status.as_ref().unwrap().message, "no");
    let missing = server
        .get("/api/executions/nobody/trace.otlp.json")
        .send()
        .await
        .unwrap();
    assert_eq!(missing.status(), 404);
}
