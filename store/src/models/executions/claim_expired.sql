-- $1 workspace, $2 worker, $3 lease, $4 how many. Status 0 is QUEUED, 1 RUNNING.
WITH next AS (
    SELECT execution_id FROM executions
    WHERE workspace_id = $1 AND status IN (0, 1) AND lease_expires_at < now()
    ORDER BY execution_id
    LIMIT $4
    FOR UPDATE SKIP LOCKED
), claimed AS (
    UPDATE executions SET worker_id = $2, lease_expires_at = now() + $3
    FROM next WHERE executions.execution_id = next.execution_id
)
UPDATE execution_rollups SET lease_epoch = lease_epoch + 1
FROM next WHERE execution_rollups.execution_id = next.execution_id
RETURNING execution_rollups.execution_id, lease_epoch
