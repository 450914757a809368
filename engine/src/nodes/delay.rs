//! DelayNode: waits.

use std::time::Duration;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::context::NodeContext;
use crate::error::NodeError;
use crate::node::{NodeCategory, NodeKind};

pub(super) struct Delay;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Params {
    /// Seconds to wait.
    #[serde(default)]
    #[schemars(range(min = 0, max = 604_800))]
    duration_seconds: f64,
}

impl NodeKind for Delay {
    type Params = Params;

    const NAME: &'static str = "DelayNode";
    const DESCRIPTION: &'static str = "Waits for a while";
    const CATEGORY: NodeCategory = NodeCategory::Logic;

    async fn run(params: Params, _cx: &NodeContext) -> Result<Value, NodeError> {
        let duration = Duration::try_from_secs_f64(params.duration_seconds)
            .map_err(|error| NodeError::invalid_parameters(format!("duration_seconds: {error}")))?;
        tokio::time::sleep(duration).await;
        Ok(json!({"duration_seconds": params.duration_seconds}))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use tokio::time::{Duration, Instant};

    use crate::nodes::testing::{Lab, run_node};

    #[tokio::test(start_paused = true)]
    async fn it_waits_as_long_as_told() {
        let begin = Instant::now();
        let result = run_node(json!({"type": "DelayNode", "duration_seconds": 90.5})).await;
        assert_eq!(result, json!({"duration_seconds": 90.5}));
        // The clock is the test's own: it moves by exactly what is slept for.
        assert_eq!(begin.elapsed(), Duration::from_millis(90_500));
    }

    #[tokio::test]
    async fn a_negative_duration_is_refused() {
        let node = json!({"type": "DelayNode", "duration_seconds": "{{inputs.wait}}"});
        let error = Lab::default()
            .inputs(json!({"wait": -1}))
            .run_node(node)
            .await
            .error();
        assert!(
            error.message.starts_with("duration_seconds: "),
            "{}",
            error.message
        );
    }
}
