CREATE TABLE spans (
    execution_id uuid NOT NULL,
    span_id bytea NOT NULL,
    workspace_id text NOT NULL DEFAULT 'default',
    trace_id bytea NOT NULL,
    parent_span_id bytea,
    revision bigint NOT NULL,
    start_ns bigint NOT NULL,
    end_ns bigint,
    state smallint NOT NULL,
    kind smallint NOT NULL,
    category smallint NOT NULL,
    status_code smallint NOT NULL,
    attempt integer,
    iteration integer,
    flags integer NOT NULL,
    name text NOT NULL,
    status_message text,
    node_id text,
    node_type text,
    display_name text,
    trace_state text,
    dropped_counts integer[],
    resource_hash bytea,
    scope_hash bytea,
    attributes json NOT NULL,
    events json,
    links json,
    input json,
    output json,
    contents json,
    late_end boolean NOT NULL DEFAULT false,
    PRIMARY KEY (execution_id, span_id)
) PARTITION BY RANGE (execution_id);
CREATE INDEX spans_by_revision ON spans (execution_id, revision);
CREATE INDEX spans_by_parent ON spans (execution_id, parent_span_id, start_ns, span_id);
CREATE INDEX spans_by_start ON spans (execution_id, start_ns, span_id);
COMMENT ON TABLE spans IS 'Spans that are over: ended, or abandoned by their run.';
COMMENT ON COLUMN spans.execution_id IS 'Execution the span belongs to; the partition key.';
COMMENT ON COLUMN spans.span_id IS 'W3C span id, 8 bytes; unique within the execution.';
COMMENT ON COLUMN spans.workspace_id IS 'Workspace that owns the row.';
COMMENT ON COLUMN spans.trace_id IS 'W3C trace id, 16 bytes.';
COMMENT ON COLUMN spans.parent_span_id IS 'Parent''s span id, 8 bytes; NULL without a parent. The parent may be unknown.';
COMMENT ON COLUMN spans.revision IS 'Revision of the commit that wrote this state of the span.';
COMMENT ON COLUMN spans.start_ns IS 'Start.';
COMMENT ON COLUMN spans.end_ns IS 'End; NULL for an abandoned span, whose end nobody saw.';
COMMENT ON COLUMN spans.state IS '1 ENDED, 2 ABANDONED.';
COMMENT ON COLUMN spans.kind IS '0 UNSPECIFIED, 1 INTERNAL, 2 SERVER, 3 CLIENT, 4 PRODUCER, 5 CONSUMER: OTLP''s numbers.';
COMMENT ON COLUMN spans.category IS '0 OTHER, 1 WORKFLOW, 2 NODE, 3 AGENT, 4 LLM, 5 TOOL, 6 RETRIEVER, 7 EMBEDDING, 8 RERANKER, 9 GUARDRAIL, 10 HTTP, 11 DATABASE.';
COMMENT ON COLUMN spans.status_code IS '0 UNSET, 1 OK, 2 ERROR: OTLP''s numbers.';
COMMENT ON COLUMN spans.attempt IS 'Attempt of the node, from 1.';
COMMENT ON COLUMN spans.iteration IS 'Visit of the node in a loop, from 1.';
COMMENT ON COLUMN spans.flags IS 'OTLP span flags; the low byte holds the W3C trace flags.';
COMMENT ON COLUMN spans.name IS 'Span name.';
COMMENT ON COLUMN spans.status_message IS 'Redacted status message.';
COMMENT ON COLUMN spans.node_id IS 'Workflow node that the span is about.';
COMMENT ON COLUMN spans.node_type IS 'Type of that node.';
COMMENT ON COLUMN spans.display_name IS 'Name to show; NULL when it is the span name.';
COMMENT ON COLUMN spans.trace_state IS 'W3C tracestate.';
COMMENT ON COLUMN spans.dropped_counts IS 'Attributes, events and links that the producer dropped, in this order; NULL when none.';
COMMENT ON COLUMN spans.resource_hash IS 'Resource as JSON: hash into span_contents.';
COMMENT ON COLUMN spans.scope_hash IS 'Instrumentation scope as JSON: hash into span_contents.';
COMMENT ON COLUMN spans.attributes IS 'Attributes that are small: a JSON object.';
COMMENT ON COLUMN spans.events IS 'Span events: a JSON array; NULL when none.';
COMMENT ON COLUMN spans.links IS 'Span links: a JSON array; NULL when none.';
COMMENT ON COLUMN spans.input IS 'Input, when small.';
COMMENT ON COLUMN spans.output IS 'Output, when small.';
COMMENT ON COLUMN spans.contents IS 'What is kept in span_contents: {input, output, attributes: {key: …}}, each a hash, or a list of hashes that are the elements of an array.';
COMMENT ON COLUMN spans.late_end IS 'True when the end came after the run had abandoned the span.';

-- Rows live seconds and progress updates them in place: no partitions, no second index, so that updates stay on the page.
CREATE TABLE open_spans (
    execution_id uuid NOT NULL,
    span_id bytea NOT NULL,
    workspace_id text NOT NULL DEFAULT 'default',
    trace_id bytea NOT NULL,
    parent_span_id bytea,
    revision bigint NOT NULL,
    start_ns bigint NOT NULL,
    end_ns bigint,
    state smallint NOT NULL,
    kind smallint NOT NULL,
    category smallint NOT NULL,
    status_code smallint NOT NULL,
    attempt integer,
    iteration integer,
    flags integer NOT NULL,
    name text NOT NULL,
    status_message text,
    node_id text,
    node_type text,
    display_name text,
    trace_state text,
    dropped_counts integer[],
    resource_hash bytea,
    scope_hash bytea,
    attributes json NOT NULL,
    events json,
    links json,
    input json,
    output json,
    contents json,
    usage json,
    PRIMARY KEY (execution_id, span_id)
) WITH (
    fillfactor = 50,
    autovacuum_vacuum_scale_factor = 0,
    autovacuum_vacuum_threshold = 1000
);
COMMENT ON TABLE open_spans IS 'Spans that are running; a span leaves this table when it ends or is abandoned.';
COMMENT ON COLUMN open_spans.execution_id IS 'Execution the span belongs to; the partition key.';
COMMENT ON COLUMN open_spans.span_id IS 'W3C span id, 8 bytes; unique within the execution.';
COMMENT ON COLUMN open_spans.workspace_id IS 'Workspace that owns the row.';
COMMENT ON COLUMN open_spans.trace_id IS 'W3C trace id, 16 bytes.';
COMMENT ON COLUMN open_spans.parent_span_id IS 'Parent''s span id, 8 bytes; NULL without a parent. The parent may be unknown.';
COMMENT ON COLUMN open_spans.revision IS 'Revision of the commit that wrote this state of the span.';
COMMENT ON COLUMN open_spans.start_ns IS 'Start.';
COMMENT ON COLUMN open_spans.end_ns IS 'Always NULL: the span runs.';
COMMENT ON COLUMN open_spans.state IS 'Always 0 RUNNING.';
COMMENT ON COLUMN open_spans.kind IS '0 UNSPECIFIED, 1 INTERNAL, 2 SERVER, 3 CLIENT, 4 PRODUCER, 5 CONSUMER: OTLP''s numbers.';
COMMENT ON COLUMN open_spans.category IS '0 OTHER, 1 WORKFLOW, 2 NODE, 3 AGENT, 4 LLM, 5 TOOL, 6 RETRIEVER, 7 EMBEDDING, 8 RERANKER, 9 GUARDRAIL, 10 HTTP, 11 DATABASE.';
COMMENT ON COLUMN open_spans.status_code IS '0 UNSET, 1 OK, 2 ERROR: OTLP''s numbers.';
COMMENT ON COLUMN open_spans.attempt IS 'Attempt of the node, from 1.';
COMMENT ON COLUMN open_spans.iteration IS 'Visit of the node in a loop, from 1.';
COMMENT ON COLUMN open_spans.flags IS 'OTLP span flags; the low byte holds the W3C trace flags.';
COMMENT ON COLUMN open_spans.name IS 'Span name.';
COMMENT ON COLUMN open_spans.status_message IS 'Redacted status message.';
COMMENT ON COLUMN open_spans.node_id IS 'Workflow node that the span is about.';
COMMENT ON COLUMN open_spans.node_type IS 'Type of that node.';
COMMENT ON COLUMN open_spans.display_name IS 'Name to show; NULL when it is the span name.';
COMMENT ON COLUMN open_spans.trace_state IS 'W3C tracestate.';
COMMENT ON COLUMN open_spans.dropped_counts IS 'Attributes, events and links that the producer dropped, in this order; NULL when none.';
COMMENT ON COLUMN open_spans.resource_hash IS 'Resource as JSON: hash into span_contents.';
COMMENT ON COLUMN open_spans.scope_hash IS 'Instrumentation scope as JSON: hash into span_contents.';
COMMENT ON COLUMN open_spans.attributes IS 'Attributes that are small: a JSON object.';
COMMENT ON COLUMN open_spans.events IS 'Span events: a JSON array; NULL when none.';
COMMENT ON COLUMN open_spans.links IS 'Span links: a JSON array; NULL when none.';
COMMENT ON COLUMN open_spans.input IS 'Input, when small.';
COMMENT ON COLUMN open_spans.output IS 'Output, when small.';
COMMENT ON COLUMN open_spans.contents IS 'What is kept in span_contents: {input, output, attributes: {key: …}}, each a hash, or a list of hashes that are the elements of an array.';
COMMENT ON COLUMN open_spans.usage IS 'Token usage so far, as the running call reports it.';

CREATE TABLE span_logs (
    execution_id uuid NOT NULL,
    span_id bytea NOT NULL,
    time_ns bigint NOT NULL,
    log_id bigint NOT NULL,
    workspace_id text NOT NULL DEFAULT 'default',
    revision bigint NOT NULL,
    severity smallint NOT NULL,
    name text,
    body json,
    attributes json NOT NULL,
    PRIMARY KEY (execution_id, span_id, time_ns, log_id)
) PARTITION BY RANGE (execution_id);
CREATE INDEX span_logs_by_revision ON span_logs (execution_id, revision);
COMMENT ON TABLE span_logs IS 'Log records that belong to a span, append-only; they may come after the span ended.';
COMMENT ON COLUMN span_logs.execution_id IS 'Execution the span belongs to; the partition key.';
COMMENT ON COLUMN span_logs.span_id IS 'The span, 8 bytes.';
COMMENT ON COLUMN span_logs.time_ns IS 'When it happened.';
COMMENT ON COLUMN span_logs.log_id IS 'Hash of the record, so that a record sent twice is one row.';
COMMENT ON COLUMN span_logs.workspace_id IS 'Workspace that owns the row.';
COMMENT ON COLUMN span_logs.revision IS 'Revision of the commit that wrote the row.';
COMMENT ON COLUMN span_logs.severity IS 'OTLP severity number, 0 when unknown.';
COMMENT ON COLUMN span_logs.name IS 'Event name, or NULL.';
COMMENT ON COLUMN span_logs.body IS 'Redacted body.';
COMMENT ON COLUMN span_logs.attributes IS 'Redacted attributes: a JSON object.';

CREATE TABLE span_contents (
    execution_id uuid NOT NULL,
    hash bytea NOT NULL,
    workspace_id text NOT NULL DEFAULT 'default',
    content text NOT NULL,
    PRIMARY KEY (execution_id, hash)
) PARTITION BY RANGE (execution_id);
COMMENT ON TABLE span_contents IS 'Prompts, messages and other large values, stored once per execution however often repeated.';
COMMENT ON COLUMN span_contents.execution_id IS 'Execution the content belongs to; the partition key.';
COMMENT ON COLUMN span_contents.hash IS 'First 16 bytes of the SHA-256 of the content.';
COMMENT ON COLUMN span_contents.workspace_id IS 'Workspace that owns the row.';
COMMENT ON COLUMN span_contents.content IS 'Redacted JSON text.';

CREATE TABLE token_usage (
    execution_id uuid NOT NULL,
    span_id bytea NOT NULL,
    workspace_id text NOT NULL DEFAULT 'default',
    revision bigint NOT NULL,
    counted boolean NOT NULL,
    provider text,
    model text,
    input_tokens bigint NOT NULL,
    output_tokens bigint NOT NULL,
    cache_read_tokens bigint NOT NULL,
    cache_write_tokens bigint NOT NULL,
    reasoning_tokens bigint NOT NULL,
    cost_usd double precision,
    PRIMARY KEY (execution_id, span_id)
) PARTITION BY RANGE (execution_id);
COMMENT ON TABLE token_usage IS 'Token usage that an ended span reports.';
COMMENT ON COLUMN token_usage.execution_id IS 'Execution the span belongs to; the partition key.';
COMMENT ON COLUMN token_usage.span_id IS 'The span, 8 bytes.';
COMMENT ON COLUMN token_usage.workspace_id IS 'Workspace that owns the row.';
COMMENT ON COLUMN token_usage.revision IS 'Revision of the commit that wrote the row.';
COMMENT ON COLUMN token_usage.counted IS 'False when the span repeats what its children report: left out of every sum.';
COMMENT ON COLUMN token_usage.provider IS 'Provider of the model.';
COMMENT ON COLUMN token_usage.model IS 'Model that answered.';
COMMENT ON COLUMN token_usage.input_tokens IS 'Input tokens, cached ones included.';
COMMENT ON COLUMN token_usage.output_tokens IS 'Output tokens, reasoning included.';
COMMENT ON COLUMN token_usage.cache_read_tokens IS 'Input tokens read from a cache.';
COMMENT ON COLUMN token_usage.cache_write_tokens IS 'Input tokens written to a cache.';
COMMENT ON COLUMN token_usage.reasoning_tokens IS 'Output tokens spent on reasoning.';
COMMENT ON COLUMN token_usage.cost_usd IS 'Cost in US dollars; NULL when unknown.';
