//! Node types that misbehave on purpose.

use std::future::pending;

use bytes::Bytes;
use opentelemetry::KeyValue;
use orcheo_engine::{
    NestedNode, NodeCatalog, NodeCategory, NodeContext, NodeDefinition, NodeError, NodeKind,
    NodeType, SpanSpec, TokenUsage,
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value, json};

pub fn catalog() -> NodeCatalog {
    let own = [
        NodeType::of::<Echo>(),
        NodeType::of::<Flaky>(),
        NodeType::of::<Panic>(),
        NodeType::of::<Hang>(),
        NodeType::of::<Big>(),
        NodeType::of::<Effect>(),
        NodeType::of::<Chat>(),
        NodeType::of::<Each>(),
        NodeType::of::<Sub>(),
        NodeType::of::<Say>(),
        NodeType::of::<Progress>(),
    ];
    NodeCatalog::new(NodeCatalog::builtin().iter().cloned().chain(own))
}

macro_rules! kind {
    ($kind:ident, $params:ty, $($constant:ident = $value:expr,)* |$p:pat_param, $cx:pat_param| $run:expr) => {
        pub struct $kind;

        impl NodeKind for $kind {
            type Params = $params;
            const NAME: &'static str = stringify!($kind);
            const DESCRIPTION: &'static str = "for tests";
            const CATEGORY: NodeCategory = NodeCategory::Logic;
            $(const $constant: kind!(@type $constant) = $value;)*

            async fn run($p: $params, $cx: &NodeContext) -> Result<Value, NodeError> {
                $run
            }
        }
    };
    (@type EFFECTS) => { bool };
    (@type BODIES) => { &'static [&'static str] };
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Anything {
    #[serde(default)]
    value: Value,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Count {
    count: u32,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Body {
    items: Vec<Value>,
    body: NodeDefinition,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Workflow {
    workflow: String,
    #[serde(default)]
    inputs: Map<String, Value>,
}

kind!(Echo, Anything, |params, _| Ok(params.value));
kind!(Flaky, Count, |params, cx| {
    if cx.node().attempt <= params.count {
        return Err(
            NodeError::new("FLAKY", format!("attempt {} failed", cx.node().attempt)).retryable(),
        );
    }
    Ok(json!({ "attempt": cx.node().attempt }))
});
kind!(Panic, Nothing, |_, _| panic!("on purpose"));
// Tells the test that it is running, then never returns.
kind!(Hang, Nothing, |_, cx| {
    cx.put_artifact("running", "text/plain", Bytes::new())
        .await?;
    pending().await
});
kind!(Big, Count, |params, _| Ok(Value::String(
    "x".repeat(params.count as usize)
)));
kind!(Effect, Anything, EFFECTS = true, |params, _| Ok(
    params.value
));
kind!(Say, Anything, |params, cx| {
    cx.append_messages([json!({ "role": "user", "content": params.value })]);
    Ok(Value::Null)
});
kind!(Progress, Nothing, |_, cx| {
    cx.progress(vec![KeyValue::new("done", 1)]);
    cx.progress(vec![KeyValue::new("done", 2)]);
    Ok(Value::Null)
});
// A model call of so many tokens.
kind!(Chat, Count, |params, cx| {
    let mut span = cx.child(SpanSpec::new("chat test"));
    span.record_usage(&TokenUsage {
        input: params.count.into(),
        output: 1,
        ..TokenUsage::default()
    });
    span.succeed();
    Ok(Value::Null)
});
kind!(Each, Body, BODIES = &["body"], |params, cx| {
    let mut results = Vec::new();
    for (iteration, item) in (1..).zip(params.items) {
        let locals = Map::from_iter([("item".to_owned(), item)]);
        results.push(
            cx.run_node(NestedNode {
                definition: &params.body,
                locals,
                iteration,
                durable: true,
            })
            .await?,
        );
    }
    Ok(Value::Array(results))
});
kind!(Sub, Workflow, |params, cx| {
    let workflow = cx.load_workflow(&params.workflow, None).await?;
    cx.run_workflow(workflow, params.inputs, true).await
});
