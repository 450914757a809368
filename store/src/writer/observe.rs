//! The part of the writer's statement that learns about executions of other engines from their spans.

use diesel::QueryResult;

use super::{
    rows::{ObservedRow, Rows},
    sql::{STAMPED, Sql},
};

/// What may still be learnt of an execution of another engine: that the spans of `i` name its workflow, thread or external id
/// better (one that is not there compares as NULL, so not), or its root. One of several roots is the run's: the one that says so, else the first to start.
const OBSERVED: &str = ", observed AS MATERIALIZED (SELECT i.*, e.execution_id, \
      coalesce((i.workflow_rank, i.workflow_since_ns, i.workflow_id COLLATE \"C\") \
        < (e.workflow_rank, e.workflow_since_ns, e.workflow_id), false) AS names, \
      i.root_span_id IS NOT NULL AND (e.root_span_id IS NULL \
        OR (NOT i.root_is_run, i.root_start_ns, i.root_span_id) < (NOT e.root_is_run, e.started_ns, e.root_span_id) \
        OR (i.root_span_id = e.root_span_id AND i.status <> 1 AND e.status IN (1, 5))) AS roots, \
      e.status = 5 AS revives, \
      coalesce((i.thread_rank, i.thread_since_ns, i.thread_id COLLATE \"C\") \
        < (coalesce(e.thread_rank, 32767), e.thread_since_ns, e.thread_id), false) AS threads, \
      coalesce((i.external_rank, i.external_since_ns, i.external_id COLLATE \"C\") \
        < (coalesce(e.external_rank, 32767), e.external_since_ns, e.external_id), false) AS calls, \
      e.root_span_id IS NULL AND i.started_ns < e.started_ns AS precedes FROM unnest(";

/// A trace that was given up and is heard of again runs again.
const OBSERVE: &str = ", learnt AS (UPDATE executions e SET \
      workflow_id = CASE WHEN i.names THEN i.workflow_id ELSE e.workflow_id END, \
      workflow_rank = CASE WHEN i.names THEN i.workflow_rank ELSE e.workflow_rank END, \
      workflow_since_ns = CASE WHEN i.names THEN i.workflow_since_ns ELSE e.workflow_since_ns END, \
      thread_id = CASE WHEN i.threads THEN i.thread_id ELSE e.thread_id END, \
      thread_rank = CASE WHEN i.threads THEN i.thread_rank ELSE e.thread_rank END, \
      thread_since_ns = CASE WHEN i.threads THEN i.thread_since_ns ELSE e.thread_since_ns END, \
      external_id = CASE WHEN i.calls THEN i.external_id ELSE e.external_id END, \
      external_rank = CASE WHEN i.calls THEN i.external_rank ELSE e.external_rank END, \
      external_since_ns = CASE WHEN i.calls THEN i.external_since_ns ELSE e.external_since_ns END, \
      root_span_id = CASE WHEN i.roots THEN i.root_span_id ELSE e.root_span_id END, \
      root_is_run = CASE WHEN i.roots THEN i.root_is_run ELSE e.root_is_run END, \
      started_ns = CASE WHEN i.roots THEN i.root_start_ns WHEN i.precedes THEN i.started_ns ELSE e.started_ns END, \
      status = CASE WHEN i.roots THEN i.status WHEN i.revives THEN 1 ELSE e.status END, \
      finished_ns = CASE WHEN i.roots THEN i.finished_ns WHEN i.revives THEN NULL ELSE e.finished_ns END, \
      inputs = CASE WHEN i.roots THEN i.inputs ELSE e.inputs END, \
      outputs = CASE WHEN i.roots THEN i.outputs ELSE e.outputs END, \
      error_code = CASE WHEN i.roots THEN i.error_code ELSE e.error_code END, \
      error_message = CASE WHEN i.roots THEN i.error_message ELSE e.error_message END, \
      error_node_id = CASE WHEN i.roots THEN i.error_node_id ELSE e.error_node_id END \
      FROM observed i WHERE e.execution_id = i.execution_id \
      AND (i.names OR i.roots OR i.revives OR i.threads OR i.calls OR i.precedes)), \
    named AS (INSERT INTO workflows (workspace_id, workflow_id, name, external, current_version, created_ns, updated_ns) \
      SELECT DISTINCT $3, workflow_id, workflow_id, true, 0, \
      (extract(epoch FROM now()) * 1000000000)::bigint, (extract(epoch FROM now()) * 1000000000)::bigint \
      FROM observed WHERE names ORDER BY 2 ON CONFLICT DO NOTHING), \
    called AS (INSERT INTO execution_keys (workspace_id, kind, key, execution_id) \
      SELECT $3, 'external', external_id, execution_id FROM observed WHERE calls ORDER BY external_id ON CONFLICT DO NOTHING)";

/// What spans of other engines say about their executions.
pub(super) fn observe<'b>(
    sql: &mut Sql<'_, 'b>,
    observed: &'b Rows<ObservedRow>,
) -> QueryResult<()> {
    if observed.is_empty() {
        return Ok(());
    }
    sql.push(OBSERVED);
    sql.bind_rows(observed)?;
    sql.push(
        ") i JOIN executions e ON e.execution_id = ($1)[i.ord] WHERE e.workflow_rank IS NOT NULL AND ",
    );
    sql.push(STAMPED);
    sql.push(")");
    sql.push(OBSERVE);
    Ok(())
}
