//! The web client's session: `POST`, `GET` and `DELETE /api/session`.
//!
//! A bearer token cannot ride on links, images or `EventSource`. The cookie is a signed expiry and nothing else, so that
//! every process with the same token accepts it, and a new token ends all sessions.

use axum::{
    Json,
    extract::{State, rejection::JsonRejection},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use axum_extra::extract::{
    SignedCookieJar,
    cookie::{Cookie, Key, SameSite},
};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha512};
use utoipa::ToSchema;

use super::auth::Auth;
use crate::error::{ApiError, ErrorCode, Problem};

pub(crate) const COOKIE: &str = "orcheo_trace_session";

/// Long enough for a working week, short enough that a copied cookie is not a key for ever. Browsers forget it earlier, when
/// they are closed.
const LIFETIME: TimeDelta = TimeDelta::days(7);

/// Makes and accepts session cookies.
pub(crate) struct Sessions {
    key: Key,
}

impl Sessions {
    pub(crate) fn new(token: &str) -> Self {
        let digest = Sha512::new()
            .chain_update("orcheo-trace session\0")
            .chain_update(token)
            .finalize();
        Self {
            key: Key::from(&digest),
        }
    }

    /// Whether `headers` carry a session that has not expired.
    pub(crate) fn accept(&self, headers: &HeaderMap) -> bool {
        self.jar(headers)
            .get(COOKIE)
            .and_then(|cookie| cookie.value().parse().ok())
            .and_then(|seconds| DateTime::from_timestamp(seconds, 0))
            .is_some_and(|expires| Utc::now() < expires)
    }

    fn open(&self, headers: &HeaderMap, now: DateTime<Utc>) -> SignedCookieJar {
        let cookie = Cookie::build((COOKIE, (now + LIFETIME).timestamp().to_string()))
            .secure(is_https(headers));
        self.jar(headers).add(attributes(cookie.build()))
    }

    fn close(&self, headers: &HeaderMap) -> SignedCookieJar {
        self.jar(headers).remove(attributes(Cookie::from(COOKIE)))
    }

    fn jar(&self, headers: &HeaderMap) -> SignedCookieJar {
        SignedCookieJar::from_headers(headers, self.key.clone())
    }
}

/// Out of reach of scripts, and sent only with requests that our own pages make.
fn attributes(mut cookie: Cookie<'static>) -> Cookie<'static> {
    cookie.set_http_only(true);
    cookie.set_same_site(SameSite::Strict);
    cookie.set_path("/");
    cookie
}

/// Browsers name the scheme of the page in `Origin`, also behind a proxy that ends TLS.
fn is_https(headers: &HeaderMap) -> bool {
    headers
        .get(header::ORIGIN)
        .is_some_and(|origin| origin.as_bytes().starts_with(b"https://"))
}

/// The body of a sign-in.
#[derive(Deserialize, ToSchema)]
pub(crate) struct SignIn {
    /// The access token of the server.
    token: String,
}

/// Whether the caller has to sign in.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SessionState {
    /// Whether this server asks for a token at all.
    required: bool,
    /// Whether this request would be let through: by a cookie, by a bearer token, or because none is required.
    authenticated: bool,
}

/// Signs the web client in: the token comes in, an HttpOnly cookie goes out, which counts wherever the bearer token does.
#[utoipa::path(post, path = "/api/session", tag = "session", request_body = SignIn, responses(
    (status = 200, description = "Signed in; `Set-Cookie` carries the session", body = SessionState),
    (status = 401, description = "Not the token", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn sign_in(
    State(auth): State<Auth>,
    headers: HeaderMap,
    body: Result<Json<SignIn>, JsonRejection>,
) -> Result<Response, ApiError> {
    let Json(SignIn { token }) = body.map_err(|error| ApiError::bad_input(error.body_text()))?;
    if !auth.accepts(&token) {
        return Err(ApiError::new(
            ErrorCode::Unauthenticated,
            "this is not the access token",
        ));
    }
    let cookie = auth
        .sessions()
        .map(|sessions| sessions.open(&headers, Utc::now()));
    let state = SessionState {
        required: auth.is_required(),
        authenticated: true,
    };
    Ok((cookie, Json(state)).into_response())
}

/// Tells whether a sign-in is needed.
#[utoipa::path(get, path = "/api/session", tag = "session", responses(
    (status = 200, description = "Whether a token is asked for, and whether this request has it", body = SessionState),
))]
pub(crate) async fn state(State(auth): State<Auth>, headers: HeaderMap) -> Json<SessionState> {
    Json(SessionState {
        required: auth.is_required(),
        authenticated: auth.identify(&headers).is_some(),
    })
}

/// Signs the web client out.
#[utoipa::path(delete, path = "/api/session", tag = "session", responses(
    (status = 204, description = "Signed out; the cookie is taken back"),
))]
pub(crate) async fn sign_out(State(auth): State<Auth>, headers: HeaderMap) -> Response {
    let cookie = auth.sessions().map(|sessions| sessions.close(&headers));
    (cookie, StatusCode::NO_CONTENT).into_response()
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    /// The request headers of a browser that received the response headers of `jar`.
    fn received(jar: SignedCookieJar) -> HeaderMap {
        let response = jar.into_response();
        let set = response.headers()[header::SET_COOKIE]
            .to_str()
            .expect("ASCII");
        let pair = set.split(';').next().expect("a cookie");
        HeaderMap::from_iter([(header::COOKIE, HeaderValue::from_str(pair).expect("ASCII"))])
    }

    #[test]
    fn a_session_counts_until_it_expires_and_only_for_its_token() {
        let sessions = Sessions::new("token");
        let fresh = received(sessions.open(&HeaderMap::new(), Utc::now()));
        assert!(sessions.accept(&fresh));
        assert!(!Sessions::new("another").accept(&fresh));
        let stale = received(sessions.open(&HeaderMap::new(), Utc::now() - LIFETIME));
        assert!(!sessions.accept(&stale));
        assert!(!sessions.accept(&HeaderMap::new()));
    }

    #[test]
    fn a_changed_expiry_is_refused() {
        let sessions = Sessions::new("token");
        let mut forged = received(sessions.open(&HeaderMap::new(), Utc::now() - LIFETIME));
        let later = (Utc::now() + LIFETIME).timestamp().to_string();
        let text = forged[header::COOKIE].to_str().expect("ASCII").to_owned();
        let signature = &text[..text.len() - later.len()];
        let value = HeaderValue::from_str(&format!("{signature}{later}")).expect("ASCII");
        forged.insert(header::COOKIE, value);
        assert!(!sessions.accept(&forged));
    }

    #[test]
    fn the_cookie_is_out_of_reach_of_scripts_and_of_other_sites() {
        let https = HeaderMap::from_iter([(
            header::ORIGIN,
            HeaderValue::from_static("https://trace.example"),
        )]);
        let response = Sessions::new("token")
            .open(&https, Utc::now())
            .into_response();
        let cookie = response.headers()[header::SET_COOKIE]
            .to_str()
            .expect("ASCII");
        for attribute in ["HttpOnly", "SameSite=Strict", "Path=/", "Secure"] {
            assert!(cookie.contains(attribute), "{cookie}");
        }
    }
}
