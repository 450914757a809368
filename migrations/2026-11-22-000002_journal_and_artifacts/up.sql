CREATE TABLE node_results (
    execution_id uuid NOT NULL,
    node_path text NOT NULL,
    iteration integer NOT NULL,
    workspace_id text NOT NULL DEFAULT 'default',
    revision bigint NOT NULL,
    span_id bytea NOT NULL,
    result json NOT NULL,
    PRIMARY KEY (execution_id, node_path, iteration)
) PARTITION BY RANGE (execution_id);
COMMENT ON TABLE node_results IS 'The journal: results of finished steps, which make a run resumable. Private; deleted when the run is final.';
COMMENT ON COLUMN node_results.execution_id IS 'The execution; the partition key.';
COMMENT ON COLUMN node_results.node_path IS 'The node, through the nodes that contain it.';
COMMENT ON COLUMN node_results.iteration IS 'Visit of the node in a loop, from 1.';
COMMENT ON COLUMN node_results.workspace_id IS 'Workspace that owns the row.';
COMMENT ON COLUMN node_results.revision IS 'Revision of the commit that wrote the row: the order in which steps finished.';
COMMENT ON COLUMN node_results.span_id IS 'Span of the step, 8 bytes.';
COMMENT ON COLUMN node_results.result IS 'What the node returned, not redacted.';

CREATE TABLE artifacts (
    artifact_id uuid PRIMARY KEY,
    execution_id uuid NOT NULL,
    workspace_id text NOT NULL DEFAULT 'default',
    span_id bytea NOT NULL,
    revision bigint NOT NULL,
    created_ns bigint NOT NULL,
    size_bytes bigint NOT NULL,
    sha256 bytea NOT NULL CHECK (length(sha256) = 32),
    name text NOT NULL,
    media_type text NOT NULL,
    location text NOT NULL
);
CREATE INDEX artifacts_by_span ON artifacts (execution_id, span_id, artifact_id);
CREATE INDEX artifacts_by_revision ON artifacts (execution_id, revision);
COMMENT ON TABLE artifacts IS 'Files that spans produced; their bytes are in the blob store.';
COMMENT ON COLUMN artifacts.artifact_id IS 'UUIDv7.';
COMMENT ON COLUMN artifacts.execution_id IS 'Execution that produced it.';
COMMENT ON COLUMN artifacts.workspace_id IS 'Workspace that owns the row.';
COMMENT ON COLUMN artifacts.span_id IS 'Span that produced it, 8 bytes.';
COMMENT ON COLUMN artifacts.revision IS 'Revision of the commit that wrote the row.';
COMMENT ON COLUMN artifacts.created_ns IS 'When it was stored.';
COMMENT ON COLUMN artifacts.size_bytes IS 'Size of the bytes stored.';
COMMENT ON COLUMN artifacts.sha256 IS 'SHA-256 of the bytes stored.';
COMMENT ON COLUMN artifacts.name IS 'Redacted file name.';
COMMENT ON COLUMN artifacts.media_type IS 'Media type.';
COMMENT ON COLUMN artifacts.location IS 'Path within the blob store.';
