-- Usage counts on the deepest span of a chain that reports it, whatever the spans above say and whichever comes first.
--
-- $1 to $4 are spans that a batch has ended: execution, id, parent, and whether the span reports usage. Of most executions no
-- span that reports usage has one below it; then nothing is walked. The walks need no depth: no span is visited twice.
WITH RECURSIVE batch AS MATERIALIZED (
    SELECT * FROM unnest($1, $2, $3, $4) b (execution_id, span_id, parent_span_id, used)
), nesting AS MATERIALIZED (
    SELECT execution_id FROM (SELECT DISTINCT execution_id, parent_span_id FROM batch) b
    WHERE EXISTS (SELECT FROM token_usage u WHERE u.execution_id = b.execution_id AND u.span_id = b.parent_span_id)
    UNION
    SELECT execution_id FROM batch b WHERE b.used
        AND EXISTS (SELECT FROM spans c WHERE c.execution_id = b.execution_id AND c.parent_span_id = b.span_id)
), nested AS MATERIALIZED (
    SELECT execution_id FROM nesting
    UNION
    SELECT r.execution_id FROM (SELECT DISTINCT execution_id FROM batch) b JOIN execution_rollups r USING (execution_id)
    WHERE r.usage_nests
), below (execution_id, origin, span_id) AS (
    SELECT b.execution_id, b.span_id, c.span_id FROM batch b
    CROSS JOIN LATERAL (SELECT span_id FROM spans WHERE execution_id = b.execution_id AND parent_span_id = b.span_id OFFSET 0) c
    WHERE b.execution_id IN (SELECT execution_id FROM nested)
    UNION
    SELECT w.execution_id, w.origin, c.span_id FROM below w
    CROSS JOIN LATERAL (SELECT span_id FROM spans WHERE execution_id = w.execution_id AND parent_span_id = w.span_id OFFSET 0) c
    WHERE w.span_id <> w.origin
), above (execution_id, span_id) AS (
    SELECT s.execution_id, s.span_id FROM (
        SELECT execution_id, parent_span_id AS span_id FROM batch
        WHERE used AND parent_span_id IS NOT NULL AND execution_id IN (SELECT execution_id FROM nested)
        UNION
        SELECT w.execution_id, w.origin FROM below w WHERE w.span_id <> w.origin
            AND EXISTS (SELECT FROM token_usage u WHERE u.execution_id = w.execution_id AND u.span_id = w.span_id)
    ) s
    UNION
    SELECT a.execution_id, p.parent_span_id FROM above a CROSS JOIN LATERAL (
        SELECT parent_span_id FROM spans WHERE execution_id = a.execution_id AND span_id = a.span_id
        UNION ALL
        SELECT parent_span_id FROM open_spans WHERE execution_id = a.execution_id AND span_id = a.span_id
        OFFSET 0) p
    WHERE p.parent_span_id IS NOT NULL
), repeated AS (
    UPDATE token_usage u SET counted = false FROM above a
    WHERE u.execution_id = a.execution_id AND u.span_id = a.span_id AND u.counted
    RETURNING u.*
)
UPDATE execution_rollups r SET usage_nests = true,
    input_tokens = r.input_tokens - d.input, output_tokens = r.output_tokens - d.output,
    cache_read_tokens = r.cache_read_tokens - d.cache_read, cache_write_tokens = r.cache_write_tokens - d.cache_write,
    reasoning_tokens = r.reasoning_tokens - d.reasoning, cost_usd = r.cost_usd - coalesce(d.cost, 0),
    unpriced_tokens = r.unpriced_tokens - d.unpriced
FROM (
    SELECT execution_id, coalesce(sum(input_tokens), 0) AS input, coalesce(sum(output_tokens), 0) AS output,
        coalesce(sum(cache_read_tokens), 0) AS cache_read, coalesce(sum(cache_write_tokens), 0) AS cache_write,
        coalesce(sum(reasoning_tokens), 0) AS reasoning, sum(cost_usd) AS cost,
        coalesce(sum(input_tokens + output_tokens) FILTER (WHERE cost_usd IS NULL), 0) AS unpriced
    FROM (SELECT execution_id FROM nesting) n LEFT JOIN repeated u USING (execution_id) GROUP BY execution_id
    UNION ALL
    SELECT execution_id, sum(input_tokens), sum(output_tokens), sum(cache_read_tokens), sum(cache_write_tokens),
        sum(reasoning_tokens), sum(cost_usd), coalesce(sum(input_tokens + output_tokens) FILTER (WHERE cost_usd IS NULL), 0)
    FROM repeated WHERE execution_id NOT IN (SELECT execution_id FROM nesting) GROUP BY execution_id
) d WHERE r.execution_id = d.execution_id
