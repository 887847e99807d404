//! One instance: an identity that stays, and a state that is swapped.
//!
//! Owns: which state may be seen by whoever sees which version of the data. A
//! state that was read at an older version than the last change made serves its
//! own call and is not kept.
//! Must not know: how states are loaded.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use lombard_store::DataVersion;
use tokio::sync::Mutex;

use super::Kind;

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
    /// The version that the last change made, as far as this process was told.
    changed_at: DataVersion,
    /// How often it was dropped by hand.
    drops: u64,
}

/// Taken before a load: says what must not have happened when it is done.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ticket {
    drops: u64,
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
                // Until it is settled, nothing is kept.
                changed_at: DataVersion(u64::MAX),
                drops: 0,
            }),
            flight: Flight::default(),
        }
    }

    /// Says of a new instance that the last change anybody was told of may
    /// have changed it: whoever sees an older version would load an older
    /// state, which must not be kept.
    pub(super) fn settle(&self, told: &AtomicU64) {
        let mut known = self.write();
        // Read under the lock: a commit that comes now either is in `told`
        // already or finds the instance settled.
        known.changed_at = DataVersion(told.load(Ordering::SeqCst));
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

    pub(super) fn ticket(&self) -> Ticket {
        Ticket {
            drops: self.read().drops,
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
        }
        current
    }

    /// Drops the state: this version has another.
    pub(super) fn changed(&self, at: DataVersion) {
        let mut known = self.write();
        known.state = None;
        known.changed_at = known.changed_at.max(at);
    }

    /// Drops the state: somebody asked for it.
    pub(super) fn drop_state(&self) {
        let mut known = self.write();
        known.state = None;
        known.drops += 1;
    }

    fn read(&self) -> RwLockReadGuard<'_, Known<K::State>> {
        self.known.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Known<K::State>> {
        self.known.write().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn is_loaded(&self) -> bool {
        self.read().state.is_some()
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
