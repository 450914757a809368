//! A server without a network: queries in, JSON out, statements counted.

use std::{cell::Cell, sync::Arc};

use diesel::connection::{InstrumentationEvent, set_default_instrumentation};
use insta::internals::{Content, ContentPath};
use orcheo_api::{
    ApiSettings, ApiState, LinkTemplate,
    graphql::{Answer, Executor, Operation, limits::Limits},
};
use orcheo_engine::NodeCatalog;
use orcheo_store::{Store, testing::TestDatabase};
use orcheo_telemetry::Redactor;
use serde_json::Value;

thread_local! {
    /// Statements of this thread: all that its one test does runs on it.
    static STATEMENTS: Cell<usize> = const { Cell::new(0) };
}

pub struct Api {
    pub state: ApiState,
    executor: Executor,
    limits: Limits,
    _database: TestDatabase,
}

impl Api {
    pub async fn new() -> Self {
        Self::with_limits(Limits::default()).await
    }

    pub async fn with_limits(limits: Limits) -> Self {
        set_default_instrumentation(|| {
            Some(Box::new(|event: InstrumentationEvent<'_>| {
                // A new connection of the pool sets its encoding and time zone.
                if let InstrumentationEvent::StartQuery { query, .. } = event
                    && !query.to_string().starts_with("SET ")
                {
                    STATEMENTS.set(STATEMENTS.get() + 1);
                }
            }))
        })
        .unwrap();
        let database = TestDatabase::new().await;
        let link: LinkTemplate = "Jaeger=http://localhost:16686/trace/{trace_id}"
            .parse()
            .unwrap();
        let state = ApiState {
            store: database.store().await,
            prices: orcheo_telemetry::Prices::builtin(),
            redactor: Redactor::new(),
            catalog: Arc::new(NodeCatalog::builtin()),
            settings: Arc::new(ApiSettings {
                limits,
                external_links: vec![link],
                ..ApiSettings::default()
            }),
        };
        Self {
            executor: Executor::new(state.clone()),
            state,
            limits,
            _database: database,
        }
    }

    pub fn store(&self) -> &Store {
        &self.state.store
    }

    /// The whole answer, as a client gets it.
    pub async fn answer(&self, query: &str, variables: Value) -> Value {
        let Value::Object(variables) = variables else {
            panic!("variables are an object")
        };
        let answer = match Operation::parse(query.to_owned(), None, variables, &self.limits) {
            Ok(operation) => self.executor.execute(operation).await,
            Err(refusal) => Answer::Refused(refusal),
        };
        let body = match answer {
            Answer::Executed { body, .. } => body,
            Answer::Refused(refusal) => refusal.body(),
        };
        serde_json::from_slice(&body).unwrap()
    }

    /// The data of an answer without errors.
    pub async fn query(&self, query: &str, variables: Value) -> Value {
        let mut answer = self.answer(query, variables).await;
        assert_eq!(answer.get("errors"), None, "{answer:#}");
        answer["data"].take()
    }

    /// The same, and how many statements it took.
    pub async fn counted(&self, query: &str, variables: Value) -> (Value, usize) {
        let before = STATEMENTS.get();
        let data = self.query(query, variables).await;
        (data, STATEMENTS.get() - before)
    }

    /// The only error of an answer, as its code and reason.
    pub async fn error(&self, query: &str, variables: Value) -> (String, Option<String>) {
        let answer = self.answer(query, variables).await;
        let errors = answer["errors"]
            .as_array()
            .unwrap_or_else(|| panic!("no error: {answer:#}"));
        assert_eq!(errors.len(), 1, "{answer:#}");
        let extensions = &errors[0]["extensions"];
        let text = |key: &str| extensions[key].as_str().map(str::to_owned);
        (text("code").unwrap(), text("reason"))
    }
}

/// Values that differ from run to run, each checked to be what it should be.
pub fn redact(value: Content, path: ContentPath<'_>) -> Content {
    let Some(text) = value.as_str() else {
        return value;
    };
    let name = path
        .to_string()
        .rsplit('.')
        .next()
        .unwrap_or_default()
        .to_owned();
    match name.as_str() {
        // The definition's own.
        "id" if path.to_string().ends_with("definition.id") => value,
        "id" | "deletedExecutionId" => {
            assert!(
                text.len() > 4 && !text.contains(['+', '/', '=']),
                "{path}: {text}"
            );
            "[id]".into()
        }
        "executionId" | "artifactId" => {
            uuid::Uuid::parse_str(text).unwrap();
            "[uuid]".into()
        }
        "traceId" => {
            assert!(
                text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit()),
                "{path}: {text}"
            );
            "[trace id]".into()
        }
        "queuedAt" | "createdAt" | "updatedAt" => {
            let time = chrono::DateTime::parse_from_rfc3339(text).unwrap();
            assert!(
                (chrono::Utc::now() - time.to_utc()).num_hours() < 1,
                "{path}: {text}"
            );
            "[now]".into()
        }
        "cursor" | "startCursor" | "endCursor" => {
            assert!(text.starts_with(['r', 'k']), "{path}: {text}");
            format!("[cursor {}]", &text[..1]).into()
        }
        "downloadUrl" => {
            let id = text
                .strip_prefix("/api/artifacts/")
                .and_then(|rest| rest.strip_suffix("/download"));
            assert!(id.is_some_and(|id| id.len() == 44), "{path}: {text}");
            "[download url]".into()
        }
        _ => value,
    }
}

/// Compares with the stored snapshot, with values that differ from run to run checked and replaced.
#[macro_export]
macro_rules! assert_answer {
    ($value:expr) => {
        insta::assert_json_snapshot!($value, {
            ".**.id" => insta::dynamic_redaction($crate::support::redact),
            ".**.deletedExecutionId" => insta::dynamic_redaction($crate::support::redact),
            ".**.executionId" => insta::dynamic_redaction($crate::support::redact),
            ".**.artifactId" => insta::dynamic_redaction($crate::support::redact),
            ".**.traceId" => insta::dynamic_redaction($crate::support::redact),
            ".**.queuedAt" => insta::dynamic_redaction($crate::support::redact),
            ".**.createdAt" => insta::dynamic_redaction($crate::support::redact),
            ".**.updatedAt" => insta::dynamic_redaction($crate::support::redact),
            ".**.cursor" => insta::dynamic_redaction($crate::support::redact),
            ".**.startCursor" => insta::dynamic_redaction($crate::support::redact),
            ".**.endCursor" => insta::dynamic_redaction($crate::support::redact),
            ".**.downloadUrl" => insta::dynamic_redaction($crate::support::redact),
        })
    };
}
