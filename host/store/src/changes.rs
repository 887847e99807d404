//! What a commit changed, and who is told.
//!
//! Owns: the order of commits in this process and the listeners that run
//! between a commit and the return of the write, so that a read that begins
//! after a save never meets what was before. Invalidation belongs here, keyed
//! by kind and id, and not to the object that saved.
//! Must not know: who listens.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use lombard_model::{AccountId, ExpertId};

/// What a commit changed, as far as anybody caches it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Change {
    /// An account's row or its settings.
    Account(AccountId),
    /// An expert instance's row or its settings.
    Expert(ExpertId),
    /// The installed plugins.
    Plugins,
}

/// How many commits of this process a state of the database contains, at
/// least.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct CommitSeq(pub u64);

type Listener = Arc<dyn Fn(&[Change], CommitSeq) + Send + Sync>;

#[derive(Default)]
pub(crate) struct Commits {
    seq: AtomicU64,
    listeners: RwLock<Vec<Listener>>,
}

impl Commits {
    /// The commits so far. A snapshot that is taken after this call contains
    /// them all, perhaps more.
    pub(crate) fn so_far(&self) -> CommitSeq {
        CommitSeq(self.seq.load(Ordering::SeqCst))
    }

    pub(crate) fn listen(&self, listener: Listener) {
        let mut listeners = self
            .listeners
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        listeners.push(listener);
    }

    /// Counts a commit and tells what it changed. Called by the writer, after
    /// the commit and before the write returns.
    pub(crate) fn committed(&self, changes: &[Change]) -> CommitSeq {
        let seq = CommitSeq(self.seq.fetch_add(1, Ordering::SeqCst) + 1);
        let listeners = self
            .listeners
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        for listener in listeners.iter() {
            listener(changes, seq);
        }
        seq
    }
}
