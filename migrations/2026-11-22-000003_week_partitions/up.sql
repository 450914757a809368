CREATE FUNCTION uuid7_lower_bound(at timestamptz) RETURNS uuid
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN (rpad(lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0'), 32, '0'))::uuid;
COMMENT ON FUNCTION uuid7_lower_bound IS 'The least UUID whose leading 48 bits are that millisecond: every UUIDv7 made then or later is not below it.';

-- ATTACH takes SHARE UPDATE EXCLUSIVE on the parent, so readers and writers go on; CREATE … PARTITION OF would lock them out.
CREATE FUNCTION ensure_week_partition(parent text, at timestamptz) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
    week timestamptz := date_trunc('week', at, 'UTC');
    partition text := parent || '_w' || to_char(week AT TIME ZONE 'UTC', 'YYYYMMDD');
    lower_bound uuid := uuid7_lower_bound(week);
    upper_bound uuid := uuid7_lower_bound(week + interval '7 days');
BEGIN
    IF to_regclass(partition) IS NOT NULL THEN
        RETURN false;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('orcheo.partitions'));
    IF to_regclass(partition) IS NOT NULL THEN
        RETURN false;
    END IF;
    EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING ALL)', partition, parent);
    EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
                   parent, partition, lower_bound, upper_bound);
    RETURN true;
END $$;
COMMENT ON FUNCTION ensure_week_partition IS 'Creates the partition of a table for the week (Monday 00:00 UTC) of a time, unless it exists; true when it did.';

CREATE FUNCTION ensure_week_partitions(first timestamptz, last timestamptz) RETURNS bigint
LANGUAGE sql AS $$
    SELECT count(*) FILTER (WHERE ensure_week_partition(parent, week))
    FROM generate_series(date_trunc('week', first, 'UTC'), last, interval '7 days') week,
         unnest(ARRAY['spans', 'span_logs', 'span_contents', 'token_usage', 'node_results']) parent
$$;
COMMENT ON FUNCTION ensure_week_partitions IS 'Creates the missing partitions of every partitioned table for the weeks from first to last; how many.';

-- What is older than this installation (imports) shares one partition. There is no default partition: it would forbid
-- detaching the others concurrently.
DO $$
DECLARE
    parent text;
BEGIN
    FOREACH parent IN ARRAY ARRAY['spans', 'span_logs', 'span_contents', 'token_usage', 'node_results'] LOOP
        EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES FROM (MINVALUE) TO (%L)',
                       parent || '_past', parent, uuid7_lower_bound(date_trunc('week', now(), 'UTC')));
    END LOOP;
    PERFORM ensure_week_partitions(now(), now() + interval '4 weeks');
END $$;
