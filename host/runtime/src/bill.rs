//! What calls have cost.
//!
//! Owns: the records in memory: the newest, to look at, and those that are not
//! written yet. They are written many at once by a task of the bill's own, and
//! never on the way of a call. Both are bounded: where the database can't keep
//! up the oldest are lost, which is counted.
//!
//! Must not know: the statements.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;

use lombard_model::{CallRecord, Timestamp};
use lombard_store::{Keep, Store, StoreError};
use tokio::runtime::Handle;
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;

use crate::Clock;

/// Records that are kept while they can't be written; older ones are lost.
const UNWRITTEN: usize = 4_096;

/// Records that are written at once.
const BATCH: usize = 256;

/// Attempts at a batch before it is given up, with a pause after each that
/// doubles: about a quarter of a minute in all.
const ATTEMPTS: u32 = 6;

/// How long what calls have cost is kept.
#[derive(Clone, Copy, Debug)]
pub struct BillOptions {
    /// Calls that stay in the database, the newest of all processes.
    pub calls_kept: u32,
    /// How long they stay; none: until newer ones push them out.
    pub age_kept: Option<Duration>,
    /// Calls that stay in memory, for [`crate::Host::recent_calls`].
    pub recent: usize,
    /// How long a record waits for others to be written with.
    pub write_after: Duration,
}

impl Default for BillOptions {
    fn default() -> Self {
        Self {
            calls_kept: 100_000,
            age_kept: Some(Duration::from_secs(30 * 24 * 60 * 60)),
            recent: 1_000,
            write_after: Duration::from_millis(500),
        }
    }
}

/// What has become of the records of calls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BillStatus {
    /// In memory only.
    pub unwritten: u64,
    /// In the database, as far as retention left them there.
    pub written: u64,
    /// Gone: there was no room, or they could not be written.
    pub lost: u64,
}

/// The records of a host's calls.
pub(crate) struct Bill {
    shared: Arc<Shared>,
    task: Mutex<Option<JoinHandle<()>>>,
}

/// Whoever is told of each record.
type Listener = Arc<dyn Fn(&CallRecord) + Send + Sync>;

struct Shared {
    options: BillOptions,
    listeners: RwLock<Vec<Listener>>,
    clock: Clock,
    state: Mutex<State>,
    /// Something is to be written that was not before, or at once.
    work: Notify,
    /// How many records an attempt was made at, of all that were added.
    attempted: watch::Sender<u64>,
}

#[derive(Default)]
struct State {
    recent: VecDeque<Arc<CallRecord>>,
    unwritten: VecDeque<Arc<CallRecord>>,
    added: u64,
    written: u64,
    lost: u64,
    /// Somebody waits for what was added by then.
    wanted: u64,
}

impl State {
    /// Records that are neither written nor lost.
    fn pending(&self) -> u64 {
        self.added - self.written - self.lost
    }
}

impl Bill {
    pub(crate) fn new(options: BillOptions, clock: Clock) -> Self {
        Self {
            shared: Arc::new(Shared {
                options,
                listeners: RwLock::default(),
                clock,
                state: Mutex::default(),
                work: Notify::new(),
                attempted: watch::Sender::new(0),
            }),
            task: Mutex::default(),
        }
    }

    /// Tells this listener, too, of each record from now on.
    pub(crate) fn listen(&self, listener: Arc<dyn Fn(&CallRecord) + Send + Sync>) {
        let listeners = self.shared.listeners.write();
        listeners
            .unwrap_or_else(PoisonError::into_inner)
            .push(listener);
    }

    /// Takes a record. Neither waits nor fails: what can't be written is lost.
    pub(crate) fn add(&self, record: CallRecord, store: &Store) {
        let record = Arc::new(record);
        let listeners = self.shared.listeners.read();
        for listener in &*listeners.unwrap_or_else(PoisonError::into_inner) {
            listener(&record);
        }
        let unwritten = self.shared.with(|state| {
            push(&mut state.recent, &record, self.shared.options.recent);
            state.lost += push(&mut state.unwritten, &record, UNWRITTEN);
            state.added += 1;
            state.unwritten.len()
        });
        // The first starts the clock, a whole batch does not wait for it.
        if unwritten == 1 || unwritten == BATCH {
            self.start(store);
            self.shared.work.notify_one();
        }
    }

    /// Waits until an attempt was made to write all that was added so far.
    /// There is no second one: what can't be written now is lost.
    pub(crate) async fn flush(&self, store: &Store) {
        let wanted = self.shared.with(|state| {
            state.wanted = state.added;
            (state.pending() > 0).then_some(state.added)
        });
        let Some(wanted) = wanted else {
            return;
        };
        self.start(store);
        self.shared.work.notify_one();
        let mut attempted = self.shared.attempted.subscribe();
        // The sender is this bill's own.
        let _ = attempted.wait_for(|attempted| *attempted >= wanted).await;
    }

    /// Writes what can be written and ends the task.
    pub(crate) async fn close(&self, store: &Store) {
        self.flush(store).await;
        if let Some(task) = lock(&self.task).take() {
            task.abort();
        }
        let status = self.status();
        let lost = status.lost + status.unwritten;
        if lost > 0 {
            tracing::warn!(calls = lost, "costs of calls were lost");
        }
    }

    /// The newest records, the newest last.
    pub(crate) fn recent(&self) -> Vec<Arc<CallRecord>> {
        self.shared
            .with(|state| state.recent.iter().cloned().collect())
    }

    pub(crate) fn status(&self) -> BillStatus {
        self.shared.with(|state| BillStatus {
            unwritten: state.pending(),
            written: state.written,
            lost: state.lost,
        })
    }

    /// Starts the task that writes, unless it runs.
    fn start(&self, store: &Store) {
        // Where there is no runtime any more, nothing can be written.
        let Ok(runtime) = Handle::try_current() else {
            return;
        };
        let mut task = lock(&self.task);
        if task.as_ref().is_none_or(JoinHandle::is_finished) {
            *task = Some(runtime.spawn(write_all(Arc::clone(&self.shared), store.clone())));
        }
    }
}

impl Drop for Bill {
    fn drop(&mut self) {
        if let Some(task) = lock(&self.task).take() {
            task.abort();
        }
    }
}

impl Shared {
    fn with<T>(&self, code: impl FnOnce(&mut State) -> T) -> T {
        code(&mut lock(&self.state))
    }

    /// Whether somebody waits for what was added so far.
    fn is_wanted(&self) -> bool {
        let attempted = *self.attempted.borrow();
        self.with(|state| state.wanted > attempted)
    }

    /// Waits for so long, or until `reason` holds.
    async fn pause(&self, pause: Duration, reason: impl Fn(&Self) -> bool) {
        let reason = async {
            while !reason(self) {
                self.work.notified().await;
            }
        };
        // Either will do.
        let _ = tokio::time::timeout(pause, reason).await;
    }

    /// Says that an attempt was made at all that is not waiting for one.
    fn settle(&self) {
        let attempted = self.with(|state| {
            let waiting = u64::try_from(state.unwritten.len()).unwrap_or(u64::MAX);
            state.added - waiting
        });
        self.attempted.send_replace(attempted);
    }

    fn keep(&self) -> Keep {
        let since = self.options.age_kept.map(|age| {
            let age = i64::try_from(age.as_micros()).unwrap_or(i64::MAX);
            Timestamp::from_micros(self.clock.now().as_micros().saturating_sub(age))
        });
        Keep {
            calls: self.options.calls_kept,
            since,
        }
    }
}

/// Writes what is added, for as long as the bill is there.
async fn write_all(shared: Arc<Shared>, store: Store) {
    loop {
        while shared.with(|state| state.unwritten.is_empty()) {
            shared.work.notified().await;
        }
        let is_full = |shared: &Shared| shared.with(|state| state.unwritten.len() >= BATCH);
        let reason = |shared: &Shared| is_full(shared) || shared.is_wanted();
        shared.pause(shared.options.write_after, reason).await;
        let batch: Vec<_> = shared.with(|state| {
            let many = state.unwritten.len().min(BATCH);
            state.unwritten.drain(..many).collect()
        });
        write(&shared, &store, &batch).await;
    }
}

/// Writes a batch, or gives it up: a call must not fail, and the next ones are
/// not to be lost, because its cost can't be kept.
async fn write(shared: &Shared, store: &Store, batch: &[Arc<CallRecord>]) {
    let many = u64::try_from(batch.len()).unwrap_or(u64::MAX);
    let mut pause = shared.options.write_after;
    for attempt in 1..=ATTEMPTS {
        let written = store.record_calls(batch, shared.keep()).await;
        let Err(error) = written else {
            shared.with(|state| state.written += many);
            break;
        };
        tell(many, attempt, &error);
        // Who waits, waits to close: not for a database that may come back.
        if attempt < ATTEMPTS && !shared.is_wanted() {
            shared.pause(pause, Shared::is_wanted).await;
            pause *= 2;
            continue;
        }
        shared.with(|state| state.lost += many);
        break;
    }
    shared.settle();
}

fn tell(calls: u64, attempt: u32, error: &StoreError) {
    let error = error as &dyn std::error::Error;
    tracing::warn!(calls, attempt, error, "costs of calls can't be written");
}

/// Puts a record at the end of a bounded row; gives how many that pushed out.
fn push(row: &mut VecDeque<Arc<CallRecord>>, record: &Arc<CallRecord>, bound: usize) -> u64 {
    let mut lost = 0;
    while row.len() >= bound.max(1) {
        row.pop_front();
        lost += 1;
    }
    row.push_back(Arc::clone(record));
    lost
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
