//! The values of settings: each checked as it is read, whether it comes from a flag, a variable or the file.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::str::FromStr;

use orcheo_api::LinkTemplate;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A text that is never shown.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct Secret(String);

impl Secret {
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

impl TryFrom<String> for Secret {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        if text.trim().is_empty() {
            return Err("it is empty");
        }
        Ok(Self(text))
    }
}

impl FromStr for Secret {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.to_owned().try_into()
    }
}

impl From<Secret> for String {
    fn from(secret: Secret) -> Self {
        secret.0
    }
}

/// A PostgreSQL connection string, as a URL or in the `key=value` form.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct DatabaseUrl(String);

impl DatabaseUrl {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for DatabaseUrl {
    type Err = String;

    /// The message never repeats the text, which may hold a password.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const EXPECTED: &str = "expected postgres://user:password@host:5432/database";
        let known = ["postgres://", "postgresql://"];
        let config = if text.contains("://") && !known.iter().any(|scheme| text.starts_with(scheme))
        {
            return Err(format!("it is no PostgreSQL URL; {EXPECTED}"));
        } else {
            text.parse::<tokio_postgres::Config>()
        };
        match config {
            Ok(config) if config.get_hosts().is_empty() => {
                Err(format!("it names no host; {EXPECTED}"))
            }
            Ok(_) => Ok(Self(text.to_owned())),
            Err(error) => {
                let cause = std::error::Error::source(&error)
                    .map_or_else(|| error.to_string(), ToString::to_string);
                Err(format!("it is no PostgreSQL URL ({cause}); {EXPECTED}"))
            }
        }
    }
}

impl TryFrom<String> for DatabaseUrl {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<DatabaseUrl> for String {
    fn from(url: DatabaseUrl) -> Self {
        url.0
    }
}

/// Shows where it leads, without the password.
impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use tokio_postgres::config::Host;
        let Ok(config) = self.0.parse::<tokio_postgres::Config>() else {
            return f.write_str("PostgreSQL");
        };
        let host = match config.get_hosts().first() {
            Some(Host::Tcp(host)) => host.clone(),
            Some(Host::Unix(directory)) => directory.display().to_string(),
            None => "localhost".to_owned(),
        };
        let port = config.get_ports().first().copied().unwrap_or(5432);
        let name = config
            .get_dbname()
            .or(config.get_user())
            .unwrap_or_default();
        write!(f, "{host}:{port}/{name}")
    }
}

/// An address to listen on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct Listen(SocketAddr);

impl Listen {
    pub(crate) fn loopback(port: u16) -> Self {
        Self((Ipv4Addr::LOCALHOST, port).into())
    }

    pub(crate) fn address(self) -> SocketAddr {
        self.0
    }

    pub(crate) fn is_loopback(self) -> bool {
        match self.0.ip() {
            IpAddr::V4(ip) => ip.is_loopback(),
            IpAddr::V6(ip) => {
                ip.is_loopback() || ip.to_ipv4_mapped().is_some_and(|ip| ip.is_loopback())
            }
        }
    }
}

impl FromStr for Listen {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let named = text
            .strip_prefix("localhost:")
            .and_then(|port| port.parse().ok());
        match named {
            Some(port) => Ok(Self::loopback(port)),
            None => text.parse().map(Self).map_err(|_| {
                format!("`{text}` is no address; expected ADDRESS:PORT, such as 127.0.0.1:8000 or [::1]:8000")
            }),
        }
    }
}

impl TryFrom<String> for Listen {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Listen> for String {
    fn from(listen: Listen) -> Self {
        listen.to_string()
    }
}

impl fmt::Display for Listen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// How log messages look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LogFormat {
    /// Text on a terminal, JSON elsewhere
    Auto,
    /// One line for people
    Text,
    /// One JSON object a line
    Json,
}

/// Whether spans tell content: `true` or `false`, or one of the words that OpenTelemetry has for where it goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "CaptureForm", into = "bool")]
pub(crate) struct Capture(pub(crate) bool);

#[derive(Deserialize)]
#[serde(untagged, expecting = "expected true or false")]
enum CaptureForm {
    Boolean(bool),
    Word(String),
}

impl TryFrom<CaptureForm> for Capture {
    type Error = String;

    fn try_from(form: CaptureForm) -> Result<Self, Self::Error> {
        match form {
            CaptureForm::Boolean(captured) => Ok(Self(captured)),
            CaptureForm::Word(word) => word.parse(),
        }
    }
}

impl From<Capture> for bool {
    fn from(capture: Capture) -> Self {
        capture.0
    }
}

impl FromStr for Capture {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.trim().to_ascii_lowercase().as_str() {
            "true" | "1" | "span_only" | "span_and_event" => Ok(Self(true)),
            // Content is told in spans alone: who wants it in events only, wants none here.
            "false" | "0" | "no_content" | "event_only" => Ok(Self(false)),
            _ => Err(format!(
                "`{text}` is neither true nor false, nor NO_CONTENT, SPAN_ONLY, EVENT_ONLY or SPAN_AND_EVENT"
            )),
        }
    }
}

/// A dashboard that shows the same trace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExternalLink {
    pub(crate) name: String,
    /// With variables such as `{trace_id}`.
    pub(crate) url: String,
}

impl FromStr for ExternalLink {
    type Err = String;

    /// `NAME=URL`, or the URL alone, which is then named for its host.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let start = ["http://", "https://"]
            .iter()
            .filter_map(|scheme| text.find(scheme))
            .min();
        let Some(start) = start else {
            return Err(format!(
                "`{text}` is no link; expected NAME=https://… with {{trace_id}} in it"
            ));
        };
        let (name, url) = text.split_at(start);
        let name = match name.trim().trim_end_matches('=').trim_end() {
            "" => {
                let host = url.split("://").nth(1).unwrap_or(url);
                host.split(['/', ':', '?']).next().unwrap_or(host)
            }
            name => name,
        };
        let link = format!("{name}={url}").parse::<LinkTemplate>();
        link.map_err(|error| error.to_string())?;
        Ok(Self {
            name: name.to_owned(),
            url: url.trim().to_owned(),
        })
    }
}

/// Links as one text, or as a list of texts or `{ name, url }` tables in the file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "LinksForm", into = "Vec<ExternalLink>")]
pub(crate) struct ExternalLinks(pub(crate) Vec<ExternalLink>);

#[derive(Deserialize)]
#[serde(
    untagged,
    expecting = "expected a text or a list of texts or of { name, url } tables"
)]
enum LinksForm {
    Text(String),
    List(Vec<LinkForm>),
}

#[derive(Deserialize)]
#[serde(untagged)]
enum LinkForm {
    Text(String),
    Table(ExternalLink),
}

impl TryFrom<LinksForm> for ExternalLinks {
    type Error = String;

    fn try_from(form: LinksForm) -> Result<Self, Self::Error> {
        match form {
            LinksForm::Text(text) => text.parse(),
            LinksForm::List(links) => links
                .into_iter()
                .map(|link| match link {
                    LinkForm::Text(text) => text.parse(),
                    LinkForm::Table(link) => format!("{}={}", link.name, link.url).parse(),
                })
                .collect::<Result<_, _>>()
                .map(Self),
        }
    }
}

impl From<ExternalLinks> for Vec<ExternalLink> {
    fn from(links: ExternalLinks) -> Self {
        links.0
    }
}

impl FromStr for ExternalLinks {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut links: Vec<String> = Vec::new();
        for part in text.split(',') {
            match links.last_mut() {
                // A comma inside a link, as in Grafana's: what follows is no link of its own.
                Some(link) if !part.contains("://") => *link = format!("{link},{part}"),
                _ if part.trim().is_empty() => {}
                _ => links.push(part.to_owned()),
            }
        }
        links
            .iter()
            .map(|link| link.trim().trim_end_matches(',').parse())
            .collect::<Result<_, _>>()
            .map(Self)
    }
}

/// Reads `NAME=VALUE`: a value that is JSON is taken as such, anything else as text.
pub(crate) fn input(text: &str) -> Result<(String, Value), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => {
            let value = serde_json::from_str(value).unwrap_or_else(|_| Value::from(value));
            Ok((name.to_owned(), value))
        }
        _ => Err("expected NAME=VALUE".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_database_url_is_shown_without_its_password() {
        let url: DatabaseUrl = "postgres://me:hush@db.example:6432/traces".parse().unwrap();
        assert_eq!(url.to_string(), "db.example:6432/traces");
        let url: DatabaseUrl = "host=/run/pg user=me password=hush".parse().unwrap();
        assert_eq!(url.to_string(), "/run/pg:5432/me");
    }

    #[test]
    fn what_is_no_database_url_is_refused_without_repeating_it() {
        for text in [
            "mysql://me:hush@db/x",
            "postgres://me:hush@db:port/x",
            "hush",
            "user=hush",
            "postgres://",
        ] {
            let message = text.parse::<DatabaseUrl>().unwrap_err();
            assert!(
                message.ends_with("expected postgres://user:password@host:5432/database"),
                "{message}"
            );
            assert!(!message.contains("hush"), "{message}");
        }
    }

    #[test]
    fn content_is_captured_in_the_words_of_the_standard() {
        let captured = |text: &str| text.parse::<Capture>().map(|capture| capture.0);
        for text in ["true", "True", "SPAN_ONLY", "span_and_event", " 1 "] {
            assert_eq!(captured(text), Ok(true), "{text}");
        }
        for text in ["false", "NO_CONTENT", "EVENT_ONLY", "0"] {
            assert_eq!(captured(text), Ok(false), "{text}");
        }
        assert!(
            captured("perhaps")
                .unwrap_err()
                .starts_with("`perhaps` is neither")
        );
    }

    #[test]
    fn links_may_contain_commas_and_go_without_a_name() {
        let links: ExternalLinks =
            "Grafana=https://g.example/explore?left=a,b,{trace_id}, https://jaeger.example:16686/trace/{trace_id}".parse().unwrap();
        let links: Vec<_> = links
            .0
            .iter()
            .map(|link| (link.name.as_str(), link.url.as_str()))
            .collect();
        assert_eq!(
            links,
            [
                ("Grafana", "https://g.example/explore?left=a,b,{trace_id}"),
                (
                    "jaeger.example",
                    "https://jaeger.example:16686/trace/{trace_id}"
                ),
            ],
        );
        assert_eq!(
            "".parse::<ExternalLinks>().unwrap(),
            ExternalLinks::default()
        );
    }

    #[test]
    fn a_link_that_leads_nowhere_in_particular_is_refused() {
        assert_eq!(
            "Jaeger=https://jaeger.example/"
                .parse::<ExternalLinks>()
                .unwrap_err(),
            r#"the link "Jaeger=https://jaeger.example/" names no trace: use {trace_id}"#,
        );
        assert!(
            "Jaeger"
                .parse::<ExternalLinks>()
                .unwrap_err()
                .starts_with("`Jaeger` is no link")
        );
        assert!(
            "x=javascript:alert({trace_id})"
                .parse::<ExternalLinks>()
                .is_err()
        );
    }

    #[test]
    fn inputs_are_json_or_text() {
        assert_eq!(input("steps=5"), Ok(("steps".to_owned(), json!(5))));
        assert_eq!(
            input("a={\"b\": [1]}"),
            Ok(("a".to_owned(), json!({"b": [1]})))
        );
        assert_eq!(input("q=a = b?"), Ok(("q".to_owned(), json!("a = b?"))));
        assert_eq!(input("q=\"5\""), Ok(("q".to_owned(), json!("5"))));
        assert!(input("steps").is_err());
        assert!(input("=5").is_err());
    }
}
