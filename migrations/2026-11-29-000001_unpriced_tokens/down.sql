ALTER TABLE execution_rollups DROP COLUMN unpriced_tokens;
