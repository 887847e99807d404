//! What is due.
//!
//! Owns: which of the planned times up to now is run, and which are missed. Must
//! not know: why nobody was there, and who runs.

use std::time::Duration;

use lombard_model::{JobTrigger, MissedPolicy, Schedule, Timestamp};

use crate::clock::since;

/// The most missed runs that are counted.
const COUNTED: usize = 1_000;

/// What is to be done about planned times that have come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Due {
    /// The last of them: none up to it needs anything more after this.
    pub(crate) until: Timestamp,
    /// Why a run is made for it; none where none is.
    pub(crate) run: Option<JobTrigger>,
    /// Those for which none is made.
    pub(crate) missed: Option<Missed>,
}

/// Planned times for which no run is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Missed {
    /// How many, counted to a thousand.
    pub(crate) many: usize,
    pub(crate) first: Timestamp,
    pub(crate) last: Timestamp,
}

impl Missed {
    /// Why they were not made.
    pub(crate) fn words(&self) -> String {
        match self.many {
            1 => "no host was there at its time".to_owned(),
            many => {
                let more = if many < COUNTED { "" } else { " or more" };
                let (first, last) = (self.first, self.last);
                format!("no host was there for {many}{more} runs planned from {first} to {last}")
            }
        }
    }
}

/// What is due of a schedule of which times up to `dealt_until` need nothing
/// more. None where nothing is.
pub(crate) fn due(
    schedule: &Schedule,
    dealt_until: Timestamp,
    now: Timestamp,
    late: Duration,
    policy: MissedPolicy,
) -> Option<Due> {
    let first = schedule.after(dealt_until).filter(|first| *first <= now)?;
    let until = schedule.until(now).map_or(first, |last| last.max(first));
    let run = match policy {
        _ if since(now, until) <= late => Some(JobTrigger::Schedule),
        MissedPolicy::RunOnce => Some(JobTrigger::CatchUp),
        MissedPolicy::Skip => None,
    };
    let is_missed = |time: &Timestamp| *time < until || (run.is_none() && *time == until);
    let (mut many, mut last) = (0, first);
    let missed = std::iter::successors(Some(first), |time| schedule.after(*time));
    for time in missed.take_while(is_missed).take(COUNTED) {
        (many, last) = (many + 1, time);
    }
    if many == COUNTED {
        last = until;
    }
    Some(Due {
        until,
        run,
        missed: (many > 0).then_some(Missed { many, first, last }),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const LATE: Duration = Duration::from_secs(60);

    fn time(text: &str) -> Timestamp {
        format!("2025-10-{text}Z").parse().unwrap()
    }

    fn daily(dealt_until: &str, now: &str, policy: MissedPolicy) -> Option<Due> {
        let schedule = Schedule::parse("0 9 * * *", "UTC").unwrap();
        due(&schedule, time(dealt_until), time(now), LATE, policy)
    }

    #[test]
    fn what_is_planned_is_due_from_its_time_on() {
        for policy in [MissedPolicy::Skip, MissedPolicy::RunOnce] {
            assert_eq!(daily("09T09:00:00", "10T08:59:59", policy), None);
            for now in ["10T09:00:00", "10T09:01:00"] {
                let due = daily("09T09:00:00", now, policy).unwrap();
                assert_eq!(due.run, Some(JobTrigger::Schedule), "{now}");
                assert_eq!((due.until, due.missed), (time("10T09:00:00"), None));
            }
            assert_eq!(daily("10T09:00:00", "10T09:00:00", policy), None);
        }
    }

    #[test]
    fn what_is_too_late_is_missed_or_made_once() {
        let skipped = daily("07T09:00:00", "10T09:01:01", MissedPolicy::Skip).unwrap();
        let missed = |many, last| {
            let (first, last) = (time("08T09:00:00"), time(last));
            Some(Missed { many, first, last })
        };
        assert_eq!(
            (skipped.run, skipped.missed),
            (None, missed(3, "10T09:00:00"))
        );
        let once = daily("07T09:00:00", "10T09:01:01", MissedPolicy::RunOnce).unwrap();
        assert_eq!(once.run, Some(JobTrigger::CatchUp));
        assert_eq!(
            (once.until, once.missed),
            (time("10T09:00:00"), missed(2, "09T09:00:00"))
        );
        // Back in time for the last: that one is as planned.
        let in_time = daily("07T09:00:00", "10T09:00:01", MissedPolicy::Skip).unwrap();
        assert_eq!(in_time.run, Some(JobTrigger::Schedule));
        assert_eq!(in_time.missed, missed(2, "09T09:00:00"));
    }

    #[test]
    fn a_clock_that_was_set_back_repeats_nothing() {
        assert_eq!(
            daily("10T09:00:00", "09T09:00:00", MissedPolicy::RunOnce),
            None
        );
    }

    #[test]
    fn very_many_missed_runs_are_counted_to_a_thousand() {
        let schedule = Schedule::parse("* * * * *", "UTC").unwrap();
        let (dealt, now) = (time("01T00:00:00"), time("09T00:00:30"));
        let due = due(&schedule, dealt, now, LATE, MissedPolicy::Skip).unwrap();
        assert_eq!(due.until, time("09T00:00:00"));
        assert!(due.missed.unwrap().words().contains("1000 or more"));
    }
}
