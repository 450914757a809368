//! The trace of an execution, in Orcheo's shape.

use axum::{
    Json,
    extract::{Path, Query, State, rejection::QueryRejection},
};
use orcheo_store::{
    Connection, ExecutionId,
    models::{
        artifacts::Artifact,
        executions::ExecutionState,
        spans::{self, Span, SpanFilter, SpanParts, SpanPosition},
    },
    page::{Page, Slice},
};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{
    bodies::{ExternalLink, PageInfo, TraceArtifact, TraceDocument, TraceExecution, TraceSpan},
    executions,
};
use crate::{
    error::{ApiError, Problem},
    graphql::scalars::{KeyCursor, other_execution, wrong_kind},
    http::Server,
    state::ApiState,
};

const DEFAULT_PAGE: usize = 1_000;
const MAX_PAGE: usize = 10_000;
const MAX_ARTIFACTS: usize = 1_000;

/// Roots whose descendants are read when a depth is asked for; a run has one, other engines' traces a few.
const MAX_ROOTS: usize = 100;

/// Which spans to show.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct TraceQuery {
    /// Spans of a page: at most 10,000; 1,000 by default.
    limit: Option<usize>,
    /// `page_info.cursor` of the page before.
    cursor: Option<String>,
    /// Levels of the tree to show: 1 shows the roots only. All by default.
    depth: Option<u16>,
}

/// Reads the trace of an execution: its spans as a flat list in order of start, running ones included.
#[utoipa::path(get, path = "/api/executions/{execution_id}/trace", tag = "traces",
    params(("execution_id" = String, Path), TraceQuery),
    responses(
        (status = 200, body = TraceDocument),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn get(
    State(server): State<Server>,
    Path(execution_id): Path<String>,
    query: Result<Query<TraceQuery>, QueryRejection>,
) -> Result<Json<TraceDocument>, ApiError> {
    let Query(query) = query.map_err(|error| ApiError::bad_input(error.body_text()))?;
    let limit = executions::limit(query.limit, DEFAULT_PAGE, MAX_PAGE)?;
    let execution = executions::find(&server.state, &execution_id).await?;
    document(
        &server.state,
        &execution,
        limit,
        query.cursor.as_deref(),
        query.depth,
    )
    .await
    .map(Json)
}

/// A page of the trace of `execution`.
async fn document(
    state: &ApiState,
    execution: &ExecutionState,
    limit: usize,
    cursor: Option<&str>,
    depth: Option<u16>,
) -> Result<TraceDocument, ApiError> {
    let id = execution.execution.execution_id;
    let after = match cursor.map(KeyCursor::decode).transpose()? {
        None => None,
        Some(KeyCursor::Span {
            execution,
            start_ns,
            span,
        }) if execution == id => Some((start_ns, span)),
        Some(KeyCursor::Span { .. }) => return Err(other_execution()),
        Some(_) => return Err(wrong_kind()),
    };
    let page = Page::first(limit, after);
    let mut connection = state.store.read().await?;
    let slice = match depth {
        None => all(&mut connection, id, &page).await?,
        Some(depth) => levels(&mut connection, id, &page, depth).await?,
    };
    let artifacts = if after.is_none() {
        artifacts(&mut connection, id).await?
    } else {
        Vec::new()
    };

    let last = slice.rows.last().map(|span| {
        KeyCursor::Span {
            execution: id,
            start_ns: span.start_ns,
            span: span.span_id,
        }
        .encode()
    });
    let spans: Result<Vec<TraceSpan>, _> = slice.rows.iter().map(TraceSpan::try_from).collect();
    Ok(TraceDocument {
        execution: TraceExecution::from(execution),
        spans: spans.map_err(|error| ApiError::internal(&error))?,
        page_info: PageInfo {
            has_next_page: slice.has_next,
            cursor: last.filter(|_| slice.has_next),
        },
        artifacts: artifacts.iter().map(TraceArtifact::from).collect(),
        external_links: state
            .settings
            .external_links
            .iter()
            .filter_map(|template| ExternalLink::of(template, execution))
            .collect(),
    })
}

async fn all(
    connection: &mut Connection,
    id: ExecutionId,
    page: &Page<SpanPosition>,
) -> Result<Slice<Span>, ApiError> {
    let filter = SpanFilter::default();
    let mut pages = spans::pages(
        connection,
        &[id],
        filter,
        page,
        SpanParts::ALL,
        page.fetch(),
    )
    .await?;
    Ok(pages.remove(&id).unwrap_or_else(|| page.slice(Vec::new())))
}

/// The first `depth` levels of the tree.
async fn levels(
    connection: &mut Connection,
    id: ExecutionId,
    page: &Page<SpanPosition>,
    depth: u16,
) -> Result<Slice<Span>, ApiError> {
    if depth == 0 {
        return Err(ApiError::bad_input("depth must be at least 1"));
    }
    // A root before the page may have descendants on it, so all roots are wanted.
    let of_roots = Page::first(MAX_ROOTS, None);
    let mut roots = spans::roots(
        connection,
        &[id],
        &of_roots,
        SpanParts::ALL,
        of_roots.fetch(),
    )
    .await?;
    let roots = roots
        .remove(&id)
        .unwrap_or_else(|| of_roots.slice(Vec::new()));
    if roots.has_next {
        return Err(ApiError::limit(format!(
            "the trace has more than {MAX_ROOTS} roots; read it without depth"
        )));
    }
    let mut spans = Vec::new();
    if depth > 1 {
        let keys: Vec<_> = roots.rows.iter().map(Span::key).collect();
        let below = Some(i32::from(depth) - 1);
        let max_rows = page.fetch().saturating_mul(keys.len() as i64);
        let pages =
            spans::descendants(connection, &keys, below, page, SpanParts::ALL, max_rows).await?;
        // One row more than the limit of each is lost here, but then the merged page is full without it.
        spans.extend(pages.into_values().flat_map(|slice| {
            let more = slice.has_next;
            slice.rows.into_iter().map(move |span| (span, more))
        }));
    }
    let more = spans.iter().any(|(_, more)| *more);
    let on_page = |span: &Span| {
        page.after
            .is_none_or(|after| (span.start_ns, span.span_id) > after)
    };
    let mut rows: Vec<Span> = spans.into_iter().map(|(span, _)| span).collect();
    rows.extend(roots.rows.into_iter().filter(on_page));
    rows.sort_unstable_by_key(|span| (span.start_ns, span.span_id));
    let mut slice = page.slice(rows);
    slice.has_next |= more;
    Ok(slice)
}

async fn artifacts(
    connection: &mut Connection,
    id: ExecutionId,
) -> Result<Vec<Artifact>, ApiError> {
    let page = Page::first(MAX_ARTIFACTS, None);
    let mut pages = Artifact::pages(connection, &[id], &page, page.fetch()).await?;
    Ok(pages
        .remove(&id)
        .map(|slice| slice.rows)
        .unwrap_or_default())
}
