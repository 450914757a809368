//! The command line: commands, flags, and the environment variables that stand for flags.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Command, CommandFactory as _, FromArgMatches as _, Parser, Subcommand};
use serde::Serialize;

use crate::config::{Capture, DatabaseUrl, ExternalLinks, Listen, LogFormat, Secret};

const SETTINGS_HELP: &str = "\
Every setting can be given as a flag, as an environment variable or in a TOML file, and the first of these wins. In the \
file a setting has its flag's name with underscores:

    listen = \"127.0.0.1:8080\"
    data_dir = \"/srv/orcheo-trace\"

    [credentials]                # [[openai_key]] in a workflow; also ORCHEO_CREDENTIAL_OPENAI_KEY
    openai_key = \"…\"

Export to an OpenTelemetry collector follows the standard's OTEL_* variables, e.g. OTEL_EXPORTER_OTLP_ENDPOINT.";

/// Run workflows and watch their traces while they run
#[derive(Debug, Parser)]
#[command(name = "orcheo-trace", version, max_term_width = 100, after_long_help = SETTINGS_HELP)]
#[command(subcommand_required = true, arg_required_else_help = true)]
pub(crate) struct Cli {
    /// Settings file; ./orcheo-trace.toml is read when it exists
    #[arg(long, global = true, value_name = "FILE", env = "ORCHEO_TRACE_CONFIG")]
    pub(crate) config: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) common: CommonOptions,

    #[command(subcommand)]
    pub(crate) command: Commands,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Commands {
    /// Serve the API and the web client, and run workflows
    Serve(ServeOptions),
    /// Run the executions that others start, without serving anything
    ///
    /// Any number of workers share one database. Without DATABASE_URL it is the private PostgreSQL of the data directory,
    /// together with the `serve` that uses it.
    Worker(WorkOptions),
    /// Run one workflow file and draw its trace in the terminal
    ///
    /// Needs no server. Exits with 0 when the run succeeded, 1 when it failed, 2 when it could not begin (the workflow or
    /// an option is invalid), and 130 when it was cancelled with Ctrl-C.
    Run(RunOptions),
    /// Write one trace as OTLP JSON
    Export(ExportOptions),
    /// Take in traces from a file of OTLP JSON, as `export` and collectors write it
    ///
    /// Exits with 1 when spans could not be taken in, which it names. What is there already is left as it is.
    Import(ImportOptions),
    /// Pass stored traces through the rules of redaction of today
    ///
    /// Scans what other rules have passed, or nobody knows which; what they find is hidden for good, in the database and in
    /// artifacts. Readers see it at once. It may be interrupted, and goes on where it was. Exits with 1 when executions were
    /// written meanwhile, which are left for the next time.
    Redact(RedactOptions),
    /// Bring the database's tables up to date, then exit
    Migrate,
    /// Print the GraphQL schema
    Schema,
    /// Check that everything the program needs is there
    Doctor(ListenOptions),
}

/// What every command knows about.
#[derive(Debug, Default, Args, Serialize)]
#[command(next_help_heading = "Settings of all commands")]
pub(crate) struct CommonOptions {
    /// PostgreSQL to use [default: a private one under the data directory]
    #[arg(long, global = true, value_name = "URL", env = "DATABASE_URL")]
    #[serde(skip_serializing_if = "Option::is_none")]
    database_url: Option<DatabaseUrl>,

    /// Directory of the private PostgreSQL and of artifacts [default: .orcheo-trace]
    #[arg(long, global = true, value_name = "DIR", env = "ORCHEO_TRACE_DATA_DIR")]
    #[serde(skip_serializing_if = "Option::is_none")]
    data_dir: Option<PathBuf>,

    /// Where artifacts go, e.g. s3://bucket/prefix [default: the data directory]
    #[arg(
        long,
        global = true,
        value_name = "URL",
        env = "ORCHEO_TRACE_ARTIFACTS_URL"
    )]
    #[serde(skip_serializing_if = "Option::is_none")]
    artifacts_url: Option<String>,

    /// Directory of the PostgreSQL programs [default: the newest found]
    #[arg(
        long,
        global = true,
        value_name = "DIR",
        env = "ORCHEO_TRACE_POSTGRES_BIN"
    )]
    #[serde(skip_serializing_if = "Option::is_none")]
    postgres_bin: Option<PathBuf>,

    /// File of prices of models, in TOML, besides the built-in ones
    #[arg(long, global = true, value_name = "FILE", env = "ORCHEO_TRACE_PRICES")]
    #[serde(skip_serializing_if = "Option::is_none")]
    prices: Option<PathBuf>,

    /// Which messages are logged, e.g. debug or info,orcheo_engine=trace [default: info; of `run`: warn]
    #[arg(long, global = true, value_name = "FILTER", env = "ORCHEO_TRACE_LOG")]
    #[serde(skip_serializing_if = "Option::is_none")]
    log: Option<String>,

    /// Form of log messages [default: text on a terminal, else json]
    #[arg(
        long,
        global = true,
        value_name = "FORM",
        env = "ORCHEO_TRACE_LOG_FORMAT"
    )]
    #[serde(skip_serializing_if = "Option::is_none")]
    log_format: Option<LogFormat>,

    /// Whether spans of runs tell inputs, outputs, prompts and answers: true, false, or a word of the standard [default: true]
    #[arg(
        long,
        global = true,
        value_name = "WHICH",
        env = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"
    )]
    #[serde(skip_serializing_if = "Option::is_none")]
    capture_content: Option<Capture>,

    /// Whether the same is kept of spans that other programs send [default: true]
    #[arg(
        long,
        global = true,
        value_name = "BOOL",
        env = "ORCHEO_TRACE_CAPTURE_RECEIVED_CONTENT"
    )]
    #[serde(skip_serializing_if = "Option::is_none")]
    capture_received_content: Option<bool>,
}

/// Where the servers listen.
#[derive(Debug, Default, Args, Serialize)]
pub(crate) struct ListenOptions {
    /// Address of HTTP; one beyond loopback needs a token [default: 127.0.0.1:8000]
    #[arg(long, value_name = "ADDR:PORT", env = "ORCHEO_TRACE_LISTEN")]
    #[serde(skip_serializing_if = "Option::is_none")]
    listen: Option<Listen>,

    /// Address of OTLP/gRPC; one beyond loopback needs a token [default: 127.0.0.1:4317, if it is free]
    #[arg(long, value_name = "ADDR:PORT", env = "ORCHEO_TRACE_OTLP_GRPC_LISTEN")]
    #[serde(skip_serializing_if = "Option::is_none")]
    otlp_grpc_listen: Option<Listen>,
}

#[derive(Debug, Default, Args, Serialize)]
pub(crate) struct ServeOptions {
    #[command(flatten)]
    #[serde(flatten)]
    listen: ListenOptions,

    /// Bearer token asked of every request. Better given by the environment or the settings file: other users see flags
    #[arg(long, value_name = "TOKEN", env = "ORCHEO_TRACE_TOKEN")]
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<Secret>,

    /// Host names besides the listening address that requests may name, separated by commas
    #[arg(
        long,
        value_name = "HOSTS",
        env = "ORCHEO_TRACE_ALLOWED_HOSTS",
        value_delimiter = ','
    )]
    #[serde(skip_serializing_if = "Option::is_none")]
    allowed_hosts: Option<Vec<String>>,

    /// Web origins besides our own that browsers may call from, separated by commas
    #[arg(
        long,
        value_name = "ORIGINS",
        env = "ORCHEO_TRACE_ALLOWED_ORIGINS",
        value_delimiter = ','
    )]
    #[serde(skip_serializing_if = "Option::is_none")]
    allowed_origins: Option<Vec<String>>,

    /// Dashboards to link from a trace: NAME=URL with {trace_id} in it, separated by commas
    #[arg(long, value_name = "LINKS", env = "ORCHEO_TRACE_EXTERNAL_LINKS")]
    #[serde(skip_serializing_if = "Option::is_none")]
    external_links: Option<ExternalLinks>,

    /// After so many seconds without a sign, what other engines left running is ABANDONED [default: 900]
    #[arg(long, value_name = "SECONDS", env = "ORCHEO_TRACE_QUIET_SECONDS", value_parser = clap::value_parser!(u32).range(1..))]
    #[serde(skip_serializing_if = "Option::is_none")]
    quiet_seconds: Option<u32>,

    /// Only serve; leave running workflows to `worker` processes
    #[arg(long)]
    #[serde(skip)]
    pub(crate) no_worker: bool,

    /// Save the workflow files (YAML, JSON) of a directory before serving
    #[arg(long, value_name = "DIR")]
    #[serde(skip)]
    pub(crate) workflows: Option<PathBuf>,

    /// Start a workflow once everything is up, and print where to watch it
    #[arg(long, value_name = "WORKFLOW_ID")]
    #[serde(skip)]
    pub(crate) start: Option<String>,

    #[command(flatten)]
    #[serde(flatten)]
    worker: WorkerOptions,
}

#[derive(Debug, Default, Args, Serialize)]
pub(crate) struct WorkerOptions {
    /// How many executions run at once in this process [default: 16]
    #[arg(long, value_name = "N", env = "ORCHEO_TRACE_CONCURRENCY", value_parser = clap::value_parser!(u32).range(1..))]
    #[serde(skip_serializing_if = "Option::is_none")]
    concurrency: Option<u32>,

    /// Seconds after which a silent worker's executions go to another one [default: 15]
    #[arg(long, value_name = "SECONDS", env = "ORCHEO_TRACE_LEASE_SECONDS", value_parser = clap::value_parser!(u32).range(3..))]
    #[serde(skip_serializing_if = "Option::is_none")]
    lease_seconds: Option<u32>,

    /// Seconds that running executions get to finish at shutdown, before they are handed back [default: 10]
    #[arg(long, value_name = "SECONDS", env = "ORCHEO_TRACE_SHUTDOWN_SECONDS")]
    #[serde(skip_serializing_if = "Option::is_none")]
    shutdown_seconds: Option<u32>,
}

#[derive(Debug, Default, Args, Serialize)]
pub(crate) struct WorkOptions {
    /// Address of /healthz, /readyz and /metrics, which ask for no token [default: none]
    #[arg(long, value_name = "ADDR:PORT", env = "ORCHEO_TRACE_HEALTH_LISTEN")]
    #[serde(skip_serializing_if = "Option::is_none")]
    health_listen: Option<Listen>,

    #[command(flatten)]
    #[serde(flatten)]
    worker: WorkerOptions,
}

#[derive(Debug, Args)]
pub(crate) struct ExportOptions {
    /// The execution: its id, or the one that another engine gave it
    pub(crate) execution: String,

    /// File to write [default: standard output]
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct ImportOptions {
    /// The file: one OTLP JSON document, or one a line
    pub(crate) file: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct RedactOptions {
    /// Only tell what would be hidden
    #[arg(long)]
    pub(crate) dry_run: bool,

    /// Scan everything, for credentials that were not known when it was stored
    #[arg(long)]
    pub(crate) all: bool,

    /// Print the result as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct RunOptions {
    /// The workflow: YAML or JSON
    pub(crate) file: PathBuf,

    /// An input of the workflow; a value that is JSON is taken as such, anything else as text
    #[arg(long = "input", short, value_name = "NAME=VALUE", value_parser = crate::config::input)]
    pub(crate) inputs: Vec<(String, serde_json::Value)>,

    /// Print the trace as JSON, and nothing else, on standard output
    #[arg(long)]
    pub(crate) json: bool,
}

impl Cli {
    /// Reads the command line and the environment; prints help and errors itself, and then exits.
    pub(crate) fn read() -> Self {
        let matches = command(|name| std::env::var_os(name)).get_matches();
        Self::from_arg_matches(&matches).unwrap_or_else(|error| error.exit())
    }
}

/// The command, in which a variable that is set but empty counts as not set, as in a compose file's `NAME=${NAME}`.
fn command(variable: impl Fn(&str) -> Option<OsString> + Copy) -> Command {
    fn without_empty(
        command: Command,
        variable: impl Fn(&str) -> Option<OsString> + Copy,
    ) -> Command {
        command
            .mut_args(|arg| {
                let empty = arg
                    .get_env()
                    .and_then(|name| variable(&name.to_string_lossy()))
                    .is_some_and(|value| value.is_empty());
                // Values of variables do not belong in a help text: it would differ from one machine to the next.
                let arg = arg.hide_env_values(true);
                if empty { arg.env(None) } else { arg }
            })
            .mut_subcommands(|command| without_empty(command, variable))
    }
    without_empty(Cli::command(), variable)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definition_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn an_empty_variable_counts_as_not_set() {
        let environment = |name: &str| (name == "ORCHEO_TRACE_LISTEN").then(OsString::new);
        let serve = command(environment);
        let serve = serve.find_subcommand("serve").unwrap();
        let env = |id| {
            serve
                .get_arguments()
                .find(|arg| arg.get_id() == id)
                .unwrap()
                .get_env()
        };
        assert_eq!(env("listen"), None);
        assert_eq!(env("token").unwrap(), "ORCHEO_TRACE_TOKEN");
    }

    #[test]
    fn help_tells_every_setting() {
        let mut root = command(|_| None).term_width(100);
        root.build();
        insta::assert_snapshot!("help", root.render_long_help());
        for name in [
            "serve", "worker", "run", "export", "import", "redact", "doctor",
        ] {
            let command = root.find_subcommand_mut(name).unwrap();
            insta::assert_snapshot!(format!("help_{name}"), command.render_long_help());
        }
    }
}
