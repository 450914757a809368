DROP INDEX executions_by_thread;
ALTER TABLE executions DROP COLUMN workflow_rank;
