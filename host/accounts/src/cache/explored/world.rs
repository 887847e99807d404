//! A database small enough to explore everything around it.
//!
//! Owns: rows with a history by version, a pool, one writer and other
//! processes, with the store's own `Changes` between them and the cache. The
//! order of the steps of a commit is that of the store's writer.
//! Must not know: what a test expects.

use std::collections::BTreeMap;
use std::sync::Arc;

use lombard_model::AccountId;
use lombard_store::{Change, Changed, Changes, DataVersion, StoreError};
use shuttle::future::yield_now;
use tokio::sync::{Mutex, MutexGuard, OwnedSemaphorePermit, Semaphore};

use super::super::kind::{Kind, Reader, States};
use super::super::sync::{AtomicU64, Ordering, RwLock};
use super::super::{AgeClock, CacheOptions, InstanceCache, Loaded};

/// Values by id.
type Rows = BTreeMap<u64, u64>;

/// Numbers, as a kind of instance.
pub(super) struct Numbers;

pub(super) struct World {
    /// Every committed state; its version is its place, from 1.
    history: RwLock<Vec<Rows>>,
    /// The database's own lock: one commit at a time, whoever's.
    writing: Mutex<()>,
    /// This process's writer: one save after the other.
    writer: Mutex<()>,
    connections: Arc<Semaphore>,
    changes: Changes,
    pub(super) cache: Arc<InstanceCache<Numbers>>,
    /// Loads that are yet to fail.
    pub(super) failing: AtomicU64,
    reads: AtomicU64,
}

impl World {
    /// Ids 1 to 3, each with the value 0.
    pub(super) fn new(capacity: usize, connections: usize) -> Arc<Self> {
        let cache = Arc::new(InstanceCache::new(&CacheOptions {
            capacity,
            ttl: None,
            clock: AgeClock::driven(),
        }));
        let world = Self {
            history: RwLock::new(vec![(1..=3).map(|id| (id, 0)).collect()]),
            writing: Mutex::default(),
            writer: Mutex::default(),
            connections: Arc::new(Semaphore::new(connections)),
            changes: Changes::default(),
            cache: Arc::clone(&cache),
            failing: AtomicU64::new(0),
            reads: AtomicU64::new(0),
        };
        world.look();
        world
            .changes
            .listen(Arc::new(move |changed, at| match changed {
                Changed::These(changes) => {
                    for change in changes {
                        if let Change::Account(id) = change {
                            cache.changed(*id, at);
                        }
                    }
                }
                Changed::Anything => cache.all_changed(at),
            }));
        Arc::new(world)
    }

    pub(super) fn call(self: &Arc<Self>) -> Call {
        Call {
            world: Arc::clone(self),
            version: None,
            lease: None,
        }
    }

    /// What `id` was at this version.
    pub(super) fn at(&self, version: DataVersion, id: u64) -> u64 {
        let place = usize::try_from(version.0).expect("it is sound") - 1;
        self.history.read().expect("it is sound")[place][&id]
    }

    fn newest(&self) -> (DataVersion, Rows) {
        let history = self.history.read().expect("it is sound");
        let version = DataVersion(u64::try_from(history.len()).expect("it is sound"));
        (version, history.last().expect("it is sound").clone())
    }

    fn commit(&self, id: u64, value: u64) {
        let mut history = self.history.write().expect("it is sound");
        let mut rows = history.last().expect("it is sound").clone();
        rows.insert(id, value);
        history.push(rows);
    }

    /// A save of this process; it may fail at its end.
    pub(super) async fn save(&self, id: u64, value: u64, commits: bool) {
        let _writer = self.writer.lock().await;
        let writing = self.writing.lock().await;
        let (before, _) = self.newest();
        self.changes.noticed(before);
        let change = Change::Account(id.try_into().expect("it is sound"));
        self.changes.begin(&[change], DataVersion(before.0 + 1));
        yield_now().await;
        if commits {
            self.commit(id, value);
        }
        // Others can commit before the writer has heard how its own went.
        drop(writing);
        yield_now().await;
        self.changes.end(commits);
    }

    /// A save of another process, which tells nobody.
    pub(super) async fn save_elsewhere(&self, id: u64, value: u64) {
        let _writing = self.writing.lock().await;
        self.commit(id, value);
    }

    /// One look of the watch.
    pub(super) fn look(&self) {
        let (version, _) = self.newest();
        self.changes.noticed(version);
    }

    pub(super) fn known(&self) -> DataVersion {
        self.changes.known()
    }

    /// Statements that have read.
    pub(super) fn reads(&self) -> u64 {
        self.reads.load(Ordering::SeqCst)
    }

    pub(super) fn free_connections(&self) -> usize {
        self.connections.available_permits()
    }
}

/// What stands for a session.
pub(super) struct Call {
    world: Arc<World>,
    version: Option<DataVersion>,
    lease: Option<(OwnedSemaphorePermit, Rows)>,
}

impl Call {
    pub(super) async fn get(&mut self, id: u64) -> Result<Option<Loaded<Numbers>>, StoreError> {
        let world = Arc::clone(&self.world);
        world
            .cache
            .get(id.try_into().expect("it is sound"), self)
            .await
    }

    pub(super) async fn get_set(&mut self, ids: &[u64]) -> Result<Vec<u64>, StoreError> {
        let world = Arc::clone(&self.world);
        let ids: Vec<AccountId> = ids
            .iter()
            .map(|id| (*id).try_into().expect("it is sound"))
            .collect();
        let found = world.cache.get_many(&ids, self).await?;
        Ok(ids.iter().map(|id| *found[id].state).collect())
    }

    async fn reading(&mut self) -> Result<&Rows, StoreError> {
        self.open().await?;
        self.world.reads.fetch_add(1, Ordering::SeqCst);
        yield_now().await;
        let failing = &self.world.failing;
        let fails = failing.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| n.checked_sub(1));
        match (fails, &self.lease) {
            (Err(_), Some((_, rows))) => Ok(rows),
            _ => Err(StoreError::Panicked),
        }
    }
}

impl Reader for Call {
    fn is_open(&self) -> bool {
        self.lease.is_some()
    }

    fn version(&self) -> Option<DataVersion> {
        self.version
    }

    fn version_to_see(&self) -> DataVersion {
        self.version.unwrap_or_else(|| self.world.known())
    }

    fn saw(&mut self, version: DataVersion) {
        assert!(self.version.is_none_or(|seen| seen == version));
        self.version.get_or_insert(version);
    }

    async fn open(&mut self) -> Result<(), StoreError> {
        if self.lease.is_some() {
            return Ok(());
        }
        let connections = Arc::clone(&self.world.connections);
        let connection = connections.acquire_owned().await.expect("it is sound");
        let (found, rows) = self.world.newest();
        self.lease = Some((connection, rows));
        yield_now().await;
        self.world.changes.noticed(found);
        match self.version.replace(found) {
            Some(seen) if seen != found => Err(StoreError::Moved { seen, found }),
            _ => Ok(()),
        }
    }

    async fn wait_for<'l>(&self, turn: &'l Mutex<()>) -> Result<MutexGuard<'l, ()>, StoreError> {
        Ok(turn.lock().await)
    }

    fn count_cache(&self, _: bool) {}
}

impl Kind for Numbers {
    type Id = AccountId;
    type State = u64;
    type Reader = Call;

    async fn load_one(call: &mut Call, id: AccountId) -> Result<Option<u64>, StoreError> {
        let rows = call.reading().await?;
        Ok(rows.get(&number(id)).copied())
    }

    fn at_hand(_: &mut Call, _: AccountId) -> Option<Option<u64>> {
        None
    }

    fn all_at_hand(_: &mut Call) -> Option<States<Self>> {
        None
    }

    async fn load_all(call: &mut Call) -> Result<States<Self>, StoreError> {
        let rows = call.reading().await?;
        let all = rows
            .iter()
            .map(|(id, value)| ((*id).try_into().expect("it is sound"), *value));
        Ok(all.collect())
    }

    fn settings(_: &u64) -> usize {
        1
    }
}

fn number(id: AccountId) -> u64 {
    id.to_i64().try_into().expect("it is sound")
}
