//! Log records that belong to spans: events of theirs, and what they tell of inputs and outputs.
//!
//! Instrumentations of models send prompts and answers as records of their own, because attributes of spans used to be
//! flat: one record with all of it (`gen_ai.client.inference.operation.details`), or one for each message.

use super::content;
use super::limits::{NAME_BYTES, cut_text};
use super::record::{Recorder, nanoseconds, span_id, trace_id};
use super::told::told;
use super::value::{reveal, value_json};
use crate::conventions::Attribute as _;
use opentelemetry_proto::tonic::logs::v1::LogRecord;
use orcheo_store::{SpanId, SpanLogRecord, TraceId};

/// W3C trace flag of traces that are recorded.
const SAMPLED: u32 = 1;

/// The attribute in which older SDKs have the name of an event.
const EVENT_NAME: &str = "event.name";

/// A record that can be stored.
#[derive(Debug)]
pub(super) struct ReceivedLog {
    pub(super) trace_id: TraceId,
    pub(super) record: SpanLogRecord,
    /// Whether the trace is worth keeping if this is its first sign: the spans of an unsampled one never come.
    pub(super) begins: bool,
}

/// The span that a record belongs to; `None` when it belongs to none.
///
/// # Errors
/// When it names one that cannot be.
pub(super) fn owner(record: &LogRecord) -> Result<Option<(TraceId, SpanId)>, String> {
    let absent = |id: &[u8]| id.iter().all(|byte| *byte == 0);
    if absent(&record.trace_id) || absent(&record.span_id) {
        return Ok(None);
    }
    let trace = trace_id(&record.trace_id)?;
    Ok(Some((trace, span_id(&record.span_id, "span_id")?)))
}

impl Recorder<'_> {
    /// # Errors
    /// Why the record cannot be stored.
    pub(super) fn log(
        &self,
        mut record: LogRecord,
        (trace_id, span_id): (TraceId, SpanId),
    ) -> Result<ReceivedLog, String> {
        let time = match record.time_unix_nano {
            0 => record.observed_time_unix_nano,
            time => time,
        };
        let time_ns = nanoseconds(time, "time_unix_nano")?;
        if !self.limits.content {
            let name = event_name(&record);
            content::withhold_log(&mut record, &name);
        }
        self.limits.cut_attributes(&mut record.attributes);
        super::value::reveal_bytes(self.redactor, &mut record.attributes);
        if let Some(body) = &mut record.body {
            self.limits.cut_value(body);
            reveal(self.redactor, body);
        }
        let mut name = event_name(&record);
        cut_text(&mut name, NAME_BYTES);
        let (attributes, kept) = self.attributes(&record.attributes);
        let body = record.body.as_ref().and_then(|body| body.value.as_ref());
        let body = body.map(|body| self.redactor.json_text(&value_json(body)).into_owned());
        let told = told(&name, body.as_deref(), &kept);
        let begins = record.flags & SAMPLED != 0 || name.starts_with("gen_ai.");
        Ok(ReceivedLog {
            trace_id,
            record: SpanLogRecord {
                span_id,
                time_ns,
                severity: i16::try_from(record.severity_number).unwrap_or(0),
                name: (!name.is_empty()).then(|| self.redactor.text(&name).into_owned()),
                body,
                attributes,
                input: told.input,
                output: told.output,
            },
            begins,
        })
    }
}

pub(super) fn event_name(record: &LogRecord) -> String {
    if !record.event_name.is_empty() {
        return record.event_name.clone();
    }
    let named = record
        .attributes
        .iter()
        .rev()
        .find(|attribute| attribute.key == EVENT_NAME);
    named
        .map(|attribute| attribute.text().into_owned())
        .unwrap_or_default()
}
