//! `Execution`.

use std::sync::Arc;

use async_graphql::{Context, ID, Object};
use orcheo_store::{
    ExecutionId, Store, TraceId,
    models::executions::{self, ExecutionState},
    page::Page,
};
use uuid::Uuid;

use super::{
    Artifact, ExecutionError, ExecutionStatus, ExternalLink, ModelTokenUsage, NodeRun,
    NodeTokenUsage, Span, TokenUsage, UncountedTokenUsage, Workflow, int, millis,
    span::parse_span_id,
};
use crate::{
    error::ApiError,
    graphql::{
        connection::{self, Connection, PageArguments},
        inputs::{ExecutionFilter, SpanFilter},
        scalars::{DateTime, GlobalId, Json, KeyCursor, RevisionCursor},
        spans::SpanConnection,
    },
    loaders::{
        ExecutionById, Loaders, NodeRunsOf, UncountedUsageOf, UsageByModel, UsageByNode,
        WorkflowExecutionPage,
    },
    state::ApiState,
};

/// One run of a workflow, which is one trace.
#[derive(Debug, Clone)]
pub struct Execution {
    state: Arc<ExecutionState>,
}

/// One run of a workflow, which is one trace.
#[Object]
impl Execution {
    /// The opaque id.
    pub(super) async fn id(&self) -> ID {
        GlobalId::Execution(self.key()).into()
    }

    /// The execution's own id: a UUIDv7, so ids sort by time.
    async fn execution_id(&self) -> Uuid {
        self.key().0
    }

    /// The id that another engine gave its run.
    async fn external_id(&self) -> Option<&str> {
        self.row().external_id.as_deref()
    }

    /// The workflow that runs; null when the trace names none.
    async fn workflow(&self, ctx: &Context<'_>) -> Result<Option<Workflow>, ApiError> {
        match &self.row().workflow_id {
            Some(id) => Workflow::fetch(ctx, id.clone()).await,
            None => Ok(None),
        }
    }

    /// The version that runs; null for a workflow of another engine.
    async fn workflow_version(&self) -> Option<i32> {
        self.row().workflow_version
    }

    /// Where it stands.
    async fn status(&self) -> ExecutionStatus {
        self.row().status.into()
    }

    /// OpenTelemetry's trace id: 32 lower-case hex digits.
    async fn trace_id(&self) -> String {
        self.row().trace_id.to_string()
    }

    /// The conversation or session that it belongs to.
    async fn thread_id(&self) -> Option<&str> {
        self.row().thread_id.as_deref()
    }

    /// When it was asked for, or first seen.
    async fn queued_at(&self) -> DateTime {
        DateTime::from_unix_nanos(self.row().queued_ns)
    }

    /// When it began; null while it is queued.
    async fn started_at(&self) -> Option<DateTime> {
        self.row().started_ns.map(DateTime::from_unix_nanos)
    }

    /// When it reached its final status; null before.
    async fn finished_at(&self) -> Option<DateTime> {
        self.row().finished_ns.map(DateTime::from_unix_nanos)
    }

    /// Milliseconds from its begin to its end, with decimals; null before it is finished.
    async fn duration_ms(&self) -> Option<f64> {
        let (start, end) = self.row().started_ns.zip(self.row().finished_ns)?;
        Some(millis(end.saturating_sub(start)))
    }

    /// The inputs that it was started with; redacted.
    async fn inputs(&self) -> Option<Json> {
        self.row()
            .inputs
            .as_ref()
            .map(|text| Json::from_text(text.0.clone()))
    }

    /// What it gave; null before it is finished; redacted.
    async fn outputs(&self) -> Option<Json> {
        self.row()
            .outputs
            .as_ref()
            .map(|text| Json::from_text(text.0.clone()))
    }

    /// Why it failed; null when it did not.
    async fn error(&self) -> Option<ExecutionError> {
        let row = self.row();
        (row.error_code.is_some() || row.error_message.is_some()).then(|| ExecutionError {
            code: row.error_code.clone().unwrap_or_default(),
            message: row.error_message.clone().unwrap_or_default(),
            node_id: row.error_node_id.clone(),
        })
    }

    /// How many spans are known: running, ended and abandoned ones.
    async fn span_count(&self) -> i32 {
        int(self.state.rollup.span_count)
    }

    /// How many of them failed.
    async fn error_count(&self) -> i32 {
        int(self.state.rollup.error_count)
    }

    /// Where to continue with `traceUpdates` and `spanCompleted`: never newer than any other field of the same answer.
    async fn cursor(&self, ctx: &Context<'_>) -> String {
        let oldest = Loaders::of(ctx)
            .pins()
            .observe(self.key(), self.state.rollup.revision);
        RevisionCursor::after(self.key(), oldest).encode()
    }

    /// The span of the run itself; null before it began, and in traces that do not say.
    async fn root_span(&self, ctx: &Context<'_>) -> Result<Option<Span>, ApiError> {
        let Some(root) = self.row().root_span_id else {
            return Ok(None);
        };
        let parts = Span::selected_parts(&ctx.look_ahead());
        Span::fetch_parts(ctx, (self.key(), root), parts).await
    }

    /// The spans without a parent in this execution, by (start, span id): the run itself, and spans whose parent is not
    /// known here. At most 1,000 a page, 50 by default.
    async fn root_spans(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
    ) -> Result<SpanConnection, ApiError> {
        Span::paginate_roots(ctx, self.key(), PageArguments::forward(first, after)).await
    }

    /// One of its spans.
    async fn span(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "16 hex digits.")] span_id: String,
    ) -> Result<Option<Span>, ApiError> {
        let parts = Span::selected_parts(&ctx.look_ahead());
        Span::fetch_parts(ctx, (self.key(), parse_span_id(&span_id)?), parts).await
    }

    /// Its spans, by (start, span id). At most 10,000 a page, 50 by default. While the execution runs, a span that comes late
    /// may sort before a page already read; `traceUpdates` after the `cursor` of the first page's answer delivers it.
    async fn spans(
        &self,
        ctx: &Context<'_>,
        filter: Option<SpanFilter>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<SpanConnection, ApiError> {
        let filter = filter.unwrap_or_default().try_into()?;
        Span::paginate(
            ctx,
            self.key(),
            filter,
            PageArguments {
                first,
                after,
                last,
                before,
            },
        )
        .await
    }

    /// How each node ran, in order of the first starts; nodes that have not run are not listed.
    async fn nodes(&self, ctx: &Context<'_>) -> Result<Vec<NodeRun>, ApiError> {
        let runs = Loaders::of(ctx)
            .load(NodeRunsOf(self.key()))
            .await?
            .unwrap_or_default();
        Ok(runs
            .into_iter()
            .map(|run| NodeRun::new(self.key(), run))
            .collect())
    }

    /// What its ended model calls used together. A span that repeats the usage of spans below it does not count.
    async fn token_usage(&self) -> TokenUsage {
        self.state.usage().into()
    }

    /// The same by provider and model, the largest first.
    async fn token_usage_by_model(
        &self,
        ctx: &Context<'_>,
    ) -> Result<Vec<ModelTokenUsage>, ApiError> {
        let usage = Loaders::of(ctx).load(UsageByModel(self.key())).await?;
        Ok(usage
            .unwrap_or_default()
            .into_iter()
            .map(Into::into)
            .collect())
    }

    /// The same by the node that the calls belong to, the largest first.
    async fn token_usage_by_node(
        &self,
        ctx: &Context<'_>,
    ) -> Result<Vec<NodeTokenUsage>, ApiError> {
        let usage = Loaders::of(ctx).load(UsageByNode(self.key())).await?;
        Ok(usage
            .unwrap_or_default()
            .into_iter()
            .map(Into::into)
            .collect())
    }

    /// What spans report and `tokenUsage` leaves out, by reason. Which spans: those whose own `tokenUsage` is not `counted`.
    async fn uncounted_token_usage(
        &self,
        ctx: &Context<'_>,
    ) -> Result<Vec<UncountedTokenUsage>, ApiError> {
        let usage = Loaders::of(ctx).load(UncountedUsageOf(self.key())).await?;
        Ok(usage
            .unwrap_or_default()
            .into_iter()
            .map(Into::into)
            .collect())
    }

    /// The files that it produced, oldest first. At most 1,000 a page, 50 by default.
    async fn artifacts(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
    ) -> Result<Connection<Artifact>, ApiError> {
        Artifact::paginate(ctx, self.key(), PageArguments::forward(first, after)).await
    }

    /// Dashboards that show the same trace, as the operator configured them.
    async fn external_links(&self, ctx: &Context<'_>) -> Vec<ExternalLink> {
        let settings = &ctx.data_unchecked::<ApiState>().settings;
        settings
            .external_links
            .iter()
            .filter_map(|link| ExternalLink::of(link, &self.state))
            .collect()
    }
}

impl Execution {
    /// An execution from its row and rollup.
    pub fn new(state: Arc<ExecutionState>) -> Self {
        Self { state }
    }

    /// The execution of an id, if there is one.
    pub(crate) async fn fetch(
        ctx: &Context<'_>,
        id: ExecutionId,
    ) -> Result<Option<Self>, ApiError> {
        Ok(Loaders::of(ctx)
            .load(ExecutionById(id))
            .await?
            .map(Self::new))
    }

    /// The execution of something that was read as a part of it.
    ///
    /// # Errors
    /// `NOT_FOUND` when it was deleted in between.
    pub(crate) async fn of_part(ctx: &Context<'_>, id: ExecutionId) -> Result<Self, ApiError> {
        Self::fetch(ctx, id)
            .await?
            .ok_or_else(|| ApiError::not_found(format!("execution {id}")))
    }

    /// The execution of an id as clients write it: ours, or another engine's own, of which the newest counts.
    pub(crate) async fn find(ctx: &Context<'_>, text: &str) -> Result<Option<Self>, ApiError> {
        if let Ok(id) = text.parse()
            && let Some(found) = Self::fetch(ctx, id).await?
        {
            return Ok(Some(found));
        }
        let store = &ctx.data_unchecked::<ApiState>().store;
        match id_of_external(store, text).await? {
            Some(id) => Self::fetch(ctx, id).await,
            None => Ok(None),
        }
    }

    /// The execution of a trace: 32 hex digits.
    pub(crate) async fn find_by_trace(
        ctx: &Context<'_>,
        text: &str,
    ) -> Result<Option<Self>, ApiError> {
        let trace_id: TraceId = text
            .parse()
            .map_err(|_| ApiError::bad_input("traceId must be 32 hex digits"))?;
        let store = &ctx.data_unchecked::<ApiState>().store;
        let mut connection = store.read().await?;
        let id = executions::Execution::id_of_trace(&mut connection, store.workspace(), trace_id)
            .await?;
        drop(connection);
        match id {
            Some(id) => Self::fetch(ctx, id).await,
            None => Ok(None),
        }
    }

    /// A page of executions, newest first.
    pub(crate) async fn paginate(
        ctx: &Context<'_>,
        filter: Option<ExecutionFilter>,
        arguments: PageArguments,
    ) -> Result<Connection<Self>, ApiError> {
        let page = Self::page(&arguments)?;
        let store = &ctx.data_unchecked::<ApiState>().store;
        let mut connection = store.read().await?;
        let filter = filter.unwrap_or_default().into();
        let slice = ExecutionState::page(&mut connection, store.workspace(), filter, &page).await?;
        let loaders = Loaders::of(ctx);
        loaders.budget().spend(slice.rows.len())?;
        loaders.pins().observe_executions(&slice.rows);
        Ok(connection::connection(slice.map(Arc::new), Self::edge))
    }

    /// A page of a workflow's executions, newest first.
    pub(crate) async fn paginate_of_workflow(
        ctx: &Context<'_>,
        workflow: String,
        filter: Option<ExecutionFilter>,
        arguments: PageArguments,
    ) -> Result<Connection<Self>, ApiError> {
        let page = Self::page(&arguments)?;
        let filter = filter.unwrap_or_default().into();
        let key = WorkflowExecutionPage {
            workflow,
            filter,
            page: page.clone(),
        };
        let slice = Loaders::of(ctx)
            .load(key)
            .await?
            .unwrap_or_else(|| page.slice(Vec::new()));
        Ok(connection::connection(slice, Self::edge))
    }

    fn page(arguments: &PageArguments) -> Result<Page<ExecutionId>, ApiError> {
        arguments.page(connection::MAX_PAGE, |cursor| match cursor {
            KeyCursor::Execution(id) => Ok(id),
            _ => Err(connection::wrong_list()),
        })
    }

    fn edge(state: Arc<ExecutionState>) -> (KeyCursor, Self) {
        (
            KeyCursor::Execution(state.execution.execution_id),
            Self::new(state),
        )
    }

    fn row(&self) -> &executions::Execution {
        &self.state.execution
    }

    fn key(&self) -> ExecutionId {
        self.state.execution.execution_id
    }
}

/// The newest execution to which another engine gave this id.
async fn id_of_external(store: &Store, text: &str) -> Result<Option<ExecutionId>, ApiError> {
    let mut connection = store.read().await?;
    Ok(executions::Execution::id_of_external(&mut connection, store.workspace(), text).await?)
}

/// The id of the execution that `text` names: ours, or another engine's own, of which the newest counts. `None` when there is
/// no such execution.
pub(crate) async fn find_execution_id(
    store: &Store,
    text: &str,
) -> Result<Option<ExecutionId>, ApiError> {
    if let Ok(id) = text.parse() {
        let mut connection = store.read().await?;
        if executions::Execution::get(&mut connection, id)
            .await?
            .is_some()
        {
            return Ok(Some(id));
        }
    }
    id_of_external(store, text).await
}
