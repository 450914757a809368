//! Workflows and their versions as they are read.

use std::collections::HashMap;

use diesel::{
    dsl::{AsSelect, SqlTypeOf},
    pg::Pg,
    prelude::*,
    sql_types::{Array, BigInt, Integer, Nullable, Text},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use super::{Workflow, WorkflowVersion};
use crate::{
    page::{End, Page, Slice},
    schema::workflows,
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

type Columns = SqlTypeOf<AsSelect<WorkflowVersion, Pg>>;

/// The columns of [`WorkflowVersion`] in its order.
const COLUMNS: &str = "v.workspace_id, v.workflow_id, v.version, v.name, v.definition, v.source, v.content_sha256, \
    v.created_ns";

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
        let statement = Statement::<Columns>::new(format!(
            "SELECT {COLUMNS} FROM unnest($1::text[], $2::int[]) k (workflow_id, version) JOIN workflow_versions v \
             ON v.workspace_id = $3 AND v.workflow_id = k.workflow_id AND v.version = k.version"
        ))
        .bind::<Array<Text>, _>(ids)
        .bind::<Array<Integer>, _>(versions)
        .bind::<Text, _>(workspace.to_owned());
        statement.load(connection).await
    }

    /// A page of each workflow's versions, newest first; a workflow without any is not in the result. No more
    /// than `max_rows` are read, whatever the pages would hold: for callers that refuse so many.
    ///
    /// # Errors
    /// When the statement fails.
    pub async fn pages(
        connection: &mut AsyncPgConnection,
        workspace: &str,
        workflows: &[String],
        page: &Page<i32>,
        max_rows: i64,
    ) -> QueryResult<HashMap<String, Slice<Self>>> {
        // The list descends: what comes after a key is less than it.
        let sql = format!(
            "SELECT x.* FROM unnest($1::text[]) k (workflow_id) CROSS JOIN LATERAL (\
             SELECT {COLUMNS} FROM workflow_versions v WHERE v.workspace_id = $2 AND v.workflow_id = k.workflow_id \
             AND ($3::int IS NULL OR v.version < $3) AND ($4::int IS NULL OR v.version > $4) \
             ORDER BY v.version {} LIMIT $5) x LIMIT $6",
            page.direction_of_descending()
        );
        let statement = Statement::<Columns>::new(sql)
            .bind::<Array<Text>, _>(workflows.to_vec())
            .bind::<Text, _>(workspace.to_owned())
            .bind::<Nullable<Integer>, _>(page.after)
            .bind::<Nullable<Integer>, _>(page.before)
            .bind::<BigInt, _>(page.fetch())
            .bind::<BigInt, _>(max_rows);
        let rows: Vec<Self> = statement.load(connection).await?;
        let mut result: HashMap<String, Vec<Self>> = HashMap::new();
        for version in rows {
            result
                .entry(version.workflow_id.clone())
                .or_default()
                .push(version);
        }
        Ok(result
            .into_iter()
            .map(|(workflow, rows)| (workflow, page.slice(rows)))
            .collect())
    }
}
