//! What went over a session.
//!
//! Owns: the count, readable by others while the session lives and after it
//! has gone, however it went; and the two clocks in it, of waiting and of
//! holding. Must not know: what is read.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// What went over a session.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SessionCost {
    /// Sessions that took a connection: 0 or 1.
    pub sessions: u32,
    /// The most connections held at once: 0 or 1.
    pub connections: u32,
    /// Statements, transaction control apart: the beginning with the reading
    /// of its version, and the end.
    pub statements: u32,
    /// Rows that they gave.
    pub rows: u64,
    /// Bytes of these rows, as the database gives them.
    pub bytes: u64,
    /// What was given out of a cache.
    pub cache_hits: u64,
    /// What was looked for in a cache and not there.
    pub cache_misses: u64,
    /// Waiting for the connection, or for another session to load.
    pub waited: Duration,
    /// Holding the connection.
    pub held: Duration,
}

/// The account of one session. Cheap to clone; clones are one account.
#[derive(Clone, Debug, Default)]
pub struct Meter {
    inner: Arc<Mutex<Inner>>,
}

#[derive(Debug, Default)]
struct Inner {
    cost: SessionCost,
    waiting_since: Option<Instant>,
    held_since: Option<Instant>,
}

impl Meter {
    /// What it is so far, with a wait and a hold that are not over.
    #[must_use]
    pub fn cost(&self) -> SessionCost {
        self.with(|inner| SessionCost {
            waited: inner.cost.waited + so_far(inner.waiting_since),
            held: inner.cost.held + so_far(inner.held_since),
            ..inner.cost
        })
    }

    /// The time waited so far.
    #[must_use]
    pub fn waited(&self) -> Duration {
        self.with(|inner| inner.cost.waited + so_far(inner.waiting_since))
    }

    pub(crate) fn count_statement(&self) {
        self.with(|inner| inner.cost.statements += 1);
    }

    pub(crate) fn count_rows(&self, rows: usize, bytes: usize) {
        let count = |many: usize| u64::try_from(many).unwrap_or(u64::MAX);
        self.with(|inner| {
            inner.cost.rows += count(rows);
            inner.cost.bytes += count(bytes);
        });
    }

    /// Counts a look into a cache.
    pub fn count_cache(&self, hit: bool) {
        self.with(|inner| match hit {
            true => inner.cost.cache_hits += 1,
            false => inner.cost.cache_misses += 1,
        });
    }

    /// A wait, until what it returns is dropped.
    pub(crate) fn wait(&self) -> Waiting {
        self.with(|inner| inner.waiting_since = Some(Instant::now()));
        Waiting(self.clone())
    }

    /// A connection that is held until what it returns is dropped.
    pub(crate) fn hold(&self) -> Holding {
        self.with(|inner| {
            inner.cost.sessions += 1;
            inner.cost.connections = 1;
            inner.held_since = Some(Instant::now());
        });
        Holding(self.clone())
    }

    fn with<T>(&self, code: impl FnOnce(&mut Inner) -> T) -> T {
        code(&mut self.inner.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn so_far(since: Option<Instant>) -> Duration {
    since.map_or(Duration::ZERO, |since| since.elapsed())
}

/// A wait; over when this is dropped, also where the one who waits has gone.
pub(crate) struct Waiting(Meter);

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.with(|inner| {
            inner.cost.waited += so_far(inner.waiting_since.take());
        });
    }
}

/// A connection that is held.
#[derive(Debug)]
pub(crate) struct Holding(Meter);

impl Drop for Holding {
    fn drop(&mut self) {
        self.0.with(|inner| {
            inner.cost.held += so_far(inner.held_since.take());
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn later(than: Duration, clock: impl Fn() -> Duration) -> Duration {
        while clock() <= than {
            std::hint::spin_loop();
        }
        clock()
    }

    #[test]
    fn a_wait_counts_while_it_lasts_and_not_after_it() {
        let meter = Meter::default();
        assert_eq!(meter.waited(), Duration::ZERO);
        let waiting = meter.wait();
        let earlier = later(Duration::ZERO, || meter.waited());
        drop(waiting);
        let over = meter.waited();
        assert!(over >= earlier);
        assert_eq!(meter.clone().cost().waited, over);
    }

    #[test]
    fn a_hold_is_a_session_and_its_account_outlives_it() {
        let meter = Meter::default();
        let holding = meter.hold();
        let earlier = later(Duration::ZERO, || meter.cost().held);
        meter.count_statement();
        meter.count_rows(3, 40);
        meter.count_cache(true);
        meter.count_cache(false);
        drop(holding);
        let cost = meter.cost();
        assert!(cost.held >= earlier);
        assert_eq!(cost, meter.cost());
        assert_eq!((cost.sessions, cost.connections), (1, 1));
        assert_eq!((cost.statements, cost.rows, cost.bytes), (1, 3, 40));
        assert_eq!((cost.cache_hits, cost.cache_misses), (1, 1));
    }
}
