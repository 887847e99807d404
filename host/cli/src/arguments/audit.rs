//! What can be written after `lombard audit`.
//!
//! Owns: its options, periods and thresholds as text. Must not know: what is
//! measured.

use std::time::Duration;

use clap::{Args, ValueEnum};
use lombard_model::{PluginName, Timestamp};

pub(crate) const AFTER_HELP: &str = "\
Examples:
  lombard audit
  lombard audit --since 15m --plugin my-widget
  lombard audit --json --fail-on loops=0 --fail-on statements=50

What --fail-on takes; the exit code is 1 where more than N was found:
  loops                look-up loops for which there is a set call
  statements           the most statements of one call
  sessions-per-second  sessions of the busiest second
  failures             calls that did not end well
  held-ms              the longest time a connection was held
  wait-ms              the longest wait for a connection
  near-limit           calls at 80 % of their deadline or memory, or beyond

With --json: `calls`, `failures`, `first`, `last`, `sessions` (`total`,
`per_second`, `busiest_second`), `statements`, `rows`, `bytes`, `cache`,
`connections`, and the lists `outcomes`, `callers`, `loops`, `near_limit`,
`holders` and `thresholds`. Times end in their unit: `_us` are microseconds.";

/// `lombard audit …`
#[derive(Debug, Args)]
pub(crate) struct AuditOptions {
    /// Calls that began since then: so long ago (90s, 15m, 2h, 7d) or a time
    /// such as 2025-10-10T09:00:00Z [default: all that are kept]
    #[arg(long, value_name = "WHEN", value_parser = since)]
    pub(crate) since: Option<Since>,
    /// Calls of this plugin only
    #[arg(long, value_name = "NAME")]
    pub(crate) plugin: Option<PluginName>,
    /// Looking up the same kind of thing more often in a call is a loop
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub(crate) loop_limit: u32,
    /// Rows of each list, at most
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    pub(crate) top: u32,
    /// Fail where more than N was found; may be given several times
    #[arg(long, value_name = "WHAT=N", value_parser = threshold)]
    pub(crate) fail_on: Vec<Threshold>,
}

/// Where a period begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Since {
    Ago(Duration),
    At(Timestamp),
}

impl Since {
    /// The point in time, seen from `now`.
    pub(crate) fn time(self, now: Timestamp) -> Timestamp {
        match self {
            Self::At(time) => time,
            Self::Ago(ago) => {
                let ago = i64::try_from(ago.as_micros()).unwrap_or(i64::MAX);
                Timestamp::from_micros(now.as_micros().saturating_sub(ago))
            }
        }
    }
}

/// What there can be too much of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Measure {
    Loops,
    Statements,
    SessionsPerSecond,
    Failures,
    HeldMs,
    WaitMs,
    NearLimit,
}

impl Measure {
    /// As it is written.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Loops => "loops",
            Self::Statements => "statements",
            Self::SessionsPerSecond => "sessions-per-second",
            Self::Failures => "failures",
            Self::HeldMs => "held-ms",
            Self::WaitMs => "wait-ms",
            Self::NearLimit => "near-limit",
        }
    }
}

/// How much of it may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Threshold {
    pub(crate) measure: Measure,
    pub(crate) most: u64,
}

fn since(text: &str) -> Result<Since, String> {
    if let Ok(time) = text.parse() {
        return Ok(Since::At(time));
    }
    let fault = "write it as 90s, 15m, 2h, 7d or 2025-10-10T09:00:00Z";
    let (unit_at, unit) = text.char_indices().next_back().ok_or(fault)?;
    let seconds: u64 = match unit {
        's' => 1,
        'm' => 60,
        'h' => 60 * 60,
        'd' => 24 * 60 * 60,
        _ => return Err(fault.to_owned()),
    };
    let count = &text[..unit_at];
    // A sign is read by `parse` and meant by nobody.
    if !count.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(fault.to_owned());
    }
    let count: u64 = count.parse().map_err(|_| fault)?;
    let seconds = count.checked_mul(seconds).ok_or(fault)?;
    Ok(Since::Ago(Duration::from_secs(seconds)))
}

fn threshold(text: &str) -> Result<Threshold, String> {
    let (what, most) = text.split_once('=').ok_or("write it as WHAT=N")?;
    let all = Measure::value_variants();
    let measure = all.iter().find(|one| one.as_str() == what).ok_or_else(|| {
        let known: Vec<_> = all.iter().map(|one| one.as_str()).collect();
        format!("there is: {}", known.join(", "))
    })?;
    let most = most.parse();
    let most = most.map_err(|_| format!("{what} needs a whole number from 0"))?;
    Ok(Threshold {
        measure: *measure,
        most,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_are_read() {
        let ago = |seconds| Ok(Since::Ago(Duration::from_secs(seconds)));
        assert_eq!(since("90s"), ago(90));
        assert_eq!(since("15m"), ago(900));
        assert_eq!(since("2h"), ago(7_200));
        assert_eq!(since("7d"), ago(604_800));
        assert!(matches!(since("2025-10-10T09:00:00Z"), Ok(Since::At(_))));
        for bad in [
            "",
            "5",
            "m",
            "-5m",
            "+5m",
            "1.5h",
            "5w",
            "5µ",
            "99999999999999999999d",
            "9999999999999999999d",
            "2025-10-10",
        ] {
            assert!(since(bad).is_err(), "{bad:?} was taken");
        }
    }

    #[test]
    fn thresholds_are_read() {
        for measure in Measure::value_variants() {
            let read = threshold(&format!("{}=3", measure.as_str()));
            let (measure, most) = (*measure, 3);
            assert_eq!(read, Ok(Threshold { measure, most }));
        }
        for bad in [
            "",
            "loops",
            "loops=",
            "loops=-1",
            "loops=1.5",
            "loop=1",
            "=1",
            "loops=1=2",
        ] {
            assert!(threshold(bad).is_err(), "{bad:?} was taken");
        }
    }

    #[test]
    fn a_period_begins_before_now_and_never_before_time() {
        let now = Timestamp::from_micros(5_000_000);
        let ago = Since::Ago(Duration::from_secs(2)).time(now);
        assert_eq!(ago.as_micros(), 3_000_000);
        let ages = Since::Ago(Duration::from_secs(u64::MAX)).time(now);
        assert!(ages < ago);
    }
}
