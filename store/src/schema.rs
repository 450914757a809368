// @generated automatically by Diesel CLI.

diesel::table! {
    /// Files that spans produced; their bytes are in the blob store.
    artifacts (artifact_id) {
        /// UUIDv7.
        artifact_id -> Uuid,
        /// Execution that produced it.
        execution_id -> Uuid,
        /// Workspace that owns the row.
        workspace_id -> Text,
        /// Span that produced it, 8 bytes.
        span_id -> Bytea,
        /// Revision of the commit that wrote the row.
        revision -> Int8,
        /// When it was stored.
        created_ns -> Int8,
        /// Size of the bytes stored.
        size_bytes -> Int8,
        /// SHA-256 of the bytes stored.
        sha256 -> Bytea,
        /// Redacted file name.
        name -> Text,
        /// Media type.
        media_type -> Text,
        /// Path within the blob store.
        location -> Text,
    }
}

diesel::table! {
    /// Finds an execution by an id that is not ours; the only trace table a sharded PostgreSQL would not distribute by execution_id.
    execution_keys (workspace_id, kind, key, execution_id) {
        /// Workspace that owns the row.
        workspace_id -> Text,
        /// trace: a trace id, unique; external: another engine's run id, of which the newest execution wins.
        kind -> Text,
        /// The trace id as 32 lower-case hex digits, or the external id.
        key -> Text,
        /// The execution found.
        execution_id -> Uuid,
    }
}

diesel::table! {
    /// What a worker needs to run an execution and no reader may see; deleted when the run is final.
    execution_payloads (execution_id) {
        /// The execution.
        execution_id -> Uuid,
        /// Workspace that owns the row.
        workspace_id -> Text,
        /// Inputs as they were given, not redacted.
        inputs -> Json,
        /// Run configuration as it was given, not redacted.
        config -> Nullable<Json>,
        /// The caller's W3C traceparent header.
        traceparent -> Nullable<Text>,
        /// The caller's W3C tracestate header.
        tracestate -> Nullable<Text>,
        /// The caller's W3C baggage header.
        baggage -> Nullable<Text>,
    }
}

diesel::table! {
    /// The narrow row that every commit about an execution locks and updates.
    execution_rollups (execution_id) {
        /// The execution.
        execution_id -> Uuid,
        /// Workspace that owns the row.
        workspace_id -> Text,
        /// Revision of the last commit that touched the execution; a revision is a commit.
        revision -> Int8,
        /// Counts the claims; a commit of a worker with an older epoch is refused.
        lease_epoch -> Int8,
        /// When the last commit was made.
        changed_at -> Timestamptz,
        /// Earliest start of its spans.
        start_ns -> Nullable<Int8>,
        /// Latest end of its spans.
        end_ns -> Nullable<Int8>,
        /// Spans known: running, ended and abandoned.
        span_count -> Int8,
        /// Spans running.
        open_count -> Int8,
        /// Ended spans with status ERROR.
        error_count -> Int8,
        /// Artifacts.
        artifact_count -> Int8,
        /// Sum of the counted usage: input tokens, cached ones included.
        input_tokens -> Int8,
        /// Sum of the counted usage: output tokens, reasoning included.
        output_tokens -> Int8,
        /// Sum of the counted usage: input tokens read from a cache.
        cache_read_tokens -> Int8,
        /// Sum of the counted usage: input tokens written to a cache.
        cache_write_tokens -> Int8,
        /// Sum of the counted usage: output tokens spent on reasoning.
        reasoning_tokens -> Int8,
        /// Sum of the counted usage: cost in US dollars; NULL when no span tells one.
        cost_usd -> Nullable<Float8>,
        /// Whether a span that reports usage has had a span below it: others above it may repeat the usage then.
        usage_nests -> Bool,
        /// Version of the rules that all of the execution has passed; NULL when they are not known or not the same.
        redaction -> Nullable<Text>,
        /// Sum of the counted usage: tokens of calls without a cost, which cost_usd leaves out.
        unpriced_tokens -> Int8,
    }
}

diesel::table! {
    /// One run of a workflow, which is one trace.
    executions (execution_id) {
        /// UUIDv7: sorts by the time it was queued or first seen.
        execution_id -> Uuid,
        /// Workspace that owns the row.
        workspace_id -> Text,
        /// Workflow that runs; NULL when the trace names none.
        workflow_id -> Nullable<Text>,
        /// Version that runs; NULL for an external workflow.
        workflow_version -> Nullable<Int4>,
        /// 0 QUEUED, 1 RUNNING, 2 SUCCEEDED, 3 FAILED, 4 CANCELLED, 5 ABANDONED.
        status -> Int2,
        /// W3C trace id, 16 bytes; one trace id is one execution.
        trace_id -> Bytea,
        /// The run's root span, 8 bytes; NULL until it started.
        root_span_id -> Nullable<Bytea>,
        /// Conversation or session the run belongs to.
        thread_id -> Nullable<Text>,
        /// Id another engine gave its run; not unique.
        external_id -> Nullable<Text>,
        /// Redacted inputs.
        inputs -> Nullable<Json>,
        /// Redacted outputs; NULL until it finished.
        outputs -> Nullable<Json>,
        /// Stable code of the failure.
        error_code -> Nullable<Text>,
        /// Redacted message of the failure.
        error_message -> Nullable<Text>,
        /// Node that failed the run.
        error_node_id -> Nullable<Text>,
        /// When it was asked for or first seen.
        queued_ns -> Int8,
        /// When a worker began it.
        started_ns -> Nullable<Int8>,
        /// When it reached a final status.
        finished_ns -> Nullable<Int8>,
        /// When its cancellation was asked for; the worker decides when it ends.
        cancel_requested_ns -> Nullable<Int8>,
        /// Worker that holds the lease.
        worker_id -> Nullable<Text>,
        /// When the worker's lease runs out unless renewed, by the database's clock.
        lease_expires_at -> Nullable<Timestamptz>,
        /// How well the trace of another engine names its workflow, 0 being best; NULL when the run is one of ours.
        workflow_rank -> Nullable<Int2>,
        /// Whether the root span of another engine's trace says itself that it is the run.
        root_is_run -> Bool,
        /// Start of the span that names the workflow; NULL when the run is one of ours.
        workflow_since_ns -> Nullable<Int8>,
        /// How well the span that names the thread knows it, 0 being best; NULL when the run is one of ours.
        thread_rank -> Nullable<Int2>,
        /// Start of the span that names the thread; NULL when the run is one of ours.
        thread_since_ns -> Nullable<Int8>,
        /// How well the span that gives the external id knows it, 0 being best; NULL when the run is one of ours.
        external_rank -> Nullable<Int2>,
        /// Start of the span that gives the external id; NULL when the run is one of ours.
        external_since_ns -> Nullable<Int8>,
    }
}

diesel::table! {
    /// The journal: results of finished steps, which make a run resumable. Private; deleted when the run is final.
    node_results (execution_id, node_path, iteration) {
        /// The execution; the partition key.
        execution_id -> Uuid,
        /// The node, through the nodes that contain it.
        node_path -> Text,
        /// Visit of the node in a loop, from 1.
        iteration -> Int4,
        /// Workspace that owns the row.
        workspace_id -> Text,
        /// Revision of the commit that wrote the row: the order in which steps finished.
        revision -> Int8,
        /// Span of the step, 8 bytes.
        span_id -> Bytea,
        /// What the node returned, not redacted.
        result -> Json,
    }
}

diesel::table! {
    /// Spans that are running; a span leaves this table when it ends or is abandoned.
    open_spans (execution_id, span_id) {
        /// Execution the span belongs to; the partition key.
        execution_id -> Uuid,
        /// W3C span id, 8 bytes; unique within the execution.
        span_id -> Bytea,
        /// Workspace that owns the row.
        workspace_id -> Text,
        /// W3C trace id, 16 bytes.
        trace_id -> Bytea,
        /// Parent's span id, 8 bytes; NULL without a parent. The parent may be unknown.
        parent_span_id -> Nullable<Bytea>,
        /// Revision of the commit that wrote this state of the span.
        revision -> Int8,
        /// Start.
        start_ns -> Int8,
        /// Always NULL: the span runs.
        end_ns -> Nullable<Int8>,
        /// Always 0 RUNNING.
        state -> Int2,
        /// 0 UNSPECIFIED, 1 INTERNAL, 2 SERVER, 3 CLIENT, 4 PRODUCER, 5 CONSUMER: OTLP's numbers.
        kind -> Int2,
        /// 0 OTHER, 1 WORKFLOW, 2 NODE, 3 AGENT, 4 LLM, 5 TOOL, 6 RETRIEVER, 7 EMBEDDING, 8 RERANKER, 9 GUARDRAIL, 10 HTTP, 11 DATABASE.
        category -> Int2,
        /// 0 UNSET, 1 OK, 2 ERROR: OTLP's numbers.
        status_code -> Int2,
        /// Attempt of the node, from 1.
        attempt -> Nullable<Int4>,
        /// Visit of the node in a loop, from 1.
        iteration -> Nullable<Int4>,
        /// OTLP span flags; the low byte holds the W3C trace flags.
        flags -> Int4,
        /// Span name.
        name -> Text,
        /// Redacted status message.
        status_message -> Nullable<Text>,
        /// Workflow node that the span is about.
        node_id -> Nullable<Text>,
        /// Type of that node.
        node_type -> Nullable<Text>,
        /// Name to show; NULL when it is the span name.
        display_name -> Nullable<Text>,
        /// W3C tracestate.
        trace_state -> Nullable<Text>,
        /// Attributes, events and links that the producer dropped, in this order; NULL when none.
        dropped_counts -> Nullable<Array<Nullable<Int4>>>,
        /// Resource as JSON: hash into span_contents.
        resource_hash -> Nullable<Bytea>,
        /// Instrumentation scope as JSON: hash into span_contents.
        scope_hash -> Nullable<Bytea>,
        /// Attributes that are small: a JSON object.
        attributes -> Json,
        /// Span events: a JSON array; NULL when none.
        events -> Nullable<Json>,
        /// Span links: a JSON array; NULL when none.
        links -> Nullable<Json>,
        /// Input, when small.
        input -> Nullable<Json>,
        /// Output, when small.
        output -> Nullable<Json>,
        /// What is kept in span_contents: {input, output, attributes: {key: …}}, each a hash, or a list of hashes that are the elements of an array.
        contents -> Nullable<Json>,
        /// Token usage so far, as the running call reports it.
        usage -> Nullable<Json>,
        /// When the first token of a model's answer came, as the span's attributes tell; NULL when they do not.
        first_token_ns -> Nullable<Int8>,
    }
}

diesel::table! {
    /// Prompts, messages and other large values, stored once per execution however often repeated.
    span_contents (execution_id, hash) {
        /// Execution the content belongs to; the partition key.
        execution_id -> Uuid,
        /// First 16 bytes of the SHA-256 of the content.
        hash -> Bytea,
        /// Workspace that owns the row.
        workspace_id -> Text,
        /// Redacted JSON text.
        content -> Text,
    }
}

diesel::table! {
    /// Log records that belong to a span, append-only; they may come after the span ended.
    span_logs (execution_id, span_id, time_ns, log_id) {
        /// Execution the span belongs to; the partition key.
        execution_id -> Uuid,
        /// The span, 8 bytes.
        span_id -> Bytea,
        /// When it happened.
        time_ns -> Int8,
        /// Hash of the record, so that a record sent twice is one row.
        log_id -> Int8,
        /// Workspace that owns the row.
        workspace_id -> Text,
        /// Revision of the commit that wrote the row.
        revision -> Int8,
        /// OTLP severity number, 0 when unknown.
        severity -> Int2,
        /// Event name, or NULL.
        name -> Nullable<Text>,
        /// Redacted body.
        body -> Nullable<Json>,
        /// Redacted attributes: a JSON object.
        attributes -> Json,
        /// What the record adds to the input of its span: a JSON array; NULL when nothing.
        input -> Nullable<Json>,
        /// What the record adds to the output of its span: a JSON array; NULL when nothing.
        output -> Nullable<Json>,
    }
}

diesel::table! {
    /// Spans that are over: ended, or abandoned by their run.
    spans (execution_id, span_id) {
        /// Execution the span belongs to; the partition key.
        execution_id -> Uuid,
        /// W3C span id, 8 bytes; unique within the execution.
        span_id -> Bytea,
        /// Workspace that owns the row.
        workspace_id -> Text,
        /// W3C trace id, 16 bytes.
        trace_id -> Bytea,
        /// Parent's span id, 8 bytes; NULL without a parent. The parent may be unknown.
        parent_span_id -> Nullable<Bytea>,
        /// Revision of the commit that wrote this state of the span.
        revision -> Int8,
        /// Start.
        start_ns -> Int8,
        /// End; NULL for an abandoned span, whose end nobody saw.
        end_ns -> Nullable<Int8>,
        /// 1 ENDED, 2 ABANDONED.
        state -> Int2,
        /// 0 UNSPECIFIED, 1 INTERNAL, 2 SERVER, 3 CLIENT, 4 PRODUCER, 5 CONSUMER: OTLP's numbers.
        kind -> Int2,
        /// 0 OTHER, 1 WORKFLOW, 2 NODE, 3 AGENT, 4 LLM, 5 TOOL, 6 RETRIEVER, 7 EMBEDDING, 8 RERANKER, 9 GUARDRAIL, 10 HTTP, 11 DATABASE.
        category -> Int2,
        /// 0 UNSET, 1 OK, 2 ERROR: OTLP's numbers.
        status_code -> Int2,
        /// Attempt of the node, from 1.
        attempt -> Nullable<Int4>,
        /// Visit of the node in a loop, from 1.
        iteration -> Nullable<Int4>,
        /// OTLP span flags; the low byte holds the W3C trace flags.
        flags -> Int4,
        /// Span name.
        name -> Text,
        /// Redacted status message.
        status_message -> Nullable<Text>,
        /// Workflow node that the span is about.
        node_id -> Nullable<Text>,
        /// Type of that node.
        node_type -> Nullable<Text>,
        /// Name to show; NULL when it is the span name.
        display_name -> Nullable<Text>,
        /// W3C tracestate.
        trace_state -> Nullable<Text>,
        /// Attributes, events and links that the producer dropped, in this order; NULL when none.
        dropped_counts -> Nullable<Array<Nullable<Int4>>>,
        /// Resource as JSON: hash into span_contents.
        resource_hash -> Nullable<Bytea>,
        /// Instrumentation scope as JSON: hash into span_contents.
        scope_hash -> Nullable<Bytea>,
        /// Attributes that are small: a JSON object.
        attributes -> Json,
        /// Span events: a JSON array; NULL when none.
        events -> Nullable<Json>,
        /// Span links: a JSON array; NULL when none.
        links -> Nullable<Json>,
        /// Input, when small.
        input -> Nullable<Json>,
        /// Output, when small.
        output -> Nullable<Json>,
        /// What is kept in span_contents: {input, output, attributes: {key: …}}, each a hash, or a list of hashes that are the elements of an array.
        contents -> Nullable<Json>,
        /// True when the end came after the run had abandoned the span.
        late_end -> Bool,
        /// When the first token of a model's answer came, as the span's attributes tell; NULL when they do not.
        first_token_ns -> Nullable<Int8>,
    }
}

diesel::table! {
    /// Token usage that an ended span reports.
    token_usage (execution_id, span_id) {
        /// Execution the span belongs to; the partition key.
        execution_id -> Uuid,
        /// The span, 8 bytes.
        span_id -> Bytea,
        /// Workspace that owns the row.
        workspace_id -> Text,
        /// Revision of the commit that wrote the row.
        revision -> Int8,
        /// False when the span repeats what its children report: left out of every sum.
        counted -> Bool,
        /// Provider of the model.
        provider -> Nullable<Text>,
        /// Model that answered.
        model -> Nullable<Text>,
        /// Input tokens, cached ones included.
        input_tokens -> Int8,
        /// Output tokens, reasoning included.
        output_tokens -> Int8,
        /// Input tokens read from a cache.
        cache_read_tokens -> Int8,
        /// Input tokens written to a cache.
        cache_write_tokens -> Int8,
        /// Output tokens spent on reasoning.
        reasoning_tokens -> Int8,
        /// Cost in US dollars; NULL when unknown.
        cost_usd -> Nullable<Float8>,
    }
}

diesel::table! {
    /// Immutable versions of a workflow's definition; the same content is the same version.
    workflow_versions (workspace_id, workflow_id, version) {
        /// Workspace that owns the row.
        workspace_id -> Text,
        /// Workflow the version belongs to.
        workflow_id -> Text,
        /// Counts from 1 within the workflow.
        version -> Int4,
        /// Display name given by this version.
        name -> Text,
        /// The parsed definition.
        definition -> Json,
        /// The text as it was saved: YAML or JSON.
        source -> Text,
        /// SHA-256 of the source.
        content_sha256 -> Bytea,
        /// When the version was saved.
        created_ns -> Int8,
    }
}

diesel::table! {
    /// Workflows by the id their definition gives them; their content is in workflow_versions.
    workflows (workspace_id, workflow_id) {
        /// Workspace that owns the row.
        workspace_id -> Text,
        /// The definition's own id, for example support-triage.
        workflow_id -> Text,
        /// Display name, of the current version.
        name -> Text,
        /// True when another engine runs it and only its traces are known: it has no versions.
        external -> Bool,
        /// Version that a start without a version runs; 0 when there is none.
        current_version -> Int4,
        /// When the workflow was first saved or seen.
        created_ns -> Int8,
        /// When the current version was last set.
        updated_ns -> Int8,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    artifacts,
    execution_keys,
    execution_payloads,
    execution_rollups,
    executions,
    node_results,
    open_spans,
    span_contents,
    span_logs,
    spans,
    token_usage,
    workflow_versions,
    workflows,
);
