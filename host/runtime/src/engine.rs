//! The WebAssembly engine.
//!
//! Owns: how components are compiled and instantiated, and the ticks that let
//! the host have the thread back from a guest that does not return.
//! Must not know: plugins.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Weak};
use std::thread;
use std::time::Duration;

use wasmtime::{
    Config, Enabled, Engine, EngineWeak, InstanceAllocationStrategy, OptLevel,
    PoolingAllocationConfig,
};

use crate::{Limits, RuntimeError};

/// How often a guest that computes gives the thread back.
pub(crate) const TICK: Duration = Duration::from_millis(1);

/// Calls that run at once at most; further ones wait for their turn.
pub(crate) const CONCURRENT_CALLS: u32 = 64;

/// Core instances of one component: the plugin's module and its adapters.
const CORE_INSTANCES: u32 = 20;

/// An engine for plugins with at most these limits.
pub(crate) fn engine(limits: &Limits) -> Result<Engine, RuntimeError> {
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(CONCURRENT_CALLS)
        .total_core_instances(CONCURRENT_CALLS * CORE_INSTANCES)
        .max_core_instances_per_component(CORE_INSTANCES)
        .total_memories(CONCURRENT_CALLS * 2)
        .max_memories_per_component(2)
        .total_tables(CONCURRENT_CALLS * 4)
        .max_tables_per_component(4)
        .total_stacks(CONCURRENT_CALLS)
        .max_memory_size(limits.memory_bytes)
        // What a render of thousands of rows uses is cheaper to reset than to
        // give back and to fault in again at the next call; only pages that
        // were written are reset.
        .linear_memory_keep_resident(4 << 20)
        .pagemap_scan(Enabled::Auto)
        .table_keep_resident(16 << 10)
        .async_stack_keep_resident(64 << 10);

    let mut config = Config::new();
    config
        .allocation_strategy(InstanceAllocationStrategy::Pooling(pool))
        .cranelift_opt_level(OptLevel::Speed)
        .epoch_interruption(true)
        .wasm_component_model(true)
        .wasm_memory64(false)
        .wasm_multi_memory(false);
    Engine::new(&config).map_err(|error| RuntimeError::Engine(format!("{error:#}")))
}

/// How often the ticker looks whether calls run while none does: the first
/// tick of a call comes this late at most. It is not woken for a call, since
/// waking a thread costs tens of microseconds.
const IDLE_TICK: Duration = Duration::from_millis(10);

/// Makes the epoch go on while calls run.
#[derive(Clone)]
pub(crate) struct Ticker {
    running: Arc<AtomicUsize>,
}

impl Ticker {
    /// Starts the thread; it ends when the ticker or the engine is gone.
    pub(crate) fn start(engine: &Engine) -> Result<Self, RuntimeError> {
        let running = Arc::new(AtomicUsize::new(0));
        let (engine, watched) = (engine.weak(), Arc::downgrade(&running));
        let spawned = thread::Builder::new()
            .name("lombard-epoch".to_owned())
            .spawn(move || tick(&engine, &watched));
        spawned.map_err(|error| RuntimeError::Engine(error.to_string()))?;
        Ok(Self { running })
    }

    /// Ticks for as long as the guard lives.
    pub(crate) fn running(&self) -> Running {
        self.running.fetch_add(1, Ordering::Relaxed);
        Running(Arc::clone(&self.running))
    }
}

/// A call that runs.
pub(crate) struct Running(Arc<AtomicUsize>);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

fn tick(engine: &EngineWeak, running: &Weak<AtomicUsize>) {
    while let (Some(engine), Some(running)) = (engine.upgrade(), running.upgrade()) {
        let pause = match running.load(Ordering::Relaxed) {
            0 => IDLE_TICK,
            _ => {
                engine.increment_epoch();
                TICK
            }
        };
        // Neither is kept alive by the one who watches it.
        drop((engine, running));
        thread::sleep(pause);
    }
}
