//! Which state of the database this process knows, and who is told of a change.
//!
//! Owns: the newest version of the data that everybody was told of, and the
//! listeners: they are told of a commit of this process right before it
//! happens, of another process's as soon as anybody reads its version. So a
//! read that begins after a save never meets what was before. Invalidation
//! belongs here, keyed by kind and id, and not to the object that saved.
//! Must not know: who listens.

use std::sync::{Arc, PoisonError};

#[cfg(feature = "shuttle")]
use shuttle::sync::{
    Mutex, MutexGuard,
    atomic::{AtomicU64, Ordering},
};
#[cfg(not(feature = "shuttle"))]
use std::sync::{
    Mutex, MutexGuard,
    atomic::{AtomicU64, Ordering},
};

use lombard_model::{AccountId, ExpertId};
use tokio::sync::watch;

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
    /// The tokens by which somebody may talk to the host.
    Access,
}

/// What listeners are told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Changed<'a> {
    /// A commit of this process, which is about to happen.
    These(&'a [Change]),
    /// A commit of another process: it may have changed anything.
    Anything,
}

/// A state of the database, by the number that the database itself keeps: it
/// rises with every change of a row by any program. Two reads at one version
/// see the same data.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DataVersion(pub u64);

impl std::fmt::Display for DataVersion {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

type Listener = Arc<dyn Fn(Changed<'_>, DataVersion) + Send + Sync>;

/// The newest version that is known, and who is told of a newer one.
#[derive(Default)]
pub struct Changes {
    /// The newest version of which every listener was told.
    known: AtomicU64,
    order: Mutex<Order>,
    /// The same as `known`, for those who wait for a newer one.
    versions: watch::Sender<DataVersion>,
}

#[derive(Default)]
struct Order {
    /// The version that the commit under way makes.
    committing: Option<DataVersion>,
    listeners: Vec<Listener>,
}

impl Order {
    fn tell(&self, changed: Changed<'_>, at: DataVersion) {
        for listener in &self.listeners {
            listener(changed, at);
        }
    }
}

impl Changes {
    /// The newest version that this process knows of. A commit of this process
    /// is known when its write returns; another's when it was noticed.
    pub fn known(&self) -> DataVersion {
        DataVersion(self.known.load(Ordering::SeqCst))
    }

    /// Follows the newest version that is known.
    pub fn versions(&self) -> watch::Receiver<DataVersion> {
        self.versions.subscribe()
    }

    /// Tells this listener, too, from now on.
    pub fn listen(&self, listener: Arc<dyn Fn(Changed<'_>, DataVersion) + Send + Sync>) {
        self.order().listeners.push(listener);
    }

    /// Takes note of a version that was read: one that is not known comes of
    /// another process's commit, and everybody is told.
    pub fn noticed(&self, version: DataVersion) {
        if version <= self.known() {
            return;
        }
        let order = self.order();
        if version <= self.known() {
            return;
        }
        // Of a commit under way it may be the version, and all was told when it
        // began. Or that commit has failed, which is not heard of yet, and the
        // version is another process's: nobody can tell, so all is told.
        tracing::debug!(%version, "the database has changed");
        order.tell(Changed::Anything, version);
        self.known.store(version.0, Ordering::SeqCst);
        self.versions.send_replace(version);
    }

    /// Tells what a commit is going to change. Called by the writer, right
    /// before the commit: nobody who still has the old state can take it for
    /// that of a database that has the commit already.
    pub fn begin(&self, changes: &[Change], at: DataVersion) {
        let mut order = self.order();
        order.committing = Some(at);
        order.tell(Changed::These(changes), at);
    }

    /// The commit under way is done, or known to have failed. Called by the
    /// writer before the write returns.
    pub fn end(&self, committed: bool) {
        let mut order = self.order();
        let Some(at) = order.committing.take() else {
            return;
        };
        // The number of one that failed can come again, for other changes:
        // whoever notices it then tells everybody.
        if committed {
            self.known.fetch_max(at.0, Ordering::SeqCst);
            self.versions.send_replace(self.known());
        }
    }

    fn order(&self) -> MutexGuard<'_, Order> {
        self.order.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
