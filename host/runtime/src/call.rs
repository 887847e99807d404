//! One call of a plugin.
//!
//! Owns: the state that lives as long as the call, and its way: take a slot,
//! make a store with limits, instantiate, lend the session, call, take the
//! result through its limits, end the session, add up the cost. However the
//! guest leaves, by result, error, trap, deadline or a panic of ours, the
//! session ends here.
//!
//! Must not know: what the call is for.

use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use lombard_accounts::Accounts;
use lombard_model::{CallCost, CallId, Grants, Timestamp};
use lombard_store::{Session, SessionCost, Written};
use wasmtime::{Engine, Store, UpdateDeadline, WasmBacktrace};

use crate::bindings::types::{PluginError, SessionError, SettingsError};
use crate::capabilities::{Journal, Subject};
use crate::limits::MemoryMeter;
use crate::{CallError, Limits, Plugin};

/// What a call has, and has used.
pub(crate) struct CallState {
    pub(crate) id: CallId,
    pub(crate) plugin: Arc<Plugin>,
    pub(crate) grants: Grants,
    pub(crate) session: Session,
    pub(crate) accounts: Accounts,
    pub(crate) subject: Subject,
    pub(crate) as_of: Timestamp,
    pub(crate) limits: Limits,
    pub(crate) journal: Journal,
    memory: MemoryMeter,
    host_calls: u64,
    written: (u32, u64),
}

/// What is needed to begin a call.
pub(crate) struct CallSetup {
    pub(crate) id: CallId,
    pub(crate) plugin: Arc<Plugin>,
    pub(crate) grants: Grants,
    pub(crate) session: Session,
    pub(crate) accounts: Accounts,
    pub(crate) subject: Subject,
    pub(crate) as_of: Timestamp,
    pub(crate) limits: Limits,
    pub(crate) function: &'static str,
}

impl CallState {
    fn new(setup: CallSetup) -> Self {
        Self {
            id: setup.id,
            plugin: setup.plugin,
            grants: setup.grants,
            session: setup.session,
            accounts: setup.accounts,
            subject: setup.subject,
            as_of: setup.as_of,
            limits: setup.limits,
            journal: Journal::default(),
            memory: MemoryMeter::new(setup.limits.memory_bytes),
            host_calls: 0,
            written: (0, 0),
        }
    }

    /// Counts a call of the guest into the host.
    pub(crate) fn host_call(&mut self) {
        self.host_calls += 1;
    }

    /// Counts what a write of this call cost.
    pub(crate) fn wrote<T>(&mut self, written: &Written<T>) {
        self.written.0 += written.statements;
        self.written.1 += written.rows;
    }
}

/// What the guest's export answers.
pub(crate) type Exported<T> = wasmtime::Result<Result<T, PluginError>>;

/// Runs one call; gives its result and, in any case, what it cost. Wall time
/// is for the caller to measure: it knows when the call was asked for.
pub(crate) async fn run<T: Send>(
    engine: &Engine,
    setup: CallSetup,
    export: impl for<'s> FnOnce(&'s mut Store<CallState>) -> BoxFuture<'s, Exported<T>> + Send,
) -> (Result<T, CallError>, CallCost) {
    let (limits, function) = (setup.limits, setup.function);
    let mut store = Store::new(engine, CallState::new(setup));
    store.limiter(|state| &mut state.memory);
    store.set_hostcall_fuel(limits.result_bytes);
    let deadline = Instant::now() + limits.deadline;
    store.set_epoch_deadline(1);
    store.epoch_deadline_callback(move |_| match Instant::now() < deadline {
        true => Ok(UpdateDeadline::Yield(1)),
        false => Err(DeadlineReached.into()),
    });

    let mut cpu = Duration::ZERO;
    let called = {
        let guarded = AssertUnwindSafe(export(&mut store)).catch_unwind();
        let metered = Metered {
            inner: pin!(guarded),
            cpu: &mut cpu,
        };
        // The guest stops at its deadline by itself while it computes; this
        // one is for while the host waits on its behalf.
        tokio::time::timeout(limits.deadline, metered).await
    };
    let state = store.into_data();
    let result = match called {
        Ok(Ok(Ok(Ok(value)))) => Ok(value),
        Ok(Ok(Ok(Err(told)))) => Err(plugin_error(told)),
        Ok(Ok(Err(error))) => Err(trapped(&error, function, &state)),
        Ok(Err(panic)) => Err(panicked(&*panic, function)),
        Err(_) => Err(CallError::Deadline {
            limit_ms: limits.deadline.as_millis(),
        }),
    };
    let cost = finish(state, cpu).await;
    (result, cost)
}

async fn finish(state: CallState, cpu: Duration) -> CallCost {
    state
        .journal
        .close(state.plugin.manifest.name.as_str(), state.id);
    let SessionCost {
        sessions,
        connections,
        statements,
        rows,
        waited,
        held,
    } = state.session.end().await;
    CallCost {
        sessions,
        connections,
        statements: statements + state.written.0,
        rows: rows + state.written.1,
        host_calls: state.host_calls,
        wall_us: 0,
        cpu_us: micros(cpu),
        wait_us: micros(waited),
        held_us: micros(held),
        memory_peak_bytes: u64::try_from(state.memory.peak).unwrap_or(u64::MAX),
    }
}

pub(crate) fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

/// The guest was still computing at its deadline.
#[derive(Debug, thiserror::Error)]
#[error("the deadline was reached")]
struct DeadlineReached;

fn plugin_error(error: PluginError) -> CallError {
    let words = |text: &str| {
        text.chars()
            .take(2_000)
            .flat_map(char::escape_debug)
            .collect()
    };
    match error {
        PluginError::Session(SessionError::Denied(grant))
        | PluginError::Settings(SettingsError::Denied(grant)) => CallError::Denied {
            grant: words(&grant),
        },
        PluginError::Session(
            SessionError::Invalid(text)
            | SessionError::Limit(text)
            | SessionError::Unavailable(text)
            | SessionError::Other(text),
        )
        | PluginError::Settings(
            SettingsError::Undeclared(text)
            | SettingsError::Invalid(text)
            | SettingsError::Unavailable(text)
            | SettingsError::Other(text),
        )
        | PluginError::Request(text)
        | PluginError::Other(text) => CallError::Plugin(words(&text)),
        PluginError::Settings(SettingsError::NoAccount) => {
            CallError::Plugin("it has no account to have settings of".to_owned())
        }
    }
}

fn trapped(error: &wasmtime::Error, function: &'static str, state: &CallState) -> CallError {
    if error.is::<DeadlineReached>() {
        return CallError::Deadline {
            limit_ms: state.limits.deadline.as_millis(),
        };
    }
    if error.is::<wasmtime::PoolConcurrencyLimitError>() {
        return CallError::Unavailable("no instance is free".to_owned());
    }
    let root = error.root_cause().to_string();
    // wasmtime does not name this error's type; a test holds its words.
    if root.contains("fuel allocated for hostcalls has been exhausted") {
        return CallError::ResultTooLarge {
            limit: state.limits.result_bytes,
        };
    }
    if let Some(asked) = state.memory.refused {
        return CallError::Memory {
            asked,
            limit: state.limits.memory_bytes,
        };
    }
    CallError::Trap {
        function,
        trap: format!("{root}{}", backtrace(error))
            .escape_debug()
            .to_string(),
    }
}

/// The innermost functions of the guest, where the component names them.
fn backtrace(error: &wasmtime::Error) -> String {
    let Some(trace) = error.downcast_ref::<WasmBacktrace>() else {
        return String::new();
    };
    let names = trace
        .frames()
        .iter()
        .filter_map(wasmtime::FrameInfo::func_name);
    let names: Vec<_> = names
        .take(8)
        .map(|name| name.chars().take(120).collect())
        .collect();
    let names: &[String] = &names;
    match names.is_empty() {
        true => String::new(),
        false => format!(" (in {})", names.join(" < ")),
    }
}

fn panicked(panic: &(dyn Any + Send), function: &'static str) -> CallError {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    let text = text.unwrap_or("without a message");
    tracing::error!(function, panic = text, "a host function panicked");
    CallError::Unavailable("a host function panicked; the host's log says where".to_owned())
}

/// Adds up the time a future takes while it is being polled: what this call
/// computes, not what it waits.
struct Metered<'a, F> {
    inner: Pin<&'a mut F>,
    cpu: &'a mut Duration,
}

impl<F: Future> Future for Metered<'_, F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let before = thread_time();
        let polled = self.inner.as_mut().poll(context);
        *self.cpu += thread_time().saturating_sub(before);
        polled
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
