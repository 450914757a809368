COMMENT ON COLUMN span_contents.hash IS 'First 16 bytes of the SHA-256 of the content.';
ALTER TABLE execution_rollups DROP COLUMN redaction;
