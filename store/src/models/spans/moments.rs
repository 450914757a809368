//! What happened during spans, and when, without the rest of what their events and log records say.

/// More on one bar are a smear.
pub const MOST_MOMENTS: usize = 32;

/// `name`, `time_ns` and whether something failed; a record of severity ERROR (17 of OTLP's numbers) or above tells a failure
/// whatever its name.
const NAMED_AFTER_FAILURE: &str = "name ~* 'exception|error'";

/// The moments of the span `s` as one JSON array in order of time; NULL when it has neither events nor, if `logged`, log records.
pub(super) fn moments(logged: &str) -> String {
    format!(
        "CASE WHEN s.events IS NOT NULL OR {logged} THEN (\
         SELECT json_agg(json_build_object('name', name, 'time_ns', time_ns, 'failed', failed) ORDER BY time_ns, name) FROM (\
           SELECT name, time_ns, {NAMED_AFTER_FAILURE} AS failed FROM json_to_recordset(s.events) e (name text, time_ns bigint) \
           UNION ALL SELECT coalesce(name, 'log'), time_ns, severity >= 17 OR coalesce({NAMED_AFTER_FAILURE}, false) \
           FROM span_logs WHERE execution_id = s.execution_id AND span_id = s.span_id \
           ORDER BY failed DESC, time_ns LIMIT {MOST_MOMENTS}) m) END"
    )
}
