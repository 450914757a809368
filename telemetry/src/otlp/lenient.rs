//! OTLP's JSON as Protocol Buffers maps it, where the library's own reader is stricter: a double may be text, and what is no
//! number (`"NaN"`, `"Infinity"`, `"-Infinity"`) is; an enumeration may be the name of its value.

use opentelemetry_proto::tonic::logs::v1::SeverityNumber;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use opentelemetry_proto::tonic::trace::v1::status::StatusCode;
use serde::de::value::{MapDeserializer, SeqDeserializer};
use serde::de::{DeserializeOwned, Deserializer, IntoDeserializer, Visitor};
use serde::forward_to_deserialize_any;
use serde_json::{Error, Value};

pub(super) fn decode<T: DeserializeOwned>(text: &str) -> Result<T, Error> {
    T::deserialize(Lenient::Json(serde_json::from_str(text)?))
}

enum Lenient {
    Json(Value),
    /// JSON has no other way for some.
    Double(f64),
}

impl Lenient {
    fn member((key, value): (String, Value)) -> (String, Self) {
        let text = value.as_str().unwrap_or_default();
        let read = match key.as_str() {
            "doubleValue" => text.parse().ok().map(Self::Double),
            "kind" => SpanKind::from_str_name(text).map(|kind| Self::number(kind.into())),
            "code" => StatusCode::from_str_name(text).map(|code| Self::number(code.into())),
            "severityNumber" => {
                SeverityNumber::from_str_name(text).map(|number| Self::number(number.into()))
            }
            _ => None,
        };
        (key, read.unwrap_or(Self::Json(value)))
    }

    fn number(number: i32) -> Self {
        Self::Json(number.into())
    }
}

impl IntoDeserializer<'_, Error> for Lenient {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Deserializer<'de> for Lenient {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self {
            Self::Double(double) => visitor.visit_f64(double),
            Self::Json(Value::Array(items)) => {
                visitor.visit_seq(SeqDeserializer::new(items.into_iter().map(Self::Json)))
            }
            Self::Json(Value::Object(members)) => {
                visitor.visit_map(MapDeserializer::new(members.into_iter().map(Self::member)))
            }
            Self::Json(leaf) => leaf.deserialize_any(visitor),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self {
            Self::Json(Value::Null) => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map struct enum identifier ignored_any
    }
}
