//! JSON values as SQL parameters, and columns as JSON values.

use std::error::Error;

use bytes::BytesMut;
use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use serde_json::{Number, Value};
use tokio_postgres::types::{Format, FromSql, IsNull, Kind, ToSql, Type};
use uuid::Uuid;

type Failure = Box<dyn Error + Sync + Send>;

/// A parameter in PostgreSQL's text format, so that the server reads it as whatever type the statement wants.
#[derive(Debug)]
pub(super) struct Parameter<'a>(pub(super) &'a Value);

impl ToSql for Parameter<'_> {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Failure> {
        if self.0.is_null() {
            return Ok(IsNull::Yes);
        }
        out.extend_from_slice(literal(self.0, matches!(ty.kind(), Kind::Array(_))).as_bytes());
        Ok(IsNull::No)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    fn encode_format(&self, _: &Type) -> Format {
        Format::Text
    }

    fn to_sql_checked(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Failure> {
        self.to_sql(ty, out)
    }
}

fn literal(value: &Value, array: bool) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) if array => {
            let items: Vec<String> = items.iter().map(array_item).collect();
            format!("{{{}}}", items.join(","))
        }
        other => other.to_string(),
    }
}

fn array_item(value: &Value) -> String {
    match value {
        Value::Null => "NULL".to_owned(),
        Value::Array(_) => literal(value, true),
        other => format!(
            "\"{}\"",
            literal(other, false)
                .replace('\\', "\\\\")
                .replace('"', "\\\"")
        ),
    }
}

/// A column's value as JSON: numbers, texts, truth values and JSON as themselves, times in ISO 8601, bytes in
/// PostgreSQL's `\x` form, arrays as lists. A number that JSON readers would round is text.
#[derive(Debug)]
pub(super) struct Cell(pub(super) Value);

impl<'a> FromSql<'a> for Cell {
    fn from_sql(ty: &Type, raw: &'a [u8]) -> Result<Self, Failure> {
        match ty.kind() {
            Kind::Domain(inner) => return Self::from_sql(inner, raw),
            Kind::Enum(_) => return text(&Type::TEXT, raw),
            Kind::Array(_) => {
                let items = Vec::<Self>::from_sql(ty, raw)?;
                return Ok(Self(items.into_iter().map(|item| item.0).collect()));
            }
            _ => {}
        }
        Ok(Self(match *ty {
            Type::BOOL => bool::from_sql(ty, raw)?.into(),
            Type::INT2 => i16::from_sql(ty, raw)?.into(),
            Type::INT4 => i32::from_sql(ty, raw)?.into(),
            Type::INT8 => i64::from_sql(ty, raw)?.into(),
            Type::OID => u32::from_sql(ty, raw)?.into(),
            Type::FLOAT4 => float(f32::from_sql(ty, raw)?.into()),
            Type::FLOAT8 => float(f64::from_sql(ty, raw)?),
            Type::NUMERIC => numeric(raw)?,
            Type::JSON | Type::JSONB => Value::from_sql(ty, raw)?,
            Type::UUID => Uuid::from_sql(ty, raw)?.to_string().into(),
            Type::DATE => NaiveDate::from_sql(ty, raw)?.to_string().into(),
            Type::TIME => NaiveTime::from_sql(ty, raw)?.to_string().into(),
            Type::TIMESTAMP => NaiveDateTime::from_sql(ty, raw)?
                .format("%Y-%m-%dT%H:%M:%S%.f")
                .to_string()
                .into(),
            Type::TIMESTAMPTZ => {
                let time = DateTime::<Utc>::from_sql(ty, raw)?;
                time.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true)
                    .into()
            }
            Type::BYTEA => format!("\\x{}", hex::encode(raw)).into(),
            Type::VOID => Value::Null,
            _ if <&str as FromSql>::accepts(ty) => return text(ty, raw),
            _ => return Err(format!("type {ty} has no JSON form: cast it to text").into()),
        }))
    }

    fn from_sql_null(_: &Type) -> Result<Self, Failure> {
        Ok(Self(Value::Null))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

fn text(ty: &Type, raw: &[u8]) -> Result<Cell, Failure> {
    Ok(Cell(<&str>::from_sql(ty, raw)?.into()))
}

fn float(value: f64) -> Value {
    Number::from_f64(value).map_or_else(|| value.to_string().into(), Value::Number)
}

/// The binary form of `numeric`: digits to the base of 10,000 behind four 16-bit words (source: PostgreSQL's
/// `numeric_send`).
fn numeric(raw: &[u8]) -> Result<Value, Failure> {
    const NEGATIVE: u16 = 0x4000;
    let words: Vec<u16> = raw
        .chunks_exact(2)
        .map(|word| u16::from_be_bytes([word[0], word[1]]))
        .collect();
    let [_, weight, sign, scale, digits @ ..] = words.as_slice() else {
        return Err("a numeric that is cut short".into());
    };
    let (weight, scale) = (i32::from(weight.cast_signed()), usize::from(*scale));
    let special = match *sign {
        0xC000 => Some("NaN"),
        0xD000 => Some("Infinity"),
        0xF000 => Some("-Infinity"),
        _ => None,
    };
    if let Some(special) = special {
        return Ok(special.into());
    }
    let group = |position: i32| {
        usize::try_from(weight - position)
            .ok()
            .and_then(|index| digits.get(index))
            .copied()
            .unwrap_or(0)
    };
    let mut text = if *sign == NEGATIVE {
        "-".to_owned()
    } else {
        String::new()
    };
    let whole: String = (0..=weight.max(0))
        .rev()
        .map(|position| format!("{:04}", group(position)))
        .collect();
    let whole = whole.trim_start_matches('0');
    text.push_str(if whole.is_empty() { "0" } else { whole });
    if scale > 0 {
        let groups = i32::try_from(scale.div_ceil(4))?;
        let fraction: String = (1..=groups)
            .map(|position| format!("{:04}", group(-position)))
            .collect();
        text.push('.');
        text.push_str(&fraction[..scale]);
    }
    /// What a double holds without rounding.
    const EXACT_DIGITS: usize = 15;
    let significant = text.bytes().filter(u8::is_ascii_digit).count();
    match text.parse::<Number>() {
        Ok(number) if significant <= EXACT_DIGITS => Ok(number.into()),
        _ => Ok(text.into()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn arrays_are_written_so_that_no_item_can_break_out() {
        let value = json!(["plain", "a\"b\\c,}", null, 5, ["nested"]]);
        assert_eq!(
            literal(&value, true),
            r#"{"plain","a\"b\\c,}",NULL,"5",{"nested"}}"#
        );
        assert_eq!(literal(&value, false), value.to_string());
    }

    #[test]
    fn numerics_are_read_from_their_binary_form() {
        let binary = |words: &[u16]| {
            words
                .iter()
                .flat_map(|word| word.to_be_bytes())
                .collect::<Vec<u8>>()
        };
        for (words, value) in [
            (vec![2, 0, 0, 2, 12, 3400], json!(12.34)),
            (vec![1, 1, 0x4000, 0, 5], json!(-50_000)),
            (vec![1, 0xFFFF, 0, 4, 1], json!(0.0001)),
            (vec![0, 0, 0, 0], json!(0)),
            (vec![0, 0, 0xC000, 0], json!("NaN")),
            (vec![5, 4, 0, 0, 1, 2, 3, 4, 5], json!("10002000300040005")),
        ] {
            assert_eq!(numeric(&binary(&words)).unwrap(), value);
        }
    }
}
