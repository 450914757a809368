ALTER TABLE execution_rollups DROP COLUMN usage_nests;
