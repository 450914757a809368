//! Which span of a trace is the run.

use serde_json::json;

use super::*;

fn of_workflow(span: Span, workflow: &str) -> Span {
    let attributes = vec![text("orcheo.workflow.id", workflow)];
    Span { attributes, ..span }
}

/// A request that starts a run and ends at once; the run below it, which fails; a sub-workflow of the run.
fn started_by_a_request(trace: u8) -> [Span; 3] {
    let mut run = failed(of_workflow(span(trace, 2, Some(1)), "triage"), "no answer");
    run.attributes.extend([
        text("orcheo.execution.id", "run-7"),
        text("orcheo.error.code", "HTTP_FAILED"),
        text("orcheo.execution.inputs", r#"{"question":"where?"}"#),
    ]);
    [
        span(trace, 1, None),
        run,
        of_workflow(span(trace, 3, Some(2)), "price-order"),
    ]
}

const FIELDS: &str = "status externalId durationMs inputs error { code message } workflow { workflowId } rootSpan { name }";

#[tokio::test]
async fn a_run_below_a_span_of_its_caller_is_the_run_in_every_order() {
    let server = Server::start().await;
    let orders = [
        [0, 1, 2],
        [0, 2, 1],
        [1, 0, 2],
        [1, 2, 0],
        [2, 0, 1],
        [2, 1, 0],
    ];
    for (order, trace) in orders.into_iter().zip(150..) {
        // One by one, and then all at once.
        let spans = started_by_a_request(trace);
        for place in order {
            accept(&server, vec![spans[place].clone()]).await;
        }
        let together = started_by_a_request(trace + 50);
        accept(&server, order.map(|place| together[place].clone()).to_vec()).await;
        for trace in [trace, trace + 50] {
            assert_eq!(
                execution(&server, trace, FIELDS).await,
                json!({
                    "status": "FAILED", "externalId": "run-7", "durationMs": 500.0, "inputs": {"question": "where?"},
                    "error": {"code": "HTTP_FAILED", "message": "no answer"}, "workflow": {"workflowId": "triage"},
                    "rootSpan": {"name": "span 2"},
                }),
                "{order:?}"
            );
        }
    }
}

#[tokio::test]
async fn a_run_whose_caller_is_not_seen_ends_when_it_ends() {
    let server = Server::start().await;
    let [_, run, sub_workflow] = started_by_a_request(160);
    let running = Span {
        end_time_unix_nano: 0,
        status: None,
        ..run.clone()
    };
    accept(&server, vec![running, sub_workflow]).await;
    let fields = "status rootSpan { name }";
    let expected = |status: &str| json!({"status": status, "rootSpan": {"name": "span 2"}});
    assert_eq!(execution(&server, 160, fields).await, expected("RUNNING"));
    accept(&server, vec![run]).await;
    assert_eq!(execution(&server, 160, fields).await, expected("FAILED"));
}
