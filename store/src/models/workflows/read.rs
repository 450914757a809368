//! Workflows and their versions as they are read.

use diesel::{
    dsl::{AsSelect, SqlTypeOf},
    pg::Pg,
    prelude::*,
    sql_types::{Array, Integer, Text},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use super::{Workflow, WorkflowVersion};
use crate::{
    page::{End, Page, Slice},
    schema::{workflow_versions, workflows},
    statement::{Statement, contains},
};

/// Where a workflow stands in the list of workflows: by name, then by id.
pub type WorkflowPosition = (String, String);

impl Workflow {
    /// The workflows with these ids; an id without one has none in the result.
    ///
    /// # Errors
    /// When the statement fails.
    pub async fn by_ids(
        connection: &mut AsyncPgConnection,
        workspace: &str,
        ids: &[String],
    ) -> QueryResult<Vec<Self>> {
        workflows::table
            .filter(workflows::workspace_id.eq(workspace))
            .filter(workflows::workflow_id.eq_any(ids))
            .select(Self::as_select())
            .load(connection)
            .await
    }

    /// A page of workflows by name; `search` is part of the name or the id, in any case of letters.
    ///
    /// # Errors
    /// When the statement fails.
    pub async fn page(
        connection: &mut AsyncPgConnection,
        workspace: &str,
        search: Option<&str>,
        page: &Page<WorkflowPosition>,
    ) -> QueryResult<Slice<Self>> {
        let mut query = workflows::table
            .filter(workflows::workspace_id.eq(workspace))
            .select(Self::as_select())
            .limit(page.fetch())
            .into_boxed();
        if let Some(search) = search {
            let pattern = contains(search);
            query = query.filter(
                workflows::name
                    .ilike(pattern.clone())
                    .or(workflows::workflow_id.ilike(pattern)),
            );
        }
        if let Some((name, id)) = &page.after {
            let same_name = workflows::name.eq(name).and(workflows::workflow_id.gt(id));
            query = query.filter(workflows::name.gt(name).or(same_name));
        }
        if let Some((name, id)) = &page.before {
            let same_name = workflows::name.eq(name).and(workflows::workflow_id.lt(id));
            query = query.filter(workflows::name.lt(name).or(same_name));
        }
        query = match page.end {
            End::Front => query.order((workflows::name.asc(), workflows::workflow_id.asc())),
            End::Back => query.order((workflows::name.desc(), workflows::workflow_id.desc())),
        };
        Ok(page.slice(query.load(connection).await?))
    }
}

impl WorkflowVersion {
    /// These versions of workflows; one that does not exist has none in the result.
    ///
    /// # Errors
    /// When the statement fails.
    pub async fn by_keys(
        connection: &mut AsyncPgConnection,
        workspace: &str,
        keys: &[(String, i32)],
    ) -> QueryResult<Vec<Self>> {
        let (ids, versions): (Vec<String>, Vec<i32>) = keys.iter().cloned().unzip();
        let statement = Statement::<SqlTypeOf<AsSelect<Self, Pg>>>::new(
            "SELECT v.workspace_id, v.workflow_id, v.version, v.name, v.definition, v.source, v.content_sha256, v.created_ns \
             FROM unnest($1::text[], $2::int[]) k (workflow_id, version) \
             JOIN workflow_versions v ON v.workspace_id = $3 AND v.workflow_id = k.workflow_id AND v.version = k.version",
        )
        .bind::<Array<Text>, _>(ids)
        .bind::<Array<Integer>, _>(versions)
        .bind::<Text, _>(workspace.to_owned());
        statement.load(connection).await
    }

    /// A page of a workflow's versions, newest first.
    ///
    /// # Errors
    /// When the statement fails.
    pub async fn page(
        connection: &mut AsyncPgConnection,
        workspace: &str,
        workflow_id: &str,
        page: &Page<i32>,
    ) -> QueryResult<Slice<Self>> {
        let mut query = workflow_versions::table
            .filter(workflow_versions::workspace_id.eq(workspace))
            .filter(workflow_versions::workflow_id.eq(workflow_id))
            .select(Self::as_select())
            .limit(page.fetch())
            .into_boxed();
        // The list descends: what comes after a key is less than it.
        if let Some(after) = page.after {
            query = query.filter(workflow_versions::version.lt(after));
        }
        if let Some(before) = page.before {
            query = query.filter(workflow_versions::version.gt(before));
        }
        query = match page.end {
            End::Front => query.order(workflow_versions::version.desc()),
            End::Back => query.order(workflow_versions::version.asc()),
        };
        Ok(page.slice(query.load(connection).await?))
    }
}
