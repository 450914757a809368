//! The PostgreSQL trace store: rows and queries, the group-commit writer, the change feed and the bytes of artifacts.
//!
//! It knows no GraphQL, no OTLP and no workflow semantics. [`Store`] is the way in; [`Writer`] is the only way spans get
//! into the database.

pub mod blobs;
pub mod changes;
mod enums;
mod error;
mod ids;
mod json;
mod migrations;
pub mod models;
pub mod page;
pub mod partitions;
mod pool;
mod record;
#[rustfmt::skip]
pub mod schema;
mod statement;
mod store;
#[cfg(feature = "testing")]
pub mod testing;
pub mod writer;

pub use blobs::Blobs;
pub use changes::{Change, ChangeKind, Changes};
pub use enums::{ExecutionStatus, SpanCategory, SpanKind, SpanState, StatusCode};
pub use error::StoreError;
pub use ids::{ExecutionId, InvalidId, Revision, SpanId, TraceId};
pub use json::JsonText;
pub use pool::{Connection, Pool, PoolStatus};
pub use record::{
    ArtifactRecord, ExecutionFailure, Naming, Observation, ObservedEnd, ObservedRoot,
    SpanLogRecord, SpanRecord, StepRecord, UsageRecord,
};
pub use store::{Store, StoreSettings};
pub use writer::{Ack, AckAll, Committed, ExecutionChange, Op, Write, WriteError, Writer};
