//! Turns of calls that compute for long.
//!
//! Owns: that those who go on and on share all processors but one, whatever
//! their number, so that who has little to do finds one free. Each has a turn
//! as long as a tick, in the order in which they asked.
//! Must not know: what they compute, and when they are stopped.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Ticks that a call computes before it takes turns: a render of thousands of
/// rows has ended by then.
const AT_ONCE: u32 = 20;

/// The turns of a host. Cheap to clone; clones are one lane.
#[derive(Clone, Debug)]
pub(crate) struct Lane(Arc<Semaphore>);

impl Lane {
    /// For the processors of this machine.
    pub(crate) fn new() -> Self {
        let processors = thread::available_parallelism().map_or(1, usize::from);
        Self(Arc::new(Semaphore::new(
            processors.saturating_sub(1).max(1),
        )))
    }
}

/// What one call has of the lane.
#[derive(Debug)]
pub(crate) struct Slice {
    lane: Lane,
    /// For how many ticks the call has computed.
    ticks: AtomicU32,
    /// Its turn, while it computes.
    turn: Mutex<Option<OwnedSemaphorePermit>>,
}

impl Slice {
    pub(crate) fn new(lane: Lane) -> Self {
        Self {
            lane,
            ticks: AtomicU32::new(0),
            turn: Mutex::new(None),
        }
    }

    /// Of another call in the same lane.
    pub(crate) fn of_another(&self) -> Self {
        Self::new(self.lane.clone())
    }

    /// The call has computed for another tick; whether it has to wait for a
    /// turn before the next.
    pub(crate) fn ticked(&self) -> bool {
        self.ticks.fetch_add(1, Ordering::Relaxed) >= AT_ONCE
    }

    /// Lets others go first, then waits for a turn.
    pub(crate) async fn next_turn(self: Arc<Self>) {
        tokio::task::yield_now().await;
        // The lane is never closed.
        let turn = Arc::clone(&self.lane.0).acquire_owned().await;
        *self.lock() = turn.ok();
    }

    /// The call does not compute any more for now, whatever it waits for.
    pub(crate) fn pauses(&self) {
        if self.ticks.load(Ordering::Relaxed) > AT_ONCE {
            drop(self.lock().take());
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<OwnedSemaphorePermit>> {
        self.turn.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use futures_util::poll;

    use super::*;

    fn long(lane: &Lane) -> Arc<Slice> {
        let slice = Arc::new(Slice::new(lane.clone()));
        while !slice.ticked() {}
        slice
    }

    #[tokio::test]
    async fn who_computes_for_long_has_the_turn_until_it_pauses() {
        let lane = Lane(Arc::new(Semaphore::new(1)));
        let (one, other) = (long(&lane), long(&lane));
        Arc::clone(&one).next_turn().await;
        let mut waits = Box::pin(Arc::clone(&other).next_turn());
        assert!(poll!(&mut waits).is_pending(), "others go first");
        assert!(poll!(&mut waits).is_pending(), "the turn is taken");
        one.pauses();
        waits.await;
        assert_eq!(lane.0.available_permits(), 0);
        // A call that goes gives its turn back.
        drop(other);
        assert_eq!(lane.0.available_permits(), 1);
    }

    #[test]
    fn who_has_little_to_do_takes_no_turn() {
        let slice = Slice::new(Lane::new());
        for _ in 0..AT_ONCE {
            assert!(!slice.ticked());
            slice.pauses();
        }
        assert!(slice.ticked());
    }
}
