//! What a cache did, in numbers.
//!
//! Owns: the counters. Must not know: what they count.

use std::sync::atomic::{AtomicU64, Ordering};

use serde::Serialize;

/// What a cache did since the start, and what it holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct CacheStats {
    /// Instances it holds.
    pub instances: usize,
    /// Of these, with their state at hand.
    pub loaded: usize,
    /// Look-ups that were answered at once.
    pub hits: u64,
    /// Look-ups that were not.
    pub misses: u64,
    /// Loads from the database.
    pub loads: u64,
    /// Misses that another's load answered.
    pub coalesced: u64,
    /// Loads that were not kept, since something changed meanwhile.
    pub outdated: u64,
    /// States dropped because they changed, or by hand.
    pub invalidations: u64,
    /// Instances dropped for want of room.
    pub evictions: u64,
}

#[derive(Debug, Default)]
pub(super) struct Counters {
    pub(super) hits: AtomicU64,
    pub(super) misses: AtomicU64,
    pub(super) loads: AtomicU64,
    pub(super) coalesced: AtomicU64,
    pub(super) outdated: AtomicU64,
    pub(super) invalidations: AtomicU64,
}

pub(super) fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}

impl Counters {
    pub(super) fn stats(&self, instances: usize, loaded: usize, evictions: u64) -> CacheStats {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        CacheStats {
            instances,
            loaded,
            hits: read(&self.hits),
            misses: read(&self.misses),
            loads: read(&self.loads),
            coalesced: read(&self.coalesced),
            outdated: read(&self.outdated),
            invalidations: read(&self.invalidations),
            evictions,
        }
    }
}
