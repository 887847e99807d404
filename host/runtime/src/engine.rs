//! The WebAssembly engine.
//!
//! Owns: how components are compiled and instantiated, and the ticks that let
//! the host have the thread back from a guest that does not return.
//! Must not know: plugins.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Weak};
use std::thread::{self, Thread};
use std::time::Duration;

use wasmtime::{
    Config, Engine, EngineWeak, InstanceAllocationStrategy, OptLevel, PoolingAllocationConfig,
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
        // A widget uses about a MiB; resetting that by memset is cheaper than
        // faulting its pages in again at the next call.
        .linear_memory_keep_resident(1 << 20)
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

/// Makes the epoch go on while calls run, and sleeps while none does.
#[derive(Clone)]
pub(crate) struct Ticker {
    running: Arc<AtomicUsize>,
    thread: Thread,
}

impl Ticker {
    /// Starts the thread; it ends when the engine is gone.
    pub(crate) fn start(engine: &Engine) -> Result<Self, RuntimeError> {
        let running = Arc::new(AtomicUsize::new(0));
        let (weak, watched) = (engine.weak(), Arc::downgrade(&running));
        let spawned = thread::Builder::new()
            .name("lombard-epoch".to_owned())
            .spawn(move || tick(&weak, &watched));
        let handle = spawned.map_err(|error| RuntimeError::Engine(error.to_string()))?;
        Ok(Self {
            running,
            thread: handle.thread().clone(),
        })
    }

    /// Ticks for as long as the guard lives.
    pub(crate) fn running(&self) -> Running {
        if self.running.fetch_add(1, Ordering::SeqCst) == 0 {
            self.thread.unpark();
        }
        Running(Arc::clone(&self.running))
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        // The thread looks whether anybody is left.
        self.thread.unpark();
    }
}

/// A call that runs.
pub(crate) struct Running(Arc<AtomicUsize>);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

fn tick(engine: &EngineWeak, running: &Weak<AtomicUsize>) {
    loop {
        let (Some(engine), Some(running)) = (engine.upgrade(), running.upgrade()) else {
            return;
        };
        let idle = running.load(Ordering::SeqCst) == 0;
        drop(running);
        if idle {
            drop(engine);
            // Nobody is left to wake it where the last ticker went while it
            // was on its way here: look again now and then.
            thread::park_timeout(Duration::from_secs(1));
        } else {
            engine.increment_epoch();
            drop(engine);
            thread::sleep(TICK);
        }
    }
}
