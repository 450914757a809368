-- Libraries differ in what a span repeats of the usage below it; whether any does is asked of the spans once, not by each commit.
ALTER TABLE execution_rollups ADD COLUMN usage_nests boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN execution_rollups.usage_nests IS 'Whether a span that reports usage has had a span below it: others above it may repeat the usage then.';
