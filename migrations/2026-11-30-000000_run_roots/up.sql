-- A run below a span of its caller is still the run: its span says so.
ALTER TABLE executions ADD COLUMN root_is_run boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN executions.root_is_run IS 'Whether the root span of another engine''s trace says itself that it is the run.';
