ALTER TABLE executions DROP COLUMN root_is_run;
