//! Lists of spans: the connection, its edges, and the bare list.

use std::{borrow::Cow, sync::Arc};

use async_graphql::{
    ContextSelectionSet, Object, OutputType, Positioned, ServerResult, Value, connection::PageInfo,
    parser::types::Field, registry::Registry,
};
use orcheo_store::{
    models::spans::{self, SpanPosition},
    page::{Page, Slice},
};

use super::{fast, scalars::KeyCursor, types::Span};

type Row = Arc<spans::Span>;

/// A page of spans.
#[derive(Debug)]
pub struct SpanConnection {
    slice: Slice<Row>,
}

/// A page of spans.
#[Object]
impl SpanConnection {
    /// Where the page lies in the list.
    async fn page_info(&self) -> PageInfo {
        PageInfo {
            has_previous_page: self.slice.has_previous,
            has_next_page: self.slice.has_next,
            start_cursor: self.slice.rows.first().map(|row| cursor(row)),
            end_cursor: self.slice.rows.last().map(|row| cursor(row)),
        }
    }

    /// The spans of the page with their cursors.
    async fn edges(&self) -> SpanEdgeList<'_> {
        SpanEdgeList(&self.slice.rows)
    }

    /// The spans of the page.
    async fn nodes(&self) -> SpanList<'_> {
        SpanList(Cow::Borrowed(&self.slice.rows))
    }
}

impl SpanConnection {
    /// The connection of what a loader gave for `page`: nothing for a list without rows.
    pub(crate) fn new(page: &Page<SpanPosition>, slice: Option<Slice<Row>>) -> Self {
        Self {
            slice: slice.unwrap_or_else(|| page.slice(Vec::new())),
        }
    }
}

/// A span of a page.
#[derive(Debug)]
pub struct SpanEdge {
    row: Row,
}

/// A span of a page.
#[Object]
impl SpanEdge {
    /// The span's place in the list, for `after` and `before`.
    async fn cursor(&self) -> String {
        cursor(&self.row)
    }

    /// The span.
    async fn node(&self) -> Span {
        Span::new(self.row.clone())
    }
}

/// The place of a span in any list of spans of its execution.
pub(super) fn cursor(row: &spans::Span) -> String {
    KeyCursor::Span {
        execution: row.execution_id,
        start_ns: row.start_ns,
        span: row.span_id,
    }
    .encode()
}

/// `[SpanEdge!]!`.
#[derive(Debug)]
pub struct SpanEdgeList<'a>(&'a [Row]);

/// `[Span!]!`.
#[derive(Debug)]
pub struct SpanList<'a>(Cow<'a, [Row]>);

impl SpanList<'_> {
    /// The list of these spans, in their order.
    pub fn new(rows: Vec<Row>) -> Self {
        Self(Cow::Owned(rows))
    }
}

impl OutputType for SpanEdgeList<'_> {
    fn type_name() -> Cow<'static, str> {
        Vec::<SpanEdge>::type_name()
    }

    fn qualified_type_name() -> String {
        Vec::<SpanEdge>::qualified_type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        Vec::<SpanEdge>::create_type_info(registry)
    }

    async fn resolve(
        &self,
        ctx: &ContextSelectionSet<'_>,
        field: &Positioned<Field>,
    ) -> ServerResult<Value> {
        if let Some(value) = fast::edges(self.0, ctx, field).await? {
            return Ok(value);
        }
        let edges: Vec<SpanEdge> = self
            .0
            .iter()
            .map(|row| SpanEdge { row: row.clone() })
            .collect();
        edges.resolve(ctx, field).await
    }
}

impl OutputType for SpanList<'_> {
    fn type_name() -> Cow<'static, str> {
        Vec::<Span>::type_name()
    }

    fn qualified_type_name() -> String {
        Vec::<Span>::qualified_type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        Vec::<Span>::create_type_info(registry)
    }

    async fn resolve(
        &self,
        ctx: &ContextSelectionSet<'_>,
        field: &Positioned<Field>,
    ) -> ServerResult<Value> {
        if let Some(value) = fast::spans(&self.0, ctx, field).await? {
            return Ok(value);
        }
        let spans: Vec<Span> = self.0.iter().cloned().map(Span::new).collect();
        spans.resolve(ctx, field).await
    }
}
