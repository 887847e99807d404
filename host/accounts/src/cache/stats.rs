//! What a cache did, in numbers.
//!
//! Owns: the counters, and what follows from them. Must not know: what they
//! count.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde::Serialize;

/// What a cache did since the start, and what it holds.
///
/// The numbers are read one after the other while others count: sums may be
/// off by what happened meanwhile.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct CacheStats {
    /// Instances it holds.
    pub instances: usize,
    /// Of these, in use: they are never evicted.
    pub in_use: usize,
    /// Of all, with their state at hand.
    pub loaded: usize,
    /// Saved settings in these states.
    pub settings: usize,
    /// Look-ups that were answered at once. One of several ids counts as one.
    pub hits: u64,
    /// Look-ups that were not.
    pub misses: u64,
    /// Hits of a thousand look-ups, rounded down; none before the first.
    pub hit_rate_permille: Option<u64>,
    /// Loads from the database that were begun.
    pub loads: u64,
    /// Of these, failed ones. Nothing is kept of them.
    pub failed_loads: u64,
    /// Misses that another's load answered.
    pub coalesced: u64,
    /// Loads that were not kept, since something changed meanwhile.
    pub outdated: u64,
    /// How often an instance was told that its state is stale or unwanted,
    /// whether it had one or not.
    pub invalidations: u64,
    /// What was dropped, by its cause.
    pub evictions: Evictions,
    /// How long a load that succeeded took on average, in microseconds.
    pub mean_load_us: u64,
    /// What the hits saved, in microseconds: their number times the mean of a
    /// load. An estimate: a hit on a large account counts as one on a small.
    pub time_saved_us: u64,
}

/// What was dropped from a cache, by its cause.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Evictions {
    /// Instances that nobody used, for want of room.
    pub capacity: u64,
    /// States older than their time to live.
    pub expired: u64,
    /// States that a commit of this process changed.
    pub changed: u64,
    /// States that another process's commit may have changed, or one of this
    /// process that somebody read before it was known to be its own.
    pub external: u64,
    /// States that were dropped by hand.
    pub dropped: u64,
}

impl Evictions {
    /// All of them.
    #[must_use]
    pub fn total(&self) -> u64 {
        [
            self.capacity,
            self.expired,
            self.changed,
            self.external,
            self.dropped,
        ]
        .into_iter()
        .fold(0, u64::saturating_add)
    }
}

/// What a cache holds at a moment.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Held {
    pub(super) instances: usize,
    pub(super) in_use: usize,
    pub(super) loaded: usize,
    pub(super) settings: usize,
}

/// The standard library's, also where interleavings are explored: nothing is
/// decided by them.
#[derive(Debug, Default)]
pub(super) struct Counters {
    pub(super) hits: AtomicU64,
    pub(super) misses: AtomicU64,
    pub(super) loads: AtomicU64,
    pub(super) failed_loads: AtomicU64,
    pub(super) coalesced: AtomicU64,
    pub(super) outdated: AtomicU64,
    pub(super) invalidations: AtomicU64,
    pub(super) evicted: AtomicU64,
    pub(super) expired: AtomicU64,
    pub(super) changed: AtomicU64,
    pub(super) external: AtomicU64,
    pub(super) dropped: AtomicU64,
    /// Loads that came to their end with success, and how long they took.
    done: AtomicU64,
    done_ns: AtomicU64,
}

pub(super) fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}

impl Counters {
    /// Counts a load that succeeded.
    pub(super) fn took(&self, time: Duration) {
        let ns = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        self.done_ns.fetch_add(ns, Ordering::Relaxed);
        count(&self.done);
    }

    pub(super) fn stats(&self, held: Held) -> CacheStats {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let (hits, misses) = (read(&self.hits), read(&self.misses));
        let mean_ns = read(&self.done_ns).checked_div(read(&self.done));
        let mean_ns = mean_ns.unwrap_or(0);
        CacheStats {
            instances: held.instances,
            in_use: held.in_use,
            loaded: held.loaded,
            settings: held.settings,
            hits,
            misses,
            hit_rate_permille: permille(hits, hits.saturating_add(misses)),
            loads: read(&self.loads),
            failed_loads: read(&self.failed_loads),
            coalesced: read(&self.coalesced),
            outdated: read(&self.outdated),
            invalidations: read(&self.invalidations),
            evictions: Evictions {
                capacity: read(&self.evicted),
                expired: read(&self.expired),
                changed: read(&self.changed),
                external: read(&self.external),
                dropped: read(&self.dropped),
            },
            mean_load_us: mean_ns / 1_000,
            time_saved_us: hits.saturating_mul(mean_ns) / 1_000,
        }
    }
}

fn permille(part: u64, whole: u64) -> Option<u64> {
    let share = (u128::from(part) * 1_000).checked_div(u128::from(whole))?;
    u64::try_from(share).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_follows_from_the_counters() {
        let counters = Counters::default();
        let none = counters.stats(Held::default());
        assert_eq!(none, CacheStats::default());
        assert_eq!(none.hit_rate_permille, None);
        for _ in 0..8 {
            count(&counters.hits);
        }
        count(&counters.misses);
        counters.took(Duration::from_micros(100));
        counters.took(Duration::from_micros(300));
        let stats = counters.stats(Held::default());
        assert_eq!(stats.hit_rate_permille, Some(888));
        assert_eq!((stats.mean_load_us, stats.time_saved_us), (200, 1_600));
        count(&counters.expired);
        count(&counters.evicted);
        assert_eq!(counters.stats(Held::default()).evictions.total(), 2);
    }

    #[test]
    fn nothing_overflows() {
        assert_eq!(permille(u64::MAX, u64::MAX), Some(1_000));
        let counters = Counters::default();
        counters.hits.store(u64::MAX, Ordering::Relaxed);
        counters.misses.store(u64::MAX, Ordering::Relaxed);
        counters.took(Duration::MAX);
        let stats = counters.stats(Held::default());
        assert_eq!(stats.time_saved_us, u64::MAX / 1_000);
    }
}
