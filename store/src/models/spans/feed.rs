//! Spans in the order of the commits that changed them.

use diesel::{
    QueryResult,
    sql_types::{BigInt, Bytea, Nullable, Uuid},
};
use diesel_async::AsyncPgConnection;

use super::{
    row::{Span, SpanColumns, SpanParts},
    select::{both, complete_one_execution, load},
};
use crate::{ExecutionId, Revision, SpanId, statement::Statement};

/// The spans changed after the commit `after`, each in its latest state, in (revision, span id) order.
///
/// At least `limit` of them where there are as many, and then the rest of the last one's commit: a commit is never split.
pub async fn changed_after(
    conn: &mut AsyncPgConnection,
    execution: ExecutionId,
    after: Revision,
    limit: i64,
    parts: SpanParts,
) -> QueryResult<Vec<Span>> {
    const BOUNDED: &str = "ORDER BY revision FETCH FIRST $3 ROWS WITH TIES";
    let rest = format!("WHERE execution_id = $1 AND revision > $2 {BOUNDED}");
    let rows = format!("SELECT * FROM ({}) b {BOUNDED}", both(parts, &rest));
    let sql = complete_one_execution(parts, &rows, "ORDER BY s.revision, s.span_id");
    let statement = Statement::<SpanColumns>::new(sql)
        .bind::<Uuid, _>(execution)
        .bind::<BigInt, _>(after)
        .bind::<BigInt, _>(limit);
    load(conn, statement, parts).await
}

/// The spans ended after a place in (revision, span id) order, at most `limit`. Without `span`, all of the commit `revision`
/// lies before the place.
pub async fn completed_after(
    conn: &mut AsyncPgConnection,
    execution: ExecutionId,
    (revision, span): (Revision, Option<SpanId>),
    limit: i64,
    parts: SpanParts,
) -> QueryResult<Vec<Span>> {
    // Only `spans` has ended ones, but the columns of both are wanted.
    let rest = "WHERE execution_id = $1 AND state = 1 AND revision >= $2 \
        AND (revision > $2 OR span_id > $3::bytea) ORDER BY revision, span_id LIMIT $4";
    let sql = complete_one_execution(
        parts,
        &format!("{} ORDER BY revision, span_id LIMIT $4", both(parts, rest)),
        "ORDER BY s.revision, s.span_id",
    );
    let statement = Statement::<SpanColumns>::new(sql)
        .bind::<Uuid, _>(execution)
        .bind::<BigInt, _>(revision)
        .bind::<Nullable<Bytea>, _>(span)
        .bind::<BigInt, _>(limit);
    load(conn, statement, parts).await
}
