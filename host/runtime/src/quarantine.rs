//! Plugins that are left alone for a while.
//!
//! Owns: that a plugin which keeps failing is not called again and again: after
//! some failures in a row its calls are refused, for longer each time; then one
//! call is let through, and what becomes of it decides. A plugin that says why
//! it can't answer has not failed.
//! Must not know: how a call ends.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use lombard_model::{CallOutcome, Digest};
use tokio::time::Instant;

use crate::{CallError, Host};

/// When a plugin is left alone, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuarantineOptions {
    /// The failures in a row after which it is; none: never.
    pub after: Option<u32>,
    /// For how long the first time.
    pub first: Duration,
    /// For how long at most; each time is twice the last until then.
    pub most: Duration,
}

impl Default for QuarantineOptions {
    fn default() -> Self {
        Self {
            after: Some(5),
            first: Duration::from_secs(10),
            most: Duration::from_secs(600),
        }
    }
}

/// A plugin that is left alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quarantined {
    /// How often in a row it has failed.
    pub failures: u32,
    /// How long until a call is let through; zero where the next one is, or one
    /// is under way.
    pub left: Duration,
    /// How it failed the last time.
    pub last: String,
}

/// What is known of plugins that have failed.
#[derive(Debug)]
pub(crate) struct Quarantine {
    options: QuarantineOptions,
    records: Mutex<HashMap<Digest, Record>>,
}

#[derive(Debug, Default)]
struct Record {
    failures: u32,
    /// How often it was left alone since it last did well.
    pauses: u32,
    /// Until when its calls are refused; the first one after that is a trial.
    until: Option<Instant>,
    /// Whether the trial is under way.
    is_on_trial: bool,
    last: String,
}

impl Quarantine {
    pub(crate) fn new(options: QuarantineOptions) -> Self {
        Self {
            options,
            records: Mutex::default(),
        }
    }

    /// Lets a call of this plugin through, or says why not.
    pub(crate) fn admit(&self, digest: Digest) -> Result<Admitted<'_>, CallError> {
        let mut records = self.lock();
        if let Some(record) = records.get_mut(&digest)
            && let Some(until) = record.until
        {
            let left = until.saturating_duration_since(Instant::now());
            if record.is_on_trial || !left.is_zero() {
                return Err(CallError::Quarantined {
                    failures: record.failures,
                    left,
                    last: record.last.clone(),
                });
            }
            record.is_on_trial = true;
        }
        Ok(Admitted {
            quarantine: self,
            digest,
        })
    }

    /// Lets the calls of this plugin through from here on; whether they were
    /// not.
    pub(crate) fn resume(&self, digest: Digest) -> bool {
        let record = self.lock().remove(&digest);
        record.is_some_and(|record| record.until.is_some())
    }

    /// How a plugin is left alone, where it is.
    pub(crate) fn of(&self, digest: Digest) -> Option<Quarantined> {
        let records = self.lock();
        let record = records.get(&digest)?;
        let left = record.until?.saturating_duration_since(Instant::now());
        Some(Quarantined {
            failures: record.failures,
            left,
            last: record.last.clone(),
        })
    }

    fn failed(&self, digest: Digest, error: &CallError) {
        let Some(after) = self.options.after else {
            return;
        };
        let mut records = self.lock();
        let record = records.entry(digest).or_default();
        record.failures = record.failures.saturating_add(1);
        record.last = error.to_string();
        let now = Instant::now();
        // One that had begun before makes it no longer.
        let is_alone = record.until.is_some_and(|until| until > now);
        if !is_alone && (record.is_on_trial || record.failures >= after) {
            // Doubling stops long before this would.
            let doubled = 1_u32 << record.pauses.min(20);
            let pause = self.options.first.saturating_mul(doubled);
            record.until = Some(now + pause.min(self.options.most));
            record.pauses = record.pauses.saturating_add(1);
        }
        record.is_on_trial = false;
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Digest, Record>> {
        self.records.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Host {
    /// How the plugin with this digest is left alone, where it is.
    #[must_use]
    pub fn quarantined(&self, digest: Digest) -> Option<Quarantined> {
        self.quarantine.of(digest)
    }

    /// Lets the calls of the plugin with this digest through again; whether
    /// they were not.
    pub fn resume(&self, digest: Digest) -> bool {
        self.quarantine.resume(digest)
    }
}

/// A call that was let through. Dropped before it says how it ended, it was
/// cancelled, and the next one is as it would have been.
pub(crate) struct Admitted<'q> {
    quarantine: &'q Quarantine,
    digest: Digest,
}

impl Admitted<'_> {
    /// The call has ended like this.
    pub(crate) fn ended<T>(self, result: &Result<T, CallError>) {
        match result {
            Ok(_) => drop(self.quarantine.lock().remove(&self.digest)),
            Err(error) => match error.outcome() {
                CallOutcome::Trap | CallOutcome::Deadline | CallOutcome::Refused => {
                    self.quarantine.failed(self.digest, error);
                }
                CallOutcome::Error => drop(self.quarantine.lock().remove(&self.digest)),
                // Says nothing of the plugin.
                _ => {}
            },
        }
    }
}

impl Drop for Admitted<'_> {
    fn drop(&mut self) {
        if let Some(record) = self.quarantine.lock().get_mut(&self.digest) {
            record.is_on_trial = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use lombard_model::{Limit, Limits};

    use super::*;

    const FIRST: Duration = Duration::from_secs(10);
    const MOST: Duration = Duration::from_secs(35);

    fn quarantine() -> Quarantine {
        Quarantine::new(QuarantineOptions {
            after: Some(3),
            first: FIRST,
            most: MOST,
        })
    }

    fn one() -> Digest {
        Digest::new([1; 32])
    }

    fn trap() -> Result<(), CallError> {
        Err(Limits::default().exceeded(Limit::DeadlineMs, None).into())
    }

    fn fails(quarantine: &Quarantine) {
        quarantine.admit(one()).unwrap().ended(&trap());
    }

    fn left(quarantine: &Quarantine) -> Option<Duration> {
        match quarantine.admit(one()) {
            Ok(_) => None,
            Err(CallError::Quarantined { left, .. }) => Some(left),
            Err(other) => panic!("{other:?}"),
        }
    }

    #[tokio::test(start_paused = true)]
    async fn failures_in_a_row_have_it_left_alone_for_longer_each_time() {
        let quarantine = quarantine();
        for _ in 0..3 {
            assert_eq!(left(&quarantine), None);
            fails(&quarantine);
        }
        for pause in [FIRST, 2 * FIRST, MOST, MOST] {
            assert_eq!(left(&quarantine), Some(pause));
            tokio::time::advance(pause - Duration::from_millis(1)).await;
            assert_eq!(left(&quarantine), Some(Duration::from_millis(1)));
            tokio::time::advance(Duration::from_millis(1)).await;
            fails(&quarantine);
        }
        let status = quarantine.of(one()).unwrap();
        assert_eq!((status.failures, status.left), (7, MOST));
        assert_eq!(status.last, trap().unwrap_err().to_string());
        assert_eq!(quarantine.of(Digest::new([2; 32])), None);
    }

    #[tokio::test(start_paused = true)]
    async fn one_call_is_tried_and_the_others_wait_for_what_becomes_of_it() {
        let quarantine = quarantine();
        for _ in 0..3 {
            fails(&quarantine);
        }
        tokio::time::advance(FIRST).await;
        let trial = quarantine.admit(one()).unwrap();
        assert_eq!(left(&quarantine), Some(Duration::ZERO));
        // Cancelled: the next one is the trial.
        drop(trial);
        let trial = quarantine.admit(one()).unwrap();
        trial.ended(&Ok(()));
        assert_eq!((left(&quarantine), quarantine.of(one())), (None, None));
        // From the beginning.
        fails(&quarantine);
        fails(&quarantine);
        assert_eq!(left(&quarantine), None);
    }

    #[tokio::test(start_paused = true)]
    async fn what_a_plugin_says_or_the_host_can_t_do_is_no_failure() {
        let quarantine = quarantine();
        for _ in 0..10 {
            let unavailable = Err::<(), _>(CallError::Unavailable("full".to_owned()));
            fails(&quarantine);
            quarantine.admit(one()).unwrap().ended(&unavailable);
            fails(&quarantine);
            let told = Err::<(), _>(CallError::Plugin("no data".to_owned()));
            quarantine.admit(one()).unwrap().ended(&told);
        }
        assert_eq!(left(&quarantine), None);
    }

    #[tokio::test(start_paused = true)]
    async fn calls_that_had_begun_before_make_it_no_longer() {
        let quarantine = quarantine();
        let begun: Vec<_> = (0..10).map(|_| quarantine.admit(one()).unwrap()).collect();
        for call in begun {
            call.ended(&trap());
        }
        assert_eq!(left(&quarantine), Some(FIRST));
    }

    #[tokio::test(start_paused = true)]
    async fn somebody_may_let_it_through_before() {
        let quarantine = quarantine();
        assert!(!quarantine.resume(one()));
        for _ in 0..3 {
            fails(&quarantine);
        }
        assert!(quarantine.resume(one()));
        assert_eq!(left(&quarantine), None);
    }

    #[tokio::test(start_paused = true)]
    async fn it_can_be_switched_off() {
        let quarantine = Quarantine::new(QuarantineOptions {
            after: None,
            ..QuarantineOptions::default()
        });
        for _ in 0..100 {
            fails(&quarantine);
        }
        assert_eq!(left(&quarantine), None);
    }
}
