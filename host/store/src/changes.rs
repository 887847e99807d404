//! What a commit changed, and who is told.
//!
//! Owns: the order of commits in this process and the listeners that are told
//! of a commit before it happens and before its write returns, so that a read
//! that begins after a save never meets what was before. Invalidation belongs here, keyed
//! by kind and id, and not to the object that saved.
//! Must not know: who listens.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

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
    /// Commits that the database has, and everybody knows of.
    done: AtomicU64,
    order: Mutex<Order>,
}

#[derive(Default)]
struct Order {
    /// The number of the last commit, done or under way.
    last: u64,
    under_way: bool,
    listeners: Vec<Listener>,
}

impl Commits {
    /// The commits so far. A snapshot that is taken after this call contains
    /// them all, perhaps the one that is under way too.
    pub(crate) fn so_far(&self) -> CommitSeq {
        CommitSeq(self.done.load(Ordering::SeqCst))
    }

    pub(crate) fn listen(&self, listener: Listener) {
        self.order().listeners.push(listener);
    }

    /// Tells what a commit is going to change. Called by the writer, right
    /// before the commit: nobody who still has the old state can take it for
    /// that of a database that has the commit already.
    pub(crate) fn begin(&self, changes: &[Change]) -> CommitSeq {
        let mut order = self.order();
        order.last += 1;
        order.under_way = true;
        let at = CommitSeq(order.last);
        for listener in &order.listeners {
            listener(changes, at);
        }
        at
    }

    /// Counts the commit that was under way, whatever came of it. Called by
    /// the writer before the write returns.
    pub(crate) fn end(&self) {
        let mut order = self.order();
        order.under_way = false;
        self.done.store(order.last, Ordering::SeqCst);
    }

    /// Counts a change that is not a commit of the writer.
    pub(crate) fn mark(&self) -> CommitSeq {
        let mut order = self.order();
        order.last += 1;
        // The one under way has a lower number: it counts for both.
        if !order.under_way {
            self.done.store(order.last, Ordering::SeqCst);
        }
        CommitSeq(order.last)
    }

    fn order(&self) -> MutexGuard<'_, Order> {
        self.order.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
