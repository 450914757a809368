//! A batch as it is sent: the rows of each table, encoded.

use std::{borrow::Cow, collections::HashSet, sync::Arc};

use uuid::Uuid;

use super::{
    bulk::{self, Bulk, BulkPlace},
    contents::{self, Contents, Hash},
    merge::{Change, Merged, Progress, SpanChange},
    rows::{
        ArtifactRow, ChangeRow, ContentRow, LogRow, ObservedRow, ProgressRow, Row, Rows, SpanRow,
        StepRow, UsageRow,
    },
};
use crate::{
    ExecutionId, ExecutionStatus, Observation, SpanId, SpanLogRecord, SpanRecord, SpanState,
    UsageRecord, WorkflowName, models::spans::TokenUsage,
};

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
        let mut spans = SpanEncoder {
            batch: &mut batch,
            workspace,
            stored,
            in_bulk,
            shared: [None, None],
        };
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
        let workflow = observation.workflow.as_ref();
        let root = observation.root.as_ref();
        let end = root.and_then(|root| root.end.as_ref());
        let status = end.map_or(ExecutionStatus::Running, |end| end.status);
        let error = end.and_then(|end| end.error.as_ref());
        self.observed.push(|row| {
            row.int4(ord);
            row.int8(observation.started_ns);
            row.optional_text(workflow.map(|named| named.id.as_str()));
            row.int2(workflow.map_or(WorkflowName::UNNAMED, |named| named.rank));
            row.optional_text(observation.thread_id.as_deref());
            row.optional_text(observation.external_id.as_deref());
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

/// The ended spans of executions of other engines: what a span of theirs reports may be what spans below it report, too, and
/// its id may be that of another one.
#[derive(Debug, Default, Clone)]
pub(super) struct ForeignSpans {
    pub(super) executions: Vec<Uuid>,
    pub(super) span_ids: Vec<Vec<u8>>,
    pub(super) parents: Vec<Option<Vec<u8>>>,
    pub(super) used: Vec<bool>,
    pub(super) starts: Vec<i64>,
    pub(super) ends: Vec<Option<i64>>,
    pub(super) kinds: Vec<i16>,
}

impl ForeignSpans {
    fn push(&mut self, execution: ExecutionId, span: &SpanRecord) {
        self.executions.push(execution.0);
        self.span_ids.push(span.span_id.0.to_vec());
        self.parents
            .push(span.parent_span_id.map(|id| id.0.to_vec()));
        self.used.push(span.usage.is_some());
        self.starts.push(span.start_ns);
        self.ends.push(span.end_ns);
        self.kinds.push(span.kind as i16);
    }

    /// Without the spans of executions of which nothing was known before, as far as no span of theirs that reports usage has
    /// another below it: nothing is to be recounted there. `new` is in ascending order.
    pub(super) fn without_flat(&self, new: &[Uuid]) -> Cow<'_, Self> {
        if new.is_empty() {
            return Cow::Borrowed(self);
        }
        let spans = || self.executions.iter().zip(&self.span_ids);
        let reporting: HashSet<(&Uuid, &Vec<u8>)> = spans()
            .zip(&self.used)
            .filter_map(|(span, used)| used.then_some(span))
            .collect();
        let nested: HashSet<&Uuid> = self
            .executions
            .iter()
            .zip(&self.parents)
            .filter_map(|(execution, parent)| Some((execution, parent.as_ref()?)))
            .filter(|parent| reporting.contains(parent))
            .map(|(execution, _)| execution)
            .collect();
        let mut left = Self::default();
        for (index, execution) in self.executions.iter().enumerate() {
            if nested.contains(execution) || new.binary_search(execution).is_err() {
                left.executions.push(*execution);
                left.span_ids.push(self.span_ids[index].clone());
                left.parents.push(self.parents[index].clone());
                left.used.push(self.used[index]);
                left.starts.push(self.starts[index]);
                left.ends.push(self.ends[index]);
                left.kinds.push(self.kinds[index]);
            }
        }
        Cow::Owned(left)
    }
}

/// An execution in the batch.
#[derive(Debug, Clone, Copy)]
struct Place {
    id: ExecutionId,
    /// Counts from 1.
    ord: i32,
    /// Another engine runs it, or at least no worker with a lease of ours writes about it.
    foreign: bool,
}

impl Default for Place {
    fn default() -> Self {
        Self {
            id: ExecutionId(Uuid::nil()),
            ord: 0,
            foreign: false,
        }
    }
}

struct SpanEncoder<'a> {
    batch: &'a mut Batch,
    workspace: &'a str,
    stored: &'a Contents,
    in_bulk: bool,
    /// The resource and the scope that were kept last, and for which execution.
    shared: [Option<(ExecutionId, Arc<str>, Hash)>; 2],
}

impl<'a> SpanEncoder<'a> {
    fn push(&mut self, place: Place, change: &SpanChange<'_>) {
        match change {
            SpanChange::Started(span, progress) => {
                self.push_span(
                    place,
                    &with_progress(span, progress.as_ref()),
                    SpanState::Running,
                );
            }
            SpanChange::Abandoned(span, progress) => {
                self.push_span(
                    place,
                    &with_progress(span, progress.as_ref()),
                    SpanState::Abandoned,
                );
            }
            SpanChange::Ended(span) => {
                self.push_span(place, span, SpanState::Ended);
                self.batch.ended += 1;
                if place.foreign {
                    self.batch.foreign.push(place.id, span);
                }
                if let Some(usage) = &span.usage {
                    self.push_usage(place, span.span_id, usage);
                }
            }
            SpanChange::Progress(span_id, progress) => {
                let usage = progress
                    .usage
                    .and_then(|usage| serde_json::to_string(usage).ok());
                self.batch.progress.push(|row| {
                    row.int4(place.ord);
                    row.bytea(&span_id.0);
                    row.json(&progress.attributes);
                    row.optional_json(usage.as_deref());
                    row.optional_int8(progress.first_token_ns);
                });
            }
        }
    }

    fn push_span(&mut self, place: Place, span: &SpanRecord, state: SpanState) {
        let divided = contents::divide(span);
        let resource = self.keep_shared(0, place, span.resource.as_ref());
        let scope = self.keep_shared(1, place, span.scope.as_ref());
        for (hash, text) in &divided.contents {
            self.keep(place, *hash, text);
        }
        let running = state == SpanState::Running;
        let usage = span.usage.as_ref().filter(|_| running);
        let usage = usage.and_then(|usage| serde_json::to_string(usage).ok());
        let write = |row: &mut Row<'_>| {
            write_identity(row, span, state);
            row.optional_bytea(resource.as_ref().map(Hash::as_slice));
            row.optional_bytea(scope.as_ref().map(Hash::as_slice));
            row.json(&divided.attributes);
            row.optional_json(span.events.as_deref());
            row.optional_json(span.links.as_deref());
            row.optional_json(divided.input);
            row.optional_json(divided.output);
            row.optional_json(divided.places.as_deref());
        };
        if self.in_bulk && !running {
            let place = self.bulk_place(place);
            self.batch.bulk.push_span(place, span, write);
            return;
        }
        let rows = if running {
            &mut self.batch.opened
        } else {
            &mut self.batch.closed
        };
        rows.push(|row| {
            row.int4(place.ord);
            write(row);
            row.optional_json(usage.as_deref());
        });
    }

    fn bulk_place(&self, place: Place) -> BulkPlace<'a> {
        BulkPlace {
            execution: place.id.0,
            ord: place.ord,
            workspace: self.workspace,
        }
    }

    /// Keeps a resource or a scope: most spans have that of the span before them.
    fn keep_shared(&mut self, kind: usize, place: Place, text: Option<&Arc<str>>) -> Option<Hash> {
        let text = text?;
        let last = self.shared[kind].as_ref();
        let same = last.filter(|(_, last, _)| Arc::ptr_eq(last, text));
        let hash = match same {
            Some((id, _, hash)) if *id == place.id => return Some(*hash),
            Some((_, _, hash)) => *hash,
            None => contents::hash(text),
        };
        self.keep(place, hash, text);
        self.shared[kind] = Some((place.id, Arc::clone(text), hash));
        Some(hash)
    }

    fn keep(&mut self, place: Place, hash: Hash, text: &str) {
        let key = (place.id, hash);
        if !self.stored.contains(&key) && self.batch.new_contents.insert(key) {
            self.batch.contents.push(|row| {
                row.int4(place.ord);
                row.bytea(&hash);
                row.json_as_text(text);
            });
        }
    }

    fn push_usage(&mut self, place: Place, span_id: SpanId, usage: &UsageRecord) {
        let bounded = usage.bounded();
        let write = |row: &mut Row<'_>| write_usage(row, span_id, usage, bounded);
        if self.in_bulk {
            let place = self.bulk_place(place);
            let counted = usage.counted.then_some(bounded);
            self.batch.bulk.push_usage(place, counted, write);
            return;
        }
        self.batch.usage.push(|row| {
            row.int4(place.ord);
            write(row);
        });
    }
}

/// The fields of a [`UsageRow`] after its place.
fn write_usage(row: &mut Row<'_>, span_id: SpanId, usage: &UsageRecord, bounded: TokenUsage) {
    row.bytea(&span_id.0);
    row.bool(usage.counted);
    row.optional_text(usage.provider.as_deref());
    row.optional_text(usage.model.as_deref());
    row.int8(bounded.input);
    row.int8(bounded.output);
    row.int8(bounded.cache_read);
    row.int8(bounded.cache_write);
    row.int8(bounded.reasoning);
    row.optional_float8(bounded.cost_usd);
}

/// The first fields of a [`SpanRow`] after its place.
fn write_identity(row: &mut Row<'_>, span: &SpanRecord, state: SpanState) {
    row.bytea(&span.span_id.0);
    row.bytea(&span.trace_id.0);
    row.optional_bytea(span.parent_span_id.as_ref().map(|id| id.0.as_slice()));
    row.int8(span.start_ns);
    row.optional_int8(span.end_ns.filter(|_| state == SpanState::Ended));
    row.optional_int8(span.first_token_ns);
    row.int2(state as i16);
    row.int2(span.kind as i16);
    row.int2(span.category as i16);
    row.int2(span.status_code as i16);
    row.optional_int4(span.attempt);
    row.optional_int4(span.iteration);
    row.int4(span.flags.cast_signed());
    row.text(&span.name);
    row.optional_text(span.status_message.as_deref());
    row.optional_text(span.node_id.as_deref());
    row.optional_text(span.node_type.as_deref());
    row.optional_text(
        span.display_name
            .as_deref()
            .filter(|shown| *shown != span.name),
    );
    row.optional_text(span.trace_state.as_deref());
    let dropped = [
        span.dropped_attributes,
        span.dropped_events,
        span.dropped_links,
    ];
    row.int4_array_unless_zero(dropped.map(|count| i32::try_from(count).unwrap_or(i32::MAX)));
}

fn with_progress<'a>(span: &'a SpanRecord, progress: Option<&Progress<'_>>) -> Cow<'a, SpanRecord> {
    let Some(progress) = progress else {
        return Cow::Borrowed(span);
    };
    let mut span = span.clone();
    span.attributes = progress.over(&span.attributes).into_owned();
    span.usage = progress.usage.cloned().or(span.usage);
    span.first_token_ns = progress.first_token_ns.or(span.first_token_ns);
    Cow::Owned(span)
}
