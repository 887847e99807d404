//! When something is to happen again and again.
//!
//! Owns: a cron expression in a time zone, which texts are one, and which
//! points in time it names, also where the clocks change. The zones are the
//! system's, else those that come with the host.
//! Must not know: clocks, and what is to happen.

use cronexpr::{Crontab, FallbackTimezoneOption, MakeTimestamp, ParseOptions, parse_crontab_with};
use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, TimeZone};

use crate::Timestamp;

/// Why a text is no schedule.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ScheduleError {
    /// The expression can't be read.
    #[error(
        "not a cron expression of 5 fields (minute, hour, day of month, month, day of week): {0}"
    )]
    Expression(String),
    /// The expression can be read, and there is no such day.
    #[error("a cron expression that never comes true within four years")]
    Never,
    /// No zone has this name.
    #[error("not the name of a time zone, such as America/New_York or UTC")]
    Zone,
}

/// A cron expression in a time zone.
///
/// Where the clocks change, what was planned happens once. An expression that
/// names its hours goes by the clock on the wall: what is planned within an
/// hour that is left out happens once, as the clocks change; what is
/// planned within an hour that comes twice happens the first time. An
/// expression of every hour (`*`) goes by elapsed time and knows no such hours.
#[derive(Clone, Debug)]
pub struct Schedule {
    expression: String,
    zone: TimeZone,
    zone_name: String,
    /// By the wall's time, written as if it were UTC, or by that of the zone.
    crontab: Crontab,
    is_hourly: bool,
}

impl PartialEq for Schedule {
    fn eq(&self, other: &Self) -> bool {
        (&self.expression, &self.zone_name) == (&other.expression, &other.zone_name)
    }
}

impl Eq for Schedule {}

/// How far back the last time is looked for, in minutes, one after the other.
/// A crontab finds nothing that is more than four years away.
const LOOK_BACK: [i64; 5] = [2 * 60, 2 * 1_440, 40 * 1_440, 400 * 1_440, 1_462 * 1_440];

const MICROS_PER_MINUTE: i64 = 60_000_000;

impl Schedule {
    /// Reads an expression of 5 fields and the name of a time zone.
    ///
    /// # Errors
    /// Where either can't be read, or the expression never comes true.
    pub fn parse(expression: &str, zone: &str) -> Result<Self, ScheduleError> {
        let fields: Vec<&str> = expression.split_ascii_whitespace().collect();
        if fields.len() > 5 {
            // The sixth would be taken for a time zone.
            let fault = format!("it has {} fields", fields.len());
            return Err(ScheduleError::Expression(fault));
        }
        let is_hourly = fields.get(1) == Some(&"*");
        let expression = fields.join(" ");
        let (zone, zone_name) = find_zone(zone)?;
        let crontab = match is_hourly {
            // The fault of the expression is told without the zone behind it.
            true => read(&expression).and_then(|_| read(&format!("{expression} {zone_name}"))),
            false => read(&expression),
        }?;
        let schedule = Self {
            expression,
            zone,
            zone_name,
            crontab,
            is_hourly,
        };
        // Any day will do: what comes at all comes within four years of it.
        match schedule.after(Timestamp::from_micros(0)) {
            Some(_) => Ok(schedule),
            None => Err(ScheduleError::Never),
        }
    }

    /// The expression, with one space between its fields.
    #[must_use]
    pub fn expression(&self) -> &str {
        &self.expression
    }

    /// The name of its time zone.
    #[must_use]
    pub fn zone(&self) -> &str {
        &self.zone_name
    }

    /// The first time after this one; none where there is none within four
    /// years.
    #[must_use]
    pub fn after(&self, time: Timestamp) -> Option<Timestamp> {
        let time = jiff::Timestamp::from_microsecond(time.as_micros()).ok()?;
        let found = match self.is_hourly {
            true => self
                .crontab
                .find_next(MakeTimestamp(time))
                .ok()?
                .timestamp(),
            false => self.after_by_the_wall(time)?,
        };
        Some(Timestamp::from_micros(found.as_microsecond()))
    }

    /// The last time at or before this one; none where there is none within
    /// four years.
    #[must_use]
    pub fn until(&self, time: Timestamp) -> Option<Timestamp> {
        LOOK_BACK.iter().find_map(|minutes| {
            let begin = time.as_micros().checked_sub(minutes * MICROS_PER_MINUTE)?;
            let first = self.after(Timestamp::from_micros(begin));
            let up_to_time = |found: &Timestamp| *found <= time;
            let found = std::iter::successors(first.filter(up_to_time), |last| {
                self.after(*last).filter(up_to_time)
            });
            found.last()
        })
    }

    /// The wall's times in their order give points in time in their order, but
    /// for those that come twice: the later ones of these are passed over.
    fn after_by_the_wall(&self, time: jiff::Timestamp) -> Option<jiff::Timestamp> {
        let mut wall = time.to_zoned(self.zone.clone()).datetime();
        loop {
            let as_utc = wall.to_zoned(TimeZone::UTC).ok()?.timestamp();
            let next = self.crontab.find_next(MakeTimestamp(as_utc)).ok()?;
            wall = next.datetime();
            let found = self.at(wall)?;
            if found > time {
                return Some(found);
            }
        }
    }

    /// When the clock on the wall shows this for the first time, or would have.
    fn at(&self, wall: DateTime) -> Option<jiff::Timestamp> {
        let ambiguous = self.zone.to_ambiguous_timestamp(wall);
        if let AmbiguousOffset::Gap { .. } = ambiguous.offset() {
            // By the clock as it was before, this is after the change.
            let after = ambiguous.later().ok()?;
            let change = self.zone.preceding(after).next();
            return Some(change.map_or(after, |change| change.timestamp()));
        }
        ambiguous.compatible().ok()
    }
}

/// Checks the name of a time zone; gives it as the zone itself writes it.
///
/// # Errors
/// [`ScheduleError::Zone`].
pub(crate) fn zone_name(name: &str) -> Result<String, ScheduleError> {
    find_zone(name).map(|(_, name)| name)
}

fn find_zone(name: &str) -> Result<(TimeZone, String), ScheduleError> {
    let zone = TimeZone::get(name).map_err(|_| ScheduleError::Zone)?;
    let name = zone.iana_name().ok_or(ScheduleError::Zone)?.to_owned();
    Ok((zone, name))
}

fn read(expression: &str) -> Result<Crontab, ScheduleError> {
    let mut options = ParseOptions::default();
    options.fallback_timezone_option = FallbackTimezoneOption::UTC;
    parse_crontab_with(expression, options).map_err(|error| {
        // What it says stands behind a mark under the place, on a line of its own.
        let words = error.to_string();
        let fault = words.rsplit_once("^ ").map_or(&*words, |(_, fault)| fault);
        ScheduleError::Expression(fault.replace('\n', " "))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const NEW_YORK: &str = "America/New_York";

    fn time(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn times(expression: &str, zone: &str, after: &str, many: usize) -> Vec<String> {
        let schedule = Schedule::parse(expression, zone).unwrap();
        let first = schedule.after(time(after));
        let all = std::iter::successors(first, |last| schedule.after(*last));
        all.take(many).map(|time| time.to_string()).collect()
    }

    #[test]
    fn an_hour_is_that_of_its_zone() {
        assert_eq!(
            times("30 9 * * 1-5", NEW_YORK, "2025-10-31T20:00:00Z", 2),
            // A weekend, and the end of summer time, lie before the first.
            ["2025-11-03T14:30:00Z", "2025-11-04T14:30:00Z"]
        );
        assert_eq!(
            times("30 9 * * *", "Asia/Kolkata", "2025-10-31T04:00:00Z", 1),
            ["2025-11-01T04:00:00Z"]
        );
    }

    #[test]
    fn what_is_planned_in_an_hour_that_is_left_out_happens_once() {
        // On 9 March 2025 the clocks went from 02:00 to 03:00, at 07:00 UTC.
        for expression in ["30 2 * * *", "15,30 2 * * *"] {
            let found = times(expression, NEW_YORK, "2025-03-09T05:00:00Z", 2);
            assert_eq!(found[0], "2025-03-09T07:00:00Z", "{expression}");
            assert!(found[1].starts_with("2025-03-10T06:"), "{expression}");
        }
        assert_eq!(
            times("0 2,3 * * *", NEW_YORK, "2025-03-09T05:00:00Z", 2),
            ["2025-03-09T07:00:00Z", "2025-03-10T06:00:00Z"]
        );
    }

    #[test]
    fn what_is_planned_in_an_hour_that_comes_twice_happens_the_first_time() {
        // On 2 November 2025 the clocks went from 02:00 to 01:00, at 06:00 UTC.
        assert_eq!(
            times("30 1 * * *", NEW_YORK, "2025-11-02T04:00:00Z", 2),
            ["2025-11-02T05:30:00Z", "2025-11-03T06:30:00Z"]
        );
        let between = times("30 1 * * *", NEW_YORK, "2025-11-02T05:45:00Z", 1);
        assert_eq!(between, ["2025-11-03T06:30:00Z"]);
        let schedule = Schedule::parse("*/30 1,2 * * *", NEW_YORK).unwrap();
        let last = schedule.until(time("2025-11-02T06:10:00Z"));
        assert_eq!(last, Some(time("2025-11-02T05:30:00Z")));
    }

    #[test]
    fn what_happens_every_hour_goes_by_elapsed_time() {
        assert_eq!(
            times("*/30 * * * *", NEW_YORK, "2025-11-02T05:00:00Z", 4),
            [
                "2025-11-02T05:30:00Z",
                "2025-11-02T06:00:00Z",
                "2025-11-02T06:30:00Z",
                "2025-11-02T07:00:00Z"
            ]
        );
        assert_eq!(
            times("15 * * * *", NEW_YORK, "2025-03-09T05:30:00Z", 3),
            [
                "2025-03-09T06:15:00Z",
                "2025-03-09T07:15:00Z",
                "2025-03-09T08:15:00Z"
            ]
        );
    }

    #[test]
    fn the_last_time_is_found_however_long_ago_it_was() {
        for (expression, now, last) in [
            ("* * * * *", "2025-10-10T12:00:30Z", "2025-10-10T12:00:00Z"),
            ("0 12 * * *", "2025-10-10T12:00:00Z", "2025-10-10T12:00:00Z"),
            ("0 0 1 1 *", "2025-10-10T12:00:00Z", "2025-01-01T00:00:00Z"),
            ("0 0 29 2 *", "2025-10-10T12:00:00Z", "2024-02-29T00:00:00Z"),
        ] {
            let schedule = Schedule::parse(expression, "UTC").unwrap();
            assert_eq!(schedule.until(time(now)), Some(time(last)), "{expression}");
        }
    }

    #[test]
    fn what_is_no_schedule_is_told() {
        let fault = |expression, zone| {
            let fault = Schedule::parse(expression, zone).unwrap_err();
            fault.to_string()
        };
        assert!(fault("61 * * * *", "UTC").contains("61"));
        for bad in [
            "",
            "* * * *",
            "* * * * * *",
            "* * * * * UTC",
            "a b c d e",
            "@daily",
        ] {
            assert!(
                fault(bad, "UTC").starts_with("not a cron expression"),
                "{bad:?}"
            );
        }
        for bad in ["61 * * * *", "0 25 * * *"] {
            assert!(!fault(bad, "UTC").contains('\n'), "{bad}");
        }
        assert!(fault("0 0 30 2 *", "UTC").contains("never"));
        assert!(fault("0 0 * * *", "America/Atlantis").contains("time zone"));
        assert!(fault("0 0 * * *", "").contains("time zone"));
        let schedule = Schedule::parse(" 0  9 * * 1 ", "europe/berlin").unwrap();
        assert_eq!(schedule.expression(), "0 9 * * 1");
        assert_eq!(schedule.zone(), "Europe/Berlin");
    }
}
