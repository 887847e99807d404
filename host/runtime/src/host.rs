//! The host: what lives as long as the process.
//!
//! Owns: the store, the accounts, the engine, and the way of a call from its
//! request to its record. Must not know: terminals and HTTP.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use lombard_accounts::{Accounts, AccountsOptions, Warm, WarmProgress};
use lombard_model::{CallCost, CallId, CallRecord, Limit, Limits, RunId};
use lombard_store::{Bounds, Location, Purpose, Session, Store, StoreOptions};
use tokio::sync::Semaphore;
use tracing::Instrument as _;
use wasmtime::Engine;

use crate::bill::{Bill, BillOptions, BillStatus};
use crate::call::CallSetup;
use crate::capabilities::Subject;
use crate::compiled::CompiledCache;
use crate::compiler::{Compiler, CompilerOptions};
use crate::component::MAX_PLUGIN;
use crate::engine::{CONCURRENT_CALLS, Ticker, engine};
use crate::lane::{Lane, Slice};
use crate::limits::HostMemory;
use crate::memo::Memo;
use crate::plugin::Linkers;
use crate::quarantine::{Quarantine, QuarantineOptions};
use crate::record::Entry;
use crate::recording::Tape;
use crate::registry::Registry;
use crate::spares::Spares;
use crate::spent::Spent;
use crate::{CallError, Clock, PluginRef, RuntimeError};

/// How a host is set up.
#[derive(Clone, Debug)]
pub struct HostOptions {
    /// The database.
    pub location: Location,
    /// How it is used.
    pub store: StoreOptions,
    /// How large the caches are.
    pub accounts: AccountsOptions,
    /// What a plugin may use for which nothing else was set, and what all may
    /// use together.
    pub limits: Limits,
    /// When a plugin that keeps failing is left alone.
    pub quarantine: QuarantineOptions,
    /// How long what calls have cost is kept.
    pub bill: BillOptions,
    /// How components are compiled.
    pub compiler: CompilerOptions,
    /// The folder of compiled components.
    pub compiled: PathBuf,
    /// Where the time comes from.
    pub clock: Clock,
    /// The plugins that come with the host, by name: trusted as the host is,
    /// so they have what they ask for. An installed one of the same name goes
    /// before.
    pub bundled: BTreeMap<String, &'static [u8]>,
}

/// A plugin host.
pub struct Host {
    pub(crate) store: Store,
    pub(crate) accounts: Accounts,
    pub(crate) clock: Clock,
    pub(crate) limits: Limits,
    pub(crate) engine: Engine,
    pub(crate) memory: HostMemory,
    pub(crate) lane: Lane,
    pub(crate) registry: Registry,
    pub(crate) spares: Spares,
    slots: Semaphore,
    calls: AtomicU64,
    pub(crate) bill: Bill,
    pub(crate) run: RunId,
    pub(crate) memo: Memo,
    pub(crate) quarantine: Quarantine,
}

impl std::fmt::Debug for Host {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Host")
            .field("store", &self.store)
            .finish_non_exhaustive()
    }
}

impl Host {
    /// The largest plugin, in bytes.
    pub const MAX_PLUGIN: u64 = MAX_PLUGIN as u64;

    /// Opens the database, brings it up to date and makes the engine ready.
    ///
    /// # Errors
    /// Where the database or the folder of compiled components can't be used.
    pub async fn open(options: HostOptions) -> Result<Self, RuntimeError> {
        let store = Store::open(&options.location, &options.store).await?;
        let accounts = Accounts::new(store.clone(), &options.accounts);
        let engine = engine()?;
        // A name, not a time: a host whose clock stands still has one of its own.
        let run = RunId::new(std::process::id(), Clock::System.now());
        tracing::info!(%run, "the host begins");
        let memo = Memo::new(options.store.share_reads);
        let memory = HostMemory::new(options.limits.size(Limit::HostMemoryBytes));
        let spares = Spares::new(&engine, Ticker::start(&engine)?, &store, &memory)?;
        let host = Self {
            memo,
            quarantine: Quarantine::new(options.quarantine),
            accounts,
            clock: options.clock,
            memory,
            lane: Lane::new(),
            limits: options.limits,
            spares,
            registry: Registry::new(
                Linkers::new(&engine)?,
                CompiledCache::open(&options.compiled, &engine)?,
                Compiler::new(options.compiler),
                options.bundled,
            ),
            slots: Semaphore::new(CONCURRENT_CALLS as usize),
            calls: AtomicU64::new(0),
            bill: Bill::new(options.bill, options.clock),
            run,
            engine,
            store,
        };
        // Before the first read, so that no change is missed.
        host.watch_installs();
        host.read_installed().await?;
        if let Some(what) = options.accounts.warm {
            host.warm(what).await;
        }
        Ok(host)
    }

    /// A host that can't be warmed is one that loads at the first use.
    async fn warm(&self, what: Warm) {
        let tell = |far: WarmProgress| {
            // Ten lines, however many there are.
            if far.done.is_multiple_of((far.of / 10).max(1)) || far.done == far.of {
                tracing::info!(done = far.done, of = far.of, "warming the caches");
            }
        };
        if let Err(error) = self.accounts.warm(what, tell).await {
            let error = &error as &dyn std::error::Error;
            tracing::warn!(error, "the caches could not be warmed");
        }
    }

    /// Writes what is left to write and closes the database.
    pub async fn close(&self) {
        self.spares.close();
        self.bill.close(&self.store).await;
        self.store.close().await;
    }

    /// The database.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// The accounts and experts.
    #[must_use]
    pub fn accounts(&self) -> &Accounts {
        &self.accounts
    }

    /// The host's clock.
    #[must_use]
    pub fn clock(&self) -> Clock {
        self.clock
    }

    /// What a plugin may use for which nothing else was set.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// A session for the host's own reading.
    #[must_use]
    pub fn session(&self, task: &str) -> Session {
        self.store.session(Purpose::host(task))
    }

    /// Writes the recorded costs that are still in memory, which otherwise
    /// happens by itself within a second or so. What can't be written is lost.
    pub async fn flush_bill(&self) {
        self.bill.flush(&self.store).await;
    }

    /// The records of the last calls, the newest last, written or not: as many
    /// as [`BillOptions::recent`] says.
    #[must_use]
    pub fn recent_calls(&self) -> Vec<Arc<CallRecord>> {
        self.bill.recent()
    }

    /// Calls `listener` with the record of each call as it ends. It must be
    /// quick: the call waits for it.
    pub fn on_call(&self, listener: impl Fn(&CallRecord) + Send + Sync + 'static) {
        self.bill.listen(Arc::new(listener));
    }

    /// The instances that were made ahead and wait for a call, of all plugins:
    /// at most 16, and 2 of one plugin.
    #[must_use]
    pub fn spare_instances(&self) -> usize {
        self.spares.waiting()
    }

    /// The memory of all instances now, in bytes, those included that wait for
    /// a call.
    #[must_use]
    pub fn memory_of_plugins(&self) -> usize {
        self.memory.used()
    }

    /// What has become of the records of calls so far.
    #[must_use]
    pub fn bill_status(&self) -> BillStatus {
        self.bill.status()
    }

    /// The name of this run of the host in the records of its calls.
    #[must_use]
    pub fn run(&self) -> &RunId {
        &self.run
    }

    /// Names a call that begins.
    pub(crate) fn next_call(&self) -> CallId {
        CallId(self.calls.fetch_add(1, Ordering::Relaxed) + 1)
    }

    /// A session for one call, within its limits.
    pub(crate) fn call_session(&self, purpose: Purpose, limits: &Limits) -> Box<Session> {
        let mut session = Box::new(self.store.session(purpose));
        session.bounded(Bounds::from(limits));
        session
    }

    /// What is known of this call of a plugin, which has this account.
    pub(crate) fn setup(
        &self,
        plugin: &PluginRef,
        subject: Subject,
        (id, function, spent): (CallId, &'static str, Arc<Spent>),
        tape: Option<Tape>,
    ) -> Arc<CallSetup> {
        Arc::new(CallSetup {
            id,
            plugin: Arc::clone(&plugin.plugin),
            grants: plugin.grants.clone(),
            accounts: self.accounts.clone(),
            subject,
            as_of: self.clock.now(),
            limits: plugin.limits,
            memory: self.memory.clone(),
            slice: Arc::new(Slice::new(self.lane.clone())),
            function,
            spent,
            tape: tape.map(Into::into),
        })
    }

    /// Runs a call when it is its turn, among those of its plugin and of all.
    pub(crate) async fn in_turn<T>(
        &self,
        plugin: &PluginRef,
        run: impl Future<Output = Result<T, CallError>>,
    ) -> Result<T, CallError> {
        let _turn = plugin.plugin.allowance.turn(&plugin.limits).await?;
        let Ok(_slot) = self.slots.acquire().await else {
            let closing = "the host is closing".to_owned();
            return Err(CallError::Unavailable(closing));
        };
        run.await
    }

    /// Waits for its turn, runs the call, and keeps the record of it. A plugin that
    /// is left alone is not called.
    pub(crate) async fn call<T>(
        &self,
        plugin: &PluginRef,
        entry: Entry<'_>,
        run: impl Future<Output = Result<T, CallError>>,
    ) -> Result<(T, CallCost), RuntimeError> {
        let result = match self.quarantine.admit(plugin.plugin.digest) {
            Ok(admitted) => {
                let result = self
                    .in_turn(plugin, run.instrument(entry.span.clone()))
                    .await;
                admitted.ended(&result);
                result
            }
            Err(refused) => Err(refused),
        };
        let cost = entry.end(&result);
        match result {
            Ok(value) => Ok((value, cost)),
            Err(error) => {
                let manifest = &plugin.plugin.manifest;
                Err(RuntimeError::Call {
                    plugin: manifest.name.to_string(),
                    version: manifest.version.clone(),
                    error,
                })
            }
        }
    }
}

/// On whose behalf the session of this call reads.
pub(crate) fn purpose(plugin: &PluginRef, function: &str, id: CallId) -> Purpose {
    Purpose {
        who: plugin.plugin.manifest.name.as_str().into(),
        call: format!("{function} {id}"),
    }
}
