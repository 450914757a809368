//! Cursors: `r…` is a revision (feeds), `k…` is a key (pages). Both carry what they belong to, so that a cursor used in the
//! wrong place is refused instead of silently skipping rows.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use orcheo_store::{ExecutionId, SpanId};
use uuid::Uuid;

use crate::error::{ApiError, reason};

const REVISION_TAG: char = 'r';
const KEY_TAG: char = 'k';

/// A place in the feed of one execution: everything up to and including `revision` has been seen, and, where a commit is
/// delivered span by span, of the next one the spans up to and including `span`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RevisionCursor {
    /// The execution that the revision counts.
    pub execution: ExecutionId,
    /// A revision is a commit.
    pub revision: i64,
    /// Within the commit `revision`, the last span delivered; `None` when all of it was.
    pub span: Option<SpanId>,
}

impl RevisionCursor {
    /// The cursor after the whole commit `revision`.
    pub fn after(execution: ExecutionId, revision: i64) -> Self {
        Self {
            execution,
            revision,
            span: None,
        }
    }

    /// The text that clients keep.
    pub fn encode(&self) -> String {
        let mut bytes = Vec::with_capacity(32);
        bytes.extend_from_slice(self.execution.0.as_bytes());
        bytes.extend_from_slice(&self.revision.to_be_bytes());
        if let Some(span) = self.span {
            bytes.extend_from_slice(&span.0);
        }
        encode(REVISION_TAG, &bytes)
    }

    /// Reads a cursor that must belong to `execution`.
    ///
    /// # Errors
    /// `BAD_USER_INPUT` with reason `MALFORMED_CURSOR`, `WRONG_CURSOR_KIND` or `OTHER_EXECUTION`.
    pub fn decode(text: &str, execution: ExecutionId) -> Result<Self, ApiError> {
        let bytes = decode(text, REVISION_TAG)?;
        let revision = match bytes.len() {
            24 | 32 => bytes[16..24]
                .first_chunk()
                .map(|raw| i64::from_be_bytes(*raw)),
            _ => None,
        };
        let (revision, owner) = revision.zip(owner(&bytes)).ok_or_else(malformed)?;
        if owner != execution {
            return Err(other_execution());
        }
        if revision < 0 {
            return Err(malformed());
        }
        let span = bytes[24..].first_chunk().map(|raw| SpanId(*raw));
        Ok(Self {
            execution,
            revision,
            span,
        })
    }

    /// The cursor itself, if the database has come as far as `newest`.
    ///
    /// # Errors
    /// `BAD_USER_INPUT` with reason `FUTURE_CURSOR`.
    pub fn not_after(self, newest: i64) -> Result<Self, ApiError> {
        if self.revision > newest {
            return Err(ApiError::bad_input(
                "the cursor is ahead of everything stored for this execution; start again without a cursor",
            )
            .with_reason(reason::FUTURE_CURSOR));
        }
        Ok(self)
    }
}

/// A place in a sorted list: the key of one row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyCursor {
    /// Spans of an execution, by (start, span id).
    Span {
        /// The execution.
        execution: ExecutionId,
        /// Nanoseconds since the epoch.
        start_ns: i64,
        /// Decides between equal starts.
        span: SpanId,
    },
    /// Executions, by id: newest first.
    Execution(ExecutionId),
    /// Workflows, by (name, id).
    Workflow {
        /// The name that sorts.
        name: String,
        /// Decides between equal names.
        id: String,
    },
    /// Versions of a workflow, newest first.
    WorkflowVersion {
        /// The workflow's own id.
        workflow: String,
        /// The version.
        version: i32,
    },
    /// Artifacts of an execution, by id: oldest first.
    Artifact {
        /// The execution.
        execution: ExecutionId,
        /// The artifact.
        artifact: Uuid,
    },
}

const SPAN: u8 = b's';
const EXECUTION: u8 = b'e';
const WORKFLOW: u8 = b'w';
const VERSION: u8 = b'v';
const ARTIFACT: u8 = b'a';

impl KeyCursor {
    /// The text that clients keep.
    pub fn encode(&self) -> String {
        let mut bytes = Vec::with_capacity(40);
        match self {
            Self::Span {
                execution,
                start_ns,
                span,
            } => {
                bytes.push(SPAN);
                bytes.extend_from_slice(execution.0.as_bytes());
                bytes.extend_from_slice(&start_ns.to_be_bytes());
                bytes.extend_from_slice(&span.0);
            }
            Self::Execution(execution) => {
                bytes.push(EXECUTION);
                bytes.extend_from_slice(execution.0.as_bytes());
            }
            Self::Workflow { name, id } => {
                bytes.push(WORKFLOW);
                bytes.extend_from_slice(name.as_bytes());
                bytes.push(0);
                bytes.extend_from_slice(id.as_bytes());
            }
            Self::WorkflowVersion { workflow, version } => {
                bytes.push(VERSION);
                bytes.extend_from_slice(&version.to_be_bytes());
                bytes.extend_from_slice(workflow.as_bytes());
            }
            Self::Artifact {
                execution,
                artifact,
            } => {
                bytes.push(ARTIFACT);
                bytes.extend_from_slice(execution.0.as_bytes());
                bytes.extend_from_slice(artifact.as_bytes());
            }
        }
        encode(KEY_TAG, &bytes)
    }

    /// Reads what [`encode`](Self::encode) wrote.
    ///
    /// # Errors
    /// `BAD_USER_INPUT` with reason `MALFORMED_CURSOR`, or `WRONG_CURSOR_KIND` for a cursor of a feed.
    pub fn decode(text: &str) -> Result<Self, ApiError> {
        let bytes = decode(text, KEY_TAG)?;
        let (&tag, key) = bytes.split_first().ok_or_else(malformed)?;
        match (tag, key.len()) {
            (SPAN, 32) => owner(key).and_then(|execution| {
                Some(Self::Span {
                    execution,
                    start_ns: i64::from_be_bytes(*key[16..].first_chunk()?),
                    span: SpanId(*key.last_chunk()?),
                })
            }),
            (EXECUTION, 16) => owner(key).map(Self::Execution),
            (WORKFLOW, _) => text_of(key).and_then(|key| {
                let (name, id) = key.split_once('\0')?;
                Some(Self::Workflow {
                    name: name.to_owned(),
                    id: id.to_owned(),
                })
            }),
            (VERSION, 5..) => key.split_first_chunk().and_then(|(version, workflow)| {
                Some(Self::WorkflowVersion {
                    workflow: text_of(workflow)?.to_owned(),
                    version: i32::from_be_bytes(*version),
                })
            }),
            (ARTIFACT, 32) => owner(key).and_then(|execution| {
                Some(Self::Artifact {
                    execution,
                    artifact: Uuid::from_bytes(*key.last_chunk()?),
                })
            }),
            _ => None,
        }
        .ok_or_else(malformed)
    }
}

/// The cursor was made for another execution.
pub(crate) fn other_execution() -> ApiError {
    ApiError::bad_input("the cursor belongs to another execution")
        .with_reason(reason::OTHER_EXECUTION)
}

/// The cursor was made for another list.
pub(crate) fn wrong_kind() -> ApiError {
    ApiError::bad_input("the cursor was made by another field")
        .with_reason(reason::WRONG_CURSOR_KIND)
}

fn malformed() -> ApiError {
    ApiError::bad_input("this is not a cursor of this API; cursors are opaque and must be sent back as they were received")
        .with_reason(reason::MALFORMED_CURSOR)
}

fn owner(bytes: &[u8]) -> Option<ExecutionId> {
    bytes
        .first_chunk()
        .map(|id| ExecutionId(Uuid::from_bytes(*id)))
}

fn text_of(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes).ok()
}

fn encode(tag: char, bytes: &[u8]) -> String {
    let mut text = String::with_capacity(1 + bytes.len().div_ceil(3) * 4);
    text.push(tag);
    BASE64_URL_SAFE_NO_PAD.encode_string(bytes, &mut text);
    text
}

fn decode(text: &str, tag: char) -> Result<Vec<u8>, ApiError> {
    let (body, wanted) = match (text.strip_prefix(REVISION_TAG), text.strip_prefix(KEY_TAG)) {
        (Some(body), _) => (body, tag == REVISION_TAG),
        (_, Some(body)) => (body, tag == KEY_TAG),
        _ => return Err(malformed()),
    };
    let bytes = BASE64_URL_SAFE_NO_PAD
        .decode(body)
        .map_err(|_| malformed())?;
    if wanted { Ok(bytes) } else { Err(wrong_kind()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cursor_survives_the_round_trip() {
        let execution = ExecutionId::new();
        for key in [
            KeyCursor::Span {
                execution,
                start_ns: -5,
                span: SpanId([9; 8]),
            },
            KeyCursor::Execution(execution),
            KeyCursor::Workflow {
                name: "Zoë".into(),
                id: "zoe".into(),
            },
            KeyCursor::WorkflowVersion {
                workflow: "zoe".into(),
                version: 3,
            },
            KeyCursor::Artifact {
                execution,
                artifact: Uuid::from_u128(1),
            },
        ] {
            assert_eq!(KeyCursor::decode(&key.encode()), Ok(key));
        }
        for span in [None, Some(SpanId([3; 8]))] {
            let cursor = RevisionCursor {
                execution,
                revision: 12,
                span,
            };
            assert_eq!(
                RevisionCursor::decode(&cursor.encode(), execution),
                Ok(cursor)
            );
        }
    }

    #[test]
    fn a_cursor_in_the_wrong_place_is_refused_with_its_reason() {
        let execution = ExecutionId::new();
        let feed = RevisionCursor::after(execution, 1);
        let page = KeyCursor::Execution(execution).encode();
        let reason_of = |error: ApiError| error.reason();
        assert_eq!(
            KeyCursor::decode(&feed.encode()).map_err(reason_of),
            Err(Some(reason::WRONG_CURSOR_KIND))
        );
        assert_eq!(
            RevisionCursor::decode(&page, execution).map_err(reason_of),
            Err(Some(reason::WRONG_CURSOR_KIND))
        );
        assert_eq!(
            RevisionCursor::decode(&feed.encode(), ExecutionId::new()).map_err(reason_of),
            Err(Some(reason::OTHER_EXECUTION))
        );
        assert_eq!(
            feed.not_after(0).map_err(reason_of),
            Err(Some(reason::FUTURE_CURSOR))
        );
        assert_eq!(feed.not_after(1), Ok(feed));
        for text in ["", "x", "r", "k", "r!!", "kAAAA", "rAAAA"] {
            assert!(KeyCursor::decode(text).is_err(), "{text}");
            assert!(RevisionCursor::decode(text, execution).is_err(), "{text}");
        }
    }
}
