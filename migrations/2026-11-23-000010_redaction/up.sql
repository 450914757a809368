-- Every session of the program names the rules that it redacts with; what another set of rules has passed is scanned again on
-- demand. The default is set apart from the column, so that it does not count for the rows that are there.
ALTER TABLE execution_rollups ADD COLUMN redaction text;
ALTER TABLE execution_rollups ALTER COLUMN redaction SET DEFAULT current_setting('orcheo.redaction', true);
COMMENT ON COLUMN execution_rollups.redaction IS 'Version of the rules that all of the execution has passed; NULL when they are not known or not the same.';
COMMENT ON COLUMN span_contents.hash IS 'First 16 bytes of the SHA-256 of the content as it was first stored; a later redaction keeps it.';
