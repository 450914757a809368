//! `WorkflowProblem`.

use async_graphql::SimpleObject;

use super::int;

/// Something wrong with a workflow's definition, and where.
#[derive(Debug, Clone, SimpleObject)]
pub struct WorkflowProblem {
    /// Where in the document, for example `nodes[2].retry.max_attempts`; empty for the document as a whole.
    pub path: String,
    /// Line of the source, from 1.
    pub line: i32,
    /// Column of that line in characters, from 1.
    pub column: i32,
    /// What is wrong.
    pub message: String,
}

impl From<orcheo_engine::Problem> for WorkflowProblem {
    fn from(problem: orcheo_engine::Problem) -> Self {
        Self {
            path: problem.path,
            line: int(problem.line.into()),
            column: int(problem.column.into()),
            message: problem.message,
        }
    }
}
