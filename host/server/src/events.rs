//! The changes of the data, for those who follow them.
//!
//! Owns: that a change is told once it can be seen, what is told of several at
//! once, and the bounds: so many followers, so many changes that one may be
//! behind. Must not know: HTTP.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use lombard_model::{AccountId, ExpertId};
use lombard_store::{Change, Changed, DataVersion, Store};
use serde::Serialize;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, broadcast, watch};
use utoipa::ToSchema;

/// Followers at once.
const FOLLOWERS: usize = 256;

/// Changes that a follower may be behind. Whoever is further has missed some.
const BEHIND: usize = 64;

/// Things that are named of one change; more are `anything`.
const NAMED: usize = 1_000;

/// What is different at a version of the data.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct DataChange {
    /// The version of the data that shows it.
    pub(crate) version: u64,
    /// Whether anything may be different: another process changed it, or more
    /// than is named here. Where it is not, and nothing is named, other rows
    /// are, such as orders or recommendations.
    pub(crate) anything: bool,
    /// The ids of the accounts that are different, or their settings.
    #[schema(value_type = Vec<u64>)]
    pub(crate) accounts: BTreeSet<AccountId>,
    /// The ids of the experts that are different, or their settings.
    #[schema(value_type = Vec<u64>)]
    pub(crate) experts: BTreeSet<ExpertId>,
    /// Whether other plugins are installed.
    pub(crate) plugins: bool,
    /// Whether jobs are due at other times, or are others. A schedule that is
    /// saved is told of by its expert first, and here once it is followed.
    pub(crate) jobs: bool,
}

/// What can be seen, by its numbers: who was shown something as of the same
/// numbers has missed nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct AsOf {
    /// The version of the data.
    pub(crate) version: u64,
    /// How often jobs have become others, or due at other times, since this
    /// process began; 0 where none are run.
    pub(crate) plans: u64,
}

/// What a follower is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    /// First of all: what can be seen.
    Hello(AsOf),
    /// The data is different.
    Change(Arc<DataChange>),
    /// So many changes were not told: all that was shown may be old.
    Lagged(u64),
}

/// Those who follow the changes of the data.
#[derive(Debug)]
pub(crate) struct Events {
    heard: Arc<Heard>,
    followers: Arc<Semaphore>,
    plans: Option<watch::Receiver<u64>>,
}

#[derive(Debug)]
struct Heard {
    /// Changes that can't be seen yet, with the version that shows them.
    pending: Mutex<Vec<(DataVersion, DataChange)>>,
    /// None once it has ended.
    tell: Mutex<Option<broadcast::Sender<Arc<DataChange>>>>,
    store: Store,
}

/// One who follows the changes.
#[derive(Debug)]
pub(crate) struct Follower {
    hello: Option<AsOf>,
    changes: broadcast::Receiver<Arc<DataChange>>,
    _place: OwnedSemaphorePermit,
}

/// Why nobody more can follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoPlace {
    /// There are as many as there may be.
    Full,
    /// The process ends.
    Ended,
}

impl Events {
    /// The changes of this store from here on, and those of the plans.
    pub(crate) fn of(store: &Store, plans: Option<watch::Receiver<u64>>) -> Self {
        let heard = Arc::new(Heard {
            pending: Mutex::default(),
            tell: Mutex::new(Some(broadcast::Sender::new(BEHIND))),
            store: store.clone(),
        });
        let listening = Arc::downgrade(&heard);
        store.on_change(move |changed, at| {
            if let Some(heard) = listening.upgrade() {
                heard.note(changed, at);
            }
        });
        tokio::spawn(tell_all(Arc::downgrade(&heard), store.data_versions()));
        if let Some(plans) = plans.clone() {
            tokio::spawn(tell_plans(Arc::downgrade(&heard), plans));
        }
        Self {
            heard,
            plans,
            followers: Arc::new(Semaphore::new(FOLLOWERS)),
        }
    }

    /// One more who follows.
    pub(crate) fn follow(&self) -> Result<Follower, NoPlace> {
        let place = Arc::clone(&self.followers).try_acquire_owned();
        let place = place.map_err(|_| NoPlace::Full)?;
        let tell = lock(&self.heard.tell);
        // Before it is looked what there is: what comes in between is told twice
        // rather than never.
        let changes = tell.as_ref().ok_or(NoPlace::Ended)?.subscribe();
        Ok(Follower {
            hello: Some(self.as_of()),
            changes,
            _place: place,
        })
    }

    /// What can be seen by now.
    pub(crate) fn as_of(&self) -> AsOf {
        AsOf {
            version: self.heard.store.data_version().0,
            plans: self.plans.as_ref().map_or(0, |plans| *plans.borrow()),
        }
    }

    /// Ends it for all who follow, once they were told what there is to tell.
    pub(crate) fn close(&self) {
        drop(lock(&self.heard.tell).take());
    }
}

impl Follower {
    /// What there is to tell next; none once it has ended.
    pub(crate) async fn next(&mut self) -> Option<Told> {
        if let Some(as_of) = self.hello.take() {
            return Some(Told::Hello(as_of));
        }
        match self.changes.recv().await {
            Ok(change) => Some(Told::Change(change)),
            Err(RecvError::Lagged(missed)) => {
                // Whoever reloads needs nothing of what is left.
                let left = u64::try_from(self.changes.len()).unwrap_or(u64::MAX);
                self.changes = self.changes.resubscribe();
                Some(Told::Lagged(missed.saturating_add(left)))
            }
            Err(RecvError::Closed) => None,
        }
    }
}

impl Heard {
    /// Keeps a change that is about to be made.
    fn note(&self, changed: Changed<'_>, at: DataVersion) {
        let mut change = DataChange::default();
        match changed {
            Changed::Anything => change.anything = true,
            Changed::These(changes) => changes.iter().for_each(|one| change.add(*one)),
        }
        let mut pending = lock(&self.pending);
        let is_full = pending.len() >= BEHIND;
        match pending.last_mut() {
            Some((last, before)) if is_full => {
                *last = at.max(*last);
                before.merge(&change);
            }
            _ => pending.push((at, change)),
        }
    }

    /// Tells of all that can be seen at this version.
    fn tell(&self, version: DataVersion) {
        let mut told = DataChange::default();
        lock(&self.pending).retain(|(at, change)| {
            if *at <= version {
                told.merge(change);
            }
            *at > version
        });
        told.version = version.0;
        self.send(told);
    }

    fn send(&self, told: DataChange) {
        if let Some(tell) = &*lock(&self.tell) {
            // Nobody may be there to hear it.
            let _ = tell.send(Arc::new(told));
        }
    }
}

impl DataChange {
    fn add(&mut self, change: Change) {
        match change {
            Change::Account(id) => _ = self.accounts.insert(id),
            Change::Expert(id) => _ = self.experts.insert(id),
            Change::Plugins => self.plugins = true,
            _ => self.anything = true,
        }
        self.bound();
    }

    fn merge(&mut self, other: &Self) {
        self.anything |= other.anything;
        self.plugins |= other.plugins;
        self.jobs |= other.jobs;
        self.accounts.extend(&other.accounts);
        self.experts.extend(&other.experts);
        self.bound();
    }

    fn bound(&mut self) {
        // Of anything nobody is named, also not those who come after.
        if self.anything || self.accounts.len() + self.experts.len() > NAMED {
            self.anything = true;
            self.accounts.clear();
            self.experts.clear();
        }
    }
}

/// Tells of each version as it becomes known, for as long as anybody may hear.
async fn tell_all(heard: Weak<Heard>, mut versions: watch::Receiver<DataVersion>) {
    while versions.changed().await.is_ok() {
        let version = *versions.borrow_and_update();
        let Some(heard) = heard.upgrade() else { break };
        heard.tell(version);
    }
}

/// Tells of each other plan of the jobs, which is no data of the book.
async fn tell_plans(heard: Weak<Heard>, mut plans: watch::Receiver<u64>) {
    while plans.changed().await.is_ok() {
        let Some(heard) = heard.upgrade() else { break };
        heard.send(DataChange {
            version: heard.store.data_version().0,
            jobs: true,
            ..DataChange::default()
        });
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use lombard_store::{Location, StoreOptions};

    use super::*;

    async fn events(folder: &tempfile::TempDir) -> (Store, Events) {
        let location = Location::file(folder.path().join("book.sqlite"));
        let store = Store::open(&location, &StoreOptions::default()).await;
        let store = store.expect("a store");
        let events = Events::of(&store, None);
        (store, events)
    }

    #[tokio::test]
    async fn a_follower_that_is_too_far_behind_is_told_so_and_goes_on_from_now() {
        let folder = tempfile::tempdir().expect("a folder");
        let (_store, events) = events(&folder).await;
        let mut follower = events.follow().expect("a place");
        assert!(matches!(follower.next().await, Some(Told::Hello(_))));
        let most = u64::try_from(BEHIND).expect("a number");
        for version in 1..=most + 10 {
            events.heard.tell(DataVersion(version));
        }
        assert_eq!(follower.next().await, Some(Told::Lagged(most + 10)));
        events.heard.tell(DataVersion(1_000));
        let Some(Told::Change(change)) = follower.next().await else {
            panic!("no change");
        };
        assert_eq!(change.version, 1_000);
        events.close();
        assert_eq!(follower.next().await, None);
        assert_eq!(events.follow().err(), Some(NoPlace::Ended));
    }

    #[tokio::test]
    async fn a_change_is_told_once_it_can_be_seen_and_named_within_bounds() {
        let folder = tempfile::tempdir().expect("a folder");
        let (_store, events) = events(&folder).await;
        let mut follower = events.follow().expect("a place");
        follower.next().await;
        let account = |id: u64| Change::Account(id.try_into().expect("an id"));
        events
            .heard
            .note(Changed::These(&[account(1)]), DataVersion(901));
        events
            .heard
            .note(Changed::These(&[account(2)]), DataVersion(902));
        events.heard.tell(DataVersion(901));
        events.heard.tell(DataVersion(902));
        for id in 1..=2 {
            let Some(Told::Change(change)) = follower.next().await else {
                panic!("no change");
            };
            let ids: Vec<_> = change.accounts.iter().map(|one| one.get()).collect();
            assert_eq!(
                (change.version, ids, change.anything),
                (900 + id, vec![id], false)
            );
        }
        let many: Vec<_> = (1..=2_000).map(account).collect();
        events.heard.note(Changed::These(&many), DataVersion(903));
        events.heard.tell(DataVersion(903));
        let Some(Told::Change(change)) = follower.next().await else {
            panic!("no change");
        };
        assert!(change.anything && change.accounts.is_empty());
    }

    #[tokio::test]
    async fn there_are_so_many_places_and_each_is_free_again() {
        let folder = tempfile::tempdir().expect("a folder");
        let (_store, events) = events(&folder).await;
        let all: Vec<_> = (0..FOLLOWERS).map(|_| events.follow()).collect();
        assert!(all.iter().all(Result::is_ok));
        assert_eq!(events.follow().err(), Some(NoPlace::Full));
        drop(all);
        assert!(events.follow().is_ok());
    }
}
