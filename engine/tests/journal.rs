//! What a run tells its journal, in which order, and what it takes from it.

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures::future::BoxFuture;
use opentelemetry::KeyValue;
use opentelemetry::trace::{SpanContext, SpanId};
use opentelemetry_sdk::trace::InMemorySpanExporter;
use orcheo_engine::{Journal, JournalError, RunStatus, StepRecord, codes};
use parking_lot::Mutex;
use serde_json::json;
use tokio::sync::Notify;

use support::{Case, ended_spans};

/// Writes down what the engine says, together with the spans that had ended by then.
struct Recorder {
    exporter: InMemorySpanExporter,
    log: Mutex<Vec<String>>,
    records: Mutex<Vec<StepRecord>>,
    finished: Vec<StepRecord>,
    /// Acknowledgements wait for it, where there is one.
    acknowledge: Option<Arc<Notify>>,
    waiting: Arc<AtomicUsize>,
    refuse: bool,
}

impl Recorder {
    fn new(case: &Case) -> Self {
        Self {
            exporter: case.exporter.clone(),
            log: Mutex::default(),
            records: Mutex::default(),
            finished: Vec::new(),
            acknowledge: None,
            waiting: Arc::default(),
            refuse: false,
        }
    }

    fn ended(&self, span: SpanId) -> bool {
        let spans = ended_spans(&self.exporter);
        spans
            .iter()
            .any(|ended| ended.span_context.span_id() == span)
    }
}

#[async_trait::async_trait]
impl Journal for Recorder {
    fn record(&self, step: StepRecord) -> BoxFuture<'static, Result<(), JournalError>> {
        let ended = if self.ended(step.span_id) {
            "ended"
        } else {
            "open"
        };
        self.log.lock().push(format!(
            "record {} {} ({ended})",
            step.node_path, step.iteration
        ));
        self.records.lock().push(step);
        let refuse = self.refuse;
        let acknowledge = self.acknowledge.clone();
        let waiting = Arc::clone(&self.waiting);
        waiting.fetch_add(1, Ordering::SeqCst);
        Box::pin(async move {
            if let Some(acknowledge) = acknowledge {
                acknowledge.notified().await;
            }
            waiting.fetch_sub(1, Ordering::SeqCst);
            if refuse {
                Err(JournalError::LeaseLost)
            } else {
                Ok(())
            }
        })
    }

    fn progress(&self, span: &SpanContext, attributes: Vec<KeyValue>) {
        let ended = if self.ended(span.span_id()) {
            "ended"
        } else {
            "open"
        };
        let shown: Vec<_> = attributes
            .iter()
            .map(|attribute| format!("{}={}", attribute.key, attribute.value))
            .collect();
        self.log
            .lock()
            .push(format!("progress {} ({ended})", shown.join(" ")));
    }

    fn barrier(&self) -> BoxFuture<'static, Result<(), JournalError>> {
        let ended = ended_spans(&self.exporter).len();
        self.log
            .lock()
            .push(format!("barrier after {ended} ended spans"));
        Box::pin(std::future::ready(Ok(())))
    }

    async fn finished(&self) -> Result<Vec<StepRecord>, JournalError> {
        self.log.lock().push("finished?".into());
        Ok(self.finished.clone())
    }
}

const WORKFLOW: &str = "
nodes:
  - {name: a, type: Say, value: hello}
  - {name: effect, type: Effect, value: '{{messages.0.content}}', retry: {max_attempts: 2}}
  - {name: each, type: Each, items: [x, y], body: {name: leaf, type: Echo, value: '{{item}}'}}
  - {name: fails, type: Flaky, count: 1, retry: {max_attempts: 2}}
edge_nodes: [{name: again, type: While, conditions: [{operator: less_than, right: 1}]}]
edges: [[START, a], [a, effect], [effect, each], [each, fails]]
conditional_edges: [{source: fails, path: again, mapping: {continue: fails, exit: END}}]
";

#[tokio::test]
async fn steps_are_recorded_just_before_their_spans_end_and_effects_wait_for_a_barrier() {
    let mut case = Case::new(WORKFLOW);
    let journal = Arc::new(Recorder::new(&case));
    case.journal = Arc::clone(&journal) as Arc<dyn Journal>;
    let finished = case.run().await;
    assert_eq!(finished.outcome.status, RunStatus::Succeeded);
    assert_eq!(
        *journal.log.lock(),
        [
            "finished?",
            "record a 1 (open)",
            "barrier after 1 ended spans",
            "record effect 1 (open)",
            "record each[1]/leaf 1 (open)",
            "record each[1]/leaf 2 (open)",
            "record each 1 (open)",
            "record fails 1 (open)",
            "record edge:again 1 (open)",
            "record fails 2 (open)",
            "record edge:again 2 (open)",
        ]
    );
    let recorded: Vec<SpanId> = journal
        .records
        .lock()
        .iter()
        .map(|step| step.span_id)
        .collect();
    let leaf = finished
        .trace
        .named("leaf")
        .iter()
        .map(|span| span.span_context.span_id())
        .collect::<Vec<_>>();
    assert_eq!(recorded[2..4], leaf[..]);
}

#[tokio::test]
async fn an_interrupted_run_goes_on_where_its_journal_ends() {
    let mut whole = Case::new(WORKFLOW);
    let journal = Arc::new(Recorder::new(&whole));
    whole.journal = Arc::clone(&journal) as Arc<dyn Journal>;
    let expected = whole.run().await.outcome.outputs;
    let records = journal.records.lock().clone();
    for known in 0..=records.len() {
        let mut case = Case::new(WORKFLOW);
        let resumed = Arc::new(Recorder {
            finished: records[..known].to_vec(),
            ..Recorder::new(&case)
        });
        case.journal = Arc::clone(&resumed) as Arc<dyn Journal>;
        let finished = case.run().await;
        assert_eq!(finished.outcome.outputs, expected, "after {known} steps");
        let redone: Vec<_> = resumed
            .records
            .lock()
            .iter()
            .map(|step| (step.node_path.clone(), step.iteration))
            .collect();
        let rest: Vec<_> = records[known..]
            .iter()
            .map(|step| (step.node_path.clone(), step.iteration))
            .collect();
        assert_eq!(redone, rest, "after {known} steps");
    }
}

#[tokio::test]
async fn a_run_is_at_most_64_records_ahead_of_its_journal() {
    let nodes: Vec<_> = (0..100)
        .map(|n| json!({ "name": format!("n{n}"), "type": "Echo" }))
        .collect();
    let edges: Vec<_> = (0..100)
        .map(|n| {
            if n == 0 {
                json!(["START", "n0"])
            } else {
                json!([format!("n{}", n - 1), format!("n{n}")])
            }
        })
        .collect();
    let mut case = Case::new(&json!({ "nodes": nodes, "edges": edges }).to_string());
    let acknowledge = Arc::new(Notify::new());
    let journal = Arc::new(Recorder {
        acknowledge: Some(Arc::clone(&acknowledge)),
        ..Recorder::new(&case)
    });
    case.journal = Arc::clone(&journal) as Arc<dyn Journal>;
    let (provider, run) = case.start();
    let mut run = std::pin::pin!(run);
    // Polled until it waits, which it does for nothing else than acknowledgements.
    assert!(futures::poll!(run.as_mut()).is_pending());
    assert_eq!(journal.waiting.load(Ordering::SeqCst), 64);
    acknowledge.notify_one();
    assert!(futures::poll!(run.as_mut()).is_pending());
    assert_eq!(
        (
            journal.records.lock().len(),
            journal.waiting.load(Ordering::SeqCst)
        ),
        (65, 64)
    );
    let outcome = loop {
        acknowledge.notify_one();
        if let std::task::Poll::Ready(outcome) = futures::poll!(run.as_mut()) {
            break outcome;
        }
    };
    assert_eq!(outcome.status, RunStatus::Succeeded);
    assert_eq!(
        journal.waiting.load(Ordering::SeqCst),
        0,
        "a run is over when its steps are committed"
    );
    drop(provider);
}

#[tokio::test]
async fn a_journal_that_refuses_a_step_fails_the_run() {
    let mut case = Case::new("nodes: [{name: a, type: Echo}]\nedges: [[START, a]]");
    let journal = Recorder {
        refuse: true,
        ..Recorder::new(&case)
    };
    case.journal = Arc::new(journal);
    let error = case.run().await.outcome.error.unwrap();
    assert_eq!(error.code, codes::JOURNAL_FAILED);
    assert_eq!(error.message, "another worker has taken this run over");
}

#[tokio::test]
async fn a_journal_record_that_cannot_be_read_fails_the_run() {
    let mut case = Case::new("nodes: [{name: a, type: Echo}]\nedges: [[START, a]]");
    let record = StepRecord {
        node_path: "a".into(),
        iteration: 1,
        span_id: SpanId::INVALID,
        result: "?".into(),
    };
    case.journal = Arc::new(Recorder {
        finished: vec![record],
        ..Recorder::new(&case)
    });
    let finished = case.run().await;
    assert_eq!(finished.outcome.error.unwrap().code, codes::JOURNAL_FAILED);
    assert!(finished.trace.named("a").is_empty());
}

#[tokio::test]
async fn progress_of_a_running_span_goes_to_the_journal() {
    let mut case = Case::new("nodes: [{name: a, type: Progress}]\nedges: [[START, a]]");
    let journal = Arc::new(Recorder::new(&case));
    case.journal = Arc::clone(&journal) as Arc<dyn Journal>;
    case.run().await;
    assert_eq!(
        *journal.log.lock(),
        [
            "finished?",
            "progress done=1 (open)",
            "progress done=2 (open)",
            "record a 1 (open)"
        ]
    );
}
