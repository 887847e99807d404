//! One instance: an identity that stays, and a state that is swapped.
//!
//! Owns: which state may be seen. A state that was read from an older snapshot
//! than the last change serves its own call and is not kept.
//! Must not know: how states are loaded.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use lombard_store::CommitSeq;
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
    /// The last commit that changed it, as far as this process was told.
    changed_at: CommitSeq,
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
                changed_at: CommitSeq(u64::MAX),
            }),
            flight: Flight::default(),
        }
    }

    /// Says of a new instance that the last commit anybody was told of may
    /// have changed it: whoever has read before that commit would load an older
    /// state, which must not be kept.
    pub(super) fn settle(&self, told: &AtomicU64) {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        // Read under the lock: a commit that comes now either is in `told`
        // already or finds the instance settled.
        known.changed_at = CommitSeq(told.load(Ordering::SeqCst));
    }

    /// Which one it is.
    pub fn id(&self) -> K::Id {
        self.id
    }

    /// The state that a reader with this snapshot may see; none where it has
    /// to be loaded.
    ///
    /// A reader that has read from the database before the last change must
    /// not see what came after it: it loads the state from its own snapshot.
    pub(super) fn visible(&self, snapshot: Option<CommitSeq>) -> Option<Arc<K::State>> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        match snapshot {
            Some(snapshot) if snapshot < known.changed_at => None,
            _ => known.state.clone(),
        }
    }

    /// Keeps a state, unless something changed after its snapshot.
    pub(super) fn publish(&self, state: &Arc<K::State>, snapshot: CommitSeq) -> bool {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        let current = snapshot >= known.changed_at;
        if current {
            known.state = Some(Arc::clone(state));
        }
        current
    }

    /// Drops the state: it changed with this commit.
    pub(super) fn changed(&self, at: CommitSeq) {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        known.state = None;
        known.changed_at = known.changed_at.max(at);
    }

    pub(super) fn is_loaded(&self) -> bool {
        self.known
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .state
            .is_some()
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
