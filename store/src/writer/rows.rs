//! Rows as PostgreSQL receives them: arrays of composite values in binary form, one parameter per table.
//!
//! One composite array is read and unnested in one pass; an array per column would be thirty of them for a span. The types
//! are temporary, made by each connection of the writer: they are part of the program, not of the schema.

use std::{fmt, marker::PhantomData};

use diesel::{
    pg::{Pg, PgMetadataLookup, PgTypeMetadata},
    query_builder::QueryId,
    serialize::{self, IsNull, Output, ToSql},
    sql_types::{Array, HasSqlType},
};

use super::sanitize;

/// A composite type: its name and the names and types of its fields.
pub(super) trait RowType {
    const NAME: &'static str;
    const FIELDS: &'static [(&'static str, Field)];

    /// The statement that creates it for the session.
    fn definition() -> String {
        let fields: Vec<String> = Self::FIELDS
            .iter()
            .map(|(name, field)| format!("{name} {}", field.sql_name()))
            .collect();
        format!(
            "CREATE TYPE pg_temp.{} AS ({});",
            Self::NAME,
            fields.join(", ")
        )
    }
}

/// Built-in types of fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    Bool,
    Bytea,
    Float8,
    Int2,
    Int4,
    Int4Array,
    Int8,
    Json,
    Text,
    Uuid,
}

impl Field {
    const fn sql_name(self) -> &'static str {
        match self {
            Self::Bool => "boolean",
            Self::Bytea => "bytea",
            Self::Float8 => "double precision",
            Self::Int2 => "smallint",
            Self::Int4 => "integer",
            Self::Int4Array => "integer[]",
            Self::Int8 => "bigint",
            Self::Json => "json",
            Self::Text => "text",
            Self::Uuid => "uuid",
        }
    }

    /// OIDs of built-in types never change.
    const fn oid(self) -> u32 {
        match self {
            Self::Bool => 16,
            Self::Bytea => 17,
            Self::Float8 => 701,
            Self::Int2 => 21,
            Self::Int4 => 23,
            Self::Int4Array => 1007,
            Self::Int8 => 20,
            Self::Json => 114,
            Self::Text => 25,
            Self::Uuid => 2950,
        }
    }
}

/// Rows of one type, encoded.
pub(super) struct Rows<T> {
    elements: Vec<u8>,
    count: i32,
    row_type: PhantomData<fn() -> T>,
}

impl<T> Default for Rows<T> {
    fn default() -> Self {
        Self {
            elements: Vec::new(),
            count: 0,
            row_type: PhantomData,
        }
    }
}

impl<T> fmt::Debug for Rows<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} rows", self.count)
    }
}

impl<T: RowType> Rows<T> {
    pub(super) fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Makes room for rows of about so many bytes, before they are appended: they may be megabytes.
    pub(super) fn reserve(&mut self, bytes: usize) {
        self.elements.reserve(bytes);
    }

    /// Appends a row; `write` gives its fields in the order of the type.
    pub(super) fn push(&mut self, write: impl FnOnce(&mut Row<'_>)) {
        let start = self.elements.len();
        self.elements.extend_from_slice(&[0; 4]);
        self.elements
            .extend_from_slice(&(T::FIELDS.len() as i32).to_be_bytes());
        let mut row = Row {
            out: &mut self.elements,
            fields: T::FIELDS,
            typed: true,
        };
        write(&mut row);
        debug_assert!(row.is_complete(), "{} lacks {:?}", T::NAME, row.fields);
        let length = self.elements.len() - start - 4;
        self.elements[start..start + 4].copy_from_slice(&(length as i32).to_be_bytes());
        self.count += 1;
    }
}

impl<T> ToSql<Array<T>, Pg> for Rows<T>
where
    T: RowType + 'static,
    Pg: HasSqlType<T>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        use std::io::Write;
        const DIMENSIONS: i32 = 1;
        const FLAGS: i32 = 0;
        const LOWER_BOUND: i32 = 1;
        let element = <Pg as HasSqlType<T>>::metadata(out.metadata_lookup()).oid()?;
        out.write_all(&DIMENSIONS.to_be_bytes())?;
        out.write_all(&FLAGS.to_be_bytes())?;
        out.write_all(&element.to_be_bytes())?;
        out.write_all(&self.count.to_be_bytes())?;
        out.write_all(&LOWER_BOUND.to_be_bytes())?;
        out.write_all(&self.elements)?;
        Ok(IsNull::No)
    }
}

/// The fields of one row, still to be written.
pub(super) struct Row<'a> {
    out: &'a mut Vec<u8>,
    fields: &'static [(&'static str, Field)],
    /// Whether the OID of its type stands before each field: in composite values it does, in COPY's rows it does not.
    typed: bool,
}

impl<'a> Row<'a> {
    /// A row, or a part of one, as COPY takes it.
    pub(super) fn of_copy(out: &'a mut Vec<u8>, fields: &'static [(&'static str, Field)]) -> Self {
        Self {
            out,
            fields,
            typed: false,
        }
    }

    pub(super) fn is_complete(&self) -> bool {
        self.fields.is_empty()
    }

    fn field(&mut self, field: Field) {
        let Some(((name, expected), rest)) = self.fields.split_first() else {
            unreachable!("the row has more fields than its type");
        };
        debug_assert_eq!(*expected, field, "{name}");
        self.fields = rest;
        if self.typed {
            self.out.extend_from_slice(&field.oid().to_be_bytes());
        }
    }

    fn value(&mut self, field: Field, bytes: &[u8]) {
        self.field(field);
        self.out
            .extend_from_slice(&(bytes.len() as i32).to_be_bytes());
        self.out.extend_from_slice(bytes);
    }

    fn null(&mut self, field: Field) {
        self.field(field);
        self.out.extend_from_slice(&(-1_i32).to_be_bytes());
    }

    fn optional<V>(&mut self, field: Field, value: Option<V>, write: impl FnOnce(&mut Self, V)) {
        match value {
            Some(value) => write(self, value),
            None => self.null(field),
        }
    }

    pub(super) fn bool(&mut self, value: bool) {
        self.value(Field::Bool, &[u8::from(value)]);
    }

    pub(super) fn int2(&mut self, value: i16) {
        self.value(Field::Int2, &value.to_be_bytes());
    }

    pub(super) fn optional_int2(&mut self, value: Option<i16>) {
        self.optional(Field::Int2, value, Self::int2);
    }

    pub(super) fn int4(&mut self, value: i32) {
        self.value(Field::Int4, &value.to_be_bytes());
    }

    pub(super) fn optional_int4(&mut self, value: Option<i32>) {
        self.optional(Field::Int4, value, Self::int4);
    }

    /// An array, or NULL when all of it is zero.
    pub(super) fn int4_array_unless_zero(&mut self, values: [i32; 3]) {
        if values == [0; 3] {
            return self.null(Field::Int4Array);
        }
        let header = [1, 0, Field::Int4.oid() as i32, values.len() as i32, 1];
        let elements = values
            .into_iter()
            .flat_map(|value| [size_of::<i32>() as i32, value]);
        let bytes: Vec<u8> = header
            .into_iter()
            .chain(elements)
            .flat_map(i32::to_be_bytes)
            .collect();
        self.value(Field::Int4Array, &bytes);
    }

    pub(super) fn int8(&mut self, value: i64) {
        self.value(Field::Int8, &value.to_be_bytes());
    }

    pub(super) fn optional_int8(&mut self, value: Option<i64>) {
        self.optional(Field::Int8, value, Self::int8);
    }

    pub(super) fn optional_float8(&mut self, value: Option<f64>) {
        self.optional(Field::Float8, value, |row, value| {
            row.value(Field::Float8, &value.to_be_bytes());
        });
    }

    pub(super) fn bytea(&mut self, value: &[u8]) {
        self.value(Field::Bytea, value);
    }

    pub(super) fn optional_bytea(&mut self, value: Option<&[u8]>) {
        self.optional(Field::Bytea, value, Self::bytea);
    }

    pub(super) fn uuid(&mut self, value: uuid::Uuid) {
        self.value(Field::Uuid, value.as_bytes());
    }

    pub(super) fn text(&mut self, value: &str) {
        self.value(Field::Text, sanitize::text(value).as_bytes());
    }

    pub(super) fn optional_text(&mut self, value: Option<&str>) {
        self.optional(Field::Text, value, Self::text);
    }

    pub(super) fn json(&mut self, value: &str) {
        self.value(Field::Json, sanitize::json(value).as_bytes());
    }

    /// JSON in a column of type `text`.
    pub(super) fn json_as_text(&mut self, value: &str) {
        self.value(Field::Text, sanitize::json(value).as_bytes());
    }

    pub(super) fn optional_json(&mut self, value: Option<&str>) {
        self.optional(Field::Json, value, Self::json);
    }
}

macro_rules! row_types {
    ($($(#[$doc:meta])* $name:ident = $sql_name:literal { $($field:ident: $field_type:ident),+ $(,)? })+) => {
        $(
            $(#[$doc])*
            #[derive(Debug, Clone, Copy, QueryId)]
            pub(super) struct $name;

            impl RowType for $name {
                const NAME: &'static str = $sql_name;
                const FIELDS: &'static [(&'static str, Field)] = &[$((stringify!($field), Field::$field_type)),+];
            }

            impl HasSqlType<$name> for Pg {
                fn metadata(lookup: &mut Self::MetadataLookup) -> PgTypeMetadata {
                    PgMetadataLookup::lookup_type(lookup, $sql_name, Some("pg_temp"))
                }
            }
        )+

        /// Names of all types, and the statements that create them for a session.
        pub(super) fn definitions() -> impl Iterator<Item = (&'static str, String)> {
            [$(($name::NAME, $name::definition())),+].into_iter()
        }
    };
}

row_types! {
    /// A span in any state. `ord`, in all types, is the place of its execution in the batch, from 1.
    SpanRow = "span_row" {
        ord: Int4, span_id: Bytea, trace_id: Bytea, parent_span_id: Bytea, start_ns: Int8, end_ns: Int8,
        first_token_ns: Int8, state: Int2, kind: Int2, category: Int2, status_code: Int2, attempt: Int4, iteration: Int4, flags: Int4, name: Text,
        status_message: Text, node_id: Text, node_type: Text, display_name: Text, trace_state: Text,
        dropped_counts: Int4Array, resource_hash: Bytea, scope_hash: Bytea, attributes: Json, events: Json, links: Json,
        input: Json, output: Json, contents: Json, usage: Json,
    }
    ProgressRow = "progress_row" { ord: Int4, span_id: Bytea, attributes: Json, usage: Json, first_token_ns: Int8 }
    ContentRow = "content_row" { ord: Int4, hash: Bytea, content: Text }
    UsageRow = "usage_row" {
        ord: Int4, span_id: Bytea, counted: Bool, provider: Text, model: Text, input_tokens: Int8, output_tokens: Int8,
        cache_read_tokens: Int8, cache_write_tokens: Int8, reasoning_tokens: Int8, cost_usd: Float8,
    }
    /// What the rollup of an execution gains by rows that were copied.
    SumRow = "sum_row" {
        ord: Int4, spans: Int8, errors: Int8, first_ns: Int8, last_ns: Int8, input: Int8, output: Int8, cache_read: Int8,
        cache_write: Int8, reasoning: Int8, cost: Float8, unpriced: Int8,
    }
    LogRow = "log_row" {
        ord: Int4, span_id: Bytea, time_ns: Int8, log_id: Int8, severity: Int2, name: Text, body: Json, attributes: Json,
        input: Json, output: Json,
    }
    StepRow = "step_row" { ord: Int4, node_path: Text, iteration: Int4, span_id: Bytea, result: Json }
    ArtifactRow = "artifact_row" {
        ord: Int4, artifact_id: Uuid, span_id: Bytea, created_ns: Int8, size_bytes: Int8, sha256: Bytea, name: Text,
        media_type: Text, location: Text,
    }
    ChangeRow = "change_row" {
        ord: Int4, status: Int2, root_span_id: Bytea, started_ns: Int8, finished_ns: Int8, outputs: Json,
        error_code: Text, error_message: Text, error_node_id: Text,
    }
    ObservedRow = "observed_row" {
        ord: Int4, started_ns: Int8, workflow_rank: Int2, workflow_since_ns: Int8, workflow_id: Text, thread_rank: Int2,
        thread_since_ns: Int8, thread_id: Text, external_rank: Int2, external_since_ns: Int8, external_id: Text,
        root_span_id: Bytea, root_start_ns: Int8, root_is_run: Bool, status: Int2, finished_ns: Int8, inputs: Json,
        outputs: Json,
        error_code: Text, error_message: Text, error_node_id: Text,
    }
}

/// The columns of `spans` that a [`SpanRow`] has.
pub(super) const SPAN_COLUMNS: &[(&str, Field)] = match SpanRow::FIELDS {
    [_ord, columns @ .., _usage] => columns,
    _ => &[],
};

/// The columns of `token_usage` that a [`UsageRow`] has.
pub(super) const USAGE_COLUMNS: &[(&str, Field)] = match UsageRow::FIELDS {
    [_ord, columns @ ..] => columns,
    _ => &[],
};
