-- Lists of spans show when a model began to answer, and read no attributes for it.
ALTER TABLE spans ADD COLUMN first_token_ns bigint;
ALTER TABLE open_spans ADD COLUMN first_token_ns bigint;
COMMENT ON COLUMN spans.first_token_ns IS 'When the first token of a model''s answer came, as the span''s attributes tell; NULL when they do not.';
COMMENT ON COLUMN open_spans.first_token_ns IS 'When the first token of a model''s answer came, as the span''s attributes tell; NULL when they do not.';
