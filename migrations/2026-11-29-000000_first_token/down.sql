ALTER TABLE open_spans DROP COLUMN first_token_ns;
ALTER TABLE spans DROP COLUMN first_token_ns;
