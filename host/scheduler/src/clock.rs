//! The clock that schedules go by.
//!
//! Owns: the time of day, the time that passes, and waiting for either. The two
//! are not one: the time of day can be set, and stands while a machine sleeps.
//! Must not know: what is waited for.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use lombard_model::Timestamp;
use tokio::sync::watch;

/// The clock that schedules go by. Clones are one clock.
#[derive(Clone, Debug)]
pub struct ScheduleClock {
    begun: Instant,
    driven: Option<Arc<watch::Sender<Driven>>>,
}

/// What a driven clock shows.
#[derive(Clone, Copy, Debug)]
struct Driven {
    time: Timestamp,
    elapsed: Duration,
}

impl Default for ScheduleClock {
    /// The system's.
    fn default() -> Self {
        Self {
            begun: Instant::now(),
            driven: None,
        }
    }
}

impl ScheduleClock {
    /// A clock that stands at this time until it is told otherwise.
    #[must_use]
    pub fn driven(time: Timestamp) -> Self {
        let elapsed = Duration::ZERO;
        Self {
            driven: Some(Arc::new(watch::Sender::new(Driven { time, elapsed }))),
            ..Self::default()
        }
    }

    /// Lets time pass on a driven clock. The system's goes by itself.
    pub fn advance(&self, by: Duration) {
        self.drive(|driven| {
            driven.time = later(driven.time, by);
            driven.elapsed += by;
        });
    }

    /// Sets the time of day of a driven clock: no time passes by that.
    pub fn set(&self, time: Timestamp) {
        self.drive(|driven| driven.time = time);
    }

    /// The time of day.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        match &self.driven {
            Some(driven) => driven.borrow().time,
            None => Timestamp::from_system_time(SystemTime::now()),
        }
    }

    /// The time since the clock was made.
    pub(crate) fn elapsed(&self) -> Duration {
        match &self.driven {
            Some(driven) => driven.borrow().elapsed,
            None => self.begun.elapsed(),
        }
    }

    /// Waits for so long.
    pub(crate) async fn sleep(&self, time: Duration) {
        let until = self.elapsed().saturating_add(time);
        match &self.driven {
            Some(driven) => wait(driven, |shown| shown.elapsed >= until).await,
            None => tokio::time::sleep(time).await,
        }
    }

    /// Waits until it is this time of day, but no longer than `most`: the time
    /// of day may be set meanwhile.
    pub(crate) async fn reach(&self, time: Option<Timestamp>, most: Duration) {
        let until = self.elapsed().saturating_add(most);
        if let Some(driven) = &self.driven {
            let is_there = |shown: &Driven| {
                shown.elapsed >= until || time.is_some_and(|time| shown.time >= time)
            };
            return wait(driven, is_there).await;
        }
        let left = time.map_or(most, |time| since(time, self.now()));
        tokio::time::sleep(left.min(most)).await;
    }

    fn drive(&self, change: impl FnOnce(&mut Driven)) {
        if let Some(driven) = &self.driven {
            driven.send_modify(change);
        }
    }
}

async fn wait(driven: &watch::Sender<Driven>, is_there: impl FnMut(&Driven) -> bool) {
    // The sender is this clock's own.
    let _ = driven.subscribe().wait_for(is_there).await;
}

/// This time, so much later.
pub(crate) fn later(time: Timestamp, by: Duration) -> Timestamp {
    let by = i64::try_from(by.as_micros()).unwrap_or(i64::MAX);
    Timestamp::from_micros(time.as_micros().saturating_add(by))
}

/// This time, so much earlier.
pub(crate) fn earlier(time: Timestamp, by: Duration) -> Timestamp {
    let by = i64::try_from(by.as_micros()).unwrap_or(i64::MAX);
    Timestamp::from_micros(time.as_micros().saturating_sub(by))
}

/// How much later one time is than another; nothing where it is not.
pub(crate) fn since(time: Timestamp, earlier: Timestamp) -> Duration {
    let micros = time.as_micros().saturating_sub(earlier.as_micros());
    Duration::from_micros(u64::try_from(micros).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_driven_clock_goes_when_it_is_told_to() {
        let clock = ScheduleClock::driven(Timestamp::from_micros(0));
        clock.sleep(Duration::ZERO).await;
        let slept = clock.clone();
        let sleep = tokio::spawn(async move { slept.sleep(Duration::from_secs(60)).await });
        clock.set(Timestamp::from_micros(1 << 40));
        assert_eq!(clock.elapsed(), Duration::ZERO);
        tokio::task::yield_now().await;
        assert!(
            !sleep.is_finished(),
            "setting a clock is no time that passes"
        );
        clock.advance(Duration::from_secs(60));
        sleep.await.unwrap();
        clock
            .reach(Some(Timestamp::from_micros(7)), Duration::MAX)
            .await;
    }
}
