//! The statement that writes a batch: one data-modifying `WITH`, so one round trip and one transaction.
//!
//! Its parts, in the order in which they take effect for the reader of this file: lock the rollups in id order and take the
//! next revision of each; write spans, and what belongs to them, stamped with it; add what really changed to the rollups;
//! notify. When one of the executions is gone or its lease epoch differs, nothing at all is written: the answer tells which
//! ones are well.
//!
//! A part without rows is left out, so there are several statements; each is prepared once per connection.

use std::sync::LazyLock;

use diesel::{
    QueryResult,
    pg::Pg,
    query_builder::{AstPass, QueryFragment},
    sql_types::{Array, BigInt, Nullable, Text, Uuid},
};

use super::{
    batch::Batch,
    observe::observe,
    rows,
    sql::{REVISION, REVISIONS, STAMPED, Sql},
};

/// Which parts a batch needs: batches with the same parts share a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Parts(u16);

impl Parts {
    pub(super) fn of(batch: &Batch) -> Self {
        let present = [
            !batch.opened.is_empty(),
            !batch.closed.is_empty(),
            !batch.progress.is_empty(),
            !batch.contents.is_empty(),
            !batch.usage.is_empty(),
            !batch.logs.is_empty(),
            !batch.steps.is_empty(),
            !batch.artifacts.is_empty(),
            !batch.changes.is_empty(),
            !batch.finished.is_empty(),
            !batch.abandoned.is_empty(),
            !batch.observed.is_empty(),
            !batch.bulk.is_empty(),
        ];
        Self(
            present
                .iter()
                .rev()
                .fold(0, |bits, &present| bits << 1 | u16::from(present)),
        )
    }
}

/// Locks the rollups of a batch, in id order, ahead of the statement that writes it. Of those that are ours to write it tells the
/// next revision, whether spans are open, and whether there is no span at all.
///
/// A statement's snapshot is older than the locks that it waits for. Where another process writes about the same execution,
/// the locks must be had before the snapshot is taken.
pub(super) const LOCK: &str = "SELECT r.revision + 1, r.open_count > 0, r.span_count = 0 \
    FROM unnest($1, $2) i (execution_id, lease_epoch) JOIN execution_rollups r ON r.execution_id = i.execution_id \
    AND r.lease_epoch = coalesce(i.lease_epoch, r.lease_epoch) ORDER BY r.execution_id FOR UPDATE OF r";

/// Spans that were copied are open no more.
pub(super) const CLOSE: &str = "WITH closed AS (DELETE FROM open_spans o USING unnest($1, $2) i (execution_id, span_id) \
    WHERE o.execution_id = i.execution_id AND o.span_id = i.span_id RETURNING o.execution_id) \
    UPDATE execution_rollups r SET span_count = span_count - c.spans, open_count = open_count - c.spans \
    FROM (SELECT execution_id, count(*) AS spans FROM closed GROUP BY execution_id) c WHERE r.execution_id = c.execution_id";

/// Runs after the statement of a batch with ended spans of other engines.
pub(super) const RECOUNT: &str = include_str!("recount.sql");

/// Which of such spans are not the ones that are stored with their ids.
pub(super) const CLASHES: &str = "SELECT i.execution_id, i.span_id FROM unnest($1, $2, $3, $4, $5) \
    i (execution_id, span_id, start_ns, end_ns, kind) CROSS JOIN LATERAL (SELECT start_ns, end_ns, kind FROM spans \
    WHERE execution_id = i.execution_id AND span_id = i.span_id OFFSET 0) s \
    WHERE (s.start_ns, s.end_ns, s.kind) IS DISTINCT FROM (i.start_ns, i.end_ns, i.kind)";

/// The statement for a batch.
pub(super) struct WriteBatch<'a> {
    pub(super) batch: &'a Batch,
    pub(super) workspace: &'a str,
}

/// Columns of `spans` and `open_spans` that come from a `span_row` as they are.
static SPAN_COLUMNS: LazyLock<String> = LazyLock::new(|| {
    let columns = rows::SPAN_COLUMNS.iter().map(|(name, _)| *name);
    let columns: Vec<&str> = columns.filter(|name| *name != "span_id").collect();
    columns.join(", ")
});

/// Columns of `token_usage` that come from a `usage_row`.
static USAGE_COLUMNS: LazyLock<String> = LazyLock::new(|| {
    let columns: Vec<&str> = rows::USAGE_COLUMNS.iter().map(|(name, _)| *name).collect();
    columns.join(", ")
});

impl QueryFragment<Pg> for WriteBatch<'_> {
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        let mut sql = Sql::new(out);
        self.lock(&mut sql)?;
        self.spans(&mut sql)?;
        self.bulk(&mut sql)?;
        self.progress(&mut sql)?;
        self.attachments(&mut sql)?;
        self.execution(&mut sql)?;
        observe(&mut sql, &self.batch.observed)?;
        sql.finish();
        Ok(())
    }
}

impl WriteBatch<'_> {
    /// The parameters that every statement has, as `$1` to `$5`; and `stamped.revisions`: the new revision of each
    /// execution, in the order of the batch, or NULL when one of them is not ours to write.
    fn lock<'b>(&'b self, sql: &mut Sql<'_, 'b>) -> QueryResult<()> {
        sql.push(
            "WITH arguments (executions, lease_epochs, workspace, finished, abandoned) AS (SELECT ",
        );
        sql.bind::<Array<Uuid>, _>(&self.batch.executions)?;
        sql.push("::uuid[], ");
        sql.bind::<Array<Nullable<BigInt>>, _>(&self.batch.lease_epochs)?;
        sql.push("::bigint[], ");
        sql.bind::<Text, _>(self.workspace)?;
        sql.push("::text, ");
        sql.bind::<Array<Uuid>, _>(&self.batch.finished)?;
        sql.push("::uuid[], ");
        sql.bind::<Array<Uuid>, _>(&self.batch.abandoned)?;
        sql.push(
            "::uuid[]), \
             locked AS MATERIALIZED (SELECT i.ord, r.execution_id, r.revision + 1 AS revision, r.open_count \
             FROM unnest($1, $2) WITH ORDINALITY i (execution_id, lease_epoch, ord) JOIN execution_rollups r \
             ON r.execution_id = i.execution_id AND r.lease_epoch = coalesce(i.lease_epoch, r.lease_epoch) \
             ORDER BY r.execution_id FOR UPDATE OF r), \
             stamped AS MATERIALIZED (SELECT CASE WHEN count(*) = cardinality($1) THEN array_agg(revision ORDER BY ord) \
             END AS revisions, array_agg(open_count ORDER BY ord) AS open_counts FROM locked)",
        );
        Ok(())
    }

    /// Spans that started, ended or were abandoned.
    fn spans<'b>(&'b self, sql: &mut Sql<'_, 'b>) -> QueryResult<()> {
        let batch = self.batch;
        let abandons = !batch.abandoned.is_empty();
        if !batch.closed.is_empty() {
            sql.push(", incoming AS MATERIALIZED (SELECT * FROM unnest(");
            sql.bind_rows(&batch.closed)?;
            sql.push("))");
            // Those of executions whose open spans are abandoned leave with all others of theirs. Most spans of other engines
            // come when they have ended; nothing is open then, and nothing is looked for.
            sql.push(
                ", moved AS (DELETE FROM open_spans o USING incoming i \
                 WHERE o.execution_id = ($1)[i.ord] AND o.span_id = i.span_id \
                 AND (SELECT open_counts FROM stamped)[i.ord] > 0 AND ",
            );
            sql.push(STAMPED);
            if abandons {
                sql.push(" AND o.execution_id <> ALL ($5)");
            }
            sql.push(" RETURNING o.execution_id)");
            sql.effect("SELECT execution_id, NULL, -1, -1, 0, NULL, NULL, 0, 0, 0, 0, 0, 0, NULL, 0 FROM moved");
        }
        if abandons {
            sql.push(", drained AS (DELETE FROM open_spans o WHERE o.execution_id = ANY ($5) AND ");
            sql.push(STAMPED);
            sql.push(" RETURNING o.*)");
            sql.effect("SELECT execution_id, NULL, -1, -1, 0, NULL, NULL, 0, 0, 0, 0, 0, 0, NULL, 0 FROM drained");
        }
        if !batch.closed.is_empty() || abandons {
            self.close(sql, abandons);
        }
        if !batch.opened.is_empty() {
            self.open(sql)?;
        }
        Ok(())
    }

    /// Spans that were copied before, in the same transaction.
    fn bulk<'b>(&'b self, sql: &mut Sql<'_, 'b>) -> QueryResult<()> {
        let bulk = &self.batch.bulk;
        if bulk.is_empty() {
            return Ok(());
        }
        sql.push(", copied AS MATERIALIZED (SELECT ($1)[ord] AS execution_id, * FROM unnest(");
        sql.bind_rows(&bulk.sums)?;
        sql.push("))");
        sql.effect(
            "SELECT execution_id, NULL, spans, 0, errors, first_ns, last_ns, 0, input, output, cache_read, cache_write, \
             reasoning, cost, unpriced FROM copied",
        );
        sql.ended("(SELECT sum(spans)::bigint FROM copied)");
        Ok(())
    }

    /// ENDED replaces ABANDONED, and nothing replaces ENDED.
    fn close(&self, sql: &mut Sql<'_, '_>, abandons: bool) {
        sql.ended("(SELECT count(*) FROM closed WHERE state = 1)");
        sql.push(
            ", closed AS (INSERT INTO spans AS s (execution_id, span_id, workspace_id, revision, ",
        );
        sql.push(&SPAN_COLUMNS);
        sql.push(") ");
        let ended = !self.batch.closed.is_empty();
        if ended {
            sql.push("SELECT ($1)[i.ord], i.span_id, $3, ");
            sql.push(REVISION);
            sql.push(", ");
            sql.push(&SPAN_COLUMNS);
            sql.push(" FROM incoming i WHERE ");
            sql.push(STAMPED);
        }
        if abandons {
            if ended {
                sql.push(" UNION ALL ");
            }
            sql.push("SELECT d.execution_id, d.span_id, d.workspace_id, ");
            sql.push(REVISIONS);
            sql.push("[array_position($1, d.execution_id)], ");
            sql.push(&SPAN_COLUMNS.replace(" state,", " 2::smallint,"));
            sql.push(" FROM drained d");
            if ended {
                sql.push(" WHERE (d.execution_id, d.span_id) NOT IN (SELECT ($1)[i.ord], i.span_id FROM incoming i)");
            }
        }
        sql.push(" ON CONFLICT (execution_id, span_id) DO UPDATE SET late_end = true, revision = excluded.revision");
        for column in SPAN_COLUMNS.split(", ") {
            sql.push(", ");
            sql.push(column);
            sql.push(" = excluded.");
            sql.push(column);
        }
        sql.push(
            " WHERE s.state = 2 AND excluded.state = 1 \
             RETURNING s.execution_id, s.state, s.start_ns, s.end_ns, s.late_end, s.state = 1 AND s.status_code = 2 AS failed)",
        );
        sql.effect(
            "SELECT execution_id, NULL, CASE WHEN late_end THEN 0 ELSE 1 END, 0, failed::integer, start_ns, end_ns, \
             0, 0, 0, 0, 0, 0, NULL, 0 FROM closed",
        );
    }

    /// A start that comes after the end, or twice, is ignored.
    fn open<'b>(&'b self, sql: &mut Sql<'_, 'b>) -> QueryResult<()> {
        sql.push(
            ", opened AS (INSERT INTO open_spans AS o (execution_id, span_id, workspace_id, revision, usage, ",
        );
        sql.push(&SPAN_COLUMNS);
        sql.push(") SELECT ($1)[i.ord], i.span_id, $3, ");
        sql.push(REVISION);
        sql.push(", usage, ");
        sql.push(&SPAN_COLUMNS);
        sql.push(" FROM unnest(");
        sql.bind_rows(&self.batch.opened)?;
        sql.push(") i WHERE ");
        sql.push(STAMPED);
        // The bounds let the executor leave out the partitions that none of the batch's executions is in.
        sql.push(
            " AND NOT EXISTS (SELECT 1 FROM spans s WHERE s.execution_id = ($1)[i.ord] AND s.span_id = i.span_id \
             AND s.execution_id BETWEEN ($1)[1] AND ($1)[cardinality($1)]) \
             ON CONFLICT (execution_id, span_id) DO NOTHING RETURNING o.execution_id, o.start_ns)",
        );
        sql.effect("SELECT execution_id, NULL, 1, 1, 0, start_ns, NULL, 0, 0, 0, 0, 0, 0, NULL, 0 FROM opened");
        Ok(())
    }

    fn progress<'b>(&'b self, sql: &mut Sql<'_, 'b>) -> QueryResult<()> {
        if self.batch.progress.is_empty() {
            return Ok(());
        }
        sql.push(
            ", progressed AS (UPDATE open_spans o SET attributes = (o.attributes::jsonb || i.attributes::jsonb)::json, \
             usage = coalesce(i.usage, o.usage), first_token_ns = coalesce(i.first_token_ns, o.first_token_ns), revision = ",
        );
        sql.push(REVISION);
        sql.push(" FROM unnest(");
        sql.bind_rows(&self.batch.progress)?;
        sql.push(") i WHERE o.execution_id = ($1)[i.ord] AND o.span_id = i.span_id AND ");
        sql.push(STAMPED);
        sql.push(")");
        Ok(())
    }

    /// What belongs to spans, and is there once however often it comes.
    fn attachments<'b>(&'b self, sql: &mut Sql<'_, 'b>) -> QueryResult<()> {
        let batch = self.batch;
        if !batch.contents.is_empty() {
            sql.insert_rows(
                "stored",
                "span_contents",
                false,
                "hash, content",
                &batch.contents,
            )?;
            sql.push(" ON CONFLICT DO NOTHING)");
        }
        if !batch.usage.is_empty() {
            sql.insert_rows("used", "token_usage", true, &USAGE_COLUMNS, &batch.usage)?;
            sql.push(" ON CONFLICT DO NOTHING RETURNING *)");
            sql.effect(
                "SELECT execution_id, NULL, 0, 0, 0, NULL, NULL, 0, input_tokens, output_tokens, cache_read_tokens, \
                 cache_write_tokens, reasoning_tokens, cost_usd, \
                 CASE WHEN cost_usd IS NULL THEN input_tokens + output_tokens ELSE 0 END FROM used WHERE counted",
            );
        }
        if !batch.logs.is_empty() {
            const COLUMNS: &str =
                "span_id, time_ns, log_id, severity, name, body, attributes, input, output";
            sql.insert_rows("logged", "span_logs", true, COLUMNS, &batch.logs)?;
            sql.push(" ON CONFLICT DO NOTHING RETURNING execution_id, span_id, revision)");
            self.touch(sql);
        }
        if !batch.artifacts.is_empty() {
            const COLUMNS: &str =
                "artifact_id, span_id, created_ns, size_bytes, sha256, name, media_type, location";
            sql.insert_rows("kept", "artifacts", true, COLUMNS, &batch.artifacts)?;
            sql.push(" ON CONFLICT DO NOTHING RETURNING execution_id)");
            sql.effect(
                "SELECT execution_id, NULL, 0, 0, 0, NULL, NULL, 1, 0, 0, 0, 0, 0, NULL, 0 FROM kept",
            );
        }
        if !batch.steps.is_empty() {
            const COLUMNS: &str = "node_path, iteration, span_id, result";
            sql.insert_rows("recorded", "node_results", true, COLUMNS, &batch.steps)?;
            sql.push(
                " ON CONFLICT (execution_id, node_path, iteration) DO UPDATE \
                 SET revision = excluded.revision, span_id = excluded.span_id, result = excluded.result)",
            );
        }
        Ok(())
    }

    /// A log record changes its span. Spans that the same statement moves are stamped anyway, and may be touched once only.
    fn touch(&self, sql: &mut Sql<'_, '_>) {
        for (part, table) in [("touched", "spans"), ("touched_open", "open_spans")] {
            sql.push(&format!(
                ", {part} AS (UPDATE {table} s SET revision = l.revision FROM \
                 (SELECT DISTINCT execution_id, span_id, revision FROM logged) l \
                 WHERE s.execution_id = l.execution_id AND s.span_id = l.span_id \
                 AND s.execution_id BETWEEN ($1)[1] AND ($1)[cardinality($1)] AND s.execution_id <> ALL ($5)"
            ));
            if !self.batch.closed.is_empty() {
                sql.push(
                    " AND NOT EXISTS (SELECT 1 FROM incoming i WHERE ($1)[i.ord] = s.execution_id AND i.span_id = s.span_id)",
                );
            }
            sql.push(")");
        }
    }

    /// The executions' own rows; a final status is final.
    fn execution<'b>(&'b self, sql: &mut Sql<'_, 'b>) -> QueryResult<()> {
        let batch = self.batch;
        if !batch.changes.is_empty() {
            sql.push(
                ", changed AS (UPDATE executions e SET status = coalesce(i.status, e.status), \
                 root_span_id = coalesce(i.root_span_id, e.root_span_id), \
                 started_ns = coalesce(e.started_ns, i.started_ns), finished_ns = i.finished_ns, outputs = i.outputs, \
                 error_code = i.error_code, error_message = i.error_message, error_node_id = i.error_node_id, \
                 worker_id = CASE WHEN i.status = 1 THEN e.worker_id END, \
                 lease_expires_at = CASE WHEN i.status = 1 THEN e.lease_expires_at END FROM unnest(",
            );
            sql.bind_rows(&batch.changes)?;
            sql.push(") i WHERE e.execution_id = ($1)[i.ord] AND e.status IN (0, 1) AND ");
            sql.push(STAMPED);
            sql.push(")");
        }
        if !batch.finished.is_empty() {
            for (part, table) in [
                ("forgotten", "node_results"),
                ("emptied", "execution_payloads"),
            ] {
                sql.push(&format!(
                    ", {part} AS (DELETE FROM {table} WHERE execution_id = ANY ($4) \
                     AND execution_id BETWEEN ($1)[1] AND ($1)[cardinality($1)] AND {STAMPED})"
                ));
            }
        }
        Ok(())
    }
}
