//! PostgresNode: one SQL statement.

mod placeholders;
mod values;

use std::time::Duration;

use futures::{StreamExt, pin_mut};
use opentelemetry::KeyValue;
use orcheo_postgres::Address;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use tokio_postgres::config::Host;
use tokio_postgres::error::SqlState;
use tokio_postgres::{CancelToken, Client, Row};

use self::placeholders::Statement;
use self::values::{Cell, Parameter};
use crate::attributes as key;
use crate::context::NodeContext;
use crate::error::{NodeError, codes};
use crate::node::{NodeCategory, NodeKind};
use crate::spans::SpanSpec;

pub(super) struct Postgres;

const CONNECT_PATIENCE: Duration = Duration::from_secs(10);
/// How long a statement may run in a node that has no `timeout` of its own.
const PATIENCE: Duration = Duration::from_secs(30);

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Params {
    /// The database: `postgresql://user:password@host/database`. Keep it in a credential; without one here it is the
    /// credential `postgres_dsn`.
    dsn: Option<String>,
    /// One SQL statement. Parameters are `%s` or `%(name)s`, as Python's drivers write them, or PostgreSQL's own `$1`.
    query: String,
    /// Values of the parameters: a list, or an object for named ones. They never become part of the SQL text.
    parameters: Option<Value>,
    /// Which rows are returned.
    #[serde(default)]
    fetch: Fetch,
    /// Whether the statement runs outside of a transaction block.
    #[serde(default = "yes")]
    autocommit: bool,
    /// The most rows that are returned. If there are more, the output says so with `truncated`.
    #[serde(default = "thousand")]
    #[schemars(range(min = 1, max = 100_000))]
    max_rows: usize,
}

fn yes() -> bool {
    true
}

fn thousand() -> usize {
    1000
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Fetch {
    /// No rows, only how many there were.
    None,
    /// The first row.
    One,
    /// All rows, up to `max_rows`.
    #[default]
    All,
}

impl NodeKind for Postgres {
    type Params = Params;

    const NAME: &'static str = "PostgresNode";
    const DESCRIPTION: &'static str = "Runs an SQL statement in a PostgreSQL database";
    const CATEGORY: NodeCategory = NodeCategory::Database;
    const EFFECTS: bool = true;

    async fn run(params: Params, cx: &NodeContext) -> Result<Value, NodeError> {
        let address = params.address(cx)?;
        let statement = Statement::parse(&params.query, params.parameters.as_ref())?;
        let span = cx.child(statement_span(&address, &statement.sql));
        let patience = cx.node().timeout.unwrap_or(PATIENCE);
        let work = execute(address, &statement, &params, patience);
        let result = tokio::time::timeout(CONNECT_PATIENCE + patience, work)
            .await
            .unwrap_or_else(|_| Err(timed_out(patience)));
        if let Ok(output) = &result {
            let rows = output["rows"].as_array().map_or(0, Vec::len);
            let rows = i64::try_from(rows).unwrap_or(i64::MAX);
            span.set(KeyValue::new(key::DB_RESPONSE_RETURNED_ROWS, rows));
        }
        span.finish(&result);
        result
    }
}

impl Params {
    fn address(&self, cx: &NodeContext) -> Result<Address, NodeError> {
        let dsn = match &self.dsn {
            Some(dsn) => Value::from(dsn.as_str()),
            None => cx.resolve(&json!("[[postgres_dsn]]"))?.value,
        };
        let dsn = dsn
            .as_str()
            .ok_or_else(|| NodeError::invalid_parameters("dsn: not a text"))?;
        Address::parse(dsn).map_err(|error| NodeError::invalid_parameters(format!("dsn: {error}")))
    }
}

fn statement_span(address: &Address, sql: &str) -> SpanSpec {
    let config = address.config();
    let operation = sql
        .split_whitespace()
        .next()
        .unwrap_or_default()
        .to_uppercase();
    let database = config
        .get_dbname()
        .or(config.get_user())
        .unwrap_or_default()
        .to_owned();
    let host = config.get_hosts().first().map(|host| match host {
        Host::Tcp(name) => name.clone(),
        Host::Unix(path) => path.display().to_string(),
    });
    let port = config.get_ports().first().copied().unwrap_or(5432);
    SpanSpec::new(format!("{operation} {database}"))
        .client()
        .attributes([
            KeyValue::new(key::DB_SYSTEM_NAME, "postgresql"),
            KeyValue::new(key::DB_OPERATION_NAME, operation),
            KeyValue::new(key::DB_NAMESPACE, database),
            KeyValue::new(key::DB_QUERY_TEXT, sql.to_owned()),
            KeyValue::new(key::SERVER_PORT, i64::from(port)),
        ])
        .attributes(host.map(|host| KeyValue::new(key::SERVER_ADDRESS, host)))
}

async fn execute(
    mut address: Address,
    statement: &Statement,
    params: &Params,
    patience: Duration,
) -> Result<Value, NodeError> {
    address.config_mut().connect_timeout(CONNECT_PATIENCE);
    let (client, connection) = address.connect().await.map_err(failure)?;
    // It ends by itself once the client is dropped.
    tokio::spawn(connection);
    let running = Running(Some((address, client.cancel_token())));
    let limit = format!(
        "SET statement_timeout = {}",
        patience.as_millis().clamp(1, 2_000_000_000)
    );
    client.batch_execute(&limit).await.map_err(failure)?;
    if !params.autocommit {
        client.batch_execute("BEGIN").await.map_err(failure)?;
    }
    let output = query(&client, statement, params).await?;
    if !params.autocommit {
        client.batch_execute("COMMIT").await.map_err(failure)?;
    }
    running.finished();
    Ok(output)
}

async fn query(
    client: &Client,
    statement: &Statement,
    params: &Params,
) -> Result<Value, NodeError> {
    let prepared = client.prepare(&statement.sql).await.map_err(failure)?;
    let expected = prepared.params().len();
    if expected != statement.values.len() {
        let problem = format!(
            "the query has {expected} parameters, not {}",
            statement.values.len()
        );
        return Err(NodeError::invalid_parameters(format!(
            "parameters: {problem}"
        )));
    }
    let wanted = match params.fetch {
        Fetch::None => 0,
        Fetch::One => 1,
        Fetch::All => params.max_rows,
    };
    let values = statement.values.iter().map(Parameter);
    let found = client.query_raw(&prepared, values).await.map_err(failure)?;
    pin_mut!(found);
    let mut rows = Vec::new();
    let mut count: u64 = 0;
    while let Some(row) = found.next().await {
        let row = row.map_err(failure)?;
        count += 1;
        if rows.len() < wanted {
            rows.push(object(&row)?);
        } else if params.fetch == Fetch::All {
            break;
        }
    }
    let truncated = params.fetch == Fetch::All && count > rows.len() as u64;
    let affected = found.rows_affected().unwrap_or(count);
    Ok(
        json!({"rows": rows, "rowcount": if truncated { None } else { Some(affected) }, "truncated": truncated}),
    )
}

fn object(row: &Row) -> Result<Map<String, Value>, NodeError> {
    let columns = row.columns().iter().enumerate();
    let value = |(index, column): (usize, &tokio_postgres::Column)| {
        let cell: Cell = row.try_get(index).map_err(|error| {
            let reason = std::error::Error::source(&error)
                .map_or_else(|| error.to_string(), ToString::to_string);
            NodeError::new(
                "UNREADABLE_COLUMN",
                format!("column `{}`: {reason}", column.name()),
            )
        })?;
        Ok((column.name().to_owned(), cell.0))
    };
    columns.map(value).collect()
}

/// A statement that nobody waits for any more is stopped, or it would run on in the database.
struct Running(Option<(Address, CancelToken)>);

impl Running {
    fn finished(mut self) {
        self.0 = None;
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let (Some((address, token)), Ok(runtime)) =
            (self.0.take(), tokio::runtime::Handle::try_current())
        {
            runtime.spawn(async move {
                // Best effort: the server's statement_timeout ends it otherwise.
                let _ = address.cancel(token).await;
            });
        }
    }
}

fn timed_out(patience: Duration) -> NodeError {
    let problem = format!(
        "the statement took longer than {} s",
        patience.as_secs_f64()
    );
    NodeError::new(codes::TIMEOUT, problem).retryable()
}

fn failure(error: tokio_postgres::Error) -> NodeError {
    let Some(refusal) = error.as_db_error() else {
        let mut causes = std::iter::successors(Some(&error as &dyn std::error::Error), |error| {
            error.source()
        });
        let reason = causes
            .by_ref()
            .last()
            .map(ToString::to_string)
            .unwrap_or_default();
        return NodeError::new(
            "DATABASE_UNREACHABLE",
            format!("PostgreSQL could not be reached: {reason}"),
        )
        .retryable();
    };
    let state = refusal.code().code();
    if *refusal.code() == SqlState::QUERY_CANCELED {
        return NodeError::new(codes::TIMEOUT, refusal.message()).retryable();
    }
    let failure = NodeError::new(
        "DATABASE_ERROR",
        format!("{} (SQLSTATE {state})", refusal.message()),
    );
    // Connections lost, conflicts between transactions, a server that is full, is stopped, or had enough.
    let passing = ["08", "40", "53", "57"]
        .iter()
        .any(|class| state.starts_with(class));
    if passing {
        failure.retryable()
    } else {
        failure
    }
}
