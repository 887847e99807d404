//! Jobs: what a host does again and again.
//!
//! Owns: the names of jobs, and the words for why a run was made and what
//! became of it. Must not know: when, and who runs them.

use std::fmt;
use std::str::FromStr;

use crate::named::named_enum;
use crate::{ExpertId, IdError, UseCase};

/// Names a job: what one expert instance does for one use case, as
/// `expert/1/enter-market`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JobId {
    /// The expert instance.
    pub expert: ExpertId,
    /// What it runs for.
    pub use_case: UseCase,
}

/// A text that names no job.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` names no job; a job is named like expert/1/enter-market or expert/1/open-positions")]
pub struct JobIdError(pub String);

impl fmt::Display for JobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let use_case = self.use_case.as_str().replace('_', "-");
        f.pad(&format!("expert/{}/{use_case}", self.expert))
    }
}

impl FromStr for JobId {
    type Err = JobIdError;

    fn from_str(text: &str) -> Result<Self, JobIdError> {
        let read = || {
            let (expert, use_case) = text.strip_prefix("expert/")?.split_once('/')?;
            let id = Self {
                expert: expert.parse().ok()?,
                use_case: use_case.replace('-', "_").parse().ok()?,
            };
            // One name for each: neither `expert/01/…` nor `…/enter_market`.
            (id.to_string() == text).then_some(id)
        };
        read().ok_or_else(|| JobIdError(text.chars().take(60).collect()))
    }
}

impl serde::Serialize for JobId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Names a run of a job. Runs are numbered in the order in which they were
/// noted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JobRunId(pub u64);

impl TryFrom<i64> for JobRunId {
    type Error = IdError;

    fn try_from(number: i64) -> Result<Self, IdError> {
        let id = u64::try_from(number).ok().filter(|id| *id > 0);
        id.map(Self).ok_or(IdError(number.into()))
    }
}

impl fmt::Display for JobRunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl serde::Serialize for JobRunId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(self.0)
    }
}

named_enum! {
    /// Why a run was made.
    "trigger": JobTrigger {
        /// Its time had come.
        Schedule = "schedule",
        /// Somebody asked for it.
        Hand = "hand",
        /// Its time had passed, or it was interrupted, while no host ran.
        CatchUp = "catch_up",
    }
}

named_enum! {
    /// What became of a run.
    "job outcome": JobOutcome {
        /// It waits for another run of its instance, or for room.
        Waiting = "waiting",
        /// It is under way.
        Running = "running",
        /// It gave an analysis.
        Ok = "ok",
        /// It failed, after all its attempts.
        Error = "error",
        /// It was not done in time.
        Deadline = "deadline",
        /// It was not made: the last one was still under way.
        Skipped = "skipped",
        /// It was not made: no host ran at its time.
        Missed = "missed",
        /// The host ended in the middle of it.
        Interrupted = "interrupted",
        /// Somebody stopped it.
        Cancelled = "cancelled",
    }
}

impl JobOutcome {
    /// Whether nothing more comes of the run.
    #[must_use]
    pub const fn is_over(self) -> bool {
        !matches!(self, Self::Waiting | Self::Running)
    }
}

named_enum! {
    /// What becomes of runs whose time passed while no host ran, or that were
    /// interrupted.
    "policy": MissedPolicy {
        /// They are noted and not made.
        Skip = "skip",
        /// One run is made for all of them.
        RunOnce = "run-once",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_has_one_name() {
        let id = JobId {
            expert: ExpertId::try_from(7_u64).unwrap(),
            use_case: UseCase::OpenPositions,
        };
        assert_eq!(id.to_string(), "expert/7/open-positions");
        assert_eq!("expert/7/open-positions".parse(), Ok(id));
        for bad in [
            "",
            "expert/7",
            "expert/07/open-positions",
            "expert/7/open_positions",
            "account/7/open-positions",
            "expert/0/enter-market",
        ] {
            assert!(bad.parse::<JobId>().is_err(), "{bad:?} was taken");
        }
    }
}
