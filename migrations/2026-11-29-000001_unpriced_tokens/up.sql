-- A sum of costs says what it leaves out. What is stored is counted once, here.
ALTER TABLE execution_rollups ADD COLUMN unpriced_tokens bigint NOT NULL DEFAULT 0;
COMMENT ON COLUMN execution_rollups.unpriced_tokens IS 'Sum of the counted usage: tokens of calls without a cost, which cost_usd leaves out.';
UPDATE execution_rollups r SET unpriced_tokens = u.tokens FROM (
    SELECT execution_id, sum(input_tokens + output_tokens) AS tokens FROM token_usage
    WHERE counted AND cost_usd IS NULL GROUP BY execution_id
) u WHERE r.execution_id = u.execution_id;
