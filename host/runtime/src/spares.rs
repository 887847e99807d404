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
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::FutureExt as _;
use lombard_model::{Grants, Settings};
use lombard_store::{Purpose, Store as Database};
use tokio::sync::Semaphore;
use wasmtime::{Engine, Store};

use crate::Limits;
use crate::call::{CallSetup, CallState, bound};
use crate::capabilities::Subject;
use crate::deadline::Deadline;
use crate::engine::Ticker;
use crate::plugin::Instance;
use crate::spent::Spent;

/// Instances that wait for a call, of all plugins together.
pub(crate) const SPARES: u32 = 16;

/// Instances that wait for a call, of one plugin.
const OF_ONE: usize = 2;

/// Instances that are being taken apart or made, off the way of calls.
pub(crate) const IN_WORK: u32 = 8;

/// How long a plugin's start function may take before there is a call.
const PATIENCE: Duration = Duration::from_millis(20);

/// A store with, once it is made, an instance in it.
pub(crate) struct Made {
    pub(crate) store: Store<CallState>,
    pub(crate) instance: Option<Instance>,
}

impl Made {
    fn nothing_yet(engine: &Engine, state: CallState) -> Self {
        let mut store = Store::new(engine, state);
        store.limiter(|state| state.memory());
        Self {
            store,
            instance: None,
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
    /// The oldest first; none any more where the host is closed.
    waiting: Mutex<Option<VecDeque<Made>>>,
    work: Arc<Semaphore>,
}

impl Spares {
    pub(crate) fn new(engine: &Engine, ticker: &Ticker, database: &Database) -> Self {
        Self {
            shared: Arc::new(Shared {
                engine: engine.clone(),
                ticker: ticker.clone(),
                database: database.clone(),
                waiting: Mutex::new(Some(VecDeque::new())),
                work: Arc::new(Semaphore::new(IN_WORK as usize)),
            }),
        }
    }

    /// Where this call is to run: in an instance that waits, or in a store in
    /// which the call makes one.
    pub(crate) fn take(&self, state: CallState) -> Made {
        match self.shared.waiting_for(&state.setup) {
            Some(mut made) => {
                let nobody = mem::replace(made.store.data_mut(), state);
                let spent = &made.store.data().setup.spent;
                spent.memory(nobody.setup.spent.memory_peak());
                made
            }
            None => Made::nothing_yet(&self.shared.engine, state),
        }
    }

    /// Takes an instance back after its call, and gives what the call had in
    /// hand. It is taken apart, and the next one made, when there is time.
    pub(crate) fn give_back(&self, mut made: Made) -> CallState {
        let shared = &self.shared;
        let Ok(work) = Arc::clone(&shared.work).try_acquire_owned() else {
            return made.store.into_data();
        };
        let nobody = shared.nobody(&made.store.data().setup);
        let state = mem::replace(made.store.data_mut(), nobody);
        let shared = Arc::clone(shared);
        tokio::spawn(async move {
            let nobody = made.store.into_data();
            shared.make(nobody).await;
            drop(work);
        });
        state
    }

    /// How many wait.
    pub(crate) fn waiting(&self) -> usize {
        self.shared.lock().as_ref().map_or(0, VecDeque::len)
    }

    /// Takes all apart, and keeps none any more.
    pub(crate) fn close(&self) {
        *self.shared.lock() = None;
    }
}

impl Shared {
    /// What a plugin has in hand while there is no call: no grant, no setting,
    /// no line to write to the log, a session that it may not use.
    fn nobody(&self, of: &CallSetup) -> CallState {
        let session = self.database.session(Purpose::host("make an instance"));
        let limits = Limits {
            deadline: PATIENCE,
            log_lines: 0,
            ..of.limits
        };
        let setup = CallSetup {
            id: of.id,
            plugin: Arc::clone(&of.plugin),
            grants: Grants::default(),
            accounts: of.accounts.clone(),
            subject: Subject::Widget(Settings::default()),
            as_of: of.as_of,
            limits,
            function: "instantiate",
            spent: Arc::new(Spent::new(session.meter())),
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
        let deadline = Deadline::starting_now(setup.limits.deadline, Arc::clone(&setup.spent));
        bound(&mut made.store, &setup.limits, &deadline);
        let running = self.ticker.running();
        let making = setup.plugin.instantiate(&mut made.store);
        let instance = AssertUnwindSafe(making).catch_unwind().await;
        drop(running);
        match instance {
            Ok(Ok(instance)) if setup.spent.host_calls() == 0 => {
                made.instance = Some(instance);
                self.keep(made);
            }
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

/// Whether it is of this plugin, and was made within the same memory.
fn is_of(made: &Made, setup: &CallSetup) -> bool {
    let its = &made.store.data().setup;
    Arc::ptr_eq(&its.plugin, &setup.plugin) && its.limits.memory_bytes == setup.limits.memory_bytes
}
