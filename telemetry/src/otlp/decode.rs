//! A request as what it says about each trace: everything that needs no database.

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use metrics::counter;
use opentelemetry_proto::tonic::logs::v1::LogRecord;
use opentelemetry_proto::tonic::trace::v1::Span;
use orcheo_store::{Observation, SpanLogRecord, TraceId};
use prost::Message;
use serde::de::DeserializeOwned;

use super::envelope::{self, Encoding, Group, Item, Malformed};
use super::limits::OtlpLimits;
use super::logs::{ReceivedLog, owner};
use super::observe::{observation, observation_of_log};
use super::origin::Origin;
use super::pending::{heartbeat, is_stop, started};
use super::receiver::Accepted;
use super::record::{Received, Recorder};
use crate::{Prices, Redactor};

/// What one request says about one trace.
#[derive(Debug, Default)]
pub(super) struct Trace {
    pub(super) observation: Observation,
    pub(super) spans: Vec<Received>,
    pub(super) logs: Vec<SpanLogRecord>,
    /// Whether it is worth an execution if nothing is known of it yet.
    pub(super) begins: bool,
}

/// Takes requests apart.
#[derive(Debug)]
pub(super) struct Decoder<'a> {
    recorder: Recorder<'a>,
    /// How many more items may come.
    room: usize,
    traces: HashMap<TraceId, Trace>,
    rejections: Rejections,
}

/// How often each reason to reject something was met.
#[derive(Debug, Default)]
pub(super) struct Rejections(HashMap<String, u64>);

impl Rejections {
    pub(super) fn add(&mut self, reason: String) {
        *self.0.entry(reason).or_default() += 1;
    }

    pub(super) fn into_accepted(self) -> Accepted {
        const MOST_NAMED: usize = 10;
        let rejected = self.0.values().sum();
        if rejected > 0 {
            counter!("orcheo_otlp_rejected_items_total").increment(rejected);
        }
        let mut reasons: Vec<(String, u64)> = self.0.into_iter().collect();
        reasons.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        let more = reasons.len().saturating_sub(MOST_NAMED);
        reasons.truncate(MOST_NAMED);
        let mut named: Vec<String> = reasons
            .into_iter()
            .map(|(reason, count)| format!("{reason} ({count})"))
            .collect();
        if more > 0 {
            named.push(format!("{more} other reasons"));
        }
        Accepted {
            rejected,
            reasons: named.join("; "),
        }
    }
}

impl<'a> Decoder<'a> {
    pub(super) fn new(redactor: &'a Redactor, prices: &'a Prices, limits: &'a OtlpLimits) -> Self {
        Self {
            recorder: Recorder {
                redactor,
                prices,
                limits,
            },
            room: limits.items,
            traces: HashMap::new(),
            rejections: Rejections::default(),
        }
    }

    pub(super) fn finish(self) -> (HashMap<TraceId, Trace>, Rejections) {
        (self.traces, self.rejections)
    }

    pub(super) fn traces(&mut self, encoding: Encoding, body: Bytes) -> Result<(), Malformed> {
        let text = envelope::text(encoding, &body);
        for group in envelope::open(encoding, body.clone(), &text)? {
            let origin = self.origin(&group);
            for item in group.items {
                let received = self.open(&origin, &item).and_then(|(span, origin)| {
                    let span = self.recorder.record(span, origin)?;
                    self.add_span(span, origin);
                    Ok(())
                });
                received.unwrap_or_else(|reason| self.rejections.add(reason));
            }
        }
        Ok(())
    }

    pub(super) fn logs(&mut self, encoding: Encoding, body: Bytes) -> Result<(), Malformed> {
        let text = envelope::text(encoding, &body);
        for group in envelope::open(encoding, body.clone(), &text)? {
            let origin = self.origin(&group);
            for item in group.items {
                let received = self
                    .open(&origin, &item)
                    .and_then(|(record, origin)| self.log(record, origin));
                received.unwrap_or_else(|reason| self.rejections.add(reason));
            }
        }
        Ok(())
    }

    fn origin(&self, group: &Group<'_>) -> Result<Origin, String> {
        Origin::of(self.recorder.redactor, self.recorder.limits, group)
    }

    /// A span or a log record, and where it comes from.
    fn open<'o, T: Message + Default + DeserializeOwned>(
        &mut self,
        origin: &'o Result<Origin, String>,
        item: &Item<'_>,
    ) -> Result<(T, &'o Origin), String> {
        self.take_room()?;
        let origin = origin.as_ref().map_err(String::clone)?;
        Ok((item.decode()?, origin))
    }

    fn log(&mut self, record: LogRecord, origin: &Origin) -> Result<(), String> {
        if let Some(body) = heartbeat(&record) {
            return self.running_spans(body);
        }
        if is_stop(&record) {
            return Ok(());
        }
        // A program's other messages are no part of any trace.
        let Some(owner) = owner(&record)? else {
            return Ok(());
        };
        if let Some(span) = started(&record) {
            let span = self.recorder.record(span, origin)?;
            self.add_span(span, origin);
            return Ok(());
        }
        let log = self.recorder.log(record, owner)?;
        self.add_log(log, origin);
        Ok(())
    }

    /// Spans that a heartbeat tells to be running, whatever it gives as their end.
    fn running_spans(&mut self, body: &str) -> Result<(), String> {
        let (encoding, body) = match body.trim_start().starts_with('{') {
            true => (Encoding::Json, Bytes::copy_from_slice(body.as_bytes())),
            false => {
                let bytes = BASE64
                    .decode(body.trim())
                    .map_err(|error| error.to_string())?;
                (Encoding::Protobuf, bytes.into())
            }
        };
        let text = envelope::text(encoding, &body);
        let groups =
            envelope::open(encoding, body.clone(), &text).map_err(|error| error.to_string())?;
        for group in groups {
            let origin = self.origin(&group)?;
            for item in group.items {
                let mut span = item.decode::<Span>()?;
                span.end_time_unix_nano = 0;
                let span = self.recorder.record(span, &origin)?;
                self.add_span(span, &origin);
            }
        }
        Ok(())
    }

    fn take_room(&mut self) -> Result<(), String> {
        self.room = self
            .room
            .checked_sub(1)
            .ok_or_else(|| format!("more than {} in one request", self.recorder.limits.items))?;
        Ok(())
    }

    fn add_span(&mut self, span: Received, origin: &Origin) {
        let observation = observation(&span, origin.service_name.as_deref());
        let trace = self.trace(span.record.trace_id, observation);
        trace.begins = true;
        trace.spans.push(span);
    }

    fn add_log(&mut self, log: ReceivedLog, origin: &Origin) {
        let observation = observation_of_log(&log, origin.service_name.as_deref());
        let trace = self.trace(log.trace_id, observation);
        trace.begins |= log.begins;
        trace.logs.push(log.record);
    }

    fn trace(&mut self, trace_id: TraceId, observation: Observation) -> &mut Trace {
        use std::collections::hash_map::Entry;
        match self.traces.entry(trace_id) {
            Entry::Occupied(known) => {
                let trace = known.into_mut();
                trace.observation.add(observation);
                trace
            }
            Entry::Vacant(new) => new.insert(Trace {
                observation,
                ..Trace::default()
            }),
        }
    }
}
