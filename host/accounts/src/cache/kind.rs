//! What the cache asks of a thing that it caches, and of a session.
//!
//! Owns: the two traits, and that the store's session is one of those who
//! read. Must not know: what is cached.

use std::fmt::{Debug, Display};
use std::future::Future;
use std::hash::Hash;

use lombard_store::{DataVersion, Session, StoreError};
use tokio::sync::{Mutex, MutexGuard};

/// A kind of thing with one instance for each id.
pub trait Kind: Sized + Send + Sync + 'static {
    /// What names one.
    type Id: Copy + Debug + Display + Eq + Hash + Send + Sync + 'static;
    /// What it is at one state of the database; immutable.
    type State: Send + Sync + 'static;
    /// What it is read over.
    type Reader: Reader;

    /// Loads one; none where there is no such id.
    fn load_one(
        session: &mut Self::Reader,
        id: Self::Id,
    ) -> impl Future<Output = Result<Option<Self::State>, StoreError>> + Send;

    /// The same without reading: none where it has to be read.
    fn at_hand(session: &mut Self::Reader, id: Self::Id) -> Option<Option<Self::State>>;

    /// All there are, where they were read before.
    fn all_at_hand(session: &mut Self::Reader) -> Option<States<Self>>;

    /// Loads all there are, in one statement.
    fn load_all(
        session: &mut Self::Reader,
    ) -> impl Future<Output = Result<States<Self>, StoreError>> + Send;

    /// How many settings a state holds.
    fn settings(state: &Self::State) -> usize;
}

/// All instances of a kind, with their states.
pub(super) type States<K> = Vec<(<K as Kind>::Id, <K as Kind>::State)>;

/// Who reads, at one version of the data: a session, or what stands for one
/// where interleavings are explored. The methods are those of [`Session`].
pub trait Reader: Send + Sync {
    /// Whether it holds a connection.
    fn is_open(&self) -> bool;

    /// The version that it sees, once it has seen anything.
    fn version(&self) -> Option<DataVersion>;

    /// The version that a cache has to serve.
    fn version_to_see(&self) -> DataVersion;

    /// It was given something of this version.
    fn saw(&mut self, version: DataVersion);

    /// Takes the connection and the snapshot.
    fn open(&mut self) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Waits for a turn, within the limit of the session.
    fn wait_for<'l>(
        &self,
        turn: &'l Mutex<()>,
    ) -> impl Future<Output = Result<MutexGuard<'l, ()>, StoreError>> + Send;

    /// Counts a look into a cache.
    fn count_cache(&self, hit: bool);
}

impl Reader for Session {
    fn is_open(&self) -> bool {
        Self::is_open(self)
    }

    fn version(&self) -> Option<DataVersion> {
        Self::version(self)
    }

    fn version_to_see(&self) -> DataVersion {
        Self::version_to_see(self)
    }

    fn saw(&mut self, version: DataVersion) {
        Self::saw(self, version);
    }

    fn open(&mut self) -> impl Future<Output = Result<(), StoreError>> + Send {
        Self::open(self)
    }

    fn wait_for<'l>(
        &self,
        turn: &'l Mutex<()>,
    ) -> impl Future<Output = Result<MutexGuard<'l, ()>, StoreError>> + Send {
        Self::wait_for(self, turn.lock())
    }

    fn count_cache(&self, hit: bool) {
        self.meter().count_cache(hit);
    }
}
