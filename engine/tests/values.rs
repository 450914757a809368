//! What nodes see and what spans show: templates, credentials, messages, tokens, artifacts, nested work.

mod support;

use std::collections::HashMap;
use std::sync::Arc;

use opentelemetry::Context;
use opentelemetry::trace::{SpanContext, SpanId, TraceContextExt, TraceFlags, TraceId, TraceState};
use orcheo_engine::{
    ArtifactError, ArtifactRef, ArtifactSink, Credentials, NewArtifact, RunStatus, Secret,
    Workflow, WorkflowSource, WorkflowSourceError, attributes as key, codes,
};
use serde_json::{Value, json};

use support::{Case, attribute, kinds};

fn echo(value: &Value) -> Case {
    Case::new(
        &json!({
            "nodes": [
                { "name": "first", "type": "Echo", "value": { "list": [10, { "deep": "x" }], "nothing": null } },
                { "name": "a", "type": "Echo", "value": value }
            ],
            "edges": [["START", "first"], ["first", "a"]],
            "inputs": { "name": "Ada", "n": 7, "raw": "{{inputs.name}} [[token]]" }
        })
        .to_string(),
    )
}

async fn resolved(value: Value) -> Value {
    let finished = echo(&value).run().await;
    assert_eq!(finished.outcome.error, None);
    finished.outcome.outputs["a"].clone()
}

#[tokio::test]
async fn a_lone_template_keeps_its_type_and_text_around_one_makes_text() {
    assert_eq!(resolved(json!("{{inputs.n}}")).await, json!(7));
    assert_eq!(resolved(json!(" {{ inputs.n }} ")).await, json!(7));
    assert_eq!(resolved(json!("n={{inputs.n}}")).await, json!("n=7"));
    assert_eq!(
        resolved(json!("{{first.list}}")).await,
        json!([10, { "deep": "x" }])
    );
    assert_eq!(
        resolved(json!("{{first.list}}!")).await,
        json!("[10,{\"deep\":\"x\"}]!")
    );
    assert_eq!(
        resolved(json!({ "deep": ["{{inputs.name}}", { "er": "{{inputs.n}}" }] })).await,
        json!({ "deep": ["Ada", { "er": 7 }] })
    );
}

#[tokio::test]
async fn paths_go_through_the_state_then_results_then_lists() {
    assert_eq!(
        resolved(json!("{{results.first.list.1.deep}}")).await,
        json!("x")
    );
    assert_eq!(resolved(json!("{{first.list.-1.deep}}")).await, json!("x"));
    assert_eq!(resolved(json!("{{first.nothing}}")).await, json!(null));
    assert_eq!(
        resolved(json!("{{results}}")).await,
        json!({ "first": { "list": [10, { "deep": "x" }], "nothing": null } })
    );
}

#[tokio::test]
async fn what_only_looks_like_a_template_is_text() {
    for text in [
        "{{",
        "a {{ b",
        "{ {x} }",
        "{{}}",
        "[[1, 2], [3]]",
        "[[]]",
        "if (a) {{ return {}; }}",
    ] {
        assert_eq!(resolved(json!(text)).await, json!(text));
    }
}

#[tokio::test]
async fn data_is_never_read_as_a_template() {
    assert_eq!(
        resolved(json!("{{inputs.raw}}")).await,
        json!("{{inputs.name}} [[token]]")
    );
    assert_eq!(
        resolved(json!("so: {{inputs.raw}}")).await,
        json!("so: {{inputs.name}} [[token]]")
    );
}

#[tokio::test]
async fn an_unresolved_template_is_an_error_of_its_node_that_names_it() {
    for (template, missing) in [
        ("{{inputs.nobody.name}}", "inputs has no `nobody`"),
        ("{{nobody}}", "the state has no `nobody`"),
        ("{{results.nobody.x}}", "results has no `nobody`"),
        ("{{first.list.2}}", "first.list has no `2`"),
        ("{{messages.0}}", "messages has no `0`"),
        ("{{inputs.name.length}}", "inputs.name has no `length`"),
    ] {
        let finished = echo(&json!(format!("text {template}"))).run().await;
        let error = finished.outcome.error.unwrap();
        assert_eq!(error.code, codes::UNRESOLVED_TEMPLATE);
        assert_eq!(error.node_id.as_deref(), Some("a"));
        assert_eq!(
            error.message,
            format!("template `{template}` cannot be resolved: {missing}")
        );
        // What could not be resolved is shown as the document has it.
        assert_eq!(
            finished.trace.json("a", key::NODE_INPUT),
            json!({ "value": format!("text {template}") })
        );
    }
}

#[tokio::test]
async fn parameters_that_do_not_fit_once_resolved_are_an_error_of_their_node() {
    let finished =
        Case::new("nodes: [{name: a, type: Flaky, count: '{{inputs.count}}'}]\nedges: [[START, a]]\ninputs: {count: many}")
            .run()
            .await;
    let error = finished.outcome.error.unwrap();
    assert_eq!(error.code, codes::INVALID_PARAMETERS);
    assert_eq!(error.message, "count: must be a whole number, not text");
}

#[tokio::test]
async fn spans_show_resolved_parameters_and_the_output_of_the_node_alone() {
    let finished = echo(&json!("{{inputs.name}}")).run().await;
    assert_eq!(
        finished.trace.json("a", key::NODE_INPUT),
        json!({ "value": "Ada" })
    );
    assert_eq!(finished.trace.json("a", key::NODE_OUTPUT), json!("Ada"));
    assert_eq!(
        finished
            .trace
            .json(key::WORKFLOW_SPAN, key::EXECUTION_INPUTS)["n"],
        7
    );
    assert_eq!(
        finished
            .trace
            .json(key::WORKFLOW_SPAN, key::EXECUTION_OUTPUTS),
        json!({ "a": "Ada" })
    );
}

#[tokio::test]
async fn a_running_span_is_complete_from_its_creation() {
    let finished = Case::new(
        "nodes: [{name: a, type: Echo, display_name: Shown, value: 1}]\nedges: [[START, a]]",
    )
    .run()
    .await;
    let shown: HashMap<String, String> = finished
        .trace
        .one("Shown")
        .attributes
        .iter()
        .map(|kv| (kv.key.to_string(), kv.value.to_string()))
        .collect();
    let expected = [
        (key::NODE_ID, "a"),
        (key::NODE_KIND, "Echo"),
        (key::NODE_DISPLAY_NAME, "Shown"),
        (key::NODE_ATTEMPT, "1"),
        (key::NODE_ITERATION, "1"),
        (key::NODE_INPUT, "{\"value\":1}"),
        (key::NODE_OUTPUT, "1"),
        (key::NODE_STATUS, "succeeded"),
    ];
    let expected: HashMap<String, String> = expected
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .into();
    assert_eq!(shown, expected);
    let root = finished.trace.one(key::WORKFLOW_SPAN);
    assert_eq!(
        attribute(root, key::EXECUTION_ID).unwrap().as_str(),
        "00000000-0000-0000-0000-000000000000"
    );
    assert_eq!(attribute(root, key::WORKFLOW_ID).unwrap().as_str(), "test");
    assert_eq!(
        attribute(root, key::WORKFLOW_VERSION).unwrap().as_str(),
        "1"
    );
}

struct Vault;

impl Credentials for Vault {
    fn get(&self, name: &str) -> Option<Secret> {
        match name {
            "token" => Some(Secret::new("s3cr3t-v\"alue")),
            "account" => Some(Secret::new(
                r#"{"user": "bob", "keys": {"main": "k-main-1234"}, "port": 5432}"#,
            )),
            _ => None,
        }
    }
}

async fn with_credentials(value: Value) -> support::Finished {
    let mut case = echo(&value);
    case.credentials = Arc::new(Vault);
    case.run().await
}

#[tokio::test]
async fn credentials_reach_the_node_and_never_a_span() {
    let value = json!({
        "lone": "[[token]]",
        "inside": "Bearer [[ token ]]!",
        "field": "[[account#keys.main]]",
        "typed": "[[account#port]]",
        "mixed": "{{inputs.name}}:[[account#user]]"
    });
    let finished = with_credentials(value).await;
    assert_eq!(
        finished.outcome.outputs["a"],
        json!({
            "lone": "s3cr3t-v\"alue",
            "inside": "Bearer s3cr3t-v\"alue!",
            "field": "k-main-1234",
            "typed": 5432,
            "mixed": "Ada:bob"
        })
    );
    assert_eq!(
        finished.trace.json("a", key::NODE_INPUT),
        json!({ "value": {
            "lone": "[[token]]",
            "inside": "Bearer [[ token ]]!",
            "field": "[[account#keys.main]]",
            "typed": "[[account#port]]",
            "mixed": "Ada:[[account#user]]"
        } })
    );
    for secret in ["s3cr3t", "k-main"] {
        assert!(!finished.trace.text().contains(secret));
    }
    // A node that gives its credentials back shows no more of them.
    assert_eq!(
        finished.trace.json("a", key::NODE_OUTPUT),
        json!({
            "lone": "[[token]]",
            "inside": "Bearer [[token]]!",
            "field": "[[account#keys.main]]",
            "typed": "[[account#port]]",
            "mixed": "Ada:bob"
        })
    );
    assert_eq!(
        finished.trace.one("a").status,
        opentelemetry::trace::Status::Ok
    );
}

#[tokio::test]
async fn a_missing_credential_is_named() {
    for (placeholder, message) in [
        ("[[nobody]]", "credential `nobody` is not known"),
        (
            "[[account#keys.other]]",
            "credential `account` has no field `keys.other`",
        ),
        ("[[token#field]]", "credential `token` has no field `field`"),
    ] {
        let finished = with_credentials(json!(placeholder)).await;
        let error = finished.outcome.error.unwrap();
        assert_eq!(
            (error.code.as_str(), error.message.as_str()),
            (codes::MISSING_CREDENTIAL, message)
        );
        assert!(!finished.trace.text().contains("s3cr3t"));
    }
}

#[tokio::test]
async fn a_credential_of_the_wrong_type_is_not_quoted() {
    let mut case =
        Case::new("nodes: [{name: a, type: Flaky, count: '[[token]]'}]\nedges: [[START, a]]");
    case.credentials = Arc::new(Vault);
    let finished = case.run().await;
    assert_eq!(
        finished.outcome.error.unwrap().message,
        "the parameters do not fit Flaky"
    );
    assert!(!finished.trace.text().contains("s3cr3t"));
}

#[tokio::test]
async fn messages_are_seen_by_later_nodes_in_the_order_of_the_document_step() {
    let finished = Case::new(
        "
nodes: [{name: a, type: Say, value: one}, {name: b, type: Say, value: two}, {name: c, type: Echo, value: '{{messages}}'}]
edges: [[START, a], [START, b], [a, c]]
",
    )
    .run()
    .await;
    assert_eq!(
        finished.outcome.outputs["c"],
        json!([{ "role": "user", "content": "one" }, { "role": "user", "content": "two" }])
    );
}

#[tokio::test]
async fn token_sums_flow_up_and_only_model_calls_carry_usage() {
    let finished = Case::new(
        "
nodes: [{name: a, type: Chat, count: 5}, {name: b, type: Each, items: [1, 2], body: {name: c, type: Chat, count: 10}}]
edges: [[START, a], [a, b]]
",
    )
    .run()
    .await;
    let sum = |span| {
        (
            attribute(span, key::TOKEN_INPUT).unwrap().to_string(),
            attribute(span, key::TOKEN_OUTPUT).unwrap().to_string(),
        )
    };
    let sums = |input: &str, output: &str| (input.to_owned(), output.to_owned());
    assert_eq!(sum(finished.trace.one(key::WORKFLOW_SPAN)), sums("25", "3"));
    assert_eq!(sum(finished.trace.one("a")), sums("5", "1"));
    assert_eq!(sum(finished.trace.one("b")), sums("20", "2"));
    for call in finished.trace.named("chat test") {
        assert!(attribute(call, key::GEN_AI_USAGE_INPUT).is_some());
        assert!(attribute(call, key::TOKEN_INPUT).is_none());
    }
    let counted = finished
        .trace
        .spans
        .iter()
        .filter(|span| attribute(span, key::GEN_AI_USAGE_INPUT).is_some());
    assert_eq!(counted.count(), 3);
}

struct Shelf;

#[async_trait::async_trait]
impl ArtifactSink for Shelf {
    async fn put(&self, artifact: NewArtifact) -> Result<ArtifactRef, ArtifactError> {
        if artifact.span.span_id() == SpanId::INVALID {
            return Err(ArtifactError {
                message: "no span".into(),
                retryable: false,
            });
        }
        Ok(ArtifactRef {
            id: format!("id-of-{}", artifact.name),
            size_bytes: 0,
            sha256: String::new(),
        })
    }
}

#[tokio::test]
async fn artifacts_are_named_on_the_span_of_their_node() {
    let mut case = Case::new("nodes: [{name: a, type: Hang, timeout: 0.01}]\nedges: [[START, a]]");
    case.artifacts = Arc::new(Shelf);
    let finished = case.run().await;
    assert_eq!(
        attribute(finished.trace.one("a"), key::ARTIFACT_IDS)
            .unwrap()
            .as_str(),
        "[\"id-of-running\"]"
    );
}

#[tokio::test]
async fn an_artifact_that_cannot_be_stored_is_an_error_of_its_node() {
    let finished = Case::new("nodes: [{name: a, type: Hang}]\nedges: [[START, a]]")
        .run()
        .await;
    assert_eq!(finished.outcome.error.unwrap().code, codes::ARTIFACT_FAILED);
}

#[tokio::test]
async fn nested_nodes_see_their_item_and_retry_on_their_own() {
    let finished = Case::new(
        "
nodes:
  - name: each
    type: Each
    items: [x, y]
    body: {name: inner, type: Each, items: ['{{item}}1'], body: {name: leaf, type: Echo, value: '{{item}}/{{inputs.n}}'}}
  - {name: flaky, type: Each, items: [1], body: {name: tries, type: Flaky, count: 1, retry: {max_attempts: 2}}}
edges: [[START, each], [each, flaky]]
inputs: {n: 7}
",
    )
    .run()
    .await;
    finished.trace.assert(
        "
        workflow.execution: succeeded
          each: succeeded
            inner: succeeded
              leaf: succeeded
            inner #2: succeeded
              leaf: succeeded
          flaky: succeeded
            tries: failed FLAKY
            tries attempt 2: succeeded
        ",
    );
    assert_eq!(
        finished.trace.json("each", key::NODE_OUTPUT),
        json!([["x1/7"], ["y1/7"]])
    );
    // The body is shown as the document has it: its templates belong to the nodes inside.
    assert_eq!(
        finished.trace.json("each", key::NODE_INPUT)["body"]["body"]["value"],
        "{{item}}/{{inputs.n}}"
    );
}

struct Library(HashMap<&'static str, &'static str>);

#[async_trait::async_trait]
impl WorkflowSource for Library {
    async fn load(
        &self,
        id: &str,
        _version: Option<i32>,
    ) -> Result<Arc<Workflow>, WorkflowSourceError> {
        let document = self.0.get(id).ok_or(WorkflowSourceError::NotFound)?;
        Workflow::parse_with(document, id, &kinds::catalog())
            .map(Arc::new)
            .map_err(|problems| WorkflowSourceError::Unavailable(problems.to_string()))
    }
}

fn with_library(document: &str, library: &[(&'static str, &'static str)]) -> Case {
    let mut case = Case::new(document);
    case.workflows = Arc::new(Library(library.iter().copied().collect()));
    case
}

#[tokio::test]
async fn a_sub_workflow_runs_in_the_same_trace_with_its_own_state() {
    let inner = "
name: Inner
nodes: [{name: a, type: Echo, value: 'inner {{inputs.x}} {{inputs.y}}'}]
edges: [[START, a]]
inputs: {x: default, y: default}
";
    let finished = with_library(
        "nodes: [{name: a, type: Sub, workflow: inner, inputs: {x: '{{inputs.x}}'}}]\nedges: [[START, a]]\ninputs: {x: outer}",
        &[("inner", inner)],
    )
    .run()
    .await;
    finished.trace.assert(
        "
        workflow.execution: succeeded
          a: succeeded
            invoke_workflow Inner: succeeded
              a: succeeded
        ",
    );
    assert_eq!(
        finished.outcome.outputs,
        json!({ "a": { "a": "inner outer default" } })
    );
}

#[tokio::test]
async fn a_failure_in_a_sub_workflow_names_its_place() {
    let inner = "nodes: [{name: breaks, type: Panic}]\nedges: [[START, breaks]]";
    let outer = "nodes: [{name: a, type: Sub, workflow: inner}]\nedges: [[START, a]]";
    let finished = with_library(outer, &[("inner", inner)]).run().await;
    let error = finished.outcome.error.unwrap();
    assert_eq!(error.node_id.as_deref(), Some("a"));
    assert_eq!(
        error.message,
        "node `breaks` of workflow `inner`: the node's code panicked: on purpose"
    );
}

#[tokio::test]
async fn an_unknown_sub_workflow_is_named() {
    let outer = "nodes: [{name: a, type: Sub, workflow: nobody}]\nedges: [[START, a]]";
    let error = with_library(outer, &[]).run().await.outcome.error.unwrap();
    assert_eq!(
        (error.code.as_str(), error.message.as_str()),
        (
            codes::WORKFLOW_UNAVAILABLE,
            "workflow `nobody`: there is no such workflow"
        )
    );
}

#[tokio::test]
async fn a_workflow_that_runs_itself_meets_the_nesting_limit() {
    let own = "nodes: [{name: a, type: Sub, workflow: own}]\nedges: [[START, a]]";
    let finished = with_library(own, &[("own", own)]).run().await;
    assert_eq!(finished.outcome.error.unwrap().code, codes::NESTING_LIMIT);
    assert_eq!(finished.trace.named("a").len(), 33);
}

#[tokio::test]
async fn the_root_continues_the_callers_trace_and_links_what_it_was_given() {
    let caller = |n: u8| {
        SpanContext::new(
            TraceId::from_bytes([n; 16]),
            SpanId::from_bytes([n; 8]),
            TraceFlags::SAMPLED,
            true,
            TraceState::default(),
        )
    };
    let mut case = Case::new("nodes: [{name: a, type: Echo}]\nedges: [[START, a]]");
    case.parent = Context::new().with_remote_span_context(caller(1));
    case.links = vec![caller(2)];
    let finished = case.run().await;
    let root = finished.trace.one(key::WORKFLOW_SPAN);
    assert_eq!(root.span_context.trace_id(), caller(1).trace_id());
    assert_eq!(root.parent_span_id, caller(1).span_id());
    assert_eq!(
        root.links
            .iter()
            .map(|link| link.span_context.clone())
            .collect::<Vec<_>>(),
        [caller(2)]
    );
    assert_eq!(finished.outcome.root_span_id, root.span_context.span_id());
    assert_eq!(finished.outcome.status, RunStatus::Succeeded);
}

#[tokio::test]
async fn config_is_seen_by_templates_in_sub_workflows_too() {
    let inner = "nodes: [{name: a, type: Echo, value: '{{config.k}}'}]\nedges: [[START, a]]";
    let mut case = with_library(
        "nodes: [{name: a, type: Sub, workflow: inner}]\nedges: [[START, a]]",
        &[("inner", inner)],
    );
    case.config = json!({ "k": "v" });
    assert_eq!(
        case.run().await.outcome.outputs,
        json!({ "a": { "a": "v" } })
    );
}
