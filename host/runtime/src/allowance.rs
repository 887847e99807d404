//! What all calls of one plugin use together.
//!
//! Owns: how many of them run and wait at once, in which order they begin, and
//! how much they log in a second. Must not know: what a call does.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use lombard_model::{Exceeded, Limit, Limits};
use tokio::sync::oneshot;
use tokio::time::Instant;

use crate::limits::wide;

/// What the calls of a plugin have in hand together.
#[derive(Debug, Default)]
pub(crate) struct Allowance {
    calls: Mutex<Calls>,
    logged: Mutex<Logged>,
}

#[derive(Debug, Default)]
struct Calls {
    running: u64,
    /// How many may run: as the newest call has it.
    at_once: u64,
    /// The longest first.
    waiting: VecDeque<oneshot::Sender<Turn>>,
}

/// What was logged since this second began.
#[derive(Debug, Default)]
struct Logged {
    since: Option<Instant>,
    lines: u64,
    bytes: u64,
}

/// A call's turn to run; over when it is dropped.
#[derive(Debug)]
pub(crate) struct Turn {
    /// None where it was passed on.
    of: Option<Arc<Allowance>>,
}

impl Drop for Turn {
    fn drop(&mut self) {
        if let Some(allowance) = self.of.take() {
            allowance.lock_calls().running -= 1;
            allowance.begin_next();
        }
    }
}

impl Allowance {
    /// Waits for a turn, behind those who wait already.
    pub(crate) async fn turn(self: &Arc<Self>, limits: &Limits) -> Result<Turn, Exceeded> {
        let waiting = {
            let mut calls = self.lock_calls();
            calls.at_once = limits.get(Limit::ConcurrentCalls);
            // Those who have gone wait no longer.
            calls.waiting.retain(|one| !one.is_closed());
            let asked = wide(calls.waiting.len()).saturating_add(1);
            if calls.running < calls.at_once && calls.waiting.is_empty() {
                calls.running += 1;
                return Ok(self.turn_of_one());
            }
            if asked > limits.get(Limit::QueuedCalls) {
                return Err(limits.exceeded(Limit::QueuedCalls, Some(asked)));
            }
            let (begin, waiting) = oneshot::channel();
            calls.waiting.push_back(begin);
            waiting
        };
        self.begin_next();
        // The other half is dropped only after it has sent.
        let turn = waiting.await;
        turn.map_err(|_| limits.exceeded(Limit::ConcurrentCalls, None))
    }

    /// Lets those begin that may.
    fn begin_next(self: &Arc<Self>) {
        loop {
            let next = {
                let mut calls = self.lock_calls();
                if calls.running >= calls.at_once {
                    return;
                }
                let Some(next) = calls.waiting.pop_front() else {
                    return;
                };
                calls.running += 1;
                next
            };
            if let Err(mut unwanted) = next.send(self.turn_of_one()) {
                unwanted.of = None;
                self.lock_calls().running -= 1;
            }
        }
    }

    /// The turn of a call that is counted already.
    fn turn_of_one(self: &Arc<Self>) -> Turn {
        Turn {
            of: Some(Arc::clone(self)),
        }
    }

    /// Whether a line of so many bytes may be logged in this second.
    pub(crate) fn may_log(&self, bytes: usize, limits: &Limits) -> bool {
        let mut logged = self.logged.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let is_this_second = logged
            .since
            .is_some_and(|since| now.duration_since(since) < Duration::from_secs(1));
        if !is_this_second {
            *logged = Logged {
                since: Some(now),
                ..Logged::default()
            };
        }
        let (lines, bytes) = (logged.lines + 1, logged.bytes.saturating_add(wide(bytes)));
        let fits = lines <= limits.get(Limit::LogLinesPerSecond)
            && bytes <= limits.get(Limit::LogBytesPerSecond);
        if fits {
            (logged.lines, logged.bytes) = (lines, bytes);
        }
        fits
    }

    fn lock_calls(&self) -> MutexGuard<'_, Calls> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use futures_util::{FutureExt as _, poll};

    use super::*;

    fn limits(at_once: u64, queued: u64) -> Limits {
        Limits::default()
            .with(Limit::ConcurrentCalls, at_once)
            .with(Limit::QueuedCalls, queued)
    }

    #[tokio::test]
    async fn turns_are_taken_in_the_order_in_which_they_were_asked_for() {
        let allowance = Arc::new(Allowance::default());
        let limits = limits(2, 2);
        let first = allowance.turn(&limits).await.unwrap();
        let second = allowance.turn(&limits).await.unwrap();
        let mut third = Box::pin(allowance.turn(&limits));
        let mut fourth = Box::pin(allowance.turn(&limits));
        assert!(poll!(&mut third).is_pending());
        assert!(poll!(&mut fourth).is_pending());
        let refused = allowance.turn(&limits).await.unwrap_err();
        assert_eq!(
            (refused.limit, refused.value, refused.asked),
            (Limit::QueuedCalls, 2, Some(3))
        );
        drop(second);
        assert!(poll!(&mut fourth).is_pending());
        let third = third.await.unwrap();
        drop((first, third));
        drop(fourth.await.unwrap());
        assert_eq!(allowance.lock_calls().running, 0);
    }

    #[tokio::test]
    async fn who_goes_leaves_its_turn_to_the_next() {
        let allowance = Arc::new(Allowance::default());
        let limits = limits(1, 3);
        let first = allowance.turn(&limits).await.unwrap();
        let mut gone = Box::pin(allowance.turn(&limits));
        let mut given_and_gone = Box::pin(allowance.turn(&limits));
        let mut stays = Box::pin(allowance.turn(&limits));
        for waiting in [&mut gone, &mut given_and_gone, &mut stays] {
            assert!(poll!(waiting).is_pending());
        }
        drop(gone);
        drop(first);
        // It was given its turn, and never looked.
        drop(given_and_gone);
        let turn = stays.now_or_never().unwrap().unwrap();
        drop(turn);
        assert_eq!(allowance.lock_calls().running, 0);
    }

    #[tokio::test]
    async fn a_higher_limit_lets_those_begin_who_wait() {
        let allowance = Arc::new(Allowance::default());
        let _first = allowance.turn(&limits(1, 9)).await.unwrap();
        let one_at_once = limits(1, 9);
        let mut second = Box::pin(allowance.turn(&one_at_once));
        assert!(poll!(&mut second).is_pending());
        let _third = allowance.turn(&limits(3, 9)).await.unwrap();
        second.now_or_never().unwrap().unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn each_second_has_its_lines_and_bytes() {
        let allowance = Allowance::default();
        let limits = Limits::default()
            .with(Limit::LogLinesPerSecond, 3)
            .with(Limit::LogBytesPerSecond, 10);
        let lines = |bytes: usize, many: usize| {
            let admitted = (0..many).filter(|_| allowance.may_log(bytes, &limits));
            admitted.count()
        };
        assert_eq!(lines(1, 5), 3);
        tokio::time::advance(Duration::from_millis(999)).await;
        assert_eq!(lines(1, 1), 0);
        tokio::time::advance(Duration::from_millis(1)).await;
        assert_eq!(lines(5, 5), 2, "10 bytes just fit");
    }
}
