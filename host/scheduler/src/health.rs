//! Whether the scheduler's own tasks are alive.
//!
//! Owns: when each was last heard of, and how long it may be silent. It is told
//! by whoever asks, outside of the tasks: one that hangs can't say so. Must not
//! know: what they do.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use lombard_model::Timestamp;
use tokio::task::AbortHandle;

use crate::ScheduleClock;

/// How the scheduler does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchedulerHealth {
    /// Its own tasks.
    pub tasks: Vec<TaskHealth>,
    /// Jobs that there are.
    pub jobs: usize,
    /// Runs that wait or are under way.
    pub under_way: usize,
    /// Whether it takes no more work.
    pub is_stopping: bool,
}

impl SchedulerHealth {
    /// Whether every task is heard of as it should be.
    #[must_use]
    pub fn is_well(&self) -> bool {
        self.tasks.iter().all(|task| !task.is_late)
    }
}

/// How a task of the scheduler does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskHealth {
    /// Its name.
    pub task: &'static str,
    /// When it was last heard of.
    pub last_heartbeat: Timestamp,
    /// For how long it has been silent.
    pub silent: Duration,
    /// How often it should be heard of.
    pub expected_every: Duration,
    /// Whether it has been silent for more than twice as long, or has ended.
    pub is_late: bool,
}

/// A task, and when it was last heard of.
#[derive(Debug)]
pub(crate) struct Pulse {
    task: &'static str,
    every: Duration,
    clock: ScheduleClock,
    last: Mutex<(Timestamp, Duration)>,
    handle: Mutex<Option<AbortHandle>>,
}

impl Pulse {
    pub(crate) fn new(task: &'static str, every: Duration, clock: &ScheduleClock) -> Self {
        Self {
            task,
            every,
            last: Mutex::new((clock.now(), clock.elapsed())),
            clock: clock.clone(),
            handle: Mutex::default(),
        }
    }

    /// Called by the task.
    pub(crate) fn beat(&self) {
        let now = (self.clock.now(), self.clock.elapsed());
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = now;
    }

    /// Says which task it is.
    pub(crate) fn is_of(&self, handle: AbortHandle) {
        *self.handle.lock().unwrap_or_else(PoisonError::into_inner) = Some(handle);
    }

    pub(crate) fn health(&self) -> TaskHealth {
        let (last_heartbeat, at) = *self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let silent = self.clock.elapsed().saturating_sub(at);
        let handle = self.handle.lock().unwrap_or_else(PoisonError::into_inner);
        let has_ended = handle.as_ref().is_some_and(AbortHandle::is_finished);
        TaskHealth {
            task: self.task,
            last_heartbeat,
            silent,
            expected_every: self.every,
            is_late: has_ended || silent > self.every * 2,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_task_is_late_after_two_silent_beats_or_when_it_has_ended() {
        let clock = ScheduleClock::driven(Timestamp::from_micros(0));
        let every = Duration::from_secs(30);
        let pulse = Pulse::new("one", every, &clock);
        clock.advance(every * 2);
        assert!(!pulse.health().is_late);
        clock.advance(Duration::from_millis(1));
        assert!(pulse.health().is_late);
        pulse.beat();
        let health = pulse.health();
        assert!(!health.is_late && health.silent == Duration::ZERO);
        assert_eq!(health.last_heartbeat, clock.now());
        let task = tokio::spawn(async {});
        pulse.is_of(task.abort_handle());
        task.await.unwrap();
        assert!(pulse.health().is_late, "it has ended");
    }
}
