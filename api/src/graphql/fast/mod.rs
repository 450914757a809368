//! Lists of spans written as JSON straight from their rows.
//!
//! Resolvers cost about 0.6 µs a field, which for a page of 10,000 spans is several times what reading them costs. Here the
//! selection becomes a plan once, and each row is written by it. Whatever the plan does not know (a nested list, a field of
//! another object) makes the whole list go through the resolvers; both give the same answer.

mod plan;
mod write;

use std::{collections::HashMap, sync::Arc};

use async_graphql::{
    Context, ContextSelectionSet, Positioned, ServerResult, Value, parser::types::Field,
};
use bytes::Bytes;
use orcheo_store::models::spans::{Span, SpanKey, Subtree};

use self::plan::{EdgePlan, Needs, SpanPlan};
use super::shape::MergedFields;
use crate::{
    error::ApiError,
    loaders::{ChildCount, Loaders, SubtreeOf},
};

/// What a plan needs besides the rows.
#[derive(Default)]
struct Related {
    child_counts: HashMap<SpanKey, i64>,
    subtrees: HashMap<SpanKey, Subtree>,
}

/// The value of `[SpanEdge!]!`, or `None` where only the resolvers know.
pub(super) async fn edges(
    rows: &[Arc<Span>],
    ctx: &ContextSelectionSet<'_>,
    field: &Positioned<Field>,
) -> ServerResult<Option<Value>> {
    if is_merged(ctx, field) {
        return Ok(None);
    }
    let Some(plan) = EdgePlan::of(&ctx.item.node, &ctx.query_env.fragments) else {
        return Ok(None);
    };
    let Some(related) = related(rows, &plan.needs(), ctx, field).await? else {
        return Ok(None);
    };
    Ok(list(rows, |row, out| plan.write(row, &related, out)))
}

/// The value of `[Span!]!`, or `None` where only the resolvers know.
pub(super) async fn spans(
    rows: &[Arc<Span>],
    ctx: &ContextSelectionSet<'_>,
    field: &Positioned<Field>,
) -> ServerResult<Option<Value>> {
    if is_merged(ctx, field) {
        return Ok(None);
    }
    let Some(plan) = SpanPlan::of(&ctx.item.node, &ctx.query_env.fragments) else {
        return Ok(None);
    };
    let Some(related) = related(rows, &plan.needs(), ctx, field).await? else {
        return Ok(None);
    };
    Ok(list(rows, |row, out| plan.write(row, &related, out)))
}

/// The library merges what several fields give for one response key, and cannot merge text.
fn is_merged(ctx: &ContextSelectionSet<'_>, field: &Positioned<Field>) -> bool {
    ctx.data_opt::<MergedFields>()
        .is_none_or(|merged| merged.0.contains(&field.pos))
}

/// Reads what the plan needs for all rows at once; `None` when a row lacks a part.
async fn related(
    rows: &[Arc<Span>],
    needs: &Needs,
    ctx: &ContextSelectionSet<'_>,
    field: &Positioned<Field>,
) -> ServerResult<Option<Related>> {
    if !rows.iter().all(|row| row.parts.covers(needs.parts)) {
        return Ok(None);
    }
    let mut related = Related::default();
    if rows.is_empty() {
        return Ok(Some(related));
    }
    let ctx_field: Context<'_> = ctx.with_field(field);
    let loaders = Loaders::of(&ctx_field);
    let read = async {
        if needs.child_counts {
            let counts = loaders
                .load_many(rows.iter().map(|row| ChildCount(row.key())))
                .await?;
            related.child_counts = counts
                .into_iter()
                .map(|(key, count)| (key.0, count))
                .collect();
        }
        if needs.subtrees {
            let subtrees = loaders
                .load_many(rows.iter().map(|row| SubtreeOf(row.key())))
                .await?;
            related.subtrees = subtrees
                .into_iter()
                .map(|(key, subtree)| (key.0, subtree))
                .collect();
        }
        Ok::<_, ApiError>(())
    };
    read.await.map_err(|error| {
        let error = async_graphql::Error::from(error).into_server_error(field.pos);
        ctx.set_error_path(error)
    })?;
    Ok(Some(related))
}

/// `None` when a row cannot be written: its resolver then says why.
fn list<E>(
    rows: &[Arc<Span>],
    mut write: impl FnMut(&Span, &mut Vec<u8>) -> Result<(), E>,
) -> Option<Value> {
    let mut out = Vec::new();
    out.push(b'[');
    for (index, row) in rows.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        write(row, &mut out).ok()?;
        if index == 0 {
            // One row tells the size of the others well enough to grow once instead of often.
            out.reserve(out.len().saturating_mul(rows.len()));
        }
    }
    out.push(b']');
    Some(Value::Binary(Bytes::from(out)))
}
