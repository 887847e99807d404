//! One call of a plugin.
//!
//! Owns: the state that lives as long as the call, and its way: put it into a
//! store with limits and a fresh instance, lend the session, call, take the
//! result through its limits, end the session. However the guest leaves, by
//! result, error, trap, deadline or a panic of ours, the session ends here.
//!
//! Must not know: what the call is for.

use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::{Either, select};
use lombard_accounts::Accounts;
use lombard_model::{CallId, Exceeded, Grants, Limit, Limits, LookUp, Timestamp};
use lombard_store::{DataVersion, Session, StoreError};
use wasmtime::{Store, Trap, UpdateDeadline, WasmBacktrace};

use crate::bindings::types::{PluginError, SessionError, SettingsError};
use crate::capabilities::{Own, Subject};
use crate::deadline::Deadline;
use crate::lane::Slice;
use crate::limits::{HostMemory, MemoryMeter, wide};
use crate::plugin::Instance;
use crate::recording::{NotRecorded, Tape};
use crate::spares::{Spares, Used};
use crate::spent::{Metered, Spent};
use crate::traced::HostCall;
use crate::{CallError, Plugin};

/// What is known of a call before it begins, and true until it ends.
pub(crate) struct CallSetup {
    pub(crate) id: CallId,
    pub(crate) plugin: Arc<Plugin>,
    pub(crate) grants: Grants,
    pub(crate) accounts: Accounts,
    pub(crate) subject: Subject,
    pub(crate) as_of: Timestamp,
    pub(crate) limits: Limits,
    pub(crate) memory: HostMemory,
    pub(crate) slice: Arc<Slice>,
    pub(crate) function: &'static str,
    pub(crate) spent: Arc<Spent>,
    /// What its host functions are recorded on, or replayed from; nothing in
    /// an ordinary call.
    pub(crate) tape: Option<Mutex<Tape>>,
}

/// A limit of a call's processor time below which it is measured exactly from
/// the start, in milliseconds.
const EXACT_BELOW_MS: u64 = 1_000;

impl CallSetup {
    /// This work, on the account of the call.
    pub(crate) fn metered<'a, F>(&'a self, work: Pin<&'a mut F>) -> Metered<'a, F> {
        let is_exact = self.limits.get(Limit::CpuMs) < EXACT_BELOW_MS;
        Metered::new(work, (&self.spent, &self.slice), is_exact)
    }
}

/// What a call has in hand.
pub(crate) struct CallState {
    pub(crate) setup: Arc<CallSetup>,
    /// Behind a pointer: a call's state is moved about, and most of it is this.
    pub(crate) session: Box<Session>,
    pub(crate) own: Own,
    /// What the guest was told where the host could not serve it.
    pub(crate) unserved: Option<String>,
    /// The limit that the guest was told of last.
    pub(crate) told_limit: Option<Exceeded>,
    memory: MemoryMeter,
}

impl CallState {
    /// Of a call that begins.
    pub(crate) fn new(setup: Arc<CallSetup>, session: Box<Session>) -> Self {
        Self {
            memory: meter_of(&setup),
            setup,
            session,
            own: Own::default(),
            unserved: None,
            told_limit: None,
        }
    }

    /// What watches the memory of its instance.
    pub(crate) fn memory(&mut self) -> &mut MemoryMeter {
        &mut self.memory
    }

    /// Goes on with the instance that the other one was about.
    pub(crate) fn take_instance_of(&mut self, other: &mut Self) {
        self.memory.take_over(&mut other.memory);
    }

    /// A call of the guest into the host begins; it ends with what is given.
    pub(crate) fn host_call(&self, name: &'static str) -> Result<HostCall, Exceeded> {
        let setup = &self.setup;
        let asked = setup.spent.host_calls() + 1;
        if asked > setup.limits.get(Limit::HostCalls) {
            return Err(setup.limits.exceeded(Limit::HostCalls, Some(asked)));
        }
        Ok(HostCall::begin(name, &setup.spent))
    }

    /// That a text of the guest is not too long.
    pub(crate) fn bounded_text(&self, text: &str) -> Result<(), Exceeded> {
        bounded_text(&self.setup.limits, text)
    }

    /// Counts a look-up of one thing, which the guest may be making in a loop;
    /// nothing where it is about a set.
    pub(crate) fn looked_up(&self, kind: impl Into<Option<LookUp>>) {
        self.setup.spent.looked_up(kind.into());
    }
}

fn meter_of(setup: &CallSetup) -> MemoryMeter {
    MemoryMeter::new(
        &setup.limits,
        setup.memory.clone(),
        Arc::clone(&setup.spent),
    )
}

/// What a guest's export answers.
pub(crate) type Exported<T> = wasmtime::Result<Result<T, PluginError>>;

/// An export of a world, with what it is called with.
pub(crate) trait Export: Sync {
    type Answer: Send;

    /// Calls this instance, which is in this store.
    fn call(
        &self,
        instance: &Instance,
        store: &mut Store<CallState>,
    ) -> impl Future<Output = Exported<Self::Answer>> + Send;
}

/// What a call gave.
pub(crate) struct Answered<T> {
    pub(crate) value: T,
    /// The version of the data at which the call would give the same again: it
    /// has read nothing else, neither the time nor what a broker says, and has
    /// had no effect.
    pub(crate) repeats_at: Option<DataVersion>,
}

/// An attempt at a call.
enum Attempt<T> {
    Ended(Result<T, CallError>),
    /// What it was given from caches is not what the database has now.
    Moved,
}

/// Runs one call, over this session, and ends the session.
///
/// A call sees one version of the data. What it is given from caches, before it
/// first reads from the database, is of the version that the process knows; if
/// the database has another by then, the call begins anew in a fresh instance,
/// now with its snapshot taken first. Nothing is lost by that: a call has no
/// effect but its saves, and before a save the snapshot is taken.
pub(crate) async fn run<E: Export>(
    spares: &Spares,
    setup: &Arc<CallSetup>,
    session: Box<Session>,
    export: &E,
) -> Result<Answered<E::Answer>, CallError> {
    let deadline = Deadline::starting_now(deadline_of(&setup.limits), Arc::clone(&setup.spent));
    let running = spares.running(&deadline);
    let (mut ended, mut session, mut used) =
        attempt(spares, setup, &deadline, session, export).await;
    if matches!(ended, Attempt::Moved) {
        tracing::debug!(call = %setup.id, "the data moved; the call begins anew");
        setup.rewind_tape();
        if let Some(used) = used {
            used.take_apart();
        }
        (ended, session, used) = attempt(spares, setup, &deadline, session, export).await;
    }
    let repeats_at = session.repeats_at();
    session.end();
    if let Some(used) = used {
        used.take_apart();
    }
    drop(running);
    match ended {
        Attempt::Ended(result) => result.map(|value| Answered { value, repeats_at }),
        Attempt::Moved => Err(CallError::Unavailable("the data moved twice".to_owned())),
    }
}

async fn attempt<E: Export>(
    spares: &Spares,
    setup: &Arc<CallSetup>,
    deadline: &Deadline,
    session: Box<Session>,
    export: &E,
) -> (Attempt<E::Answer>, Box<Session>, Option<Used>) {
    let mut made = spares.take(CallState::new(Arc::clone(setup), session));
    bound(&mut made.store, deadline);
    let called = {
        let calling = async {
            let instance = match made.instance.take() {
                Some(instance) => instance,
                None => setup.plugin.instantiate(&mut made.store).await?,
            };
            export.call(&instance, &mut made.store).await
        };
        let guarded = pin!(AssertUnwindSafe(calling).catch_unwind());
        let metered = setup.metered(guarded);
        // The guest stops at its deadline by itself while it computes; this
        // one is for while the host waits on its behalf.
        match select(metered, pin!(deadline.reached())).await {
            Either::Left((called, _)) => Some(called),
            Either::Right(((), _)) => None,
        }
    };
    let (state, used) = spares.give_back(made);
    let plugin = setup.plugin.manifest.name.as_str();
    log_ended(plugin, setup);
    let result = match called {
        Some(Ok(Ok(Ok(value)))) => Ok(value),
        Some(Ok(Ok(Err(told)))) => Err(match &state.unserved {
            Some(why) => CallError::Unavailable(why.clone()),
            None => plugin_error(told, state.told_limit),
        }),
        Some(Ok(Err(error))) if is_moved(&error) => return (Attempt::Moved, state.session, used),
        Some(Ok(Err(error))) => Err(trapped(&error, &state)),
        Some(Err(panic)) => Err(panicked(&*panic, setup.function)),
        None => Err(setup.limits.exceeded(Limit::DeadlineMs, None).into()),
    };
    if matches!(&result, Err(error) if error.limit() == Some(Limit::HostMemoryBytes)) {
        // What only waits for a call is not worth a call that fails.
        spares.let_go();
    }
    (Attempt::Ended(result), state.session, used)
}

/// Sets what the guest may use from here on, beside memory.
pub(crate) fn bound(store: &mut Store<CallState>, deadline: &Deadline) {
    store.set_hostcall_fuel(store.data().setup.limits.size(Limit::ResultBytes));
    store.set_epoch_deadline(1);
    let until = deadline.clone();
    store.epoch_deadline_callback(move |store| {
        let setup = &store.data().setup;
        let CallSetup { limits, spent, .. } = &**setup;
        let cpu_ms = spent.cpu_us() / 1_000;
        match () {
            () if cpu_ms >= limits.get(Limit::CpuMs) => {
                Err(limits.exceeded(Limit::CpuMs, None).into())
            }
            () if until.left().is_zero() => Err(limits.exceeded(Limit::DeadlineMs, None).into()),
            () if setup.slice.ticked() => {
                let turn = Arc::clone(&setup.slice).next_turn();
                Ok(UpdateDeadline::YieldCustom(1, Box::pin(turn)))
            }
            () => Ok(UpdateDeadline::Yield(1)),
        }
    });
}

/// How long a call may take.
pub(crate) fn deadline_of(limits: &Limits) -> Duration {
    Duration::from_millis(limits.get(Limit::DeadlineMs))
}

/// That a text of a guest is not too long.
pub(crate) fn bounded_text(limits: &Limits, text: &str) -> Result<(), Exceeded> {
    match text.len() > limits.size(Limit::TextBytes) {
        true => Err(limits.exceeded(Limit::TextBytes, Some(wide(text.len())))),
        false => Ok(()),
    }
}

fn is_moved(error: &wasmtime::Error) -> bool {
    let store = error.downcast_ref::<StoreError>();
    matches!(store, Some(StoreError::Moved { .. }))
}

fn plugin_error(error: PluginError, told_limit: Option<Exceeded>) -> CallError {
    let words = |text: &str| {
        text.chars()
            .take(2_000)
            .flat_map(char::escape_debug)
            .collect()
    };
    match error {
        // It passes on what it was told.
        PluginError::Session(SessionError::Limit(text))
            if told_limit.is_some_and(|limit| limit.to_string() == text) =>
        {
            told_limit.map_or_else(|| CallError::Plugin(words(&text)), CallError::Limit)
        }
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

fn trapped(error: &wasmtime::Error, state: &CallState) -> CallError {
    let (limits, function) = (&state.setup.limits, state.setup.function);
    if let Some(exceeded) = error.downcast_ref::<Exceeded>() {
        return CallError::Limit(*exceeded);
    }
    if let Some(asked) = error.downcast_ref::<NotRecorded>() {
        return asked.into();
    }
    if error.is::<wasmtime::PoolConcurrencyLimitError>() {
        return CallError::Unavailable("no instance is free".to_owned());
    }
    let root = error.root_cause().to_string();
    // wasmtime does not name these errors' types; tests hold their words.
    if root.contains("fuel allocated for hostcalls has been exhausted") {
        return limits.exceeded(Limit::ResultBytes, None).into();
    }
    if let Some(asked) = root.split_once("instance count too high at ") {
        return limits
            .exceeded(Limit::CoreInstances, asked.1.parse().ok())
            .into();
    }
    if let Some(refused) = state.memory.refused {
        return refused.into();
    }
    if error.downcast_ref() == Some(&Trap::StackOverflow) {
        return limits.exceeded(Limit::StackBytes, None).into();
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

/// Tells how many lines a call has logged in vain, if any.
fn log_ended(plugin: &str, setup: &CallSetup) {
    let (_, _, dropped) = setup.spent.log();
    if dropped > 0 {
        let call = setup.id;
        tracing::warn!(target: "lombard::plugin", plugin, %call, dropped, "log lines dropped");
    }
}

fn panicked(panic: &(dyn Any + Send), function: &'static str) -> CallError {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    let text = text.unwrap_or("without a message");
    tracing::error!(function, panic = text, "a host function panicked");
    CallError::Unavailable("a host function panicked; the host's log says where".to_owned())
}
