//! Points in time, in the one unit that crosses the boundary.
//!
//! Owns: UTC microseconds, RFC 3339 and calendar days.
//! Must not know: clocks. Time is always given.

const MICROS_PER_DAY: i64 = 24 * 60 * 60 * 1_000_000;

/// A text or number that is no point in time.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a time such as 2025-10-10T09:01:00Z")]
pub struct TimestampError(pub String);

/// Microseconds since 1970-01-01T00:00:00Z, without leap seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The point in time that is so many microseconds after 1970 began.
    #[must_use]
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Microseconds since 1970 began.
    #[must_use]
    pub const fn as_micros(self) -> i64 {
        self.0
    }

    /// Midnight UTC of the same day; the earliest point in time, where that day
    /// began before it.
    #[must_use]
    pub const fn day(self) -> Self {
        Self(self.0.saturating_sub(self.0.rem_euclid(MICROS_PER_DAY)))
    }

    /// Whole days from `earlier` to this day, by the calendar.
    #[must_use]
    pub const fn days_since(self, earlier: Self) -> i64 {
        self.0.div_euclid(MICROS_PER_DAY) - earlier.0.div_euclid(MICROS_PER_DAY)
    }
}

#[cfg(feature = "host")]
mod host {
    use std::fmt;

    use super::{Timestamp, TimestampError};

    impl Timestamp {
        /// The point in time of a system clock's reading.
        #[must_use]
        pub fn from_system_time(time: std::time::SystemTime) -> Self {
            let micros = jiff::Timestamp::try_from(time).map(jiff::Timestamp::as_microsecond);
            // A clock outside the years jiff knows is a clock that is not set.
            Self::from_micros(micros.unwrap_or(0))
        }

        /// Midnight UTC of a day such as `2012-01-03`.
        ///
        /// # Errors
        /// For a text that is no calendar day.
        pub fn from_day(text: &str) -> Result<Self, TimestampError> {
            let bad = || TimestampError(text.chars().take(40).collect());
            let date: jiff::civil::Date = text.parse().map_err(|_| bad())?;
            if date.to_string() != text {
                return Err(bad());
            }
            let midnight = date.to_zoned(jiff::tz::TimeZone::UTC).map_err(|_| bad())?;
            Ok(Self::from_micros(midnight.timestamp().as_microsecond()))
        }

        /// The day as `2012-01-03`.
        #[must_use]
        pub fn to_day(self) -> String {
            self.to_string().chars().take(10).collect()
        }
    }

    impl std::str::FromStr for Timestamp {
        type Err = TimestampError;

        fn from_str(text: &str) -> Result<Self, TimestampError> {
            text.parse::<jiff::Timestamp>()
                .map(|time| Self::from_micros(time.as_microsecond()))
                .map_err(|_| TimestampError(text.chars().take(40).collect()))
        }
    }

    impl fmt::Display for Timestamp {
        /// RFC 3339, in UTC.
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            match jiff::Timestamp::from_microsecond(self.as_micros()) {
                Ok(time) => f.pad(&time.to_string()),
                Err(_) => write!(f, "{} µs", self.as_micros()),
            }
        }
    }

    impl serde::Serialize for Timestamp {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.collect_str(self)
        }
    }

    impl<'de> serde::Deserialize<'de> for Timestamp {
        fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            let text = String::deserialize(deserializer)?;
            text.parse().map_err(serde::de::Error::custom)
        }
    }
}

#[cfg(all(test, feature = "host"))]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_and_written_as_rfc_3339() {
        let time: Timestamp = "2025-10-10T11:01:00.000001+02:00".parse().unwrap();
        assert_eq!(time.to_string(), "2025-10-10T09:01:00.000001Z");
        assert_eq!(time.day().to_string(), "2025-10-10T00:00:00Z");
        assert_eq!(time.to_day(), "2025-10-10");
        for bad in [
            "",
            "yesterday",
            "2025-10-10",
            "2025-13-10T00:00:00Z",
            "2025-10-10T09:01:00",
        ] {
            assert!(bad.parse::<Timestamp>().is_err(), "{bad:?} was taken");
        }
    }

    #[test]
    fn days_are_calendar_days() {
        let leap = Timestamp::from_day("2012-02-29").unwrap();
        let next = Timestamp::from_day("2012-03-01").unwrap();
        assert_eq!(next.days_since(leap), 1);
        for bad in ["2013-02-29", "20120103", "2012-1-3", ""] {
            assert!(Timestamp::from_day(bad).is_err(), "{bad:?} was taken");
        }
    }

    #[test]
    fn the_ends_of_time_have_days() {
        let (first, last) = (Timestamp(i64::MIN), Timestamp(i64::MAX));
        assert_eq!(first.day(), first);
        assert!(last.day() < last);
        assert_eq!(last.days_since(first), 213_503_983);
        assert_eq!(first.days_since(last), -213_503_983);
    }

    #[test]
    fn before_1970_the_day_still_begins_at_midnight() {
        let time: Timestamp = "1969-12-31T23:59:59Z".parse().unwrap();
        assert_eq!(time.day().to_string(), "1969-12-31T00:00:00Z");
    }
}
