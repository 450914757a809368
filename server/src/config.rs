//! The settings: flags over environment over a TOML file over defaults, read once and checked before anything starts.

mod values;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use figment::Figment;
use figment::providers::{Format as _, Serialized, Toml};
use orcheo_telemetry::Prices;
use orcheo_telemetry::redaction::RedactionSettings;
use serde::{Deserialize, Serialize};

pub(crate) use self::values::{
    Capture, DatabaseUrl, ExternalLinks, Listen, LogFormat, Secret, input,
};
use crate::cli::{Cli, Commands};

/// Read from the working directory when no other file is named.
const DEFAULT_FILE: &str = "orcheo-trace.toml";

/// `ORCHEO_CREDENTIAL_OPENAI_KEY` is `[[openai_key]]` in a workflow.
const CREDENTIAL_PREFIX: &str = "ORCHEO_CREDENTIAL_";

#[derive(Debug, thiserror::Error)]
pub(crate) enum ConfigError {
    #[error("the settings file {} does not exist", .0.display())]
    NoFile(PathBuf),
    #[error("{0}")]
    Invalid(String),
    #[error(
        "{flag} {address} can be reached from other machines, so a token is needed: set ORCHEO_TRACE_TOKEN to a secret \
         that clients then send as their bearer token, or listen on a loopback address such as 127.0.0.1"
    )]
    OpenToAll { flag: &'static str, address: Listen },
}

/// All settings of the program. One struct for all commands, since they share one file.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Settings {
    pub(crate) database_url: Option<DatabaseUrl>,
    pub(crate) data_dir: PathBuf,
    pub(crate) artifacts_url: Option<String>,
    pub(crate) postgres_bin: Option<PathBuf>,
    pub(crate) log: Option<String>,
    pub(crate) log_format: LogFormat,
    pub(crate) listen: Listen,
    /// Where OTLP/gRPC listens; unset, it is the standard's port unless another program has it.
    pub(crate) otlp_grpc_listen: Option<Listen>,
    /// Where a worker that serves nothing else tells how it is.
    pub(crate) health_listen: Option<Listen>,
    pub(crate) quiet_seconds: u32,
    /// Prices of models, before the built-in ones.
    pub(crate) prices: Option<PathBuf>,
    pub(crate) token: Option<Secret>,
    pub(crate) allowed_hosts: Vec<String>,
    pub(crate) allowed_origins: Vec<String>,
    pub(crate) external_links: ExternalLinks,
    pub(crate) concurrency: u32,
    pub(crate) lease_seconds: u32,
    pub(crate) shutdown_seconds: u32,
    /// By name in lower case.
    #[serde(default)]
    pub(crate) credentials: BTreeMap<String, Secret>,
    /// Whether the spans of runs tell what is given and returned; and those received, what they say about it.
    pub(crate) capture_content: Capture,
    pub(crate) capture_received_content: bool,
    /// Changes to the built-in rules of redaction.
    #[serde(default)]
    pub(crate) redaction: RedactionSettings,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            database_url: None,
            data_dir: PathBuf::from(".orcheo-trace"),
            artifacts_url: None,
            postgres_bin: None,
            log: None,
            log_format: LogFormat::Auto,
            listen: Listen::loopback(8000),
            otlp_grpc_listen: None,
            health_listen: None,
            quiet_seconds: 15 * 60,
            prices: None,
            token: None,
            allowed_hosts: Vec::new(),
            allowed_origins: Vec::new(),
            external_links: ExternalLinks::default(),
            concurrency: 16,
            lease_seconds: 15,
            shutdown_seconds: 10,
            credentials: BTreeMap::new(),
            capture_content: Capture(true),
            capture_received_content: true,
            redaction: RedactionSettings::default(),
        }
    }
}

impl Settings {
    /// The settings of this process.
    pub(crate) fn load(cli: &Cli) -> Result<Self, ConfigError> {
        let file = match &cli.config {
            Some(named) if !named.exists() => return Err(ConfigError::NoFile(named.clone())),
            Some(named) => Some(named.as_path()),
            None => Some(Path::new(DEFAULT_FILE)).filter(|file| file.exists()),
        };
        let given = Figment::from(Serialized::defaults(&cli.common));
        let given = match &cli.command {
            Commands::Serve(options) => given.merge(Serialized::defaults(options)),
            Commands::Worker(options) => given.merge(Serialized::defaults(options)),
            Commands::Doctor(options) => given.merge(Serialized::defaults(options)),
            Commands::Run(_)
            | Commands::Export(_)
            | Commands::Import(_)
            | Commands::Redact(_)
            | Commands::Migrate
            | Commands::Schema => given,
        };
        Self::merge(file, given, std::env::vars_os())
    }

    fn merge(
        file: Option<&Path>,
        given: Figment,
        environment: impl Iterator<Item = (OsString, OsString)>,
    ) -> Result<Self, ConfigError> {
        let mut figment = Figment::from(Serialized::defaults(Self::default()));
        if let Some(file) = file {
            figment = figment.merge(Toml::file_exact(file));
        }
        let mut settings: Self = figment
            .merge(given)
            .extract()
            .map_err(|error| ConfigError::Invalid(describe(error)))?;
        settings.credentials = settings
            .credentials
            .into_iter()
            .map(|(name, value)| (name.to_lowercase(), value))
            .chain(environment.filter_map(credential))
            .collect();
        Ok(settings)
    }

    /// Refuses to serve other machines without authentication.
    pub(crate) fn check_exposure(&self) -> Result<(), ConfigError> {
        let addresses = [
            ("--listen", Some(self.listen)),
            ("--otlp-grpc-listen", self.otlp_grpc_listen),
        ];
        let open = |address: &Listen| self.token.is_none() && !address.is_loopback();
        for (flag, address) in addresses {
            if let Some(address) = address.filter(open) {
                return Err(ConfigError::OpenToAll { flag, address });
            }
        }
        Ok(())
    }

    /// What model calls cost.
    pub(crate) fn prices(&self) -> Result<Prices, ConfigError> {
        let Some(file) = &self.prices else {
            return Ok(Prices::builtin());
        };
        Prices::with_file(file).map_err(|error| ConfigError::Invalid(error.to_string()))
    }

    pub(crate) fn lease(&self) -> Duration {
        Duration::from_secs(self.lease_seconds.into())
    }

    /// How long a trace of another engine may be quiet before it is given up.
    pub(crate) fn quiet(&self) -> Duration {
        Duration::from_secs(self.quiet_seconds.into())
    }

    pub(crate) fn shutdown_grace(&self) -> Duration {
        Duration::from_secs(self.shutdown_seconds.into())
    }
}

fn credential((name, value): (OsString, OsString)) -> Option<(String, Secret)> {
    let name = name.into_string().ok()?;
    let name = name
        .strip_prefix(CREDENTIAL_PREFIX)
        .filter(|name| !name.is_empty())?;
    let value = Secret::try_from(value.into_string().ok()?).ok()?;
    Some((name.to_lowercase(), value))
}

/// Each problem with its key and the file that it stands in.
fn describe(error: figment::Error) -> String {
    let problems = error.into_iter().map(|error| {
        let text = match &error.kind {
            figment::error::Kind::UnknownField(field, known) => {
                let path: Vec<_> = error.path.iter().map(String::as_str).collect();
                let place = match path.as_slice() {
                    [outer @ .., last] if last == field => outer.join("."),
                    path => path.join("."),
                };
                let place = if place.is_empty() {
                    place
                } else {
                    format!("{place}: ")
                };
                format!(
                    "{place}unknown setting `{field}`; there are {}",
                    known.join(", ")
                )
            }
            kind if error.path.is_empty() => kind.to_string(),
            kind => format!("{}: {kind}", error.path.join(".")),
        };
        match error.metadata.and_then(|metadata| metadata.source) {
            Some(figment::Source::File(file)) => format!("{}: {text}", file.display()),
            _ => text,
        }
    });
    problems.collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use std::fs;

    use clap::Parser as _;

    use super::*;

    fn load(
        file: &str,
        arguments: &[&str],
        environment: &[(&str, &str)],
    ) -> Result<Settings, String> {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("settings.toml");
        fs::write(&path, file).unwrap();
        let arguments = ["orcheo-trace", "serve"].iter().chain(arguments);
        let cli = Cli::try_parse_from(arguments).map_err(|error| error.to_string())?;
        let Commands::Serve(options) = &cli.command else {
            unreachable!()
        };
        let given =
            Figment::from(Serialized::defaults(&cli.common)).merge(Serialized::defaults(options));
        let environment = environment
            .iter()
            .map(|(name, value)| (name.into(), value.into()));
        Settings::merge(Some(&path), given, environment).map_err(|error| {
            error
                .to_string()
                .replace(&path.display().to_string(), "FILE")
        })
    }

    #[test]
    fn a_flag_wins_over_the_file_and_the_file_over_the_default() {
        let file = "listen = '127.0.0.1:7000'\nconcurrency = 3\n";
        let settings = load(file, &["--listen", "127.0.0.1:7001"], &[]).unwrap();
        assert_eq!(settings.listen.to_string(), "127.0.0.1:7001");
        assert_eq!(settings.concurrency, 3);
        assert_eq!(settings.data_dir, Path::new(".orcheo-trace"));
    }

    #[test]
    fn a_misspelt_setting_is_named_with_the_ones_there_are() {
        let message = load("listne = '127.0.0.1:7000'\n", &[], &[]).unwrap_err();
        assert!(
            message.starts_with("FILE: unknown setting `listne`; there are database_url, data_dir"),
            "{message}"
        );
    }

    #[test]
    fn a_wrong_value_in_the_file_is_named_with_its_key() {
        assert_eq!(
            load("listen = 'everywhere'\n", &[], &[]).unwrap_err(),
            "FILE: listen: `everywhere` is no address; expected ADDRESS:PORT, such as 127.0.0.1:8000 or [::1]:8000",
        );
        let message = load("concurrency = 'many'\n", &[], &[]).unwrap_err();
        assert!(message.starts_with("FILE: concurrency: "), "{message}");
    }

    #[test]
    fn a_wrong_flag_is_named() {
        let message = load("", &["--listen", "everywhere"], &[]).unwrap_err();
        assert!(message.contains("'--listen <ADDR:PORT>'"), "{message}");
        assert!(message.contains("expected ADDRESS:PORT"), "{message}");
    }

    #[test]
    fn a_file_of_prices_that_is_not_valid_stops_the_program() {
        let settings = load("prices = '/nowhere/prices.toml'", &[], &[]).unwrap();
        let message = settings.prices().unwrap_err().to_string();
        assert!(
            message.starts_with("the prices in /nowhere/prices.toml cannot be read: "),
            "{message}"
        );
    }

    #[test]
    fn credentials_come_from_the_environment_over_the_file_whatever_their_case() {
        let file = "[credentials]\nOpenAI_Key = 'from the file'\nother = 'kept'\n";
        let settings = load(
            file,
            &[],
            &[
                ("ORCHEO_CREDENTIAL_OPENAI_KEY", "from the environment"),
                ("HOME", "/"),
            ],
        )
        .unwrap();
        let values: Vec<_> = settings
            .credentials
            .iter()
            .map(|(name, value)| (name.as_str(), value.expose()))
            .collect();
        assert_eq!(
            values,
            [("openai_key", "from the environment"), ("other", "kept")]
        );
    }

    #[test]
    fn content_is_captured_unless_file_or_variable_say_otherwise() {
        let captured = |file: &str| {
            let settings = load(file, &[], &[]).unwrap();
            (
                settings.capture_content.0,
                settings.capture_received_content,
            )
        };
        assert_eq!(captured(""), (true, true));
        assert_eq!(captured("capture_content = false\n"), (false, true));
        assert_eq!(captured("capture_content = 'no_content'\n"), (false, true));
        assert_eq!(
            captured("capture_received_content = false\n"),
            (true, false)
        );
        let settings = load(
            "capture_content = true\n",
            &["--capture-content", "NO_CONTENT"],
            &[],
        )
        .unwrap();
        assert!(!settings.capture_content.0);
    }

    #[test]
    fn rules_of_redaction_come_from_the_file() {
        let file = "[redaction]\ndisable = ['email']\nallow = ['a']\n\n[[redaction.rules]]\nname = 'ticket'\n\
            pattern = 'T-[0-9]+'\nkeys = ['ticket']\n";
        let settings = load(file, &[], &[]).unwrap().redaction;
        assert_eq!(settings.disable, ["email"]);
        assert_eq!(settings.rules[0].name, "ticket");
        assert_eq!(settings.rules[0].keys, ["ticket"]);
    }

    #[test]
    fn what_is_wrong_inside_a_table_is_named_with_its_place() {
        assert_eq!(
            load("[redaction]\ndisabled = ['email']\n", &[], &[]).unwrap_err(),
            "FILE: redaction: unknown setting `disabled`; there are disable, enable, allow, allow_patterns, rules"
        );
        assert_eq!(
            load("[[redaction.rules]]\nname = 'a'\npatern = 'x'\n", &[], &[]).unwrap_err(),
            "FILE: redaction.rules.0: unknown setting `patern`; there are name, pattern, keys, allow, allow_patterns"
        );
        let message = load("[redaction]\ndisable = 'email'\n", &[], &[]).unwrap_err();
        assert!(
            message.starts_with("FILE: redaction.disable: "),
            "{message}"
        );
    }

    #[test]
    fn secrets_are_not_in_the_debug_output() {
        let file = "token = 'hush-1'\ndatabase_url = 'postgres://me:hush-2@db/x'\n[credentials]\nkey = 'hush-3'\n";
        let settings = load(file, &[], &[]).unwrap();
        assert!(!format!("{settings:?}").contains("hush"));
    }

    #[test]
    fn an_address_beyond_loopback_needs_a_token() {
        let error = load("", &["--listen", "0.0.0.0:8000"], &[])
            .unwrap()
            .check_exposure()
            .unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("--listen 0.0.0.0:8000 can be reached from other machines"),
            "{error}"
        );
        assert!(
            load("", &["--listen", "[::]:8000"], &[])
                .unwrap()
                .check_exposure()
                .is_err()
        );
        let error = load("", &["--otlp-grpc-listen", "0.0.0.0:4317"], &[])
            .unwrap()
            .check_exposure()
            .unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("--otlp-grpc-listen 0.0.0.0:4317 can be reached"),
            "{error}"
        );
        load("token = 't0ken'", &["--listen", "0.0.0.0:8000"], &[])
            .unwrap()
            .check_exposure()
            .unwrap();
        load("", &["--listen", "localhost:8000"], &[])
            .unwrap()
            .check_exposure()
            .unwrap();
        load("", &["--listen", "[::1]:0"], &[])
            .unwrap()
            .check_exposure()
            .unwrap();
    }
}
