//! Whose pages may speak to this server: the `Host` and `Origin` of every request.
//!
//! Any web page can reach loopback. `Host` tells requests that came by a name of the attacker's own (DNS rebinding),
//! `Origin` those that a page of another site makes.

use std::{net::IpAddr, sync::Arc};

use axum::{
    extract::{Request, State},
    http::{HeaderMap, Uri, header, uri::Authority},
    middleware::Next,
    response::{IntoResponse, Response},
};

use crate::error::{ApiError, ErrorCode};

/// The hosts this server is, and the origins whose pages may use it. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Origins(Arc<Settings>);

#[derive(Debug, Default)]
struct Settings {
    any_address: bool,
    hosts: Vec<String>,
    origins: Vec<String>,
}

impl Origins {
    /// `localhost` and loopback addresses are always ours. A server that listens beyond loopback is also reached by any
    /// IP address: an address in `Host` proves that no name was rebound. `hosts` (`name` or `name:port`) and `origins`
    /// (`https://name`) come on top.
    pub fn new(
        listen: IpAddr,
        hosts: impl IntoIterator<Item = String>,
        origins: impl IntoIterator<Item = String>,
    ) -> Self {
        Self(Arc::new(Settings {
            any_address: !listen.is_loopback(),
            hosts: hosts
                .into_iter()
                .map(|host| host.to_ascii_lowercase())
                .collect(),
            origins: origins
                .into_iter()
                .map(|origin| origin.trim_end_matches('/').to_ascii_lowercase())
                .collect(),
        }))
    }

    /// Whether pages of `origin` were allowed by configuration, so that CORS has to be answered.
    pub(crate) fn is_configured(&self, origin: &[u8]) -> bool {
        self.0
            .origins
            .iter()
            .any(|allowed| origin.eq_ignore_ascii_case(allowed.as_bytes()))
    }

    /// # Errors
    /// `FORBIDDEN` when the request came by a name that is not ours, or from a page that is not.
    pub(crate) fn check(&self, uri: &Uri, headers: &HeaderMap) -> Result<(), ApiError> {
        let host: Authority = headers
            .get(header::HOST)
            .and_then(|host| host.to_str().ok())
            .or_else(|| uri.authority().map(Authority::as_str))
            .and_then(|host| host.parse().ok())
            .ok_or_else(|| forbidden("the request names no host"))?;
        if !self.is_ours(&host) {
            return Err(forbidden("this server is not known by the name in Host"));
        }
        match headers.get(header::ORIGIN) {
            None => Ok(()),
            Some(origin) if self.is_configured(origin.as_bytes()) => Ok(()),
            Some(origin) if is_same(origin.as_bytes(), &host) => Ok(()),
            Some(_) => Err(forbidden("pages of this origin may not use this server")),
        }
    }

    fn is_ours(&self, host: &Authority) -> bool {
        let name = host.host().to_ascii_lowercase();
        let listed =
            |allowed: &String| *allowed == name || *allowed == host.as_str().to_ascii_lowercase();
        if name == "localhost" || self.0.hosts.iter().any(listed) {
            return true;
        }
        name.trim_matches(['[', ']'])
            .parse::<IpAddr>()
            .is_ok_and(|address| self.0.any_address || address.is_loopback())
    }
}

/// Whether a page of `origin` was served by `host`. The scheme is left out: behind a proxy that ends TLS we do not know ours.
fn is_same(origin: &[u8], host: &Authority) -> bool {
    let Some(origin) = std::str::from_utf8(origin)
        .ok()
        .and_then(|origin| origin.parse::<Uri>().ok())
    else {
        return false;
    };
    let default_port = match origin.scheme_str() {
        Some("http") => 80,
        Some("https") => 443,
        _ => return false,
    };
    origin.authority().is_some_and(|origin| {
        origin.host().eq_ignore_ascii_case(host.host())
            && origin.port_u16().unwrap_or(default_port) == host.port_u16().unwrap_or(default_port)
    })
}

fn forbidden(message: &'static str) -> ApiError {
    ApiError::new(ErrorCode::Forbidden, message)
}

/// Middleware that refuses what [`Origins::check`] refuses.
pub(crate) async fn check(
    State(origins): State<Origins>,
    request: Request,
    next: Next,
) -> Response {
    match origins.check(request.uri(), request.headers()) {
        Ok(()) => next.run(request).await,
        Err(error) => error.into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(origins: &Origins, host: &str, origin: Option<&str>) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, host.parse().expect("a header"));
        if let Some(origin) = origin {
            headers.insert(header::ORIGIN, origin.parse().expect("a header"));
        }
        origins
            .check(&Uri::from_static("/graphql"), &headers)
            .is_ok()
    }

    fn loopback() -> Origins {
        Origins::new(
            IpAddr::from([127, 0, 0, 1]),
            ["trace.example".to_owned(), "Other.example:8443".to_owned()],
            ["https://canvas.example/".to_owned()],
        )
    }

    #[test]
    fn a_server_answers_to_its_own_names_only() {
        let ours = loopback();
        for host in [
            "localhost",
            "LOCALHOST:8000",
            "127.0.0.1:8000",
            "127.9.9.9",
            "[::1]:8000",
            "trace.example",
            "trace.example:8000",
            "other.example:8443",
        ] {
            assert!(check(&ours, host, None), "{host}");
        }
        for host in [
            "evil.example",
            "localhost.evil.example",
            "127.0.0.1.evil.example",
            "10.0.0.1:8000",
            "[2001:db8::1]",
            "other.example",
            "user@evil.example",
            "",
        ] {
            assert!(!check(&ours, host, None), "{host}");
        }
    }

    #[test]
    fn beyond_loopback_an_address_is_ours_and_a_name_is_not() {
        let open = Origins::new(IpAddr::from([0, 0, 0, 0]), [], []);
        assert!(check(&open, "192.0.2.7:8000", None));
        assert!(check(
            &open,
            "192.0.2.7:8000",
            Some("http://192.0.2.7:8000")
        ));
        assert!(!check(&open, "evil.example:8000", None));
    }

    #[test]
    fn only_our_pages_and_configured_ones_may_speak_to_us() {
        let ours = loopback();
        for (host, origin) in [
            ("localhost:8000", "http://localhost:8000"),
            ("trace.example", "https://trace.example"),
            ("trace.example:443", "https://trace.example"),
            ("localhost:8000", "https://canvas.example"),
        ] {
            assert!(check(&ours, host, Some(origin)), "{host} {origin}");
        }
        for (host, origin) in [
            ("localhost:8000", "null"),
            ("localhost:8000", "http://localhost:3000"),
            ("localhost:8000", "http://127.0.0.1:8000"),
            ("localhost:8000", "https://evil.example"),
            ("localhost:8000", "https://canvas.example.evil.example"),
            ("localhost", "file://localhost"),
            ("localhost:8000", ""),
        ] {
            assert!(!check(&ours, host, Some(origin)), "{host} {origin}");
        }
    }

    #[test]
    fn a_request_without_a_host_is_refused() {
        assert!(
            loopback()
                .check(&Uri::from_static("/"), &HeaderMap::new())
                .is_err()
        );
        let absolute = Uri::from_static("http://localhost:8000/");
        assert!(loopback().check(&absolute, &HeaderMap::new()).is_ok());
    }
}
