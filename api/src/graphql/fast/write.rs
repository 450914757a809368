//! Writes rows by their plan. Each arm gives what the resolver of the same name gives.

use std::convert::Infallible;

use async_graphql::resolver_utils::EnumType;
use orcheo_store::models::spans::Span;

use super::{
    Related,
    plan::{
        EdgeField, EdgePlan, EventField, LinkField, MarkField, SpanField, SpanPlan, StatusField,
        UsageField,
    },
};
use crate::graphql::{
    response::{write_json, write_string},
    scalars::{DateTime, GlobalId},
    spans::cursor,
    types::{
        SpanCategory, SpanEvent, SpanKind, SpanLink, SpanMark, SpanState, SpanStatusCode,
        TokenUsage, int, millis,
    },
};

/// Fails when stored events, links or moments are not what they should be.
type Written = Result<(), serde_json::Error>;

impl EdgePlan {
    pub(super) fn write(&self, row: &Span, related: &Related, out: &mut Vec<u8>) -> Written {
        try_object(&self.0, out, |field, out| {
            match field {
                EdgeField::Typename => write_string("SpanEdge", out),
                EdgeField::Cursor => write_plain(&cursor(row), out),
                EdgeField::Node(plan) => return plan.write(row, related, out),
            }
            Ok(())
        })
    }
}

impl SpanPlan {
    pub(super) fn write(&self, row: &Span, related: &Related, out: &mut Vec<u8>) -> Written {
        try_object(&self.0, out, |field, out| {
            match field {
                SpanField::Events(fields) => return write_events(fields, row, out),
                SpanField::Links(fields) => return write_links(fields, row, out),
                SpanField::Marks(fields) => return write_marks(fields, row, out),
                field => write_field(field, row, related, out),
            }
            Ok(())
        })
    }
}

fn write_events(fields: &[(Vec<u8>, EventField)], row: &Span, out: &mut Vec<u8>) -> Written {
    let events = SpanEvent::list(row.start_ns, row.events.as_ref(), row.logs.as_ref())?;
    array(&events, out, |event, out| {
        object(fields, out, |field, out| match field {
            EventField::Typename => write_string("SpanEvent", out),
            EventField::Name => write_string(&event.name, out),
            EventField::Time => write_date_time(event.time, out),
            EventField::OffsetMs => write_json(&event.offset_ms, out),
            EventField::Attributes => out.extend_from_slice(event.attributes.as_bytes()),
            EventField::DroppedAttributesCount => {
                write_json(&event.dropped_attributes_count, out);
            }
        });
    });
    Ok(())
}

fn write_links(fields: &[(Vec<u8>, LinkField)], row: &Span, out: &mut Vec<u8>) -> Written {
    let links = SpanLink::list(row.links.as_ref())?;
    array(&links, out, |link, out| {
        object(fields, out, |field, out| match field {
            LinkField::Typename => write_string("SpanLink", out),
            LinkField::TraceId => write_string(&link.trace_id, out),
            LinkField::SpanId => write_string(&link.span_id, out),
            LinkField::TraceState => nullable(link.trace_state.as_deref(), out, write_string),
            LinkField::Attributes => out.extend_from_slice(link.attributes.as_bytes()),
            LinkField::DroppedAttributesCount => write_json(&link.dropped_attributes_count, out),
        });
    });
    Ok(())
}

fn write_marks(fields: &[(Vec<u8>, MarkField)], row: &Span, out: &mut Vec<u8>) -> Written {
    array(&SpanMark::list(row)?, out, |mark, out| {
        object(fields, out, |field, out| match field {
            MarkField::Typename => write_string("SpanMark", out),
            MarkField::Kind => write_enum(mark.kind, out),
            MarkField::OffsetMs => write_json(&mark.offset_ms, out),
            MarkField::Name => write_string(&mark.name, out),
        });
    });
    Ok(())
}

fn write_field(field: &SpanField, row: &Span, related: &Related, out: &mut Vec<u8>) {
    match field {
        // These are written by whoever can tell that they are broken.
        SpanField::Events(_) | SpanField::Links(_) | SpanField::Marks(_) => {}
        SpanField::Typename => write_string("Span", out),
        SpanField::Id => write_plain(&GlobalId::Span(row.execution_id, row.span_id).encode(), out),
        SpanField::SpanId => write_hex(&row.span_id.0, out),
        SpanField::TraceId => write_hex(&row.trace_id.0, out),
        SpanField::ParentSpanId => {
            nullable(row.parent_span_id, out, |id, out| write_hex(&id.0, out));
        }
        SpanField::Revision => write_json(&int(row.revision), out),
        SpanField::ChildCount => {
            write_json(
                &int(related
                    .child_counts
                    .get(&row.key())
                    .copied()
                    .unwrap_or_default()),
                out,
            );
        }
        SpanField::DescendantCount => {
            write_json(
                &int(related
                    .subtrees
                    .get(&row.key())
                    .copied()
                    .unwrap_or_default()
                    .descendants),
                out,
            );
        }
        SpanField::Name => write_string(&row.name, out),
        SpanField::Kind => write_enum(SpanKind::from(row.kind), out),
        SpanField::Category => write_enum(SpanCategory::from(row.category), out),
        SpanField::State => write_enum(SpanState::from(row.state), out),
        SpanField::Status(fields) => object(fields, out, |field, out| match field {
            StatusField::Typename => write_string("SpanStatus", out),
            StatusField::Code => write_enum(SpanStatusCode::from(row.status_code), out),
            StatusField::Message => nullable(row.status_message.as_deref(), out, write_string),
        }),
        SpanField::NodeId => nullable(row.node_id.as_deref(), out, write_string),
        SpanField::NodeType => nullable(row.node_type.as_deref(), out, write_string),
        SpanField::DisplayName => write_string(row.shown_name(), out),
        SpanField::Attempt => nullable(row.attempt, out, |attempt, out| write_json(&attempt, out)),
        SpanField::Iteration => nullable(row.iteration, out, |iteration, out| {
            write_json(&iteration, out);
        }),
        SpanField::StartTime => write_time(row.start_ns, out),
        SpanField::EndTime => nullable(row.end_ns, out, write_time),
        SpanField::DurationMs => {
            nullable(row.duration_ns(), out, |duration, out| {
                write_json(&millis(duration), out);
            });
        }
        SpanField::StartOffsetMs => {
            write_json(
                &millis(row.start_ns.saturating_sub(row.trace_start_ns)),
                out,
            );
        }
        SpanField::Attributes => {
            out.extend_from_slice(
                row.attributes
                    .as_ref()
                    .map_or("{}", |text| text.as_str())
                    .as_bytes(),
            );
        }
        SpanField::Input => write_carried(row.input.as_ref(), out),
        SpanField::Output => write_carried(row.output.as_ref(), out),
        SpanField::TokenUsage(fields) => {
            write_usage(fields, TokenUsage::of_span(row), out);
        }
        SpanField::SubtreeTokenUsage(fields) => {
            let usage = related
                .subtrees
                .get(&row.key())
                .copied()
                .unwrap_or_default()
                .usage;
            write_usage(fields, usage.into(), out);
        }
    }
}

fn write_usage(fields: &[(Vec<u8>, UsageField)], usage: TokenUsage, out: &mut Vec<u8>) {
    object(fields, out, |field, out| match field {
        UsageField::Typename => write_string("TokenUsage", out),
        UsageField::Input => write_json(&usage.input, out),
        UsageField::Output => write_json(&usage.output, out),
        UsageField::Total => write_json(&usage.total, out),
        UsageField::CacheRead => write_json(&usage.cache_read, out),
        UsageField::CacheWrite => write_json(&usage.cache_write, out),
        UsageField::Reasoning => write_json(&usage.reasoning, out),
        UsageField::CostUsd => nullable(usage.cost_usd, out, |cost, out| write_json(&cost, out)),
        UsageField::Unpriced => write_json(&usage.unpriced, out),
        UsageField::Counted => write_json(&usage.counted, out),
        UsageField::UncountedReason => nullable(usage.uncounted_reason, out, write_enum),
    });
}

fn try_object<F, E>(
    fields: &[(Vec<u8>, F)],
    out: &mut Vec<u8>,
    mut write: impl FnMut(&F, &mut Vec<u8>) -> Result<(), E>,
) -> Result<(), E> {
    let mut separator = b'{';
    for (key, field) in fields {
        out.push(separator);
        separator = b',';
        out.extend_from_slice(key);
        write(field, out)?;
    }
    if fields.is_empty() {
        out.push(separator);
    }
    out.push(b'}');
    Ok(())
}

fn object<F>(fields: &[(Vec<u8>, F)], out: &mut Vec<u8>, mut write: impl FnMut(&F, &mut Vec<u8>)) {
    let Ok(()) = try_object(fields, out, |field, out| {
        write(field, out);
        Ok::<_, Infallible>(())
    });
}

fn array<T>(items: &[T], out: &mut Vec<u8>, mut write: impl FnMut(&T, &mut Vec<u8>)) {
    out.push(b'[');
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        write(item, out);
    }
    out.push(b']');
}

fn nullable<T>(value: Option<T>, out: &mut Vec<u8>, write: impl FnOnce(T, &mut Vec<u8>)) {
    match value {
        Some(value) => write(value, out),
        None => out.extend_from_slice(b"null"),
    }
}

fn write_carried(text: Option<&orcheo_store::JsonText>, out: &mut Vec<u8>) {
    nullable(text, out, |text, out| {
        out.extend_from_slice(text.as_str().as_bytes());
    });
}

/// Text without anything to escape.
fn write_plain(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    out.extend_from_slice(text.as_bytes());
    out.push(b'"');
}

fn write_time(nanos: i64, out: &mut Vec<u8>) {
    write_date_time(DateTime::from_unix_nanos(nanos), out);
}

fn write_date_time(time: DateTime, out: &mut Vec<u8>) {
    out.push(b'"');
    time.write(out);
    out.push(b'"');
}

fn write_hex(bytes: &[u8], out: &mut Vec<u8>) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    out.push(b'"');
    for byte in bytes {
        out.push(DIGITS[usize::from(byte >> 4)]);
        out.push(DIGITS[usize::from(byte & 0xf)]);
    }
    out.push(b'"');
}

fn write_enum<E: EnumType>(value: E, out: &mut Vec<u8>) {
    if let Some(item) = E::items().iter().find(|item| item.value == value) {
        write_plain(item.name, out);
    }
}
