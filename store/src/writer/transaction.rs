//! The transaction around the statement of a batch, and what it needs beside it.

use std::pin::pin;

use bytes::Bytes;
use futures::SinkExt;
use tokio_postgres::{
    Client, Error, Row, Statement,
    types::{ToSql, Type},
};

use super::{
    batch::{Batch, ForeignSpans},
    bulk::{Copied, Spans, Usage},
    statement::{CLASHES, LOCK, RECOUNT},
};

/// A recursive query zeroes a hash table of the size that it is allowed, however few rows come.
const WALK: &str = "SET LOCAL work_mem = '256kB'";

/// Of a message of COPY: each is in memory once more while it is sent.
const MESSAGE_BYTES: usize = 64 << 10;

/// The statements that are the same for all batches.
pub(super) struct Prepared {
    lock: Statement,
    recount: Statement,
    copy_spans: Statement,
    copy_usage: Statement,
    pub(super) clashes: Statement,
}

impl Prepared {
    pub(super) async fn new(client: &Client) -> Result<Self, Error> {
        const LOCKED: [Type; 2] = [Type::UUID_ARRAY, Type::INT8_ARRAY];
        const ENDED: [Type; 4] = [
            Type::UUID_ARRAY,
            Type::BYTEA_ARRAY,
            Type::BYTEA_ARRAY,
            Type::BOOL_ARRAY,
        ];
        const COMPARED: [Type; 5] = [
            Type::UUID_ARRAY,
            Type::BYTEA_ARRAY,
            Type::INT8_ARRAY,
            Type::INT8_ARRAY,
            Type::INT2_ARRAY,
        ];
        Ok(Self {
            lock: client.prepare_typed(LOCK, &LOCKED).await?,
            recount: client.prepare_typed(RECOUNT, &ENDED).await?,
            copy_spans: client.prepare(&Spans::statement()).await?,
            copy_usage: client.prepare(&Usage::statement()).await?,
            clashes: client.prepare_typed(CLASHES, &COMPARED).await?,
        })
    }
}

/// Writes a batch, and returns the answer of its statement. After an error nothing is written and no transaction is open.
pub(super) async fn transaction(
    client: &Client,
    prepared: &Prepared,
    batch: &Batch,
    statement: &Statement,
    binds: &[&(dyn ToSql + Sync)],
) -> Result<Row, Error> {
    if !batch.bulk.is_empty() {
        if let Err(error) = copy(client, prepared, batch).await {
            // When this fails as well, the connection is gone, and the transaction with it.
            let _ = client.batch_execute("ROLLBACK").await;
            return Err(error);
        }
        // Sent together, in this order. After an error PostgreSQL skips the rest and COMMIT rolls back.
        let (answer, (), ()) = futures::try_join!(
            client.query_one(statement, binds),
            recount(client, prepared, batch),
            client.batch_execute("COMMIT"),
        )?;
        return Ok(answer);
    }
    if !batch.is_shared() {
        return client.query_one(statement, binds).await;
    }
    let (_, _, answer, (), ()) = futures::try_join!(
        client.batch_execute("BEGIN"),
        lock(client, prepared, batch),
        client.query_one(statement, binds),
        recount(client, prepared, batch),
        client.batch_execute("COMMIT"),
    )?;
    Ok(answer)
}

/// Begins the transaction and copies what the batch has in bulk. Nothing is copied when an execution is not ours to write: the
/// statement then tells so.
async fn copy(client: &Client, prepared: &Prepared, batch: &Batch) -> Result<(), Error> {
    let ((), revisions) =
        futures::try_join!(client.batch_execute("BEGIN"), lock(client, prepared, batch))?;
    if revisions.len() < batch.executions.len() {
        return Ok(());
    }
    let bulk = &batch.bulk;
    send(client, &prepared.copy_spans, bulk.spans.stamped(&revisions)).await?;
    if bulk.usage.is_empty() {
        return Ok(());
    }
    send(client, &prepared.copy_usage, bulk.usage.stamped(&revisions)).await
}

async fn send(client: &Client, statement: &Statement, mut rows: Bytes) -> Result<(), Error> {
    let mut sink = pin!(client.copy_in::<_, Bytes>(statement).await?);
    while !rows.is_empty() {
        let message = rows.split_to(rows.len().min(MESSAGE_BYTES));
        sink.feed(message).await?;
    }
    sink.finish().await?;
    Ok(())
}

/// Locks the rollups of a batch; returns the next revision of each that is ours to write, in the order of the batch.
async fn lock(client: &Client, prepared: &Prepared, batch: &Batch) -> Result<Vec<i64>, Error> {
    let locked: [&(dyn ToSql + Sync); 2] = [&batch.executions, &batch.lease_epochs];
    let rows = client.query(&prepared.lock, &locked).await?;
    rows.iter().map(|row| row.try_get(1)).collect()
}

/// Counts usage on the deepest spans that report it, once what the batch has ended is written.
async fn recount(client: &Client, prepared: &Prepared, batch: &Batch) -> Result<(), Error> {
    let ForeignSpans {
        executions,
        span_ids,
        parents,
        used,
        ..
    } = &batch.foreign;
    if executions.is_empty() {
        return Ok(());
    }
    let ended: [&(dyn ToSql + Sync); 4] = [executions, span_ids, parents, used];
    futures::try_join!(
        client.batch_execute(WALK),
        client.execute(&prepared.recount, &ended)
    )?;
    Ok(())
}
