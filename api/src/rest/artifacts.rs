//! The bytes of artifacts.

use axum::{
    body::Body,
    extract::{Path, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use axum_extra::{
    TypedHeader,
    headers::{ETag, HeaderMapExt, IfNoneMatch, IfRange, Range},
};
use orcheo_store::models::artifacts::Artifact;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::{
    error::{ApiError, Problem},
    graphql::scalars::GlobalId,
    http::Server,
};

/// What a browser may do with the bytes. What came from a workflow never runs as ours, whatever it says it is.
struct Presentation {
    disposition: &'static str,
    policy: &'static str,
    framing: &'static str,
}

const DOWNLOAD: Presentation = Presentation {
    disposition: "attachment",
    policy: "sandbox; default-src 'none'; frame-ancestors 'none'",
    framing: "DENY",
};

/// A page may look as its author wants, and neither run anything nor ask anybody for anything.
const PREVIEW: Presentation = Presentation {
    disposition: "inline",
    policy: "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; media-src data:; \
             frame-ancestors 'self'",
    framing: "SAMEORIGIN",
};

/// RFC 8187, `attr-char`: what stands for itself in an extended parameter.
const EXTENDED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'!')
    .remove(b'#')
    .remove(b'$')
    .remove(b'&')
    .remove(b'+')
    .remove(b'-')
    .remove(b'.')
    .remove(b'^')
    .remove(b'_')
    .remove(b'`')
    .remove(b'|')
    .remove(b'~');

/// Downloads the bytes of an artifact. One range of bytes can be asked for.
#[utoipa::path(get, path = "/api/artifacts/{id}/download", tag = "artifacts",
    params(("id" = String, Path, description = "The opaque `id` of the artifact")),
    responses(
        (status = 200, description = "The bytes", content_type = "application/octet-stream", body = Vec<u8>),
        (status = 206, description = "The range", content_type = "application/octet-stream", body = Vec<u8>),
        (status = 304, description = "The client has them"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 416, description = "There are no such bytes"),
))]
pub(crate) async fn download(
    State(server): State<Server>,
    Path(id): Path<String>,
    request: HeaderMap,
) -> Result<Response, ApiError> {
    serve(&server, &id, &request, &DOWNLOAD).await
}

/// The bytes of an artifact to be shown in a frame of the web client: scripts, forms and requests are off.
#[utoipa::path(get, path = "/api/artifacts/{id}/preview", tag = "artifacts",
    params(("id" = String, Path, description = "The opaque `id` of the artifact")),
    responses(
        (status = 200, description = "The bytes", content_type = "application/octet-stream", body = Vec<u8>),
        (status = 206, description = "The range", content_type = "application/octet-stream", body = Vec<u8>),
        (status = 304, description = "The client has them"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 416, description = "There are no such bytes"),
))]
pub(crate) async fn preview(
    State(server): State<Server>,
    Path(id): Path<String>,
    request: HeaderMap,
) -> Result<Response, ApiError> {
    serve(&server, &id, &request, &PREVIEW).await
}

async fn serve(
    server: &Server,
    id: &str,
    request: &HeaderMap,
    presentation: &Presentation,
) -> Result<Response, ApiError> {
    let artifact = find(server, id).await?;
    let etag = etag(&artifact)?;
    if request
        .typed_get::<IfNoneMatch>()
        .is_some_and(|known| !known.precondition_passes(&etag))
    {
        return Ok((StatusCode::NOT_MODIFIED, TypedHeader(etag)).into_response());
    }
    let size = u64::try_from(artifact.size_bytes).unwrap_or_default();
    let range = match asked_range(request, &etag, size) {
        Asked::All => None,
        Asked::Part(range) => Some(range),
        Asked::Nothing => {
            let content_range = [(header::CONTENT_RANGE, format!("bytes */{size}"))];
            return Ok((StatusCode::RANGE_NOT_SATISFIABLE, content_range).into_response());
        }
    };
    let partial = range.is_some();
    let blob = server
        .state
        .store
        .blobs()
        .get(&artifact.location, range)
        .await
        .map_err(|error| match error {
            error if error.is_missing_blob() => ApiError::not_found("such file any more"),
            error => error.into(),
        })?;
    let length = blob.range.end - blob.range.start;
    let content_range = format!(
        "bytes {}-{}/{size}",
        blob.range.start,
        blob.range.end.saturating_sub(1)
    );
    let status = if partial {
        StatusCode::PARTIAL_CONTENT
    } else {
        StatusCode::OK
    };
    let mut response = (status, TypedHeader(etag), Body::from_stream(blob.bytes)).into_response();
    let headers = response.headers_mut();
    let media_type = HeaderValue::from_str(&artifact.media_type)
        .unwrap_or(HeaderValue::from_static("application/octet-stream"));
    headers.insert(header::CONTENT_TYPE, media_type);
    headers.insert(header::CONTENT_LENGTH, length.into());
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    headers.insert(
        header::CONTENT_DISPOSITION,
        disposition(presentation.disposition, &artifact.name),
    );
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(presentation.policy),
    );
    headers.insert(
        header::X_FRAME_OPTIONS,
        HeaderValue::from_static(presentation.framing),
    );
    headers.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("private, no-cache"),
    );
    if partial && let Ok(value) = HeaderValue::from_str(&content_range) {
        headers.insert(header::CONTENT_RANGE, value);
    }
    Ok(response)
}

async fn find(server: &Server, id: &str) -> Result<Artifact, ApiError> {
    let missing = || ApiError::not_found(format!("artifact {id:?}"));
    // What is no id of an artifact names none, which is all that a link needs to be told.
    let Ok(GlobalId::Artifact(execution, artifact)) = GlobalId::decode(id) else {
        return Err(missing());
    };
    let mut connection = server.state.store.read().await?;
    let found = Artifact::by_ids(&mut connection, &[(execution, artifact)]).await?;
    found.into_iter().next().ok_or_else(missing)
}

/// The hash of the bytes: they never change.
fn etag(artifact: &Artifact) -> Result<ETag, ApiError> {
    format!("\"{}\"", hex::encode(&artifact.sha256))
        .parse()
        .map_err(|_| ApiError::bad_input("the artifact has no hash"))
}

enum Asked {
    All,
    Part(std::ops::Range<u64>),
    Nothing,
}

/// Several ranges, and units other than bytes, are answered with the whole, as RFC 9110, 14.2 allows.
fn asked_range(request: &HeaderMap, etag: &ETag, size: u64) -> Asked {
    let current = request
        .typed_get::<IfRange>()
        .is_none_or(|condition| !condition.is_modified(Some(etag), None));
    let Some(range) = request.typed_get::<Range>().filter(|_| current) else {
        return Asked::All;
    };
    let mut ranges = range.satisfiable_ranges(size);
    match (ranges.next(), ranges.next()) {
        (None, _) => Asked::Nothing,
        (Some(_), Some(_)) => Asked::All,
        (Some((start, end)), None) => {
            use std::ops::Bound::{Excluded, Included, Unbounded};
            let start = match start {
                Included(start) => start,
                Excluded(start) => start + 1,
                Unbounded => 0,
            };
            let end = match end {
                Included(end) => end.saturating_add(1).min(size),
                Excluded(end) => end.min(size),
                Unbounded => size,
            };
            if start < end {
                Asked::Part(start..end)
            } else {
                Asked::Nothing
            }
        }
    }
}

/// Source: RFC 6266: a quoted ASCII name for old clients, and the true one in UTF-8.
fn disposition(kind: &'static str, name: &str) -> HeaderValue {
    let base = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let plain: String = base
        .chars()
        .map(|letter| match letter {
            '"' | '\\' | '%' => '_',
            ' '..='~' => letter,
            _ => '_',
        })
        .collect();
    let extended = utf8_percent_encode(base, EXTENDED);
    HeaderValue::from_str(&format!(
        "{kind}; filename=\"{plain}\"; filename*=UTF-8''{extended}"
    ))
    .unwrap_or(HeaderValue::from_static(kind))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_survives_in_both_forms_and_cannot_break_out() {
        let text = |name| {
            disposition("attachment", name)
                .to_str()
                .expect("ASCII")
                .to_owned()
        };
        assert_eq!(
            text("report.csv"),
            r#"attachment; filename="report.csv"; filename*=UTF-8''report.csv"#
        );
        assert_eq!(
            text("Zoë's \"plan\".md"),
            r#"attachment; filename="Zo_'s _plan_.md"; filename*=UTF-8''Zo%C3%AB%27s%20%22plan%22.md"#
        );
        assert_eq!(
            text("../../etc/passwd"),
            r#"attachment; filename="passwd"; filename*=UTF-8''passwd"#
        );
        assert!(!text("a\r\nSet-Cookie: x=y").contains(['\r', '\n']));
    }

    #[test]
    fn one_range_is_cut_out_and_the_rest_is_answered_as_allowed() {
        let etag: ETag = "\"abc\"".parse().expect("an ETag");
        let asked = |range: &str, condition: Option<&str>| {
            let mut headers = HeaderMap::new();
            headers.insert(header::RANGE, range.parse().expect("a header"));
            if let Some(condition) = condition {
                headers.insert(header::IF_RANGE, condition.parse().expect("a header"));
            }
            match asked_range(&headers, &etag, 10) {
                Asked::All => "all".to_owned(),
                Asked::Part(range) => format!("{range:?}"),
                Asked::Nothing => "nothing".to_owned(),
            }
        };
        for (range, expected) in [
            ("bytes=0-3", "0..4"),
            ("bytes=4-", "4..10"),
            ("bytes=-3", "7..10"),
            ("bytes=8-99", "8..10"),
            ("bytes=10-", "nothing"),
            ("bytes=0-1,4-5", "all"),
            ("lines=1-2", "all"),
            ("bytes=x", "nothing"),
        ] {
            assert_eq!(asked(range, None), expected, "{range}");
        }
        assert_eq!(asked("bytes=0-3", Some("\"abc\"")), "0..4");
        assert_eq!(asked("bytes=0-3", Some("\"old\"")), "all");
    }
}
