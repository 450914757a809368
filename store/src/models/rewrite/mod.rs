//! Stored texts that are looked at again, and written again where they changed: the same few statements for every table.
//!
//! Reading takes no locks. A change is one short transaction that takes a revision, as every commit about an execution does;
//! a row that somebody else has written meanwhile is left alone.

mod selection;
mod table;

use diesel::{
    OptionalExtension,
    sql_types::{Array, BigInt, Bool, Bytea, Nullable, Text, Uuid},
};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};

pub use self::selection::{Outdated, Selection};
use self::table::Form;
pub use self::table::Table;
use crate::{ChangeKind, ExecutionId, Revision, SpanId, StoreError, changes, statement::Statement};

/// Bounds of what is read at once: rows, and about how many bytes PostgreSQL keeps them in.
const PAGE_ROWS: i64 = 500;
const PAGE_BYTES: i64 = 4 << 20;

/// The texts of one row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub table: Table,
    key: Vec<String>,
    revision: Revision,
    texts: Vec<Option<String>>,
}

impl Row {
    /// The text of a column; JSON as it is written, bytes as lower-case hex.
    #[must_use]
    pub fn text(&self, column: &str) -> Option<&str> {
        let place = self.place(column)?;
        self.texts.get(place)?.as_deref()
    }

    /// Gives a column that the row has another text.
    pub fn set(&mut self, column: &str, text: Option<String>) {
        if let Some(held) = self
            .place(column)
            .and_then(|place| self.texts.get_mut(place))
        {
            *held = text;
        }
    }

    /// The columns that hold text or JSON.
    pub fn columns(&self) -> impl Iterator<Item = &'static str> + use<> {
        let columns = self.table.columns().iter();
        columns
            .filter(|(_, form)| matches!(form, Form::Text | Form::Json))
            .map(|(name, _)| *name)
    }

    /// What tells it apart from others of its table and execution: bytes as `\x` and lower-case hex.
    #[must_use]
    pub fn key(&self) -> &[String] {
        &self.key
    }

    fn place(&self, column: &str) -> Option<usize> {
        let mut columns = self.table.columns().iter();
        columns.position(|(name, _)| *name == column)
    }
}

/// Contents of an execution, by their hashes in lower-case hex.
///
/// # Errors
/// When the statement fails.
pub async fn contents(
    connection: &mut AsyncPgConnection,
    execution: ExecutionId,
    hashes: &[String],
) -> Result<Vec<Row>, StoreError> {
    let sql = "SELECT hash::text, content FROM span_contents WHERE execution_id = $1 \
        AND hash = ANY (SELECT decode(hash, 'hex') FROM unnest($2::text[]) hash)";
    let rows: Vec<(String, String)> = Statement::<(Text, Text)>::new(sql)
        .bind::<Uuid, _>(execution)
        .bind::<Array<Text>, Vec<String>>(hashes.to_vec())
        .load(connection)
        .await?;
    let row = |(key, content)| Row {
        table: Table::Contents,
        key: vec![key],
        revision: 0,
        texts: vec![Some(content)],
    };
    Ok(rows.into_iter().map(row).collect())
}

/// The next rows of an execution, in the order of their keys.
///
/// # Errors
/// When the statement fails.
pub async fn page(
    connection: &mut AsyncPgConnection,
    table: Table,
    execution: ExecutionId,
    after: Option<&Row>,
) -> Result<Vec<Row>, StoreError> {
    let key = table.key().iter().map(|(name, ..)| format!("{name}::text"));
    let texts = table.columns().iter().map(|(name, form)| match form {
        Form::Text => (*name).to_owned(),
        Form::Json | Form::Number => format!("{name}::text"),
        Form::Bytes | Form::Reference => format!("encode({name}, 'hex')"),
    });
    let sizes = table.columns().iter();
    let sizes = sizes.map(|(name, _)| format!("coalesce(pg_column_size({name}), 0)"));
    let list = |items: &mut dyn Iterator<Item = String>, separator: &str| {
        items.collect::<Vec<_>>().join(separator)
    };
    let sql = format!(
        "SELECT ARRAY[{key}], {revision}, ARRAY[{texts}] FROM (SELECT p.*, sum({size}) OVER (ORDER BY {order}) - ({size}) \
         AS bytes_before FROM (SELECT * FROM {table} WHERE execution_id = $1 AND ({order}) > ({after}) \
         ORDER BY {order} LIMIT $3) p) t WHERE bytes_before < $4 ORDER BY {order}",
        key = list(&mut key.into_iter(), ", "),
        revision = if table.has_revision() {
            "revision"
        } else {
            "0::bigint"
        },
        texts = list(&mut texts.into_iter(), ", "),
        size = list(&mut sizes.into_iter(), " + "),
        order = table.key_columns(),
        table = table.name(),
        after = table.key_values("$2"),
    );
    let least = || table.key().iter().map(|(.., least)| (*least).to_owned());
    let after = after.map_or_else(|| least().collect(), |row| row.key.clone());
    let rows: Vec<(Vec<String>, Revision, Vec<Option<String>>)> =
        Statement::<(Array<Text>, BigInt, Array<Nullable<Text>>)>::new(sql)
            .bind::<Uuid, _>(execution)
            .bind::<Array<Text>, Vec<String>>(after)
            .bind::<BigInt, _>(PAGE_ROWS)
            .bind::<BigInt, _>(PAGE_BYTES)
            .load(connection)
            .await?;
    let row = |(key, revision, texts)| Row {
        table,
        key,
        revision,
        texts,
    };
    Ok(rows.into_iter().map(row).collect())
}

/// A commit of rows that were written again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Written {
    /// The execution's revision before.
    pub before: Revision,
    pub revision: Revision,
}

/// Writes rows of one execution, in one commit, and tells those who follow it. A row that was written since it was read is left
/// as it is. `None` when the execution is gone.
///
/// # Errors
/// When a statement fails: nothing is written then.
pub async fn write(
    connection: &mut AsyncPgConnection,
    execution: ExecutionId,
    rows: &[Row],
) -> Result<Option<Written>, StoreError> {
    connection
        .transaction(async |connection| {
            let taken = "UPDATE execution_rollups SET revision = revision + 1, changed_at = now() WHERE execution_id = $1 \
                RETURNING revision";
            let taken: Option<Revision> = Statement::<BigInt>::new(taken)
                .bind::<Uuid, _>(execution)
                .get_result(connection)
                .await
                .optional()?;
            let Some(revision) = taken else {
                return Ok(None);
            };
            for row in rows {
                write_row(connection, execution, revision, row).await?;
            }
            touch_spans_of_logs(connection, execution, revision, rows).await?;
            changes::notify(connection, ChangeKind::Changed, execution, revision).await?;
            Ok(Some(Written {
                before: revision - 1,
                revision,
            }))
        })
        .await
}

async fn write_row(
    connection: &mut AsyncPgConnection,
    execution: ExecutionId,
    revision: Revision,
    row: &Row,
) -> Result<(), StoreError> {
    let table = row.table;
    let columns = table.columns().iter().enumerate();
    let set = columns.filter_map(|(index, (name, form))| {
        let text = format!("($1::text[])[{}]", index + 1);
        match form {
            Form::Text => Some(format!("{name} = {text}")),
            Form::Json => Some(format!("{name} = {text}::json")),
            Form::Number => Some(format!("{name} = {text}::bigint")),
            Form::Bytes => Some(format!("{name} = decode({text}, 'hex')")),
            Form::Reference => None,
        }
    });
    let (stamp, unchanged) = match table.has_revision() {
        true => (", revision = $2", "revision = $5"),
        false => ("", "$5::bigint IS NOT NULL"),
    };
    let sql = format!(
        "UPDATE {} SET {}{stamp} WHERE $2::bigint IS NOT NULL AND execution_id = $3 AND ({}) = ({}) AND {unchanged}",
        table.name(),
        set.collect::<Vec<_>>().join(", "),
        table.key_columns(),
        table.key_values("$4"),
    );
    Statement::<()>::new(sql)
        .bind::<Array<Nullable<Text>>, _>(row.texts.clone())
        .bind::<BigInt, _>(revision)
        .bind::<Uuid, _>(execution)
        .bind::<Array<Text>, _>(row.key.clone())
        .bind::<BigInt, _>(row.revision)
        .execute(connection)
        .await?;
    Ok(())
}

/// A log record is shown by its span.
async fn touch_spans_of_logs(
    connection: &mut AsyncPgConnection,
    execution: ExecutionId,
    revision: Revision,
    rows: &[Row],
) -> Result<(), StoreError> {
    let logs = rows.iter().filter(|row| row.table == Table::Logs);
    let spans: Vec<Vec<u8>> = logs
        .filter_map(|row| {
            row.key
                .as_slice()
                .first()?
                .strip_prefix("\\x")?
                .parse::<SpanId>()
                .ok()
        })
        .map(|id| id.0.to_vec())
        .collect();
    if spans.is_empty() {
        return Ok(());
    }
    for table in [Table::Spans, Table::OpenSpans] {
        Statement::<()>::new(format!(
            "UPDATE {} SET revision = $1 WHERE execution_id = $2 AND span_id = ANY ($3)",
            table.name()
        ))
        .bind::<BigInt, _>(revision)
        .bind::<Uuid, _>(execution)
        .bind::<Array<Bytea>, _>(spans.clone())
        .execute(connection)
        .await?;
    }
    Ok(())
}

/// Says that all of an execution has passed the rules of a version; false when it is not at `revision` any more.
///
/// # Errors
/// When the statement fails.
pub async fn mark(
    connection: &mut AsyncPgConnection,
    execution: Outdated,
    version: &str,
) -> Result<bool, StoreError> {
    let statement =
        "UPDATE execution_rollups SET redaction = $1 WHERE execution_id = $2 AND revision = $3";
    let marked = Statement::<()>::new(statement)
        .bind::<Text, _>(version.to_owned())
        .bind::<Uuid, _>(execution.execution_id)
        .bind::<BigInt, _>(execution.revision)
        .execute(connection)
        .await?;
    Ok(marked > 0)
}

/// Makes this session the one that rewrites, until it ends or calls [`release`]; false when another one does.
///
/// # Errors
/// When the statement fails.
pub async fn claim(connection: &mut AsyncPgConnection) -> Result<bool, StoreError> {
    Statement::<Bool>::new("SELECT pg_try_advisory_lock(hashtext('orcheo.rewrite'))")
        .get_result(connection)
        .await
        .map_err(StoreError::from)
}

/// Lets others rewrite.
///
/// # Errors
/// When the statement fails.
pub async fn release(connection: &mut AsyncPgConnection) -> Result<(), StoreError> {
    Statement::<Bool>::new("SELECT pg_advisory_unlock(hashtext('orcheo.rewrite'))")
        .execute(connection)
        .await?;
    Ok(())
}
