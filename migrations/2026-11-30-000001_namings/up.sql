-- Of several spans that name the workflow, the thread or the run of another engine's trace, the same one counts in whatever order
-- they come: the best of rank, the first to start of those.
ALTER TABLE executions
    ADD COLUMN workflow_since_ns bigint,
    ADD COLUMN thread_rank smallint,
    ADD COLUMN thread_since_ns bigint,
    ADD COLUMN external_rank smallint,
    ADD COLUMN external_since_ns bigint;
COMMENT ON COLUMN executions.workflow_since_ns IS 'Start of the span that names the workflow; NULL when the run is one of ours.';
COMMENT ON COLUMN executions.thread_rank IS 'How well the span that names the thread knows it, 0 being best; NULL when the run is one of ours.';
COMMENT ON COLUMN executions.thread_since_ns IS 'Start of the span that names the thread; NULL when the run is one of ours.';
COMMENT ON COLUMN executions.external_rank IS 'How well the span that gives the external id knows it, 0 being best; NULL when the run is one of ours.';
COMMENT ON COLUMN executions.external_since_ns IS 'Start of the span that gives the external id; NULL when the run is one of ours.';
