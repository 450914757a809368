//! `Workflow`.

use std::sync::Arc;

use async_graphql::{Context, ID, Object};
use orcheo_store::{
    models::{
        executions::ExecutionFilter as StoreFilter,
        workflows::{self, WorkflowPosition},
    },
    page::Page,
};

use super::{Execution, WorkflowStats, WorkflowVersion};
use crate::{
    error::{ApiError, reason},
    graphql::{
        connection::{self, Connection, PageArguments},
        inputs::ExecutionFilter,
        scalars::{DateTime, GlobalId, Json, KeyCursor},
    },
    loaders::{
        Loaders, StatsOfWorkflow, VersionByKey, VersionPage, WorkflowById, WorkflowExecutionPage,
    },
    state::ApiState,
};

/// Executions that `recentExecutions` gives when the caller does not say, and at most.
const RECENT: i32 = 20;
const MAX_RECENT: i32 = 100;

/// A workflow: its current version, and how its executions are doing.
#[derive(Debug, Clone)]
pub struct Workflow {
    row: workflows::Workflow,
}

/// A workflow: its current version, and how its executions are doing.
#[Object]
impl Workflow {
    /// The opaque id.
    pub(super) async fn id(&self) -> ID {
        GlobalId::Workflow(self.row.workflow_id.clone()).into()
    }

    /// The id that the definition gives itself, for example `support-triage`.
    async fn workflow_id(&self) -> &str {
        &self.row.workflow_id
    }

    /// The name to show.
    async fn name(&self) -> &str {
        &self.row.name
    }

    /// The current version, which a start without a version runs; 0 when another engine runs the workflow.
    async fn version(&self) -> i32 {
        self.row.current_version
    }

    /// The current version's definition, parsed; an empty object when another engine runs the workflow.
    async fn definition(&self, ctx: &Context<'_>) -> Result<Json, ApiError> {
        let version = self.current(ctx).await?;
        Ok(version.map_or_else(
            || Json::from_text("{}"),
            |version| Json::from_text(version.definition.0.clone()),
        ))
    }

    /// The current version's text as it was saved, YAML or JSON; empty when another engine runs the workflow.
    async fn source(&self, ctx: &Context<'_>) -> Result<String, ApiError> {
        Ok(self
            .current(ctx)
            .await?
            .map(|version| version.source.clone())
            .unwrap_or_default())
    }

    /// Whether another engine runs it, so that only its traces are known here.
    async fn external(&self) -> bool {
        self.row.external
    }

    /// When it was first saved or seen.
    async fn created_at(&self) -> DateTime {
        DateTime::from_unix_nanos(self.row.created_ns)
    }

    /// When its current version was last set.
    async fn updated_at(&self) -> DateTime {
        DateTime::from_unix_nanos(self.row.updated_ns)
    }

    /// Its versions, newest first. At most 1,000 a page, 50 by default.
    async fn versions(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
    ) -> Result<Connection<WorkflowVersion>, ApiError> {
        let workflow = &self.row.workflow_id;
        let page =
            PageArguments::forward(first, after).page(
                connection::MAX_PAGE,
                |cursor| match cursor {
                    KeyCursor::WorkflowVersion {
                        workflow: owner,
                        version,
                    } if owner == *workflow => Ok(version),
                    _ => Err(connection::wrong_list()),
                },
            )?;
        let key = VersionPage {
            workflow: workflow.clone(),
            page: page.clone(),
        };
        let slice = Loaders::of(ctx)
            .load(key)
            .await?
            .unwrap_or_else(|| page.slice(Vec::new()));
        Ok(connection::connection(slice, |row| {
            let cursor = KeyCursor::WorkflowVersion {
                workflow: workflow.clone(),
                version: row.version,
            };
            (cursor, WorkflowVersion::new(row))
        }))
    }

    /// Its executions, newest first. At most 1,000 a page, 50 by default.
    async fn executions(
        &self,
        ctx: &Context<'_>,
        filter: Option<ExecutionFilter>,
        first: Option<i32>,
        after: Option<String>,
    ) -> Result<Connection<Execution>, ApiError> {
        let arguments = PageArguments::forward(first, after);
        Execution::paginate_of_workflow(ctx, self.row.workflow_id.clone(), filter, arguments).await
    }

    /// Its newest executions, newest first: 20, or as many as `limit` says, at most 100.
    async fn recent_executions(
        &self,
        ctx: &Context<'_>,
        limit: Option<i32>,
    ) -> Result<Vec<Execution>, ApiError> {
        let limit = match limit.unwrap_or(RECENT) {
            limit @ 0..=MAX_RECENT => usize::try_from(limit).unwrap_or_default(),
            ..0 => {
                return Err(ApiError::bad_input("limit must not be negative")
                    .with_reason(reason::NEGATIVE_PAGE_SIZE));
            }
            _ => {
                return Err(
                    ApiError::bad_input(format!("limit must be at most {MAX_RECENT}"))
                        .with_reason(reason::PAGE_TOO_LARGE),
                );
            }
        };
        let key = WorkflowExecutionPage {
            workflow: self.row.workflow_id.clone(),
            filter: StoreFilter::default(),
            page: Page::first(limit, None),
        };
        let executions = Loaders::of(ctx).load(key).await?.map(|slice| slice.rows);
        Ok(executions
            .unwrap_or_default()
            .into_iter()
            .map(Execution::new)
            .collect())
    }

    /// How its newest executions did.
    async fn stats(&self, ctx: &Context<'_>) -> Result<WorkflowStats, ApiError> {
        let stats = Loaders::of(ctx)
            .load(StatsOfWorkflow(self.row.workflow_id.clone()))
            .await?;
        Ok(stats.unwrap_or_default().into())
    }
}

impl Workflow {
    pub(crate) fn new(row: workflows::Workflow) -> Self {
        Self { row }
    }

    /// The workflow of an id, if there is one.
    pub(crate) async fn fetch(ctx: &Context<'_>, id: String) -> Result<Option<Self>, ApiError> {
        Ok(Loaders::of(ctx)
            .load(WorkflowById(id))
            .await?
            .map(Self::new))
    }

    /// A page of workflows by name.
    pub(crate) async fn paginate(
        ctx: &Context<'_>,
        search: Option<&str>,
        arguments: PageArguments,
    ) -> Result<Connection<Self>, ApiError> {
        let page: Page<WorkflowPosition> =
            arguments.page(connection::MAX_PAGE, |cursor| match cursor {
                KeyCursor::Workflow { name, id } => Ok((name, id)),
                _ => Err(connection::wrong_list()),
            })?;
        let store = &ctx.data_unchecked::<ApiState>().store;
        let mut connection = store.read().await?;
        let slice =
            workflows::Workflow::page(&mut connection, store.workspace(), search, &page).await?;
        Loaders::of(ctx).budget().spend(slice.rows.len())?;
        Ok(connection::connection(slice, |row| {
            let cursor = KeyCursor::Workflow {
                name: row.name.clone(),
                id: row.workflow_id.clone(),
            };
            (cursor, Self::new(row))
        }))
    }

    async fn current(
        &self,
        ctx: &Context<'_>,
    ) -> Result<Option<Arc<workflows::WorkflowVersion>>, ApiError> {
        if self.row.current_version == 0 {
            return Ok(None);
        }
        let key = VersionByKey(self.row.workflow_id.clone(), self.row.current_version);
        Loaders::of(ctx).load(key).await
    }
}
