//! Invariants 4 to 6 together: whatever happens in whatever order, a call sees
//! one state, never one older than what was saved before it began, and nobody
//! ever has another instance of an id than everybody else.
//!
//! Owns: random orders of reading, saving here and elsewhere, dropping, ageing
//! and giving up, and a reference that knows every state there ever was. What
//! threads do within a step is explored in `lombard-accounts`.

use std::collections::{BTreeMap, HashMap};
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::{Arc, Weak};
use std::task::Poll;
use std::time::Duration;

use lombard_accounts::{AccountKind, Accounts, AccountsError, AccountsOptions, AgeClock};
use lombard_accounts::{Instance, Loaded};
use lombard_store::{
    DataVersion, Location, Purpose, Session, SettingsOwner, SettingsWrite, Store, StoreError,
    StoreOptions,
};
use proptest::prelude::*;
use tempfile::TempDir;

use crate::support::books::Book;
use crate::support::{account, all_connections_are_back, in_time};

/// Accounts there are. One more is asked for.
const ACCOUNTS: u64 = 3;

/// Calls that are under way at once.
const CALLS: usize = 3;

const TTL: Duration = Duration::from_secs(1);

#[derive(Clone, Copy, Debug)]
enum Step {
    /// Ends the call, if there is one, and begins another: with a connection
    /// and a snapshot, or with what the caches have.
    Begin {
        call: usize,
        open: bool,
    },
    /// The call asks for an account and waits, as long as nobody else has to.
    Get {
        call: usize,
        id: u64,
    },
    /// The call has its answer.
    Answer {
        call: usize,
    },
    /// Whoever made the call has gone.
    Cancel {
        call: usize,
    },
    Save {
        id: u64,
    },
    SaveElsewhere {
        id: u64,
    },
    DropSettings {
        id: u64,
    },
    DropInstance {
        id: u64,
    },
    DropAll,
    Age,
}

fn step() -> impl Strategy<Value = Step> {
    let (call, id) = (|| 0..CALLS, || 1..=ACCOUNTS);
    prop_oneof![
        4 => (call(), any::<bool>()).prop_map(|(call, open)| Step::Begin { call, open }),
        8 => (call(), 1..=ACCOUNTS + 1).prop_map(|(call, id)| Step::Get { call, id }),
        8 => call().prop_map(|call| Step::Answer { call }),
        1 => call().prop_map(|call| Step::Cancel { call }),
        3 => id().prop_map(|id| Step::Save { id }),
        3 => id().prop_map(|id| Step::SaveElsewhere { id }),
        1 => id().prop_map(|id| Step::DropSettings { id }),
        1 => id().prop_map(|id| Step::DropInstance { id }),
        1 => Just(Step::DropAll),
        1 => Just(Step::Age),
    ]
}

/// Every state there ever was, by the version that made it.
#[derive(Default)]
struct Reference(BTreeMap<DataVersion, BTreeMap<u64, i64>>);

impl Reference {
    fn saved(&mut self, version: DataVersion, id: u64, value: i64) {
        let newest = self.0.last_key_value();
        let (before, mut state) = newest.map_or_else(Default::default, |(v, s)| (*v, s.clone()));
        assert!(version > before, "{version} was made after {before}");
        state.insert(id, value);
        self.0.insert(version, state);
    }

    fn at(&self, version: DataVersion, id: u64) -> i64 {
        let state = self.0.range(..=version).next_back();
        state
            .and_then(|(_, state)| state.get(&id))
            .copied()
            .unwrap_or(0)
    }
}

type Answer = (Session, u64, Result<Loaded<AccountKind>, AccountsError>);

/// A call, and what it has seen.
struct Call {
    /// The newest version that was known when it began.
    least: DataVersion,
    seen: Option<DataVersion>,
    was_open: bool,
    held: Vec<Loaded<AccountKind>>,
    session: Option<Session>,
    asking: Option<Pin<Box<dyn Future<Output = Answer>>>>,
}

struct World {
    here: Store,
    there: Store,
    accounts: Accounts,
    age: AgeClock,
    reference: Reference,
    instances: HashMap<u64, Weak<Instance<AccountKind>>>,
    calls: Vec<Option<Call>>,
    last: i64,
    _folder: TempDir,
}

impl World {
    async fn new(capacity: usize, share_reads: bool) -> Self {
        let folder = tempfile::tempdir().expect("it is sound");
        let location = Location::file(folder.path().join("book.sqlite"));
        let options = StoreOptions {
            connections: u32::try_from(CALLS).expect("it is sound") + 1,
            share_reads,
            watch_every: None,
            ..StoreOptions::default()
        };
        let here = Store::open(&location, &options).await.expect("it is sound");
        let there = Store::open(&location, &options).await.expect("it is sound");
        let age = AgeClock::driven();
        let options = AccountsOptions {
            capacity,
            settings_ttl: Some(TTL),
            clock: age.clone(),
            ..AccountsOptions::default()
        };
        let book = Book {
            accounts: ACCOUNTS,
            experts: 1,
            transactions: 1,
        };
        here.import(book.dataset()).await.expect("it is sound");
        Self {
            accounts: Accounts::new(here.clone(), &options),
            here,
            there,
            age,
            reference: Reference::default(),
            instances: HashMap::new(),
            calls: (0..CALLS).map(|_| None).collect(),
            last: 0,
            _folder: folder,
        }
    }

    async fn take(&mut self, step: Step) {
        match step {
            Step::Begin { call, open } => {
                self.answer(call).await;
                self.calls[call] = Some(self.begin(open).await);
            }
            Step::Get { call, id } => {
                self.answer(call).await;
                self.ask(call, id).await;
            }
            Step::Answer { call } => self.answer(call).await,
            Step::Cancel { call } => self.calls[call] = None,
            Step::Save { id } => self.save(id, true).await,
            Step::SaveElsewhere { id } => self.save(id, false).await,
            Step::DropSettings { id } => self.accounts.invalidate_settings(owner(id)),
            Step::DropInstance { id } => self.accounts.invalidate_instance(owner(id)),
            Step::DropAll => self.accounts.invalidate_all(),
            Step::Age => self.age.advance(TTL * 2 / 3),
        }
    }

    async fn begin(&mut self, open: bool) -> Call {
        let least = self.here.data_version();
        let mut session = self.here.session(Purpose::host("a call"));
        if open {
            in_time(session.open()).await.expect("it is sound");
        }
        Call {
            least,
            seen: session.version(),
            was_open: open,
            held: Vec::new(),
            session: Some(session),
            asking: None,
        }
    }

    /// Begins to ask, as far as that goes at once.
    async fn ask(&mut self, at: usize, id: u64) {
        let Some(call) = &mut self.calls[at] else {
            return;
        };
        let Some(mut session) = call.session.take() else {
            return;
        };
        call.was_open = session.is_open();
        let accounts = self.accounts.clone();
        call.asking = Some(Box::pin(async move {
            let answer = accounts.account(account(id), &mut session).await;
            (session, id, answer)
        }));
        let answered = self.poll_once(at).await;
        if let Some(answer) = answered {
            self.check(at, answer);
        }
    }

    async fn poll_once(&mut self, at: usize) -> Option<Answer> {
        let asking = self.calls[at].as_mut()?.asking.as_mut()?;
        poll_fn(|context| match asking.as_mut().poll(context) {
            Poll::Ready(answer) => Poll::Ready(Some(answer)),
            Poll::Pending => Poll::Ready(None),
        })
        .await
    }

    /// Goes on with all that ask until this one has its answer: it may wait
    /// for another.
    async fn answer(&mut self, wanted: usize) {
        while self.calls[wanted]
            .as_ref()
            .is_some_and(|call| call.asking.is_some())
        {
            let calls = &mut self.calls;
            let (at, answer) = in_time(poll_fn(|context| {
                for (at, call) in calls.iter_mut().enumerate() {
                    let asking = call.as_mut().and_then(|call| call.asking.as_mut());
                    if let Some(Poll::Ready(answer)) = asking.map(|one| one.as_mut().poll(context))
                    {
                        return Poll::Ready((at, answer));
                    }
                }
                Poll::Pending
            }))
            .await;
            self.check(at, answer);
        }
    }

    fn check(&mut self, at: usize, (session, id, answer): Answer) {
        let call = self.calls[at].as_mut().expect("it has asked");
        call.asking = None;
        let version = session.version();
        match answer {
            Ok(loaded) => {
                let version = version.expect("it has seen something");
                assert!(call.seen.is_none_or(|seen| seen == version), "two states");
                assert!(version >= call.least, "older than what was known");
                let saved = loaded.state.settings.saved().get("n");
                let value = saved.map_or(0, |value| value.as_i64().expect("it is sound"));
                assert_eq!(value, self.reference.at(version, id), "{id} at {version}");
                let other = self.instances.get(&id).and_then(Weak::upgrade);
                if let Some(other) = other {
                    assert!(Arc::ptr_eq(&other, &loaded.instance), "two of {id}");
                }
                let instance = Arc::downgrade(&loaded.instance);
                self.instances.insert(id, instance);
                call.held.push(loaded);
            }
            Err(AccountsError::NoAccount(_)) => assert!(id > ACCOUNTS, "{id} is there"),
            Err(AccountsError::Store(StoreError::Moved { seen, found })) => {
                assert!(!call.was_open && call.seen == Some(seen) && found > seen);
            }
            Err(error) => panic!("{error:?}"),
        }
        call.seen = version;
        call.session = Some(session);
    }

    async fn save(&mut self, id: u64, here: bool) {
        self.last += 1;
        let write = SettingsWrite {
            set: [("n".to_owned(), self.last.into())].into(),
            ..SettingsWrite::default()
        };
        let store = if here { &self.here } else { &self.there };
        let version = in_time(store.save_settings(owner(id), write))
            .await
            .expect("it is sound")
            .version;
        self.reference.saved(version, id, self.last);
        if here {
            assert!(self.here.data_version() >= version, "its own save");
        }
    }

    async fn end(mut self) {
        for call in 0..CALLS {
            self.answer(call).await;
            self.calls[call] = None;
        }
        all_connections_are_back(&self.here).await;
        // First whoever looks finds out what there is, then from the cache.
        for open in [true, false] {
            for id in 1..=ACCOUNTS {
                self.calls[0] = Some(self.begin(open).await);
                self.ask(0, id).await;
                self.answer(0).await;
                let newest = self.there.data_version().max(self.here.data_version());
                let seen = self.calls[0].as_ref().and_then(|call| call.seen);
                assert_eq!(seen, Some(newest));
            }
        }
        assert!(self.accounts.account_stats().in_use <= 1);
    }
}

fn owner(id: u64) -> SettingsOwner {
    SettingsOwner::Account(account(id))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_call_sees_one_state_and_everybody_one_instance(
        steps in prop::collection::vec(step(), 1..60),
        capacity in 1..4_usize,
        share_reads in any::<bool>(),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut world = World::new(capacity, share_reads).await;
            for step in steps {
                world.take(step).await;
            }
            world.end().await;
        });
    }
}
