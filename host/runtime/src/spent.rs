//! What a call has used so far.
//!
//! Owns: the account of one call over all its attempts, readable from outside
//! while it runs and after it was cancelled. Must not know: limits.

use std::pin::Pin;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use lombard_model::{CallCost, LookUp, LookUps};
use lombard_store::{Meter, SessionCost, Written};

use crate::lane::Slice;

/// The account of one call. Only the call itself adds to it, so that a count is
/// read and written without locking the processors' bus; anyone may read it.
#[derive(Debug)]
pub(crate) struct Spent {
    session: Meter,
    host_calls: AtomicU64,
    cpu_us: AtomicU64,
    memory_peak: AtomicU64,
    statements: AtomicU32,
    rows: AtomicU64,
    look_ups: [AtomicU32; LookUp::COUNT],
    in_host_us: AtomicU64,
    log_lines: AtomicU64,
    log_bytes: AtomicU64,
    log_dropped: AtomicU64,
}

impl Spent {
    /// Of the call that has this session.
    pub(crate) fn new(session: Meter) -> Self {
        Self {
            session,
            host_calls: AtomicU64::new(0),
            cpu_us: AtomicU64::new(0),
            memory_peak: AtomicU64::new(0),
            statements: AtomicU32::new(0),
            rows: AtomicU64::new(0),
            look_ups: Default::default(),
            in_host_us: AtomicU64::new(0),
            log_lines: AtomicU64::new(0),
            log_bytes: AtomicU64::new(0),
            log_dropped: AtomicU64::new(0),
        }
    }

    /// Counts a call of the guest into the host.
    pub(crate) fn host_call(&self) {
        let calls = self.host_calls.load(Ordering::Relaxed);
        self.host_calls.store(calls + 1, Ordering::Relaxed);
    }

    /// The calls of the guest into the host so far.
    pub(crate) fn host_calls(&self) -> u64 {
        self.host_calls.load(Ordering::Relaxed)
    }

    /// Counts a look-up of one thing; nothing where it was about a set.
    pub(crate) fn looked_up(&self, kind: Option<LookUp>) {
        let counter = kind.and_then(|kind| self.look_ups.get(kind.index()));
        if let Some(counter) = counter {
            let counted = counter.load(Ordering::Relaxed);
            counter.store(counted.saturating_add(1), Ordering::Relaxed);
        }
    }

    /// What was looked up one by one so far, over all attempts.
    pub(crate) fn look_ups(&self) -> LookUps {
        let counted = self.look_ups.each_ref();
        LookUps(counted.map(|counter| counter.load(Ordering::Relaxed)))
    }

    /// Adds to the time that the guest waited for functions of the host.
    pub(crate) fn in_host(&self, time: Duration) {
        self.in_host_us.fetch_add(micros(time), Ordering::Relaxed);
    }

    /// The time that the guest waited for functions of the host, where it was
    /// measured.
    pub(crate) fn in_host_us(&self) -> u64 {
        self.in_host_us.load(Ordering::Relaxed)
    }

    /// Counts what a write of this call cost.
    pub(crate) fn wrote<T>(&self, written: &Written<T>) {
        self.statements
            .fetch_add(written.statements, Ordering::Relaxed);
        self.rows.fetch_add(written.rows, Ordering::Relaxed);
    }

    /// Counts a log line of so many bytes.
    pub(crate) fn logged(&self, bytes: u64) {
        self.log_lines.fetch_add(1, Ordering::Relaxed);
        self.log_bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Counts a log line that there was no room for.
    pub(crate) fn dropped_a_line(&self) {
        self.log_dropped.fetch_add(1, Ordering::Relaxed);
    }

    /// Log lines, their bytes, and lines that were dropped, so far.
    pub(crate) fn log(&self) -> (u64, u64, u64) {
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        (
            read(&self.log_lines),
            read(&self.log_bytes),
            read(&self.log_dropped),
        )
    }

    /// The time that the call has computed so far, as of its last pause.
    pub(crate) fn cpu_us(&self) -> u64 {
        self.cpu_us.load(Ordering::Relaxed)
    }

    /// Takes note of the guest's memory, in bytes.
    pub(crate) fn memory(&self, bytes: u64) {
        self.memory_peak.fetch_max(bytes, Ordering::Relaxed);
    }

    /// The most memory that the guest had so far, in bytes.
    pub(crate) fn memory_peak(&self) -> u64 {
        self.memory_peak.load(Ordering::Relaxed)
    }

    /// The time waited for the connection so far.
    pub(crate) fn waited(&self) -> Duration {
        self.session.waited()
    }

    /// What it comes to. The wall time is for the caller to measure: it knows
    /// when the call was asked for.
    pub(crate) fn cost(&self) -> CallCost {
        let SessionCost {
            sessions,
            connections,
            statements,
            rows,
            bytes,
            cache_hits,
            cache_misses,
            waited,
            held,
        } = self.session.cost();
        let (log_lines, log_bytes, log_dropped) = self.log();
        CallCost {
            sessions,
            connections,
            statements: statements + self.statements.load(Ordering::Relaxed),
            rows: rows + self.rows.load(Ordering::Relaxed),
            bytes,
            cache_hits,
            cache_misses,
            host_calls: self.host_calls(),
            wall_us: 0,
            cpu_us: self.cpu_us.load(Ordering::Relaxed),
            wait_us: micros(waited),
            held_us: micros(held),
            memory_peak_bytes: self.memory_peak(),
            log_lines,
            log_bytes,
            log_dropped,
        }
    }
}

pub(crate) fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

/// What a call may have computed before it is measured by its thread's own
/// clock. To read that one takes a system call, of which a call that has ended
/// by then would make four, and another 3 µs; so until then it is the time that
/// went by, which is more where others use the processor, by one pause at most.
/// Not where that could matter to a limit: others must not use it up.
const BRIEF: Duration = Duration::from_millis(1);

/// Adds up the time a future takes while it is being polled: what this call
/// computes, not what it waits. Its turn to compute ends with that.
pub(crate) struct Metered<'a, F> {
    inner: Pin<&'a mut F>,
    spent: &'a Spent,
    slice: &'a Slice,
    is_exact: bool,
    used: Duration,
}

impl<'a, F> Metered<'a, F> {
    pub(crate) fn new(
        inner: Pin<&'a mut F>,
        (spent, slice): (&'a Spent, &'a Slice),
        is_exact: bool,
    ) -> Self {
        Self {
            inner,
            spent,
            slice,
            is_exact,
            used: Duration::ZERO,
        }
    }
}

impl<F: Future> Future for Metered<'_, F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let watch = Stopwatch::start(!self.is_exact && self.used < BRIEF);
        let polled = self.inner.as_mut().poll(context);
        self.slice.pauses();
        let counted = micros(self.used);
        self.used += watch.elapsed();
        let new = micros(self.used) - counted;
        self.spent.cpu_us.fetch_add(new, Ordering::Relaxed);
        polled
    }
}

/// The time since it was started.
enum Stopwatch {
    /// Of the time that goes by.
    Wall(Instant),
    /// Of what this thread computes.
    Thread(Duration),
}

impl Stopwatch {
    fn start(is_brief: bool) -> Self {
        match is_brief {
            true => Self::Wall(Instant::now()),
            false => Self::Thread(thread_time()),
        }
    }

    fn elapsed(&self) -> Duration {
        match self {
            Self::Wall(since) => since.elapsed(),
            Self::Thread(before) => thread_time().saturating_sub(*before),
        }
    }
}

/// The time that this thread has computed.
fn thread_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(
        u64::try_from(time.tv_sec).unwrap_or(0),
        u32::try_from(time.tv_nsec).unwrap_or(0),
    )
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::thread;

    use futures_util::FutureExt as _;

    use super::*;
    use crate::lane::Lane;

    /// What a call is charged that is held up for so long without computing.
    fn charged(held_up: Duration, is_exact: bool) -> u64 {
        let (spent, slice) = (Spent::new(Meter::default()), Slice::new(Lane::new()));
        let work = pin!(async {
            let others = thread::spawn(move || {
                let since = Instant::now();
                while since.elapsed() < held_up {
                    thread::yield_now();
                }
            });
            others.join().unwrap();
        });
        let metered = Metered::new(work, (&spent, &slice), is_exact);
        metered.now_or_never().unwrap();
        spent.cpu_us()
    }

    #[test]
    fn others_use_up_nothing_of_what_is_counted_exactly() {
        let held_up = Duration::from_millis(50);
        assert!(charged(held_up, false) >= micros(held_up));
        assert!(charged(held_up, true) < micros(held_up) / 2);
    }
}
