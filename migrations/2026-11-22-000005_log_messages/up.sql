-- Instrumentations of models may tell prompts and answers in log records instead of in the span.
ALTER TABLE span_logs ADD COLUMN input json, ADD COLUMN output json;
COMMENT ON COLUMN span_logs.input IS 'What the record adds to the input of its span: a JSON array; NULL when nothing.';
COMMENT ON COLUMN span_logs.output IS 'What the record adds to the output of its span: a JSON array; NULL when nothing.';
