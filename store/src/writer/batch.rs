//! A batch as it is sent: the rows of each table, encoded.

use uuid::Uuid;

use super::{
    bulk::{self, Bulk},
    contents::{self, Contents},
    foreign::ForeignSpans,
    merge::{Change, Merged, SpanChange},
    rows::{
        ArtifactRow, ChangeRow, ContentRow, LogRow, ObservedRow, ProgressRow, Rows, SpanRow,
        StepRow, UsageRow,
    },
    spans::{Place, SpanEncoder},
};
use crate::{ExecutionStatus, Naming, Observation, SpanLogRecord};

/// What a row of a span takes beside its texts.
const FIELDS_BYTES: usize = 512;

/// Everything that one transaction writes.
#[derive(Debug, Default)]
pub(super) struct Batch {
    /// The executions, in the order in which they are locked: ascending.
    pub(super) executions: Vec<Uuid>,
    pub(super) lease_epochs: Vec<Option<i64>>,
    /// Those of them that it finishes.
    pub(super) finished: Vec<Uuid>,
    /// Those of them whose spans that were open before it are abandoned.
    pub(super) abandoned: Vec<Uuid>,
    pub(super) opened: Rows<SpanRow>,
    /// Ended or abandoned.
    pub(super) closed: Rows<SpanRow>,
    /// Ended, in place of `closed`, and their usage in place of `usage`.
    pub(super) bulk: Bulk,
    pub(super) progress: Rows<ProgressRow>,
    pub(super) contents: Rows<ContentRow>,
    pub(super) usage: Rows<UsageRow>,
    pub(super) logs: Rows<LogRow>,
    pub(super) steps: Rows<StepRow>,
    pub(super) artifacts: Rows<ArtifactRow>,
    pub(super) changes: Rows<ChangeRow>,
    pub(super) observed: Rows<ObservedRow>,
    pub(super) foreign: ForeignSpans,
    /// How many spans it ends.
    pub(super) ended: i64,
    /// Contents that are known to be stored once it is committed.
    pub(super) new_contents: Contents,
}

impl Batch {
    /// Encodes what was merged. Contents that are `stored` already are not sent again. Many ended spans go in bulk, if that
    /// `may` be.
    pub(super) fn encode(
        merged: &Merged<'_>,
        workspace: &str,
        stored: &Contents,
        may_bulk: bool,
    ) -> Self {
        let mut order: Vec<usize> = (0..merged.executions.len()).collect();
        order.sort_unstable_by_key(|&number| merged.executions[number].id);
        let mut batch = Self::default();
        let mut places = vec![Place::default(); order.len()];
        for (ord, &number) in (1..).zip(&order) {
            let execution = &merged.executions[number];
            places[number] = Place {
                id: execution.id,
                ord,
                foreign: execution.lease_epoch.is_none(),
            };
            batch.executions.push(execution.id.0);
            batch.lease_epochs.push(execution.lease_epoch);
            if let Some(change) = &execution.change {
                batch.push_change(ord, change);
                if change.finished_ns.is_some() {
                    batch.finished.push(execution.id.0);
                }
                if change.status.is_some() {
                    batch.abandoned.push(execution.id.0);
                }
            }
            if let Some(observation) = &execution.observed {
                batch.push_observation(ord, observation);
            }
        }
        let ended = merged.spans.iter().filter_map(|(_, change)| match change {
            SpanChange::Ended(span) => Some(FIELDS_BYTES + span.size_bytes()),
            _ => None,
        });
        let (count, bytes) = ended.fold((0, 0), |(count, sum), bytes| (count + 1, sum + bytes));
        // Spans that their run abandons are moved by the statement itself, and so are those that log records touch.
        let in_bulk = may_bulk
            && count >= bulk::FEWEST
            && batch.abandoned.is_empty()
            && merged.logs.is_empty();
        if in_bulk {
            batch.bulk = Bulk::new(batch.executions.len(), bytes);
        } else {
            batch.closed.reserve(bytes);
        }
        let mut spans = SpanEncoder::new(&mut batch, workspace, stored, in_bulk);
        for (number, change) in &merged.spans {
            spans.push(places[*number], change);
        }
        batch.bulk.finish();
        for (number, log) in &merged.logs {
            batch.push_log(places[*number].ord, log);
        }
        for (number, step) in &merged.steps {
            batch.steps.push(|row| {
                row.int4(places[*number].ord);
                row.text(&step.node_path);
                row.int4(step.iteration);
                row.bytea(&step.span_id.0);
                row.json(&step.result);
            });
        }
        for (number, artifact) in &merged.artifacts {
            batch.artifacts.push(|row| {
                row.int4(places[*number].ord);
                row.uuid(artifact.artifact_id);
                row.bytea(&artifact.span_id.0);
                row.int8(artifact.created_ns);
                row.int8(artifact.size_bytes);
                row.bytea(&artifact.sha256);
                row.text(&artifact.name);
                row.text(&artifact.media_type);
                row.text(&artifact.location);
            });
        }
        batch
    }

    /// True when there is nothing to write: it was made of barriers.
    pub(super) fn is_empty(&self) -> bool {
        self.executions.is_empty()
    }

    /// True when another process may write about one of its executions at the same time.
    pub(super) fn is_shared(&self) -> bool {
        self.lease_epochs.contains(&None)
    }

    fn push_change(&mut self, ord: i32, change: &Change<'_>) {
        self.changes.push(|row| {
            row.int4(ord);
            row.optional_int2(change.status.map(|status| status as i16));
            row.optional_bytea(change.root_span_id.as_ref().map(|id| id.0.as_slice()));
            row.optional_int8(change.started_ns);
            row.optional_int8(change.finished_ns);
            row.optional_json(change.outputs);
            row.optional_text(change.error.map(|error| error.code.as_str()));
            row.optional_text(change.error.map(|error| error.message.as_str()));
            row.optional_text(change.error.and_then(|error| error.node_id.as_deref()));
        });
    }

    fn push_observation(&mut self, ord: i32, observation: &Observation) {
        let namings = [
            &observation.workflow_id,
            &observation.thread_id,
            &observation.external_id,
        ]
        .map(Option::as_ref);
        let root = observation.root.as_ref();
        let end = root.and_then(|root| root.end.as_ref());
        let status = end.map_or(ExecutionStatus::Running, |end| end.status);
        let error = end.and_then(|end| end.error.as_ref());
        self.observed.push(|row| {
            row.int4(ord);
            row.int8(observation.started_ns);
            for naming in namings {
                row.int2(naming.map_or(Naming::NONE, |naming| naming.rank));
                row.optional_int8(naming.map(|naming| naming.since_ns));
                row.optional_text(naming.map(|naming| naming.text.as_str()));
            }
            row.optional_bytea(root.map(|root| root.span_id.0.as_slice()));
            row.optional_int8(root.map(|root| root.start_ns));
            row.bool(root.is_some_and(|root| root.is_run));
            row.int2(status as i16);
            row.optional_int8(end.map(|end| end.finished_ns));
            row.optional_json(root.and_then(|root| root.inputs.as_deref()));
            row.optional_json(end.and_then(|end| end.outputs.as_deref()));
            row.optional_text(error.map(|error| error.code.as_str()));
            row.optional_text(error.map(|error| error.message.as_str()));
            row.optional_text(error.and_then(|error| error.node_id.as_deref()));
        });
    }

    fn push_log(&mut self, ord: i32, log: &SpanLogRecord) {
        let text = format!(
            "{}\n{:?}\n{:?}\n{}",
            log.severity, log.name, log.body, log.attributes
        );
        let [a, b, c, d, e, f, g, h, ..] = contents::hash(&text);
        self.logs.push(|row| {
            row.int4(ord);
            row.bytea(&log.span_id.0);
            row.int8(log.time_ns);
            row.int8(i64::from_be_bytes([a, b, c, d, e, f, g, h]));
            row.int2(log.severity);
            row.optional_text(log.name.as_deref());
            row.optional_json(log.body.as_deref());
            row.json(&log.attributes);
            row.optional_json(log.input.as_deref());
            row.optional_json(log.output.as_deref());
        });
    }
}
