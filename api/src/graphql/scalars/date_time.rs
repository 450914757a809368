//! `DateTime`: nanoseconds since the epoch inside, RFC 3339 outside.

use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value};

const NANOS_PER_SECOND: i64 = 1_000_000_000;
const SECONDS_PER_DAY: i64 = 86_400;

/// A point in time, exact to the nanosecond.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DateTime(i64);

impl DateTime {
    /// From nanoseconds since the Unix epoch.
    pub const fn from_unix_nanos(nanos: i64) -> Self {
        Self(nanos)
    }

    /// Nanoseconds since the Unix epoch.
    pub const fn unix_nanos(self) -> i64 {
        self.0
    }

    /// Appends the RFC 3339 form in UTC: `2026-01-31T12:00:00.123456789Z`, with 0, 3, 6 or 9 decimals, as many as are needed.
    pub fn write(self, out: &mut Vec<u8>) {
        let seconds = self.0.div_euclid(NANOS_PER_SECOND);
        let nanos = self.0.rem_euclid(NANOS_PER_SECOND);
        let (year, month, day) = civil_date(seconds.div_euclid(SECONDS_PER_DAY));
        let second_of_day = seconds.rem_euclid(SECONDS_PER_DAY);
        decimal(out, year, 4);
        out.push(b'-');
        decimal(out, month, 2);
        out.push(b'-');
        decimal(out, day, 2);
        out.push(b'T');
        decimal(out, second_of_day / 3_600, 2);
        out.push(b':');
        decimal(out, second_of_day / 60 % 60, 2);
        out.push(b':');
        decimal(out, second_of_day % 60, 2);
        match nanos {
            0 => {}
            n if n % 1_000_000 == 0 => {
                out.push(b'.');
                decimal(out, n / 1_000_000, 3);
            }
            n if n % 1_000 == 0 => {
                out.push(b'.');
                decimal(out, n / 1_000, 6);
            }
            n => {
                out.push(b'.');
                decimal(out, n, 9);
            }
        }
        out.push(b'Z');
    }
}

/// Appends `value` with leading zeros to `width` digits.
fn decimal(out: &mut Vec<u8>, mut value: i64, width: usize) {
    let mut digits = [b'0'; 9];
    for digit in digits[..width].iter_mut().rev() {
        *digit = b'0' + u8::try_from(value % 10).unwrap_or(0);
        value /= 10;
    }
    out.extend_from_slice(&digits[..width]);
}

/// Year, month and day of a day counted from 1970-01-01, in the proleptic Gregorian calendar.
///
/// Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", `civil_from_days`.
fn civil_date(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 {
        shifted_month + 3
    } else {
        shifted_month - 9
    };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

impl std::fmt::Display for DateTime {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut text = Vec::with_capacity(30);
        self.write(&mut text);
        f.write_str(&String::from_utf8_lossy(&text))
    }
}

/// A point in time in RFC 3339, in UTC, with as many decimals as are needed up to nanoseconds:
/// `2026-01-31T12:00:00.123456789Z`.
#[Scalar(
    name = "DateTime",
    specified_by_url = "https://scalars.graphql.org/andimarek/date-time.html"
)]
impl ScalarType for DateTime {
    fn parse(value: Value) -> InputValueResult<Self> {
        let Value::String(text) = &value else {
            return Err(InputValueError::expected_type(value));
        };
        let parsed = chrono::DateTime::parse_from_rfc3339(text).map_err(|_| {
            InputValueError::custom("not a time in RFC 3339, such as 2026-01-31T12:00:00Z")
        })?;
        parsed
            .timestamp_nanos_opt()
            .map(Self)
            .ok_or_else(|| InputValueError::custom("out of the range of years 1678 to 2262"))
    }

    fn to_value(&self) -> Value {
        Value::String(self.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_what_chrono_prints() {
        let samples = [
            0,
            1,
            -1,
            1_000,
            1_000_000,
            1_700_000_000_123_456_789,
            951_782_400_000_000_000,
            4_102_444_800_000_000_000,
            -2_208_988_800_000_000_000,
            i64::MAX,
            i64::MIN + 1,
        ];
        for nanos in samples {
            let expected = chrono::DateTime::from_timestamp_nanos(nanos)
                .to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true);
            assert_eq!(DateTime(nanos).to_string(), expected);
        }
        for day in -200_000..200_000_i64 {
            let nanos = day.checked_mul(SECONDS_PER_DAY * NANOS_PER_SECOND);
            let Some(nanos) = nanos else { continue };
            let expected = chrono::DateTime::from_timestamp_nanos(nanos)
                .to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true);
            assert_eq!(DateTime(nanos).to_string(), expected);
        }
    }

    #[test]
    fn parses_offsets_and_keeps_nanoseconds() {
        let parsed = DateTime::parse(Value::String("2026-01-31T13:00:00.000000001+01:00".into()));
        assert_eq!(
            parsed.ok().map(|time| time.to_string()),
            Some("2026-01-31T12:00:00.000000001Z".into())
        );
        assert!(DateTime::parse(Value::String("yesterday".into())).is_err());
        assert!(DateTime::parse(Value::String("9999-01-01T00:00:00Z".into())).is_err());
    }
}
