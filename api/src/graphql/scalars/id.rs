//! The opaque global `ID` of every `Node`: a type tag and the key of the row, in base64url.

use async_graphql::ID;
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use orcheo_store::{ExecutionId, SpanId};
use uuid::Uuid;

use crate::error::{ApiError, reason};

/// The identity of a `Node`. What is stored per execution carries the execution's id, because no table is read without it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum GlobalId {
    /// A workflow, by the definition's own id.
    Workflow(String),
    /// An execution.
    Execution(ExecutionId),
    /// A span of an execution.
    Span(ExecutionId, SpanId),
    /// An artifact of an execution.
    Artifact(ExecutionId, Uuid),
}

const WORKFLOW: u8 = b'W';
const EXECUTION: u8 = b'E';
const SPAN: u8 = b'S';
const ARTIFACT: u8 = b'A';

impl GlobalId {
    /// The text that clients keep.
    pub fn encode(&self) -> String {
        let mut bytes = Vec::with_capacity(33);
        match self {
            Self::Workflow(id) => {
                bytes.push(WORKFLOW);
                bytes.extend_from_slice(id.as_bytes());
            }
            Self::Execution(execution) => {
                bytes.push(EXECUTION);
                bytes.extend_from_slice(execution.0.as_bytes());
            }
            Self::Span(execution, span) => {
                bytes.push(SPAN);
                bytes.extend_from_slice(execution.0.as_bytes());
                bytes.extend_from_slice(&span.0);
            }
            Self::Artifact(execution, artifact) => {
                bytes.push(ARTIFACT);
                bytes.extend_from_slice(execution.0.as_bytes());
                bytes.extend_from_slice(artifact.as_bytes());
            }
        }
        BASE64_URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Reads what [`encode`](Self::encode) wrote.
    ///
    /// # Errors
    /// `BAD_USER_INPUT` with reason `MALFORMED_ID` for any other text.
    pub fn decode(text: &str) -> Result<Self, ApiError> {
        let malformed = || {
            ApiError::bad_input("this is not an id of this API; `id` is opaque and must be sent back as it was received")
                .with_reason(reason::MALFORMED_ID)
        };
        let bytes = BASE64_URL_SAFE_NO_PAD
            .decode(text)
            .map_err(|_| malformed())?;
        let (&tag, key) = bytes.split_first().ok_or_else(malformed)?;
        let execution = || {
            key.first_chunk()
                .map(|id| ExecutionId(Uuid::from_bytes(*id)))
        };
        match (tag, key.len()) {
            (WORKFLOW, 1..) => String::from_utf8(key.to_vec()).map(Self::Workflow).ok(),
            (EXECUTION, 16) => execution().map(Self::Execution),
            (SPAN, 24) => execution()
                .zip(key.last_chunk())
                .map(|(execution, span)| Self::Span(execution, SpanId(*span))),
            (ARTIFACT, 32) => execution()
                .zip(key.last_chunk())
                .map(|(execution, artifact)| {
                    Self::Artifact(execution, Uuid::from_bytes(*artifact))
                }),
            _ => None,
        }
        .ok_or_else(malformed)
    }
}

impl From<GlobalId> for ID {
    fn from(id: GlobalId) -> Self {
        ID(id.encode())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_survives_the_round_trip() {
        let execution = ExecutionId::new();
        for id in [
            GlobalId::Workflow("support-triage".into()),
            GlobalId::Execution(execution),
            GlobalId::Span(execution, SpanId([7; 8])),
            GlobalId::Artifact(execution, Uuid::from_u128(5)),
        ] {
            assert_eq!(GlobalId::decode(&id.encode()), Ok(id));
        }
    }

    #[test]
    fn what_we_did_not_make_is_refused_with_a_reason() {
        let truncated = GlobalId::Span(ExecutionId::new(), SpanId([1; 8])).encode();
        for text in ["", "!!", "Vw", "RQ", &truncated[..20], "wuiuA"] {
            let error = GlobalId::decode(text).expect_err(text);
            assert_eq!(error.reason(), Some(reason::MALFORMED_ID));
        }
    }
}
