//! Identifiers of executions, traces and spans, as they are stored and as they are written down.

use std::{fmt, str::FromStr};

use diesel::{
    deserialize::{self, FromSql, FromSqlRow},
    expression::AsExpression,
    pg::{Pg, PgValue},
    serialize::{self, Output, ToSql},
    sql_types,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A commit that touched an execution. Only the order means something: there may be gaps.
pub type Revision = i64;

/// Text that is not an identifier of the kind asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a valid {kind}: expected {expected}")]
pub struct InvalidId {
    kind: &'static str,
    expected: &'static str,
}

/// Our id of an execution: a UUIDv7, so ids sort by the time they were made.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    AsExpression,
    FromSqlRow,
)]
#[diesel(sql_type = sql_types::Uuid)]
#[serde(transparent)]
pub struct ExecutionId(pub Uuid);

impl ExecutionId {
    /// A new id for an execution that begins now.
    #[must_use]
    #[expect(clippy::new_without_default, reason = "every call gives another id")]
    pub fn new() -> Self {
        Self(Uuid::now_v7())
    }
}

impl fmt::Display for ExecutionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for ExecutionId {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let invalid = |_| InvalidId {
            kind: "execution id",
            expected: "a UUID",
        };
        Uuid::try_parse(text).map(Self).map_err(invalid)
    }
}

impl ToSql<sql_types::Uuid, Pg> for ExecutionId {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        ToSql::<sql_types::Uuid, Pg>::to_sql(&self.0, out)
    }
}

impl FromSql<sql_types::Uuid, Pg> for ExecutionId {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        <Uuid as FromSql<sql_types::Uuid, Pg>>::from_sql(value).map(Self)
    }
}

/// An id of W3C Trace Context: bytes that are written as lower-case hex digits.
macro_rules! trace_context_id {
    ($(#[$doc:meta])* $name:ident, $bytes:literal, $kind:literal, $expected:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, AsExpression, FromSqlRow)]
        #[diesel(sql_type = sql_types::Bytea)]
        pub struct $name(pub [u8; $bytes]);

        impl $name {
            /// True for the all-zero id, which W3C Trace Context calls invalid.
            #[must_use]
            pub fn is_zero(&self) -> bool {
                self.0 == [0; $bytes]
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                let mut bytes = [0; $bytes];
                hex::decode_to_slice(text, &mut bytes)
                    .map_err(|_| InvalidId { kind: $kind, expected: $expected })?;
                Ok(Self(bytes))
            }
        }

        impl Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }

        impl ToSql<sql_types::Bytea, Pg> for $name {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
                <[u8] as ToSql<sql_types::Bytea, Pg>>::to_sql(&self.0, out)
            }
        }

        impl FromSql<sql_types::Bytea, Pg> for $name {
            fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
                Ok(Self(value.as_bytes().try_into()?))
            }
        }
    };
}

trace_context_id! {
    /// A W3C trace id: 16 bytes, written as 32 lower-case hex digits.
    TraceId, 16, "trace id", "32 hex digits"
}

trace_context_id! {
    /// A W3C span id: 8 bytes, written as 16 lower-case hex digits. Unique within its execution.
    SpanId, 8, "span id", "16 hex digits"
}

impl TraceId {
    /// A new random trace id, never zero.
    #[must_use]
    pub fn random() -> Self {
        Self(*Uuid::new_v4().as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_read_back_from_what_they_print() {
        let trace = TraceId::random();
        assert_eq!(trace.to_string().parse(), Ok(trace));
        let span = SpanId([0, 1, 2, 3, 0xfc, 0xfd, 0xfe, 0xff]);
        assert_eq!(span.to_string(), "00010203fcfdfeff");
        assert_eq!(span.to_string().parse(), Ok(span));
        let execution = ExecutionId::new();
        assert_eq!(execution.to_string().parse(), Ok(execution));
    }

    #[test]
    fn text_of_another_length_or_alphabet_is_refused() {
        for text in ["", "00", "zz010203fcfdfeff", "00010203fcfdfeff00"] {
            assert!(text.parse::<SpanId>().is_err(), "{text}");
        }
        assert!("not-a-uuid".parse::<ExecutionId>().is_err());
    }
}
