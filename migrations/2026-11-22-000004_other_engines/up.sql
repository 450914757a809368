-- A trace of another engine tells bit by bit, in any order, which workflow it is of: what tells it best wins.
ALTER TABLE executions ADD COLUMN workflow_rank smallint;
COMMENT ON COLUMN executions.workflow_rank IS 'How well the trace of another engine names its workflow, 0 being best; NULL when the run is one of ours.';

CREATE INDEX executions_by_thread ON executions (workspace_id, thread_id, execution_id) WHERE thread_id IS NOT NULL;
