//! The text and the parameters of the writer's statement, as they grow part by part.

use diesel::{
    QueryResult,
    pg::Pg,
    query_builder::AstPass,
    serialize::ToSql,
    sql_types::{Array, HasSqlType},
};

use super::rows::{RowType, Rows};
use crate::changes::CHANNEL;

pub(super) const REVISIONS: &str = "(SELECT revisions FROM stamped)";
/// The revision of the execution of the row `i`; and the condition that there are revisions, which holds for all rows.
pub(super) const REVISION: &str = "(SELECT revisions FROM stamped)[i.ord]";
pub(super) const STAMPED: &str = "(SELECT revisions FROM stamped) IS NOT NULL";

/// A message is refused from 8,000 bytes on, and with it the whole transaction.
const IDS_PER_MESSAGE: usize = 100;

/// The statement's text as it grows.
pub(super) struct Sql<'a, 'b> {
    out: AstPass<'a, 'b, Pg>,
    /// What the parts so far add to the rollups.
    effects: Vec<&'static str>,
    /// How many spans are stored as ended, as a query on the parts so far.
    ended: &'static str,
}

impl<'a, 'b> Sql<'a, 'b> {
    pub(super) fn new(out: AstPass<'a, 'b, Pg>) -> Self {
        Self {
            out,
            effects: Vec::new(),
            ended: "0::bigint",
        }
    }

    /// Tells how many spans the parts store as ended.
    pub(super) fn ended(&mut self, query: &'static str) {
        self.ended = query;
    }

    pub(super) fn push(&mut self, sql: &str) {
        self.out.push_sql(sql);
    }

    /// Adds the next parameter, in place.
    pub(super) fn bind<T, U>(&mut self, value: &'b U) -> QueryResult<()>
    where
        Pg: HasSqlType<T>,
        U: ToSql<T, Pg> + ?Sized,
    {
        self.out.push_bind_param::<T, U>(value)
    }

    pub(super) fn bind_rows<T>(&mut self, rows: &'b Rows<T>) -> QueryResult<()>
    where
        T: RowType + 'static,
        Pg: HasSqlType<T>,
    {
        self.bind::<Array<T>, _>(rows)
    }

    /// Begins a part that inserts rows as they are, with their execution, workspace and, if wanted, revision.
    pub(super) fn insert_rows<T>(
        &mut self,
        part: &str,
        table: &str,
        revision: bool,
        columns: &str,
        rows: &'b Rows<T>,
    ) -> QueryResult<()>
    where
        T: RowType + 'static,
        Pg: HasSqlType<T>,
    {
        let (column, value) = if revision {
            ("revision, ", format!("{REVISION}, "))
        } else {
            ("", String::new())
        };
        self.push(&format!(
            ", {part} AS (INSERT INTO {table} (execution_id, workspace_id, {column}{columns}) \
             SELECT ($1)[i.ord], $3, {value}{columns} FROM unnest("
        ));
        self.bind_rows(rows)?;
        self.push(&format!(") i WHERE {STAMPED}"));
        Ok(())
    }

    /// Tells what a part adds to the rollups.
    pub(super) fn effect(&mut self, rows: &'static str) {
        self.effects.push(rows);
    }

    /// The last parts: the rollups, the messages, and the answer.
    pub(super) fn finish(&mut self) {
        self.push(
            ", counted AS (UPDATE execution_rollups r SET revision = d.revision, changed_at = now(), \
             redaction = CASE WHEN redaction = current_setting('orcheo.redaction', true) THEN redaction END, \
             span_count = span_count + d.spans, open_count = open_count + d.open, error_count = error_count + d.errors, \
             start_ns = least(start_ns, d.first_ns), end_ns = greatest(end_ns, d.last_ns), \
             artifact_count = artifact_count + d.artifacts, input_tokens = input_tokens + d.input, \
             output_tokens = output_tokens + d.output, cache_read_tokens = cache_read_tokens + d.cache_read, \
             cache_write_tokens = cache_write_tokens + d.cache_write, reasoning_tokens = reasoning_tokens + d.reasoning, \
             cost_usd = CASE WHEN d.cost IS NULL THEN cost_usd ELSE coalesce(cost_usd, 0) + d.cost END, \
             unpriced_tokens = unpriced_tokens + d.unpriced \
             FROM (SELECT execution_id, max(revision) AS revision, sum(spans) AS spans, sum(open) AS open, \
             sum(errors) AS errors, min(first_ns) AS first_ns, max(last_ns) AS last_ns, sum(artifacts) AS artifacts, \
             sum(input) AS input, sum(output) AS output, sum(cache_read) AS cache_read, sum(cache_write) AS cache_write, \
             sum(reasoning) AS reasoning, sum(cost) AS cost, sum(unpriced) AS unpriced \
             FROM (SELECT execution_id, revision, 0::bigint, 0::bigint, 0::bigint, NULL::bigint, NULL::bigint, \
             0::bigint, 0::bigint, 0::bigint, 0::bigint, 0::bigint, 0::bigint, NULL::double precision, 0::bigint FROM locked",
        );
        for effect in std::mem::take(&mut self.effects) {
            self.push(" UNION ALL ");
            self.push(effect);
        }
        let ended = self.ended;
        self.push(&format!(
            ") e (execution_id, revision, spans, open, errors, first_ns, last_ns, artifacts, input, output, cache_read, \
             cache_write, reasoning, cost, unpriced) GROUP BY execution_id) d \
             WHERE r.execution_id = d.execution_id AND {STAMPED}), \
             notified AS MATERIALIZED (SELECT pg_notify('{CHANNEL}', \
             string_agg('U' || execution_id || ':' || revision, ',' ORDER BY ord)) \
             FROM locked WHERE {STAMPED} GROUP BY (ord - 1) / {IDS_PER_MESSAGE}) \
             SELECT {REVISIONS} AS revisions, (SELECT array_agg(execution_id) FROM locked) AS ours, \
             {ended} AS ended, (SELECT count(*) FROM notified)"
        ));
    }
}
