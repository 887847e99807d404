//! The cache of instances: one for each id in the process.
//!
//! Owns: that concurrent first uses share one load, that building one instance
//! never blocks a hit on another, that an instance in use is never evicted (so
//! there are never two of one id), and that a change drops what it made stale.
//!
//! Must not know: what an instance is.

mod age;
#[cfg(all(test, feature = "shuttle"))]
mod explored;
mod instance;
mod kind;
mod stale;
mod stats;
mod sync;

use std::collections::HashMap;
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use lombard_store::StoreError;
use quick_cache::sync::Cache;
use quick_cache::{DefaultHashBuilder, Lifecycle, UnitWeighter};

pub use self::age::AgeClock;
pub use self::instance::Instance;
use self::instance::{Flight, Ticket};
pub(crate) use self::kind::Kind;
use self::kind::{Reader, States};
pub use self::stats::{CacheStats, Evictions};
use self::stats::{Counters, count};
use self::sync::{AtomicU64, Mutex, Ordering};

/// An instance, with the state that a call may see.
#[derive(Debug)]
pub struct Loaded<K: Kind> {
    /// The one instance.
    pub instance: Arc<Instance<K>>,
    /// What it is.
    pub state: Arc<K::State>,
}

impl<K: Kind> Clone for Loaded<K> {
    fn clone(&self) -> Self {
        Self {
            instance: Arc::clone(&self.instance),
            state: Arc::clone(&self.state),
        }
    }
}

/// Keeps what somebody uses, and counts what is dropped for want of room.
#[derive(Clone, Debug, Default)]
struct KeepUsed {
    counters: Arc<Counters>,
}

impl<K: Kind> Lifecycle<K::Id, Arc<Instance<K>>> for KeepUsed {
    type RequestState = ();

    fn is_pinned(&self, _: &K::Id, instance: &Arc<Instance<K>>) -> bool {
        // The cache has one; who else has one, uses it.
        Arc::strong_count(instance) > 1
    }

    fn on_evict(&self, (): &mut (), _: K::Id, _: Arc<Instance<K>>) {
        count(&self.counters.evicted);
    }
}

type Instances<K> =
    Cache<<K as Kind>::Id, Arc<Instance<K>>, UnitWeighter, DefaultHashBuilder, KeepUsed>;

/// How large a cache is, and how long it keeps a state.
#[derive(Clone, Debug)]
pub(crate) struct CacheOptions {
    /// Instances that are kept while nobody uses them.
    pub(crate) capacity: usize,
    /// The greatest age of a state; none: it is kept until it changes.
    pub(crate) ttl: Option<Duration>,
    /// What tells the age.
    pub(crate) clock: AgeClock,
}

/// The cache of one kind.
pub(crate) struct InstanceCache<K: Kind> {
    instances: Instances<K>,
    /// For loads of the whole set.
    flight: Flight,
    counters: Arc<Counters>,
    ttl: Option<Duration>,
    clock: AgeClock,
    /// The newest version that this cache was told of, whatever had changed.
    /// An instance that was not here then may have been changed by it.
    told: AtomicU64,
    /// Whoever makes an instance.
    making: Mutex<()>,
    /// How often something was dropped by hand.
    drops: AtomicU64,
}

impl<K: Kind> InstanceCache<K> {
    /// A cache for this many instances that nobody uses; those in use are kept
    /// beyond it.
    pub(crate) fn new(options: &CacheOptions) -> Self {
        let lifecycle = KeepUsed::default();
        let counters = Arc::clone(&lifecycle.counters);
        // One that has no room at all would be refused, and made again.
        let capacity = options.capacity.max(1);
        Self {
            instances: Cache::with(
                capacity,
                u64::try_from(capacity).unwrap_or(u64::MAX),
                UnitWeighter,
                DefaultHashBuilder::default(),
                lifecycle,
            ),
            flight: Flight::default(),
            counters,
            ttl: options.ttl,
            clock: options.clock.clone(),
            told: AtomicU64::default(),
            making: Mutex::default(),
            drops: AtomicU64::default(),
        }
    }

    /// The instance with its state, loaded where it is not at hand; none where
    /// there is no such id.
    ///
    /// Reads over `session`, so a call never holds two connections. Cancelling
    /// it lets the next waiter load; an error is not kept.
    pub(crate) async fn get(
        &self,
        id: K::Id,
        session: &mut K::Reader,
    ) -> Result<Option<Loaded<K>>, StoreError> {
        let instance = self.instance(id);
        if let Some(state) = see(&instance, session) {
            count(&self.counters.hits);
            session.count_cache(true);
            return Ok(Some(Loaded { instance, state }));
        }
        count(&self.counters.misses);
        session.count_cache(false);
        let ticket = self.ticket(&instance);
        if let Some(state) = K::at_hand(session, id) {
            return Ok(self.loaded(&instance, state, session, ticket));
        }
        if session.is_open() {
            return self.load(&instance, session).await;
        }
        let _first = session.wait_for(&instance.flight.entry).await?;
        if let Some(state) = see(&instance, session) {
            count(&self.counters.coalesced);
            let instance = Arc::clone(&instance);
            return Ok(Some(Loaded { instance, state }));
        }
        session.open().await?;
        self.load(&instance, session).await
    }

    async fn load(
        &self,
        instance: &Arc<Instance<K>>,
        session: &mut K::Reader,
    ) -> Result<Option<Loaded<K>>, StoreError> {
        let _loading = instance.flight.loading.lock().await;
        if let Some(state) = see(instance, session) {
            count(&self.counters.coalesced);
            let instance = Arc::clone(instance);
            return Ok(Some(Loaded { instance, state }));
        }
        let ticket = self.ticket(instance);
        let state = self.timed(K::load_one(session, instance.id())).await?;
        Ok(self.loaded(instance, state, session, ticket))
    }

    fn loaded(
        &self,
        instance: &Arc<Instance<K>>,
        state: Option<K::State>,
        session: &K::Reader,
        ticket: Ticket,
    ) -> Option<Loaded<K>> {
        let Some(state) = state else {
            self.forget(instance);
            return None;
        };
        let state = Arc::new(state);
        self.publish(instance, &state, session, ticket);
        let instance = Arc::clone(instance);
        Some(Loaded { instance, state })
    }

    /// These instances with their states. Where more than one is not at hand,
    /// the whole set is loaded in one statement. Unknown ids are not in the
    /// answer.
    pub(crate) async fn get_many(
        &self,
        ids: &[K::Id],
        session: &mut K::Reader,
    ) -> Result<HashMap<K::Id, Loaded<K>>, StoreError> {
        if let Some(found) = self.at_hand(ids, session) {
            count(&self.counters.hits);
            session.count_cache(true);
            return Ok(found);
        }
        count(&self.counters.misses);
        session.count_cache(false);
        let before = self.before_set();
        if let Some(states) = K::all_at_hand(session) {
            return Ok(self.keep_set(states, ids, session, before));
        }
        // What waits is not carried along by whoever need not.
        Box::pin(self.load_many(ids, session)).await
    }

    async fn load_many(
        &self,
        ids: &[K::Id],
        session: &mut K::Reader,
    ) -> Result<HashMap<K::Id, Loaded<K>>, StoreError> {
        let _first = match session.is_open() {
            true => None,
            false => Some(session.wait_for(&self.flight.entry).await?),
        };
        if let Some(found) = self.at_hand(ids, session) {
            count(&self.counters.coalesced);
            return Ok(found);
        }
        session.open().await?;
        let _loading = self.flight.loading.lock().await;
        if let Some(found) = self.at_hand(ids, session) {
            count(&self.counters.coalesced);
            return Ok(found);
        }
        self.load_set(ids, session).await
    }

    async fn load_set(
        &self,
        ids: &[K::Id],
        session: &mut K::Reader,
    ) -> Result<HashMap<K::Id, Loaded<K>>, StoreError> {
        let before = self.before_set();
        let states = self.timed(K::load_all(session)).await?;
        Ok(self.keep_set(states, ids, session, before))
    }

    /// Keeps the states of all, unless one was dropped by hand since `before`;
    /// gives those of `ids`.
    fn keep_set(
        &self,
        states: States<K>,
        ids: &[K::Id],
        session: &K::Reader,
        before: BeforeSet,
    ) -> HashMap<K::Id, Loaded<K>> {
        let mut found = HashMap::with_capacity(ids.len());
        for (id, state) in states {
            let instance = self.instance(id);
            let state = Arc::new(state);
            let ticket = instance.ticket(before.at);
            // Else one of them was dropped meanwhile: perhaps this one.
            if self.drops.load(Ordering::SeqCst) == before.drops {
                self.publish(&instance, &state, session, ticket);
            }
            if ids.contains(&id) {
                found.insert(id, Loaded { instance, state });
            }
        }
        found
    }

    /// All of these, where all of them are here to be seen.
    fn at_hand(&self, ids: &[K::Id], session: &mut K::Reader) -> Option<HashMap<K::Id, Loaded<K>>> {
        let version = session.version_to_see();
        let loaded = |id: &K::Id| {
            let instance = self.instances.get(id)?;
            let state = instance.visible(version)?;
            Some((*id, Loaded { instance, state }))
        };
        let found = ids.iter().map(loaded).collect::<Option<HashMap<_, _>>>()?;
        session.saw(version);
        Some(found)
    }

    /// The state as the database has it now, past the cache and without
    /// changing it.
    pub(crate) async fn get_fresh(
        &self,
        id: K::Id,
        session: &mut K::Reader,
    ) -> Result<Option<Loaded<K>>, StoreError> {
        // What is shared is of the version that the process knows; this is
        // about the one that the database has.
        session.open().await?;
        let state = self.timed(K::load_one(session, id)).await?.map(Arc::new);
        Ok(state.map(|state| Loaded {
            instance: self.instance(id),
            state,
        }))
    }

    /// Counts a load and how long it took.
    async fn timed<T>(
        &self,
        load: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        count(&self.counters.loads);
        let begun = Instant::now();
        let loaded = load.await;
        match &loaded {
            Ok(_) => self.counters.took(begun.elapsed()),
            Err(_) => count(&self.counters.failed_loads),
        }
        loaded
    }

    fn ticket(&self, instance: &Instance<K>) -> Ticket {
        instance.ticket(self.clock.now())
    }

    fn before_set(&self) -> BeforeSet {
        BeforeSet {
            drops: self.drops.load(Ordering::SeqCst),
            at: self.clock.now(),
        }
    }

    /// The one instance, made where there is none.
    ///
    /// Not by quick_cache's own `get_or_insert_with`: it hands out what is not
    /// in the map yet, so a change could miss an instance that others have.
    fn instance(&self, id: K::Id) -> Arc<Instance<K>> {
        let instance = self.instances.get(&id).unwrap_or_else(|| self.make(id));
        // Whoever made it may not have come so far.
        instance.settle(&self.told);
        instance
    }

    fn make(&self, id: K::Id) -> Arc<Instance<K>> {
        let _making = self.making.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(instance) = self.instances.get(&id) {
            return instance;
        }
        let instance = Arc::new(Instance::new(id));
        // In use as it goes in, so that it is not what has to make room.
        self.instances.insert(id, Arc::clone(&instance));
        instance
    }

    fn publish(
        &self,
        instance: &Instance<K>,
        state: &Arc<K::State>,
        session: &K::Reader,
        ticket: Ticket,
    ) {
        let version = session.version().unwrap_or_default();
        if !instance.publish(state, version, ticket) {
            count(&self.counters.outdated);
        }
    }

    /// An id without a row takes no room.
    fn forget(&self, instance: &Arc<Instance<K>>) {
        // The cache has one, the caller one; who else has one, waits to load.
        self.instances
            .remove_if(&instance.id(), |kept| Arc::strong_count(kept) <= 2);
    }
}

/// Taken before a load of the whole set.
#[derive(Clone, Copy)]
struct BeforeSet {
    drops: u64,
    at: Duration,
}

/// The state that this session may see; it has seen that version then.
fn see<K: Kind>(instance: &Instance<K>, session: &mut K::Reader) -> Option<Arc<K::State>> {
    let version = session.version_to_see();
    let state = instance.visible(version)?;
    session.saw(version);
    Some(state)
}
