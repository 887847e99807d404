//! The cache of instances: one for each id in the process.
//!
//! Owns: that concurrent first uses share one load, that building one instance
//! never blocks a hit on another, that an instance in use is never evicted (so
//! there are never two of one id), and that a change drops what it made stale.
//!
//! Must not know: what an instance is.

mod instance;
mod stats;

use std::collections::HashMap;
use std::fmt::{Debug, Display};
use std::future::Future;
use std::hash::Hash;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use lombard_store::{DataVersion, Session, StoreError};
use quick_cache::sync::Cache;
use quick_cache::{DefaultHashBuilder, Lifecycle, UnitWeighter};

pub use self::instance::Instance;
use self::instance::{Flight, Ticket};
pub use self::stats::CacheStats;
use self::stats::{Counters, count};

/// A kind of thing with one instance for each id.
pub trait Kind: Sized + Send + Sync + 'static {
    /// What names one.
    type Id: Copy + Debug + Display + Eq + Hash + Send + Sync + 'static;
    /// What it is at one state of the database; immutable.
    type State: Send + Sync + 'static;

    /// Loads one; none where there is no such id.
    fn load_one(
        session: &mut Session,
        id: Self::Id,
    ) -> impl Future<Output = Result<Option<Self::State>, StoreError>> + Send;

    /// The same without reading: none where it has to be read.
    fn at_hand(session: &mut Session, id: Self::Id) -> Option<Option<Self::State>>;

    /// All there are, where they were read before.
    fn all_at_hand(session: &mut Session) -> Option<States<Self>>;

    /// Loads all there are, in one statement.
    fn load_all(
        session: &mut Session,
    ) -> impl Future<Output = Result<States<Self>, StoreError>> + Send;
}

/// All instances of a kind, with their states.
type States<K> = Vec<(<K as Kind>::Id, <K as Kind>::State)>;

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
    evictions: Arc<AtomicU64>,
}

impl<K: Kind> Lifecycle<K::Id, Arc<Instance<K>>> for KeepUsed {
    type RequestState = ();

    fn is_pinned(&self, _: &K::Id, instance: &Arc<Instance<K>>) -> bool {
        // The cache has one; who else has one, uses it.
        Arc::strong_count(instance) > 1
    }

    fn on_evict(&self, (): &mut (), _: K::Id, _: Arc<Instance<K>>) {
        self.evictions.fetch_add(1, Ordering::Relaxed);
    }
}

type Instances<K> =
    Cache<<K as Kind>::Id, Arc<Instance<K>>, UnitWeighter, DefaultHashBuilder, KeepUsed>;

/// The cache of one kind.
pub(crate) struct InstanceCache<K: Kind> {
    instances: Instances<K>,
    /// For loads of the whole set.
    flight: Flight,
    counters: Counters,
    evictions: Arc<AtomicU64>,
    /// The newest version that this cache was told of, whatever had changed.
    /// An instance that was not here then may have been changed by it.
    told: AtomicU64,
    /// How often something was dropped by hand.
    drops: AtomicU64,
}

impl<K: Kind> InstanceCache<K> {
    /// A cache for this many instances that nobody uses; those in use are kept
    /// beyond it.
    pub(crate) fn new(capacity: usize) -> Self {
        let lifecycle = KeepUsed::default();
        let evictions = Arc::clone(&lifecycle.evictions);
        Self {
            instances: Cache::with(
                capacity,
                u64::try_from(capacity).unwrap_or(u64::MAX),
                UnitWeighter,
                DefaultHashBuilder::default(),
                lifecycle,
            ),
            flight: Flight::default(),
            counters: Counters::default(),
            evictions,
            told: AtomicU64::default(),
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
        session: &mut Session,
    ) -> Result<Option<Loaded<K>>, StoreError> {
        let instance = self.instance(id);
        if let Some(state) = see(&instance, session) {
            count(&self.counters.hits);
            session.meter().count_cache(true);
            return Ok(Some(Loaded { instance, state }));
        }
        count(&self.counters.misses);
        session.meter().count_cache(false);
        let ticket = instance.ticket();
        if let Some(state) = K::at_hand(session, id) {
            return Ok(self.loaded(&instance, state, session, ticket));
        }
        if session.is_open() {
            return self.load(&instance, session).await;
        }
        let _first = session.wait_for(instance.flight.entry.lock()).await?;
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
        session: &mut Session,
    ) -> Result<Option<Loaded<K>>, StoreError> {
        let _loading = instance.flight.loading.lock().await;
        if let Some(state) = see(instance, session) {
            count(&self.counters.coalesced);
            let instance = Arc::clone(instance);
            return Ok(Some(Loaded { instance, state }));
        }
        count(&self.counters.loads);
        let ticket = instance.ticket();
        let state = K::load_one(session, instance.id()).await?;
        Ok(self.loaded(instance, state, session, ticket))
    }

    fn loaded(
        &self,
        instance: &Arc<Instance<K>>,
        state: Option<K::State>,
        session: &Session,
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
        session: &mut Session,
    ) -> Result<HashMap<K::Id, Loaded<K>>, StoreError> {
        if let Some(found) = self.at_hand(ids, session) {
            count(&self.counters.hits);
            session.meter().count_cache(true);
            return Ok(found);
        }
        count(&self.counters.misses);
        session.meter().count_cache(false);
        let drops = self.drops.load(Ordering::SeqCst);
        if let Some(states) = K::all_at_hand(session) {
            return Ok(self.keep_set(states, ids, session, drops));
        }
        let _first = match session.is_open() {
            true => None,
            false => Some(session.wait_for(self.flight.entry.lock()).await?),
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
        session: &mut Session,
    ) -> Result<HashMap<K::Id, Loaded<K>>, StoreError> {
        count(&self.counters.loads);
        let drops = self.drops.load(Ordering::SeqCst);
        let states = K::load_all(session).await?;
        Ok(self.keep_set(states, ids, session, drops))
    }

    /// Keeps the states of all, unless one was dropped by hand since there
    /// were so many `drops`; gives those of `ids`.
    fn keep_set(
        &self,
        states: States<K>,
        ids: &[K::Id],
        session: &Session,
        drops: u64,
    ) -> HashMap<K::Id, Loaded<K>> {
        let mut found = HashMap::with_capacity(ids.len());
        for (id, state) in states {
            let instance = self.instance(id);
            let state = Arc::new(state);
            let ticket = instance.ticket();
            // Else one of them was dropped meanwhile: perhaps this one.
            if self.drops.load(Ordering::SeqCst) == drops {
                self.publish(&instance, &state, session, ticket);
            }
            if ids.contains(&id) {
                found.insert(id, Loaded { instance, state });
            }
        }
        found
    }

    /// All of these, where all of them are here to be seen.
    fn at_hand(&self, ids: &[K::Id], session: &mut Session) -> Option<HashMap<K::Id, Loaded<K>>> {
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
        session: &mut Session,
    ) -> Result<Option<Loaded<K>>, StoreError> {
        count(&self.counters.loads);
        // What is shared is of the version that the process knows; this is
        // about the one that the database has.
        session.open().await?;
        let state = K::load_one(session, id).await?.map(Arc::new);
        Ok(state.map(|state| Loaded {
            instance: self.instance(id),
            state,
        }))
    }

    /// Drops the state of one: this version has another.
    pub(crate) fn changed(&self, id: K::Id, at: DataVersion) {
        // Before the look: an instance that is made meanwhile settles for it.
        self.told.fetch_max(at.0, Ordering::SeqCst);
        if let Some(instance) = self.instances.peek(&id) {
            instance.changed(at);
            count(&self.counters.invalidations);
        }
    }

    /// Drops every state: this version may have others.
    pub(crate) fn all_changed(&self, at: DataVersion) {
        self.told.fetch_max(at.0, Ordering::SeqCst);
        for (_, instance) in self.instances.iter() {
            instance.changed(at);
            count(&self.counters.invalidations);
        }
    }

    /// Drops the state of one by hand.
    pub(crate) fn drop_state(&self, id: K::Id) {
        self.drops.fetch_add(1, Ordering::SeqCst);
        if let Some(instance) = self.instances.peek(&id) {
            instance.drop_state();
            count(&self.counters.invalidations);
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
            instance.drop_state();
            count(&self.counters.invalidations);
        }
        self.instances
            .retain(|_, instance| Arc::strong_count(instance) > 1);
    }

    pub(crate) fn stats(&self) -> CacheStats {
        let loaded = self
            .instances
            .iter()
            .filter(|(_, one)| one.is_loaded())
            .count();
        let evictions = self.evictions.load(Ordering::Relaxed);
        self.counters.stats(self.instances.len(), loaded, evictions)
    }

    fn instance(&self, id: K::Id) -> Arc<Instance<K>> {
        let mut is_new = false;
        let made: Result<_, std::convert::Infallible> =
            self.instances.get_or_insert_with(&id, || {
                is_new = true;
                Ok(Arc::new(Instance::new(id)))
            });
        let instance = match made {
            Ok(instance) => instance,
            Err(never) => match never {},
        };
        if is_new {
            instance.settle(&self.told);
        }
        instance
    }

    fn publish(
        &self,
        instance: &Instance<K>,
        state: &Arc<K::State>,
        session: &Session,
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

/// The state that this session may see; it has seen that version then.
fn see<K: Kind>(instance: &Instance<K>, session: &mut Session) -> Option<Arc<K::State>> {
    let version = session.version_to_see();
    let state = instance.visible(version)?;
    session.saw(version);
    Some(state)
}
