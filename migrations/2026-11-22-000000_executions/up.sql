-- Enumerations are stored as smallint: their numbers are listed in the column's comment and never reused.
-- Times named *_ns are nanoseconds since the Unix epoch (UTC); timestamptz stops at microseconds.

CREATE TABLE workflows (
    workspace_id text NOT NULL DEFAULT 'default',
    workflow_id text NOT NULL,
    name text NOT NULL,
    external boolean NOT NULL DEFAULT false,
    current_version integer NOT NULL DEFAULT 0,
    created_ns bigint NOT NULL,
    updated_ns bigint NOT NULL,
    PRIMARY KEY (workspace_id, workflow_id)
);
COMMENT ON TABLE workflows IS 'Workflows by the id their definition gives them; their content is in workflow_versions.';
COMMENT ON COLUMN workflows.workspace_id IS 'Workspace that owns the row.';
COMMENT ON COLUMN workflows.workflow_id IS 'The definition''s own id, for example support-triage.';
COMMENT ON COLUMN workflows.name IS 'Display name, of the current version.';
COMMENT ON COLUMN workflows.external IS 'True when another engine runs it and only its traces are known: it has no versions.';
COMMENT ON COLUMN workflows.current_version IS 'Version that a start without a version runs; 0 when there is none.';
COMMENT ON COLUMN workflows.created_ns IS 'When the workflow was first saved or seen.';
COMMENT ON COLUMN workflows.updated_ns IS 'When the current version was last set.';

CREATE TABLE workflow_versions (
    workspace_id text NOT NULL DEFAULT 'default',
    workflow_id text NOT NULL,
    version integer NOT NULL CHECK (version > 0),
    name text NOT NULL,
    definition json NOT NULL,
    source text NOT NULL,
    content_sha256 bytea NOT NULL,
    created_ns bigint NOT NULL,
    PRIMARY KEY (workspace_id, workflow_id, version),
    FOREIGN KEY (workspace_id, workflow_id) REFERENCES workflows ON DELETE CASCADE
);
CREATE UNIQUE INDEX workflow_versions_content ON workflow_versions (workspace_id, workflow_id, content_sha256);
COMMENT ON TABLE workflow_versions IS 'Immutable versions of a workflow''s definition; the same content is the same version.';
COMMENT ON COLUMN workflow_versions.workspace_id IS 'Workspace that owns the row.';
COMMENT ON COLUMN workflow_versions.workflow_id IS 'Workflow the version belongs to.';
COMMENT ON COLUMN workflow_versions.version IS 'Counts from 1 within the workflow.';
COMMENT ON COLUMN workflow_versions.name IS 'Display name given by this version.';
COMMENT ON COLUMN workflow_versions.definition IS 'The parsed definition.';
COMMENT ON COLUMN workflow_versions.source IS 'The text as it was saved: YAML or JSON.';
COMMENT ON COLUMN workflow_versions.content_sha256 IS 'SHA-256 of the source.';
COMMENT ON COLUMN workflow_versions.created_ns IS 'When the version was saved.';

CREATE TABLE executions (
    execution_id uuid PRIMARY KEY,
    workspace_id text NOT NULL DEFAULT 'default',
    workflow_id text,
    workflow_version integer,
    status smallint NOT NULL DEFAULT 0,
    trace_id bytea NOT NULL CHECK (length(trace_id) = 16),
    root_span_id bytea CHECK (length(root_span_id) = 8),
    thread_id text,
    external_id text,
    inputs json,
    outputs json,
    error_code text,
    error_message text,
    error_node_id text,
    queued_ns bigint NOT NULL,
    started_ns bigint,
    finished_ns bigint,
    cancel_requested_ns bigint,
    worker_id text,
    lease_expires_at timestamptz
) WITH (fillfactor = 80);
CREATE INDEX executions_by_workspace ON executions (workspace_id, execution_id);
CREATE INDEX executions_by_workflow ON executions (workspace_id, workflow_id, execution_id);
CREATE INDEX executions_by_status ON executions (workspace_id, status, execution_id);
CREATE INDEX executions_unfinished ON executions (execution_id) WHERE status IN (0, 1);
COMMENT ON TABLE executions IS 'One run of a workflow, which is one trace.';
COMMENT ON COLUMN executions.execution_id IS 'UUIDv7: sorts by the time it was queued or first seen.';
COMMENT ON COLUMN executions.workspace_id IS 'Workspace that owns the row.';
COMMENT ON COLUMN executions.workflow_id IS 'Workflow that runs; NULL when the trace names none.';
COMMENT ON COLUMN executions.workflow_version IS 'Version that runs; NULL for an external workflow.';
COMMENT ON COLUMN executions.status IS '0 QUEUED, 1 RUNNING, 2 SUCCEEDED, 3 FAILED, 4 CANCELLED, 5 ABANDONED.';
COMMENT ON COLUMN executions.trace_id IS 'W3C trace id, 16 bytes; one trace id is one execution.';
COMMENT ON COLUMN executions.root_span_id IS 'The run''s root span, 8 bytes; NULL until it started.';
COMMENT ON COLUMN executions.thread_id IS 'Conversation or session the run belongs to.';
COMMENT ON COLUMN executions.external_id IS 'Id another engine gave its run; not unique.';
COMMENT ON COLUMN executions.inputs IS 'Redacted inputs.';
COMMENT ON COLUMN executions.outputs IS 'Redacted outputs; NULL until it finished.';
COMMENT ON COLUMN executions.error_code IS 'Stable code of the failure.';
COMMENT ON COLUMN executions.error_message IS 'Redacted message of the failure.';
COMMENT ON COLUMN executions.error_node_id IS 'Node that failed the run.';
COMMENT ON COLUMN executions.queued_ns IS 'When it was asked for or first seen.';
COMMENT ON COLUMN executions.started_ns IS 'When a worker began it.';
COMMENT ON COLUMN executions.finished_ns IS 'When it reached a final status.';
COMMENT ON COLUMN executions.cancel_requested_ns IS 'When its cancellation was asked for; the worker decides when it ends.';
COMMENT ON COLUMN executions.worker_id IS 'Worker that holds the lease.';
COMMENT ON COLUMN executions.lease_expires_at IS 'When the worker''s lease runs out unless renewed, by the database''s clock.';

CREATE TABLE execution_keys (
    workspace_id text NOT NULL DEFAULT 'default',
    kind text NOT NULL CHECK (kind IN ('trace', 'external')),
    key text NOT NULL,
    execution_id uuid NOT NULL,
    PRIMARY KEY (workspace_id, kind, key, execution_id)
);
CREATE UNIQUE INDEX execution_keys_trace ON execution_keys (workspace_id, key) WHERE kind = 'trace';
COMMENT ON TABLE execution_keys IS 'Finds an execution by an id that is not ours; the only trace table a sharded PostgreSQL would not distribute by execution_id.';
COMMENT ON COLUMN execution_keys.workspace_id IS 'Workspace that owns the row.';
COMMENT ON COLUMN execution_keys.kind IS 'trace: a trace id, unique; external: another engine''s run id, of which the newest execution wins.';
COMMENT ON COLUMN execution_keys.key IS 'The trace id as 32 lower-case hex digits, or the external id.';
COMMENT ON COLUMN execution_keys.execution_id IS 'The execution found.';

CREATE TABLE execution_rollups (
    execution_id uuid PRIMARY KEY,
    workspace_id text NOT NULL DEFAULT 'default',
    revision bigint NOT NULL DEFAULT 0,
    lease_epoch bigint NOT NULL DEFAULT 0,
    changed_at timestamptz NOT NULL DEFAULT now(),
    start_ns bigint,
    end_ns bigint,
    span_count bigint NOT NULL DEFAULT 0,
    open_count bigint NOT NULL DEFAULT 0,
    error_count bigint NOT NULL DEFAULT 0,
    artifact_count bigint NOT NULL DEFAULT 0,
    input_tokens bigint NOT NULL DEFAULT 0,
    output_tokens bigint NOT NULL DEFAULT 0,
    cache_read_tokens bigint NOT NULL DEFAULT 0,
    cache_write_tokens bigint NOT NULL DEFAULT 0,
    reasoning_tokens bigint NOT NULL DEFAULT 0,
    cost_usd double precision
) WITH (fillfactor = 50);
COMMENT ON TABLE execution_rollups IS 'The narrow row that every commit about an execution locks and updates.';
COMMENT ON COLUMN execution_rollups.execution_id IS 'The execution.';
COMMENT ON COLUMN execution_rollups.workspace_id IS 'Workspace that owns the row.';
COMMENT ON COLUMN execution_rollups.revision IS 'Revision of the last commit that touched the execution; a revision is a commit.';
COMMENT ON COLUMN execution_rollups.lease_epoch IS 'Counts the claims; a commit of a worker with an older epoch is refused.';
COMMENT ON COLUMN execution_rollups.changed_at IS 'When the last commit was made.';
COMMENT ON COLUMN execution_rollups.start_ns IS 'Earliest start of its spans.';
COMMENT ON COLUMN execution_rollups.end_ns IS 'Latest end of its spans.';
COMMENT ON COLUMN execution_rollups.span_count IS 'Spans known: running, ended and abandoned.';
COMMENT ON COLUMN execution_rollups.open_count IS 'Spans running.';
COMMENT ON COLUMN execution_rollups.error_count IS 'Ended spans with status ERROR.';
COMMENT ON COLUMN execution_rollups.artifact_count IS 'Artifacts.';
COMMENT ON COLUMN execution_rollups.input_tokens IS 'Sum of the counted usage: input tokens, cached ones included.';
COMMENT ON COLUMN execution_rollups.output_tokens IS 'Sum of the counted usage: output tokens, reasoning included.';
COMMENT ON COLUMN execution_rollups.cache_read_tokens IS 'Sum of the counted usage: input tokens read from a cache.';
COMMENT ON COLUMN execution_rollups.cache_write_tokens IS 'Sum of the counted usage: input tokens written to a cache.';
COMMENT ON COLUMN execution_rollups.reasoning_tokens IS 'Sum of the counted usage: output tokens spent on reasoning.';
COMMENT ON COLUMN execution_rollups.cost_usd IS 'Sum of the counted usage: cost in US dollars; NULL when no span tells one.';

CREATE TABLE execution_payloads (
    execution_id uuid PRIMARY KEY,
    workspace_id text NOT NULL DEFAULT 'default',
    inputs json NOT NULL,
    config json,
    traceparent text,
    tracestate text
);
COMMENT ON TABLE execution_payloads IS 'What a worker needs to run an execution and no reader may see; deleted when the run is final.';
COMMENT ON COLUMN execution_payloads.execution_id IS 'The execution.';
COMMENT ON COLUMN execution_payloads.workspace_id IS 'Workspace that owns the row.';
COMMENT ON COLUMN execution_payloads.inputs IS 'Inputs as they were given, not redacted.';
COMMENT ON COLUMN execution_payloads.config IS 'Run configuration as it was given, not redacted.';
COMMENT ON COLUMN execution_payloads.traceparent IS 'The caller''s W3C traceparent header.';
COMMENT ON COLUMN execution_payloads.tracestate IS 'The caller''s W3C tracestate header.';
