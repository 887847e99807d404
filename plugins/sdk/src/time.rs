//! Calendar days, for explanations that name one.
//!
//! Owns: the Gregorian calendar, forwards. Must not know: clocks; a plugin has
//! only the session's `as_of`.

use std::fmt;

use lombard_model::Timestamp;

const MICROS_PER_DAY: i64 = 24 * 60 * 60 * 1_000_000;

/// A day of the calendar, written as `2012-02-29`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day {
    year: i64,
    month: i64,
    day: i64,
}

/// The day of a point in time, in UTC.
#[must_use]
pub const fn day(time: Timestamp) -> Day {
    let mut rest = time.as_micros().div_euclid(MICROS_PER_DAY);
    // Years are walked in whole Gregorian cycles of 400, then one by one.
    let mut year = 1970 + rest.div_euclid(146_097) * 400;
    rest = rest.rem_euclid(146_097);
    while rest >= days_of_year(year) {
        rest -= days_of_year(year);
        year += 1;
    }
    let mut month = 1;
    while rest >= days_of_month(year, month) {
        rest -= days_of_month(year, month);
        month += 1;
    }
    Day {
        year,
        month,
        day: rest + 1,
    }
}

const fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

const fn days_of_year(year: i64) -> i64 {
    if is_leap(year) { 366 } else { 365 }
}

const fn days_of_month(year: i64, month: i64) -> i64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(days: i64) -> String {
        day(Timestamp::from_micros(days * MICROS_PER_DAY)).to_string()
    }

    #[test]
    fn days_are_those_of_the_calendar() {
        assert_eq!(written(0), "1970-01-01");
        assert_eq!(written(-1), "1969-12-31");
        assert_eq!(written(15_399), "2012-02-29");
        assert_eq!(written(15_400), "2012-03-01");
        assert_eq!(written(11_016), "2000-02-29");
        assert_eq!(written(47_540), "2100-02-28");
        assert_eq!(written(47_541), "2100-03-01");
    }
}
