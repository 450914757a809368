//! The JSON shapes of REST. Times are RFC 3339 in UTC.

use orcheo_store::{
    ExecutionStatus, JsonText, SpanCategory, SpanKind, SpanState, StatusCode,
    models::{
        artifacts,
        executions::ExecutionState,
        spans::{self, Span},
    },
};
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    graphql::{
        scalars::{DateTime, GlobalId, Json},
        types::{SpanEvent, SpanLink, millis},
    },
    links::LinkTemplate,
};

/// JSON text of the database, carried through.
#[derive(Debug, Clone, ToSchema)]
#[schema(value_type = Value)]
pub(crate) struct Raw(String);

impl From<&JsonText> for Raw {
    fn from(text: &JsonText) -> Self {
        Self(text.as_str().to_owned())
    }
}

impl From<&Json> for Raw {
    fn from(json: &Json) -> Self {
        Self(String::from_utf8_lossy(json.as_bytes()).into_owned())
    }
}

impl Serialize for Raw {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let raw: &RawValue = serde_json::from_str(&self.0).map_err(serde::ser::Error::custom)?;
        raw.serialize(serializer)
    }
}

/// RFC 3339.
fn time(nanos: i64) -> String {
    DateTime::from_unix_nanos(nanos).to_string()
}

/// Tokens: `input` includes cached ones, `output` includes reasoning.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub(crate) struct TokenUsage {
    pub(crate) input: i64,
    pub(crate) output: i64,
    pub(crate) cache_read: i64,
    pub(crate) cache_write: i64,
    pub(crate) reasoning: i64,
    /// US dollars; null where none is known.
    pub(crate) cost_usd: Option<f64>,
    /// Tokens of calls whose cost is not known: `cost_usd` leaves them out.
    pub(crate) unpriced: i64,
}

impl From<spans::TokenUsage> for TokenUsage {
    fn from(usage: spans::TokenUsage) -> Self {
        let spans::TokenUsage {
            input,
            output,
            cache_read,
            cache_write,
            reasoning,
            cost_usd,
            unpriced,
        } = usage;
        Self {
            input,
            output,
            cache_read,
            cache_write,
            reasoning,
            cost_usd,
            unpriced,
        }
    }
}

/// Why an execution failed.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ExecutionError {
    /// A stable code.
    code: Option<String>,
    message: Option<String>,
    node_id: Option<String>,
}

/// An execution.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Execution {
    id: Uuid,
    /// The id that another engine gave its run.
    external_id: Option<String>,
    workflow_id: Option<String>,
    workflow_version: Option<i32>,
    /// QUEUED, RUNNING, SUCCEEDED, FAILED, CANCELLED or ABANDONED.
    #[schema(value_type = String)]
    status: ExecutionStatus,
    /// 32 hex digits.
    trace_id: String,
    thread_id: Option<String>,
    queued_at: String,
    started_at: Option<String>,
    finished_at: Option<String>,
    /// Milliseconds from start to end; null while it runs.
    duration_ms: Option<f64>,
    inputs: Option<Raw>,
    outputs: Option<Raw>,
    error: Option<ExecutionError>,
    span_count: i64,
    error_count: i64,
    token_usage: TokenUsage,
    /// `after` of the trace's events, to follow what comes after this answer.
    cursor: String,
}

impl From<&ExecutionState> for Execution {
    fn from(state: &ExecutionState) -> Self {
        let row = &state.execution;
        let error = ExecutionError {
            code: row.error_code.clone(),
            message: row.error_message.clone(),
            node_id: row.error_node_id.clone(),
        };
        let ended = row.started_ns.zip(row.finished_ns);
        let cursor =
            crate::graphql::scalars::RevisionCursor::after(row.execution_id, state.rollup.revision);
        Self {
            id: row.execution_id.0,
            external_id: row.external_id.clone(),
            workflow_id: row.workflow_id.clone(),
            workflow_version: row.workflow_version,
            status: row.status,
            trace_id: row.trace_id.to_string(),
            thread_id: row.thread_id.clone(),
            queued_at: time(row.queued_ns),
            started_at: row.started_ns.map(time),
            finished_at: row.finished_ns.map(time),
            duration_ms: ended.map(|(start, end)| millis(end.saturating_sub(start))),
            inputs: row.inputs.as_ref().map(Raw::from),
            outputs: row.outputs.as_ref().map(Raw::from),
            error: (error.code.is_some() || error.message.is_some()).then_some(error),
            span_count: state.rollup.span_count,
            error_count: state.rollup.error_count,
            token_usage: state.usage().into(),
            cursor: cursor.encode(),
        }
    }
}

/// Where a page lies in its list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PageInfo {
    pub(crate) has_next_page: bool,
    /// `cursor` of a request for the next page; null when there is none.
    pub(crate) cursor: Option<String>,
}

/// Executions, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ExecutionList {
    pub(crate) executions: Vec<Execution>,
    pub(crate) page_info: PageInfo,
}

/// The execution of a trace, as Orcheo shows it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TraceExecution {
    id: Uuid,
    /// pending, running, completed, error or cancelled.
    status: &'static str,
    started_at: Option<String>,
    finished_at: Option<String>,
    thread_id: Option<String>,
    trace_id: String,
    token_usage: TokenUsage,
}

impl From<&ExecutionState> for TraceExecution {
    fn from(state: &ExecutionState) -> Self {
        let row = &state.execution;
        Self {
            id: row.execution_id.0,
            status: match row.status {
                ExecutionStatus::Queued => "pending",
                ExecutionStatus::Running => "running",
                ExecutionStatus::Succeeded => "completed",
                ExecutionStatus::Failed | ExecutionStatus::Abandoned => "error",
                ExecutionStatus::Cancelled => "cancelled",
            },
            started_at: row.started_ns.map(time),
            finished_at: row.finished_ns.map(time),
            thread_id: row.thread_id.clone(),
            trace_id: row.trace_id.to_string(),
            token_usage: state.usage().into(),
        }
    }
}

/// Something that happened during a span.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TraceEvent {
    name: String,
    time: String,
    attributes: Raw,
}

/// A pointer to another span.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TraceLink {
    trace_id: String,
    span_id: String,
    attributes: Raw,
}

/// How a span ended.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TraceStatus {
    /// UNSET, OK or ERROR.
    #[schema(value_type = String)]
    code: StatusCode,
    message: Option<String>,
}

/// A span, as Orcheo shows it, and beside that what only we know.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TraceSpan {
    /// 16 hex digits.
    span_id: String,
    parent_span_id: Option<String>,
    name: String,
    start_time: String,
    /// Null while it runs.
    end_time: Option<String>,
    attributes: Option<Raw>,
    events: Vec<TraceEvent>,
    status: TraceStatus,
    links: Vec<TraceLink>,
    display_name: String,
    #[schema(value_type = String)]
    kind: SpanKind,
    #[schema(value_type = String)]
    category: SpanCategory,
    /// RUNNING, ENDED or ABANDONED.
    #[schema(value_type = String)]
    state: SpanState,
    node_id: Option<String>,
    node_type: Option<String>,
    attempt: Option<i32>,
    iteration: Option<i32>,
    input: Option<Raw>,
    output: Option<Raw>,
    /// What the span itself reports; null when it reports none.
    token_usage: Option<TokenUsage>,
    /// Of two copies of a span the one with the higher revision is newer.
    revision: i64,
}

impl TryFrom<&Span> for TraceSpan {
    type Error = serde_json::Error;

    fn try_from(span: &Span) -> Result<Self, Self::Error> {
        let events = SpanEvent::list(span.start_ns, span.events.as_ref(), span.logs.as_ref())?;
        let links = SpanLink::list(span.links.as_ref())?;
        let usage = span.usage.as_ref();
        let usage = usage.map(|usage| spans::TokenUsage::from(usage).into());
        Ok(Self {
            span_id: span.span_id.to_string(),
            parent_span_id: span.parent_span_id.map(|id| id.to_string()),
            name: span.name.clone(),
            start_time: time(span.start_ns),
            end_time: span.end_ns.map(time),
            attributes: span.attributes.as_ref().map(Raw::from),
            events: events
                .into_iter()
                .map(|event| TraceEvent {
                    name: event.name,
                    time: event.time.to_string(),
                    attributes: Raw::from(&event.attributes),
                })
                .collect(),
            status: TraceStatus {
                code: span.status_code,
                message: span.status_message.clone(),
            },
            links: links
                .into_iter()
                .map(|link| TraceLink {
                    trace_id: link.trace_id,
                    span_id: link.span_id,
                    attributes: Raw::from(&link.attributes),
                })
                .collect(),
            display_name: span.shown_name().to_owned(),
            kind: span.kind,
            category: span.category,
            state: span.state,
            node_id: span.node_id.clone(),
            node_type: span.node_type.clone(),
            attempt: span.attempt,
            iteration: span.iteration,
            input: span.input.as_ref().map(Raw::from),
            output: span.output.as_ref().map(Raw::from),
            token_usage: usage,
            revision: span.revision,
        })
    }
}

/// A file that a span produced.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TraceArtifact {
    /// Opaque: what the download asks for.
    id: String,
    artifact_id: Uuid,
    span_id: String,
    name: String,
    media_type: String,
    size_bytes: i64,
    /// 64 hex digits.
    sha256: String,
    created_at: String,
    /// A path of this server.
    download_url: String,
}

impl From<&artifacts::Artifact> for TraceArtifact {
    fn from(row: &artifacts::Artifact) -> Self {
        let id = GlobalId::Artifact(row.execution_id, row.artifact_id).encode();
        Self {
            download_url: format!("/api/artifacts/{id}/download"),
            id,
            artifact_id: row.artifact_id,
            span_id: row.span_id.to_string(),
            name: row.name.clone(),
            media_type: row.media_type.clone(),
            size_bytes: row.size_bytes,
            sha256: hex::encode(&row.sha256),
            created_at: time(row.created_ns),
        }
    }
}

/// A dashboard that shows the same trace.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ExternalLink {
    name: String,
    url: String,
}

impl ExternalLink {
    /// None where the execution lacks what the link needs.
    pub(crate) fn of(template: &LinkTemplate, state: &ExecutionState) -> Option<Self> {
        Some(Self {
            name: template.name().to_owned(),
            url: template.url(state)?,
        })
    }
}

/// A page of a trace.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TraceDocument {
    pub(crate) execution: TraceExecution,
    /// In order of start.
    pub(crate) spans: Vec<TraceSpan>,
    pub(crate) page_info: PageInfo,
    /// All of the execution, oldest first, at most 1,000; on the first page only.
    pub(crate) artifacts: Vec<TraceArtifact>,
    pub(crate) external_links: Vec<ExternalLink>,
}

/// What changed in a trace: the data of its events.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TraceUpdate {
    /// Always `trace:update`.
    #[serde(rename = "type")]
    pub(crate) kind: &'static str,
    pub(crate) execution_id: Uuid,
    pub(crate) trace_id: String,
    pub(crate) execution: TraceExecution,
    pub(crate) spans: Vec<TraceSpan>,
    pub(crate) artifacts: Vec<TraceArtifact>,
    /// The replay of what had been stored before is over.
    pub(crate) caught_up: bool,
    /// Nothing is expected any more.
    pub(crate) complete: bool,
}

/// What the start of an execution answers.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Started {
    pub(crate) execution: Execution,
    /// 32 hex digits.
    pub(crate) trace_id: String,
}
