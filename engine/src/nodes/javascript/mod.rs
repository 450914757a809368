//! JavaScriptSandboxNode: a script in QuickJS, without files, network or clocks to wait on.

mod sandbox;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use opentelemetry::KeyValue;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use self::sandbox::{ConsoleLine, Script};
use crate::context::NodeContext;
use crate::error::NodeError;
use crate::node::{NodeCategory, NodeKind};

pub(super) struct JavaScriptSandbox;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Params {
    /// The source. It sees the variables of `context`, `console`, and `run` with the node's `attempt` and `iteration`.
    script: String,
    /// Variables of the script, by name.
    #[serde(default)]
    context: Map<String, Value>,
    /// The variable that holds the result; where the script has no such variable, the result is the value of its last
    /// statement.
    #[serde(default = "result")]
    result_variable: String,
    /// Whether what the script writes to `console` is part of the output. It is on the span in any case.
    #[serde(default = "yes")]
    capture_console: bool,
    /// Seconds the script may take.
    #[serde(default = "five")]
    #[schemars(range(min = 0.001, max = 300))]
    time_limit: f64,
    /// MiB of memory the script may take.
    #[serde(default = "sixty_four")]
    #[schemars(range(min = 1, max = 1024))]
    memory_limit_mb: usize,
}

fn result() -> String {
    "result".to_owned()
}

fn yes() -> bool {
    true
}

fn five() -> f64 {
    5.0
}

fn sixty_four() -> usize {
    64
}

impl NodeKind for JavaScriptSandbox {
    type Params = Params;

    const NAME: &'static str = "JavaScriptSandboxNode";
    const DESCRIPTION: &'static str = "Runs a JavaScript script in a sandbox";
    const CATEGORY: NodeCategory = NodeCategory::Code;

    async fn run(params: Params, cx: &NodeContext) -> Result<Value, NodeError> {
        let time_limit = Duration::try_from_secs_f64(params.time_limit)
            .map_err(|error| NodeError::invalid_parameters(format!("time_limit: {error}")))?;
        // A thread cannot be dropped like a future: when this one is, the script is told to stop.
        let abandoned = Abandon(Arc::new(AtomicBool::new(false)));
        let mut context = params.context;
        let (attempt, iteration) = (cx.node().attempt, cx.node().iteration);
        context
            .entry("run")
            .or_insert_with(|| json!({"attempt": attempt, "iteration": iteration}));
        let tracer = cx.clone();
        let script = Script {
            source: params.script,
            context,
            result_variable: params.result_variable,
            time_limit,
            memory_limit_bytes: params.memory_limit_mb << 20,
            stop: Arc::clone(&abandoned.0),
            on_line: Box::new(move |line| tracer.event("console", event(line))),
        };
        let finished = tokio::task::spawn_blocking(move || script.run()).await;
        let (result, lines) = finished.unwrap_or_else(|panic| {
            Err(NodeError::new(
                "SCRIPT_FAILED",
                format!("the sandbox broke down: {panic}"),
            ))
        })?;
        let mut output = json!({"result": result});
        if params.capture_console {
            output["console"] = lines.into_iter().map(|line| line.text).collect();
        }
        Ok(output)
    }
}

struct Abandon(Arc<AtomicBool>);

impl Drop for Abandon {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

fn event(line: &ConsoleLine) -> Vec<KeyValue> {
    vec![
        KeyValue::new("level", line.level),
        KeyValue::new("message", line.text.clone()),
    ]
}
