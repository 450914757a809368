DO $$
DECLARE
    partition regclass;
BEGIN
    FOR partition IN
        SELECT inhrelid::regclass FROM pg_inherits
        WHERE inhparent IN ('spans'::regclass, 'span_logs'::regclass, 'span_contents'::regclass,
                            'token_usage'::regclass, 'node_results'::regclass)
    LOOP
        EXECUTE format('DROP TABLE %s', partition);
    END LOOP;
END $$;
DROP FUNCTION ensure_week_partitions;
DROP FUNCTION ensure_week_partition;
DROP FUNCTION uuid7_lower_bound;
