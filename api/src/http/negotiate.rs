//! Content negotiation: what a request body is, and in which form its sender wants the answer.
//!
//! Source: GraphQL over HTTP, "Media Types"; RFC 9110, 12.5.1.

use axum::http::{HeaderMap, header};

/// The forms of an answer to `POST /graphql`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ResponseType {
    /// `application/graphql-response+json`: the status tells whether the request was refused.
    GraphQlResponse,
    /// `application/json`: the status of a well-formed request is always 200.
    Json,
    /// `text/event-stream`: graphql-sse, distinct connections.
    EventStream,
}

impl ResponseType {
    const ALL: [Self; 3] = [Self::Json, Self::GraphQlResponse, Self::EventStream];

    pub(crate) const fn media_type(self) -> &'static str {
        match self {
            Self::GraphQlResponse => "application/graphql-response+json",
            Self::Json => "application/json",
            Self::EventStream => "text/event-stream",
        }
    }

    /// The most wanted of the types `headers` accept, [`Json`](Self::Json) when they do not say; `None` when they accept
    /// none of ours.
    pub(crate) fn negotiate(headers: &HeaderMap) -> Option<Self> {
        let ranges = ranges(headers);
        if ranges.is_empty() {
            return Some(Self::Json);
        }
        Self::ALL
            .into_iter()
            .map(|candidate| (candidate, preference(&ranges, candidate.media_type())))
            .filter(|(_, preference)| preference.quality > 0)
            // What is named beats what a wildcard allows; among the named the newer type, among the allowed the older.
            .max_by_key(|(candidate, preference)| {
                let newer = *candidate == Self::GraphQlResponse;
                let older = *candidate == Self::Json;
                let named = preference.specificity == NAMED;
                (
                    preference.quality,
                    preference.specificity,
                    if named { newer } else { older },
                )
            })
            .map(|(candidate, _)| candidate)
    }
}

/// Whether the sender of `headers` prefers HTML to everything an API answers: a browser that follows a link.
pub(crate) fn prefers_html(headers: &HeaderMap) -> bool {
    let ranges = ranges(headers);
    let html = ranges
        .iter()
        .find(|range| range.essence.eq_ignore_ascii_case("text/html"));
    html.is_some_and(|html| {
        let json = preference(&ranges, ResponseType::Json.media_type());
        html.quality > 0 && html.quality >= json.quality
    })
}

/// Whether the body is JSON in UTF-8, uncompressed: the only form in which requests are read.
pub(crate) fn is_json_body(headers: &HeaderMap) -> bool {
    let identity = headers
        .get(header::CONTENT_ENCODING)
        .is_none_or(|encoding| encoding.as_bytes().eq_ignore_ascii_case(b"identity"));
    let json = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| {
            let mut parts = value.split(';').map(str::trim);
            parts
                .next()
                .is_some_and(|essence| essence.eq_ignore_ascii_case("application/json"))
                && parts.all(|parameter| match parameter.split_once('=') {
                    Some((name, charset)) if name.eq_ignore_ascii_case("charset") => {
                        charset.trim_matches('"').eq_ignore_ascii_case("utf-8")
                    }
                    _ => true,
                })
        });
    identity && json
}

/// One element of `Accept`; quality in thousandths.
struct Range<'a> {
    essence: &'a str,
    quality: u16,
}

fn ranges(headers: &HeaderMap) -> Vec<Range<'_>> {
    headers
        .get_all(header::ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|range| {
            let mut parts = range.split(';').map(str::trim);
            let essence = parts.next().filter(|essence| !essence.is_empty())?;
            let mut quality = 1000;
            let mut utf8 = true;
            for parameter in parts {
                match parameter.split_once('=') {
                    Some((name, value)) if name.trim().eq_ignore_ascii_case("q") => {
                        quality = thousandths(value.trim());
                    }
                    // JSON is UTF-8: asked for in another charset, it cannot be had.
                    Some((name, value)) if name.trim().eq_ignore_ascii_case("charset") => {
                        utf8 = value.trim().trim_matches('"').eq_ignore_ascii_case("utf-8");
                    }
                    _ => {}
                }
            }
            Some(Range {
                essence,
                quality: if utf8 { quality } else { 0 },
            })
        })
        .collect()
}

/// A malformed weight counts as none at all, which is the reading that refuses nobody.
fn thousandths(weight: &str) -> u16 {
    let weight: f32 = weight.parse().unwrap_or(1.0);
    (weight.clamp(0.0, 1.0) * 1000.0) as u16
}

/// How much a media type is wanted, by the most specific range that matches it.
struct Preference {
    /// Thousandths; 0 when no range matches.
    quality: u16,
    specificity: u8,
}

const ANYTHING: u8 = 0;
const GROUP: u8 = 1;
const NAMED: u8 = 2;

fn preference(ranges: &[Range<'_>], media_type: &str) -> Preference {
    let group = media_type.split_once('/').map_or("", |(group, _)| group);
    let specificity = |range: &Range<'_>| match range.essence {
        "*/*" => Some(ANYTHING),
        essence if essence.eq_ignore_ascii_case(media_type) => Some(NAMED),
        essence
            if essence
                .strip_suffix("/*")
                .is_some_and(|g| g.eq_ignore_ascii_case(group)) =>
        {
            Some(GROUP)
        }
        _ => None,
    };
    ranges
        .iter()
        .filter_map(|range| {
            Some(Preference {
                quality: range.quality,
                specificity: specificity(range)?,
            })
        })
        .max_by_key(|preference| preference.specificity)
        .unwrap_or(Preference {
            quality: 0,
            specificity: ANYTHING,
        })
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn accept(value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(header::ACCEPT, HeaderValue::from_static(value))])
    }

    #[test]
    fn the_answer_has_the_form_most_wanted() {
        use ResponseType::{EventStream, GraphQlResponse, Json};
        for (value, expected) in [
            ("*/*", Some(Json)),
            ("application/*", Some(Json)),
            ("application/json", Some(Json)),
            ("application/json; charset=utf-8", Some(Json)),
            ("application/json; charset=utf-16; q=0.5", None),
            ("application/graphql-response+json", Some(GraphQlResponse)),
            ("APPLICATION/GraphQL-Response+JSON", Some(GraphQlResponse)),
            (
                "application/graphql-response+json, application/json;q=0.9",
                Some(GraphQlResponse),
            ),
            (
                "application/json;q=0.5, application/graphql-response+json",
                Some(GraphQlResponse),
            ),
            (
                "application/graphql-response+json;q=0.1, */*;q=0.5",
                Some(Json),
            ),
            ("text/event-stream", Some(EventStream)),
            ("text/event-stream, */*;q=0.1", Some(EventStream)),
            (
                "application/json, application/graphql-response+json",
                Some(GraphQlResponse),
            ),
            ("application/json;q=0", None),
            ("text/html", None),
            ("text/html, */*", Some(Json)),
        ] {
            assert_eq!(ResponseType::negotiate(&accept(value)), expected, "{value}");
        }
        assert_eq!(ResponseType::negotiate(&HeaderMap::new()), Some(Json));
    }

    #[test]
    fn a_browser_is_told_from_a_client_of_the_api() {
        let browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
        assert!(prefers_html(&accept(browser)));
        assert!(!prefers_html(&accept("*/*")));
        assert!(!prefers_html(&accept("application/json, text/html;q=0.1")));
        assert!(!prefers_html(&HeaderMap::new()));
    }

    #[test]
    fn only_plain_utf_8_json_is_a_request() {
        let body =
            |value| HeaderMap::from_iter([(header::CONTENT_TYPE, HeaderValue::from_static(value))]);
        for value in [
            "application/json",
            "Application/JSON; charset=UTF-8",
            "application/json;charset=\"utf-8\"",
        ] {
            assert!(is_json_body(&body(value)), "{value}");
        }
        for value in [
            "text/plain",
            "application/json; charset=iso-8859-1",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=x",
            "application/jsonx",
        ] {
            assert!(!is_json_body(&body(value)), "{value}");
        }
        assert!(!is_json_body(&HeaderMap::new()));
        let mut compressed = body("application/json");
        compressed.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        assert!(!is_json_body(&compressed));
    }
}
