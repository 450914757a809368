//! `Span`.

use std::sync::Arc;

use async_graphql::{Context, ID, Lookahead, Object};
use orcheo_store::{
    ExecutionId, SpanId,
    models::spans::{self, SpanFilter, SpanKey, SpanParts, SpanPosition},
    page::Page,
};

use super::{
    Artifact, Execution, SpanCategory, SpanEvent, SpanKind, SpanLink, SpanMark, SpanState,
    SpanStatus, TokenUsage, int, millis,
};
use crate::{
    error::ApiError,
    graphql::{
        connection::{self, PageArguments},
        scalars::{DateTime, GlobalId, Json, KeyCursor},
        spans::SpanConnection,
    },
    loaders::{
        ArtifactsOfSpan, ChildCount, ChildPage, DescendantPage, Loaders, RootPage, SpanById,
        SpanPage, SubtreeOf,
    },
};

/// One step of an execution: a run of the workflow, a node, an agent, a model call, a tool, or anything an instrumented
/// service reports.
#[derive(Debug, Clone)]
pub struct Span {
    row: Arc<spans::Span>,
}

/// One step of an execution: a run of the workflow, a node, an agent, a model call, a tool, or anything an instrumented
/// service reports.
#[Object]
impl Span {
    /// The opaque id, which carries the execution's.
    pub(super) async fn id(&self) -> ID {
        self.global_id().into()
    }

    /// OpenTelemetry's span id: 16 lower-case hex digits, unique within the execution.
    async fn span_id(&self) -> String {
        self.row.span_id.to_string()
    }

    /// OpenTelemetry's trace id: 32 lower-case hex digits.
    async fn trace_id(&self) -> String {
        self.row.trace_id.to_string()
    }

    /// The execution that it is a step of.
    async fn execution(&self, ctx: &Context<'_>) -> Result<Execution, ApiError> {
        Execution::of_part(ctx, self.row.execution_id).await
    }

    /// The span that contains it; null for a root, and while the parent is not known here.
    async fn parent(&self, ctx: &Context<'_>) -> Result<Option<Span>, ApiError> {
        let Some(parent) = self.row.parent_span_id else {
            return Ok(None);
        };
        let parts = Self::selected_parts(&ctx.look_ahead());
        Self::fetch_parts(ctx, (self.row.execution_id, parent), parts).await
    }

    /// The parent's span id, also when that span is not known here: 16 lower-case hex digits.
    async fn parent_span_id(&self) -> Option<String> {
        self.row.parent_span_id.map(|parent| parent.to_string())
    }

    /// Revision of the commit that wrote this state. Of two copies of a span the one with the higher revision is newer.
    async fn revision(&self) -> i32 {
        int(self.row.revision)
    }

    /// The spans directly below it, by (start, span id). At most 1,000 a page, 50 by default.
    async fn children(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
    ) -> Result<SpanConnection, ApiError> {
        let page = Self::page(
            &PageArguments::forward(first, after),
            connection::MAX_PAGE,
            self.row.execution_id,
        )?;
        let parts = Self::selected_parts_of_page(ctx);
        let key = ChildPage {
            parent: self.row.key(),
            page: page.clone(),
            parts,
        };
        Ok(SpanConnection::new(
            &page,
            Loaders::of(ctx).load(key).await?,
        ))
    }

    /// How many spans are directly below it.
    async fn child_count(&self, ctx: &Context<'_>) -> Result<i32, ApiError> {
        Ok(int(Loaders::of(ctx)
            .load(ChildCount(self.row.key()))
            .await?
            .unwrap_or_default()))
    }

    /// How many spans are below it, at any depth.
    async fn descendant_count(&self, ctx: &Context<'_>) -> Result<i32, ApiError> {
        let subtree = Loaders::of(ctx).load(SubtreeOf(self.row.key())).await?;
        Ok(int(subtree.unwrap_or_default().descendants))
    }

    /// The spans below it at any depth, by (start, span id); not the tree's order. At most 10,000 a page, 50 by default.
    async fn descendants(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many levels below it; 1 gives the children.")] max_depth: Option<i32>,
        first: Option<i32>,
        after: Option<String>,
    ) -> Result<SpanConnection, ApiError> {
        if max_depth.is_some_and(|depth| depth < 1) {
            return Err(ApiError::bad_input("maxDepth must be at least 1"));
        }
        let arguments = PageArguments::forward(first, after);
        let page = Self::page(&arguments, connection::MAX_SPAN_PAGE, self.row.execution_id)?;
        let parts = Self::selected_parts_of_page(ctx);
        let key = DescendantPage {
            ancestor: self.row.key(),
            max_depth,
            page: page.clone(),
            parts,
        };
        Ok(SpanConnection::new(
            &page,
            Loaders::of(ctx).load(key).await?,
        ))
    }

    /// The span's name, by the conventions of what it is about, for example `chat gpt-4o`.
    async fn name(&self) -> &str {
        &self.row.name
    }

    /// How it relates to spans of other services.
    async fn kind(&self) -> SpanKind {
        self.row.kind.into()
    }

    /// What it is about.
    async fn category(&self) -> SpanCategory {
        self.row.category.into()
    }

    /// Whether it runs, has ended, or was left behind.
    async fn state(&self) -> SpanState {
        self.row.state.into()
    }

    /// How it went.
    async fn status(&self) -> SpanStatus {
        SpanStatus {
            code: self.row.status_code.into(),
            message: self.row.status_message.clone(),
        }
    }

    /// The workflow's node that it is about.
    async fn node_id(&self) -> Option<&str> {
        self.row.node_id.as_deref()
    }

    /// The type of that node.
    async fn node_type(&self) -> Option<&str> {
        self.row.node_type.as_deref()
    }

    /// The name to show: the node's display name where it has one, else `name`.
    async fn display_name(&self) -> &str {
        self.row.shown_name()
    }

    /// Which attempt at the node this is, from 1; null where nothing is retried.
    async fn attempt(&self) -> Option<i32> {
        self.row.attempt
    }

    /// Which visit of the node this is, from 1: more than 1 in loops. Null for spans of other engines.
    async fn iteration(&self) -> Option<i32> {
        self.row.iteration
    }

    /// When it started.
    async fn start_time(&self) -> DateTime {
        DateTime::from_unix_nanos(self.row.start_ns)
    }

    /// When it ended; null while it runs, and when nobody saw its end.
    async fn end_time(&self) -> Option<DateTime> {
        self.row.end_ns.map(DateTime::from_unix_nanos)
    }

    /// Milliseconds from start to end, with decimals; null while there is no end.
    async fn duration_ms(&self) -> Option<f64> {
        self.row.duration_ns().map(millis)
    }

    /// Milliseconds from the earliest start of the trace to this start, with decimals.
    async fn start_offset_ms(&self) -> f64 {
        millis(self.row.start_ns.saturating_sub(self.row.trace_start_ns))
    }

    /// Its attributes: a JSON object; redacted.
    async fn attributes(&self, ctx: &Context<'_>) -> Result<Json, ApiError> {
        let row = self.with(ctx, SpanParts::ATTRIBUTES).await?;
        Ok(row.attributes.as_ref().map_or_else(
            || Json::from_text("{}"),
            |text| Json::from_text(text.0.clone()),
        ))
    }

    /// What happened during it, in order of time: its events, and log records that belong to it.
    async fn events(&self, ctx: &Context<'_>) -> Result<Vec<SpanEvent>, ApiError> {
        let row = self.with(ctx, SpanParts::EVENTS).await?;
        SpanEvent::list(row.start_ns, row.events.as_ref(), row.logs.as_ref())
            .map_err(|error| ApiError::internal(&error))
    }

    /// Moments that its bar shows, in order of time: the first token, events and log records, but no later chunks of an answer. At
    /// most 32; where there are more, exceptions come before others, and earlier ones before later ones.
    async fn marks(&self, ctx: &Context<'_>) -> Result<Vec<SpanMark>, ApiError> {
        let row = self.with(ctx, SpanParts::MOMENTS).await?;
        SpanMark::list(&row).map_err(|error| ApiError::internal(&error))
    }

    /// Pointers to other spans, in the order of their producer.
    async fn links(&self, ctx: &Context<'_>) -> Result<Vec<SpanLink>, ApiError> {
        let row = self.with(ctx, SpanParts::EVENTS).await?;
        SpanLink::list(row.links.as_ref()).map_err(|error| ApiError::internal(&error))
    }

    /// What went into it, for example a node's resolved parameters or a call's messages; redacted.
    async fn input(&self, ctx: &Context<'_>) -> Result<Option<Json>, ApiError> {
        let row = self.with(ctx, SpanParts::PAYLOAD).await?;
        Ok(row
            .input
            .as_ref()
            .map(|text| Json::from_text(text.0.clone())))
    }

    /// What came out of it; redacted.
    async fn output(&self, ctx: &Context<'_>) -> Result<Option<Json>, ApiError> {
        let row = self.with(ctx, SpanParts::PAYLOAD).await?;
        Ok(row
            .output
            .as_ref()
            .map(|text| Json::from_text(text.0.clone())))
    }

    /// The usage that it reports itself; while it runs, so far.
    async fn token_usage(&self, ctx: &Context<'_>) -> Result<TokenUsage, ApiError> {
        let row = self.with(ctx, SpanParts::USAGE).await?;
        Ok(TokenUsage::of_span(&row))
    }

    /// The usage of it and all below. Where a span and spans below it report usage, those below count: the span above
    /// repeats them.
    async fn subtree_token_usage(&self, ctx: &Context<'_>) -> Result<TokenUsage, ApiError> {
        let subtree = Loaders::of(ctx).load(SubtreeOf(self.row.key())).await?;
        Ok(subtree.unwrap_or_default().usage.into())
    }

    /// The files that it produced, oldest first.
    async fn artifacts(&self, ctx: &Context<'_>) -> Result<Vec<Artifact>, ApiError> {
        let artifacts = Loaders::of(ctx)
            .load(ArtifactsOfSpan(self.row.key()))
            .await?;
        Ok(artifacts
            .unwrap_or_default()
            .into_iter()
            .map(Artifact::new)
            .collect())
    }
}

impl Span {
    /// A span from its row. Parts that the row lacks are read when they are asked for.
    pub fn new(row: Arc<spans::Span>) -> Self {
        Self { row }
    }

    /// The row.
    pub fn row(&self) -> &Arc<spans::Span> {
        &self.row
    }

    /// The span of `key`, if there is one.
    pub(crate) async fn fetch(ctx: &Context<'_>, key: SpanKey) -> Result<Option<Self>, ApiError> {
        // Below an interface, what is selected cannot be told by looking ahead: other types have the same fields.
        Self::fetch_parts(ctx, key, SpanParts::ALL.union(SpanParts::MOMENTS)).await
    }

    /// The same with some of its parts.
    pub(crate) async fn fetch_parts(
        ctx: &Context<'_>,
        key: SpanKey,
        parts: SpanParts,
    ) -> Result<Option<Self>, ApiError> {
        Ok(Loaders::of(ctx)
            .load(SpanById { key, parts })
            .await?
            .map(Self::new))
    }

    /// A page of an execution's spans.
    pub(crate) async fn paginate(
        ctx: &Context<'_>,
        execution: ExecutionId,
        filter: SpanFilter,
        arguments: PageArguments,
    ) -> Result<SpanConnection, ApiError> {
        let page = Self::page(&arguments, connection::MAX_SPAN_PAGE, execution)?;
        let parts = Self::selected_parts_of_page(ctx);
        let key = SpanPage {
            execution,
            filter,
            page: page.clone(),
            parts,
        };
        Ok(SpanConnection::new(
            &page,
            Loaders::of(ctx).load(key).await?,
        ))
    }

    /// A page of an execution's spans that have no parent in it.
    pub(crate) async fn paginate_roots(
        ctx: &Context<'_>,
        execution: ExecutionId,
        arguments: PageArguments,
    ) -> Result<SpanConnection, ApiError> {
        let page = Self::page(&arguments, connection::MAX_PAGE, execution)?;
        let parts = Self::selected_parts_of_page(ctx);
        let key = RootPage {
            execution,
            page: page.clone(),
            parts,
        };
        Ok(SpanConnection::new(
            &page,
            Loaders::of(ctx).load(key).await?,
        ))
    }

    /// The parts that a selection on a span needs.
    pub(crate) fn selected_parts(selection: &Lookahead<'_>) -> SpanParts {
        let any = |fields: &[&str]| fields.iter().any(|field| selection.field(field).exists());
        SpanParts {
            attributes: any(&["attributes"]),
            payload: any(&["input", "output"]),
            events: any(&["events", "links"]),
            usage: any(&["tokenUsage"]),
            moments: any(&["marks"]),
        }
    }

    /// The parts that a selection on a connection of spans needs.
    fn selected_parts_of_page(ctx: &Context<'_>) -> SpanParts {
        let selection = ctx.look_ahead();
        let nodes = Self::selected_parts(&selection.field("nodes"));
        nodes.union(Self::selected_parts(
            &selection.field("edges").field("node"),
        ))
    }

    fn page(
        arguments: &PageArguments,
        max: usize,
        execution: ExecutionId,
    ) -> Result<Page<SpanPosition>, ApiError> {
        arguments.page(max, |cursor| match cursor {
            KeyCursor::Span {
                execution: owner,
                start_ns,
                span,
            } => connection::owned(execution, owner, (start_ns, span)),
            _ => Err(connection::wrong_list()),
        })
    }

    /// The row, or one that has the `parts` that this one was read without.
    async fn with(
        &self,
        ctx: &Context<'_>,
        parts: SpanParts,
    ) -> Result<Arc<spans::Span>, ApiError> {
        if self.row.parts.covers(parts) {
            return Ok(self.row.clone());
        }
        let read = Loaders::of(ctx)
            .load(SpanById {
                key: self.row.key(),
                parts,
            })
            .await?;
        Ok(read.unwrap_or_else(|| self.row.clone()))
    }

    fn global_id(&self) -> GlobalId {
        GlobalId::Span(self.row.execution_id, self.row.span_id)
    }
}

/// Reads 16 hex digits.
pub(crate) fn parse_span_id(text: &str) -> Result<SpanId, ApiError> {
    text.parse()
        .map_err(|_| ApiError::bad_input("spanId must be 16 hex digits"))
}
