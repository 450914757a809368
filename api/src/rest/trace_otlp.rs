//! The trace of an execution as OTLP JSON, for other tools and for another orcheo-trace.

use axum::{
    body::{Body, Bytes},
    extract::{Path, State},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use orcheo_store::{
    ExecutionId,
    models::spans::{SpanPosition, WholeSpan, whole},
    page::{Page, Slice},
};
use orcheo_telemetry::otlp::{OTLP_JSON, encode_json};

use super::executions;
use crate::{
    error::{ApiError, Problem},
    http::Server,
    state::ApiState,
};

/// Spans read at once: the document is written as it is read, however long it is.
const PAGE: usize = 1_000;

/// Reads the whole trace of an execution as OTLP JSON: `{"resourceSpans": […]}`.
///
/// Resources, scopes, events, links, dropped counts, trace state and flags are as they came in, but for what was redacted.
#[utoipa::path(get, path = "/api/executions/{execution_id}/trace.otlp.json", tag = "traces",
    params(("execution_id" = String, Path)),
    responses(
        (status = 200, content_type = "application/json", body = Object),
        (status = 404, body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn get(
    State(server): State<Server>,
    Path(execution_id): Path<String>,
) -> Result<Response, ApiError> {
    let state = server.state.clone();
    let execution = executions::find(&state, &execution_id).await?.execution;
    // The first page before the answer begins: what fails then is an error, later it is a connection that breaks.
    let first = page(&state, execution.execution_id, None).await?;
    let pages = Pages {
        state,
        execution_id: execution.execution_id,
        next: Some(first),
    };
    let spans = stream::try_unfold((pages, true), async |(mut pages, first)| {
        let Some(slice) = pages.take().await? else {
            return Ok::<_, ApiError>(None);
        };
        let text = encode_json(&slice.rows);
        let comma = if first || text.is_empty() { "" } else { "," };
        Ok(Some((
            Bytes::from(format!("{comma}{text}")),
            (pages, false),
        )))
    });
    let edge = |text: &'static str| stream::iter([Ok(Bytes::from_static(text.as_bytes()))]);
    let [head, tail] = OTLP_JSON;
    let body = edge(head).chain(spans).chain(edge(tail));
    let body = Body::from_stream(body.map_err(std::io::Error::other));
    let name = format!("attachment; filename=\"{}.otlp.json\"", execution.trace_id);
    let mut response = ([(header::CONTENT_TYPE, "application/json")], body).into_response();
    if let Ok(name) = HeaderValue::from_str(&name) {
        response
            .headers_mut()
            .insert(header::CONTENT_DISPOSITION, name);
    }
    Ok(response)
}

/// The pages of a trace, each read when the one before it was sent.
struct Pages {
    state: ApiState,
    execution_id: ExecutionId,
    next: Option<Slice<WholeSpan>>,
}

impl Pages {
    async fn take(&mut self) -> Result<Option<Slice<WholeSpan>>, ApiError> {
        let Some(slice) = self.next.take() else {
            return Ok(None);
        };
        if slice.has_next
            && let Some(last) = slice.rows.last()
        {
            let after = (last.span.start_ns, last.span.span_id);
            self.next = Some(page(&self.state, self.execution_id, Some(after)).await?);
        }
        Ok(Some(slice))
    }
}

async fn page(
    state: &ApiState,
    execution_id: ExecutionId,
    after: Option<SpanPosition>,
) -> Result<Slice<WholeSpan>, ApiError> {
    let mut connection = state.store.read().await?;
    Ok(whole(&mut connection, execution_id, &Page::first(PAGE, after)).await?)
}
