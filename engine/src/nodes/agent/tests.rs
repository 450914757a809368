//! Agents and their tools, against a scripted model server and the built-in models.

use serde_json::{Value, json};

use crate::models::fake_server::{Answer, FakeModelServer};
use crate::nodes::testing::{Lab, Ran};

fn agent(base_url: &str, tools: Value) -> Value {
    let kwargs = json!({"base_url": base_url, "api_key": "k"});
    json!({"type": "AgentNode", "ai_model": "openai:m", "model_kwargs": kwargs, "input_text": "Weather in Berlin?", "tools": tools})
}

fn weather() -> Value {
    json!({
        "name": "weather", "description": "Tells the weather",
        "args_schema": {"type": "object", "properties": {"city": {"type": "string"}, "unit": {"default": "C"}}, "required": ["city"]},
        "node": {"type": "SetVariableNode", "variables": {"report": "sunny in {{args.city}}, 20 {{args.unit}}"}},
        "output_path": "report",
    })
}

async fn run(answers: Vec<Answer>, tools: Value) -> (Ran, FakeModelServer) {
    let server = FakeModelServer::start(answers).await;
    (
        Lab::default()
            .run_node(agent(&server.base_url(), tools))
            .await,
        server,
    )
}

/// What the model was told the tools said, in its second request.
fn told(server: &FakeModelServer) -> Vec<String> {
    let messages = server.seen()[1].body["messages"].clone();
    let tools = messages
        .as_array()
        .unwrap()
        .iter()
        .filter(|message| message["role"] == "tool");
    tools
        .map(|message| message["content"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn the_model_s_calls_are_made_and_answered_until_it_has_an_answer() {
    let call = Answer::tool_call("call_7", "weather", &json!({"city": "Berlin"}));
    let answer = Answer::text(
        &["It is sunny."],
        json!({"prompt_tokens": 30, "completion_tokens": 4}),
    );
    let (ran, server) = run(vec![call, answer], json!([weather()])).await;

    assert_eq!(
        ran.output(),
        json!({"text": "It is sunny.", "finish_reason": "stop", "model": "test-model-2026", "tool_calls": 1})
    );
    let requests = server.seen();
    assert_eq!(requests[0].body["tools"][0]["function"]["name"], "weather");
    let function = json!({"name": "weather", "arguments": "{\"city\":\"Berlin\"}"});
    assert_eq!(
        requests[1].body["messages"],
        json!([
            {"role": "user", "content": "Weather in Berlin?"},
            {"role": "assistant", "content": null, "tool_calls": [{"id": "call_7", "type": "function", "function": function}]},
            {"role": "tool", "tool_call_id": "call_7", "content": "sunny in Berlin, 20 C"},
        ])
    );
}

#[tokio::test]
async fn the_trace_shows_agent_model_and_tool_each_in_its_place() {
    let call = Answer::tool_call("call_7", "weather", &json!({"city": "Berlin"}));
    let answer = Answer::text(
        &["Sunny."],
        json!({"prompt_tokens": 30, "completion_tokens": 4}),
    );
    let (ran, _) = run(vec![call, answer], json!([weather()])).await;

    let agent = ran.span("invoke_agent node");
    assert_eq!(
        ran.path(agent),
        ["workflow.execution", "node", "invoke_agent node"]
    );
    assert_eq!(agent.attribute("gen_ai.operation.name"), "invoke_agent");
    assert_eq!(agent.attribute("gen_ai.agent.name"), "node");
    assert_eq!(
        agent.attribute("orcheo.token.input"),
        50,
        "the sum of both calls"
    );
    assert_eq!(
        agent.json("gen_ai.output.messages")[0]["parts"][0]["content"],
        "Sunny."
    );
    assert_eq!(agent.json("gen_ai.tool.definitions")[0]["name"], "weather");
    assert_eq!(ran.spans("chat m").len(), 2);
    assert!(
        ran.spans("chat m")
            .iter()
            .all(|chat| ran.path(*chat)[2] == "invoke_agent node")
    );

    let tool = ran.span("execute_tool weather");
    assert_eq!(tool.attribute("gen_ai.operation.name"), "execute_tool");
    assert_eq!(tool.attribute("gen_ai.tool.name"), "weather");
    assert_eq!(tool.attribute("gen_ai.tool.call.id"), "call_7");
    assert_eq!(
        tool.json("gen_ai.tool.call.arguments"),
        json!({"city": "Berlin"})
    );
    assert_eq!(
        tool.json("gen_ai.tool.call.result"),
        "sunny in Berlin, 20 C"
    );
    assert_eq!(
        ran.path(ran.span("weather")),
        [
            "workflow.execution",
            "node",
            "invoke_agent node",
            "execute_tool weather",
            "weather"
        ]
    );
}

#[tokio::test]
async fn a_tool_that_fails_is_told_to_the_model_and_seen_in_the_trace() {
    let broken = json!({"name": "broken", "node": {"type": "JavaScriptSandboxNode", "script": "throw new Error('no luck')"}});
    let call = Answer::tool_call("c", "broken", &json!({}));
    let (ran, server) = run(
        vec![call, Answer::text(&["Sorry."], Value::Null)],
        json!([broken]),
    )
    .await;
    assert_eq!(ran.output()["text"], "Sorry.");
    assert!(
        told(&server)[0].starts_with("Error: Error: no luck"),
        "{:?}",
        told(&server)
    );
    assert!(ran.span("execute_tool broken").failure().is_some());
    assert!(ran.span("invoke_agent node").failure().is_none());
}

#[tokio::test]
async fn calls_that_make_no_sense_are_told_to_the_model() {
    for (name, arguments, answer) in [
        (
            "oracle",
            json!({}),
            "Error: there is no tool called `oracle`",
        ),
        (
            "weather",
            json!({"city": 5}),
            "Error: 5 is not of type \"string\"",
        ),
        (
            "weather",
            json!({}),
            "Error: \"city\" is a required property",
        ),
        (
            "weather",
            json!("Berlin"),
            "Error: the arguments are not a JSON object",
        ),
    ] {
        let call = Answer::tool_call("c", name, &arguments);
        let (ran, server) = run(
            vec![call, Answer::text(&["ok"], Value::Null)],
            json!([weather()]),
        )
        .await;
        ran.outputs();
        assert_eq!(told(&server), [answer]);
    }
}

#[tokio::test]
async fn workflows_are_tools_by_id_or_written_in_place() {
    let lookup = json!({
        "name": "Look up", "description": "Finds a word", "inputs": {"word": ""},
        "nodes": [{"name": "find", "type": "SetVariableNode", "variables": {"meaning": "{{inputs.word}} means much"}}],
        "edges": [["START", "find"]],
    });
    let tools = json!([
        {"name": "by_id", "workflow": "lookup"},
        {"name": "in_place", "graph": lookup, "description": "the same", "output_path": "find.meaning"},
    ]);
    let server = FakeModelServer::start([
        Answer::tool_call("a", "by_id", &json!({"word": "trace"})),
        Answer::tool_call("b", "in_place", &json!({"word": "span"})),
        Answer::text(&["done"], Value::Null),
    ])
    .await;
    let ran = Lab::default()
        .workflow("lookup", &lookup)
        .run_node(agent(&server.base_url(), tools))
        .await;
    assert_eq!(ran.output()["tool_calls"], 2);
    let requests = server.seen();
    let offered = &requests[0].body["tools"][0]["function"];
    assert_eq!(offered["description"], "Finds a word");
    assert_eq!(
        offered["parameters"]["properties"],
        json!({"word": {"type": "string"}})
    );
    let messages = requests[2].body["messages"].as_array().unwrap();
    assert_eq!(
        messages[2]["content"],
        r#"{"find":{"meaning":"trace means much"}}"#
    );
    assert_eq!(messages[4]["content"], "span means much");
    assert_eq!(
        ran.path(ran.spans("find")[0])[..4],
        [
            "workflow.execution",
            "node",
            "invoke_agent node",
            "execute_tool by_id"
        ]
    );
}

#[tokio::test]
async fn an_agent_that_finds_no_answer_gives_up() {
    let call = || Answer::tool_call("c", "weather", &json!({"city": "x"}));
    let server = FakeModelServer::start([call(), call()]).await;
    let mut node = agent(&server.base_url(), json!([weather()]));
    node["max_iterations"] = 2.into();
    let error = Lab::default().run_node(node).await.error();
    assert_eq!(error.code, "AGENT_ITERATION_LIMIT");
    assert_eq!(
        error.message,
        "no answer after asking the model 2 times (max_iterations)"
    );
}

#[tokio::test]
async fn broken_tools_are_found_before_a_model_is_asked() {
    for (tools, problem) in [
        (
            json!([weather(), weather()]),
            "tools: two are called `weather`",
        ),
        (
            json!([{"name": "t"}]),
            "tool `t`: give one of node, workflow and graph",
        ),
        (
            json!([{"name": "t", "workflow": "gone"}]),
            "workflow `gone`: there is no such workflow",
        ),
        (
            json!([{"name": "t", "node": {"type": "DelayNode"}, "args_schema": {"type": 5}}]),
            "tool `t`: args_schema is not a JSON Schema",
        ),
    ] {
        let server = FakeModelServer::start([]).await;
        let error = Lab::default()
            .run_node(agent(&server.base_url(), tools))
            .await
            .error();
        assert!(error.message.starts_with(problem), "{}", error.message);
        assert!(server.seen().is_empty());
    }
}

async fn sent(inputs: Value, more: Value) -> Value {
    let server = FakeModelServer::start([Answer::text(&["ok"], Value::Null)]).await;
    let mut node = agent(&server.base_url(), json!([]));
    node.as_object_mut().unwrap().remove("input_text");
    node.as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    Lab::default().inputs(inputs).run_node(node).await.outputs();
    server.seen()[0].body["messages"].clone()
}

#[tokio::test]
async fn the_question_is_found_where_chats_keep_it() {
    let user = |text: &str| json!({"role": "user", "content": text});
    for (inputs, expected) in [
        (json!({"message": " hi "}), json!([user("hi")])),
        (json!({"query": {"text": "hi"}}), json!([user("hi")])),
        (
            json!({"listener": {"message": {"text": "hi"}}}),
            json!([user("hi")]),
        ),
        (
            json!({"history": [user("a"), {"role": "assistant", "content": "b"}, user("hi")], "message": "hi"}),
            json!([user("a"), {"role": "assistant", "content": "b"}, user("hi")]),
        ),
    ] {
        assert_eq!(sent(inputs, json!({})).await, expected);
    }
}

#[tokio::test]
async fn only_the_last_messages_since_a_reset_are_sent() {
    let user = |text: &str| json!({"role": "user", "content": text});
    let inputs =
        json!({"history": [user("a"), user("/new"), user("b"), user("c")], "message": "d"});
    let reset = json!({"reset_command": "/new"});
    assert_eq!(
        sent(inputs.clone(), reset).await,
        json!([user("/new"), user("b"), user("c"), user("d")])
    );
    assert_eq!(
        sent(inputs, json!({"max_messages": 2})).await,
        json!([user("c"), user("d")])
    );
}

#[tokio::test]
async fn an_agent_without_a_question_is_an_error() {
    let node = json!({"type": "AgentNode", "ai_model": "offline:agent"});
    let error = Lab::default().run_node(node).await.error();
    assert!(
        error
            .message
            .starts_with("there is nothing to ask the agent"),
        "{}",
        error.message
    );
}

#[tokio::test]
async fn an_agent_of_the_built_in_kind_uses_all_its_tools() {
    let clock = json!({"name": "clock", "node": {"type": "SetVariableNode", "variables": {"time": "noon"}}});
    let node = json!({
        "type": "AgentNode", "ai_model": "offline:agent", "model_kwargs": {"chunk_delay_ms": 0},
        "input_text": "Berlin", "tools": [weather(), clock],
    });
    let ran = Lab::default().run_node(node).await;
    let output = ran.output();
    assert_eq!(output["tool_calls"], 2);
    let text = output["text"].as_str().unwrap();
    assert!(
        text.contains("sunny in Berlin, 20 C") && text.contains("noon"),
        "{text}"
    );
}

#[tokio::test(start_paused = true)]
async fn the_calls_of_one_turn_are_made_together_and_answered_in_order() {
    let wait = |name: &str, seconds: u32| json!({"name": name, "node": {"type": "DelayNode", "duration_seconds": seconds}});
    let script = json!([
        {"tool_calls": [{"name": "slow"}, {"name": "quick"}]},
        {"content": "${result.slow} and ${result.quick}"},
    ]);
    let node = json!({
        "type": "AgentNode", "ai_model": "offline:agent", "input_text": "wait",
        "model_kwargs": {"chunk_delay_ms": 0, "script": script},
        "tools": [wait("quick", 1), wait("slow", 3)],
    });
    let begin = tokio::time::Instant::now();
    let ran = Lab::default().run_node(node).await;
    // The clock is the test's own.
    assert_eq!(begin.elapsed().as_secs(), 3);
    let expected = r#"{"duration_seconds":3.0} and {"duration_seconds":1.0}"#;
    assert_eq!(ran.output()["text"], expected);
}
