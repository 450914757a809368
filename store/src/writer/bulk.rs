//! Ended spans in bulk, by COPY: PostgreSQL takes many rows so in half the time that they cost it as a parameter.
//!
//! COPY knows no conflict: it is for spans of which none is stored yet, as nearly all are when they end. When one is, the
//! transaction fails with [`CONFLICT`] and the batch is written without it. What the rows add to the rollups is summed here,
//! since COPY returns nothing.

use std::{fmt, marker::PhantomData};

use bytes::{BufMut, Bytes};
use uuid::Uuid;

use super::rows::{Field, Row, Rows, SumRow};
use crate::{SpanRecord, StatusCode, models::spans::TokenUsage};

/// SQLSTATE `unique_violation`.
pub(super) const CONFLICT: &str = "23505";

/// Fewer are not worth the additional round trips.
pub(super) const FEWEST: usize = 64;

const HEADER: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";
const TRAILER: [u8; 2] = (-1_i16).to_be_bytes();

/// A table that rows are copied to: the columns after the three that all have.
pub(super) trait Copied {
    const TABLE: &'static str;
    const COLUMNS: &'static [(&'static str, Field)];

    fn statement() -> String {
        let columns: Vec<&str> = Self::COLUMNS.iter().map(|(name, _)| *name).collect();
        format!(
            "COPY {} (execution_id, revision, workspace_id, {}) FROM STDIN (FORMAT binary)",
            Self::TABLE,
            columns.join(", ")
        )
    }
}

/// Where the revision stands in a row: behind the number of its fields, and the lengths of the first two and the first.
const REVISION_AT: usize = size_of::<i16>() + 2 * size_of::<i32>() + size_of::<Uuid>();

/// Rows of one table in COPY's binary form, without their revisions.
pub(super) struct Tuples<T> {
    bytes: Vec<u8>,
    /// Where each row begins, and the place of its execution in the batch, from 1.
    rows: Vec<(usize, i32)>,
    table: PhantomData<fn() -> T>,
}

impl<T> Default for Tuples<T> {
    fn default() -> Self {
        Self {
            bytes: HEADER.to_vec(),
            rows: Vec::new(),
            table: PhantomData,
        }
    }
}

impl<T> fmt::Debug for Tuples<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} tuples", self.rows.len())
    }
}

impl<T: Copied> Tuples<T> {
    pub(super) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Makes room for rows of about so many bytes.
    fn reserve(&mut self, bytes: usize) {
        self.bytes.reserve(bytes);
    }

    /// Appends a row; `write` gives its fields in the order of [`Copied::COLUMNS`].
    fn push(&mut self, place: BulkPlace<'_>, write: impl FnOnce(&mut Row<'_>)) {
        const BEFORE: &[(&str, Field)] = &[
            ("execution_id", Field::Uuid),
            ("revision", Field::Int8),
            ("workspace_id", Field::Text),
        ];
        self.rows.push((self.bytes.len(), place.ord));
        let count = BEFORE.len() + T::COLUMNS.len();
        self.bytes.put_i16(count as i16);
        let mut row = Row::of_copy(&mut self.bytes, BEFORE);
        row.uuid(place.execution);
        row.int8(0);
        row.text(place.workspace);
        let mut row = Row::of_copy(&mut self.bytes, T::COLUMNS);
        write(&mut row);
        debug_assert!(row.is_complete(), "a row of {} is too short", T::TABLE);
    }

    /// What COPY is sent. `revisions` are those of the batch's executions, in its order.
    pub(super) fn stamped(&self, revisions: &[i64]) -> Bytes {
        let mut out = Vec::with_capacity(self.bytes.len() + TRAILER.len());
        out.extend_from_slice(&self.bytes);
        out.extend_from_slice(&TRAILER);
        for &(start, ord) in &self.rows {
            let at = start + REVISION_AT;
            let revision = revisions[ord as usize - 1].to_be_bytes();
            out[at..at + revision.len()].copy_from_slice(&revision);
        }
        out.into()
    }
}

/// Where a row belongs.
#[derive(Debug, Clone, Copy)]
pub(super) struct BulkPlace<'a> {
    pub(super) execution: Uuid,
    /// Place of the execution in the batch, from 1.
    pub(super) ord: i32,
    pub(super) workspace: &'a str,
}

/// Rows of `spans`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spans;

/// Rows of `token_usage`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Usage;

impl Copied for Spans {
    const TABLE: &'static str = "spans";
    const COLUMNS: &'static [(&'static str, Field)] = super::rows::SPAN_COLUMNS;
}

impl Copied for Usage {
    const TABLE: &'static str = "token_usage";
    const COLUMNS: &'static [(&'static str, Field)] = super::rows::USAGE_COLUMNS;
}

/// The ended spans of a batch, when there are many of them.
#[derive(Debug, Default)]
pub(super) struct Bulk {
    pub(super) spans: Tuples<Spans>,
    pub(super) usage: Tuples<Usage>,
    /// The same spans by their ids.
    pub(super) executions: Vec<Uuid>,
    pub(super) span_ids: Vec<Vec<u8>>,
    /// What the rollups gain.
    pub(super) sums: Rows<SumRow>,
    /// The sum of each execution of the batch, until they are rows.
    gains: Vec<Gain>,
}

/// What the rollup of an execution gains by its rows.
#[derive(Debug, Clone, Default)]
struct Gain {
    spans: i64,
    errors: i64,
    first_ns: Option<i64>,
    last_ns: Option<i64>,
    usage: TokenUsage,
}

impl Bulk {
    /// For a batch of so many executions, whose spans take about so many bytes.
    pub(super) fn new(executions: usize, bytes: usize) -> Self {
        let mut bulk = Self {
            gains: vec![Gain::default(); executions],
            ..Self::default()
        };
        bulk.spans.reserve(bytes);
        bulk
    }

    pub(super) fn push_span(
        &mut self,
        place: BulkPlace<'_>,
        span: &SpanRecord,
        write: impl FnOnce(&mut Row<'_>),
    ) {
        self.spans.push(place, write);
        self.executions.push(place.execution);
        self.span_ids.push(span.span_id.0.to_vec());
        let gain = &mut self.gains[place.ord as usize - 1];
        gain.spans += 1;
        gain.errors += i64::from(span.status_code == StatusCode::Error);
        gain.first_ns = Some(
            gain.first_ns
                .map_or(span.start_ns, |first| first.min(span.start_ns)),
        );
        gain.last_ns = gain.last_ns.max(span.end_ns);
    }

    /// `counted` is what the sums gain.
    pub(super) fn push_usage(
        &mut self,
        place: BulkPlace<'_>,
        counted: Option<TokenUsage>,
        write: impl FnOnce(&mut Row<'_>),
    ) {
        self.usage.push(place, write);
        if let Some(usage) = counted {
            self.gains[place.ord as usize - 1].usage += usage;
        }
    }

    /// Makes rows of the sums. The last to be called.
    pub(super) fn finish(&mut self) {
        for (ord, gain) in (1..).zip(std::mem::take(&mut self.gains)) {
            if gain.spans == 0 {
                continue;
            }
            self.sums.push(|row| {
                row.int4(ord);
                row.int8(gain.spans);
                row.int8(gain.errors);
                row.optional_int8(gain.first_ns);
                row.optional_int8(gain.last_ns);
                row.int8(gain.usage.input);
                row.int8(gain.usage.output);
                row.int8(gain.usage.cache_read);
                row.int8(gain.usage.cache_write);
                row.int8(gain.usage.reasoning);
                row.optional_float8(gain.usage.cost_usd);
                row.int8(gain.usage.unpriced);
            });
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }
}
