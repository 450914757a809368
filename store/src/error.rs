//! The errors of everything but the writer, whose own are in [`crate::writer::WriteError`].

use std::path::PathBuf;

/// Why the store could not answer.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The connection string cannot be understood: a setting to correct.
    #[error("invalid database URL: {0}")]
    InvalidDatabaseUrl(String),
    /// The blob store's address cannot be understood: a setting to correct.
    #[error("invalid artifacts location {location:?}: {reason}")]
    InvalidArtifactsUrl { location: String, reason: String },
    /// The directory of the blob store cannot be used: a setting to correct.
    #[error("cannot use {path} for artifacts: {source}")]
    ArtifactsDirectory {
        path: PathBuf,
        source: std::io::Error,
    },
    /// No connection to PostgreSQL, or none free in time: try again later.
    #[error("PostgreSQL is unavailable: {0}")]
    Unavailable(String),
    /// A statement failed.
    #[error(transparent)]
    Query(#[from] diesel::result::Error),
    /// The schema could not be brought up to date.
    #[error("migration failed: {0}")]
    Migration(String),
    /// The blob store failed; a blob that does not exist is `object_store::Error::NotFound`.
    #[error(transparent)]
    Blob(#[from] object_store::Error),
}

impl StoreError {
    /// True when the blob asked for does not exist.
    #[must_use]
    pub fn is_missing_blob(&self) -> bool {
        matches!(self, Self::Blob(object_store::Error::NotFound { .. }))
    }

    /// True when the same call may succeed later without a change of anything.
    #[must_use]
    pub fn is_unavailable(&self) -> bool {
        use diesel::result::{DatabaseErrorKind, Error};
        match self {
            Self::Unavailable(_)
            | Self::Query(Error::DatabaseError(
                DatabaseErrorKind::UnableToSendCommand | DatabaseErrorKind::ClosedConnection,
                _,
            )) => true,
            // What PostgreSQL says when it ends a session (57P01) or begins none (57P03); diesel keeps the words only.
            Self::Query(Error::DatabaseError(DatabaseErrorKind::Unknown, error)) => {
                error.message().starts_with("terminating connection")
                    || error.message().starts_with("the database system is")
            }
            _ => false,
        }
    }
}
