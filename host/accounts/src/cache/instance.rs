//! One instance: an identity that stays, and a state that is swapped.
//!
//! Owns: which state may be seen by whoever sees which version of the data. A
//! state that was read at an older version than the last change made serves its
//! own call and is not kept.
//! Must not know: how states are loaded.

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use lombard_store::DataVersion;
use tokio::sync::Mutex;

use super::Kind;
use super::sync::{AtomicU64, Ordering, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// The one instance of a thing in this process.
///
/// Whoever has it has the same one as everybody else, for as long as anybody
/// has it. What it is at the moment is asked of the cache.
pub struct Instance<K: Kind> {
    id: K::Id,
    known: RwLock<Known<K::State>>,
    pub(super) flight: Flight,
}

struct Known<S> {
    state: Option<Arc<S>>,
    /// When the load of the state began, on the cache's clock.
    since: Duration,
    /// The version that the last change made, as far as this process was told.
    changed_at: DataVersion,
    /// How often it was dropped by hand.
    drops: u64,
}

/// Of an instance that was only just made: it keeps nothing.
const UNSETTLED: DataVersion = DataVersion(u64::MAX);

/// Taken before a load: says what must not have happened when it is done.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ticket {
    drops: u64,
    at: Duration,
}

/// Who loads, and who waits for them.
///
/// Two locks, so that nobody ever waits for a connection while another waits
/// with one: `entry` is waited for only by those who hold no connection,
/// `loading` only by those who hold one. Whoever has `loading` therefore needs
/// nothing that anybody waiting for it has. A loader that fails or is dropped
/// lets go of its lock, and the next in line takes over.
#[derive(Debug, Default)]
pub(super) struct Flight {
    pub(super) entry: Mutex<()>,
    pub(super) loading: Mutex<()>,
}

impl<K: Kind> Instance<K> {
    pub(super) fn new(id: K::Id) -> Self {
        Self {
            id,
            known: RwLock::new(Known {
                state: None,
                since: Duration::ZERO,
                changed_at: UNSETTLED,
                drops: 0,
            }),
            flight: Flight::default(),
        }
    }

    /// Says of a new instance that the last change anybody was told of may
    /// have changed it: whoever sees an older version would load an older
    /// state, which must not be kept. Said by everybody who takes it from the
    /// cache, or one who comes before its maker has said so would load in vain.
    pub(super) fn settle(&self, told: &AtomicU64) {
        if self.read().changed_at != UNSETTLED {
            return;
        }
        let mut known = self.write();
        if known.changed_at == UNSETTLED {
            // Read under the lock: a commit that comes now either is in `told`
            // already or finds the instance settled.
            known.changed_at = DataVersion(told.load(Ordering::SeqCst));
        }
    }

    /// Which one it is.
    pub fn id(&self) -> K::Id {
        self.id
    }

    /// The state at this version of the data; none where it has to be loaded.
    ///
    /// Whoever sees a version from before the last change must not see what
    /// came after it: it loads the state from its own snapshot.
    pub(super) fn visible(&self, version: DataVersion) -> Option<Arc<K::State>> {
        let known = self.read();
        match version < known.changed_at {
            true => None,
            false => known.state.clone(),
        }
    }

    /// For a load that begins now.
    pub(super) fn ticket(&self, now: Duration) -> Ticket {
        Ticket {
            drops: self.read().drops,
            at: now,
        }
    }

    /// Keeps a state that was loaded at this version, unless something changed
    /// after it, or the state was dropped since the load began.
    pub(super) fn publish(
        &self,
        state: &Arc<K::State>,
        version: DataVersion,
        ticket: Ticket,
    ) -> bool {
        let mut known = self.write();
        let current = version >= known.changed_at && ticket.drops == known.drops;
        if current {
            known.state = Some(Arc::clone(state));
            known.since = ticket.at;
        }
        current
    }

    /// Drops the state: this version has another. Says whether there was one.
    pub(super) fn changed(&self, at: DataVersion) -> bool {
        let mut known = self.write();
        known.changed_at = known.changed_at.max(at);
        known.state.take().is_some()
    }

    /// Drops the state: somebody asked for it. Says whether there was one.
    pub(super) fn drop_state(&self) -> bool {
        let mut known = self.write();
        known.drops += 1;
        known.state.take().is_some()
    }

    /// Drops the state where it is older than this; says whether it was.
    ///
    /// A load that is under way is not troubled: it began after the one that
    /// is dropped here.
    pub(super) fn expire(&self, now: Duration, ttl: Duration) -> bool {
        let is_old = |known: &Known<K::State>| {
            known.state.is_some() && now.saturating_sub(known.since) > ttl
        };
        if !is_old(&self.read()) {
            return false;
        }
        let mut known = self.write();
        let old = is_old(&known);
        if old {
            known.state = None;
        }
        old
    }

    /// The state that is kept, whoever may see it.
    pub(super) fn latest(&self) -> Option<Arc<K::State>> {
        self.read().state.clone()
    }

    fn read(&self) -> RwLockReadGuard<'_, Known<K::State>> {
        self.known.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Known<K::State>> {
        self.known.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Kind> std::fmt::Debug for Instance<K> {
    // Without the state: it may hold secrets.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Instance")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}
