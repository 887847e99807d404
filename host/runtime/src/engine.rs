//! The WebAssembly engine.
//!
//! Owns: how components are compiled and instantiated, and the ticks that let
//! the host have the thread back from a guest that does not return.
//! Must not know: plugins.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::thread;
use std::time::Duration;

use wasmtime::{
    Config, Enabled, Engine, EngineWeak, InstanceAllocationStrategy, OptLevel,
    PoolingAllocationConfig,
};

use lombard_model::Limit;

use crate::RuntimeError;
use crate::deadline::Deadline;
use crate::spares::{IN_WORK, SPARES};

/// How often a guest that computes gives the thread back.
pub(crate) const TICK: Duration = Duration::from_millis(1);

/// Calls that run at once at most; further ones wait for their turn.
pub(crate) const CONCURRENT_CALLS: u32 = 64;

/// Instances that there are at once at most.
const INSTANCES: u32 = CONCURRENT_CALLS + SPARES + IN_WORK;

/// The engine that plugins run in. It has room for the most that any of them can
/// be allowed.
pub(crate) fn engine() -> Result<Engine, RuntimeError> {
    let mut config = config();
    config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool()));
    Engine::new(&config).map_err(|error| RuntimeError::Engine(format!("{error:#}")))
}

/// The engine that compiles for that one, and has no room for instances.
pub(crate) fn compiling_engine() -> wasmtime::Result<Engine> {
    let mut config = config();
    config.allocation_strategy(InstanceAllocationStrategy::OnDemand);
    Engine::new(&config)
}

/// What can be allowed at most, as the engine counts.
fn most(limit: Limit) -> u64 {
    limit.settable().map_or(limit.default(), |(_, most)| most)
}

fn pool() -> PoolingAllocationConfig {
    let core_instances = u32::try_from(most(Limit::CoreInstances)).unwrap_or(u32::MAX);
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(INSTANCES)
        .total_core_instances(INSTANCES.saturating_mul(core_instances))
        .max_core_instances_per_component(core_instances)
        .total_memories(INSTANCES * 2)
        .max_memories_per_component(2)
        .total_tables(INSTANCES * 4)
        .max_tables_per_component(4)
        .total_stacks(INSTANCES)
        .max_memory_size(usize::try_from(most(Limit::MemoryBytes)).unwrap_or(usize::MAX))
        .table_elements(usize::try_from(most(Limit::TableEntries)).unwrap_or(usize::MAX))
        // What a render of thousands of rows uses is cheaper to reset than to
        // give back and to fault in again at the next call; only pages that
        // were written are reset.
        .linear_memory_keep_resident(4 << 20)
        .pagemap_scan(Enabled::Auto)
        .table_keep_resident(16 << 10)
        .async_stack_keep_resident(64 << 10);
    pool
}

fn config() -> Config {
    let mut config = Config::new();
    config
        .max_wasm_stack(usize::try_from(Limit::StackBytes.default()).unwrap_or(usize::MAX))
        .cranelift_opt_level(OptLevel::Speed)
        .epoch_interruption(true)
        .wasm_component_model(true)
        .wasm_memory64(false)
        .wasm_multi_memory(false);
    config
}

/// How often the ticker looks for calls that go on: one is first interrupted
/// when it has run for as long as this, or twice as long. Most have ended by
/// then, and a tick they do not need costs them more than it does: a timer and
/// two switches of a processor. Nor is the ticker woken for a call, since waking
/// a thread costs tens of microseconds.
const LOOK: Duration = Duration::from_millis(5);

/// The shortest time between two ticks: calls that are due one shortly after the
/// other share one.
const SHORTEST: Duration = Duration::from_micros(100);

/// Makes the epoch go on while calls run that do not end at once: each [`TICK`],
/// and when one of them reaches its deadline, which would else be seen only at
/// the tick after it.
#[derive(Clone)]
pub(crate) struct Ticker {
    calls: Arc<Mutex<Calls>>,
}

/// The calls of a host, by number.
#[derive(Default)]
struct Calls {
    begun: u64,
    /// The earliest first. There are few: a scan beats a map.
    running: Vec<(u64, Deadline)>,
}

/// How long it is to the next tick, for calls that have these times left.
fn next_tick(left: impl Iterator<Item = Duration>) -> Duration {
    // One that is past its deadline stops at the tick that was.
    let soonest = left.filter(|left| !left.is_zero()).min();
    soonest.map_or(TICK, |left| left.clamp(SHORTEST, TICK))
}

impl Ticker {
    /// Starts the thread; it ends when the ticker or the engine is gone.
    pub(crate) fn start(engine: &Engine) -> Result<Self, RuntimeError> {
        let calls = Arc::default();
        let (engine, watched) = (engine.weak(), Arc::downgrade(&calls));
        let spawned = thread::Builder::new()
            .name("lombard-epoch".to_owned())
            .spawn(move || tick(&engine, &watched));
        spawned.map_err(|error| RuntimeError::Engine(error.to_string()))?;
        Ok(Self { calls })
    }

    /// Ticks where that is needed for as long as the guard lives, for a call that
    /// has this deadline.
    pub(crate) fn running(&self, deadline: &Deadline) -> Running {
        let mut calls = lock(&self.calls);
        calls.begun += 1;
        let number = calls.begun;
        calls.running.push((number, deadline.clone()));
        Running {
            calls: Arc::clone(&self.calls),
            number,
        }
    }
}

/// A call that runs.
pub(crate) struct Running {
    calls: Arc<Mutex<Calls>>,
    number: u64,
}

impl Drop for Running {
    fn drop(&mut self) {
        let mut calls = lock(&self.calls);
        calls.running.retain(|(number, _)| *number != self.number);
    }
}

/// What the ticker saw.
#[derive(Default)]
struct Watch {
    /// The newest call at its last look.
    newest: u64,
}

impl Watch {
    /// Whether a call has gone on since the last look; else this is one.
    fn is_due(&mut self, calls: &Calls) -> bool {
        let oldest = calls.running.first();
        let goes_on = oldest.is_some_and(|(oldest, _)| *oldest <= self.newest);
        if !goes_on {
            self.newest = calls.begun;
        }
        goes_on
    }
}

fn tick(engine: &EngineWeak, calls: &Weak<Mutex<Calls>>) {
    let mut watch = Watch::default();
    while let (Some(engine), Some(calls)) = (engine.upgrade(), calls.upgrade()) {
        let next_tick = {
            let calls = lock(&calls);
            let left = calls.running.iter().map(|(_, deadline)| deadline.left());
            watch.is_due(&calls).then(|| next_tick(left))
        };
        if next_tick.is_some() {
            engine.increment_epoch();
        }
        let pause = next_tick.unwrap_or(LOOK);
        // Neither is kept alive by the one who watches it.
        drop((engine, calls));
        thread::sleep(pause);
    }
}

fn lock(calls: &Mutex<Calls>) -> MutexGuard<'_, Calls> {
    calls.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use lombard_store::Meter;

    use super::*;
    use crate::spent::Spent;

    fn due_in(limit: Duration) -> Deadline {
        Deadline::starting_now(limit, Arc::new(Spent::new(Meter::default())))
    }

    fn calls(begun: u64, running: &[u64]) -> Calls {
        let call = |number: &u64| (*number, due_in(Duration::MAX / 2));
        Calls {
            begun,
            running: running.iter().map(call).collect(),
        }
    }

    fn next_tick_of(left: &[Duration]) -> Duration {
        next_tick(left.iter().copied())
    }

    #[test]
    fn a_call_is_interrupted_at_its_deadline_and_at_each_tick_before() {
        assert_eq!(next_tick_of(&[]), TICK);
        assert_eq!(next_tick_of(&[Duration::from_secs(5)]), TICK);
        assert_eq!(
            next_tick_of(&[Duration::from_secs(5), TICK / 2, TICK]),
            TICK / 2
        );
    }

    #[test]
    fn deadlines_do_not_make_ticks_without_end() {
        assert_eq!(next_tick_of(&[Duration::from_nanos(1)]), SHORTEST);
        assert_eq!(next_tick_of(&[Duration::ZERO]), TICK);
    }

    #[test]
    fn calls_that_end_between_two_looks_are_not_interrupted() {
        let mut watch = Watch::default();
        for number in 1..100 {
            assert!(!watch.is_due(&calls(number, &[number])), "call {number}");
        }
    }

    #[test]
    fn a_call_that_goes_on_is_ticked_until_it_ends() {
        let mut watch = Watch::default();
        assert!(!watch.is_due(&calls(1, &[1])));
        assert!(watch.is_due(&calls(1, &[1])));
        assert!(watch.is_due(&calls(9, &[1, 9])), "whoever else begins");
        // The other one has to go on by itself.
        assert!(!watch.is_due(&calls(9, &[9])));
        assert!(watch.is_due(&calls(9, &[9])));
        assert!(!watch.is_due(&calls(9, &[])));
    }
}
