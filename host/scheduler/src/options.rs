//! How a scheduler is set up.
//!
//! Owns: the options and their defaults. Must not know: what is done by them.

use std::time::Duration;

use lombard_model::{JobId, Timestamp};

use crate::ScheduleClock;

/// How a scheduler is set up.
#[derive(Clone, Debug)]
pub struct SchedulerOptions {
    /// What schedules go by.
    pub clock: ScheduleClock,
    /// Runs at once, at least 1; others wait for room.
    pub concurrent: usize,
    /// How long a run may take, with all its attempts and the pauses between
    /// them. What it waits for its instance and for room does not count.
    pub deadline: Duration,
    /// What is tried again.
    pub backoff: Backoff,
    /// How late a run may begin and still be the one that was planned; one
    /// whose time is longer ago was missed.
    pub late: Duration,
    /// Runs that stay in the history, the newest.
    pub runs_kept: u32,
    /// How long they stay; none: until newer ones push them out.
    pub age_kept: Option<Duration>,
    /// How often the scheduler's own tasks show that they are alive.
    pub heartbeat: Duration,
}

impl Default for SchedulerOptions {
    fn default() -> Self {
        Self {
            clock: ScheduleClock::default(),
            concurrent: 2,
            deadline: Duration::from_secs(10 * 60),
            backoff: Backoff::default(),
            late: Duration::from_secs(60),
            runs_kept: 10_000,
            age_kept: Some(Duration::from_secs(90 * 24 * 60 * 60)),
            heartbeat: Duration::from_secs(30),
        }
    }
}

/// What is tried again, where it may pass.
#[derive(Clone, Debug)]
pub struct Backoff {
    /// Attempts at a run, the first included, at least 1.
    pub attempts: u32,
    /// The pause after the first attempt. Each further one is twice as long.
    pub first: Duration,
    /// The longest pause.
    pub most: Duration,
    /// How much of a pause is left out.
    pub jitter: Jitter,
}

impl Default for Backoff {
    fn default() -> Self {
        Self {
            attempts: 4,
            first: Duration::from_secs(5),
            most: Duration::from_secs(5 * 60),
            jitter: Jitter::Hashed,
        }
    }
}

/// How much of a pause is left out, so that runs that failed together are not
/// tried again together: up to half of it. No two sources give the same run
/// another pause when it is looked at again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Jitter {
    /// So much as the job's name, the planned time and the attempt give.
    Hashed,
    /// So many thousandths of that half.
    Permille(u16),
}

impl Jitter {
    /// How many thousandths of half the pause are left out.
    fn permille(self, job: JobId, planned_at: Timestamp, attempt: u32) -> u32 {
        match self {
            Self::Permille(part) => u32::from(part.min(1_000)),
            Self::Hashed => {
                let seed = format!("{job} {} {attempt}", planned_at.as_micros());
                // FNV-1a: the same on every machine and in every version.
                let hash = seed.bytes().fold(0x811c_9dc5_u32, |hash, byte| {
                    (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
                });
                hash % 1_001
            }
        }
    }
}

impl Backoff {
    /// The pause after this attempt.
    pub(crate) fn pause(&self, job: JobId, planned_at: Timestamp, attempt: u32) -> Duration {
        let doublings = attempt.saturating_sub(1).min(31);
        let full = self.first.saturating_mul(1 << doublings).min(self.most);
        let left_out = self.jitter.permille(job, planned_at, attempt);
        full - (full / 2_000) * left_out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pauses(backoff: &Backoff) -> Vec<u64> {
        let job = "expert/1/enter-market".parse().unwrap();
        let pause = |attempt| backoff.pause(job, Timestamp::from_micros(5), attempt);
        let pauses = (1..=8).map(|attempt| pause(attempt).as_millis());
        pauses.map(|millis| millis.try_into().unwrap()).collect()
    }

    #[test]
    fn a_pause_doubles_up_to_the_longest() {
        let backoff = Backoff {
            jitter: Jitter::Permille(0),
            ..Backoff::default()
        };
        let seconds = [
            5_000, 10_000, 20_000, 40_000, 80_000, 160_000, 300_000, 300_000,
        ];
        assert_eq!(pauses(&backoff), seconds);
        let half = Backoff {
            jitter: Jitter::Permille(1_000),
            ..backoff
        };
        assert_eq!(pauses(&half), seconds.map(|pause| pause / 2));
    }

    #[test]
    fn jitter_is_the_same_each_time_and_another_for_each_attempt() {
        let backoff = Backoff::default();
        assert_eq!(pauses(&backoff), pauses(&backoff));
        let longest = &pauses(&backoff)[6..];
        assert!(
            longest
                .iter()
                .all(|pause| (150_000..=300_000).contains(pause))
        );
        assert_ne!(longest[0], longest[1]);
    }
}
