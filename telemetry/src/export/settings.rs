//! Where to export to, by OpenTelemetry's variables, with Orcheo's own names as aliases.

use std::fmt;

/// Transport of OTLP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportProtocol {
    Grpc,
    HttpProtobuf,
}

/// Where spans are exported to. Headers, time limit and compression are read from the standard's variables by the exporter.
#[derive(Clone, PartialEq, Eq)]
pub struct ExportSettings {
    /// Complete: with `/v1/traces`, where the protocol wants a path.
    pub endpoint: String,
    pub protocol: ExportProtocol,
    /// Spans that may wait for the collector; more are dropped, and counted.
    pub queue_size: usize,
}

/// Why there can be no export.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExportError {
    /// A variable has a value that we do not know.
    #[error("{variable}={value:?} is not supported: use {supported}")]
    Unsupported {
        variable: &'static str,
        value: String,
        supported: &'static str,
    },
    /// The endpoint, headers or certificates cannot be used.
    #[error("{0}")]
    Exporter(String),
}

const EXPORTER: &str = "OTEL_TRACES_EXPORTER";
const ALIAS_EXPORTER: &str = "ORCHEO_TRACING_EXPORTER";
const ENDPOINT: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";
const TRACES_ENDPOINT: &str = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";
const ALIAS_ENDPOINT: &str = "ORCHEO_TRACING_ENDPOINT";
const PROTOCOL: &str = "OTEL_EXPORTER_OTLP_PROTOCOL";
const TRACES_PROTOCOL: &str = "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL";
const INSECURE: [&str; 3] = [
    "OTEL_EXPORTER_OTLP_TRACES_INSECURE",
    "OTEL_EXPORTER_OTLP_INSECURE",
    "ORCHEO_TRACING_INSECURE",
];
const QUEUE_SIZE: &str = "OTEL_BSP_MAX_QUEUE_SIZE";

/// The standard's default.
const DEFAULT_QUEUE_SIZE: usize = 2_048;

impl ExportSettings {
    /// Export to `endpoint`, which is complete.
    pub fn new(protocol: ExportProtocol, endpoint: impl Into<String>) -> Self {
        Self {
            endpoint: endpoint.into(),
            protocol,
            queue_size: DEFAULT_QUEUE_SIZE,
        }
    }

    /// What the environment asks for; `None` when no endpoint is named, or `OTEL_SDK_DISABLED` or an exporter of `none` says so.
    ///
    /// # Errors
    /// An exporter other than `otlp` or `none`, or a protocol other than `grpc` and `http/protobuf`.
    pub fn from_env() -> Result<Option<Self>, ExportError> {
        Self::from_variables(|name| std::env::var(name).ok())
    }

    pub(crate) fn from_variables(
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Option<Self>, ExportError> {
        // An empty variable is an unset one (OpenTelemetry, environment variable specification).
        let set = |name: &str| {
            variable(name)
                .map(|value| value.trim().to_owned())
                .filter(|value| !value.is_empty())
        };
        let first = |names: &[&'static str]| {
            names
                .iter()
                .find_map(|name| set(name).map(|value| (*name, value)))
        };
        let is_true = |name: &str| {
            set(name).is_some_and(|value| value.eq_ignore_ascii_case("true") || value == "1")
        };
        if is_true("OTEL_SDK_DISABLED") {
            return Ok(None);
        }
        let exporter = first(&[EXPORTER, ALIAS_EXPORTER]);
        let asked = match &exporter {
            None => false,
            Some((_, value)) if value.eq_ignore_ascii_case("otlp") => true,
            Some((_, value)) if value.eq_ignore_ascii_case("none") => return Ok(None),
            Some((variable, value)) => return Err(unsupported(variable, value, "otlp or none")),
        };
        let protocol = match first(&[TRACES_PROTOCOL, PROTOCOL]) {
            None => ExportProtocol::Grpc,
            Some((_, value)) if value.eq_ignore_ascii_case("grpc") => ExportProtocol::Grpc,
            Some((_, value)) if value.eq_ignore_ascii_case("http/protobuf") => {
                ExportProtocol::HttpProtobuf
            }
            Some((variable, value)) => {
                return Err(unsupported(variable, &value, "grpc or http/protobuf"));
            }
        };
        let Some(endpoint) = endpoint(
            protocol,
            first(&[TRACES_ENDPOINT, ENDPOINT, ALIAS_ENDPOINT]),
            asked,
        ) else {
            return Ok(None);
        };
        let endpoint = with_scheme(endpoint, INSECURE.iter().any(|name| is_true(name)));
        let queue_size = set(QUEUE_SIZE)
            .and_then(|size| size.parse().ok())
            .filter(|size| *size > 0)
            .unwrap_or(DEFAULT_QUEUE_SIZE);
        Ok(Some(Self {
            endpoint,
            protocol,
            queue_size,
        }))
    }
}

impl fmt::Debug for ExportSettings {
    /// Leaves out what a URL may hold besides a place: credentials.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = self
            .endpoint
            .rsplit_once('@')
            .map_or(self.endpoint.as_str(), |(_, place)| place);
        f.debug_struct("ExportSettings")
            .field("endpoint", &place)
            .field("protocol", &self.protocol)
            .finish_non_exhaustive()
    }
}

fn unsupported(variable: &'static str, value: &str, supported: &'static str) -> ExportError {
    ExportError::Unsupported {
        variable,
        value: value.to_owned(),
        supported,
    }
}

fn endpoint(
    protocol: ExportProtocol,
    named: Option<(&'static str, String)>,
    asked: bool,
) -> Option<String> {
    const PATH: &str = "v1/traces";
    match (named, protocol) {
        // The variable of one signal is complete.
        (Some((TRACES_ENDPOINT, endpoint)), _) | (Some((_, endpoint)), ExportProtocol::Grpc) => {
            Some(endpoint)
        }
        (Some((_, endpoint)), ExportProtocol::HttpProtobuf) if endpoint.ends_with(PATH) => {
            Some(endpoint)
        }
        (Some((_, endpoint)), ExportProtocol::HttpProtobuf) => {
            Some(format!("{}/{PATH}", endpoint.trim_end_matches('/')))
        }
        (None, ExportProtocol::Grpc) => asked.then(|| "http://localhost:4317".to_owned()),
        (None, ExportProtocol::HttpProtobuf) => {
            asked.then(|| format!("http://localhost:4318/{PATH}"))
        }
    }
}

fn with_scheme(endpoint: String, insecure: bool) -> String {
    match (endpoint.contains("://"), insecure) {
        (true, _) => endpoint,
        (false, true) => format!("http://{endpoint}"),
        (false, false) => format!("https://{endpoint}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Result<Option<(String, ExportProtocol)>, ExportError> {
        let find = |name: &str| {
            variables
                .iter()
                .find(|(key, _)| *key == name)
                .map(|(_, value)| (*value).to_owned())
        };
        Ok(ExportSettings::from_variables(find)?
            .map(|settings| (settings.endpoint, settings.protocol)))
    }

    fn found(
        endpoint: &str,
        protocol: ExportProtocol,
    ) -> Result<Option<(String, ExportProtocol)>, ExportError> {
        Ok(Some((endpoint.to_owned(), protocol)))
    }

    #[test]
    fn nothing_is_exported_unless_asked_for() {
        assert_eq!(read(&[]), Ok(None));
        assert_eq!(read(&[(ENDPOINT, " ")]), Ok(None));
        assert_eq!(
            read(&[(EXPORTER, "none"), (ENDPOINT, "http://c:4317")]),
            Ok(None)
        );
        assert_eq!(
            read(&[("OTEL_SDK_DISABLED", "true"), (ENDPOINT, "http://c:4317")]),
            Ok(None)
        );
        assert_eq!(
            read(&[(ALIAS_EXPORTER, "none"), (ALIAS_ENDPOINT, "http://c:4317")]),
            Ok(None)
        );
    }

    #[test]
    fn the_signal_s_variables_go_before_the_common_ones_and_those_before_the_aliases() {
        use ExportProtocol::{Grpc, HttpProtobuf};
        let common = (ENDPOINT, "http://common:4318/");
        let alias = (ALIAS_ENDPOINT, "http://alias:4317");
        let http = (PROTOCOL, "http/protobuf");
        assert_eq!(read(&[alias]), found("http://alias:4317", Grpc));
        assert_eq!(read(&[alias, common]), found("http://common:4318/", Grpc));
        assert_eq!(
            read(&[alias, common, http]),
            found("http://common:4318/v1/traces", HttpProtobuf)
        );
        assert_eq!(
            read(&[common, http, (TRACES_ENDPOINT, "http://traces/x")]),
            found("http://traces/x", HttpProtobuf)
        );
        assert_eq!(
            read(&[common, http, (TRACES_PROTOCOL, "grpc")]),
            found("http://common:4318/", Grpc)
        );
        assert_eq!(
            read(&[(ALIAS_EXPORTER, "otlp")]),
            found("http://localhost:4317", Grpc)
        );
        assert_eq!(
            read(&[(EXPORTER, "otlp"), http]),
            found("http://localhost:4318/v1/traces", HttpProtobuf)
        );
    }

    #[test]
    fn an_endpoint_without_a_scheme_is_secure_unless_said_otherwise() {
        assert_eq!(
            read(&[(ENDPOINT, "c:4317")]),
            found("https://c:4317", ExportProtocol::Grpc)
        );
        assert_eq!(
            read(&[(ENDPOINT, "c:4317"), (INSECURE[2], "true")]),
            found("http://c:4317", ExportProtocol::Grpc)
        );
    }

    #[test]
    fn what_is_not_supported_is_named() {
        let error =
            read(&[(PROTOCOL, "http/json"), (ENDPOINT, "http://c")]).expect_err("unsupported");
        assert_eq!(
            error.to_string(),
            r#"OTEL_EXPORTER_OTLP_PROTOCOL="http/json" is not supported: use grpc or http/protobuf"#
        );
        assert!(read(&[(EXPORTER, "zipkin")]).is_err());
    }

    #[test]
    fn debug_output_tells_no_credentials() {
        let settings = ExportSettings::new(ExportProtocol::Grpc, "https://u:hunter2@c:4317");
        assert!(!format!("{settings:?}").contains("hunter2"));
    }
}
