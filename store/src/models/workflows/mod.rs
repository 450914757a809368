//! Workflows and their immutable versions.

mod read;

use diesel::prelude::*;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use sha2::{Digest, Sha256};

pub use self::read::WorkflowPosition;

use crate::{
    JsonText,
    models::now_ns,
    schema::{workflow_versions, workflows},
};

/// A workflow by the id that its definition gives it.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, QueryableByName, Selectable)]
#[diesel(table_name = workflows, check_for_backend(diesel::pg::Pg))]
pub struct Workflow {
    pub workspace_id: String,
    pub workflow_id: String,
    pub name: String,
    /// Another engine runs it: it has no versions.
    pub external: bool,
    /// Version that a start without a version runs; 0 when there is none.
    pub current_version: i32,
    /// Nanoseconds since the Unix epoch.
    pub created_ns: i64,
    pub updated_ns: i64,
}

/// One immutable version of a workflow.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, QueryableByName, Selectable, Insertable)]
#[diesel(table_name = workflow_versions, check_for_backend(diesel::pg::Pg))]
pub struct WorkflowVersion {
    pub workspace_id: String,
    pub workflow_id: String,
    pub version: i32,
    pub name: String,
    pub definition: JsonText,
    /// The text as it was saved.
    pub source: String,
    /// 32 bytes.
    pub content_sha256: Vec<u8>,
    /// Nanoseconds since the Unix epoch.
    pub created_ns: i64,
}

/// A definition to save.
#[derive(Debug, Clone)]
pub struct NewVersion<'a> {
    pub workflow_id: &'a str,
    pub name: &'a str,
    /// The parsed definition as JSON text.
    pub definition: &'a str,
    /// The text it was parsed from; two saves of the same text are the same version.
    pub source: &'a str,
}

impl Workflow {
    /// Saves a definition and makes it the current version. The same source as an earlier version is that version again.
    ///
    /// # Errors
    /// When a statement fails.
    pub async fn save(
        connection: &mut AsyncPgConnection,
        workspace: &str,
        new: NewVersion<'_>,
    ) -> QueryResult<(Self, WorkflowVersion)> {
        let content_sha256 = Sha256::digest(new.source).to_vec();
        let now = now_ns();
        connection
            .transaction(async |connection| {
                // The upsert locks the row, so that two saves cannot give out the same number.
                let workflow =
                    Self::upsert(connection, workspace, new.workflow_id, new.name, false, now)
                        .await?;
                let same = workflow_versions::table
                    .filter(workflow_versions::workspace_id.eq(workspace))
                    .filter(workflow_versions::workflow_id.eq(new.workflow_id))
                    .filter(workflow_versions::content_sha256.eq(&content_sha256))
                    .select(WorkflowVersion::as_select())
                    .first(connection)
                    .await
                    .optional()?;
                let version = match same {
                    Some(version) => version,
                    None => {
                        Self::add_version(connection, &workflow, &new, content_sha256, now).await?
                    }
                };
                let workflow = diesel::update(workflows::table.find((workspace, new.workflow_id)))
                    .set((
                        workflows::current_version.eq(version.version),
                        workflows::external.eq(false),
                    ))
                    .returning(Self::as_select())
                    .get_result(connection)
                    .await?;
                Ok((workflow, version))
            })
            .await
    }

    /// Makes sure that a workflow of another engine is known by its id.
    ///
    /// # Errors
    /// When the statement fails.
    pub async fn ensure_external(
        connection: &mut AsyncPgConnection,
        workspace: &str,
        workflow_id: &str,
        name: &str,
    ) -> QueryResult<()> {
        let now = now_ns();
        diesel::insert_into(workflows::table)
            .values((
                workflows::workspace_id.eq(workspace),
                workflows::workflow_id.eq(workflow_id),
                workflows::name.eq(name),
                workflows::external.eq(true),
                workflows::created_ns.eq(now),
                workflows::updated_ns.eq(now),
            ))
            .on_conflict_do_nothing()
            .execute(connection)
            .await
            .map(drop)
    }

    /// The workflow of an id, if known.
    ///
    /// # Errors
    /// When the statement fails.
    pub async fn get(
        connection: &mut AsyncPgConnection,
        workspace: &str,
        workflow_id: &str,
    ) -> QueryResult<Option<Self>> {
        workflows::table
            .find((workspace, workflow_id))
            .select(Self::as_select())
            .first(connection)
            .await
            .optional()
    }

    async fn upsert(
        connection: &mut AsyncPgConnection,
        workspace: &str,
        workflow_id: &str,
        name: &str,
        external: bool,
        now: i64,
    ) -> QueryResult<Self> {
        diesel::insert_into(workflows::table)
            .values((
                workflows::workspace_id.eq(workspace),
                workflows::workflow_id.eq(workflow_id),
                workflows::name.eq(name),
                workflows::external.eq(external),
                workflows::created_ns.eq(now),
                workflows::updated_ns.eq(now),
            ))
            .on_conflict((workflows::workspace_id, workflows::workflow_id))
            .do_update()
            .set((workflows::name.eq(name), workflows::updated_ns.eq(now)))
            .returning(Self::as_select())
            .get_result(connection)
            .await
    }

    async fn add_version(
        connection: &mut AsyncPgConnection,
        workflow: &Self,
        new: &NewVersion<'_>,
        content_sha256: Vec<u8>,
        now: i64,
    ) -> QueryResult<WorkflowVersion> {
        let latest: Option<i32> = workflow_versions::table
            .filter(workflow_versions::workspace_id.eq(&workflow.workspace_id))
            .filter(workflow_versions::workflow_id.eq(&workflow.workflow_id))
            .select(diesel::dsl::max(workflow_versions::version))
            .first(connection)
            .await?;
        diesel::insert_into(workflow_versions::table)
            .values(WorkflowVersion {
                workspace_id: workflow.workspace_id.clone(),
                workflow_id: workflow.workflow_id.clone(),
                version: latest.unwrap_or(0) + 1,
                name: new.name.to_owned(),
                definition: JsonText(new.definition.to_owned()),
                source: new.source.to_owned(),
                content_sha256,
                created_ns: now,
            })
            .returning(WorkflowVersion::as_select())
            .get_result(connection)
            .await
    }
}

impl WorkflowVersion {
    /// A version of a workflow, the current one when `version` is `None`.
    ///
    /// # Errors
    /// When the statement fails.
    pub async fn get(
        connection: &mut AsyncPgConnection,
        workspace: &str,
        workflow_id: &str,
        version: Option<i32>,
    ) -> QueryResult<Option<Self>> {
        let wanted = workflow_versions::table
            .inner_join(
                workflows::table.on(workflows::workspace_id
                    .eq(workflow_versions::workspace_id)
                    .and(workflows::workflow_id.eq(workflow_versions::workflow_id))),
            )
            .filter(workflow_versions::workspace_id.eq(workspace))
            .filter(workflow_versions::workflow_id.eq(workflow_id))
            .select(Self::as_select());
        match version {
            Some(version) => wanted
                .filter(workflow_versions::version.eq(version))
                .first(connection)
                .await
                .optional(),
            None => {
                let current = workflow_versions::version.eq(workflows::current_version);
                wanted.filter(current).first(connection).await.optional()
            }
        }
    }
}
