//! Which executions are looked at again.

use diesel::sql_types::{BigInt, Nullable, Text, Uuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use crate::{ExecutionId, Revision, StoreError, statement::Statement};

/// An execution whose texts have not all passed the rules of a version, as far as is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outdated {
    pub execution_id: ExecutionId,
    pub revision: Revision,
}

/// Which executions are to be looked at.
#[derive(Debug, Clone)]
pub struct Selection {
    pub workspace: String,
    /// Those are left out that have passed the rules of this version; `None` leaves none out.
    pub passed: Option<String>,
}

impl Selection {
    /// How many.
    ///
    /// # Errors
    /// When the statement fails.
    pub async fn count(&self, connection: &mut AsyncPgConnection) -> Result<i64, StoreError> {
        let statement = "SELECT count(*) FROM execution_rollups WHERE workspace_id = $1 \
            AND ($2::text IS NULL OR redaction IS DISTINCT FROM $2)";
        Statement::<BigInt>::new(statement)
            .bind::<Text, _>(self.workspace.clone())
            .bind::<Nullable<Text>, _>(self.passed.clone())
            .get_result(connection)
            .await
            .map_err(StoreError::from)
    }

    /// The next ones, oldest first.
    ///
    /// # Errors
    /// When the statement fails.
    pub async fn after(
        &self,
        connection: &mut AsyncPgConnection,
        after: Option<ExecutionId>,
        limit: i64,
    ) -> Result<Vec<Outdated>, StoreError> {
        let statement = "SELECT execution_id, revision FROM execution_rollups WHERE workspace_id = $1 \
            AND ($2::text IS NULL OR redaction IS DISTINCT FROM $2) AND execution_id > $3 ORDER BY execution_id LIMIT $4";
        let after = after.unwrap_or(ExecutionId(uuid::Uuid::nil()));
        let rows: Vec<(ExecutionId, Revision)> = Statement::<(Uuid, BigInt)>::new(statement)
            .bind::<Text, _>(self.workspace.clone())
            .bind::<Nullable<Text>, _>(self.passed.clone())
            .bind::<Uuid, _>(after)
            .bind::<BigInt, _>(limit)
            .load(connection)
            .await?;
        let outdated = |(execution_id, revision)| Outdated {
            execution_id,
            revision,
        };
        Ok(rows.into_iter().map(outdated).collect())
    }
}
