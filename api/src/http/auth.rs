//! Who sends a request: the bearer token, or the session cookie that the web client got for it.

use std::{fmt, sync::Arc};

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::session::Sessions;
use crate::error::{ApiError, ErrorCode};

/// Whom a request comes from. Also part of the key under which subscribers share results.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Identity {
    /// Anybody who can reach the server, when no token is configured.
    Local,
    /// A holder of the token.
    Operator,
}

/// Decides whom requests come from. Cheap to clone.
#[derive(Clone)]
pub struct Auth(Option<Arc<Credentials>>);

struct Credentials {
    /// Only the digest is kept: comparing digests takes the same time whatever the length of what is presented.
    token: [u8; 32],
    sessions: Sessions,
}

impl Auth {
    /// Asks every request for `token`, or nothing of anybody when there is none.
    pub fn new(token: Option<&str>) -> Self {
        Self(token.map(|token| {
            Arc::new(Credentials {
                token: Sha256::digest(token).into(),
                sessions: Sessions::new(token),
            })
        }))
    }

    /// Whether a token is asked for.
    pub(crate) fn is_required(&self) -> bool {
        self.0.is_some()
    }

    /// The sessions of the web client; none are needed when there is no token.
    pub(crate) fn sessions(&self) -> Option<&Sessions> {
        self.0.as_deref().map(|credentials| &credentials.sessions)
    }

    /// Whom `headers` introduce: by `Authorization: Bearer`, else by the session cookie. The token may stand there without its
    /// scheme, as Logfire sends its own.
    pub(crate) fn identify(&self, headers: &HeaderMap) -> Option<Identity> {
        let Some(credentials) = &self.0 else {
            return Some(Identity::Local);
        };
        let known = match headers.get(header::AUTHORIZATION) {
            // A wrong token is an error even beside a right cookie: the caller asked to be judged by it.
            Some(value) => {
                let value = value.as_bytes();
                credentials.accepts(bearer(value).unwrap_or(value))
            }
            None => credentials.sessions.accept(headers),
        };
        known.then_some(Identity::Operator)
    }

    /// Whom the payload of a socket's `connection_init` introduces: `{"token": "…"}`, or `{"authorization": "Bearer …"}` in
    /// any case, as other GraphQL clients send it. A payload without a token leaves it at whom the upgrade introduced.
    pub(crate) fn identify_payload(
        &self,
        payload: &Map<String, Value>,
        upgrade: Option<Identity>,
    ) -> Option<Identity> {
        let Some(credentials) = &self.0 else {
            return Some(Identity::Local);
        };
        let presented = payload.iter().find_map(|(key, value)| {
            let text = value.as_str().unwrap_or_default().as_bytes();
            match key.to_ascii_lowercase().as_str() {
                "token" => Some(text),
                "authorization" => Some(bearer(text).unwrap_or_default()),
                _ => None,
            }
        });
        match presented {
            Some(token) => credentials.accepts(token).then_some(Identity::Operator),
            None => upgrade,
        }
    }

    /// Whether this is the token, or none is needed.
    pub(crate) fn accepts(&self, token: &str) -> bool {
        self.0
            .as_ref()
            .is_none_or(|credentials| credentials.accepts(token.as_bytes()))
    }
}

impl fmt::Debug for Auth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Auth")
            .field("required", &self.is_required())
            .finish_non_exhaustive()
    }
}

impl Credentials {
    fn accepts(&self, token: &[u8]) -> bool {
        Sha256::digest(token).as_slice().ct_eq(&self.token).into()
    }
}

/// The token of `Bearer <token>`; the scheme is case-insensitive (RFC 9110, 11.1).
fn bearer(value: &[u8]) -> Option<&[u8]> {
    let (scheme, rest) = value.split_at_checked(7)?;
    scheme
        .eq_ignore_ascii_case(b"bearer ")
        .then(|| rest.trim_ascii())
}

/// Middleware that tells the handlers whom the request comes from, as an `Option<Identity>` extension.
pub(crate) async fn identify(
    State(auth): State<Auth>,
    mut request: Request,
    next: Next,
) -> Response {
    let identity = auth.identify(request.headers());
    request.extensions_mut().insert(identity);
    next.run(request).await
}

/// Middleware that lets only known senders through; stands behind [`identify`].
pub(crate) async fn require(request: Request, next: Next) -> Response {
    match request.extensions().get::<Option<Identity>>() {
        Some(Some(_)) => next.run(request).await,
        _ => challenge(unauthenticated().into_response()),
    }
}

/// The refusal of an unknown sender.
pub(crate) fn unauthenticated() -> ApiError {
    ApiError::new(
        ErrorCode::Unauthenticated,
        "this server asks for its access token",
    )
}

/// Adds to a 401 what RFC 9110, 15.5.2 asks for.
pub(crate) fn challenge(mut response: Response) -> Response {
    response
        .headers_mut()
        .insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn authorization(value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(header::AUTHORIZATION, HeaderValue::from_static(value))])
    }

    #[test]
    fn only_the_whole_token_opens() {
        let auth = Auth::new(Some("correct horse"));
        for value in [
            "Bearer correct horse",
            "bearer correct horse",
            "BEARER  correct horse ",
            "correct horse",
        ] {
            assert_eq!(
                auth.identify(&authorization(value)),
                Some(Identity::Operator),
                "{value}"
            );
        }
        for value in [
            "",
            "Bearer",
            "Bearer ",
            "Bearer correct",
            "Bearer correct horse2",
            "Basic correct horse",
            "correct",
            "correct horse2",
        ] {
            assert_eq!(auth.identify(&authorization(value)), None, "{value}");
        }
        assert_eq!(auth.identify(&HeaderMap::new()), None);
    }

    #[test]
    fn without_a_token_everybody_is_local() {
        let auth = Auth::new(None);
        assert_eq!(auth.identify(&HeaderMap::new()), Some(Identity::Local));
        assert_eq!(
            auth.identify(&authorization("Bearer anything")),
            Some(Identity::Local)
        );
        assert_eq!(
            auth.identify_payload(&Map::new(), None),
            Some(Identity::Local)
        );
    }

    #[test]
    fn a_socket_introduces_itself_in_its_payload() {
        let auth = Auth::new(Some("t"));
        let payload = |text| serde_json::from_str::<Map<String, Value>>(text).expect("JSON");
        let identify = |text, upgrade| auth.identify_payload(&payload(text), upgrade);
        for text in [
            r#"{"token":"t"}"#,
            r#"{"Authorization":"Bearer t"}"#,
            r#"{"authorization":"bearer t"}"#,
        ] {
            assert_eq!(identify(text, None), Some(Identity::Operator), "{text}");
        }
        for text in [
            r#"{"token":"x"}"#,
            r#"{"token":["t"]}"#,
            r#"{"authorization":"t"}"#,
        ] {
            assert_eq!(identify(text, Some(Identity::Operator)), None, "{text}");
        }
        assert_eq!(
            identify("{}", Some(Identity::Operator)),
            Some(Identity::Operator)
        );
        assert_eq!(identify("{}", None), None);
    }

    #[test]
    fn the_token_is_not_printed() {
        let auth = Auth::new(Some("hunter2"));
        assert!(!format!("{auth:?}").contains("hunter2"));
    }
}
