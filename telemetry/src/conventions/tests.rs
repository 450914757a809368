use opentelemetry::{KeyValue, Value};

use super::*;

fn meaning<const N: usize>(attributes: [(&'static str, Value); N]) -> Meaning {
    Meaning::of(
        "span",
        &attributes.map(|(key, value)| KeyValue::new(key, value)),
    )
}

#[test]
fn categories_follow_the_operation_then_what_else_the_span_says() {
    for (attributes, category) in [
        (vec![(keys::OPERATION_NAME, "chat")], SpanCategory::Llm),
        (
            vec![(keys::OPERATION_NAME, "embeddings")],
            SpanCategory::Embedding,
        ),
        (
            vec![(keys::OPERATION_NAME, "execute_tool"), (keys::NODE_ID, "n")],
            SpanCategory::Tool,
        ),
        (
            vec![(keys::OPERATION_NAME, "invoke_agent")],
            SpanCategory::Agent,
        ),
        (
            vec![(keys::OPERATION_NAME, "retrieval")],
            SpanCategory::Retriever,
        ),
        (
            vec![
                (keys::OPERATION_NAME, "something new"),
                (keys::NODE_ID, "n"),
            ],
            SpanCategory::Node,
        ),
        (
            vec![(keys::HTTP_REQUEST_METHOD, "GET"), (keys::NODE_ID, "n")],
            SpanCategory::Node,
        ),
        (vec![(keys::WORKFLOW_ID, "w")], SpanCategory::Workflow),
        (vec![(keys::HTTP_REQUEST_METHOD, "GET")], SpanCategory::Http),
        (
            vec![(keys::DB_SYSTEM_NAME, "postgresql")],
            SpanCategory::Database,
        ),
        (vec![("anything", "else")], SpanCategory::Other),
    ] {
        let attributes: Vec<KeyValue> = attributes
            .iter()
            .map(|(key, value)| KeyValue::new(*key, *value))
            .collect();
        assert_eq!(
            Meaning::of("span", &attributes).category,
            category,
            "{attributes:?}"
        );
    }
}

#[test]
fn usage_is_read_with_its_parts_and_counts_on_model_calls() {
    let usage = meaning([
        (keys::OPERATION_NAME, "chat".into()),
        (keys::PROVIDER_NAME, "openai".into()),
        (keys::REQUEST_MODEL, "gpt-5".into()),
        (keys::RESPONSE_MODEL, "gpt-5-2025-08-07".into()),
        (keys::USAGE_INPUT, 100.into()),
        (keys::USAGE_OUTPUT, 20.into()),
        (keys::USAGE_CACHE_READ, 60.into()),
        (keys::USAGE_CACHE_WRITE, 5.into()),
        (keys::USAGE_REASONING, 7.into()),
        (keys::COST_USD, 0.25.into()),
    ])
    .usage;
    assert_eq!(
        usage,
        Some(UsageRecord {
            provider: Some("openai".to_owned()),
            model: Some("gpt-5-2025-08-07".to_owned()),
            input: 100,
            output: 20,
            cache_read: 60,
            cache_write: 5,
            reasoning: 7,
            cost_usd: Some(0.25),
            counted: true,
        })
    );
}

#[test]
fn calls_of_langfuse_and_of_vercels_sdk_are_read() {
    let langfuse = meaning([
        ("langfuse.observation.type", "generation".into()),
        ("langfuse.observation.model.name", "gpt-4o".into()),
        (
            "langfuse.observation.usage_details",
            r#"{"input": 11, "output": 4}"#.into(),
        ),
        (
            "langfuse.observation.cost_details",
            r#"{"total": 0.0012}"#.into(),
        ),
    ]);
    let told = |usage: &UsageRecord| (usage.input, usage.output, usage.cost_usd, usage.counted);
    assert_eq!(langfuse.category, SpanCategory::Llm);
    let usage = langfuse.usage.expect("usage");
    assert_eq!(usage.model.as_deref(), Some("gpt-4o"));
    assert_eq!(told(&usage), (11, 4, Some(0.0012), true));

    let vercel = meaning([
        ("ai.operationId", "ai.streamText.doStream".into()),
        ("gen_ai.system", "openai.chat".into()),
        (keys::REQUEST_MODEL, "gpt-4o".into()),
        (keys::USAGE_INPUT, 100.into()),
        ("ai.telemetry.metadata.sessionId", "s-1".into()),
    ]);
    assert_eq!(vercel.category, SpanCategory::Llm);
    assert_eq!(vercel.run.thread_id.as_deref(), Some("s-1"));
    assert!(vercel.usage.is_some_and(|usage| usage.counted));

    let tool = meaning([
        ("ai.operationId", "ai.toolCall".into()),
        ("ai.toolCall.name", "lookup".into()),
        ("ai.toolCall.args", r#"{"order":1}"#.into()),
        ("ai.toolCall.result", "sent".into()),
    ]);
    assert_eq!(tool.category, SpanCategory::Tool);
    assert_eq!(tool.display_name.as_deref(), Some("lookup"));
    assert_eq!(
        (tool.content.input, tool.content.output),
        (Some(2), Some(3))
    );
}

#[test]
fn usage_elsewhere_is_kept_but_not_counted() {
    let agent = meaning([
        (keys::OPERATION_NAME, "invoke_agent".into()),
        (keys::USAGE_INPUT, 100.into()),
    ]);
    assert_eq!(
        agent.usage.map(|usage| (usage.input, usage.counted)),
        Some((100, false))
    );
}

#[test]
fn no_usage_is_none_and_not_zero() {
    let meaning = meaning([
        (keys::OPERATION_NAME, "chat".into()),
        ("orcheo.token.input", 12.into()),
    ]);
    assert_eq!(meaning.usage, None);
}

#[test]
fn numbers_written_as_text_or_float_count_and_nonsense_does_not() {
    let read = |value: Value| {
        meaning([
            (keys::OPERATION_NAME, "chat".into()),
            (keys::USAGE_INPUT, value),
        ])
        .usage
        .map(|usage| usage.input)
    };
    assert_eq!(read("12".into()), Some(12));
    assert_eq!(read(12.0.into()), Some(12));
    assert_eq!(read(12.5.into()), None);
    assert_eq!(read((-1).into()), None);
    assert_eq!(read("many".into()), None);
}

#[test]
fn the_last_of_a_repeated_key_counts() {
    let meaning = meaning([
        (keys::NODE_ATTEMPT, 1.into()),
        (keys::NODE_ATTEMPT, 2.into()),
    ]);
    assert_eq!(meaning.attempt, Some(2));
}

#[test]
fn content_is_the_most_specific_of_a_span() {
    let content = meaning([
        (keys::NODE_INPUT, "{}".into()),
        (keys::INPUT_MESSAGES, "[]".into()),
        (keys::SYSTEM_INSTRUCTIONS, "[]".into()),
        (keys::OUTPUT_MESSAGES, "[]".into()),
        (keys::NODE_OUTPUT, "{}".into()),
    ])
    .content;
    assert_eq!(
        content,
        Content {
            system: Some(2),
            input: Some(1),
            output: Some(3)
        }
    );
}

#[test]
fn a_workflow_s_span_is_shown_by_its_name_and_no_other_span_is() {
    let shown = |key: &'static str| {
        let attributes = [
            (key, "x".into()),
            ("orcheo.workflow.name", "Support triage".into()),
        ];
        meaning(attributes).display_name
    };
    assert_eq!(
        shown("orcheo.workflow.id").as_deref(),
        Some("Support triage")
    );
    assert_eq!(shown("orcheo.node.id"), None);
}

#[test]
fn the_first_token_is_known_in_each_dialect() {
    const START_NS: i64 = 1_767_225_600_000_000_000;
    let first_token = |key: &'static str, value: Value| {
        meaning([(key, value)])
            .first_token
            .map(|token| token.ns(START_NS) - START_NS)
    };
    let langfuse = "langfuse.observation.completion_start_time";
    for (key, value) in [
        (keys::TIME_TO_FIRST_CHUNK, Value::from(0.25)),
        ("gen_ai.latency.time_to_first_token", 0.25.into()),
        ("ai.response.msToFirstChunk", 250.into()),
        ("gen_ai.server.time_to_first_token", 250.0.into()),
        ("ai.response.msToFirstChunk", "250".into()),
        (langfuse, "2026-01-01T00:00:00.250Z".into()),
        (langfuse, r#""2026-01-01T01:00:00.250000+01:00""#.into()),
    ] {
        assert_eq!(
            first_token(key, value.clone()),
            Some(250_000_000),
            "{key} {value:?}"
        );
    }
    for (key, value) in [
        (keys::TIME_TO_FIRST_CHUNK, Value::from(-0.25)),
        (keys::TIME_TO_FIRST_CHUNK, f64::NAN.into()),
        (langfuse, "soon".into()),
    ] {
        assert_eq!(first_token(key, value.clone()), None, "{key} {value:?}");
    }
    let both = meaning([
        ("ai.response.msToFirstChunk", 300.into()),
        (keys::TIME_TO_FIRST_CHUNK, 0.25.into()),
    ]);
    assert_eq!(both.first_token, Some(FirstToken::After(250_000_000.0)));
}

fn called(name: &str, attributes: &[(&'static str, &'static str)]) -> Meaning {
    let attributes: Vec<KeyValue> = attributes
        .iter()
        .map(|(key, value)| KeyValue::new(*key, *value))
        .collect();
    Meaning::of(name, &attributes)
}

#[test]
fn a_node_of_a_graph_is_the_span_of_its_name() {
    let kind = ("openinference.span.kind", "CHAIN");
    let metadata = (
        "metadata",
        r#"{"langgraph_step":2,"langgraph_node":"draft","ls_integration":"langgraph"}"#,
    );
    let told = |name| {
        let meaning = called(name, &[kind, metadata]);
        (meaning.category, meaning.node_id)
    };
    assert_eq!(
        told("draft"),
        (SpanCategory::Node, Some("draft".to_owned()))
    );
    assert_eq!(told("RunnableSequence"), (SpanCategory::Other, None));
    let node = called("ask", &[("langsmith.metadata.langgraph_node", "ask")]);
    assert_eq!(node.node_id.as_deref(), Some("ask"));
    let start = ("langsmith.metadata.langgraph_node", "__start__");
    assert_eq!(called("__start__", &[start]).node_id, None);
}

#[test]
fn a_graph_is_a_workflow_which_its_name_names() {
    let metadata = ("metadata", r#"{"ls_integration":"langgraph"}"#);
    let own = ("langsmith.metadata.ls_integration", "langgraph");
    let kind = ("langsmith.span.kind", "chain");
    for (name, workflow) in [("triage", Some("triage")), ("LangGraph", None)] {
        for attributes in [&[metadata][..], &[own, kind]] {
            let meaning = called(name, attributes);
            assert_eq!(meaning.category, SpanCategory::Workflow);
            let named = meaning.run.workflow_id.map(|(id, _)| id);
            assert_eq!(named.as_deref(), workflow);
        }
    }
}

#[test]
fn kinds_of_single_libraries_are_categories() {
    for (attributes, category) in [
        (
            &[
                ("langsmith.span.kind", "retriever"),
                (keys::OPERATION_NAME, "embeddings"),
            ][..],
            SpanCategory::Retriever,
        ),
        (
            &[
                ("langsmith.span.kind", "prompt"),
                (keys::OPERATION_NAME, "chat"),
            ],
            SpanCategory::Other,
        ),
        (
            &[
                ("traceloop.span.kind", "task"),
                (keys::OPERATION_NAME, "invoke_agent"),
            ],
            SpanCategory::Node,
        ),
        (
            &[
                ("crewai.crew.name", "crew"),
                (keys::OPERATION_NAME, "invoke_agent"),
            ],
            SpanCategory::Workflow,
        ),
        (
            &[("crew_key", "1"), ("openinference.span.kind", "CHAIN")],
            SpanCategory::Workflow,
        ),
        (&[("workflow.name", "w")], SpanCategory::Workflow),
        (&[("executor.id", "n")], SpanCategory::Node),
        (&[("mlflow.spanType", "\"CHAT_MODEL\"")], SpanCategory::Llm),
        (&[("mastra.span.type", "workflow_step")], SpanCategory::Node),
        (
            &[(keys::OPERATION_NAME, "workflow.run")],
            SpanCategory::Workflow,
        ),
        (&[("genkit:metadata:subtype", "model")], SpanCategory::Llm),
        (&[("lmnr.span.type", "TOOL")], SpanCategory::Tool),
    ] {
        assert_eq!(
            called("span", attributes).category,
            category,
            "{attributes:?}"
        );
    }
}

#[test]
fn usage_in_one_object_is_read_by_whatever_names() {
    let usage = |key, object| {
        let usage = called("span", &[(key, object)]).usage;
        usage.map(|of| [of.input, of.output, of.cache_read, of.reasoning])
    };
    assert_eq!(
        usage(
            "langsmith.metadata.usage_metadata",
            r#"{"input_tokens":21,"output_tokens":8,"input_token_details":{"cache_read":4},"output_token_details":{"reasoning":2}}"#
        ),
        Some([21, 8, 4, 2])
    );
    assert_eq!(
        usage(
            "mlflow.chat.tokenUsage",
            r#"{"input_tokens":21,"output_tokens":8,"cache_read_input_tokens":4}"#
        ),
        Some([21, 8, 4, 0])
    );
    assert_eq!(
        usage(
            "genkit:output",
            r#"{"message":{},"usage":{"inputTokens":23,"outputTokens":8}}"#
        ),
        Some([23, 8, 0, 0])
    );
    assert_eq!(usage("genkit:output", "no object"), None);
}

#[test]
fn a_tool_is_shown_by_its_name_and_its_definition_is_no_input() {
    let shown = |attributes: &[(&'static str, &'static str)]| {
        let meaning = called("SimpleTool", attributes);
        (meaning.display_name, meaning.content.input)
    };
    let tool = ("openinference.span.kind", "TOOL");
    let name = ("tool.name", "get_weather");
    let named = Some("get_weather".to_owned());
    for definition in [
        r#"{"city":{"type":"string","description":"where"}}"#,
        r#"{"type":"object","properties":{}}"#,
    ] {
        assert_eq!(
            shown(&[tool, name, ("tool.parameters", definition)]),
            (named.clone(), None)
        );
    }
    let arguments = ("tool.parameters", r#"{"city":"Rome","days":2}"#);
    assert_eq!(shown(&[tool, name, arguments]), (named, Some(2)));
    assert_eq!(shown(&[name]), (None, None));
}

#[test]
fn the_first_token_is_told_in_seconds_or_in_milliseconds() {
    let key = "gen_ai.server.time_to_first_token";
    let after = |value: Value| meaning([(key, value)]).first_token.map(|token| token.ns(0));
    assert_eq!(after(0.25.into()), Some(250_000_000));
    assert_eq!(after(354.into()), Some(354_000_000));
    let whole = meaning([(key, 0.25.into()), ("gen_ai.request.stream", false.into())]);
    assert_eq!(whole.first_token, None);
    let embedding = meaning([
        (key, 0.25.into()),
        (keys::OPERATION_NAME, "embeddings".into()),
    ]);
    assert_eq!(embedding.first_token, None);
}

#[test]
fn what_holds_content_is_known_by_its_key() {
    for key in [
        "input",
        "crewai.task.description",
        "gcp.vertex.agent.llm_request",
        "genkit:output",
        "mastra.model_step.input",
        "llm.openai.messages",
        "mlflow.chunk.value",
    ] {
        assert!(holds_content(key), "{key}");
    }
    for key in [
        "llm.model_name",
        "mastra.span.type",
        "crew_key",
        "tool.name",
    ] {
        assert!(!holds_content(key), "{key}");
    }
}
