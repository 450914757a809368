//! Artifacts: what is known of the files that spans produced. Their bytes are in [`crate::Blobs`].

use diesel::prelude::*;
use uuid::Uuid;

use crate::{ExecutionId, Revision, SpanId, schema::artifacts};

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
