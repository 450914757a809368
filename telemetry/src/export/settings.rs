//! Where to export to, by OpenTelemetry's variables, with Orcheo's own names as aliases.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use super::tls::{NamedFile, TlsFiles};

/// Transport of OTLP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportProtocol {
    Grpc,
    HttpProtobuf,
}

/// Where spans are exported to. Headers and compression are read from the standard's variables by the exporter.
#[derive(Clone, PartialEq, Eq)]
pub struct ExportSettings {
    /// Complete: with `/v1/traces`, where the protocol wants a path.
    pub endpoint: String,
    pub protocol: ExportProtocol,
    /// Spans that may wait for the collector; more are dropped, and counted.
    pub queue_size: usize,
    /// Of one request over HTTP; over gRPC the exporter reads the variable itself.
    pub(super) timeout: Duration,
    pub(super) tls: TlsFiles,
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
    /// A variable is of no use without another one.
    #[error("{variable} is set, but {missing} is not")]
    Incomplete {
        variable: &'static str,
        missing: &'static str,
    },
    /// A file that a variable names cannot be used.
    #[error("{variable}: {}: {cause}", .path.display())]
    File {
        variable: &'static str,
        path: PathBuf,
        cause: String,
    },
    /// The endpoint, headers or certificates cannot be used.
    #[error("{0}")]
    Exporter(String),
}

/// The variables of a signal; of each kind the first that is set counts.
struct Signal {
    exporter: &'static [&'static str],
    /// The endpoint of this signal alone, which is complete.
    own_endpoint: &'static str,
    endpoint: &'static [&'static str],
    protocol: [&'static str; 2],
    insecure: &'static [&'static str],
    timeout: [&'static str; 2],
    certificate: [&'static str; 2],
    client_certificate: [&'static str; 2],
    client_key: [&'static str; 2],
    /// What the endpoint of all signals needs to become this one's, over HTTP.
    path: &'static str,
}

const ENDPOINT: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";
const PROTOCOL: &str = "OTEL_EXPORTER_OTLP_PROTOCOL";
const INSECURE: &str = "OTEL_EXPORTER_OTLP_INSECURE";
const TIMEOUT: &str = "OTEL_EXPORTER_OTLP_TIMEOUT";
const CERTIFICATE: &str = "OTEL_EXPORTER_OTLP_CERTIFICATE";
const CLIENT_CERTIFICATE: &str = "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE";
const CLIENT_KEY: &str = "OTEL_EXPORTER_OTLP_CLIENT_KEY";

const TRACES: Signal = Signal {
    exporter: &["OTEL_TRACES_EXPORTER", "ORCHEO_TRACING_EXPORTER"],
    own_endpoint: "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
    endpoint: &[
        "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
        ENDPOINT,
        "ORCHEO_TRACING_ENDPOINT",
    ],
    protocol: ["OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", PROTOCOL],
    insecure: &[
        "OTEL_EXPORTER_OTLP_TRACES_INSECURE",
        INSECURE,
        "ORCHEO_TRACING_INSECURE",
    ],
    timeout: ["OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", TIMEOUT],
    certificate: ["OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE", CERTIFICATE],
    client_certificate: [
        "OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE",
        CLIENT_CERTIFICATE,
    ],
    client_key: ["OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY", CLIENT_KEY],
    path: "v1/traces",
};

/// Orcheo's names are of traces only.
const METRICS: Signal = Signal {
    exporter: &["OTEL_METRICS_EXPORTER"],
    own_endpoint: "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT",
    endpoint: &["OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", ENDPOINT],
    protocol: ["OTEL_EXPORTER_OTLP_METRICS_PROTOCOL", PROTOCOL],
    insecure: &["OTEL_EXPORTER_OTLP_METRICS_INSECURE", INSECURE],
    timeout: ["OTEL_EXPORTER_OTLP_METRICS_TIMEOUT", TIMEOUT],
    certificate: ["OTEL_EXPORTER_OTLP_METRICS_CERTIFICATE", CERTIFICATE],
    client_certificate: [
        "OTEL_EXPORTER_OTLP_METRICS_CLIENT_CERTIFICATE",
        CLIENT_CERTIFICATE,
    ],
    client_key: ["OTEL_EXPORTER_OTLP_METRICS_CLIENT_KEY", CLIENT_KEY],
    path: "v1/metrics",
};

const QUEUE_SIZE: &str = "OTEL_BSP_MAX_QUEUE_SIZE";

/// The standard's defaults.
const DEFAULT_QUEUE_SIZE: usize = 2_048;
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(10);

impl ExportSettings {
    /// Export to `endpoint`, which is complete.
    pub fn new(protocol: ExportProtocol, endpoint: impl Into<String>) -> Self {
        Self {
            endpoint: endpoint.into(),
            protocol,
            queue_size: DEFAULT_QUEUE_SIZE,
            timeout: DEFAULT_TIMEOUT,
            tls: TlsFiles::default(),
        }
    }

    /// What the environment asks for traces; `None` when no endpoint is named, or `OTEL_SDK_DISABLED` or an exporter of `none`
    /// says so.
    ///
    /// # Errors
    /// An exporter other than `otlp` or `none`, a protocol other than `grpc` and `http/protobuf`, or a client's certificate
    /// without its key. Files are read when the exporter is made.
    pub fn from_env() -> Result<Option<Self>, ExportError> {
        Self::traces_from(|name| std::env::var(name).ok())
    }

    /// The same from variables that are not the environment's.
    ///
    /// # Errors
    /// The same.
    pub fn traces_from(
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Option<Self>, ExportError> {
        Self::from_variables(&TRACES, variable)
    }

    /// The same for metrics.
    ///
    /// # Errors
    /// The same.
    pub fn metrics_from_env() -> Result<Option<Self>, ExportError> {
        Self::from_variables(&METRICS, |name| std::env::var(name).ok())
    }

    fn from_variables(
        signal: &Signal,
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
        let exporter = first(signal.exporter);
        let asked = match &exporter {
            None => false,
            Some((_, value)) if value.eq_ignore_ascii_case("otlp") => true,
            Some((_, value)) if value.eq_ignore_ascii_case("none") => return Ok(None),
            Some((variable, value)) => return Err(unsupported(variable, value, "otlp or none")),
        };
        let protocol = match first(&signal.protocol) {
            None => ExportProtocol::Grpc,
            Some((_, value)) if value.eq_ignore_ascii_case("grpc") => ExportProtocol::Grpc,
            Some((_, value)) if value.eq_ignore_ascii_case("http/protobuf") => {
                ExportProtocol::HttpProtobuf
            }
            Some((variable, value)) => {
                return Err(unsupported(variable, &value, "grpc or http/protobuf"));
            }
        };
        let Some(endpoint) = endpoint(signal, protocol, first(signal.endpoint), asked) else {
            return Ok(None);
        };
        let endpoint = with_scheme(endpoint, signal.insecure.iter().any(|name| is_true(name)));
        let queue_size = set(QUEUE_SIZE)
            .and_then(|size| size.parse().ok())
            .filter(|size| *size > 0)
            .unwrap_or(DEFAULT_QUEUE_SIZE);
        let timeout = first(&signal.timeout).and_then(|(_, ms)| ms.parse().ok());
        let file = |names: &[&'static str]| {
            first(names).map(|(variable, path)| NamedFile {
                variable,
                path: path.into(),
            })
        };
        let (certificate, key) = (file(&signal.client_certificate), file(&signal.client_key));
        let identity = match (certificate, key) {
            (Some(certificate), Some(key)) => Some([certificate, key]),
            (None, None) => None,
            (Some(certificate), None) => return Err(without(&certificate, CLIENT_KEY)),
            (None, Some(key)) => return Err(without(&key, CLIENT_CERTIFICATE)),
        };
        Ok(Some(Self {
            endpoint,
            protocol,
            queue_size,
            timeout: timeout.map_or(DEFAULT_TIMEOUT, Duration::from_millis),
            tls: TlsFiles {
                authorities: file(&signal.certificate),
                identity,
            },
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

fn without(file: &NamedFile, missing: &'static str) -> ExportError {
    ExportError::Incomplete {
        variable: file.variable,
        missing,
    }
}

fn endpoint(
    signal: &Signal,
    protocol: ExportProtocol,
    named: Option<(&'static str, String)>,
    asked: bool,
) -> Option<String> {
    let path = signal.path;
    match (named, protocol) {
        (Some((_, endpoint)), ExportProtocol::Grpc) => Some(endpoint),
        (Some((name, endpoint)), ExportProtocol::HttpProtobuf) => {
            let complete = name == signal.own_endpoint || endpoint.ends_with(path);
            Some(match complete {
                true => endpoint,
                false => format!("{}/{path}", endpoint.trim_end_matches('/')),
            })
        }
        (None, ExportProtocol::Grpc) => asked.then(|| "http://localhost:4317".to_owned()),
        (None, ExportProtocol::HttpProtobuf) => {
            asked.then(|| format!("http://localhost:4318/{path}"))
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

    const EXPORTER: &str = TRACES.exporter[0];
    const ALIAS_EXPORTER: &str = TRACES.exporter[1];
    const TRACES_ENDPOINT: &str = TRACES.own_endpoint;
    const ALIAS_ENDPOINT: &str = TRACES.endpoint[2];
    const TRACES_PROTOCOL: &str = TRACES.protocol[0];

    fn read(variables: &[(&str, &str)]) -> Result<Option<(String, ExportProtocol)>, ExportError> {
        read_for(&TRACES, variables)
    }

    fn read_for(
        signal: &Signal,
        variables: &[(&str, &str)],
    ) -> Result<Option<(String, ExportProtocol)>, ExportError> {
        let find = |name: &str| {
            variables
                .iter()
                .find(|(key, _)| *key == name)
                .map(|(_, value)| (*value).to_owned())
        };
        Ok(ExportSettings::from_variables(signal, find)?
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
            read(&[(ENDPOINT, "c:4317"), (TRACES.insecure[2], "true")]),
            found("http://c:4317", ExportProtocol::Grpc)
        );
    }

    #[test]
    fn metrics_have_variables_of_their_own_and_no_aliases() {
        let read = |variables: &[(&str, &str)]| read_for(&METRICS, variables);
        let http = (PROTOCOL, "http/protobuf");
        let common = (ENDPOINT, "http://common:4318");
        let own = (METRICS.own_endpoint, "http://metrics/x");
        let found = |endpoint| found(endpoint, ExportProtocol::HttpProtobuf);
        assert_eq!(read(&[(ALIAS_ENDPOINT, "http://alias:4317")]), Ok(None));
        assert_eq!(
            read(&[http, common]),
            found("http://common:4318/v1/metrics")
        );
        assert_eq!(read(&[http, common, own]), found("http://metrics/x"));
        assert_eq!(
            read(&[http, common, (METRICS.exporter[0], "none")]),
            Ok(None)
        );
        assert_eq!(
            read(&[http, common, (EXPORTER, "none")]),
            found("http://common:4318/v1/metrics")
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
    fn a_client_has_a_certificate_and_a_key_or_neither() {
        let endpoint = (ENDPOINT, "https://c:4317");
        let [own_certificate, certificate] = TRACES.client_certificate;
        let key = TRACES.client_key[1];
        let error = read(&[endpoint, (own_certificate, "c.pem")]).expect_err("no key");
        assert_eq!(
            error.to_string(),
            "OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE is set, but OTEL_EXPORTER_OTLP_CLIENT_KEY is not"
        );
        let error = read(&[endpoint, (key, "k.pem")]).expect_err("no certificate");
        assert!(error.to_string().starts_with(key), "{error}");
        assert!(read(&[endpoint, (certificate, "c.pem"), (key, "k.pem")]).is_ok());
    }

    #[test]
    fn debug_output_tells_no_credentials() {
        let settings = ExportSettings::new(ExportProtocol::Grpc, "https://u:hunter2@c:4317");
        assert!(!format!("{settings:?}").contains("hunter2"));
    }
}
