//! The transaction around the statement of a batch, and what it needs beside it.

use std::{borrow::Cow, pin::pin};

use bytes::Bytes;
use futures::SinkExt;
use tokio_postgres::{
    Client, Error, Row, Statement,
    types::{ToSql, Type},
};
use uuid::Uuid;

use super::{
    batch::Batch,
    bulk::{Copied, Spans, Usage},
    foreign::ForeignSpans,
    statement::{CLASHES, CLOSE, LOCK, RECOUNT},
};

/// A recursive query zeroes a hash table of the size that it is allowed, however few rows come.
const WALK: &str = "SET LOCAL work_mem = '256kB'";

/// Of a message of COPY: each is in memory once more while it is sent.
const MESSAGE_BYTES: usize = 64 << 10;

/// The statements that are the same for all batches.
pub(super) struct Prepared {
    lock: Statement,
    close: Statement,
    recount: Statement,
    copy_spans: Statement,
    copy_usage: Statement,
    pub(super) clashes: Statement,
}

impl Prepared {
    pub(super) async fn new(client: &Client) -> Result<Self, Error> {
        const LOCKED: [Type; 2] = [Type::UUID_ARRAY, Type::INT8_ARRAY];
        const COPIED: [Type; 2] = [Type::UUID_ARRAY, Type::BYTEA_ARRAY];
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
            close: client.prepare_typed(CLOSE, &COPIED).await?,
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
        let recounted = match copy(client, prepared, batch).await {
            Ok(recounted) => recounted,
            Err(error) => {
                // When this fails as well, the connection is gone, and the transaction with it.
                let _ = client.batch_execute("ROLLBACK").await;
                return Err(error);
            }
        };
        // Sent together, in this order. After an error PostgreSQL skips the rest and COMMIT rolls back.
        let (answer, (), ()) = futures::try_join!(
            client.query_one(statement, binds),
            recount(client, prepared, &recounted),
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
        recount(client, prepared, &batch.foreign),
        client.batch_execute("COMMIT"),
    )?;
    Ok(answer)
}

/// Begins the transaction and copies what the batch has in bulk; returns the spans whose usage is to be recounted. Nothing is
/// copied when an execution is not ours to write: the statement then tells so.
async fn copy<'a>(
    client: &Client,
    prepared: &Prepared,
    batch: &'a Batch,
) -> Result<Cow<'a, ForeignSpans>, Error> {
    let ((), locked) =
        futures::try_join!(client.batch_execute("BEGIN"), lock(client, prepared, batch))?;
    if locked.len() < batch.executions.len() {
        return Ok(Cow::default());
    }
    let revisions: Vec<i64> = locked.iter().map(|rollup| rollup.revision).collect();
    let bulk = &batch.bulk;
    send(client, &prepared.copy_spans, bulk.spans.stamped(&revisions)).await?;
    if !bulk.usage.is_empty() {
        send(client, &prepared.copy_usage, bulk.usage.stamped(&revisions)).await?;
    }
    if locked.iter().any(|rollup| rollup.has_open) {
        let copied: [&(dyn ToSql + Sync); 2] = [&bulk.executions, &bulk.span_ids];
        client.execute(&prepared.close, &copied).await?;
    }
    let new: Vec<Uuid> = batch
        .executions
        .iter()
        .zip(&locked)
        .filter_map(|(id, rollup)| rollup.is_new.then_some(*id))
        .collect();
    Ok(batch.foreign.without_flat(&new))
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

/// A rollup as the transaction found it.
struct Locked {
    /// That the batch will have.
    revision: i64,
    has_open: bool,
    /// Nothing is known of the execution's spans yet.
    is_new: bool,
}

/// Locks the rollups of a batch; returns those that are ours to write, in the order of the batch.
async fn lock(client: &Client, prepared: &Prepared, batch: &Batch) -> Result<Vec<Locked>, Error> {
    let ours: [&(dyn ToSql + Sync); 2] = [&batch.executions, &batch.lease_epochs];
    let rows = client.query(&prepared.lock, &ours).await?;
    let locked = rows.iter().map(|row| {
        Ok(Locked {
            revision: row.try_get(0)?,
            has_open: row.try_get(1)?,
            is_new: row.try_get(2)?,
        })
    });
    locked.collect()
}

/// Counts usage on the deepest spans that report it, once these, which the batch has ended, are written.
async fn recount(client: &Client, prepared: &Prepared, spans: &ForeignSpans) -> Result<(), Error> {
    let ForeignSpans {
        executions,
        span_ids,
        parents,
        used,
        ..
    } = spans;
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
