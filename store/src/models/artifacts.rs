//! Artifacts: what is known of the files that spans produced. Their bytes are in [`crate::Blobs`].

use std::collections::HashMap;

use diesel::{
    prelude::*,
    sql_types::{Array, Bytea},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use super::spans::SpanKey;
use crate::{
    ExecutionId, Revision, SpanId,
    page::{End, Page, Slice},
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

    /// A page of an execution's artifacts, oldest first.
    ///
    /// # Errors
    /// When the statement fails.
    pub async fn page(
        connection: &mut AsyncPgConnection,
        execution: ExecutionId,
        page: &Page<Uuid>,
    ) -> QueryResult<Slice<Self>> {
        let mut query = artifacts::table
            .filter(artifacts::execution_id.eq(execution))
            .select(Self::as_select())
            .limit(page.fetch())
            .into_boxed();
        if let Some(after) = page.after {
            query = query.filter(artifacts::artifact_id.gt(after));
        }
        if let Some(before) = page.before {
            query = query.filter(artifacts::artifact_id.lt(before));
        }
        query = match page.end {
            End::Front => query.order(artifacts::artifact_id.asc()),
            End::Back => query.order(artifacts::artifact_id.desc()),
        };
        Ok(page.slice(query.load(connection).await?))
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
        let statement = Statement::<diesel::dsl::SqlTypeOf<diesel::dsl::AsSelect<Self, diesel::pg::Pg>>>::new(
            "SELECT a.artifact_id, a.execution_id, a.workspace_id, a.span_id, a.revision, a.created_ns, a.size_bytes, \
             a.sha256, a.name, a.media_type, a.location \
             FROM unnest($1::uuid[], $2::bytea[]) k (execution_id, span_id) \
             JOIN artifacts a ON a.execution_id = k.execution_id AND a.span_id = k.span_id ORDER BY a.artifact_id",
        )
        .bind::<Array<diesel::sql_types::Uuid>, _>(executions)
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
