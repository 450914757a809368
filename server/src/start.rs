//! Starts a workflow: what readers see of it is redacted, what its worker gets is not.

use orcheo_engine::Workflow;
use orcheo_store::JsonText;
use orcheo_store::models::executions::NewExecution;
use orcheo_telemetry::Redactor;
use serde_json::{Map, Value};

/// A run of a saved version with these inputs, over the workflow's own defaults.
pub(crate) fn new_execution(
    workflow: &Workflow,
    version: i32,
    inputs: Map<String, Value>,
    redactor: &Redactor,
    capture_content: bool,
) -> NewExecution {
    let private_inputs = Value::Object(inputs.clone()).to_string();
    let mut shown = workflow.inputs.clone();
    shown.extend(inputs);
    let mut shown = match capture_content && workflow.capture_content {
        true => Value::Object(shown),
        false => Value::Null,
    };
    redactor.json(&mut shown);
    NewExecution {
        workflow_id: workflow.id.clone(),
        workflow_version: version,
        trace_id: None,
        thread_id: None,
        external_id: None,
        inputs: JsonText(shown.to_string()),
        private_inputs: JsonText(private_inputs),
        config: None,
        traceparent: None,
        tracestate: None,
        baggage: None,
    }
}
