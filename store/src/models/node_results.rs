//! The journal of a run: results of its finished steps. Private: no reader but the engine may see them.

use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use crate::{ExecutionId, JsonText, Revision, SpanId, schema::node_results};

#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = node_results, check_for_backend(diesel::pg::Pg))]
pub struct NodeResult {
    pub execution_id: ExecutionId,
    pub node_path: String,
    pub iteration: i32,
    pub workspace_id: String,
    pub revision: Revision,
    pub span_id: SpanId,
    pub result: JsonText,
}

impl NodeResult {
    /// The finished steps of an execution, in the order in which they finished.
    ///
    /// # Errors
    /// When the statement fails.
    pub async fn finished(
        connection: &mut AsyncPgConnection,
        execution_id: ExecutionId,
    ) -> QueryResult<Vec<Self>> {
        node_results::table
            .filter(node_results::execution_id.eq(execution_id))
            .order((
                node_results::revision,
                node_results::node_path,
                node_results::iteration,
            ))
            .select(Self::as_select())
            .load(connection)
            .await
    }
}
