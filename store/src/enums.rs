//! Enumerations that are stored as `smallint`. The numbers are part of the stored format: they are never reused.

use diesel::{
    deserialize::{self, FromSql, FromSqlRow},
    expression::AsExpression,
    pg::{Pg, PgValue},
    serialize::{self, Output, ToSql},
    sql_types::SmallInt,
};
use serde::{Deserialize, Serialize};

macro_rules! stored_enum {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $number:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, AsExpression, FromSqlRow,
        )]
        #[diesel(sql_type = SmallInt)]
        #[serde(rename_all = "SCREAMING_SNAKE_CASE")]
        #[repr(i16)]
        pub enum $name {
            $($(#[$variant_doc])* $variant = $number),+
        }

        impl $name {
            /// Every variant, by number.
            pub const ALL: &[Self] = &[$(Self::$variant),+];
        }

        impl ToSql<SmallInt, Pg> for $name {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
                ToSql::<SmallInt, Pg>::to_sql(&(*self as i16), &mut out.reborrow())
            }
        }

        impl FromSql<SmallInt, Pg> for $name {
            fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
                match <i16 as FromSql<SmallInt, Pg>>::from_sql(value)? {
                    $($number => Ok(Self::$variant),)+
                    number => Err(format!("{number} is no {}", stringify!($name)).into()),
                }
            }
        }
    };
}

stored_enum! {
    /// Where an execution stands.
    ExecutionStatus { Queued = 0, Running = 1, Succeeded = 2, Failed = 3, Cancelled = 4, Abandoned = 5 }
}

impl ExecutionStatus {
    /// True when the execution will not run any more.
    #[must_use]
    pub fn is_final(self) -> bool {
        !matches!(self, Self::Queued | Self::Running)
    }
}

stored_enum! {
    /// Where a span stands. It only moves forward: ENDED replaces ABANDONED replaces RUNNING.
    SpanState { Running = 0, Ended = 1, Abandoned = 2 }
}

stored_enum! {
    /// OpenTelemetry's span kind, by OTLP's numbers.
    SpanKind { Unspecified = 0, Internal = 1, Server = 2, Client = 3, Producer = 4, Consumer = 5 }
}

stored_enum! {
    /// OpenTelemetry's status code, by OTLP's numbers.
    StatusCode { Unset = 0, Ok = 1, Error = 2 }
}

stored_enum! {
    /// What a span is about.
    SpanCategory {
        Other = 0,
        Workflow = 1,
        Node = 2,
        Agent = 3,
        Llm = 4,
        Tool = 5,
        Retriever = 6,
        Embedding = 7,
        Reranker = 8,
        Guardrail = 9,
        Http = 10,
        Database = 11,
    }
}
