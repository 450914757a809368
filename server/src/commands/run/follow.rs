//! Reads a run's trace from the store, change by change, into what the terminal shows.

use orcheo_engine::attributes::WORKFLOW_SPAN;
use orcheo_store::models::artifacts::Artifact;
use orcheo_store::models::executions::ExecutionState;
use orcheo_store::models::spans::{self, Span, SpanParts};
use orcheo_store::{
    ExecutionId, ExecutionStatus, Revision, SpanState, StatusCode, Store, StoreError,
};
use serde::Deserialize;

use crate::terminal::{ArtifactView, SpanView, Standing, Summary, Trace};

/// Spans of one read.
const PAGE: i64 = 2_000;

/// The attributes that tell how a span stands are small; inputs and outputs are not, and not shown.
const PARTS: SpanParts = SpanParts {
    attributes: true,
    payload: false,
    events: false,
    usage: true,
    moments: false,
};

/// What is known of a run.
pub(super) struct Follower {
    store: Store,
    execution_id: ExecutionId,
    workflow_name: String,
    pub(super) trace: Trace,
    pub(super) summary: Summary,
    cursor: Revision,
}

impl Follower {
    pub(super) fn new(store: Store, execution_id: ExecutionId, workflow_name: String) -> Self {
        Self {
            store,
            execution_id,
            workflow_name,
            trace: Trace::default(),
            summary: Summary {
                standing: Standing::Running,
                word: "queued".to_owned(),
                started_ns: None,
                ended_ns: None,
                artifacts: Vec::new(),
            },
            cursor: 0,
        }
    }

    /// Takes in what was committed since the last time; returns the spans that started or ended.
    pub(super) async fn refresh(&mut self) -> Result<Vec<SpanView>, StoreError> {
        let mut connection = self.store.read().await?;
        let mut changed = Vec::new();
        loop {
            let page =
                spans::changed_after(&mut connection, self.execution_id, self.cursor, PAGE, PARTS)
                    .await?;
            let full = i64::try_from(page.len()).is_ok_and(|count| count >= PAGE);
            if let Some(last) = page.last() {
                self.cursor = last.revision;
            }
            for span in &page {
                let mut view = view(span);
                if span.name == WORKFLOW_SPAN {
                    view.name.clone_from(&self.workflow_name);
                }
                if self.trace.standing(&view.id) != Some(view.standing) {
                    changed.push(view.clone());
                }
                self.trace.update(view);
            }
            if !full {
                break;
            }
        }
        let workspace = self.store.workspace();
        let states =
            ExecutionState::by_ids(&mut connection, workspace, &[self.execution_id]).await?;
        if let Some(state) = states.first() {
            let artifacts = match state.rollup.artifact_count {
                0 => Vec::new(),
                _ => Artifact::changed_after(&mut connection, self.execution_id, 0).await?,
            };
            self.summarise(state, artifacts);
        }
        Ok(changed)
    }

    fn summarise(&mut self, state: &ExecutionState, artifacts: Vec<Artifact>) {
        let (standing, word) = match state.execution.status {
            ExecutionStatus::Queued => (Standing::Running, "queued"),
            ExecutionStatus::Running => (Standing::Running, "running"),
            ExecutionStatus::Succeeded => (Standing::Succeeded, "succeeded"),
            ExecutionStatus::Failed => (Standing::Failed, "failed"),
            ExecutionStatus::Cancelled => (Standing::Stopped, "cancelled"),
            ExecutionStatus::Abandoned => (Standing::Stopped, "abandoned"),
        };
        self.summary = Summary {
            standing,
            word: word.to_owned(),
            started_ns: state.execution.started_ns,
            ended_ns: state.execution.finished_ns,
            artifacts: artifacts
                .into_iter()
                .map(|artifact| ArtifactView {
                    name: artifact.name,
                    media_type: artifact.media_type,
                    size_bytes: artifact.size_bytes,
                })
                .collect(),
        };
    }
}

/// What the engine says of a span that ended without success.
#[derive(Default, Deserialize)]
struct Ending {
    #[serde(rename = "orcheo.error.code")]
    error_code: Option<String>,
    #[serde(rename = "orcheo.node.status")]
    node_status: Option<String>,
}

fn view(span: &Span) -> SpanView {
    let ending = || -> Ending {
        let attributes = span
            .attributes
            .as_ref()
            .map_or("{}", |attributes| attributes.0.as_str());
        serde_json::from_str(attributes).unwrap_or_default()
    };
    let standing = match (span.state, span.status_code) {
        (SpanState::Running, _) => Standing::Running,
        (SpanState::Abandoned, _) => Standing::Stopped,
        (SpanState::Ended, StatusCode::Ok) => Standing::Succeeded,
        (SpanState::Ended, StatusCode::Error) => match ending().error_code.as_deref() {
            Some("CANCELLED") => Standing::Stopped,
            _ => Standing::Failed,
        },
        (SpanState::Ended, StatusCode::Unset) => match ending().node_status.as_deref() {
            Some("skipped" | "cancelled") => Standing::Stopped,
            _ => Standing::Succeeded,
        },
    };
    let mut notes = Vec::new();
    if let Some(iteration) = span.iteration.filter(|iteration| *iteration > 1) {
        notes.push(format!("#{iteration}"));
    }
    if let Some(attempt) = span.attempt.filter(|attempt| *attempt > 1) {
        notes.push(format!("attempt {attempt}"));
    }
    let usage = span.usage.as_ref().filter(|usage| usage.counted);
    SpanView {
        id: span.span_id.to_string(),
        parent: span.parent_span_id.map(|parent| parent.to_string()),
        name: span.shown_name().to_owned(),
        note: notes.join(" "),
        standing,
        start_ns: span.start_ns,
        end_ns: span
            .end_ns
            .or((standing != Standing::Running).then_some(span.start_ns)),
        tokens: usage.map_or((0, 0), |usage| (usage.input, usage.output)),
        error: (standing == Standing::Failed)
            .then(|| span.status_message.clone())
            .flatten(),
        revision: span.revision,
    }
}
