//! Log messages of the program itself: where they go, in which form, and which of them.

use std::io::{self, IsTerminal as _, Write};
use std::sync::Arc;

use opentelemetry_sdk::trace::SdkTracer;
use parking_lot::Mutex;
use tracing_subscriber::filter::FilterExt as _;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _};

use crate::config::{ConfigError, LogFormat};

/// Messages of libraries that are only news to their developers.
const QUIET: &str = "opentelemetry=warn,opentelemetry_sdk=warn,opentelemetry-otlp=warn,h2=warn,hyper=warn,tonic=warn";

/// Libraries that quote in messages, unredacted, what passes through them: parameters of statements, answers of models. Only
/// these levels of theirs are logged, whatever is asked for.
const TELLTALE: [(&str, LevelFilter); 3] = [
    ("async_openai", LevelFilter::OFF),
    ("tokio_postgres", LevelFilter::WARN),
    ("hyper", LevelFilter::WARN),
];

/// Where messages go.
#[derive(Clone, Debug)]
pub(crate) enum Target {
    Stderr,
    /// Kept for whoever draws on the terminal, to be shown where they destroy no picture.
    Held(HeldMessages),
}

/// Messages that wait to be shown.
#[derive(Clone, Debug, Default)]
pub(crate) struct HeldMessages(Arc<Mutex<Vec<u8>>>);

impl HeldMessages {
    /// The lines that came since the last call.
    pub(crate) fn take(&self) -> Vec<String> {
        let bytes = std::mem::take(&mut *self.0.lock());
        String::from_utf8_lossy(&bytes)
            .lines()
            .map(str::to_owned)
            .collect()
    }
}

impl Write for HeldMessages {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Target {
    type Writer = Box<dyn Write>;

    fn make_writer(&self) -> Self::Writer {
        match self {
            Self::Stderr => Box::new(io::stderr()),
            Self::Held(messages) => Box::new(messages.clone()),
        }
    }
}

/// Begins logging what `filter` lets through, and hands our own spans to `tracer`. Called once, before anything is logged.
pub(crate) fn init(
    filter: &str,
    form: LogFormat,
    target: Target,
    tracer: Option<SdkTracer>,
) -> Result<(), ConfigError> {
    let filter = EnvFilter::try_new(format!("{QUIET},{filter}"))
        .map_err(|error| ConfigError::Invalid(format!("--log {filter}: {error}")))?;
    let terminal = io::stderr().is_terminal();
    let json = match form {
        LogFormat::Auto => !terminal,
        LogFormat::Text => false,
        LogFormat::Json => true,
    };
    let colour = terminal
        && matches!(target, Target::Stderr)
        && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    let lines = tracing_subscriber::fmt::layer().with_writer(target);
    let lines = if json {
        lines
            .json()
            .flatten_event(true)
            .with_span_list(false)
            .boxed()
    } else {
        lines.with_ansi(colour).with_target(false).compact().boxed()
    };
    let discreet = Targets::new()
        .with_default(LevelFilter::TRACE)
        .with_targets(TELLTALE);
    // Ours alone: the exporter's own requests would be exported with the next ones, for ever.
    let ours = Targets::new().with_target("orcheo", LevelFilter::INFO);
    let spans = tracer.map(|tracer| {
        tracing_opentelemetry::layer()
            .with_tracer(tracer)
            .with_filter(ours)
    });
    tracing_subscriber::registry()
        .with(lines.with_filter(filter.and(discreet)))
        .with(spans)
        .init();
    Ok(())
}
