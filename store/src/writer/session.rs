//! The writer's connection: it runs the statement, and tells by SQLSTATE what is to be done about an error.
//!
//! It is a bare tokio-postgres connection under diesel's query fragments. diesel-async hides the SQLSTATE, which alone
//! tells data that will never be accepted from a server that is short of disk; it serialises parameters of our own row
//! types twice; and it drives the connection in a task of its own, which costs a commit two hops between tasks.

use std::{
    collections::{HashMap, HashSet},
    future::poll_fn,
    pin::Pin,
};

use diesel::{
    pg::{Pg, PgMetadataLookup, PgQueryBuilder, PgTypeMetadata},
    query_builder::{QueryBuilder, QueryFragment, bind_collector::RawBytesBindCollector},
};
use futures::future::{Either, select};
use orcheo_postgres::Connection;
use tokio_postgres::{
    Client, Row, Statement,
    error::SqlState,
    types::{IsNull, Kind, ToSql, Type, to_sql_checked},
};
use uuid::Uuid;

use super::{
    batch::Batch,
    rows,
    statement::{Parts, WriteBatch},
    transaction::{Prepared, transaction},
};
use crate::{ExecutionId, SpanId, pool::Target};

/// A connection that is set up for writing batches.
pub(super) struct Session {
    client: Client,
    connection: Connection,
    row_types: RowTypes,
    prepared: Prepared,
    statements: HashMap<Parts, Statement>,
}

/// What became of a batch that PostgreSQL accepted.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Committed {
        /// The revisions of its executions, in its order.
        revisions: Vec<i64>,
        /// Ended spans that are not stored, since others with their ids are.
        clashes: HashSet<(ExecutionId, SpanId)>,
    },
    /// Nothing was written: only these executions exist and have the lease epoch given.
    NotOurs { ours: Vec<ExecutionId> },
}

/// Why a batch is not committed.
#[derive(Debug)]
pub(super) enum Failure {
    /// Not known whether it was committed, or the server cannot at the moment: the same batch, later.
    Later(String),
    /// There is no partition for one of its executions.
    NoPartition(String),
    /// It holds data that PostgreSQL will never accept.
    Data { sqlstate: String, message: String },
}

/// One plan for all, whatever the tables held when it was made: probing by key is right for any size, so the planner gets
/// no choice, and a batch never waits for planning.
const SETTINGS: &[(&str, &str)] = &[
    ("plan_cache_mode", "force_generic_plan"),
    ("enable_hashjoin", "off"),
    ("enable_mergejoin", "off"),
    ("enable_seqscan", "off"),
    ("enable_bitmapscan", "off"),
    ("jit", "off"),
    ("statement_timeout", "0"),
    ("default_transaction_isolation", "read\\ committed"),
    // A batch is read several times within its statement: from memory, not from a file.
    ("work_mem", "64MB"),
];

/// Compresses in a fraction of the time. Not every PostgreSQL is built with it.
const LZ4: &str = "SELECT set_config(name, 'lz4', false) FROM pg_settings \
    WHERE name = 'default_toast_compression' AND 'lz4' = ANY (enumvals)";

impl Session {
    pub(super) async fn connect(target: &Target) -> Result<Self, Failure> {
        let (client, mut connection) = target
            .with_parameters(SETTINGS)
            .connect_bare()
            .await
            .map_err(Failure::from)?;
        let set_up = async {
            let definitions: String = rows::definitions()
                .map(|(_, definition)| definition)
                .collect();
            client.batch_execute(&definitions).await?;
            client.batch_execute(LZ4).await?;
            let row_types = RowTypes::load(&client).await?;
            Ok((row_types, Prepared::new(&client).await?))
        };
        let (row_types, prepared) = drive(&mut connection, set_up).await?;
        Ok(Self {
            client,
            connection,
            row_types,
            prepared,
            statements: HashMap::new(),
        })
    }

    /// Writes a batch in one transaction. One with spans in bulk fails with [`CONFLICT`](super::bulk::CONFLICT) when one of them
    /// is stored already.
    pub(super) async fn commit(
        &mut self,
        batch: &Batch,
        workspace: &str,
    ) -> Result<Outcome, Failure> {
        let Self {
            client,
            connection,
            row_types,
            prepared,
            statements,
        } = self;
        let write = WriteBatch { batch, workspace };
        let mut collector = RawBytesBindCollector::<Pg>::new();
        write
            .collect_binds(&mut collector, row_types, &Pg)
            .map_err(unencodable)?;
        let work = async {
            let parts = Parts::of(batch);
            let statement = match statements.get(&parts) {
                Some(statement) => statement,
                None => {
                    let prepared = prepare(client, &write, &collector, row_types).await?;
                    statements.entry(parts).or_insert(prepared)
                }
            };
            let binds: Vec<Bind> = collector.binds.into_iter().map(Bind).collect();
            let binds: Vec<&(dyn ToSql + Sync)> = binds.iter().map(|bind| bind as _).collect();
            transaction(client, prepared, batch, statement, &binds).await
        };
        let answer = drive(connection, work).await?;
        let mut outcome = outcome(&answer)?;
        if let Outcome::Committed { clashes: found, .. } = &mut outcome
            && answer.try_get::<_, i64>("ended")? < batch.ended
        {
            // Most of what is not written anew was sent again; whether all of it was is asked only then.
            let spans = &batch.foreign;
            let ended: [&(dyn ToSql + Sync); 5] = [
                &spans.executions,
                &spans.span_ids,
                &spans.starts,
                &spans.ends,
                &spans.kinds,
            ];
            let clashes = client.query(&prepared.clashes, &ended);
            for row in drive(connection, clashes).await? {
                let span_id: &[u8] = row.try_get(1)?;
                // Ids were sent with eight bytes, so they come back so.
                let span_id = SpanId(span_id.try_into().unwrap_or_default());
                found.insert((ExecutionId(row.try_get(0)?), span_id));
            }
        }
        Ok(outcome)
    }

    /// Creates the partitions that the executions of a batch need; returns how many were missing.
    pub(super) async fn create_partitions(&mut self, batch: &Batch) -> Result<i64, Failure> {
        const STATEMENT: &str = "SELECT sum(ensure_week_partitions(at, at))::bigint FROM \
            (SELECT DISTINCT date_trunc('week', to_timestamp(ms / 1000.0), 'UTC') AS at FROM unnest($1::bigint[]) ms) w";
        let times: Vec<i64> = batch.executions.iter().map(unix_ms).collect();
        let client = &self.client;
        let created = drive(&mut self.connection, async {
            client.query_one(STATEMENT, &[&times]).await
        })
        .await?;
        created.try_get(0).map_err(Failure::from)
    }
}

/// Runs the connection within the task that waits for it.
async fn drive<T>(
    connection: &mut Connection,
    work: impl Future<Output = Result<T, tokio_postgres::Error>>,
) -> Result<T, Failure> {
    let work = std::pin::pin!(work);
    let connection = poll_fn(|context| Pin::new(&mut *connection).poll(context));
    match select(work, connection).await {
        Either::Left((answer, _)) => answer.map_err(Failure::from),
        Either::Right((Ok(()), _)) => Err(Failure::Later("the connection was closed".to_owned())),
        Either::Right((Err(error), _)) => Err(error.into()),
    }
}

async fn prepare(
    client: &Client,
    write: &WriteBatch<'_>,
    collector: &RawBytesBindCollector<Pg>,
    row_types: &RowTypes,
) -> Result<Statement, tokio_postgres::Error> {
    let mut text = PgQueryBuilder::new();
    // Building the text cannot fail: the same fragment has just given its parameters.
    let _ = write.to_sql(&mut text, &Pg);
    let types: Vec<Type> = collector
        .metadata
        .iter()
        .map(|metadata| row_types.parameter(metadata))
        .collect();
    client.prepare_typed(&text.finish(), &types).await
}

fn outcome(answer: &Row) -> Result<Outcome, Failure> {
    if let Some(revisions) = answer.try_get("revisions")? {
        return Ok(Outcome::Committed {
            revisions,
            clashes: HashSet::new(),
        });
    }
    let ours: Option<Vec<Uuid>> = answer.try_get("ours")?;
    Ok(Outcome::NotOurs {
        ours: ours
            .unwrap_or_default()
            .into_iter()
            .map(ExecutionId)
            .collect(),
    })
}

/// The time of a UUIDv7 in milliseconds since the Unix epoch.
fn unix_ms(id: &Uuid) -> i64 {
    let (high, low, ..) = id.as_fields();
    i64::from(high) << 16 | i64::from(low)
}

fn unencodable(error: diesel::result::Error) -> Failure {
    Failure::Data {
        sqlstate: SqlState::DATA_EXCEPTION.code().to_owned(),
        message: error.to_string(),
    }
}

impl From<tokio_postgres::Error> for Failure {
    fn from(error: tokio_postgres::Error) -> Self {
        let Some(database) = error.as_db_error() else {
            return Self::Later(crate::pool::describe(&error));
        };
        let message = database.message().to_owned();
        let code = database.code();
        if *code == SqlState::CHECK_VIOLATION && database.constraint().is_none() {
            return Self::NoPartition(message);
        }
        // Classes of errors that the data causes: cardinality, data, integrity, and limits of the program.
        match &code.code()[..2] {
            "21" | "22" | "23" | "54" => Self::Data {
                sqlstate: code.code().to_owned(),
                message,
            },
            _ => Self::Later(format!("{message} ({})", code.code())),
        }
    }
}

/// OIDs of the row types and of their arrays.
struct RowTypes(HashMap<String, (u32, u32)>);

impl RowTypes {
    async fn load(client: &Client) -> Result<Self, tokio_postgres::Error> {
        const STATEMENT: &str = "SELECT typname::text, oid, typarray FROM pg_type \
            WHERE typnamespace = pg_my_temp_schema() AND typtype = 'c'";
        let rows = client.query(STATEMENT, &[]).await?;
        let types = rows
            .iter()
            .map(|row| Ok((row.try_get(0)?, (row.try_get(1)?, row.try_get(2)?))));
        types.collect::<Result<_, _>>().map(Self)
    }

    /// The type of a parameter: built-in, or an array of rows.
    fn parameter(&self, metadata: &PgTypeMetadata) -> Type {
        let oid = metadata.oid().unwrap_or_default();
        Type::from_oid(oid)
            .unwrap_or_else(|| Type::new("rows".to_owned(), oid, Kind::Simple, String::new()))
    }
}

impl PgMetadataLookup for RowTypes {
    fn lookup_type(&mut self, type_name: &str, _schema: Option<&str>) -> PgTypeMetadata {
        let (oid, array_oid) = self.0.get(type_name).copied().unwrap_or_default();
        PgTypeMetadata::new(oid, array_oid)
    }
}

/// A parameter that diesel has encoded.
#[derive(Debug)]
struct Bind(Option<Vec<u8>>);

impl ToSql for Bind {
    fn to_sql(
        &self,
        _: &Type,
        out: &mut bytes::BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match &self.0 {
            Some(bytes) => {
                out.extend_from_slice(bytes);
                Ok(IsNull::No)
            }
            None => Ok(IsNull::Yes),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}
