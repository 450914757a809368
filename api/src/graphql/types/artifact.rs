//! `Artifact`.

use async_graphql::{Context, ID, Object};
use orcheo_store::{
    ExecutionId,
    models::artifacts::{self, ArtifactKey},
    page::Page,
};
use uuid::Uuid;

use super::{Execution, Span, int};
use crate::{
    error::ApiError,
    graphql::{
        connection::{self, Connection, PageArguments},
        scalars::{DateTime, GlobalId, KeyCursor},
    },
    loaders::{ArtifactById, ArtifactPage, Loaders},
};

/// A file that a span produced.
#[derive(Debug, Clone)]
pub struct Artifact {
    row: artifacts::Artifact,
}

/// A file that a span produced.
#[Object]
impl Artifact {
    /// The opaque id, which carries the execution's.
    pub(super) async fn id(&self) -> ID {
        self.global_id().into()
    }

    /// The artifact's own id.
    async fn artifact_id(&self) -> Uuid {
        self.row.artifact_id
    }

    /// The file's name; redacted.
    async fn name(&self) -> &str {
        &self.row.name
    }

    /// Its media type, for example `text/csv`.
    async fn media_type(&self) -> &str {
        &self.row.media_type
    }

    /// Its size in bytes.
    #[expect(
        clippy::cast_precision_loss,
        reason = "a double holds sizes up to 8 PiB exactly"
    )]
    async fn size_bytes(&self) -> f64 {
        self.row.size_bytes as f64
    }

    /// SHA-256 of its bytes: 64 lower-case hex digits.
    async fn sha256(&self) -> String {
        hex::encode(&self.row.sha256)
    }

    /// When it was stored.
    async fn created_at(&self) -> DateTime {
        DateTime::from_unix_nanos(self.row.created_ns)
    }

    /// Revision of the commit that wrote it. Of two copies of an artifact the one with the higher revision is newer.
    async fn revision(&self) -> i32 {
        int(self.row.revision)
    }

    /// The execution that produced it.
    async fn execution(&self, ctx: &Context<'_>) -> Result<Execution, ApiError> {
        Execution::of_part(ctx, self.row.execution_id).await
    }

    /// The span that produced it; null when that is not known (yet).
    async fn span(&self, ctx: &Context<'_>) -> Result<Option<Span>, ApiError> {
        let parts = Span::selected_parts(&ctx.look_ahead());
        Span::fetch_parts(ctx, (self.row.execution_id, self.row.span_id), parts).await
    }

    /// Where its bytes are: a path of this server.
    async fn download_url(&self) -> String {
        format!("/api/artifacts/{}/download", self.global_id().encode())
    }
}

impl Artifact {
    /// An artifact from its row.
    pub fn new(row: artifacts::Artifact) -> Self {
        Self { row }
    }

    /// The artifact of `key`, if there is one.
    pub(crate) async fn fetch(
        ctx: &Context<'_>,
        key: ArtifactKey,
    ) -> Result<Option<Self>, ApiError> {
        Ok(Loaders::of(ctx)
            .load(ArtifactById(key))
            .await?
            .map(Self::new))
    }

    /// A page of an execution's artifacts, oldest first.
    pub(crate) async fn paginate(
        ctx: &Context<'_>,
        execution: ExecutionId,
        arguments: PageArguments,
    ) -> Result<Connection<Self>, ApiError> {
        let page: Page<Uuid> = arguments.page(connection::MAX_PAGE, |cursor| match cursor {
            KeyCursor::Artifact {
                execution: owner,
                artifact,
            } => connection::owned(execution, owner, artifact),
            _ => Err(connection::wrong_list()),
        })?;
        let key = ArtifactPage {
            execution,
            page: page.clone(),
        };
        let slice = Loaders::of(ctx)
            .load(key)
            .await?
            .unwrap_or_else(|| page.slice(Vec::new()));
        Ok(connection::connection(slice, |row| {
            let cursor = KeyCursor::Artifact {
                execution,
                artifact: row.artifact_id,
            };
            (cursor, Self::new(row))
        }))
    }

    fn global_id(&self) -> GlobalId {
        GlobalId::Artifact(self.row.execution_id, self.row.artifact_id)
    }
}
