//! Instances that are made before they are needed.
//!
//! Owns: that a call finds a fresh instance of its plugin made already, and
//! leaves the one it used to be taken apart behind it, both off its way; how
//! many there are; and that nothing of a call is ever in an instance that was
//! made before it. Each is used once.
//!
//! What a plugin runs while its instance is made (a start function) it may run
//! before there is a call only where the host need not know whose call it is:
//! an instance that has called the host, or was not made at once, is thrown
//! away, and the calls of such a plugin make their own from then on.
//!
//! Must not know: what a call is for.

use std::collections::VecDeque;
use std::mem;
use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::FutureExt as _;
use lombard_model::{Grants, Limit, Settings};
use lombard_store::{Purpose, Store as Database};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use wasmtime::{Engine, PoolConcurrencyLimitError, Store};

use crate::call::{CallSetup, CallState, bound, deadline_of};
use crate::capabilities::Subject;
use crate::deadline::Deadline;
use crate::engine::{Running, Ticker};
use crate::limits::HostMemory;
use crate::plugin::Instance;
use crate::spent::Spent;
use crate::workshop::Workshop;
use crate::{Plugin, RuntimeError};

/// Instances that wait for a call, of all plugins together.
pub(crate) const SPARES: u32 = 16;

/// Instances that wait for a call, of one plugin.
const OF_ONE: usize = 2;

/// Instances that are being taken apart or made, off the way of calls.
pub(crate) const IN_WORK: u32 = 8;

/// How long a plugin's start function may compute before there is a call, in
/// milliseconds. Not how long it may take: others go first.
const PATIENCE_MS: u64 = 20;

/// A store with, once it is made, an instance in it.
pub(crate) struct Made {
    pub(crate) store: Store<CallState>,
    pub(crate) instance: Option<Instance>,
    /// What was in the store before there was a call.
    nobody: Option<Box<CallState>>,
}

impl Made {
    fn nothing_yet(engine: &Engine, state: CallState) -> Self {
        let mut store = Store::new(engine, state);
        store.limiter(|state| state.memory());
        Self {
            store,
            instance: None,
            nobody: None,
        }
    }
}

/// The instances that wait, and those who make them.
pub(crate) struct Spares {
    shared: Arc<Shared>,
}

struct Shared {
    engine: Engine,
    ticker: Ticker,
    database: Database,
    /// What those who wait may have of it.
    memory: HostMemory,
    /// The oldest first; none any more where the host is closed.
    waiting: Mutex<Option<VecDeque<Made>>>,
    work: Arc<Semaphore>,
    workshop: Workshop,
}

impl Spares {
    /// Those of a host, none yet.
    ///
    /// # Errors
    /// Where the system has no thread to make them on.
    pub(crate) fn new(
        engine: &Engine,
        ticker: Ticker,
        database: &Database,
        memory: &HostMemory,
    ) -> Result<Self, RuntimeError> {
        Ok(Self {
            shared: Arc::new(Shared {
                engine: engine.clone(),
                ticker,
                database: database.clone(),
                memory: memory.of_those_who_wait(),
                waiting: Mutex::new(Some(VecDeque::new())),
                work: Arc::new(Semaphore::new(IN_WORK as usize)),
                workshop: Workshop::start()?,
            }),
        })
    }

    /// Has a call interrupted at each tick, and at its deadline, for as long as the
    /// guard lives.
    pub(crate) fn running(&self, deadline: &Deadline) -> Running {
        self.shared.ticker.running(deadline)
    }

    /// Where this call is to run: in an instance that waits, or in a store in
    /// which the call makes one.
    pub(crate) fn take(&self, state: CallState) -> Made {
        // Those who wait are linked to host functions that know no tape.
        let waiting = match state.setup.tape {
            None => self.shared.waiting_for(&state.setup),
            Some(_) => None,
        };
        match waiting {
            Some(mut made) => {
                let mut nobody = mem::replace(made.store.data_mut(), state);
                made.store.data_mut().take_instance_of(&mut nobody);
                made.nobody = Some(Box::new(nobody));
                made
            }
            None => Made::nothing_yet(&self.shared.engine, state),
        }
    }

    /// Takes an instance back after its call, and gives what the call had in
    /// hand, beside what is to be taken apart.
    pub(crate) fn give_back(&self, mut made: Made) -> (CallState, Option<Used>) {
        let shared = &self.shared;
        let Ok(work) = Arc::clone(&shared.work).try_acquire_owned() else {
            return (made.store.into_data(), None);
        };
        if made.store.data().setup.memory.is_short() {
            // The next call may need what this instance has.
            return (made.store.into_data(), None);
        }
        let nobody = match made.nobody.take() {
            Some(nobody) => *nobody,
            None => shared.nobody(&made.store.data().setup),
        };
        let mut state = mem::replace(made.store.data_mut(), nobody);
        made.store.data_mut().take_instance_of(&mut state);
        let used = Used {
            made,
            work,
            shared: Arc::clone(shared),
        };
        (state, Some(used))
    }

    /// How many wait.
    pub(crate) fn waiting(&self) -> usize {
        self.shared.lock().as_ref().map_or(0, VecDeque::len)
    }

    /// Takes all apart, since what they have is needed.
    pub(crate) fn let_go(&self) {
        let gone = self.shared.lock().as_mut().map(mem::take);
        // Not while others wait for the list.
        drop(gone);
    }

    /// Takes those of this plugin apart.
    pub(crate) fn let_go_of(&self, plugin: &Arc<Plugin>) {
        let is_of_it = |made: &Made| Arc::ptr_eq(&made.store.data().setup.plugin, plugin);
        let mut gone = Vec::new();
        if let Some(waiting) = self.shared.lock().as_mut() {
            for made in mem::take(waiting) {
                match is_of_it(&made) {
                    true => gone.push(made),
                    false => waiting.push_back(made),
                }
            }
        }
        // Not while others wait for the list.
        drop(gone);
    }

    /// Takes all apart, and keeps none any more.
    pub(crate) fn close(&self) {
        *self.shared.lock() = None;
    }
}

/// An instance after its call.
#[must_use = "whoever drops it takes it apart on the way of the call"]
pub(crate) struct Used {
    made: Made,
    work: OwnedSemaphorePermit,
    shared: Arc<Shared>,
}

impl Used {
    /// Has it taken apart, and the next one made, when there is time. Best after
    /// the call has ended its session: a thread is woken for both, and by what is
    /// left for it last.
    pub(crate) fn take_apart(self) {
        // By way of a task, so that it is not this call that wakes the workshop.
        tokio::spawn(async move {
            let shared = Arc::clone(&self.shared);
            shared.workshop.hand_over(self.replaced());
        });
    }

    async fn replaced(self) {
        let Self { made, work, shared } = self;
        let before = made.store.into_data();
        let nobody = shared.nobody(&before.setup);
        // What the instance had is free before the next one is made.
        drop(before);
        // Kilobytes, which the call that ended here has not copied.
        Box::pin(shared.make(nobody)).await;
        drop(work);
    }
}

impl Shared {
    /// What a plugin has in hand while there is no call, after this one or after
    /// nobody's: no grant, no setting, no word with the host, a session that it
    /// may not use.
    fn nobody(&self, of: &CallSetup) -> CallState {
        let session = Box::new(self.database.session(Purpose::host("make an instance")));
        let setup = CallSetup {
            id: of.id,
            plugin: Arc::clone(&of.plugin),
            grants: Grants::default(),
            accounts: of.accounts.clone(),
            subject: Subject::Widget(Settings::default()),
            as_of: of.as_of,
            limits: of
                .limits
                .with(Limit::CpuMs, PATIENCE_MS)
                .with(Limit::HostCalls, 0),
            memory: self.memory.clone(),
            slice: Arc::new(of.slice.of_another()),
            function: "instantiate",
            spent: Arc::new(Spent::new(session.meter())),
            tape: None,
        };
        CallState::new(Arc::new(setup), session)
    }

    /// Makes an instance of the plugin that this nobody is of, where that is
    /// wanted and can be done before there is a call.
    async fn make(&self, nobody: CallState) {
        let setup = Arc::clone(&nobody.setup);
        if !setup.plugin.is_made_ahead() || !self.has_room_for(&setup) {
            return;
        }
        let mut made = Made::nothing_yet(&self.engine, nobody);
        let deadline = Deadline::starting_now(deadline_of(&setup.limits), Arc::clone(&setup.spent));
        bound(&mut made.store, &deadline);
        let running = self.ticker.running(&deadline);
        let instance = {
            let making = setup.plugin.instantiate(&mut made.store);
            let making = pin!(AssertUnwindSafe(making).catch_unwind());
            setup.metered(making).await
        };
        drop(running);
        match instance {
            Ok(Ok(instance)) => {
                made.instance = Some(instance);
                self.keep(made);
            }
            // Says nothing of the plugin: others have what it needs.
            Ok(Err(error)) if error.is::<PoolConcurrencyLimitError>() => {}
            _ if made.store.data_mut().memory().is_refused_by_host() => {}
            _ => {
                let plugin = setup.plugin.manifest.name.as_str();
                tracing::debug!(plugin, "its instances can't be made before a call");
                setup.plugin.never_make_ahead();
            }
        }
    }

    fn has_room_for(&self, setup: &CallSetup) -> bool {
        let waiting = self.lock();
        let waiting = waiting.iter().flatten();
        waiting.filter(|made| is_of(made, setup)).count() < OF_ONE
    }

    /// Keeps an instance; the one that has waited longest goes for it.
    fn keep(&self, made: Made) {
        let gone = {
            let mut waiting = self.lock();
            let Some(waiting) = waiting.as_mut() else {
                return;
            };
            // Its plugin may have been retired while it was made. Looked at under
            // the lock that those who take a retired plugin's apart need too.
            if !made.store.data().setup.plugin.is_made_ahead() {
                return;
            }
            let is_full = waiting.len() >= SPARES as usize;
            let gone = is_full.then(|| waiting.pop_front());
            waiting.push_back(made);
            gone
        };
        // Taking it apart takes its time: not while others wait for the list.
        drop(gone);
    }

    fn waiting_for(&self, setup: &CallSetup) -> Option<Made> {
        let mut waiting = self.lock();
        let waiting = waiting.as_mut()?;
        let at = waiting.iter().position(|made| is_of(made, setup))?;
        waiting.remove(at)
    }

    fn lock(&self) -> MutexGuard<'_, Option<VecDeque<Made>>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What an instance is made within.
const MADE_WITHIN: [Limit; 3] = [
    Limit::MemoryBytes,
    Limit::TableEntries,
    Limit::CoreInstances,
];

/// Whether it is of this plugin, and was made within the same limits.
fn is_of(made: &Made, setup: &CallSetup) -> bool {
    let its = &made.store.data().setup;
    let is_alike = |limit| its.limits.get(limit) == setup.limits.get(limit);
    Arc::ptr_eq(&its.plugin, &setup.plugin) && MADE_WITHIN.into_iter().all(is_alike)
}
