ALTER TABLE execution_payloads DROP COLUMN baggage;
