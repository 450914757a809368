-- What a caller sends along with its trace is handed on to the services that the run calls.
ALTER TABLE execution_payloads ADD COLUMN baggage text;
COMMENT ON COLUMN execution_payloads.baggage IS 'The caller''s W3C baggage header.';
