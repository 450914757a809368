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

/// All orders of so many things.
fn orders(count: usize) -> Vec<Vec<usize>> {
    let Some(last) = count.checked_sub(1) else {
        return vec![Vec::new()];
    };
    let shorter = orders(last).into_iter();
    let with_last = shorter.flat_map(|order| {
        (0..count).map(move |place| {
            let mut order = order.clone();
            order.insert(place, last);
            order
        })
    });
    with_last.collect()
}

/// Two spans of which neither is the root, and which name all alike but otherwise; the first to start is `early`.
fn equals(trace: u8, names: [&str; 2]) -> [Span; 3] {
    let named = |number, name: &str| Span {
        attributes: vec![
            text("gen_ai.workflow.name", name),
            text("session.id", name),
            text("orcheo.execution.id", &format!("{name}-{trace}")),
            // Else the id would make it the run.
            text("gen_ai.operation.name", "chat"),
        ],
        ..span(trace, number, Some(9))
    };
    [
        named(2, names[0]),
        named(3, names[1]),
        span(trace, 4, Some(9)),
    ]
}

#[tokio::test]
async fn of_spans_that_name_a_run_equally_well_the_first_to_start_counts_in_every_order() {
    let server = Server::start().await;
    let fields = "externalId threadId workflow { workflowId }";
    for (order, trace) in orders(3).into_iter().zip((100..).step_by(4)) {
        let sent = [["zeta", "alpha"], ["alpha", "zeta"]];
        for (names, trace) in sent.into_iter().zip((trace..).step_by(2)) {
            let spans = equals(trace, names);
            for place in &order {
                accept(&server, vec![spans[*place].clone()]).await;
            }
            let together = equals(trace + 1, names);
            let together = order.iter().map(|place| together[*place].clone());
            accept(&server, together.collect()).await;
            for trace in [trace, trace + 1] {
                assert_eq!(
                    execution(&server, trace, fields).await,
                    json!({
                        "externalId": format!("{}-{trace}", names[0]), "threadId": names[0],
                        "workflow": {"workflowId": names[0]},
                    }),
                    "{order:?}"
                );
            }
        }
    }
}

#[tokio::test]
async fn the_run_names_itself_whatever_runs_below_it_are_called() {
    let server = Server::start().await;
    let run = |trace, number, parent, id: &str| Span {
        attributes: vec![
            text("orcheo.workflow.id", id),
            text("orcheo.execution.id", &format!("{id}-{trace}")),
            text("orcheo.execution.thread_id", id),
        ],
        ..span(trace, number, parent)
    };
    for (order, trace) in orders(3).into_iter().zip(200..) {
        let spans = [
            Span {
                attributes: vec![text("session.id", "of the caller")],
                ..span(trace, 1, None)
            },
            run(trace, 2, Some(1), "outer"),
            run(trace, 3, Some(2), "inner"),
        ];
        for place in &order {
            accept(&server, vec![spans[*place].clone()]).await;
        }
        assert_eq!(
            execution(
                &server,
                trace,
                "externalId threadId workflow { workflowId }"
            )
            .await,
            json!({
                "externalId": format!("outer-{trace}"), "threadId": "outer", "workflow": {"workflowId": "outer"},
            }),
            "{order:?}"
        );
        // Whatever it came by first, it is found by.
        let query = format!(r#"{{ execution(executionId: "outer-{trace}") {{ traceId }} }}"#);
        let found = server.query(&query, json!({})).await;
        assert!(found["execution"]["traceId"].is_string(), "{found}");
    }
}

const FIELDS: &str = "status externalId durationMs inputs error { code message } workflow { workflowId } rootSpan { name }";

#[tokio::test]
async fn a_run_below_a_span_of_its_caller_is_the_run_in_every_order() {
    let server = Server::start().await;
    for (order, trace) in orders(3).into_iter().zip(150..) {
        // One by one, and then all at once.
        let spans = started_by_a_request(trace);
        for place in &order {
            accept(&server, vec![spans[*place].clone()]).await;
        }
        let together = started_by_a_request(trace + 50);
        let together = order.iter().map(|place| together[*place].clone());
        accept(&server, together.collect()).await;
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
