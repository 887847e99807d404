//! Invariants 2 and 10 over many calls: sessions that are opened and ended in
//! every way there is, several at once, leave nothing behind.
//!
//! Owns: the mixture, and what has to be as it was before. A few thousand
//! calls unless `LOMBARD_SOAK_SESSIONS` says how many: `cargo xtask soak` does,
//! and lets this test have a process of its own, so that its memory can be
//! judged too. How a single call ends stands in `exits`.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::future::poll_fn;
use std::io::Write as _;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::task::Poll;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use lombard_model::{CallOutcome, Limit};
use lombard_runtime::{Host, PluginRef, Rendered, RuntimeError};
use lombard_store::{SettingsOwner, SettingsWrite, Store, StoreOptions};
use serde_json::json;
use tempfile::TempDir;
use tokio::sync::watch;
use tracing::Dispatch;
use tracing::instrument::WithSubscriber as _;

use crate::support::books::Book;
use crate::support::files::WIDGETS;
use crate::support::watch::{on_guest_line, on_line};
use crate::support::{
    Setup, account, all_connections_are_back, deadline, guest, in_time, params, probe, render,
    vitals,
};

/// Calls where nobody says how many.
const A_FEW: u64 = 3_000;

/// Calls under way at any time: more than there are connections.
const LANES: usize = 16;

const CONNECTIONS: u32 = 10;

/// As many as a host runs at once.
const CROWD: usize = 64;

/// Of so many calls one loops to its deadline, which takes its time.
const CALLS_PER_LOOP: u64 = 100;

const DEADLINE: Duration = Duration::from_millis(100);

/// What the memory may grow by, from the first tenth of the calls to the last.
const GROWTH_KIB: u64 = 16 << 10;

thread_local! {
    /// Whether a session was opened on this thread since somebody looked.
    static OPENED: Cell<bool> = const { Cell::new(false) };
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sessions_that_end_in_every_way_leave_nothing_behind() {
    let soak = Arc::new(Soak::new().await);
    // Takes every connection there can be, and every instance.
    soak.a_full_crowd_is_served().await;
    let (calls, opened) = soak.so_far().await;
    let descriptors = soak.descriptors();

    let lanes: Vec<_> = (0..LANES)
        .map(|_| tokio::spawn(Arc::clone(&soak).lane()))
        .collect();
    for lane in lanes {
        lane.await.expect("a lane comes to its end");
    }

    all_connections_are_back(soak.host.store()).await;
    let (calls_by_now, opened_by_now) = soak.so_far().await;
    assert_eq!(opened_by_now - opened, soak.calls, "one session each");
    assert_eq!(soak.events.load(Ordering::SeqCst), soak.calls);
    let recorded = soak.calls + soak.again.load(Ordering::SeqCst);
    assert_eq!(calls_by_now - calls, recorded, "one record each");
    for outcome in MIXTURE {
        let ended = soak.ended(outcome);
        assert!(ended > 0, "no call ended with {outcome:?}");
    }
    let descriptors_by_now = soak.descriptors();
    assert!(
        descriptors_by_now <= descriptors,
        "{descriptors_by_now:?} are open, {descriptors:?} were"
    );
    soak.judge_memory();
    soak.a_full_crowd_is_served().await;
}

/// After this the store has all the connections beside its pool: the one that
/// watches for other processes' writes is made at its first look.
async fn another_process_s_write_is_noticed(host: &Host) {
    let other = StoreOptions {
        watch_every: None,
        ..StoreOptions::default()
    };
    let other = Store::open(host.store().location(), &other).await;
    let other = other.expect("the same database");
    let write = SettingsWrite {
        set: BTreeMap::from([("note".to_owned(), json!("seen"))]),
        ..SettingsWrite::default()
    };
    let saved = other.save_settings(SettingsOwner::Account(account(1)), write);
    let version = saved.await.expect("a save").version;
    in_time(async {
        while host.store().data_version() < version {
            tokio::task::yield_now().await;
        }
    })
    .await;
    other.close().await;
}

const MIXTURE: [CallOutcome; 5] = [
    CallOutcome::Ok,
    CallOutcome::Error,
    CallOutcome::Trap,
    CallOutcome::Cancelled,
    CallOutcome::Deadline,
];

/// How the call of this turn is to end.
fn way_of(turn: u64) -> CallOutcome {
    match turn.is_multiple_of(CALLS_PER_LOOP) {
        true => CallOutcome::Deadline,
        false => MIXTURE[usize::try_from(turn % 4).expect("it is small")],
    }
}

fn end_of(call: &Result<Rendered, RuntimeError>) -> CallOutcome {
    match call {
        Ok(_) => CallOutcome::Ok,
        Err(RuntimeError::Call { error, .. }) => error.outcome(),
        Err(other) => panic!("not the failure of a call: {other:?}"),
    }
}

struct Soak {
    host: Host,
    folder: TempDir,
    widgets: Vec<PluginRef>,
    guests: BTreeMap<&'static str, PluginRef>,
    /// How many calls to make.
    calls: u64,
    /// Whether nothing else goes on in this process.
    is_alone: bool,
    began: Instant,
    turns: AtomicU64,
    done: AtomicU64,
    /// Calls that were made once more.
    again: AtomicU64,
    /// Sessions that were told to have been opened.
    events: Arc<AtomicU64>,
    log: Dispatch,
    outcomes: Mutex<BTreeMap<&'static str, u64>>,
    /// Resident at the first tenth.
    resident_kib: OnceLock<u64>,
}

impl Soak {
    async fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder for the database");
        let host = Setup {
            connections: CONNECTIONS,
            acquire_timeout: Duration::from_secs(60),
            limits: deadline(DEADLINE).with(Limit::ConcurrentCalls, 64),
            ..Setup::default()
        };
        let host = host.open_in(folder.path()).await;
        host.import(Book::default().dataset())
            .await
            .expect("a book");
        another_process_s_write_is_noticed(&host).await;
        let widgets = join_all(WIDGETS.map(|name| host.plugin(name))).await;
        let mut guests = BTreeMap::new();
        for name in ["fails", "traps", "loops", "probes"] {
            guests.insert(name, guest(&host, name).await);
        }
        let asked = std::env::var("LOMBARD_SOAK_SESSIONS").ok();
        let events = Arc::<AtomicU64>::default();
        Self {
            widgets: widgets
                .into_iter()
                .map(|one| one.expect("a widget"))
                .collect(),
            guests,
            calls: asked
                .as_deref()
                .map_or(A_FEW, |calls| calls.parse().expect("a number")),
            is_alone: asked.is_some(),
            began: Instant::now(),
            turns: AtomicU64::new(0),
            done: AtomicU64::new(0),
            again: AtomicU64::new(0),
            log: sessions_opened(Arc::clone(&events)),
            events,
            outcomes: Mutex::default(),
            resident_kib: OnceLock::new(),
            host,
            folder,
        }
    }

    /// Makes one call after the other for as long as there are any to make.
    async fn lane(self: Arc<Self>) {
        loop {
            let turn = self.turns.fetch_add(1, Ordering::SeqCst) + 1;
            if turn > self.calls {
                return;
            }
            let way = way_of(turn);
            let ended = loop {
                let call = self.call(turn).with_subscriber(self.log.clone());
                let (ended, is_open) = in_time(call).await;
                // A machine that is busy elsewhere may make any of them late,
                // also before it has read.
                if is_open {
                    break ended;
                }
                assert_eq!(ended, CallOutcome::Deadline, "nothing was read");
                self.again.fetch_add(1, Ordering::SeqCst);
            };
            // An answer may be there before it can be cut off.
            let whole = (way == CallOutcome::Cancelled).then_some(CallOutcome::Ok);
            let mut may_be = [way, CallOutcome::Deadline].into_iter().chain(whole);
            assert!(may_be.any(|one| one == ended), "{way:?} ended as {ended:?}");
            let mut outcomes = self.outcomes.lock().expect("nobody panicked");
            *outcomes.entry(ended.as_str()).or_default() += 1;
            drop(outcomes);
            self.tell(self.done.fetch_add(1, Ordering::SeqCst) + 1);
        }
    }

    /// How the call of this turn ended, and whether its session was opened.
    async fn call(&self, turn: u64) -> (CallOutcome, bool) {
        let way = way_of(turn);
        let widget = usize::try_from(turn / 4 % 3).expect("it is small");
        let plugin = match way {
            CallOutcome::Error => &self.guests["fails"],
            CallOutcome::Trap => &self.guests["traps"],
            CallOutcome::Deadline => &self.guests["loops"],
            _ => &self.widgets[widget],
        };
        let waits = match way {
            CallOutcome::Cancelled => turn / 4 % 4,
            _ => u64::MAX,
        };
        let rendering = Box::pin(render(&self.host, plugin));
        let (ended, is_open) = cut_off(rendering, waits).await;
        let ended = ended.map_or(CallOutcome::Cancelled, |call| end_of(&call));
        (ended, is_open)
    }

    /// Has as many calls as can be in their guests at one time, and lets them
    /// have connections only then: where a slot, an instance or a connection
    /// is lost, they are never all there.
    async fn a_full_crowd_is_served(&self) {
        // So that the account they ask for first is at hand.
        probe(&self.host, "account", 1).await.expect("an account");
        let mut held = Vec::new();
        for _ in 0..CONNECTIONS {
            let mut session = self.host.session("in the way");
            in_time(session.open()).await.expect("it is free");
            held.push(session);
        }
        let (there, mut all) = watch::channel(0);
        let log = on_guest_line(move |_| there.send_modify(|there| *there += 1));
        let asked = params([("what", "cached".into())]);
        let one = || self.host.render(&self.guests["probes"], &asked, None);
        let crowd = join_all((0..CROWD).map(|_| one())).with_subscriber(log);
        let letting_go = async {
            let all = all.wait_for(|there| *there == CROWD).await;
            all.expect("the crowd is there");
            drop(held);
        };
        let (served, ()) = in_time(async { tokio::join!(crowd, letting_go) }).await;
        for call in served {
            let ended = end_of(&call);
            assert!(
                matches!(ended, CallOutcome::Ok | CallOutcome::Deadline),
                "{call:?}"
            );
        }
        all_connections_are_back(self.host.store()).await;
    }

    /// Calls that were recorded and sessions that were opened, so far.
    ///
    /// # Panics
    /// Where a record is still on its way.
    async fn so_far(&self) -> (u64, u64) {
        self.host.flush_bill().await;
        let bill = self.host.bill_status();
        assert_eq!(bill.unwritten, 0, "{bill:?}");
        let opened = self.host.store().pool_status().sessions_opened;
        (bill.written + bill.lost, opened)
    }

    /// Open descriptors, of the database alone where other tests have theirs.
    fn descriptors(&self) -> Option<usize> {
        match self.is_alone {
            true => vitals::descriptors(),
            false => vitals::descriptors_in(self.folder.path()),
        }
    }

    fn ended(&self, outcome: CallOutcome) -> u64 {
        let outcomes = self.outcomes.lock().expect("nobody panicked");
        outcomes.get(outcome.as_str()).copied().unwrap_or(0)
    }

    /// Says how things stand, at each tenth or each 100,000 calls.
    fn tell(&self, done: u64) {
        let tenth = (self.calls / 10).max(1);
        if !self.is_alone || !done.is_multiple_of(tenth.min(100_000)) {
            return;
        }
        let resident = vitals::resident_kib();
        if let (true, Some(resident)) = (done >= tenth, resident) {
            self.resident_kib.get_or_init(|| resident);
        }
        let pool = self.host.store().pool_status();
        // Not captured: somebody waits for it.
        let written = writeln!(
            std::io::stderr(),
            "{done} of {} calls, {} s: {} KiB resident, {} descriptors, {} of {} connections \
             idle, {} KiB of database",
            self.calls,
            self.began.elapsed().as_secs(),
            resident.unwrap_or(0),
            vitals::descriptors().unwrap_or(0),
            pool.idle,
            pool.size,
            vitals::bytes_in(self.folder.path()) >> 10,
        );
        written.expect("somebody reads it");
    }

    /// Compares the memory with what it was at the first tenth, where it is
    /// only ours.
    fn judge_memory(&self) {
        let Some((before, after)) = self.resident_kib.get().zip(vitals::resident_kib()) else {
            return;
        };
        let outcomes = self.outcomes.lock().expect("nobody panicked").clone();
        let (bill, grown) = (self.host.bill_status(), after.saturating_sub(*before));
        let written = writeln!(
            std::io::stderr(),
            "{outcomes:?}; {before} KiB at the first tenth, {after} KiB at the end; {bill:?}"
        );
        written.expect("somebody reads it");
        assert!(grown <= GROWTH_KIB, "the memory grew by {grown} KiB");
    }
}

/// A log that counts the sessions that are opened, and marks the thread on
/// which one is.
fn sessions_opened(events: Arc<AtomicU64>) -> Dispatch {
    let is_store = |target: &str| target == "lombard_store::session";
    Dispatch::new(on_line(is_store, move |line| {
        if line.contains("session opened") {
            events.fetch_add(1, Ordering::SeqCst);
            OPENED.set(true);
        }
    }))
}

/// Runs a call until it has opened its session and then waited so many times
/// more, and leaves it there; gives none where that was before its end, and
/// whether it had opened one.
async fn cut_off<F: Future + Unpin>(mut call: F, waits: u64) -> (Option<F::Output>, bool) {
    let (mut is_open, mut left) = (false, waits);
    poll_fn(|context| {
        OPENED.set(false);
        let polled = Pin::new(&mut call).poll(context);
        is_open |= OPENED.take();
        match polled {
            Poll::Ready(output) => Poll::Ready((Some(output), is_open)),
            Poll::Pending if is_open && left == 0 => Poll::Ready((None, true)),
            Poll::Pending => {
                left -= u64::from(is_open);
                Poll::Pending
            }
        }
    })
    .await
}
