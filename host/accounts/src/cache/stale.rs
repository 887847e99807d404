//! What is dropped, and why.
//!
//! Owns: dropping states that changed, that are too old or that somebody wants
//! gone, and instances that nobody uses; each by its cause in the statistics.
//! Must not know: how what was dropped is loaded again.

use std::sync::Arc;

use lombard_store::DataVersion;

use super::stats::{CacheStats, Held, count};
use super::sync::Ordering;
use super::{InstanceCache, Kind};

impl<K: Kind> InstanceCache<K> {
    /// Drops the state of one: this version has another.
    pub(crate) fn changed(&self, id: K::Id, at: DataVersion) {
        // Before the look: an instance that is made meanwhile settles for it.
        self.told.fetch_max(at.0, Ordering::SeqCst);
        if let Some(instance) = self.instances.peek(&id) {
            self.dropped(instance.changed(at), &self.counters.changed);
        }
    }

    /// Drops every state: this version may have others.
    pub(crate) fn all_changed(&self, at: DataVersion) {
        self.told.fetch_max(at.0, Ordering::SeqCst);
        for (_, instance) in self.instances.iter() {
            self.dropped(instance.changed(at), &self.counters.external);
        }
    }

    /// Drops the states of these that are too old to be shown; says whether
    /// there was one. Called before they are looked up, so that they are
    /// loaded again as if they had never been.
    pub(crate) fn expire(&self, ids: &[K::Id]) -> bool {
        let Some(ttl) = self.ttl else {
            return false;
        };
        let now = self.clock.now();
        let mut any = false;
        for id in ids {
            let instance = self.instances.peek(id);
            if instance.is_some_and(|one| one.expire(now, ttl)) {
                count(&self.counters.expired);
                any = true;
            }
        }
        any
    }

    /// Drops the state of one by hand.
    pub(crate) fn drop_state(&self, id: K::Id) {
        self.drops.fetch_add(1, Ordering::SeqCst);
        if let Some(instance) = self.instances.peek(&id) {
            self.dropped(instance.drop_state(), &self.counters.dropped);
        }
    }

    /// Drops the instance itself, unless somebody uses it: then its state, and
    /// the instance stays the one there is.
    pub(crate) fn drop_instance(&self, id: K::Id) {
        self.drop_state(id);
        self.instances
            .remove_if(&id, |instance| Arc::strong_count(instance) == 1);
    }

    /// Drops every instance that nobody uses, and the states of the others.
    pub(crate) fn drop_all(&self) {
        self.drops.fetch_add(1, Ordering::SeqCst);
        for (_, instance) in self.instances.iter() {
            self.dropped(instance.drop_state(), &self.counters.dropped);
        }
        self.instances
            .retain(|_, instance| Arc::strong_count(instance) > 1);
    }

    fn dropped(&self, had_state: bool, cause: &std::sync::atomic::AtomicU64) {
        count(&self.counters.invalidations);
        if had_state {
            count(cause);
        }
    }

    pub(crate) fn stats(&self) -> CacheStats {
        let mut held = Held::default();
        for (_, instance) in self.instances.iter() {
            held.instances += 1;
            // The cache has one, this loop has one.
            held.in_use += usize::from(Arc::strong_count(&instance) > 2);
            if let Some(state) = instance.latest() {
                held.loaded += 1;
                held.settings += K::settings(&state);
            }
        }
        self.counters.stats(held)
    }
}
