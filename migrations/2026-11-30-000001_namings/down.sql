ALTER TABLE executions
    DROP COLUMN external_since_ns,
    DROP COLUMN external_rank,
    DROP COLUMN thread_since_ns,
    DROP COLUMN thread_rank,
    DROP COLUMN workflow_since_ns;
