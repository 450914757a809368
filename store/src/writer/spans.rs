//! The spans of a batch, encoded: each where its state belongs, with its usage and its large contents.

use std::{borrow::Cow, sync::Arc};

use uuid::Uuid;

use super::{
    batch::Batch,
    bulk::BulkPlace,
    contents::{self, Contents, Hash},
    merge::{Progress, SpanChange},
    rows::Row,
};
use crate::{ExecutionId, SpanId, SpanRecord, SpanState, UsageRecord, models::spans::TokenUsage};

/// An execution in the batch.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub(super) id: ExecutionId,
    /// Counts from 1.
    pub(super) ord: i32,
    /// Another engine runs it, or at least no worker with a lease of ours writes about it.
    pub(super) foreign: bool,
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

/// Encodes the spans of a batch.
pub(super) struct SpanEncoder<'a> {
    batch: &'a mut Batch,
    workspace: &'a str,
    stored: &'a Contents,
    in_bulk: bool,
    /// The resource and the scope that were kept last, and for which execution.
    shared: [Option<(ExecutionId, Arc<str>, Hash)>; 2],
}

impl<'a> SpanEncoder<'a> {
    /// Contents that are `stored` already are not sent again. Ended spans go `in_bulk` or not.
    pub(super) fn new(
        batch: &'a mut Batch,
        workspace: &'a str,
        stored: &'a Contents,
        in_bulk: bool,
    ) -> Self {
        Self {
            batch,
            workspace,
            stored,
            in_bulk,
            shared: [None, None],
        }
    }

    pub(super) fn push(&mut self, place: Place, change: &SpanChange<'_>) {
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
