//! Artifacts: what is known of the files that spans produced. Their bytes are in [`crate::Blobs`].

use std::collections::HashMap;

use diesel::{
    dsl::{AsSelect, SqlTypeOf},
    pg::Pg,
    prelude::*,
    sql_types::{self, Array, BigInt, Bytea, Nullable},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use super::spans::SpanKey;
use crate::{
    ExecutionId, Revision, SpanId,
    page::{Page, Slice},
    schema::artifacts,
    statement::Statement,
};

#[derive(Debug, Clone, PartialEq, Eq, Queryable, QueryableByName, Selectable)]
#[diesel(table_name = artifacts, check_for_backend(diesel::pg::Pg))]
pub struct Artifact {
    pub artifact_id: Uuid,
    pub execution_id: ExecutionId,
    pub workspace_id: String,
    pub span_id: SpanId,
    pub revision: Revision,
    /// Nanoseconds since the Unix epoch.
    pub created_ns: i64,
    pub size_bytes: i64,
    /// 32 bytes.
    pub sha256: Vec<u8>,
    pub name: String,
    pub media_type: String,
    /// Path within the blob store.
    pub location: String,
}

type Columns = SqlTypeOf<AsSelect<Artifact, Pg>>;

/// The columns of [`Artifact`] in its order.
const COLUMNS: &str = "a.artifact_id, a.execution_id, a.workspace_id, a.span_id, a.revision, a.created_ns, a.size_bytes, \
    a.sha256, a.name, a.media_type, a.location";

/// Identifies an artifact together with the execution that produced it.
pub type ArtifactKey = (ExecutionId, Uuid);

impl Artifact {
    /// The artifacts with these ids, each if it belongs to the execution beside it.
    ///
    /// # Errors
    /// When the statement fails.
    pub async fn by_ids(
        connection: &mut AsyncPgConnection,
        keys: &[ArtifactKey],
    ) -> QueryResult<Vec<Self>> {
        let ids = keys.iter().map(|(_, artifact)| *artifact);
        let found: Vec<Self> = artifacts::table
            .filter(artifacts::artifact_id.eq_any(ids))
            .select(Self::as_select())
            .load(connection)
            .await?;
        Ok(found
            .into_iter()
            .filter(|artifact| keys.contains(&artifact.key()))
            .collect())
    }

    /// A page of each execution's artifacts, oldest first; one without any is not in the result. No more than
    /// `max_rows` are read, whatever the pages would hold: for callers that refuse so many.
    ///
    /// # Errors
    /// When the statement fails.
    pub async fn pages(
        connection: &mut AsyncPgConnection,
        executions: &[ExecutionId],
        page: &Page<Uuid>,
        max_rows: i64,
    ) -> QueryResult<HashMap<ExecutionId, Slice<Self>>> {
        let sql = format!(
            "SELECT a.* FROM unnest($1::uuid[]) k (execution_id) CROSS JOIN LATERAL (\
             SELECT {COLUMNS} FROM artifacts a WHERE a.execution_id = k.execution_id \
             AND ($2::uuid IS NULL OR a.artifact_id > $2) AND ($3::uuid IS NULL OR a.artifact_id < $3) \
             ORDER BY a.artifact_id {direction} LIMIT $4) a ORDER BY a.artifact_id {direction} LIMIT $5",
            direction = page.direction()
        );
        let statement = Statement::<Columns>::new(sql)
            .bind::<Array<sql_types::Uuid>, _>(executions.to_vec())
            .bind::<Nullable<sql_types::Uuid>, _>(page.after)
            .bind::<Nullable<sql_types::Uuid>, _>(page.before)
            .bind::<BigInt, _>(page.fetch())
            .bind::<BigInt, _>(max_rows);
        let rows: Vec<Self> = statement.load(connection).await?;
        let mut result: HashMap<ExecutionId, Vec<Self>> = HashMap::new();
        for artifact in rows {
            result
                .entry(artifact.execution_id)
                .or_default()
                .push(artifact);
        }
        Ok(result
            .into_iter()
            .map(|(execution, rows)| (execution, page.slice(rows)))
            .collect())
    }

    /// The artifacts of each of these spans, oldest first; a span without any is not in the result.
    ///
    /// # Errors
    /// When the statement fails.
    pub async fn by_spans(
        connection: &mut AsyncPgConnection,
        spans: &[SpanKey],
    ) -> QueryResult<HashMap<SpanKey, Vec<Self>>> {
        let (executions, ids): (Vec<ExecutionId>, Vec<SpanId>) = spans.iter().copied().unzip();
        let statement = Statement::<Columns>::new(format!(
            "SELECT {COLUMNS} FROM unnest($1::uuid[], $2::bytea[]) k (execution_id, span_id) \
             JOIN artifacts a ON a.execution_id = k.execution_id AND a.span_id = k.span_id ORDER BY a.artifact_id"
        ))
        .bind::<Array<sql_types::Uuid>, _>(executions)
        .bind::<Array<Bytea>, _>(ids);
        let rows: Vec<Self> = statement.load(connection).await?;
        let mut result: HashMap<SpanKey, Vec<Self>> = HashMap::new();
        for artifact in rows {
            result
                .entry((artifact.execution_id, artifact.span_id))
                .or_default()
                .push(artifact);
        }
        Ok(result)
    }

    /// The artifacts written after the commit `after`, in the order of the commits.
    ///
    /// # Errors
    /// When the statement fails.
    pub async fn changed_after(
        connection: &mut AsyncPgConnection,
        execution: ExecutionId,
        after: Revision,
    ) -> QueryResult<Vec<Self>> {
        artifacts::table
            .filter(artifacts::execution_id.eq(execution))
            .filter(artifacts::revision.gt(after))
            .order((artifacts::revision, artifacts::artifact_id))
            .select(Self::as_select())
            .load(connection)
            .await
    }

    /// What identifies it.
    #[must_use]
    pub fn key(&self) -> ArtifactKey {
        (self.execution_id, self.artifact_id)
    }
}
