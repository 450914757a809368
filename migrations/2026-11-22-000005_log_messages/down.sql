ALTER TABLE span_logs DROP COLUMN input, DROP COLUMN output;
